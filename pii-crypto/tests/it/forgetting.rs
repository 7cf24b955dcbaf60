//! Forgetting: everywhere, for ever, and for one person alone.

use skeleton_pii_crypto::Forget;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Reason;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::Unavailable;

use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::clear;
use crate::helpers::forget;
use crate::helpers::forgotten;
use crate::helpers::open;
use crate::helpers::receipt_key;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::reveal;
use crate::helpers::seal;
use crate::helpers::subject;
use crate::helpers::try_seal;

#[tokio::test]
async fn a_forgotten_person_is_forgotten_in_every_field_event_copy_and_process() {
    let world = World::new();
    let acme = world.acme();
    let first = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let second = seal(&acme, "record-2", registered("dora", "c@d.org")).await;
    let copy = first.detached_email(&record("record-1")).unwrap();
    let phone = second.detached_phone(&record("record-2")).unwrap().unwrap();
    let passport = second.detached_passport(&record("record-2")).unwrap();
    assert_eq!(clear(reveal(&acme, &copy).await), "a@b.org");

    let receipt = forget(&acme, "dora").await;

    let copies = [copy, phone, passport];
    for world in [&world, &world.again()] {
        let acme = world.acme();
        for (at, sealed) in [("record-1", &first), ("record-2", &second)] {
            let event = open(&acme, at, sealed.clone()).await;
            assert_eq!(event.plan, "free", "the rest of the event stays");
            for value in [&event.email, &event.phone.unwrap(), &event.passport] {
                let fact = forgotten(value.reveal(&access()));
                assert_eq!(fact.order(), receipt.order());
                assert_eq!(fact.at_millis(), NOW);
            }
        }
        for copy in &copies {
            forgotten(reveal(&acme, copy).await);
        }
    }
    let texts = [first.email, second.email].map(|field| field.to_text());
    assert!(texts.iter().all(|text| receipt.covers(text)));
}

#[tokio::test]
async fn nothing_is_sealed_any_more_for_a_forgotten_person() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let event = open(&acme, "record-1", sealed).await;
    forget(&acme, "dora").await;
    let before = world.store.row("acme", "dora").await;
    let refused = try_seal(&acme, "record-2", registered("dora", "new@b.org")).await;
    assert!(matches!(refused, Err(SealError::Forgotten)), "{refused:?}");
    let carried = try_seal(&acme, "record-2", event).await;
    assert!(matches!(carried, Err(SealError::Forgotten)), "{carried:?}");
    assert_eq!(
        world.store.row("acme", "dora").await,
        before,
        "no key was made"
    );
}

#[tokio::test]
async fn attack_05_somebody_forgotten_before_the_first_write_gets_no_key() {
    let world = World::new();
    let acme = world.acme();
    let receipt = forget(&acme, "dora").await;
    assert_eq!(receipt.destroyed(), 0);
    assert_eq!(receipt.verify(&receipt_key(), None), Ok(()));
    let refused = try_seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    assert!(matches!(refused, Err(SealError::Forgotten)), "{refused:?}");
}

#[tokio::test]
async fn law_10_others_stay_as_they_were() {
    let world = World::new();
    let (acme, bolt) = (world.acme(), world.tenant("bolt"));
    let emil = seal(&acme, "record-1", registered("emil", "e@b.org")).await;
    let namesake = seal(&bolt, "record-2", registered("dora", "d@b.org")).await;
    seal(&acme, "record-3", registered("dora", "a@b.org")).await;
    let receipt = forget(&acme, "dora").await;
    assert!(!receipt.covers(&emil.email.to_text()));
    assert!(!receipt.covers(&namesake.email.to_text()));
    let event = open(&acme, "record-1", emil).await;
    assert_eq!(clear(event.email.reveal(&access())), "e@b.org");
    let event = open(&bolt, "record-2", namesake).await;
    assert_eq!(clear(event.email.reveal(&access())), "d@b.org");
    assert!(bolt.receipts().await.unwrap().is_empty());
}

#[tokio::test]
async fn law_08_a_repeated_order_returns_the_first_receipt() {
    let world = World::new();
    let acme = world.acme();
    seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let first = forget(&acme, "dora").await;
    forget(&acme, "emil").await;
    world.time.advance(core::time::Duration::from_secs(100));
    let other = Forget::subject(subject("dora"), &access()).reason(Reason::declared("again"));
    assert_eq!(world.again().acme().forget(other).await.unwrap(), first);
    assert_eq!(acme.receipts().await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_session_from_before_ends_within_ten_seconds_and_makes_no_openable_value() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let event = registered("dora", "late@b.org");
    let old = acme
        .session(KeySet::sealing(&event).unwrap())
        .await
        .unwrap();
    let held = old.open(&record("record-1"), sealed).unwrap();
    let receipt = forget(&acme, "dora").await;

    let late = old.seal(&record("record-2"), event.clone()).unwrap();
    assert!(receipt.covers(&late.email.to_text()));
    let again = open(&acme, "record-2", late).await;
    forgotten(again.email.reveal(&access()));

    world
        .time
        .advance(core::time::Duration::from_millis(10_001));
    let answer = held.email.reveal(&access());
    assert!(
        matches!(
            answer,
            Err(OpenError::Unavailable(Unavailable::SessionOver))
        ),
        "{answer:?}"
    );
    let answer = old.seal(&record("record-3"), event);
    assert!(
        matches!(
            answer,
            Err(SealError::Unavailable(Unavailable::SessionOver))
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn attack_19_an_order_that_fails_destroys_nothing_and_can_be_repeated() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let order = Forget::subject(subject("dora"), &access());
    for stop in [World::stop_store, World::stop_commits, World::stop_keks] {
        stop(&world, true);
        let failed = acme.forget(order.clone()).await;
        assert!(failed.is_err());
        stop(&world, false);
        let event = open(&acme, "record-1", sealed.clone()).await;
        assert_eq!(clear(event.email.reveal(&access())), "a@b.org");
        assert!(acme.receipts().await.unwrap().is_empty());
    }
    let receipt = acme.forget(order).await.unwrap();
    assert_eq!((receipt.sequence(), receipt.destroyed()), (1, 2));
}

impl World {
    fn stop_store(&self, is_down: bool) {
        self.store.stop(is_down);
    }

    fn stop_commits(&self, is_down: bool) {
        self.store.stop_commits(is_down);
    }

    fn stop_keks(&self, is_down: bool) {
        self.keks.stop(is_down);
    }
}
