//! A tenant as its events made it.

use core::fmt;

use skeleton_invocation_context::TenantId;

use super::Host;
use super::RootDomain;
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
}

/// The text is not the label of a kind of tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a kind of tenants is named by 1 to 32 lower-case letters, digits and inner hyphens")]
pub struct TenantKindError(());

/// A label of the product for its kinds of tenants. Fixed at birth.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TenantKind(std::borrow::Cow<'static, str>);

impl TenantKind {
    /// The vendor's own tenants.
    pub const INTERNAL: Self = Self(std::borrow::Cow::Borrowed("internal"));
    /// Customers.
    pub const EXTERNAL: Self = Self(std::borrow::Cow::Borrowed("external"));

    /// Reads a label.
    ///
    /// # Errors
    ///
    /// [`TenantKindError`] unless it is 1 to 32 of `[a-z0-9-]` without a hyphen at an end.
    pub fn parse(text: &str) -> Result<Self, TenantKindError> {
        let is_allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let fits = (1..=32).contains(&text.len()) && text.bytes().all(is_allowed);
        let is_kind = fits && !text.starts_with('-') && !text.ends_with('-');
        is_kind
            .then(|| Self(text.to_owned().into()))
            .ok_or(TenantKindError(()))
    }

    /// The label.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for TenantKind {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for TenantKind {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// The host at which a tenant is reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct EntryPoint(String);

impl EntryPoint {
    /// The entry point of a slug below a root domain.
    #[must_use]
    pub fn of(slug: &TenantSlug, root: &RootDomain) -> Self {
        Self(format!("{slug}.{root}"))
    }

    /// The host name.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0
    }

    /// Whether a request for `host` is for this entry point.
    #[must_use]
    pub fn is(&self, host: &Host) -> bool {
        self.0 == host.as_str()
    }
}

impl fmt::Display for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.0)
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
        slug: TenantSlug,
        /// Of which kind.
        kind: TenantKind,
        /// Whether it exists for tests.
        is_test: bool,
        /// Where it is reached.
        entry_point: EntryPoint,
    },
    /// Its entry point serves. On the wire: `tenant-activated`.
    #[cfg_attr(feature = "serde", serde(rename = "tenant-activated"))]
    Activated {
        /// Which.
        tenant: TenantId,
    },
}

impl TenantEvent {
    /// The event's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Onboarded { .. } => "tenant-onboarded",
            Self::Activated { .. } => "tenant-activated",
        }
    }
}

/// Where a tenant stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TenantStatus {
    /// Its entry point is being made.
    Onboarding,
    /// It serves.
    Active,
}

/// A customer organisation, or a tenant of the vendor's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    id: TenantId,
    slug: TenantSlug,
    kind: TenantKind,
    is_test: bool,
    status: TenantStatus,
    entry_point: EntryPoint,
    version: TenantVersion,
}

impl Tenant {
    /// Folds one event; an event that does not fit changes nothing.
    #[must_use]
    pub(super) fn fold(state: Option<Self>, event: &TenantEvent) -> Option<Self> {
        match (state, event) {
            (
                None,
                TenantEvent::Onboarded {
                    tenant,
                    slug,
                    kind,
                    is_test,
                    entry_point,
                },
            ) => Some(Self {
                id: *tenant,
                slug: slug.clone(),
                kind: kind.clone(),
                is_test: *is_test,
                status: TenantStatus::Onboarding,
                entry_point: entry_point.clone(),
                version: TenantVersion::new(1),
            }),
            (Some(tenant), event) => {
                let version = TenantVersion::new(tenant.version.0.saturating_add(1));
                let status = match event {
                    TenantEvent::Activated { .. } => TenantStatus::Active,
                    TenantEvent::Onboarded { .. } => tenant.status,
                };
                Some(Self {
                    version,
                    status,
                    ..tenant
                })
            }
            (None, TenantEvent::Activated { .. }) => None,
        }
    }

    /// Names the tenant.
    #[must_use]
    pub const fn id(&self) -> TenantId {
        self.id
    }

    /// Its label.
    #[must_use]
    pub const fn slug(&self) -> &TenantSlug {
        &self.slug
    }

    /// Of which kind it is.
    #[must_use]
    pub const fn kind(&self) -> &TenantKind {
        &self.kind
    }

    /// Whether it exists for tests, which billing and analytics skip.
    #[must_use]
    pub const fn is_test(&self) -> bool {
        self.is_test
    }

    /// Where it stands in its life.
    #[must_use]
    pub const fn status(&self) -> TenantStatus {
        self.status
    }

    /// Where it is reached.
    #[must_use]
    pub const fn entry_point(&self) -> &EntryPoint {
        &self.entry_point
    }

    /// The root container of its tree.
    #[must_use]
    pub const fn root(&self) -> skeleton_invocation_context::ContainerId {
        skeleton_invocation_context::ContainerId::root_of(self.id)
    }

    /// How many events made it.
    #[must_use]
    pub const fn version(&self) -> TenantVersion {
        self.version
    }
}
