//! Sessions: what they hold, for how long, and what they answer when something is away.

use core::time::Duration;

use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::StoredRow;
use skeleton_pii_crypto::Unavailable;

use crate::helpers::ManualTime;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::clear;
use crate::helpers::is_damaged;
use crate::helpers::open;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::seal;
use crate::helpers::try_seal;

/// What happens to the clocks of a session.
type Move = fn(&ManualTime);

#[tokio::test]
async fn attack_07_a_session_ends_when_either_clock_says_so() {
    let moves: [(Move, bool); 6] = [
        (|time| time.advance(Duration::from_secs(10)), true),
        (|time| time.advance(Duration::from_millis(10_001)), false),
        (|time| time.wall(10_001), false),
        (
            |time| time.monotonic_only(Duration::from_millis(10_001)),
            false,
        ),
        (|time| time.wall(-1), false),
        (|time| time.wall(9_999), true),
    ];
    for (number, (step, is_alive)) in moves.into_iter().enumerate() {
        let world = World::new();
        let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
        let event = open(&world.acme(), "record-1", sealed).await;
        step(&world.time);
        match event.email.reveal(&access()) {
            Err(OpenError::Unavailable(Unavailable::SessionOver)) => assert!(!is_alive, "{number}"),
            answer => assert!(is_alive && answer.is_ok(), "{number}"),
        }
    }
}

#[tokio::test]
async fn a_session_answers_for_the_people_it_was_asked_for() {
    let world = World::new();
    let acme = world.acme();
    let dora = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let emil = seal(&acme, "record-2", registered("emil", "a@b.org")).await;
    let session = acme.session(KeySet::opening(&emil).unwrap()).await.unwrap();
    let event = session.open(&record("record-1"), dora).unwrap();
    let answer = event.email.reveal(&access());
    assert!(matches!(answer, Err(OpenError::NotLoaded)), "{answer:?}");
    let answer = session.seal(&record("record-3"), registered("dora", "a@b.org"));
    assert!(matches!(answer, Err(SealError::NotLoaded)), "{answer:?}");
}

#[tokio::test]
async fn opening_makes_no_key_and_no_tenant() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let bolt = world.tenant("bolt");
    let event = open(&bolt, "record-1", sealed.clone()).await;
    let answer = event.email.reveal(&access());
    assert!(matches!(answer, Err(OpenError::KeyMissing)), "{answer:?}");
    assert_eq!(world.store.row("bolt", "dora").await, None);
    // The tenant exists now, the person still does not.
    seal(&bolt, "record-1", registered("emil", "a@b.org")).await;
    let event = open(&bolt, "record-1", sealed).await;
    let answer = event.email.reveal(&access());
    assert!(matches!(answer, Err(OpenError::KeyMissing)), "{answer:?}");
    assert_eq!(world.store.row("bolt", "dora").await, None);
}

#[tokio::test]
async fn a_key_is_made_once_and_only_for_the_categories_that_are_needed() {
    let world = World::new();
    let acme = world.acme();
    seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let before = world.store.calls();
    seal(&acme, "record-2", registered("dora", "a@b.org")).await;
    assert_eq!(world.store.calls(), before + 1, "one read and no commit");
    assert_eq!(world.store.row("acme", "dora").await.unwrap().version, 1);
}

#[tokio::test]
async fn nothing_of_a_session_waits_for_the_store() {
    let world = World::new();
    let acme = world.acme();
    let event = registered("dora", "a@b.org");
    let session = acme
        .session(KeySet::sealing(&event).unwrap())
        .await
        .unwrap();
    world.store.stop(true);
    world.keks.stop(true);
    let sealed = session.seal(&record("record-1"), event).unwrap();
    let event = session.open(&record("record-1"), sealed).unwrap();
    assert_eq!(clear(event.email.reveal(&access())), "a@b.org");
}

