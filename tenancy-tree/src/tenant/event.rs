//! What can happen to a tenant.

use skeleton_invocation_context::TenantId;

use super::EntryPoint;
use super::IpRestriction;
use super::ResidencyLabel;
use super::TenantKind;
use super::TenantSlug;

/// How many events made a tenant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantVersion(u64);

impl TenantVersion {
    /// The version before the first event.
    pub const ZERO: Self = Self(0);

    /// The version after `events` events.
    #[must_use]
    pub const fn new(events: u64) -> Self {
        Self(events)
    }

    /// How many events that is.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The version after one more.
    #[must_use]
    pub(super) const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What happened to a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        tag = "type",
        content = "data",
        rename_all = "kebab-case",
        rename_all_fields = "kebab-case",
        deny_unknown_fields
    )
)]
#[non_exhaustive]
pub enum TenantEvent {
    /// It came into being, with its entry point. On the wire: `tenant-onboarded`.
    #[cfg_attr(feature = "serde", serde(rename = "tenant-onboarded"))]
    Onboarded {
        /// Which.
        tenant: TenantId,
        /// Its label.
        #[cfg_attr(
            feature = "serde",
            serde(deserialize_with = "crate::tenant::slug::given")
        )]
        slug: TenantSlug,
        /// Of which kind.
        kind: TenantKind,
        /// Whether it exists for tests.
        is_test: bool,
        /// Where it is reached.
        entry_point: EntryPoint,
        /// Where its data lives, if the product tells that apart.
        #[cfg_attr(
            feature = "serde",
            serde(default, skip_serializing_if = "Option::is_none")
        )]
        residency: Option<ResidencyLabel>,
    },
    /// Its entry point serves. On the wire: `tenant-activated`.
    #[cfg_attr(feature = "serde", serde(rename = "tenant-activated"))]
    Activated {
        /// Which.
        tenant: TenantId,
    },
    /// Its entry point serves nobody. On the wire: `tenant-suspended`.
    #[cfg_attr(feature = "serde", serde(rename = "tenant-suspended"))]
    Suspended {
        /// Which.
        tenant: TenantId,
    },
    /// Its entry point serves again. On the wire: `tenant-resumed`.
    #[cfg_attr(feature = "serde", serde(rename = "tenant-resumed"))]
    Resumed {
        /// Which.
        tenant: TenantId,
    },
    /// Its end has begun. On the wire: `tenant-closing`.
    #[cfg_attr(feature = "serde", serde(rename = "tenant-closing"))]
    Closing {
        /// Which.
        tenant: TenantId,
    },
    /// It ended. On the wire: `tenant-closed`.
    #[cfg_attr(feature = "serde", serde(rename = "tenant-closed"))]
    Closed {
        /// Which.
        tenant: TenantId,
    },
    /// It may be entered from these addresses only. On the wire: `ip-restriction-set`.
    #[cfg_attr(feature = "serde", serde(rename = "ip-restriction-set"))]
    IpRestrictionSet {
        /// Which.
        tenant: TenantId,
        /// From which addresses.
        restriction: IpRestriction,
    },
}

impl TenantEvent {
    /// The event's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Onboarded { .. } => "tenant-onboarded",
            Self::Activated { .. } => "tenant-activated",
            Self::Suspended { .. } => "tenant-suspended",
            Self::Resumed { .. } => "tenant-resumed",
            Self::Closing { .. } => "tenant-closing",
            Self::Closed { .. } => "tenant-closed",
            Self::IpRestrictionSet { .. } => "ip-restriction-set",
        }
    }

    /// The tenant that it is about.
    #[must_use]
    pub const fn tenant(&self) -> TenantId {
        match self {
            Self::Onboarded { tenant, .. }
            | Self::Activated { tenant }
            | Self::Suspended { tenant }
            | Self::Resumed { tenant }
            | Self::Closing { tenant }
            | Self::Closed { tenant }
            | Self::IpRestrictionSet { tenant, .. } => *tenant,
        }
    }

    /// The entry point that the event gives to the tenant, which no other tenant may be given.
    #[must_use]
    pub const fn entry_point(&self) -> Option<&EntryPoint> {
        match self {
            Self::Onboarded { entry_point, .. } => Some(entry_point),
            _ => None,
        }
    }
}
