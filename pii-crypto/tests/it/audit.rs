//! Every reveal is recorded, or does not happen.

use skeleton_pii_crypto::AuditQueue;
use skeleton_pii_crypto::AuditRefused;
use skeleton_pii_crypto::AuditSink;
use skeleton_pii_crypto::DisclosureOutcome;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Purpose;
use skeleton_pii_crypto::RevealAccess;
use skeleton_pii_crypto::Unavailable;

use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::clear;
use crate::helpers::forget;
use crate::helpers::forgotten;
use crate::helpers::open;
use crate::helpers::registered;
use crate::helpers::seal;
use crate::helpers::tenant;
use crate::helpers::vault;

const WELCOME: Purpose = Purpose::declared("send-welcome-mail");

#[tokio::test]
async fn a_reveal_is_recorded_with_all_that_tells_who_saw_what_and_why() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let event = open(&world.acme(), "record-1", sealed.clone()).await;
    assert!(
        world.audit.drain().is_empty(),
        "opening shows nothing to anybody"
    );
    world.time.advance(core::time::Duration::from_millis(7));
    let why = RevealAccess::new("mailer", WELCOME, "invocation-9");
    clear(event.passport.reveal(&why));
    forget(&world.acme(), "dora").await;
    let event = open(&world.acme(), "record-1", sealed).await;
    forgotten(event.email.reveal(&why));

    let records = world.audit.drain();
    assert_eq!(records.len(), 2);
    let seen = &records[0];
    assert_eq!(seen.at_millis, NOW + 7);
    assert_eq!(
        (seen.tenant.as_str(), seen.subject.as_str()),
        ("acme", "dora")
    );
    assert_eq!(
        (&*seen.category, &*seen.tag),
        ("kyc", "user-registered/passport")
    );
    assert_eq!(seen.record.as_str(), "record-1");
    assert_eq!(
        (&*seen.actor, &*seen.invocation),
        ("mailer", "invocation-9")
    );
    assert_eq!(seen.purpose.as_str(), "send-welcome-mail");
    assert_eq!(seen.outcome, DisclosureOutcome::Clear);
    assert_eq!(records[1].outcome, DisclosureOutcome::Forgotten);
    assert_eq!(&*records[1].tag, "user-registered/email");
    assert!(world.audit.drain().is_empty(), "what was drained is gone");
}

#[tokio::test]
async fn a_full_queue_refuses_the_reveal_until_it_is_drained() {
    let world = World::new();
    let queue = AuditQueue::bounded(2);
    let acme = vault(&world.store, &world.keks, &world.time, &queue).tenant(tenant("acme"));
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let event = open(&acme, "record-1", sealed.clone()).await;
    clear(event.email.reveal(&access()));
    clear(event.email.reveal(&access()));
    let refused = |answer| {
        matches!(
            answer,
            Err(OpenError::Unavailable(Unavailable::Audit(
                AuditRefused { .. }
            )))
        )
    };
    assert!(refused(event.email.reveal(&access())));
    forget(&acme, "dora").await;
    let gone = open(&acme, "record-1", sealed).await;
    assert!(
        refused(gone.email.reveal(&access())),
        "not even that somebody is forgotten"
    );
    assert_eq!(queue.drain().len(), 2);
    forgotten(gone.email.reveal(&access()));
    assert_eq!(queue.drain().len(), 1);
}

#[tokio::test]
async fn a_queue_of_none_refuses_everything_and_clones_share_one() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let event = open(&world.acme(), "record-1", sealed).await;
    clear(event.email.reveal(&access()));
    let record = world.audit.drain().remove(0);
    assert!(AuditQueue::bounded(0).record(&record).is_err());
    let queue = AuditQueue::bounded(1);
    let shared = queue.clone();
    shared.record(&record).unwrap();
    assert!(queue.record(&record).is_err());
    assert_eq!(queue.drain(), [record]);
    assert!(shared.drain().is_empty());
}

/// What cannot be shown leaves no record of having been seen.
#[tokio::test]
async fn a_reveal_that_fails_is_not_recorded_as_one() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let event = open(&world.acme(), "record-2", sealed).await;
    assert!(event.email.reveal(&access()).is_err());
    assert!(world.audit.drain().is_empty());
}

#[test]
fn a_plain_value_is_shown_unrecorded_to_its_maker() {
    let value = Pii::plain("ada".to_owned());
    assert_eq!(clear(value.reveal(&access())), "ada");
}
