//! Scalars as text.

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
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
        id.to_bytes().serialize(serializer)
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
        let bytes = <[u8; 16]>::deserialize(deserializer)?;
        RawId::from_bytes(bytes).map_err(de::Error::custom)
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
    T: Deserialize<'de>,
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

/// A date without a zone, since an `Instant` of jiff ends a day before the year 9999 does.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The text is not an instant of RFC 3339 between 1970 and 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time is written as RFC 3339 in UTC, between 1970 and 9999")]
pub struct TimestampError(());

impl Timestamp {
    /// The instant as RFC 3339 in UTC with milliseconds, such as `2026-11-23T10:15:00.120Z`.
    #[must_use]
    pub fn to_rfc3339(self) -> String {
        let millis = i64::try_from(self.as_millis()).unwrap_or(i64::MAX);
        EPOCH
            .checked_add(SignedDuration::from_millis(millis))
            .map(|at| format!("{at:.3}Z"))
            .unwrap_or_default()
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let civil = text.strip_suffix('Z').filter(|civil| is_rfc3339(civil));
        let at: DateTime = civil
            .and_then(|civil| civil.parse().ok())
            .ok_or(TimestampError(()))?;
        if at < EPOCH {
            return Err(TimestampError(()));
        }
        u64::try_from(at.duration_since(EPOCH).as_millis())
            .map(Self::from_millis)
            .map_err(|_| TimestampError(()))
    }
}

/// Whether the text has the shape of RFC 3339, of which jiff reads a superset.
fn is_rfc3339(civil: &str) -> bool {
    let (seconds, fraction) = civil
        .split_once('.')
        .map_or((civil, None), |(seconds, fraction)| {
            (seconds, Some(fraction))
        });
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    let shape = "0000-00-00T00:00:00";
    seconds.len() == shape.len()
        && seconds.bytes().zip(shape.bytes()).all(fits)
        && fraction.is_none_or(|fraction| {
            matches!(fraction.len(), 1..=9) && fraction.bytes().all(|byte| byte.is_ascii_digit())
        })
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.serialize_str(&self.to_rfc3339())
        } else {
            serializer.serialize_u64(self.as_millis())
        }
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            from_str(deserializer)
        } else {
            u64::deserialize(deserializer).map(Self::from_millis)
        }
    }
}
