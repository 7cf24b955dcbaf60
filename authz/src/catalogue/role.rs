//! Roles: named bundles of policies.

use skeleton_invocation_context::__private::is_name;
use skeleton_invocation_context::RoleName;

use super::PermissionId;
use super::PermissionSet;
use super::Policy;
use super::PolicyName;
use super::StandardPolicy;

/// A role as [`permissions!`](crate::permissions) declares it: a constant, assignable in every container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardRole {
    name: &'static str,
    policies: &'static [StandardPolicy],
}

impl StandardRole {
    /// Called by the macro while compiling, where a failed assertion is an error.
    #[doc(hidden)]
    #[must_use]
    pub const fn __new(name: &'static str, policies: &'static [StandardPolicy]) -> Self {
        assert!(
            is_name(name, RoleName::MAX_BYTES),
            "a role is named in lower-case letters, digits and inner hyphens, at most 48 bytes"
        );
        assert!(
            !matches!(name.as_bytes(), [b'x', b'-', ..]),
            "names that begin with x- are kept for the roles of tenants"
        );
        Self { name, policies }
    }

    /// The name, as a grant says it.
    ///
    /// # Panics
    ///
    /// Never: a constant whose name is none does not compile.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "the only constructor checked the name by the same rule"
    )]
    pub fn name(&self) -> RoleName {
        RoleName::parse(self.name).expect("the name of a standard role is checked when it is made")
    }

    /// The name as text.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.name
    }

    /// What it bundles.
    #[must_use]
    pub const fn policies(&self) -> &'static [StandardPolicy] {
        self.policies
    }
}

/// A bundle of policies: what a grant gives. It holds the union of their permissions, nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    name: RoleName,
    policies: Vec<Policy>,
    permissions: PermissionSet,
}

impl Role {
    pub(crate) fn of(standard: &StandardRole) -> Self {
        Self::bundle(
            standard.name(),
            standard.policies.iter().map(Policy::of).collect(),
        )
    }

    /// A role is the union of its policies.
    pub(crate) fn bundle(name: RoleName, policies: Vec<Policy>) -> Self {
        let mut permissions = PermissionSet::empty();
        for policy in &policies {
            permissions.insert_all(policy.permissions());
        }
        Self {
            name,
            policies,
            permissions,
        }
    }

    /// The name.
    #[must_use]
    pub const fn name(&self) -> &RoleName {
        &self.name
    }

    /// The bundled policies, in the order of the declaration.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The union of the policies' permissions.
    #[must_use]
    pub const fn permissions(&self) -> &PermissionSet {
        &self.permissions
    }

    /// The first policy that holds the permission.
    #[must_use]
    pub fn policy_of(&self, id: PermissionId) -> Option<&PolicyName> {
        self.policies
            .iter()
            .find(|policy| policy.permissions().contains(id))
            .map(Policy::name)
    }
}
