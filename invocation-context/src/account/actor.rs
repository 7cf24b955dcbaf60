//! The account that acts now: itself, as somebody else, or for somebody else.

use super::Account;
use super::AccountKind;

/// Why two accounts do not make an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActorError {
    /// Both accounts are one.
    #[error("an account acts for another account, not for itself")]
    SameAccount,
    /// Only users impersonate, and only users are impersonated.
    #[error("only users impersonate and are impersonated")]
    NotAUser,
    /// The accounts belong to two tenants, and the constructor was not the one for that.
    #[error("the accounts belong to two tenants")]
    CrossTenant,
}

/// Which of the three ways of acting this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every place that tells them apart must tell all three"
)]
pub enum ActorKind {
    /// The account itself.
    Direct,
    /// A user who sees the system as another user does.
    Impersonating,
    /// A program that acts for somebody.
    OnBehalf,
}

/// The account acting now.
///
/// | actor | effective | authorizing | accountable |
/// |---|---|---|---|
/// | direct | account | account | account |
/// | impersonating | impersonated | impersonated | impersonator |
/// | on behalf | beneficiary | agent | agent |
///
/// The two accounts of a pair have different types, so swapping them does not compile:
///
/// ```compile_fail
/// # use skeleton_invocation_context::*;
/// fn swapped(a: Impersonator, b: Impersonated) {
///     let _ = Actor::impersonating(b, a);
/// }
/// ```
///
/// ```compile_fail
/// # use skeleton_invocation_context::*;
/// fn swapped(a: Agent, b: Beneficiary) {
///     let _ = Actor::on_behalf(b, a);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "every place that tells them apart must tell all three"
)]
pub enum Actor {
    /// The account itself.
    Direct(Account),
    /// A user who sees the system as another user does.
    Impersonating(Impersonation),
    /// A program that acts for somebody.
    OnBehalf(Delegation),
}

impl Actor {
    /// The account acts itself.
    #[must_use]
    pub const fn direct(account: Account) -> Self {
        Self::Direct(account)
    }

    /// One user of a tenant acts as another user of the same tenant. Whether the pair may is for `authz`.
    ///
    /// # Errors
    ///
    /// [`ActorError`] if the accounts are one, not both users, or of two tenants.
    pub fn impersonating(by: Impersonator, of: Impersonated) -> Result<Self, ActorError> {
        same_tenant(&by.0, &of.0)?;
        Self::impersonating_across_tenants(by, of)
    }

    /// As [`Actor::impersonating`], for the operator's staff, whose accounts live in another tenant.
    ///
    /// # Errors
    ///
    /// [`ActorError`] if the accounts are one, or not both users.
    pub fn impersonating_across_tenants(
        by: Impersonator,
        of: Impersonated,
    ) -> Result<Self, ActorError> {
        distinct(&by.0, &of.0)?;
        if by.0.kind() != AccountKind::User || of.0.kind() != AccountKind::User {
            return Err(ActorError::NotAUser);
        }
        Ok(Self::Impersonating(Impersonation {
            impersonator: by,
            impersonated: of,
        }))
    }

    /// An agent acts for a beneficiary of the same tenant, by the agent's own grants.
    ///
    /// # Errors
    ///
    /// [`ActorError`] if the accounts are one, or of two tenants.
    pub fn on_behalf(agent: Agent, of: Beneficiary) -> Result<Self, ActorError> {
        same_tenant(&agent.0, &of.0)?;
        Self::on_behalf_across_tenants(agent, of)
    }

    /// As [`Actor::on_behalf`], for platform services, whose accounts live in another tenant.
    ///
    /// # Errors
    ///
    /// [`ActorError::SameAccount`] if the accounts are one.
    pub fn on_behalf_across_tenants(agent: Agent, of: Beneficiary) -> Result<Self, ActorError> {
        distinct(&agent.0, &of.0)?;
        Ok(Self::OnBehalf(Delegation {
            agent,
            beneficiary: of,
        }))
    }

