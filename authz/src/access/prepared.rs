//! What was made of rules once, for as long as nothing that it was made of changes.

use core::fmt;
use std::sync::Arc;
use std::sync::Weak;

use arc_swap::ArcSwapOption;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::catalogue::Catalogue;

/// The last thing that was made, if any. A clone begins without one.
pub(super) struct Prepared<T>(ArcSwapOption<Made<T>>);

struct Made<T> {
    basis: Basis,
    made: Arc<T>,
}

/// What something was made of. A weak pointer keeps the address, so that nothing else gets it, and not the thing.
struct Basis {
    catalogue: Arc<Catalogue>,
    tree: Weak<TreeSnapshot>,
    during: During,
}

/// From when until when, the end excluded, something is as it was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct During {
    pub(crate) from: Timestamp,
    pub(crate) until: Option<Timestamp>,
}

impl During {
    /// Whenever.
    pub(crate) const ALWAYS: Self = Self {
        from: Timestamp::MIN,
        until: None,
    };

    /// Around an instant, as far as none of these edges.
    pub(crate) fn between(edges: impl Iterator<Item = Timestamp>, now: Timestamp) -> Self {
        edges.fold(Self::ALWAYS, |during, edge| {
            if edge <= now {
                Self {
                    from: during.from.max(edge),
                    ..during
                }
            } else {
                let until = during.until.map_or(edge, |until| until.min(edge));
                Self {
                    until: Some(until),
                    ..during
                }
            }
        })
    }

    fn holds(self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

impl<T> Prepared<T> {
    /// What was made of the same catalogue and the same tree, at an instant for which it counts; else it is made.
    pub(super) fn get(
        &self,
        (catalogue, tree): (&Arc<Catalogue>, &Arc<TreeSnapshot>),
        now: Timestamp,
        make: impl FnOnce() -> (T, During),
    ) -> Arc<T> {
        let held = self.0.load();
        if let Some(held) = held.as_ref()
            && held.basis.is(catalogue, tree)
            && held.basis.during.holds(now)
        {
            return Arc::clone(&held.made);
        }
        self.put((catalogue, tree), make())
    }

    /// Keeps what was made, and hands it out.
    pub(super) fn put(
        &self,
        (catalogue, tree): (&Arc<Catalogue>, &Arc<TreeSnapshot>),
        (made, during): (T, During),
    ) -> Arc<T> {
        let made = Arc::new(made);
        let basis = Basis {
            catalogue: Arc::clone(catalogue),
            tree: Arc::downgrade(tree),
            during,
        };
        self.0.store(Some(Arc::new(Made {
            basis,
            made: Arc::clone(&made),
        })));
        made
    }

    pub(super) fn forget(&self) {
        self.0.store(None);
    }
}

impl Basis {
    fn is(&self, catalogue: &Arc<Catalogue>, tree: &Arc<TreeSnapshot>) -> bool {
        Arc::ptr_eq(&self.catalogue, catalogue)
            && core::ptr::eq(self.tree.as_ptr(), &raw const **tree)
    }
}

impl<T> Default for Prepared<T> {
    fn default() -> Self {
        Self(ArcSwapOption::empty())
    }
}

impl<T> Clone for Prepared<T> {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl<T> fmt::Debug for Prepared<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prepared")
    }
}
