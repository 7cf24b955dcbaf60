//! A tenant as its events made it.

use core::fmt;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use super::EntryPoint;
use super::IpRestriction;
use super::Lockout;
use super::ResidencyLabel;
use super::TenantCommand;
use super::TenantError;
use super::TenantEvent;
use super::TenantKind;
use super::TenantSlug;
use super::TenantVersion;
use crate::recorded::Recorded;

/// Where a tenant stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TenantStatus {
    /// Its entry point is being made.
    Onboarding,
    /// It serves.
    Active,
    /// It serves nobody.
    Suspended {
        /// Since when.
        since: Timestamp,
    },
    /// Its end has begun. It is served; `authz` lets nobody write.
    Closing {
        /// Since when.
        since: Timestamp,
    },
    /// It ended: for whoever asks from outside it does not exist.
    Closed {
        /// Since when.
        since: Timestamp,
    },
}

impl fmt::Display for TenantStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Onboarding => "onboarding",
            Self::Active => "active",
            Self::Suspended { .. } => "suspended",
            Self::Closing { .. } => "closing",
            Self::Closed { .. } => "closed",
        })
    }
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
    ip: IpRestriction,
    residency: Option<ResidencyLabel>,
    version: TenantVersion,
}

impl Tenant {
    /// Folds one event of the stream of the tenant `id`. Total: an event that does not fit, or is about another tenant,
    /// changes nothing but the version.
    #[must_use]
    pub(super) fn fold(
        state: Option<Self>,
        id: TenantId,
        recorded: &Recorded<TenantEvent>,
    ) -> Option<Self> {
        match state {
            Some(tenant) => Some(tenant.changed(recorded)),
            None if recorded.event().tenant() == id => Self::born(recorded.event()),
            None => None,
        }
    }

    /// Decides a command: the event that would happen, or why it must not. Changes nothing.
    ///
    /// # Errors
    ///
    /// [`TenantError`] if the command does not fit.
    pub fn decide(&self, command: &TenantCommand) -> Result<TenantEvent, TenantError> {
        let tenant = self.id;
        let event = match command {
            TenantCommand::Activate => TenantEvent::Activated { tenant },
            TenantCommand::Suspend => TenantEvent::Suspended { tenant },
            TenantCommand::Resume => TenantEvent::Resumed { tenant },
            TenantCommand::BeginClosing => TenantEvent::Closing { tenant },
            TenantCommand::Close => TenantEvent::Closed { tenant },
            TenantCommand::RestrictIp {
                to,
                asked_from,
                lockout,
            } => {
                if *lockout == Lockout::Refuse && !to.admits(asked_from.as_ref()) {
                    return Err(TenantError::WouldLockOut);
                }
                let restriction = to.clone();
                TenantEvent::IpRestrictionSet {
                    tenant,
                    restriction,
                }
            }
        };
        if self.fits(&event) {
            Ok(event)
        } else {
            Err(TenantError::NotNow { is: self.status })
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

    /// From which addresses it may be entered.
    #[must_use]
    pub const fn ip_restriction(&self) -> &IpRestriction {
        &self.ip
    }

    /// Where its data lives, if the product tells that apart.
    #[must_use]
    pub const fn residency(&self) -> Option<&ResidencyLabel> {
        self.residency.as_ref()
    }

    /// The root container of its tree.
    #[must_use]
    pub const fn root(&self) -> ContainerId {
        ContainerId::root_of(self.id)
    }

    /// How many events made it.
    #[must_use]
    pub const fn version(&self) -> TenantVersion {
        self.version
    }

    fn born(event: &TenantEvent) -> Option<Self> {
        let TenantEvent::Onboarded {
            tenant,
            slug,
            kind,
            is_test,
            entry_point,
            residency,
        } = event
        else {
            return None;
        };
        Some(Self {
            id: *tenant,
            slug: slug.clone(),
            kind: kind.clone(),
            is_test: *is_test,
            status: TenantStatus::Onboarding,
            entry_point: entry_point.clone(),
            ip: IpRestriction::Unrestricted,
            residency: residency.clone(),
            version: TenantVersion::new(1),
        })
    }

    fn changed(self, recorded: &Recorded<TenantEvent>) -> Self {
        let (event, since) = (recorded.event(), recorded.at());
        let (mut status, mut ip) = (self.status, self.ip.clone());
        if event.tenant() == self.id && self.fits(event) {
            match event {
                TenantEvent::Activated { .. } | TenantEvent::Resumed { .. } => {
                    status = TenantStatus::Active;
                }
                TenantEvent::Suspended { .. } => status = TenantStatus::Suspended { since },
                TenantEvent::Closing { .. } => status = TenantStatus::Closing { since },
                TenantEvent::Closed { .. } => status = TenantStatus::Closed { since },
                TenantEvent::IpRestrictionSet { restriction, .. } => ip = restriction.clone(),
                TenantEvent::Onboarded { .. } => {}
            }
        }
        Self {
            version: self.version.next(),
            status,
            ip,
            ..self
        }
    }

    /// Whether an event follows where the tenant stands. Nothing follows the end, and nobody is born twice.
    const fn fits(&self, event: &TenantEvent) -> bool {
        use TenantStatus::Active;
        use TenantStatus::Closed;
        use TenantStatus::Closing;
        use TenantStatus::Onboarding;
        use TenantStatus::Suspended;
        match event {
            TenantEvent::Onboarded { .. } => false,
            TenantEvent::Activated { .. } => matches!(self.status, Onboarding),
            TenantEvent::Suspended { .. } => matches!(self.status, Active),
            TenantEvent::Resumed { .. } => matches!(self.status, Suspended { .. }),
            TenantEvent::Closing { .. } => !matches!(self.status, Closing { .. } | Closed { .. }),
            TenantEvent::Closed { .. } => matches!(self.status, Closing { .. }),
            TenantEvent::IpRestrictionSet { .. } => !matches!(self.status, Closed { .. }),
        }
    }
}
