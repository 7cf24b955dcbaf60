//! Creating and deactivating accounts; addresses and passwords as they are read.

use skeleton_authn::AccountStore;
use skeleton_authn::Authn;
use skeleton_authn::CreateAccountError;
use skeleton_authn::Deactivation;
use skeleton_authn::Email;
use skeleton_authn::EmailError;
use skeleton_authn::Identifier;
use skeleton_authn::NewAccount;
use skeleton_authn::Password;
use skeleton_authn::PasswordPolicy;
use skeleton_authn::PolicyError;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::ADDRESS;
use crate::helpers::Down;
use crate::helpers::PASSWORD;
use crate::helpers::bruce;
use crate::helpers::bruce_as;
use crate::helpers::empty_house;
use crate::helpers::house;
use crate::helpers::kent;
use crate::helpers::wayne;

#[tokio::test]
async fn an_address_and_an_id_are_unique_in_their_tenant() {
    let house = house().await;
    let other = "01JKBYY0D90MYY1DMZGTKDMGKD".parse().unwrap();
    let taken = house
        .authn
        .create_account(wayne(), bruce_as(other, "BRUCE@WAYNE.EXAMPLE"))
        .await;
    assert!(matches!(taken, Err(CreateAccountError::IdentifierTaken)));
    let taken = house
        .authn
        .create_account(wayne(), bruce_as(bruce(), "b@wayne.example"))
        .await;
    assert!(matches!(taken, Err(CreateAccountError::AccountTaken)));
    house
        .authn
        .create_account(kent(), bruce_as(bruce(), ADDRESS))
        .await
        .unwrap();
}

#[tokio::test]
async fn the_address_is_kept_as_typed_and_found_in_lower_case() {
    let house = house().await;
    let found = Identifier::email("bRUCE@wAYNE.eXAMPLE")
        .unwrap()
        .canonical();
    assert_eq!(found.expose(), "bruce@wayne.example");
    let account = house.accounts.find(wayne(), &found).await.unwrap().unwrap();
    assert_eq!(account.email().expose(), ADDRESS);
    let dotted = Identifier::email("b.ruce@wayne.example")
        .unwrap()
        .canonical();
    assert!(
        house
            .accounts
            .find(wayne(), &dotted)
            .await
            .unwrap()
            .is_none()
    );
    assert!(house.accounts.find(kent(), &found).await.unwrap().is_none());
}

#[tokio::test]
async fn a_short_password_is_refused_before_anything_is_hashed() {
    let house = empty_house(1);
    let with = |password: &str| {
        let email = Email::parse(ADDRESS).unwrap();
        NewAccount::new(
            bruce(),
            AccountKind::User,
            email,
            Password::new(password).unwrap(),
        )
    };
    // 14 code points, although 28 bytes; decomposed they would be 28 code points.
    for short in [
        "",
        "12345678901234",
        &"\u{e9}".repeat(14),
        &"e\u{301}".repeat(14),
    ] {
        let refused = house
            .authn
            .create_account(wayne(), with(short))
            .await
            .unwrap_err();
        assert!(matches!(
            refused,
            CreateAccountError::Policy(PolicyError::TooShort { min: 15, .. })
        ));
    }
    assert_eq!(house.pool.stats().hashed, 0);
    house
        .authn
        .create_account(wayne(), with("123456789012345"))
        .await
        .unwrap();
}

#[test]
fn a_policy_is_never_shorter_than_15() {
    let long_enough = |policy: PasswordPolicy, len: usize| {
        policy
            .check(&Password::new(&"x".repeat(len)).unwrap())
            .is_ok()
    };
    let policy = PasswordPolicy::default();
    assert!(long_enough(policy, 15) && !long_enough(policy, 14));
    assert!(!long_enough(PasswordPolicy::of_min_code_points(1), 14));
    let longer = PasswordPolicy::of_min_code_points(20);
    assert!(long_enough(longer, 20) && !long_enough(longer, 19));
}