    /// Whose tenant, data and locale the invocation is about.
    #[must_use]
    pub const fn effective_account(&self) -> &Account {
        match self {
            Self::Direct(account) => account,
            Self::Impersonating(pair) => &pair.impersonated.0,
            Self::OnBehalf(pair) => &pair.beneficiary.0,
        }
    }

    /// Whose grants are checked: never a union of two.
    #[must_use]
    pub const fn authorizing_account(&self) -> &Account {
        match self {
            Self::Direct(account) => account,
            Self::Impersonating(pair) => &pair.impersonated.0,
            Self::OnBehalf(pair) => &pair.agent.0,
        }
    }

    /// Who answers for the act in the audit.
    #[must_use]
    pub const fn accountable_account(&self) -> &Account {
        match self {
            Self::Direct(account) => account,
            Self::Impersonating(pair) => &pair.impersonator.0,
            Self::OnBehalf(pair) => &pair.agent.0,
        }
    }

    /// Which of the three ways of acting this is.
    #[must_use]
    pub const fn kind(&self) -> ActorKind {
        match self {
            Self::Direct(_) => ActorKind::Direct,
            Self::Impersonating(_) => ActorKind::Impersonating,
            Self::OnBehalf(_) => ActorKind::OnBehalf,
        }
    }

    /// The same actor without what an event does not keep: locales and test flags.
    pub(crate) fn reduced(&self) -> Self {
        let reduce =
            |account: &Account| Account::new(account.id(), account.kind(), account.tenant());
        match self {
            Self::Direct(account) => Self::Direct(reduce(account)),
            Self::Impersonating(pair) => Self::Impersonating(Impersonation {
                impersonator: Impersonator(reduce(&pair.impersonator.0)),
                impersonated: Impersonated(reduce(&pair.impersonated.0)),
            }),
            Self::OnBehalf(pair) => Self::OnBehalf(Delegation {
                agent: Agent(reduce(&pair.agent.0)),
                beneficiary: Beneficiary(reduce(&pair.beneficiary.0)),
            }),
        }
    }

    /// Whether a user acts as another one.
    #[must_use]
    pub const fn is_impersonating(&self) -> bool {
        matches!(self, Self::Impersonating(_))
    }
}

/// A pair of users: one acts as the other. Made by [`Actor::impersonating`], and by no literal:
///
/// ```compile_fail
/// # use skeleton_invocation_context::*;
/// fn literal(impersonator: Impersonator, impersonated: Impersonated) -> Impersonation {
///     Impersonation { impersonator, impersonated }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Impersonation {
    impersonator: Impersonator,
    impersonated: Impersonated,
}

impl Impersonation {
    /// The user who acts.
    #[must_use]
    pub const fn impersonator(&self) -> &Account {
        &self.impersonator.0
    }

    /// The user as whom it is done.
    #[must_use]
    pub const fn impersonated(&self) -> &Account {
        &self.impersonated.0
    }
}

/// A pair of accounts: one acts for the other. Made by [`Actor::on_behalf`].
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Delegation {
    agent: Agent,
    beneficiary: Beneficiary,
}

impl Delegation {
    /// The account that acts.
    #[must_use]
    pub const fn agent(&self) -> &Account {
        &self.agent.0
    }

    /// The account for which it is done.
    #[must_use]
    pub const fn beneficiary(&self) -> &Account {
        &self.beneficiary.0
    }
}

macro_rules! part {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name(Account);

        impl $name {
            /// Puts the account into this part.
            #[must_use]
            pub const fn new(account: Account) -> Self {
                Self(account)
            }
        }
    };
}

part! {
    /// The user who acts as somebody else.
    Impersonator
}
part! {
    /// The user as whom somebody else acts.
    Impersonated
}
part! {
    /// The account that acts for somebody else.
    Agent
}
part! {
    /// The account for which somebody else acts.
    Beneficiary
}

fn distinct(one: &Account, other: &Account) -> Result<(), ActorError> {
    if one.id() == other.id() {
        Err(ActorError::SameAccount)
    } else {
        Ok(())
    }
}

fn same_tenant(one: &Account, other: &Account) -> Result<(), ActorError> {
    if one.tenant() == other.tenant() {
        Ok(())
    } else {
        Err(ActorError::CrossTenant)
    }
}
