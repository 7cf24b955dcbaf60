//! Log-ins whose steps come in the wrong order, at the wrong door, or too late.

use skeleton_authn::AccountStore;
use skeleton_authn::AfterPassword;
use skeleton_authn::Deactivation;
use skeleton_authn::Email;
use skeleton_authn::Identifier;
use skeleton_authn::LogInError;
use skeleton_authn::LogInRecord;
use skeleton_authn::NewAccount;
use skeleton_authn::Password;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Problem;

use crate::helpers::ADDRESS;
use crate::helpers::NOW;
use crate::helpers::PASSWORD;
use crate::helpers::bruce;
use crate::helpers::client;
use crate::helpers::door;
use crate::helpers::house;
use crate::helpers::kent;
use crate::helpers::wayne;

#[tokio::test]
async fn attack_10_an_account_of_one_tenant_is_unknown_at_the_door_of_another() {
    let house = house().await;
    let identifier = Identifier::email(ADDRESS).unwrap();
    let begun = house.authn.log_in(&door(kent()), identifier).await.unwrap();
    let refused = begun
        .password(&Password::new(PASSWORD).unwrap())
        .await
        .unwrap_err();
    assert!(matches!(refused, LogInError::Refused));
}

#[tokio::test]
async fn attack_10_the_same_person_in_two_tenants_is_two_accounts() {
    let house = house().await;
    let other_password = "another horse battery staple";
    let clark = "01JKBYY0D90MYY1DMZGTKDMGKC".parse().unwrap();
    let new = NewAccount::new(
        clark,
        AccountKind::User,
        Email::parse(ADDRESS).unwrap(),
        Password::new(other_password).unwrap(),
    );
    house.authn.create_account(kent(), new).await.unwrap();
    for (tenant, account, right, wrong) in [
        (wayne(), bruce(), PASSWORD, other_password),
        (kent(), clark, other_password, PASSWORD),
    ] {
        let begin = async || {
            let identifier = Identifier::email(ADDRESS).unwrap();
            house.authn.log_in(&door(tenant), identifier).await.unwrap()
        };
        let wrong = Password::new(wrong).unwrap();
        let refused = begin().await.password(&wrong).await.unwrap_err();
        assert!(matches!(refused, LogInError::Refused));
        let right = Password::new(right).unwrap();
        let AfterPassword::Passed(passed) = begin().await.password(&right).await.unwrap() else {
            panic!("nothing else is due")
        };
        let started = passed.start_session(client()).await.unwrap();
        assert_eq!((started.tenant(), started.account()), (tenant, account));
    }
    house.authn.deactivate(kent(), clark).await.unwrap();
    assert!(house.try_log_in(ADDRESS, PASSWORD).await.is_ok());
}

#[tokio::test]
async fn attack_11_a_deactivation_between_the_password_and_the_session_leaves_no_session() {
    let house = house().await;
    let passed = house.try_log_in(ADDRESS, PASSWORD).await.unwrap();
    house.authn.deactivate(wayne(), bruce()).await.unwrap();
    let refused = passed.start_session(client()).await.unwrap_err();
    assert!(matches!(refused, LogInError::Refused));
}

#[tokio::test]
async fn attack_11_a_deactivation_between_the_look_up_and_the_password_leaves_no_session() {
    let house = house().await;
    let begun = house
        .authn
        .log_in(&door(wayne()), Identifier::email(ADDRESS).unwrap())
        .await
        .unwrap();
    house.authn.deactivate(wayne(), bruce()).await.unwrap();
    let AfterPassword::Passed(passed) = begun
        .password(&Password::new(PASSWORD).unwrap())
        .await
        .unwrap()
    else {
        panic!("nothing else is due")
    };
    assert!(matches!(
        passed.start_session(client()).await,
        Err(LogInError::Refused)
    ));
}

#[tokio::test]
async fn attack_11_a_closed_log_in_answers_like_a_wrong_password() {
    let house = house().await;
    let passed = house.try_log_in(ADDRESS, PASSWORD).await.unwrap();
    let wrong = house.try_log_in(ADDRESS, "wrong horse").await.unwrap_err();
    house.authn.deactivate(wayne(), bruce()).await.unwrap();
    let closed = passed.start_session(client()).await.unwrap_err();
    let (wrong, closed) = (Problem::from(wrong), Problem::from(closed));
    assert_eq!(wrong.to_json(), closed.to_json());
    assert_eq!(wrong.challenge(), closed.challenge());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_23_after_a_deactivation_no_log_in_under_way_starts_a_session() {
    let house = house().await;
    let mut early = Vec::new();
    for _ in 0..8 {
        early.push(house.try_log_in(ADDRESS, PASSWORD).await.unwrap());
    }
    let late = early.split_off(4);
    let racers: Vec<_> = early
        .into_iter()
        .map(|passed| tokio::spawn(passed.start_session(client())))
        .collect();
    let deactivated = house.authn.deactivate(wayne(), bruce()).await.unwrap();
    assert_eq!(deactivated, Deactivation::Deactivated);
    for passed in late {
        let refused = passed.start_session(client()).await.unwrap_err();
        assert!(matches!(refused, LogInError::Refused));
    }
    let mut firsts = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            Ok(started) => firsts.push(started.is_first()),
            Err(error) => assert!(matches!(error, LogInError::Refused)),
        }
    }
    let identifier = Identifier::email(ADDRESS).unwrap().canonical();
    let stored = house.accounts.find(wayne(), &identifier).await.unwrap();
    let logged_in = stored.unwrap().first_logged_in();
    assert_eq!(logged_in.is_some(), firsts.contains(&true));
    assert_eq!(firsts.is_empty(), logged_in.is_none());
    let record = house.accounts.record_log_in(wayne(), bruce(), NOW).await;
    assert_eq!(record.unwrap(), LogInRecord::Inactive);
}