#[test]
fn attack_03_a_password_is_bounded_before_it_is_hashed() {
    assert!(Password::new(&"x".repeat(256)).is_ok());
    assert!(Password::new(&"\u{1f600}".repeat(256)).is_ok());
    assert!(
        Password::new(&"e\u{301}".repeat(256)).is_ok(),
        "256 code points once composed"
    );
    for long in [
        "x".repeat(257),
        "\u{1f600}".repeat(257),
        "x".repeat(1 << 20),
    ] {
        let problem = Problem::from(Password::new(&long).unwrap_err());
        assert_eq!(problem.status(), 400);
    }
    // A musical symbol that normal form C takes apart: each becomes two code points.
    assert!(Password::new(&"\u{1d15e}".repeat(200)).is_err());
}

#[tokio::test]
async fn a_deactivated_account_stays_so() {
    let house = house().await;
    assert_eq!(
        house.authn.deactivate(kent(), bruce()).await.unwrap(),
        Deactivation::Unknown
    );
    assert_eq!(
        house.authn.deactivate(wayne(), bruce()).await.unwrap(),
        Deactivation::Deactivated
    );
    let again = house.authn.deactivate(wayne(), bruce()).await.unwrap();
    assert_eq!(again, Deactivation::AlreadyDeactivated);
    assert!(house.try_log_in(ADDRESS, PASSWORD).await.is_err());
    let taken = house
        .authn
        .create_account(wayne(), bruce_as(bruce(), ADDRESS))
        .await;
    assert!(matches!(taken, Err(CreateAccountError::IdentifierTaken)));
}

#[tokio::test]
async fn a_store_that_is_down_creates_nothing() {
    let authn = Authn::builder()
        .policy(PasswordPolicy::default())
        .accounts(Down)
        .hashing(empty_house(1).pool)
        .build(SystemClock, SeededIds::new(1));
    let error = authn
        .create_account(wayne(), bruce_as(bruce(), ADDRESS))
        .await
        .unwrap_err();
    assert!(matches!(error, CreateAccountError::Unavailable(_)));
}

#[test]
fn addresses_are_dot_atoms_at_hosts_of_ascii_labels() {
    for good in [
        "a@b",
        "bruce.wayne+batman@gmail.com",
        "o'brien@xn--bcher-kva.example",
        "a@1.2-3.x",
    ] {
        assert_eq!(Email::parse(good).unwrap().expose(), good);
    }
    let long_label = format!("a@{}.example", "b".repeat(64));
    for (bad, why) in [
        ("", EmailError::Domain),
        ("bruce", EmailError::Domain),
        ("bruce@", EmailError::Domain),
        ("bruce@-wayne.example", EmailError::Domain),
        ("bruce@wayne-.example", EmailError::Domain),
        ("bruce@wayne..example", EmailError::Domain),
        ("bruce@wayne.example.", EmailError::Domain),
        ("bruce@wayne_.example", EmailError::Domain),
        ("bruce@b\u{fc}cher.example", EmailError::Domain),
        ("bruce@w\u{430}yne.example", EmailError::Domain),
        ("bruce@[127.0.0.1]", EmailError::Domain),
        (&long_label, EmailError::Domain),
        ("@wayne.example", EmailError::LocalPart),
        (".bruce@wayne.example", EmailError::LocalPart),
        ("bruce.@wayne.example", EmailError::LocalPart),
        ("bru..ce@wayne.example", EmailError::LocalPart),
        ("bru ce@wayne.example", EmailError::LocalPart),
        ("bru@ce@wayne.example", EmailError::LocalPart),
        ("\"bruce\"@wayne.example", EmailError::LocalPart),
        ("br\u{fc}ce@wayne.example", EmailError::LocalPart),
        ("bruce\r\n@wayne.example", EmailError::LocalPart),
        (
            &format!("{}@wayne.example", "b".repeat(65)),
            EmailError::Length,
        ),
        (
            &format!("b@{}example", "w.".repeat(124)),
            EmailError::Length,
        ),
    ] {
        assert_eq!(Email::parse(bad).unwrap_err(), why, "{bad}");
        assert_eq!(
            Problem::from(Identifier::email(bad).unwrap_err()).status(),
            400
        );
    }
}
