//! A tenant to be.

use skeleton_invocation_context::TenantId;

use crate::tenant::EntryPoint;
use crate::tenant::ResidencyLabel;
use crate::tenant::TenantEvent;
use crate::tenant::TenantKind;
use crate::tenant::TenantSlug;

/// A tenant to be.
#[derive(Clone, Debug)]
pub struct NewTenant {
    id: Option<TenantId>,
    slug: TenantSlug,
    kind: TenantKind,
    is_test: bool,
    residency: Option<ResidencyLabel>,
}

impl NewTenant {
    /// A tenant of this label and kind, under an id drawn for it.
    #[must_use]
    pub const fn new(slug: TenantSlug, kind: TenantKind) -> Self {
        Self {
            id: None,
            slug,
            kind,
            is_test: false,
            residency: None,
        }
    }

    /// Under this id, so that a repetition finds it taken.
    #[must_use]
    pub fn with_id(self, id: TenantId) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// For tests.
    #[must_use]
    pub fn into_test(self) -> Self {
        Self {
            is_test: true,
            ..self
        }
    }

    /// Its data lives there.
    #[must_use]
    pub fn with_residency(self, residency: ResidencyLabel) -> Self {
        Self {
            residency: Some(residency),
            ..self
        }
    }

    pub(super) const fn id(&self) -> Option<TenantId> {
        self.id
    }

    pub(super) const fn slug(&self) -> &TenantSlug {
        &self.slug
    }

    pub(super) fn into_event(self, tenant: TenantId, entry_point: EntryPoint) -> TenantEvent {
        TenantEvent::Onboarded {
            tenant,
            slug: self.slug,
            kind: self.kind,
            is_test: self.is_test,
            entry_point,
            residency: self.residency,
        }
    }
}
