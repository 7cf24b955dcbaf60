//! Commands on a tenant's own rules. The rules are the room `authz`: here is only how it is asked.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::AccessCommand;
use skeleton_authz::AccessEvent;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Guarded;
use skeleton_authz::Reach;
use skeleton_authz::ResourceRef;
use skeleton_authz::RoleSpec;
use skeleton_authz::RuleError;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_authz::Target;
use skeleton_authz::Versions;
use skeleton_authz::Window;
use skeleton_authz::skeleton::grant;
use skeleton_authz::skeleton::role;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;

use crate::outcome::Rejection;

/// A payload that asks for a change of the rules.
pub trait RuleCommand: Guarded {
    /// What `authz` is asked.
    ///
    /// # Errors
    ///
    /// A rejection, if the payload contradicts itself.
    fn command(&self) -> Result<AccessCommand, Rejection>;
}

/// Defines a role of the tenant's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DefineRole {
    /// Its name, which begins with `x-`.
    pub role: RoleName,
    /// Where it can be assigned, and below.
    pub home: ContainerId,
    /// What it holds.
    pub holds: RoleSpec,
}

impl Guarded for DefineRole {
    type Needs = role::Define;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.home)
    }
}

impl RuleCommand for DefineRole {
    fn command(&self) -> Result<AccessCommand, Rejection> {
        Ok(AccessCommand::DefineRole {
            name: self.role,
            home: self.home,
            holds: self.holds.clone(),
        })
    }
}

/// Gives somebody a role in a container. The grant's id is made by the client.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct AssignRole {
    /// The grant to be.
    pub grant: GrantId,
    /// To whom.
    pub account: AccountId,
    /// Which role.
    pub role: RoleName,
    /// Where.
    pub container: ContainerId,
    /// How far down.
    #[serde(default)]
    pub reach: Reach,
    /// From when on.
    #[serde(default)]
    pub from: Option<Timestamp>,
    /// Until when.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl Guarded for AssignRole {
    type Needs = grant::Assign;

    fn target(&self) -> Target<'_> {
        Target::Scope(self.container)
    }
}

impl RuleCommand for AssignRole {
    fn command(&self) -> Result<AccessCommand, Rejection> {
        let window = Window::new(self.from, self.until);
        let window = window.map_err(|_| Rejection::of("window-empty"))?;
        let to = Subject::Account(self.account);
        let grant = Grant::new(self.grant, to, self.role, self.container);
        Ok(AccessCommand::Assign {
            grant: grant.with_reach(self.reach).with_window(window),
        })
    }
}

/// Takes a grant back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RevokeRole {
    /// Which.
    pub grant: GrantId,
    /// Also what its holder gave there and below.
    #[serde(default)]
    pub cascade: bool,
}

impl Guarded for RevokeRole {
    type Needs = grant::Revoke;

    fn target(&self) -> Target<'_> {
        Target::Resource(ResourceRef::new("grant", self.grant.to_string()))
    }
}

impl RuleCommand for RevokeRole {
    fn command(&self) -> Result<AccessCommand, Rejection> {
        Ok(AccessCommand::Revoke {
            grant: self.grant,
            cascade: self.cascade,
        })
    }
}

/// What the log keeps of a change of the rules: what it was decided to be at its door, where its author was known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RulesAsked {
    /// These events, all of one stream, in the rules as they were.
    Decided {
        /// The events.
        events: Vec<AccessEvent>,
        /// The rules on which they were decided.
        at: Versions,
    },
    /// Nothing, for this reason.
    Rejected {
        /// The machine's word.
        code: String,
        /// What a text about it needs.
        params: Value,
    },
}

impl RulesAsked {
    /// Decides on the author's own snapshot.
    ///
    /// # Errors
    ///
    /// [`RuleError`] for what is no decision but a refusal, or could not be decided.
    pub fn decide(command: &impl RuleCommand, author: &Snapshot) -> Result<Self, RuleError> {
        let decided = match command.command() {
            Ok(command) => author.decide(&command),
            Err(rejection) => return Ok(Self::rejected(rejection)),
        };
        match decided {
            Ok(events) => Ok(Self::Decided {
                events,
                at: author.versions(),
            }),
            Err(error) => rejection(&error).map(Self::rejected).ok_or(error),
        }
    }

    fn rejected(rejection: Rejection) -> Self {
        Self::Rejected {
            code: rejection.code.into_owned(),
            params: rejection.params,
        }
    }
}

/// What a refusal of the rules is in the bank's words; nothing if it is the platform's.
fn rejection(error: &RuleError) -> Option<Rejection> {
    let params = match error {
        RuleError::Refused(_) | RuleError::Access(_) | RuleError::Unavailable(_) => return None,
        RuleError::BeyondOwnPowers { lacks } => json!({ "lacks": lacks }),
        RuleError::OutlastsPowers { until } => json!({ "until": until }),
        RuleError::UnknownPolicy(policy) => json!({ "policy": policy }),
        RuleError::UnknownPermission(name) => json!({ "permission": name }),
        RuleError::NeverInOwnRoles(name) => json!({ "permission": name }),
        RuleError::TooMany { most } => json!({ "most": most }),
        _ => json!({}),
    };
    let code = error.code().into();
    Some(Rejection { code, params })
}
