//! A tenant's own roles and guardrails, as its stream keeps them: by names, so that a new catalogue changes none.

use std::collections::BTreeMap;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::ulid_id;

use crate::catalogue::Catalogue;
use crate::catalogue::PermissionSet;
use crate::catalogue::Policy;
use crate::catalogue::PolicyName;
use crate::catalogue::Role;

/// What the name of every tenant's own role begins with, so that it is no later standard role's.
pub(crate) const OWN: &str = "x-";

ulid_id! {
    /// One guardrail. Never used again after the guardrail was lifted.
    pub struct GuardrailId;
}

/// A role that a tenant defined. It can be assigned at its home and below, and counts nowhere else.
///
/// It keeps the names of its permissions, policy by policy, as they were when it was saved. A name that the catalogue
/// does not have (any more) gives nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "kebab-case", deny_unknown_fields)
)]
pub struct TenantRole {
    name: RoleName,
    home: ContainerId,
    policies: BTreeMap<PolicyName, Vec<String>>,
    extra: Vec<String>,
}

impl TenantRole {
    pub(crate) const fn new(
        name: RoleName,
        home: ContainerId,
        policies: BTreeMap<PolicyName, Vec<String>>,
        extra: Vec<String>,
    ) -> Self {
        Self {
            name,
            home,
            policies,
            extra,
        }
    }

    /// The name; it begins with `x-`.
    #[must_use]
    pub const fn name(&self) -> &RoleName {
        &self.name
    }

    /// Where it can be assigned, and below.
    #[must_use]
    pub const fn home(&self) -> ContainerId {
        self.home
    }

    /// The policies that it bundles, by name.
    pub fn policies(&self) -> impl Iterator<Item = &PolicyName> {
        self.policies.keys()
    }

    /// The names of all its permissions; some may come twice.
    pub fn permissions(&self) -> impl Iterator<Item = &str> {
        let bundled = self.policies.values().flatten();
        bundled.chain(&self.extra).map(String::as_str)
    }

    /// The role as this catalogue understands it.
    pub(crate) fn resolve(&self, catalogue: &Catalogue) -> Role {
        let set = |names: &[String]| catalogue.set_of(names.iter().map(String::as_str));
        let bundled = self.policies.iter();
        let bundled = bundled.map(|(name, held)| Policy::new(name.clone(), set(held)));
        let extra = Policy::new(PolicyName::EXTRA, set(&self.extra));
        Role::bundle(self.name, bundled.chain([extra]).collect())
    }
}

/// What nobody may do at a container and below, whatever roles say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(rename_all = "kebab-case", deny_unknown_fields)
)]
pub struct Guardrail {
    id: GuardrailId,
    at: ContainerId,
    forbids: Forbidden,
}

/// What a guardrail forbids, by names.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Forbidden {
    /// These permissions.
    Permissions(Vec<String>),
    /// Everything that is not `read`, whatever the catalogue comes to hold: for a tenant that closes.
    AllButRead,
}

impl Guardrail {
    /// Forbids something at a container and below.
    #[must_use]
    pub const fn new(id: GuardrailId, at: ContainerId, forbids: Forbidden) -> Self {
        Self { id, at, forbids }
    }

    /// Names the guardrail.
    #[must_use]
    pub const fn id(&self) -> GuardrailId {
        self.id
    }

    /// Where it stands.
    #[must_use]
    pub const fn at(&self) -> ContainerId {
        self.at
    }

    /// What it forbids.
    #[must_use]
    pub const fn forbids(&self) -> &Forbidden {
        &self.forbids
    }

    /// What it forbids of this catalogue.
    pub(crate) fn resolve(&self, catalogue: &Catalogue) -> PermissionSet {
        match &self.forbids {
            Forbidden::Permissions(names) => catalogue.set_of(names.iter().map(String::as_str)),
            Forbidden::AllButRead => {
                let writing = catalogue
                    .permissions()
                    .filter(|held| !held.attributes().is_read());
                writing.map(|held| held.id()).collect()
            }
        }
    }
}
