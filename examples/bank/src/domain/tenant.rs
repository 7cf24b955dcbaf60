//! Commands on tenants as a whole. Tenants are the room `tenancy-tree`: here is only how it is asked.

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::de::Error;
use skeleton_authn::Email;
use skeleton_authn::Password;
use skeleton_authz::Guarded;
use skeleton_authz::Target;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::IpRestriction;
use skeleton_tenancy_tree::Lockout;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::OnboardError;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantError;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;

use crate::catalogue::tenant;
use crate::outcome::Rejection;

/// Brings a tenant into being, with somebody to administer it. Both ids are made by the client, so that a repetition
/// finds what the first try made.
///
/// It has no form to be written in: what the log keeps is a [`TenantOrder`].
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct OnboardTenant {
    /// The tenant to be.
    pub tenant: TenantId,
    /// Its label.
    pub slug: TenantSlug,
    /// Whether it is the vendor's own.
    #[serde(default)]
    pub internal: bool,
    /// Whether it exists for tests.
    #[serde(default)]
    pub test: bool,
    /// Who administers it first.
    pub administrator: FirstAdministrator,
}

/// Somebody who shall be able to log in to a tenant that is to be.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct FirstAdministrator {
    /// The account to be.
    pub account: AccountId,
    /// The address to log in with.
    #[serde(deserialize_with = "email")]
    pub identifier: Email,
    /// The password to log in with.
    #[serde(deserialize_with = "password")]
    pub password: Password,
}

fn email<'de, D: Deserializer<'de>>(from: D) -> Result<Email, D::Error> {
    let text = String::deserialize(from)?;
    Email::parse(&text).map_err(|_| D::Error::custom("not an address"))
}

fn password<'de, D: Deserializer<'de>>(from: D) -> Result<Password, D::Error> {
    let text = String::deserialize(from)?;
    Password::new(&text).map_err(|_| D::Error::custom("not a password"))
}

/// The same as the log keeps it: neither address nor password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TenantOrder {
    /// The tenant to be.
    pub tenant: TenantId,
    /// Its label.
    pub slug: TenantSlug,
    /// Whether it is the vendor's own.
    pub internal: bool,
    /// Whether it exists for tests.
    pub test: bool,
    /// The account of its first administrator.
    pub administrator: AccountId,
}

impl Guarded for OnboardTenant {
    type Needs = tenant::Onboard;

    fn target(&self) -> Target<'_> {
        Target::Root
    }
}

impl OnboardTenant {
    /// What the log keeps, and what it does not.
    #[must_use]
    pub fn into_order(self) -> (TenantOrder, FirstAdministrator) {
        let Self {
            tenant,
            slug,
            internal,
            test,
            administrator,
        } = self;
        let order = TenantOrder {
            tenant,
            slug,
            internal,
            test,
            administrator: administrator.account,
        };
        (order, administrator)
    }
}

impl TenantOrder {
    /// The tenant that is asked for.
    #[must_use]
    pub fn to_new(&self) -> NewTenant {
        let kind = if self.internal {
            TenantKind::INTERNAL
        } else {
            TenantKind::EXTERNAL
        };
        let new = NewTenant::new(self.slug.clone(), kind).with_id(self.tenant);
        if self.test { new.into_test() } else { new }
    }
}

/// What came of it, in the log of the tenant that asked.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "type", content = "data", rename_all = "kebab-case")]
pub enum HouseEvent {
    /// A tenant was brought into being on the order of this one.
    TenantOrdered {
        /// Which.
        tenant: TenantId,
        /// Its label.
        slug: TenantSlug,
        /// The account of its first administrator.
        administrator: AccountId,
    },
}

/// Lets a tenant be entered from these addresses only.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RestrictIpRange {
    /// From which.
    pub to: IpRestriction,
    /// Whether whoever asks may be shut out.
    #[serde(default)]
    pub confirm_lockout: bool,
}

impl Guarded for RestrictIpRange {
    type Needs = tenant::RestrictIpRange;

    fn target(&self) -> Target<'_> {
        Target::Root
    }
}

/// The same as the log keeps it. The address it was asked from is a personal datum: only what it means is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct IpRangeAsked {
    /// From which addresses.
    pub to: IpRestriction,
    /// Whether nobody is shut out, or whoever asked has confirmed it.
    pub may_exclude: bool,
}

impl RestrictIpRange {
    /// What the log keeps, asked from `address`.
    #[must_use]
    pub fn asked_from(self, address: Option<&ClientIp>) -> IpRangeAsked {
        let may_exclude = self.confirm_lockout || self.to.admits(address);
        IpRangeAsked {
            to: self.to,
            may_exclude,
        }
    }
}

impl IpRangeAsked {
    /// What the tenant is asked.
    #[must_use]
    pub fn into_command(self) -> TenantCommand {
        let lockout = if self.may_exclude {
            Lockout::Confirmed
        } else {
            Lockout::Refuse
        };
        TenantCommand::RestrictIp {
            to: self.to,
            asked_from: None,
            lockout,
        }
    }
}

/// What a refusal is in the bank's words; nothing if the tenants could not be had.
#[must_use]
pub fn rejection(error: &TenantError) -> Option<Rejection> {
    match error {
        TenantError::WouldLockOut => Some(Rejection::of("would-lock-out")),
        TenantError::NotNow { .. } => Some(Rejection::of("not-now")),
        TenantError::Unavailable(_) | TenantError::Stale => None,
        _ => Some(Rejection::of("refused")),
    }
}

/// What a refusal is in the bank's words; nothing if the tenants could not be had.
#[must_use]
pub fn onboarding_rejection(error: &OnboardError) -> Option<Rejection> {
    match error {
        OnboardError::SlugTaken => Some(Rejection::of("slug-taken")),
        OnboardError::IdTaken => Some(Rejection::of("id-taken")),
        _ => None,
    }
}
