//! The document of an event's context, version 1. Every member is there; absent is `null`.
//!
//! The private types below are the wire form; the public types never derive it, so that renaming a field
//! in the code cannot change a document that was written years ago.

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

use super::strict::object;
use super::strict::object_or_null;
use super::strict::objects;
use super::text::from_str;
use super::text::present;
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
use crate::event::EventContext;
use crate::event::Lineage;
use crate::id::AccountId;
use crate::id::ActionId;
use crate::id::CredentialId;
use crate::id::EventId;
use crate::id::ExternalInvocationId;
use crate::id::IdentityProviderId;
use crate::id::InvocationId;
use crate::id::SessionId;
use crate::id::TenantId;
use crate::locale::Locale;
use crate::step::StepPath;
use crate::time::Timestamp;
use crate::toggle::ToggleValue;
use crate::toggle::Toggles;
use crate::trace::External;
use crate::trace::MadeBy;
use crate::trace::Trace;

const VERSION: u8 = 1;

/// Why a text is not the document of an event's context.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EventContextError {
    /// More than 16 KiB.
    #[error(
        "the context of an event has at most {} bytes",
        EventContext::MAX_JSON_BYTES
    )]
    TooLarge,
    /// Not JSON, or not this document: the source says where.
    #[error("not the document of an event's context")]
    Malformed(#[source] serde_json::Error),
}

impl EventContext {
    /// The most bytes of the document.
    pub const MAX_JSON_BYTES: usize = 16 * 1024;

    /// Reads the document. Unknown, missing and repeated members and trailing text are refused.
    ///
    /// # Errors
    ///
    /// [`EventContextError`] if the text is too large or not such a document of version 1.
    pub fn from_json(text: &str) -> Result<Self, EventContextError> {
        if text.len() > Self::MAX_JSON_BYTES {
            return Err(EventContextError::TooLarge);
        }
        serde_json::from_str(text).map_err(EventContextError::Malformed)
    }
}

impl Serialize for EventContext {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Document::of(self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EventContext {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object::<Document, D>(deserializer)?
            .read()
            .map_err(D::Error::custom)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Document {
    version: u8,
    #[serde(deserialize_with = "object")]
    trace: TraceDoc,
    #[serde(deserialize_with = "object")]
    access: AccessDoc,
    #[serde(deserialize_with = "objects")]
    toggles: Vec<ToggleDoc>,
    #[serde(deserialize_with = "present")]
    locale: Option<Locale>,
    test: bool,
    #[serde(deserialize_with = "object_or_null")]
    lineage: Option<LineageDoc>,
    #[serde(deserialize_with = "present")]
    sealed_provenance: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct TraceDoc {
    originating_id: InvocationId,
    #[serde(deserialize_with = "present")]
    parent_id: Option<InvocationId>,
    current_id: InvocationId,
    step: String,
    sampled: bool,
    #[serde(deserialize_with = "object")]
    external: ExternalDoc,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct ExternalDoc {
    made_by: MadeBy,
    action_id: ActionId,
    invocation_id: ExternalInvocationId,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum AccessDoc {
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
enum ActorDoc {
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
struct AccountDoc {
    #[serde(rename = "type")]
    kind: AccountKind,
    id: AccountId,
    tenant_id: TenantId,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum AuthenticationDoc {
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
struct HashDoc(ApiKeyHash);

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", deny_unknown_fields)]
enum ToggleDoc {
    Flag { name: String, value: bool },
    Integer { name: String, value: i64 },
    Choice { name: String, value: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LineageDoc {
    originating_id: EventId,
    parent_id: EventId,
}

impl Document {
    fn of(context: &EventContext) -> Self {
        Self {
            version: VERSION,
            trace: TraceDoc::of(&context.trace),
            access: AccessDoc::of(&context.access),
            toggles: context.toggles.iter().map(ToggleDoc::of).collect(),
            locale: context.locale,
            test: context.is_test,
            lineage: context.lineage.map(|lineage| LineageDoc {
                originating_id: lineage.originating(),
                parent_id: lineage.parent(),
            }),
            sealed_provenance: context.sealed_provenance.clone(),
        }
    }

    fn read(self) -> Result<EventContext, &'static str> {
        if self.version != VERSION {
            return Err("a version of the document that this build does not know");
        }
        if self
            .sealed_provenance
            .as_ref()
            .is_some_and(|sealed| sealed.len() > 1024)
        {
            return Err("sealed provenance of more than 1 KiB");
        }
        let toggles = self.toggles.into_iter().map(ToggleDoc::read);
        Ok(EventContext {
            trace: self.trace.read()?,
            access: self.access.read()?,
            toggles: Toggles::new(toggles).map_err(|_| "toggles that cannot be")?,
            locale: self.locale,
            is_test: self.test,
            lineage: self
                .lineage
                .map(|doc| Lineage::new(doc.originating_id, doc.parent_id)),
            sealed_provenance: self.sealed_provenance,
        })
    }
}

impl TraceDoc {
    fn of(trace: &Trace) -> Self {
        let external = trace.external();
        Self {
            originating_id: trace.originating(),
            parent_id: trace.parent(),
            current_id: trace.current(),
            step: trace.step().as_str().to_owned(),
            sampled: trace.is_sampled(),
            external: ExternalDoc {
                made_by: external.made_by(),
                action_id: external.action(),
                invocation_id: external.invocation(),
            },
        }
    }

    fn read(self) -> Result<Trace, &'static str> {
        if self.parent_id.is_none() != (self.current_id == self.originating_id) {
            return Err("a trace has no parent exactly where it originates");
        }
        let ExternalDoc {
            made_by,
            action_id,
            invocation_id,
        } = self.external;
        Ok(Trace {
            external: External::new(action_id, invocation_id, made_by),
            originating: self.originating_id,
            parent: self.parent_id,
            current: self.current_id,
            step: StepPath::parse(&self.step).ok_or("a step path that cannot be")?,
            is_sampled: self.sampled,
        })
    }
}

impl AccessDoc {
    fn of(access: &EventAccess) -> Self {
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

    fn read(self) -> Result<EventAccess, &'static str> {
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

impl ToggleDoc {
    fn of((name, value): (&str, &ToggleValue)) -> Self {
        let name = name.to_owned();
        match value {
            ToggleValue::Flag(value) => Self::Flag {
                name,
                value: *value,
            },
            ToggleValue::Integer(value) => Self::Integer {
                name,
                value: *value,
            },
            ToggleValue::Choice(value) => Self::Choice {
                name,
                value: value.clone(),
            },
        }
    }

    fn read(self) -> (String, ToggleValue) {
        match self {
            Self::Flag { name, value } => (name, ToggleValue::Flag(value)),
            Self::Integer { name, value } => (name, ToggleValue::Integer(value)),
            Self::Choice { name, value } => (name, ToggleValue::Choice(value)),
        }
    }
}
