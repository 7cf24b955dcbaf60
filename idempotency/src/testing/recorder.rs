//! An observer that remembers.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use skeleton_invocation_context::Operation;

use crate::ask::Mode;
use crate::observe::AttemptResult;
use crate::observe::Observe;
use crate::observe::Signal;

/// Remembers every signal, in the order in which they came. Clones remember together.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<Heard>>>);

type Heard = (Operation, Mode, Signal);

impl Recorder {
    /// Everything so far.
    #[must_use]
    pub fn heard(&self) -> Vec<(Operation, Mode, Signal)> {
        self.all().clone()
    }

    /// How many of the signals so far are like this.
    #[must_use]
    pub fn count(&self, is_like: impl Fn(&Signal) -> bool) -> usize {
        self.all()
            .iter()
            .filter(|(_, _, signal)| is_like(signal))
            .count()
    }

    /// Whether this very signal came.
    #[must_use]
    pub fn has(&self, signal: Signal) -> bool {
        self.count(|heard| *heard == signal) > 0
    }

    /// How many attempts ended so for their callers.
    #[must_use]
    pub fn answered(&self, result: AttemptResult) -> usize {
        self.count(|heard| *heard == Signal::Answered(result))
    }

    fn all(&self) -> MutexGuard<'_, Vec<Heard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Observe for Recorder {
    fn observe(&self, operation: &Operation, mode: Mode, signal: Signal) {
        self.all().push((operation.clone(), mode, signal));
    }
}
