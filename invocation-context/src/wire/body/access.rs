//! Who calls, in the body of the context half.

use serde::Deserialize;
use serde::Serialize;

use super::Id;
use super::LocaleV1;
use super::lists::RolesV1;
use crate::access::Access;
use crate::access::Authenticated;
use crate::access::RequestedTenant;
use crate::access::Unauthenticated;
use crate::account::Account;
use crate::account::AccountKind;
use crate::account::Actor;
use crate::account::Agent;
use crate::account::Beneficiary;
use crate::account::Impersonated;
use crate::account::Impersonator;
use crate::authentication::ApiKeyHash;
use crate::authentication::Assurance;
use crate::authentication::Authentication;
use crate::authentication::Identity;
use crate::authentication::Mechanism;
use crate::id::AccountId;
use crate::id::CredentialId;
use crate::id::IdentityProviderId;
use crate::id::SessionId;
use crate::id::TenantId;
use crate::provenance::Provenance;
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
pub(super) enum AccessV1 {
    /// Actor, proof, roles, and whether the tenant asked for exists for tests; it is the effective account's.
    Authenticated(ActorV1, AuthenticationV1, RolesV1, Option<bool>),
    /// The tenant asked for, and whether it exists for tests.
    Unauthenticated(Option<(Id, bool)>),
}

#[derive(Serialize, Deserialize)]
pub(super) enum ActorV1 {
    Direct(AccountV1),
    Impersonating(AccountV1, AccountV1),
    OnBehalf(AccountV1, AccountV1),
}

#[derive(Serialize, Deserialize)]
pub(super) struct AccountV1(AccountKindV1, Id, Id, Option<LocaleV1>, bool);

#[derive(Serialize, Deserialize)]
pub(super) enum AccountKindV1 {
    User,
    Service,
}

#[derive(Serialize, Deserialize)]
pub(super) struct AuthenticationV1(MechanismV1, AssuranceV1, u64);

#[derive(Serialize, Deserialize)]
pub(super) enum MechanismV1 {
    Session(Id),
    Federated(Id, Id),
    ApiKey(Id, [u8; 16]),
    PersonalAccessToken(Id, [u8; 16]),
    Workload,
}

#[derive(Serialize, Deserialize)]
pub(super) enum AssuranceV1 {
    Aal1,
    Aal2,
    Aal3,
}

impl AccessV1 {
    pub(super) fn of(access: &Access) -> Self {
        match access {
            Access::Authenticated(known) => Self::Authenticated(
                ActorV1::of(known.actor()),
                AuthenticationV1::of(known.authentication()),
                RolesV1::of(known.roles()),
                known.requested().map(RequestedTenant::is_test),
            ),
            Access::Unauthenticated(unknown) => {
                let requested = unknown.requested();
                Self::Unauthenticated(
                    requested.map(|tenant| (Id(tenant.id().to_bytes()), tenant.is_test())),
                )
            }
        }
    }

    pub(super) fn open(self, provenance: Provenance) -> Option<Access> {
        match self {
            Self::Authenticated(actor, authentication, roles, requested) => {
                let actor = actor.open()?;
                let tenant = actor.effective_account().tenant();
                let requested = requested.map(|is_test| requested_tenant(tenant, is_test));
                let who = Identity::new(actor, authentication.open()?, roles.open());
                let known = Authenticated::of(who, provenance, requested);
                Some(Access::Authenticated(known))
            }
            Self::Unauthenticated(requested) => {
                let unknown = Unauthenticated::of(provenance);
                Some(Access::Unauthenticated(match requested {
                    Some((tenant, is_test)) => unknown.requesting(requested_tenant(
                        tenant.open(TenantId::from_bytes)?,
                        is_test,
                    )),
                    None => unknown,
                }))
            }
        }
    }
}

