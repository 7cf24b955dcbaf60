//! Bounded work.

use core::time::Duration;

use skeleton_authn::Identifier;
use skeleton_authn::LogInError;
use skeleton_authn::Password;
use skeleton_invocation_context::Problem;

use crate::helpers::ADDRESS;
use crate::helpers::PASSWORD;
use crate::helpers::bruce;
use crate::helpers::bruce_as;
use crate::helpers::door;
use crate::helpers::empty_house;
use crate::helpers::wayne;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_02_permits_hold_although_clients_hang_up() {
    let house = empty_house(2);
    house
        .authn
        .create_account(wayne(), bruce_as(bruce(), ADDRESS))
        .await
        .unwrap();
    let log_ins: Vec<_> = (0..1_000_u64)
        .map(|nth| {
            let authn = house.authn.clone();
            tokio::spawn(async move {
                let patience = Duration::from_millis(nth % 40);
                tokio::time::sleep(Duration::from_millis(nth % 10)).await;
                let identifier = Identifier::email(ADDRESS).unwrap();
                let begun = authn.log_in(&door(wayne()), identifier).await.unwrap();
                let password = Password::new(PASSWORD).unwrap();
                tokio::time::timeout(patience, begun.password(&password)).await
            })
        })
        .collect();
    let (mut passed, mut shed, mut gone) = (0_u64, 0_u64, 0_u64);
    for log_in in log_ins {
        match log_in.await.unwrap() {
            Ok(Ok(_)) => passed += 1,
            Ok(Err(LogInError::Saturated)) => shed += 1,
            Ok(Err(other)) => panic!("{other:?}"),
            Err(_) => gone += 1,
        }
    }
    settle(&house.pool).await;
    let stats = house.pool.stats();
    assert_eq!(passed + shed + gone, 1_000);
    assert!(shed > 0, "more came than the queue holds");
    assert!(gone > 0, "some hung up");
    assert!((1..=2).contains(&stats.most_in_flight), "{stats:?}");
    assert_eq!(stats.shed, shed);
    assert!(
        stats.hashed > passed && stats.hashed <= 1 + passed + gone,
        "{stats:?}"
    );
    assert!(
        house.try_log_in(ADDRESS, PASSWORD).await.is_ok(),
        "every permit came back"
    );
}

#[tokio::test]
async fn attack_02_beyond_four_waiters_per_permit_the_answer_is_503() {
    let house = empty_house(1);
    let door = door(wayne());
    let mut waiting = Vec::new();
    for _ in 0..20 {
        let begun = house
            .authn
            .log_in(&door, Identifier::email(ADDRESS).unwrap())
            .await
            .unwrap();
        waiting.push(tokio::spawn(async move {
            begun
                .password(&Password::new(PASSWORD).unwrap())
                .await
                .unwrap_err()
        }));
    }
    let mut errors = Vec::new();
    for waiter in waiting {
        errors.push(waiter.await.unwrap());
    }
    let saturated = errors
        .iter()
        .filter(|error| matches!(error, LogInError::Saturated))
        .count();
    assert!(saturated > 0, "20 came at once to 5 places");
    assert_eq!(
        errors.len() - saturated,
        usize::try_from(house.pool.stats().hashed).unwrap()
    );
    assert_eq!(house.pool.stats().most_in_flight, 1);
    let problem = Problem::from(LogInError::Saturated);
    assert_eq!(
        (problem.status(), problem.retry_after_secs()),
        (503, Some(1))
    );
}

/// Waits until nothing hashes any more.
async fn settle(pool: &skeleton_authn::HashingPool) {
    while pool.stats().in_flight > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
