//! Nothing secret or personal is printed.

use skeleton_authn::AccountStore;
use skeleton_authn::CanonicalIdentifier;
use skeleton_authn::Email;
use skeleton_authn::Identifier;
use skeleton_authn::LogInError;
use skeleton_authn::NewAccount;
use skeleton_authn::Password;
use skeleton_authn::StoreError;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Problem;

use crate::helpers::ADDRESS;
use crate::helpers::PASSWORD;
use crate::helpers::bruce;
use crate::helpers::bruce_as;
use crate::helpers::client;
use crate::helpers::door;
use crate::helpers::house;
use crate::helpers::wayne;

#[tokio::test]
async fn attack_37_no_password_hash_or_address_is_printed() {
    let house = house().await;
    let email = Email::parse(ADDRESS).unwrap();
    let canonical = CanonicalIdentifier::of(&email);
    let stored = house
        .accounts
        .find(wayne(), &canonical)
        .await
        .unwrap()
        .unwrap();
    let begun = house
        .authn
        .log_in(&door(wayne()), email.clone().into())
        .await
        .unwrap();
    let passed = house.try_log_in(ADDRESS, PASSWORD).await.unwrap();
    let mut printed = format!(
        "{:?} {:?} {email:?} {canonical:?} {stored:?} {:?} {begun:?} {passed:?} {:?} {:?} {:?} {:?}",
        Password::new(PASSWORD).unwrap(),
        Identifier::email(ADDRESS).unwrap(),
        stored.password(),
        house.authn,
        house.accounts,
        house.pool,
        bruce_as(bruce(), ADDRESS),
    );
    let started = passed.start_session(client()).await.unwrap();
    printed += &format!("{started:?} {:?}", started.events());
    printed += &refusals(&house.try_log_in(ADDRESS, "wrong horse").await.unwrap_err());
    printed += &refusals(&LogInError::Unavailable(StoreError::new(
        "row of Bruce@Wayne.example",
    )));
    let bad = format!("\"{ADDRESS}\"@wayne.example");
    let error = Email::parse(&bad).unwrap_err();
    printed += &format!("{error} {error:?} {}", Problem::from(error));

    assert_clean(&printed, stored.password().expose());
}

#[tokio::test]
async fn attack_37_no_refusal_repeats_what_was_typed() {
    let house = house().await;
    let long = Password::new(&PASSWORD.repeat(20)).unwrap_err();
    let mut printed = format!("{long} {long:?} {}", json(&Problem::from(long)));
    for (account, address, password) in [
        (bruce(), ADDRESS, "short horse"),
        (bruce(), ADDRESS, PASSWORD),
        (bruce(), "other@wayne.example", PASSWORD),
    ] {
        let email = Email::parse(address).unwrap();
        let password = Password::new(password).unwrap();
        let new = NewAccount::new(account, AccountKind::User, email, password);
        let refused = house.authn.create_account(wayne(), new).await.unwrap_err();
        printed += &format!("{refused} {refused:?}");
        if let Some(source) = std::error::Error::source(&refused) {
            printed += &source.to_string();
        }
    }
    let down = StoreError::new("row of Bruce@Wayne.example");
    printed += &down.to_string();
    printed += &json(&Problem::from(down));
    assert_clean(&printed, "$argon2id");
}

fn assert_clean(printed: &str, hash: &str) {
    let printed = printed.to_lowercase();
    let hash = hash.rsplit('$').next().unwrap();
    for secret in [
        PASSWORD,
        "horse",
        "bruce",
        "wayne.example",
        "$argon2id",
        hash,
    ] {
        let secret = secret.to_lowercase();
        assert!(!printed.contains(&secret), "{secret} in {printed}");
    }
}

/// What a caller sees, and what a log line without the cause shows.
fn refusals(error: &LogInError) -> String {
    match error {
        LogInError::Unavailable(_) => {
            let problem = Problem::from(LogInError::Unavailable(StoreError::new(
                "Bruce@Wayne.example",
            )));
            format!("{error} {}", json(&problem))
        }
        _ => format!("{error} {error:?}"),
    }
}

fn json(problem: &Problem) -> String {
    String::from_utf8(problem.to_json()).unwrap()
}
