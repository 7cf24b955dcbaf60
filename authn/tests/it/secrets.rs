//! Nothing secret or personal is printed.

use skeleton_authn::AccountStore;
use skeleton_authn::CanonicalIdentifier;
use skeleton_authn::Email;
use skeleton_authn::Identifier;
use skeleton_authn::LogInError;
use skeleton_authn::Password;
use skeleton_authn::StoreError;
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
    let stored = house.accounts.find(wayne(), &canonical).await.unwrap().unwrap();
    let begun = house.authn.log_in(&door(wayne()), email.clone().into()).await.unwrap();
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
    printed += &refusals(&LogInError::Unavailable(StoreError::new("row of Bruce@Wayne.example")));
    let bad = format!("\"{ADDRESS}\"@wayne.example");
    let error = Email::parse(&bad).unwrap_err();
    printed += &format!("{error} {error:?} {}", Problem::from(error));

    let printed = printed.to_lowercase();
    let hash = stored.password().expose().rsplit('$').next().unwrap().to_lowercase();
    for secret in [PASSWORD, "horse", "bruce", "wayne.example", "$argon2id", &hash] {
        assert!(!printed.contains(&secret.to_lowercase()), "{secret} in {printed}");
    }
}

/// What a caller sees, and what a log line without the cause shows.
fn refusals(error: &LogInError) -> String {
    match error {
        LogInError::Unavailable(_) => {
            let problem = Problem::from(LogInError::Unavailable(StoreError::new("Bruce@Wayne.example")));
            format!("{error} {}", String::from_utf8(problem.to_json()).unwrap())
        }
        _ => format!("{error} {error:?}"),
    }
}
