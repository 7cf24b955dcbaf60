//! Whether a listing asked for what it lists by.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use super::Frozen;
use super::Snapshot;
use crate::catalogue::PermissionId;

/// Whether a snapshot was asked about a permission. Whoever made it keeps the other end.
#[derive(Clone)]
pub(crate) struct Asked {
    permission: PermissionId,
    is_asked: Arc<AtomicBool>,
}

impl Asked {
    pub(super) fn note(&self, permission: PermissionId) {
        if self.permission == permission {
            self.is_asked.store(true, Ordering::Release);
        }
    }

    pub(super) fn note_all(&self) {
        self.note(self.permission);
    }

    #[cfg(feature = "tower")]
    pub(crate) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Acquire)
    }
}

impl Snapshot {
    /// The same snapshot, of which it is known whether it was asked about a permission.
    #[cfg(feature = "tower")]
    pub(crate) fn watched(&self, permission: PermissionId) -> (Self, Asked) {
        let asked = Asked {
            permission,
            is_asked: Arc::default(),
        };
        let mut frozen = Frozen::clone(&self.0);
        frozen.asked = Some(asked.clone());
        (Self(Arc::new(frozen)), asked)
    }
}

impl Frozen {
    pub(super) fn note(&self, permission: PermissionId) {
        if let Some(asked) = &self.asked {
            asked.note(permission);
        }
    }
}
