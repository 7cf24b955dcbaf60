//! Sealed values as they are stored: inside an event, or on their own with their coordinates.

use core::fmt;
use core::marker::PhantomData;
use std::borrow::Cow;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;
use serde::de::SeqAccess;
use serde::de::Visitor;

use crate::coordinates::IdError;
use crate::coordinates::RecordId;
use crate::coordinates::SubjectId;
use crate::crypto::envelope::Envelope;
use crate::crypto::envelope::EnvelopeError;
use crate::crypto::envelope::MAX_ENVELOPE;
use crate::crypto::padding::Padding;
use crate::error::SealError;
use crate::pii::Pii;
use crate::session::Session;
use crate::value::PiiValue;

/// Where a field of an event stands: what its envelope is bound to beside tenant, subject and record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the derive macro makes it")]
pub struct Field {
    /// `<event>/<name on the wire>`.
    pub tag: &'static str,
    /// The name of the field that names the data subject.
    pub subject: &'static str,
    /// Under which of the subject's keys it is sealed.
    pub category: &'static str,
    /// To which length it is padded.
    pub padding: Padding,
}

/// One sealed value of an event. Text in formats that people read (`pii1:…`), bytes in others.
pub struct SealedField<T> {
    envelope: Envelope,
    kind: PhantomData<fn() -> T>,
}

impl<T: PiiValue> SealedField<T> {
    /// Seals a value as a field of an event.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the subject is forgotten or not in the session, or the value is too large.
    pub fn seal(
        session: &Session,
        record: &RecordId,
        subject: &SubjectId,
        field: &Field,
        value: &Pii<T>,
    ) -> Result<Self, SealError> {
        let at = session.coordinates(
            subject.clone(),
            Cow::Borrowed(field.category),
            record.clone(),
            Cow::Borrowed(field.tag),
        );
        let envelope = session.seal_field(&at, field.padding, value)?;
        Ok(Self {
            envelope,
            kind: PhantomData,
        })
    }

    /// The value as a field of an event. Nothing is decrypted yet.
    #[must_use]
    pub fn open(
        self,
        session: &Session,
        record: &RecordId,
        subject: &SubjectId,
        field: &Field,
    ) -> Pii<T> {
        let at = session.coordinates(
            subject.clone(),
            Cow::Borrowed(field.category),
            record.clone(),
            Cow::Borrowed(field.tag),
        );
        session.open_field(at, self.envelope)
    }

    /// The value on its own, with what it is bound to.
    #[must_use]
    pub fn detached(&self, record: &RecordId, subject: &SubjectId, field: &Field) -> Detached<T> {
        Detached {
            subject: subject.clone(),
            category: Cow::Borrowed(field.category),
            record: record.clone(),
            tag: Cow::Borrowed(field.tag),
            envelope: self.envelope.clone(),
            kind: PhantomData,
        }
    }

    /// The text form.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.envelope.to_text()
    }
}

impl<T> Clone for SealedField<T> {
    fn clone(&self) -> Self {
        Self {
            envelope: self.envelope.clone(),
            kind: PhantomData,
        }
    }
}

impl<T> fmt::Debug for SealedField<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedField(..)")
    }
}

impl<T> PartialEq for SealedField<T> {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl<T> Serialize for SealedField<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.envelope.to_text())
        } else {
            serializer.serialize_bytes(self.envelope.as_bytes())
        }
    }
}

impl<'de, T> Deserialize<'de> for SealedField<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = if deserializer.is_human_readable() {
            let text = <Cow<'de, str>>::deserialize(deserializer).map_err(not_sealed)?;
            Envelope::from_text(&text)
        } else {
            deserializer
                .deserialize_byte_buf(EnvelopeBytes)
                .map_err(not_sealed)?
        };
        Ok(Self {
            envelope: envelope.map_err(D::Error::custom)?,
            kind: PhantomData,
        })
    }
}

/// What stands in the place of a sealed value may be a clear one, and the error of a format may repeat what it read.
fn not_sealed<E: serde::de::Error>(_: E) -> E {
    E::custom("no sealed value where one is expected")
}

/// Reads an envelope from a string of bytes, or from a list of them: formats differ.
struct EnvelopeBytes;

impl<'de> Visitor<'de> for EnvelopeBytes {
    type Value = Result<Envelope, EnvelopeError>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the bytes of a sealed value")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Envelope::parse(bytes))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = list.next_element()? {
            if bytes.len() == MAX_ENVELOPE {
                return Err(A::Error::custom("a sealed value is not this long"));
            }
            bytes.push(byte);
        }
        Ok(Envelope::parse(&bytes))
    }
}

/// One sealed value with its coordinates: what a view keeps of an event.
pub struct Detached<T> {
    subject: SubjectId,
    category: Cow<'static, str>,
    record: RecordId,
    tag: Cow<'static, str>,
    envelope: Envelope,
    kind: PhantomData<fn() -> T>,
}

impl<T: PiiValue> Detached<T> {
    /// Whose value it is.
    #[must_use]
    pub const fn subject(&self) -> &SubjectId {
        &self.subject
    }

    /// Under which of the subject's keys it is sealed.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// The value at its place. Nothing is decrypted yet.
    #[must_use]
    pub fn open(&self, session: &Session) -> Pii<T> {
        let at = session.coordinates(
            self.subject.clone(),
            self.category.clone(),
            self.record.clone(),
            self.tag.clone(),
        );
        session.open_field(at, self.envelope.clone())
    }
}

impl<T> Clone for Detached<T> {
    fn clone(&self) -> Self {
        Self {
            subject: self.subject.clone(),
            category: self.category.clone(),
            record: self.record.clone(),
            tag: self.tag.clone(),
            envelope: self.envelope.clone(),
            kind: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Detached<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Detached")
            .field("subject", &self.subject)
            .field("tag", &self.tag)
            .finish_non_exhaustive()
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct DetachedDoc<'d> {
    subject: Cow<'d, str>,
    category: Cow<'d, str>,
    record: Cow<'d, str>,
    tag: Cow<'d, str>,
    sealed: Cow<'d, str>,
}

impl<T> Serialize for Detached<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let doc = DetachedDoc {
            subject: self.subject.as_str().into(),
            category: self.category.as_ref().into(),
            record: self.record.as_str().into(),
            tag: self.tag.as_ref().into(),
            sealed: self.envelope.to_text().into(),
        };
        doc.serialize(serializer)
    }
}

impl<'de, T> Deserialize<'de> for Detached<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let doc = DetachedDoc::deserialize(deserializer).map_err(not_sealed)?;
        let id = |error: IdError| D::Error::custom(error);
        Ok(Self {
            subject: doc.subject.parse().map_err(id)?,
            category: Cow::Owned(doc.category.into_owned()),
            record: doc.record.parse().map_err(id)?,
            tag: Cow::Owned(doc.tag.into_owned()),
            envelope: Envelope::from_text(&doc.sealed).map_err(D::Error::custom)?,
            kind: PhantomData,
        })
    }
}
