//! Sets of permissions.

use core::fmt;

use super::PermissionId;

/// A set of permissions: as many words as its highest bit needs.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct PermissionSet {
    /// The last word is never zero, so equal sets have equal words.
    words: Vec<u64>,
}

impl PermissionSet {
    /// The set of nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self { words: Vec::new() }
    }

    /// Adds a permission; tells whether it was new.
    pub fn insert(&mut self, id: PermissionId) -> bool {
        let (word, mask) = place(id);
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words.get_mut(word).is_some_and(|held| {
            let is_new = *held & mask == 0;
            *held |= mask;
            is_new
        })
    }

    /// Adds every permission of `other`.
    pub fn insert_all(&mut self, other: &Self) {
        if self.words.len() < other.words.len() {
            self.words.resize(other.words.len(), 0);
        }
        for (held, added) in self.words.iter_mut().zip(&other.words) {
            *held |= added;
        }
    }

    /// Takes out every permission that is not in `other`.
    pub fn retain_all(&mut self, other: &Self) {
        self.words.truncate(other.words.len());
        for (held, kept) in self.words.iter_mut().zip(&other.words) {
            *held &= kept;
        }
        self.trim();
    }

    /// Takes out every permission of `other`.
    pub fn remove_all(&mut self, other: &Self) {
        for (held, gone) in self.words.iter_mut().zip(&other.words) {
            *held &= !gone;
        }
        self.trim();
    }

    /// Adds every bit of these words.
    pub(crate) fn insert_words(&mut self, words: &[u64]) {
        let used = words
            .iter()
            .rposition(|word| *word != 0)
            .map_or(0, |last| last + 1);
        if self.words.len() < used {
            self.words.resize(used, 0);
        }
        for (held, added) in self.words.iter_mut().zip(words) {
            *held |= added;
        }
    }

    /// The bits, 64 a word, the lowest first; the last word is never zero.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    fn trim(&mut self) {
        let used = self.words.iter().rposition(|word| *word != 0);
        self.words.truncate(used.map_or(0, |last| last + 1));
    }

    /// Whether the permission is in the set.
    #[must_use]
    pub fn contains(&self, id: PermissionId) -> bool {
        let (word, mask) = place(id);
        self.words.get(word).is_some_and(|held| held & mask != 0)
    }

    /// Whether every permission of this set is in `other`.
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.words.len() <= other.words.len()
            && self
                .words
                .iter()
                .zip(&other.words)
                .all(|(mine, theirs)| mine & !theirs == 0)
    }

    /// How many permissions are in the set.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether nothing is in the set.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// The permissions, by bit.
    pub fn iter(&self) -> impl Iterator<Item = PermissionId> {
        (0..=PermissionId::MAX.bit())
            .take(self.words.len() * 64)
            .filter_map(PermissionId::new)
            .filter(|id| self.contains(*id))
    }
}

impl FromIterator<PermissionId> for PermissionSet {
    fn from_iter<I: IntoIterator<Item = PermissionId>>(ids: I) -> Self {
        let mut set = Self::empty();
        for id in ids {
            set.insert(id);
        }
        set
    }
}

impl fmt::Debug for PermissionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(PermissionId::bit))
            .finish()
    }
}

fn place(id: PermissionId) -> (usize, u64) {
    (usize::from(id.bit() / 64), 1 << (id.bit() % 64))
}

#[cfg(test)]
mod tests {
    use super::PermissionId;
    use super::PermissionSet;

    fn set(bits: &[u16]) -> PermissionSet {
        bits.iter()
            .filter_map(|bit| PermissionId::new(*bit))
            .collect()
    }

    #[test]
    fn a_set_holds_exactly_what_was_put_in() {
        let held = set(&[0, 63, 64, 1023]);
        let bits: Vec<u16> = held.iter().map(PermissionId::bit).collect();
        assert_eq!(bits, [0, 63, 64, 1023]);
        assert_eq!(held.len(), 4);
        assert!(!held.contains(PermissionId::new(62).unwrap()));
        assert!(PermissionId::new(1024).is_none());
    }

    #[test]
    fn equal_sets_are_equal_however_they_were_made() {
        let mut joined = set(&[3]);
        joined.insert_all(&set(&[700]));
        assert_eq!(joined, set(&[700, 3, 3]));
        assert!(set(&[3]).is_subset(&joined));
        assert!(!joined.is_subset(&set(&[3])));
        assert!(PermissionSet::empty().is_subset(&set(&[])));
    }
}
