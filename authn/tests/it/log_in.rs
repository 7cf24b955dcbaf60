//! Logging in, and being refused.

use core::time::Duration;

use skeleton_authn::AccountStore;
use skeleton_authn::Authn;
use skeleton_authn::AuthnEvent;
use skeleton_authn::Deactivation;
use skeleton_authn::Door;
use skeleton_authn::Email;
use skeleton_authn::Identifier;
use skeleton_authn::LogInError;
use skeleton_authn::Password;
use skeleton_authn::PasswordHash;
use skeleton_authn::StoredAccount;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::context;
use skeleton_tokens::Issuer;
use skeleton_tokens::IssuerNames;
use skeleton_tokens::KeyRings;
use skeleton_tokens::KeyScope;
use skeleton_tokens::Verifier;

use crate::helpers::ADDRESS;
use crate::helpers::Down;
use crate::helpers::NOW;
use crate::helpers::PASSWORD;
use crate::helpers::bruce;
use crate::helpers::bruce_as;
use crate::helpers::client;
use crate::helpers::door;
use crate::helpers::house;
use crate::helpers::kent;
use crate::helpers::wayne;

#[tokio::test]
async fn the_right_password_starts_a_session() {
    let house = house().await;
    let passed = house.try_log_in(ADDRESS, PASSWORD).await.unwrap();
    house.clock.advance(Duration::from_secs(2));
    let started = passed.start_session(client()).await.unwrap();
    assert_eq!((started.tenant(), started.account()), (wayne(), bruce()));
    assert_eq!(started.kind(), AccountKind::User);
    assert_eq!(started.assurance(), Assurance::Aal1);
    assert_eq!(started.authenticated_at(), NOW);
    assert_eq!(
        started.started_at(),
        NOW.saturating_add(Duration::from_secs(2))
    );
    assert_eq!(started.session().created_at(), started.started_at());
    assert_eq!(started.client(), &client());
}

#[tokio::test]
async fn a_started_session_gives_a_token_that_verifies_as_the_account() {
    let house = house().await;
    let started = house
        .try_log_in(ADDRESS, PASSWORD)
        .await
        .unwrap()
        .start_session(client())
        .await;
    let started = started.unwrap();
    let rings = KeyRings::in_process(house.clock.clone());
    rings.ensure(KeyScope::Tenant(wayne())).await.unwrap();
    let names = IssuerNames::subdomains_of("bank.example", |_| Some("wayne".to_owned()));
    let issuer = Issuer::new(
        &rings,
        names.clone(),
        house.clock.clone(),
        SeededIds::new(5),
    );
    let token = issuer
        .issue(started.access_token().audience("api"))
        .unwrap();
    let verified = Verifier::new(rings.public(), names, "api", house.clock.clone())
        .verify(token.expose(), wayne())
        .unwrap();
    assert_eq!(
        verified.identity().actor().effective_account().id(),
        bruce()
    );
    assert_eq!(verified.session(), started.session());
    assert_eq!(verified.client(), started.client());
    assert_eq!(verified.identity().authentication().authenticated_at(), NOW);
}

#[tokio::test]
async fn the_first_log_in_is_told_once() {
    let house = house().await;
    let mut names = Vec::new();
    for _ in 0..3 {
        let passed = house.try_log_in(ADDRESS, PASSWORD).await.unwrap();
        let started = passed.start_session(client()).await.unwrap();
        let events = started.events();
        assert!(events.iter().any(|event| matches!(
            event,
            AuthnEvent::SessionStarted { session, account, .. }
                if *session == started.session() && *account == bruce()
        )));
        names.push(events.iter().map(AuthnEvent::name).collect::<Vec<_>>());
    }
    let [first, second, third] = &names[..] else {
        panic!()
    };
    assert_eq!(first, &["session-started", "first-logged-in"]);
    assert_eq!(second, &["session-started"]);
    assert_eq!(third, &["session-started"]);
}

#[tokio::test]
async fn of_a_hundred_first_log_ins_at_once_one_is_the_first() {
    let house = house().await;
    let mut passed = Vec::new();
    for _ in 0..3 {
        passed.push(house.try_log_in(ADDRESS, PASSWORD).await.unwrap());
    }
    let store = &house.accounts;
    let racers: Vec<_> = (0..97)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.record_log_in(wayne(), bruce(), NOW).await.unwrap() })
        })
        .collect();
    let mut firsts = 0;
    for passed in passed {
        firsts += usize::from(passed.start_session(client()).await.unwrap().is_first());
    }
    for racer in racers {
        firsts += usize::from(racer.await.unwrap() == skeleton_authn::LogInRecord::First);
    }
    assert_eq!(firsts, 1);
}

