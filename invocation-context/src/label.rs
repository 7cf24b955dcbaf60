//! Short machine names kept inline: a context holds dozens, and none of them may cost an allocation.

use core::cmp::Ordering;
use core::fmt;
use core::hash::Hash;
use core::hash::Hasher;

use crate::name::NameError;
use crate::name::check_name;

/// `[a-z0-9-]` of at most `N` bytes, no hyphen at an end. `N` is at most 255.
#[derive(Clone, Copy)]
pub(crate) struct Label<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Label<N> {
    pub(crate) const fn parse(text: &str) -> Result<Self, NameError> {
        match check_name(text, N) {
            Ok(()) => Ok(Self::copied(text.as_bytes())),
            Err(error) => Err(error),
        }
    }

    /// Copies what `check_name` has let through.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the length is at most N, and N at most 255"
    )]
    const fn copied(from: &[u8]) -> Self {
        const { assert!(N <= u8::MAX as usize, "a label's length is one byte") }
        let mut bytes = [0; N];
        let (target, _) = bytes.split_at_mut(from.len());
        target.copy_from_slice(from);
        Self {
            bytes,
            len: from.len() as u8,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The text as bytes, which compare as it does and need no second look.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

impl<const N: usize> PartialEq for Label<N> {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl<const N: usize> Eq for Label<N> {}

impl<const N: usize> PartialOrd for Label<N> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const N: usize> Ord for Label<N> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl<const N: usize> Hash for Label<N> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl<const N: usize> fmt::Debug for Label<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
