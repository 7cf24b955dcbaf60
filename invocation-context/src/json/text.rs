//! Scalars as text.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use jiff::Timestamp as Instant;
use serde::Deserializer;
use serde::Serializer;
use serde::de;

use crate::id::RawId;
use crate::time::Timestamp;

/// Writes an id: 26 characters where a person may read, else 16 bytes.
///
/// # Errors
///
/// What the serializer answers.
pub fn serialize_id<S: Serializer>(id: RawId, serializer: S) -> Result<S::Ok, S::Error> {
    if serializer.is_human_readable() {
        serializer.collect_str(&id)
    } else {
        serializer.serialize_bytes(&id.to_bytes())
    }
}

/// Reads an id as [`serialize_id`] writes it.
///
/// # Errors
///
/// What the deserializer answers, and whatever is no id.
pub fn deserialize_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RawId, D::Error> {
    if deserializer.is_human_readable() {
        deserializer.deserialize_str(Text(PhantomData))
    } else {
        deserializer.deserialize_bytes(Bytes)
    }
}

/// Reads whatever parses from text.
pub(crate) fn from_str<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr,
    T::Err: fmt::Display,
    D: Deserializer<'de>,
{
    deserializer.deserialize_str(Text(PhantomData))
}

/// Reads a member that must be there, even where `null` is one of its values.
pub(crate) fn present<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: serde::Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(deserializer)
}

struct Text<T>(PhantomData<T>);

impl<T> de::Visitor<'_> for Text<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

impl FromStr for RawId {
    type Err = crate::IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

struct Bytes;

impl de::Visitor<'_> for Bytes {
    type Value = RawId;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("16 bytes")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<RawId, E> {
        let bytes = bytes
            .try_into()
            .map_err(|_| E::invalid_length(bytes.len(), &self))?;
        RawId::from_bytes(bytes).map_err(E::custom)
    }
}

/// The text is not an instant of RFC 3339 between 1970 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as RFC 3339 in UTC, between 1970 and 9999")]
pub struct TimestampError(());

impl Timestamp {
    /// The instant as RFC 3339 in UTC with milliseconds, such as `2026-11-23T10:15:00.120Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let millis = i64::try_from(self.as_millis()).unwrap_or(i64::MAX);
        Instant::from_millisecond(millis)
            .map(|at| format!("{at:.3}"))
            .unwrap_or_default()
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let at: Instant = text.parse().map_err(|_| TimestampError(()))?;
        let millis = u64::try_from(at.as_millisecond()).map_err(|_| TimestampError(()))?;
        let is_utc = text.ends_with('Z');
        if is_utc {
            Ok(Self::from_millis(millis))
        } else {
            Err(TimestampError(()))
        }
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.to_rfc3339())
        } else {
            serializer.serialize_u64(self.as_millis())
        }
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            from_str(deserializer)
        } else {
            <u64 as serde::Deserialize>::deserialize(deserializer).map(Self::from_millis)
        }
    }
}