impl ActorV1 {
    fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Direct(account) => Self::Direct(AccountV1::of(account)),
            Actor::Impersonating(pair) => Self::Impersonating(
                AccountV1::of(pair.impersonator()),
                AccountV1::of(pair.impersonated()),
            ),
            Actor::OnBehalf(pair) => Self::OnBehalf(
                AccountV1::of(pair.agent()),
                AccountV1::of(pair.beneficiary()),
            ),
        }
    }

    /// Across tenants or not: that was judged where the actor was made.
    fn open(self) -> Option<Actor> {
        match self {
            Self::Direct(account) => Some(Actor::direct(account.open()?)),
            Self::Impersonating(by, of) => Actor::impersonating_across_tenants(
                Impersonator::new(by.open()?),
                Impersonated::new(of.open()?),
            )
            .ok(),
            Self::OnBehalf(agent, of) => Actor::on_behalf_across_tenants(
                Agent::new(agent.open()?),
                Beneficiary::new(of.open()?),
            )
            .ok(),
        }
    }
}

impl AccountV1 {
    fn of(account: &Account) -> Self {
        let kind = match account.kind() {
            AccountKind::User => AccountKindV1::User,
            AccountKind::Service => AccountKindV1::Service,
        };
        let (id, tenant) = (account.id().to_bytes(), account.tenant().to_bytes());
        let locale = account.locale().map(LocaleV1);
        Self(kind, Id(id), Id(tenant), locale, account.is_test())
    }

    fn open(self) -> Option<Account> {
        let Self(kind, id, tenant, locale, is_test) = self;
        let kind = match kind {
            AccountKindV1::User => AccountKind::User,
            AccountKindV1::Service => AccountKind::Service,
        };
        let mut account = Account::new(
            id.open(AccountId::from_bytes)?,
            kind,
            tenant.open(TenantId::from_bytes)?,
        );
        if let Some(LocaleV1(locale)) = locale {
            account = account.with_locale(locale);
        }
        Some(if is_test {
            account.into_test()
        } else {
            account
        })
    }
}

impl AuthenticationV1 {
    fn of(authentication: &Authentication) -> Self {
        let mechanism = match authentication.mechanism() {
            Mechanism::Session { session } => MechanismV1::Session(Id(session.to_bytes())),
            Mechanism::Federated { session, provider } => {
                MechanismV1::Federated(Id(session.to_bytes()), Id(provider.to_bytes()))
            }
            Mechanism::ApiKey { credential, hash } => {
                MechanismV1::ApiKey(Id(credential.to_bytes()), hash.to_bytes())
            }
            Mechanism::PersonalAccessToken { credential, hash } => {
                MechanismV1::PersonalAccessToken(Id(credential.to_bytes()), hash.to_bytes())
            }
            Mechanism::Workload => MechanismV1::Workload,
        };
        let assurance = match authentication.assurance() {
            Assurance::Aal1 => AssuranceV1::Aal1,
            Assurance::Aal2 => AssuranceV1::Aal2,
            Assurance::Aal3 => AssuranceV1::Aal3,
        };
        Self(
            mechanism,
            assurance,
            authentication.authenticated_at().as_millis(),
        )
    }

    fn open(self) -> Option<Authentication> {
        let Self(mechanism, assurance, millis) = self;
        let mechanism = match mechanism {
            MechanismV1::Session(session) => Mechanism::Session {
                session: session.open(SessionId::from_bytes)?,
            },
            MechanismV1::Federated(session, provider) => Mechanism::Federated {
                session: session.open(SessionId::from_bytes)?,
                provider: provider.open(IdentityProviderId::from_bytes)?,
            },
            MechanismV1::ApiKey(credential, hash) => Mechanism::ApiKey {
                credential: credential.open(CredentialId::from_bytes)?,
                hash: ApiKeyHash::new(hash),
            },
            MechanismV1::PersonalAccessToken(credential, hash) => Mechanism::PersonalAccessToken {
                credential: credential.open(CredentialId::from_bytes)?,
                hash: ApiKeyHash::new(hash),
            },
            MechanismV1::Workload => Mechanism::Workload,
        };
        let assurance = match assurance {
            AssuranceV1::Aal1 => Assurance::Aal1,
            AssuranceV1::Aal2 => Assurance::Aal2,
            AssuranceV1::Aal3 => Assurance::Aal3,
        };
        let at = Timestamp::from_millis(millis);
        (at.as_millis() == millis).then(|| Authentication::new(mechanism, assurance, at))
    }
}

const fn requested_tenant(tenant: TenantId, is_test: bool) -> RequestedTenant {
    let requested = RequestedTenant::new(tenant);
    if is_test {
        requested.as_test()
    } else {
        requested
    }
}
