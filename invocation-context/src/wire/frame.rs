//! The two halves as bytes: where each field begins. Nothing is trusted here, and nothing is verified.

use super::key::KEY_ID;
use super::key::TAG;
use crate::step::StepPath;

/// The version that is written, and the only one that is read.
pub(super) const VERSION: u8 = 1;

/// The most bytes of a hop: its fixed fields and a path of 192.
pub(super) const HOP_BYTES: usize = 1 + KEY_ID + 16 + 1 + StepPath::MAX_BYTES + TAG;

/// A context half: what stands where.
#[derive(Clone, Copy)]
pub(super) struct ContextFrame<'b> {
    pub(super) key_id: [u8; KEY_ID],
    /// Milliseconds since 1970.
    pub(super) expires_at: u64,
    pub(super) body: &'b [u8],
    /// Every byte before the tag.
    pub(super) signed: &'b [u8],
    pub(super) tag: [u8; TAG],
}

/// A hop half: what stands where.
#[derive(Clone, Copy)]
pub(super) struct HopFrame<'b> {
    pub(super) key_id: [u8; KEY_ID],
    pub(super) caller: [u8; 16],
    pub(super) path: &'b [u8],
    /// Every byte before the tag.
    pub(super) signed: &'b [u8],
    pub(super) tag: [u8; TAG],
}

impl<'b> ContextFrame<'b> {
    /// Finds the fields; nothing if the version is another or a field is missing.
    pub(super) fn read(bytes: &'b [u8]) -> Option<Self> {
        let (signed, tag) = bytes.split_last_chunk()?;
        let (version, rest) = signed.split_first()?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (expires_at, body) = rest.split_first_chunk::<6>()?;
        (*version == VERSION).then(|| Self {
            key_id: *key_id,
            expires_at: expires_at
                .iter()
                .fold(0, |millis, byte| millis << 8 | u64::from(*byte)),
            body,
            signed,
            tag: *tag,
        })
    }

    /// The bytes before the body.
    pub(super) fn head(key_id: [u8; KEY_ID], expires_at: u64) -> [u8; 1 + KEY_ID + 6] {
        let [a, b, c, d] = key_id;
        let [_, _, e, f, g, h, i, j] = expires_at.to_be_bytes();
        [VERSION, a, b, c, d, e, f, g, h, i, j]
    }
}

impl<'b> HopFrame<'b> {
    /// Finds the fields; nothing if the version is another, or the lengths do not fit to the byte.
    pub(super) fn read(bytes: &'b [u8]) -> Option<Self> {
        let (signed, tag) = bytes.split_last_chunk()?;
        let (version, rest) = signed.split_first()?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (caller, rest) = rest.split_first_chunk()?;
        let (length, path) = rest.split_first()?;
        let is_sound = *version == VERSION && *length > 0 && path.len() == usize::from(*length);
        is_sound.then_some(Self {
            key_id: *key_id,
            caller: *caller,
            path,
            signed,
            tag: *tag,
        })
    }

    /// Writes everything up to the tag into `buffer` and returns it; nothing if it does not fit.
    pub(super) fn write<'w>(
        buffer: &'w mut [u8; HOP_BYTES],
        key_id: [u8; KEY_ID],
        caller: [u8; 16],
        path: &str,
    ) -> Option<&'w [u8]> {
        let length = [u8::try_from(path.len()).ok()?];
        let mut written = 0;
        for part in [&[VERSION][..], &key_id, &caller, &length, path.as_bytes()] {
            let end = written + part.len();
            buffer.get_mut(written..end)?.copy_from_slice(part);
            written = end;
        }
        buffer.get(..written)
    }
}