#[tokio::test]
async fn attack_01_wrong_unknown_deactivated_and_password_less_get_one_answer_after_one_hash_each()
{
    let house = house().await;
    let gone = "01JKBYY0D90MYY1DMZGTKDMGKA".parse().unwrap();
    house
        .authn
        .create_account(wayne(), bruce_as(gone, "gone@wayne.example"))
        .await
        .unwrap();
    assert_eq!(
        house.authn.deactivate(wayne(), gone).await.unwrap(),
        Deactivation::Deactivated
    );
    let without_password = StoredAccount::new(
        wayne(),
        "01JKBYY0D90MYY1DMZGTKDMGKE".parse().unwrap(),
        AccountKind::User,
        Email::parse("without@wayne.example").unwrap(),
        PasswordHash::from_stored(""),
    );
    house.accounts.insert(without_password).await.unwrap();
    let mut answers = Vec::new();
    for (address, password) in [
        (ADDRESS, "wrong horse battery staple"),
        (ADDRESS, ""),
        ("nobody@wayne.example", PASSWORD),
        ("gone@wayne.example", PASSWORD),
        ("gone@wayne.example", "wrong horse battery staple"),
        ("without@wayne.example", PASSWORD),
        ("without@wayne.example", ""),
    ] {
        let before = house.pool.stats().hashed;
        let error = house.try_log_in(address, password).await.unwrap_err();
        assert!(matches!(error, LogInError::Refused), "{address}");
        assert_eq!(house.pool.stats().hashed, before + 1, "{address}");
        let problem = Problem::from(error);
        assert_eq!(problem.status(), 401);
        answers.push((problem.to_json(), problem.challenge().map(str::to_owned)));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "equal bytes"
    );
    let before = house.pool.stats().hashed;
    assert!(house.try_log_in(ADDRESS, PASSWORD).await.is_ok());
    assert_eq!(
        house.pool.stats().hashed,
        before + 1,
        "the right password costs the same"
    );
}

#[tokio::test]
async fn attack_01_begun_log_ins_look_alike() {
    let house = house().await;
    let begin = async |address| {
        let begun = house
            .authn
            .log_in(&door(wayne()), Identifier::email(address).unwrap())
            .await;
        format!("{:?}", begun.unwrap())
    };
    assert_eq!(begin(ADDRESS).await, begin("nobody@wayne.example").await);
}

#[tokio::test]
async fn attack_03_a_password_in_its_other_spelling_is_the_same() {
    let house = house().await;
    let composed = "caf\u{e9} na\u{ef}ve \u{212b}ngstr\u{f6}m";
    let decomposed = "cafe\u{301} nai\u{308}ve A\u{30a}ngstro\u{308}m";
    let clark = "01JKBYY0D90MYY1DMZGTKDMGKC".parse().unwrap();
    let new = skeleton_authn::NewAccount::new(
        clark,
        AccountKind::User,
        Email::parse("clark@wayne.example").unwrap(),
        Password::new(composed).unwrap(),
    );
    house.authn.create_account(wayne(), new).await.unwrap();
    for spelling in [composed, decomposed] {
        assert!(
            house
                .try_log_in("clark@wayne.example", spelling)
                .await
                .is_ok()
        );
    }
    assert!(
        house
            .try_log_in("clark@wayne.example", "cafe naive Angstrom")
            .await
            .is_err()
    );
}

#[tokio::test]
async fn attack_04_an_unreadable_stored_hash_refuses_after_one_hash_and_is_counted() {
    let house = house().await;
    for (nth, phc) in [
        "$argon2id$v=19$m=4194304,t=2,p=1$CQkJCQkJCQkJCQkJCQkJCQ$CQkJCQkJCQkJCQkJCQkJCQ",
        "$argon2id$v=19$m=19456,t=4294967296,p=1$CQkJCQkJCQkJCQkJCQkJCQ$CQkJCQkJCQkJCQkJCQkJCQ",
        "$argon2id$v=19$m=19456,t=2,p=1,pepper-id=7$CQkJCQkJCQkJCQkJCQkJCQ$CQkJCQkJCQkJCQkJCQkJCQ",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        let address = format!("broken{nth}@wayne.example");
        let id = skeleton_invocation_context::AccountId::from_bytes(
            [9 + u8::try_from(nth).unwrap(); 16],
        );
        let email = Email::parse(&address).unwrap();
        let hash = PasswordHash::from_stored(phc);
        let broken = StoredAccount::new(wayne(), id.unwrap(), AccountKind::User, email, hash);
        house.accounts.insert(broken).await.unwrap();
        let before = house.pool.stats();
        let refused = house.try_log_in(&address, PASSWORD).await.unwrap_err();
        assert!(matches!(refused, LogInError::Refused));
        let after = house.pool.stats();
        assert_eq!(after.hashed, before.hashed + 1);
        assert_eq!(after.unreadable, before.unreadable + 1);
    }
}

#[tokio::test]
async fn a_store_that_is_down_is_503_and_never_a_wrong_password() {
    let pool = house().await.pool;
    let authn = Authn::builder()
        .hashing(pool)
        .accounts(Down)
        .build(SystemClock, SeededIds::new(1));
    let error = authn
        .log_in(&door(wayne()), Identifier::email(ADDRESS).unwrap())
        .await
        .unwrap_err();
    assert!(std::error::Error::source(&error).is_some());
    let problem = Problem::from(error);
    assert_eq!(
        (problem.status(), problem.retry_after_secs()),
        (503, Some(1))
    );
    let error = authn.deactivate(wayne(), bruce()).await.unwrap_err();
    assert_eq!(Problem::from(error).status(), 503);
}

#[test]
fn a_door_is_that_of_the_context_or_none() {
    assert_eq!(
        Door::of(&context().anonymous().requesting(kent()).build())
            .unwrap()
            .tenant(),
        kent()
    );
    let known = context().user_in(wayne()).build_authenticated();
    assert_eq!(Door::of(&known).unwrap().tenant(), wayne());
    let missing = Problem::from(Door::of(&context().anonymous().build()).unwrap_err());
    assert_eq!(missing.status(), 500);
    assert!(missing.detail().unwrap().contains("TenantLayer"));
}