#[tokio::test]
async fn outages_are_unavailable_and_never_forgotten() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let keys = || KeySet::opening(&sealed).unwrap();
    world.store.stop(true);
    let answer = acme.session(keys()).await;
    assert!(matches!(answer, Err(Unavailable::Store(_))), "{answer:?}");
    assert!(matches!(acme.receipts().await, Err(Unavailable::Store(_))));
    world.store.stop(false);
    world.keks.stop(true);
    let answer = acme.session(keys()).await;
    assert!(matches!(answer, Err(Unavailable::Kek(_))), "{answer:?}");
    let answer = try_seal(&acme, "record-2", registered("new", "a@b.org")).await;
    assert!(
        matches!(answer, Err(SealError::Unavailable(Unavailable::Kek(_)))),
        "sealing fails closed: {answer:?}"
    );
    world.keks.stop(false);
    let event = open(&acme, "record-1", sealed.clone()).await;
    assert_eq!(clear(event.email.reveal(&access())), "a@b.org");
}

/// A key whose epoch is gone is missing. It is neither somebody else's nor forgotten.
#[tokio::test]
async fn a_key_whose_epoch_is_gone_is_missing() {
    let world = World::new();
    let acme = world.acme();
    let emil = seal(&acme, "record-1", registered("emil", "e@b.org")).await;
    world.keks.rotate();
    let dora = seal(&acme, "record-2", registered("dora", "a@b.org")).await;
    let event = open(&acme, "record-2", dora.clone()).await;
    assert_eq!(clear(event.email.reveal(&access())), "a@b.org");

    world.keks.destroy(1);
    let event = open(&acme, "record-2", dora.clone()).await;
    let answer = event.email.reveal(&access());
    assert!(matches!(answer, Err(OpenError::KeyMissing)), "{answer:?}");
    let mut foreign = serde_json::to_value(&emil).unwrap();
    foreign["user"] = "dora".into();
    let foreign: crate::helpers::SealedUserRegistered = serde_json::from_value(foreign).unwrap();
    let event = open(&acme, "record-1", foreign).await;
    let answer = event.email.reveal(&access());
    assert!(matches!(answer, Err(OpenError::WrongContext)), "{answer:?}");
    let answer = try_seal(&acme, "record-3", registered("dora", "a@b.org")).await;
    assert!(matches!(answer, Err(SealError::NotLoaded)), "{answer:?}");

    let event = open(&acme, "record-1", emil).await;
    assert_eq!(clear(event.email.reveal(&access())), "e@b.org");
}

#[tokio::test]
async fn attack_26_a_row_that_this_vault_did_not_write_is_damaged() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let StoredRow { version, body } = world.store.row("acme", "dora").await.unwrap();
    let row = |version, body: &[u8]| {
        let body = body.to_vec();
        Some(StoredRow { version, body })
    };
    let mut changed = body.clone();
    changed[40] ^= 1;
    let (half, _) = body.split_at(body.len() / 2);
    let forged = [
        row(version + 1, &body),
        row(version, &changed),
        row(version, half),
        row(version, &[]),
        row(u64::MAX, &body),
        row(version, &vec![0; 1 << 17]),
    ];
    for (number, row) in forged.into_iter().enumerate() {
        world.store.forge("dora", row);
        let answer = acme.session(KeySet::opening(&sealed).unwrap()).await;
        assert!(is_damaged(&answer), "{number}: {answer:?}");
        let order =
            skeleton_pii_crypto::Forget::subject(crate::helpers::subject("dora"), &access());
        let answer = acme.forget(order).await;
        assert!(is_damaged(&answer), "{number}: {answer:?}");
    }
    world.store.forge("dora", row(version, &body));
    let event = open(&acme, "record-1", sealed).await;
    assert_eq!(clear(event.email.reveal(&access())), "a@b.org");
}

#[tokio::test]
async fn attack_26_a_tenant_row_that_this_vault_did_not_write_is_damaged() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    for forged in [Vec::new(), vec![7; 109], vec![7; 200]] {
        world.store.forge_tenant(forged);
        let answer = acme.session(KeySet::opening(&sealed).unwrap()).await;
        assert!(is_damaged(&answer), "{answer:?}");
    }
}

#[tokio::test]
async fn a_value_past_the_cap_is_refused() {
    let world = World::new();
    let acme = world.acme();
    let largest = registered("dora", &"x".repeat(65_536));
    let sealed = seal(&acme, "record-1", largest).await;
    let event = open(&acme, "record-1", sealed).await;
    assert_eq!(clear(event.email.reveal(&access())).len(), 65_536);
    let over = registered("dora", &"x".repeat(65_537));
    let answer = try_seal(&acme, "record-1", over).await;
    assert!(matches!(answer, Err(SealError::Value)), "{answer:?}");
}
