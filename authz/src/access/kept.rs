//! What a view keeps, read once by the catalogue of whoever asks first.

use std::sync::Arc;
use std::sync::OnceLock;

use crate::catalogue::Catalogue;

/// A thing of names, and what they mean to a catalogue. One catalogue is remembered: a process has one.
#[derive(Clone, Debug)]
pub(super) struct Kept<T, R> {
    held: T,
    resolved: OnceLock<(Arc<Catalogue>, Arc<R>)>,
}

impl<T, R> Kept<T, R> {
    pub(super) const fn new(held: T) -> Self {
        Self {
            held,
            resolved: OnceLock::new(),
        }
    }

    pub(super) const fn get(&self) -> &T {
        &self.held
    }

    /// What it means to a catalogue.
    pub(super) fn resolved(
        &self,
        catalogue: &Arc<Catalogue>,
        resolve: impl Fn(&T, &Catalogue) -> R,
    ) -> Arc<R> {
        let remember = || {
            (
                Arc::clone(catalogue),
                Arc::new(resolve(&self.held, catalogue)),
            )
        };
        let (by, resolved) = self.resolved.get_or_init(remember);
        if Arc::ptr_eq(by, catalogue) {
            Arc::clone(resolved)
        } else {
            Arc::new(resolve(&self.held, catalogue))
        }
    }
}
