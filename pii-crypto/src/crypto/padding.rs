//! Hides lengths: 0x80, then zeros, up to the next multiple of a size class.

use super::Broken;

/// To which length a value is padded before it is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Padding {
    /// Up to the next multiple of this many bytes: a power of two from 8 to 1024.
    Bucket(u16),
    /// Not at all: the length shows.
    Exact,
}

impl Padding {
    /// What a value gets that asks for nothing else.
    pub const DEFAULT: Self = Self::Bucket(16);

    /// The padded plaintext.
    pub(crate) fn pad(self, value: &[u8]) -> zeroize::Zeroizing<Vec<u8>> {
        let Self::Bucket(size) = self else {
            return zeroize::Zeroizing::new(value.to_vec());
        };
        let len = (value.len() + 1).next_multiple_of(usize::from(size.max(1)));
        let mut padded = zeroize::Zeroizing::new(Vec::with_capacity(len));
        padded.extend_from_slice(value);
        padded.push(0x80);
        padded.resize(len, 0);
        padded
    }

    /// Whether it is one that is documented: other sizes hide nothing, or grow a value past what can be read.
    pub(crate) const fn is_known(self) -> bool {
        match self {
            Self::Bucket(size) => size.is_power_of_two() && 8 <= size && size <= 1024,
            Self::Exact => true,
        }
    }

    /// Whether the reader has to take padding off.
    pub(crate) const fn is_padded(self) -> bool {
        matches!(self, Self::Bucket(_))
    }
}

/// The value inside a padded plaintext.
pub(crate) fn strip(padded: &[u8]) -> Result<&[u8], Broken> {
    let end = padded.iter().rposition(|byte| *byte != 0).ok_or(Broken)?;
    match padded.split_at_checked(end) {
        Some((value, [0x80, ..])) => Ok(value),
        _ => Err(Broken),
    }
}
