//! An event whose sealed half is written by hand, as the derive macro would, or as nobody should.

use serde::Deserialize;
use serde::Serialize;
use skeleton_pii_crypto::Field;
use skeleton_pii_crypto::IdError;
use skeleton_pii_crypto::Padding;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::RecordId;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::SealedEvent;
use skeleton_pii_crypto::SealedField;
use skeleton_pii_crypto::Session;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::Unavailable;

use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::clear;
use crate::helpers::forget;
use crate::helpers::open;
use crate::helpers::registered;
use crate::helpers::seal;
use crate::helpers::subject;
use crate::helpers::try_seal;

struct Noted<const LEN: usize> {
    user: SubjectId,
    note: Pii<String>,
}

#[derive(Serialize, Deserialize)]
struct SealedNoted<const LEN: usize> {
    user: SubjectId,
    note: SealedField<String>,
}

/// A category whose name has `LEN` bytes, and a padding that the number spoils.
impl<const LEN: usize> Noted<LEN> {
    const NAME: [u8; LEN] = [b'x'; LEN];
    const NOTE: Field = Field {
        tag: "noted/note",
        subject: "user",
        category: match core::str::from_utf8(&Self::NAME) {
            Ok(name) => name,
            Err(_) => "",
        },
        padding: if LEN == 1 {
            Padding::Bucket(7)
        } else {
            Padding::DEFAULT
        },
    };
}

impl<const LEN: usize> Protected for Noted<LEN> {
    type Sealed = SealedNoted<LEN>;
    const EVENT: &'static str = "noted";
    const FIELDS: &'static [Field] = &[Self::NOTE];

    fn subject(&self) -> Result<SubjectId, IdError> {
        Ok(self.user.clone())
    }

    fn seal_in(self, session: &Session, at: &RecordId) -> Result<Self::Sealed, SealError> {
        let note = SealedField::seal(session, at, &self.user, &Self::NOTE, &self.note)?;
        Ok(SealedNoted {
            user: self.user,
            note,
        })
    }
}

impl<const LEN: usize> SealedEvent for SealedNoted<LEN> {
    type Clear = Noted<LEN>;

    fn subject(&self) -> Result<SubjectId, IdError> {
        Ok(self.user.clone())
    }

    fn open_in(self, session: &Session, at: &RecordId) -> Result<Noted<LEN>, IdError> {
        let note = self.note.open(session, at, &self.user, &Noted::<LEN>::NOTE);
        Ok(Noted {
            user: self.user,
            note,
        })
    }
}

fn noted<const LEN: usize>() -> Noted<LEN> {
    Noted {
        user: subject("dora"),
        note: Pii::plain("canary".to_owned()),
    }
}

#[tokio::test]
async fn an_event_written_by_hand_goes_round() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", noted::<20>()).await;
    let read = open(&world.acme(), "record-1", sealed).await;
    assert_eq!(clear(read.note.reveal(&access())), "canary");
    let answer = try_seal(&world.acme(), "record-2", noted::<1>()).await;
    assert!(matches!(answer, Err(SealError::Value)), "a bucket of seven");
}

/// A row that outgrew its cap could not be read any more: its person could neither be served nor forgotten.
#[tokio::test]
async fn attack_23_a_key_for_which_a_row_has_no_room_is_not_made() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let before = world.store.row("acme", "dora").await;
    for answer in [
        try_seal(&acme, "record-2", noted::<65_400>()).await.err(),
        try_seal(&acme, "record-2", noted::<66_000>()).await.err(),
    ] {
        let is_refused = matches!(answer, Some(SealError::Unavailable(Unavailable::Store(_))));
        assert!(is_refused, "{answer:?}");
    }
    assert_eq!(world.store.row("acme", "dora").await, before);
    let event = open(&acme, "record-1", sealed).await;
    assert_eq!(clear(event.email.reveal(&access())), "a@b.org");
    assert_eq!(forget(&acme, "dora").await.destroyed(), 2);
}
