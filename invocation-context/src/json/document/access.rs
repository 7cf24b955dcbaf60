//! Who called, in the document of an event.

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

use super::super::strict::object;
use super::super::text::from_str;
use super::super::text::present;
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
use crate::authentication::Mechanism;
use crate::event::EventAccess;
use crate::id::AccountId;
use crate::id::CredentialId;
use crate::id::IdentityProviderId;
use crate::id::SessionId;
use crate::id::TenantId;
use crate::time::Timestamp;

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum AccessDoc {
    Authenticated {
        #[serde(deserialize_with = "object")]
        actor: ActorDoc,
        #[serde(deserialize_with = "object")]
        authentication: AuthenticationDoc,
    },
    #[serde(rename_all = "kebab-case")]
    Unauthenticated {
        #[serde(deserialize_with = "present")]
        tenant_id: Option<TenantId>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum ActorDoc {
    Direct {
        #[serde(deserialize_with = "object")]
        account: AccountDoc,
    },
    Impersonating {
        #[serde(deserialize_with = "object")]
        impersonator: AccountDoc,
        #[serde(deserialize_with = "object")]
        impersonated: AccountDoc,
    },
    OnBehalf {
        #[serde(deserialize_with = "object")]
        agent: AccountDoc,
        #[serde(deserialize_with = "object")]
        beneficiary: AccountDoc,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct AccountDoc {
    #[serde(rename = "type")]
    kind: AccountKind,
    id: AccountId,
    tenant_id: TenantId,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum AuthenticationDoc {
    #[serde(rename_all = "kebab-case")]
    Session {
        session_id: SessionId,
        assurance: Assurance,
        authenticated_at: Timestamp,
    },
    #[serde(rename_all = "kebab-case")]
    Federated {
        session_id: SessionId,
        assurance: Assurance,
        identity_provider_id: IdentityProviderId,
        authenticated_at: Timestamp,
    },
    #[serde(rename_all = "kebab-case")]
    ApiKey {
        credential_id: CredentialId,
        hash: HashDoc,
        assurance: Assurance,
        authenticated_at: Timestamp,
    },
    #[serde(rename_all = "kebab-case")]
    PersonalAccessToken {
        credential_id: CredentialId,
        hash: HashDoc,
        assurance: Assurance,
        authenticated_at: Timestamp,
    },
    #[serde(rename_all = "kebab-case")]
    Workload {
        assurance: Assurance,
        authenticated_at: Timestamp,
    },
}

/// Half a digest as 32 lower-case hexadecimal digits.
pub(super) struct HashDoc(ApiKeyHash);

impl AccessDoc {
    pub(super) fn of(access: &EventAccess) -> Self {
        match access {
            EventAccess::Authenticated {
                actor,
                authentication,
            } => Self::Authenticated {
                actor: ActorDoc::of(actor),
                authentication: AuthenticationDoc::of(authentication),
            },
            EventAccess::Unauthenticated { tenant } => Self::Unauthenticated { tenant_id: *tenant },
        }
    }

    pub(super) fn read(self) -> Result<EventAccess, &'static str> {
        Ok(match self {
            Self::Authenticated {
                actor,
                authentication,
            } => EventAccess::Authenticated {
                actor: actor.read()?,
                authentication: authentication.read(),
            },
            Self::Unauthenticated { tenant_id } => {
                EventAccess::Unauthenticated { tenant: tenant_id }
            }
        })
    }
}

impl ActorDoc {
    fn of(actor: &Actor) -> Self {
        match actor {
            Actor::Direct(account) => Self::Direct {
                account: AccountDoc::of(account),
            },
            Actor::Impersonating(pair) => Self::Impersonating {
                impersonator: AccountDoc::of(pair.impersonator()),
                impersonated: AccountDoc::of(pair.impersonated()),
            },
            Actor::OnBehalf(pair) => Self::OnBehalf {
                agent: AccountDoc::of(pair.agent()),
                beneficiary: AccountDoc::of(pair.beneficiary()),
            },
        }
    }

    fn read(self) -> Result<Actor, &'static str> {
        let actor = match self {
            Self::Direct { account } => Ok(Actor::direct(account.read())),
            Self::Impersonating {
                impersonator,
                impersonated,
            } => Actor::impersonating_across_tenants(
                Impersonator::new(impersonator.read()),
                Impersonated::new(impersonated.read()),
            ),
            Self::OnBehalf { agent, beneficiary } => Actor::on_behalf_across_tenants(
                Agent::new(agent.read()),
                Beneficiary::new(beneficiary.read()),
            ),
        };
        actor.map_err(|_| "an actor that cannot be")
    }
}

impl AccountDoc {
    fn of(account: &Account) -> Self {
        Self {
            kind: account.kind(),
            id: account.id(),
            tenant_id: account.tenant(),
        }
    }

    fn read(self) -> Account {
        Account::new(self.id, self.kind, self.tenant_id)
    }
}

impl AuthenticationDoc {
    fn of(authentication: &Authentication) -> Self {
        let assurance = authentication.assurance();
        let authenticated_at = authentication.authenticated_at();
        match *authentication.mechanism() {
            Mechanism::Session { session } => Self::Session {
                session_id: session,
                assurance,
                authenticated_at,
            },
            Mechanism::Federated { session, provider } => Self::Federated {
                session_id: session,
                assurance,
                identity_provider_id: provider,
                authenticated_at,
            },
            Mechanism::ApiKey { credential, hash } => Self::ApiKey {
                credential_id: credential,
                hash: HashDoc(hash),
                assurance,
                authenticated_at,
            },
            Mechanism::PersonalAccessToken { credential, hash } => Self::PersonalAccessToken {
                credential_id: credential,
                hash: HashDoc(hash),
                assurance,
                authenticated_at,
            },
            Mechanism::Workload => Self::Workload {
                assurance,
                authenticated_at,
            },
        }
    }

    fn read(self) -> Authentication {
        match self {
            Self::Session {
                session_id: session,
                assurance,
                authenticated_at,
            } => Authentication::new(Mechanism::Session { session }, assurance, authenticated_at),
            Self::Federated {
                session_id: session,
                assurance,
                identity_provider_id: provider,
                authenticated_at,
            } => Authentication::new(
                Mechanism::Federated { session, provider },
                assurance,
                authenticated_at,
            ),
            Self::ApiKey {
                credential_id: credential,
                hash,
                assurance,
                authenticated_at,
            } => {
                let mechanism = Mechanism::ApiKey {
                    credential,
                    hash: hash.0,
                };
                Authentication::new(mechanism, assurance, authenticated_at)
            }
            Self::PersonalAccessToken {
                credential_id: credential,
                hash,
                assurance,
                authenticated_at,
            } => {
                let mechanism = Mechanism::PersonalAccessToken {
                    credential,
                    hash: hash.0,
                };
                Authentication::new(mechanism, assurance, authenticated_at)
            }
            Self::Workload {
                assurance,
                authenticated_at,
            } => Authentication::new(Mechanism::Workload, assurance, authenticated_at),
        }
    }
}

impl Serialize for HashDoc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!(
            "{:032x}",
            u128::from_be_bytes(self.0.to_bytes())
        ))
    }
}

impl core::str::FromStr for HashDoc {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() != 32 || !text.bytes().all(is_hex) {
            return Err("a hash is 32 lower-case hexadecimal digits");
        }
        let bits = u128::from_str_radix(text, 16).map_err(|_| "a hash is hexadecimal")?;
        Ok(Self(ApiKeyHash::new(bits.to_be_bytes())))
    }
}

impl<'de> Deserialize<'de> for HashDoc {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_str(deserializer)
    }
}
