//! Forgetting among writers and readers. The store gives way to other tasks around every call.

use core::time::Duration;

use skeleton_pii_crypto::Detached;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::Session;
use skeleton_pii_crypto::TenantVault;

use crate::helpers::SealedUserRegistered;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::forget;
use crate::helpers::forgotten;
use crate::helpers::receipt_key;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::reveal;
use crate::helpers::try_seal;

const ROUNDS: usize = 150;
const WRITERS: usize = 4;

fn email(sealed: &SealedUserRegistered) -> Detached<String> {
    sealed.detached_email(&record("record-1")).unwrap()
}

/// Seals until it is refused; each value is read at once, which may come before or after the order.
async fn write(vault: TenantVault, user: String) -> (Vec<SealedUserRegistered>, Session) {
    let first = registered(&user, "a@b.org");
    let held = vault.session(KeySet::sealing(&first).unwrap()).await;
    let mut written = Vec::new();
    loop {
        let event = registered(&user, "a@b.org");
        match try_seal(&vault, "record-1", event).await {
            Ok(sealed) => {
                let shown = reveal(&vault, &email(&sealed)).await;
                let is_either =
                    matches!(shown, Ok(Disclosure::Clear(_) | Disclosure::Forgotten(_)));
                assert!(is_either, "{shown:?}");
                written.push(sealed);
            }
            Err(SealError::Forgotten) => return (written, held.unwrap()),
            Err(other) => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn attack_05_nothing_opens_after_the_receipt_whatever_raced_with_it() {
    let world = World::new();
    let mut late = 0;
    for round in 0..ROUNDS {
        let user = format!("person-{round}");
        let writers: Vec<_> = (0..WRITERS)
            .map(|_| tokio::spawn(write(world.acme(), user.clone())))
            .collect();
        for _ in 0..round % 7 {
            tokio::task::yield_now().await;
        }
        let (acme, again) = (world.acme(), world.again().acme());
        let (receipt, second) = tokio::join!(forget(&acme, &user), forget(&again, &user));
        assert_eq!(receipt, second, "one order");
        let event = registered(&user, "late@b.org");
        let refused = try_seal(&acme, "record-1", event.clone()).await;
        assert!(matches!(refused, Err(SealError::Forgotten)));

        for writer in writers {
            let (mut written, held) = writer.await.unwrap();
            // A session from before may go on for its ten seconds; what it seals is sealed for nobody.
            match held.seal(&record("record-1"), event.clone()) {
                Ok(sealed) => {
                    late += 1;
                    written.push(sealed);
                }
                Err(error) => assert!(matches!(error, SealError::Forgotten), "{error:?}"),
            }
            for sealed in &written {
                assert!(receipt.covers(&sealed.email.to_text()));
                assert!(receipt.covers(&sealed.passport.to_text()));
                let fact = forgotten(reveal(&acme, &email(sealed)).await);
                assert_eq!(fact.order(), receipt.order());
            }
        }
    }
    assert!(late > 0, "the race was one");
    let mut previous = None;
    let receipts = world.acme().receipts().await.unwrap();
    assert_eq!(receipts.len(), ROUNDS);
    for receipt in &receipts {
        receipt.verify(&receipt_key(), previous).unwrap();
        previous = Some(receipt);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn attack_05_one_key_is_made_however_many_ask_at_once() {
    let world = World::new();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let acme = world.again().acme();
            tokio::spawn(async move {
                let event = registered("dora", "a@b.org");
                try_seal(&acme, "record-1", event).await.unwrap()
            })
        })
        .collect();
    let mut sealed = Vec::new();
    for task in tasks {
        sealed.push(task.await.unwrap());
    }
    let receipt = forget(&world.acme(), "dora").await;
    assert_eq!(receipt.destroyed(), 2, "one key per category");
    for sealed in sealed {
        assert!(receipt.covers(&sealed.email.to_text()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn attack_05_many_orders_at_once_make_one_chain() {
    let world = World::new();
    let tasks: Vec<_> = (0..40)
        .map(|number| {
            let acme = world.again().acme();
            tokio::spawn(async move { forget(&acme, &format!("person-{}", number % 20)).await })
        })
        .collect();
    for task in tasks {
        let receipt = task.await.unwrap();
        assert!(receipt.sequence() <= 20);
    }
    let receipts = world.acme().receipts().await.unwrap();
    assert_eq!(receipts.len(), 20);
    let mut previous = None;
    for receipt in &receipts {
        receipt.verify(&receipt_key(), previous).unwrap();
        previous = Some(receipt);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn attack_08_a_fetch_that_began_before_the_order_ends_with_its_lease() {
    let world = World::new();
    let acme = world.acme();
    let sealed = try_seal(&acme, "record-1", registered("dora", "a@b.org"))
        .await
        .unwrap();
    let value = email(&sealed);
    let fetches: Vec<_> = (0..16)
        .map(|_| {
            let (acme, value) = (world.again().acme(), value.clone());
            tokio::spawn(async move {
                let session = acme.session(KeySet::detached(&value)).await.unwrap();
                value.open(&session)
            })
        })
        .collect();
    forget(&acme, "dora").await;
    world.time.advance(Duration::from_millis(10_001));
    for fetch in fetches {
        let held = fetch.await.unwrap();
        let shown = held.reveal(&access());
        assert!(!matches!(shown, Ok(Disclosure::Clear(_))), "{shown:?}");
    }
}
