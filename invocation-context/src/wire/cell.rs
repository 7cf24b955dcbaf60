//! Where a context keeps its sealed half.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use super::key::KEY_ID;
use super::key::TAG;
use crate::time::Timestamp;

/// A sealed context half: the text on the wire, and what its forwarder needs to know of it.
#[derive(Clone, Debug)]
pub(crate) struct Half {
    /// The trust domain for which it was sealed.
    pub(super) audience: Arc<str>,
    pub(super) key_id: [u8; KEY_ID],
    pub(super) tag: [u8; TAG],
    pub(super) expires_at: Timestamp,
    /// base64url.
    pub(super) text: Arc<str>,
}

/// The sealed half of a context. All calls that one context makes share it, and its forks take it along.
#[derive(Debug)]
pub(crate) enum Sealing {
    /// This process made the context: it seals at the first call, and again when the seal grows old.
    Own(Mutex<Option<Half>>),
    /// The context was received: the edge's own bytes are passed on, and nobody here renews them.
    Received(Half),
}

impl Sealing {
    /// Not sealed yet.
    pub(crate) const fn unsealed() -> Self {
        Self::Own(Mutex::new(None))
    }

    /// The half as it is held; whole between any two statements, so a panic elsewhere does not spoil it.
    pub(super) fn held(&self) -> Option<Half> {
        match self {
            Self::Own(cell) => cell.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Self::Received(half) => Some(half.clone()),
        }
    }

    /// Keeps what was sealed just now. A received half stays as it is.
    pub(super) fn keep(&self, half: &Half) {
        if let Self::Own(cell) = self {
            *cell.lock().unwrap_or_else(PoisonError::into_inner) = Some(half.clone());
        }
    }

    pub(super) const fn is_own(&self) -> bool {
        matches!(self, Self::Own(_))
    }
}

impl Clone for Sealing {
    fn clone(&self) -> Self {
        match self {
            Self::Own(_) => Self::Own(Mutex::new(self.held())),
            Self::Received(half) => Self::Received(half.clone()),
        }
    }
}
