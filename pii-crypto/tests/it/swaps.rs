//! A ciphertext at a place that is not its own.

use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::SealError;

use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::clear;
use crate::helpers::field;
use crate::helpers::open;
use crate::helpers::placed;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::reveal;
use crate::helpers::seal;
use crate::helpers::subject;

const FIELDS: [(&str, &str); 3] = [
    ("email", "general"),
    ("phone", "general"),
    ("passport", "kyc"),
];

/// Where a value was sealed, and its text.
struct Sealed {
    tenant: &'static str,
    user: &'static str,
    at: String,
    field: &'static str,
    category: &'static str,
    text: String,
}

/// Three tenants, two people each (of equal ids), two records each, three fields each.
async fn everything(world: &World) -> Vec<Sealed> {
    let mut all = Vec::new();
    for tenant in ["acme", "bolt", "cord"] {
        for (user, at) in [("dora", 1), ("dora", 2), ("emil", 3), ("emil", 4)] {
            let at = format!("record-{at}");
            let event = registered(user, "ada@example.org");
            let sealed = seal(&world.tenant(tenant), &at, event).await;
            let json = serde_json::to_value(&sealed).unwrap();
            for (name, category) in FIELDS {
                all.push(Sealed {
                    tenant,
                    user,
                    at: at.clone(),
                    field: name,
                    category,
                    text: field(&json, name).to_owned(),
                });
            }
        }
    }
    all
}

#[tokio::test]
async fn attack_01_and_02_every_text_at_every_other_place_is_refused() {
    let world = World::new();
    let all = everything(&world).await;
    assert_eq!(all.len(), 36);
    let mut opened = 0;
    for from in &all {
        for to in &all {
            let tag = format!("user-registered/{}", to.field);
            let place = (to.user, to.category, to.at.as_str(), tag.as_str());
            let value = placed(place, &from.text).unwrap();
            let answer = reveal(&world.tenant(to.tenant), &value).await;
            let moved = format!("{} {} {} {tag}", to.tenant, to.user, to.at);
            let has_key = (from.tenant, from.user, from.category);
            if core::ptr::eq(from, to) {
                clear(answer);
                opened += 1;
            } else if has_key == (to.tenant, to.user, to.category) {
                assert!(matches!(answer, Err(OpenError::Tampered)), "{moved}");
            } else {
                assert!(matches!(answer, Err(OpenError::WrongContext)), "{moved}");
            }
        }
    }
    assert_eq!(opened, 36);
}

/// A view is written by others: what is too long for the associated data opens nothing.
#[tokio::test]
async fn attack_23_a_place_of_any_length_opens_nothing() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let text = sealed.email.to_text();
    for len in [65_535, 65_536, 1 << 20] {
        let tag = "x".repeat(len);
        let value = placed(("dora", "general", "record-1", &tag), &text).unwrap();
        let answer = reveal(&acme, &value).await;
        assert!(matches!(answer, Err(OpenError::Tampered)), "{len}");
        let value = placed(("dora", &tag, "record-1", "user-registered/email"), &text).unwrap();
        let answer = reveal(&acme, &value).await;
        assert!(matches!(answer, Err(OpenError::WrongContext)), "{len}");
    }
}

#[tokio::test]
async fn attack_01_two_fields_exchanged_inside_an_event_are_refused() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let mut json = serde_json::to_value(&sealed).unwrap();
    let (email, phone) = (json["email"].clone(), json["phone"].clone());
    json["email"] = phone;
    json["phone"] = email;
    let swapped: crate::helpers::SealedUserRegistered = serde_json::from_value(json).unwrap();
    let event = open(&world.acme(), "record-1", swapped).await;
    let tampered = |answer| matches!(answer, Err(OpenError::Tampered));
    assert!(tampered(event.email.reveal(&access())));
    assert!(tampered(event.phone.unwrap().reveal(&access())));
    assert_eq!(clear(event.passport.reveal(&access())), "X1234567");
}

#[tokio::test]
async fn attack_03_an_older_text_of_the_same_field_is_not_replayed() {
    let world = World::new();
    let old = seal(
        &world.acme(),
        "record-1",
        registered("dora", "old@example.org"),
    )
    .await;
    let event = open(&world.acme(), "record-2", old.clone()).await;
    assert!(matches!(
        event.email.reveal(&access()),
        Err(OpenError::Tampered)
    ));
    let event = open(&world.acme(), "record-1", old).await;
    assert_eq!(clear(event.email.reveal(&access())), "old@example.org");
}

#[tokio::test]
async fn attack_02_an_event_read_in_another_tenant_shows_nothing() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let event = open(&world.tenant("bolt"), "record-1", sealed.clone()).await;
    let answer = event.email.reveal(&access());
    assert!(matches!(answer, Err(OpenError::KeyMissing)), "{answer:?}");
    seal(
        &world.tenant("bolt"),
        "record-1",
        registered("dora", "x@b.org"),
    )
    .await;
    let event = open(&world.tenant("bolt"), "record-1", sealed).await;
    let answer = event.email.reveal(&access());
    assert!(matches!(answer, Err(OpenError::WrongContext)), "{answer:?}");
}

#[tokio::test]
async fn attack_02_the_row_of_another_tenant_or_subject_is_damaged() {
    let world = World::new();
    let dora = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    seal(&world.acme(), "record-2", registered("emil", "a@b.org")).await;
    seal(
        &world.tenant("bolt"),
        "record-3",
        registered("dora", "a@b.org"),
    )
    .await;
    for (tenant, user) in [("acme", "emil"), ("bolt", "dora")] {
        world
            .store
            .forge("dora", world.store.row(tenant, user).await);
        let keys = KeySet::opening(&dora).unwrap();
        let answer = world.acme().session(keys).await;
        assert!(
            crate::helpers::is_damaged(&answer),
            "{tenant} {user} {answer:?}"
        );
    }
}

/// A value is carried into another event of the same person without being shown, and into nobody else's: there it would
/// outlive the forgetting of the person whose value it is.
#[tokio::test]
async fn attack_24_a_sealed_value_is_carried_to_its_own_person_alone() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let event = open(&acme, "record-1", sealed).await;

    let again = seal(&acme, "record-2", event.clone()).await;
    assert!(world.audit.drain().is_empty(), "nobody saw it");
    let again = open(&acme, "record-2", again).await;
    assert_eq!(clear(again.email.reveal(&access())), "a@b.org");

    let mut taken = event.clone();
    taken.user = subject("emil");
    let keys = KeySet::sealing(&taken).unwrap();
    let answer = acme
        .session(keys)
        .await
        .unwrap()
        .seal(&record("record-3"), taken);
    assert!(matches!(answer, Err(SealError::Carry(_))), "{answer:?}");

    let bolt = world.tenant("bolt");
    let keys = KeySet::sealing(&event).unwrap();
    let answer = bolt
        .session(keys)
        .await
        .unwrap()
        .seal(&record("record-4"), event);
    assert!(matches!(answer, Err(SealError::Carry(_))), "{answer:?}");
}
