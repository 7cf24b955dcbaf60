//! The catalogue as a value.

use std::collections::HashMap;
use std::sync::Arc;

use skeleton_invocation_context::RoleName;

use super::Definition;
use super::Permission;
use super::PermissionId;
use super::PermissionSet;
use super::Policy;
use super::PolicyName;
use super::Retired;
use super::Role;
use super::StandardPolicy;
use super::StandardRole;
use crate::skeleton;

/// Everything a product protects, and the roles it ships: the skeleton's permissions and its own.
///
/// Made by the type that [`permissions!`](crate::permissions) declares: `Bank::catalogue()`.
#[derive(Debug)]
pub struct Catalogue {
    name: &'static str,
    version: u32,
    /// By bit: position `n` holds the permission with bit `n`.
    permissions: Vec<Option<Definition>>,
    by_name: HashMap<&'static str, PermissionId>,
    policies: Vec<Policy>,
    /// Sorted by name.
    roles: Vec<Arc<Role>>,
    retired: Vec<Retired>,
}

impl Catalogue {
    /// Called by the code of the macro, whose constants were checked while compiling.
    #[doc(hidden)]
    #[must_use]
    pub fn __of(
        name: &'static str,
        version: u32,
        resources: &[&[Definition]],
        policies: &[StandardPolicy],
        roles: &[StandardRole],
        retired: &[Retired],
    ) -> Arc<Self> {
        let mut roles: Vec<_> = roles.iter().map(|role| Arc::new(Role::of(role))).collect();
        roles.sort_by(|one, other| one.name().cmp(other.name()));
        let permissions = by_bit(skeleton::RESOURCES.iter().chain(resources));
        let named = permissions.iter().flatten();
        Arc::new(Self {
            name,
            version,
            by_name: named.map(|held| (held.name(), held.id())).collect(),
            permissions,
            policies: policies.iter().map(Policy::of).collect(),
            roles,
            retired: retired.to_vec(),
        })
    }

    /// The product's name, such as `bank`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The number that the product counts up with every published change.
    #[must_use]
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// All permissions, by bit; the skeleton's come first.
    pub fn permissions(&self) -> impl Iterator<Item = &Definition> {
        self.permissions.iter().flatten()
    }

    /// The permission with this bit.
    #[must_use]
    pub fn permission(&self, id: PermissionId) -> Option<&Definition> {
        self.permissions.get(usize::from(id.bit()))?.as_ref()
    }

    /// The permission with this name, such as `account:read`.
    #[must_use]
    pub fn permission_named(&self, name: &str) -> Option<&Definition> {
        self.by_name.get(name).and_then(|id| self.permission(*id))
    }

    /// The names of all resources, each once, in the order of their lowest bits.
    #[must_use]
    pub fn resources(&self) -> Vec<&'static str> {
        let mut names = Vec::new();
        for permission in self.permissions() {
            if !names.contains(&permission.resource()) {
                names.push(permission.resource());
            }
        }
        names
    }

    /// All policies, in the order of the declaration.
    #[must_use]
    pub fn policies(&self) -> &[Policy] {
        &self.policies
    }

    /// The policy with this name.
    #[must_use]
    pub fn policy(&self, name: &PolicyName) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.name() == name)
    }

    /// All standard roles, by name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.iter().map(AsRef::as_ref)
    }

    pub(crate) fn shared_roles(&self) -> impl Iterator<Item = &Arc<Role>> {
        self.roles.iter()
    }

    /// The standard role with this name.
    #[must_use]
    pub fn role(&self, name: &RoleName) -> Option<&Role> {
        self.shared_role(name).map(AsRef::as_ref)
    }

    /// The permissions that were withdrawn, in the order of the declaration.
    #[must_use]
    pub fn retired(&self) -> &[Retired] {
        &self.retired
    }

    /// The permissions of these names that it has. A saved role may name one that was retired since: it gives nothing.
    pub(crate) fn set_of<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> PermissionSet {
        let known = names
            .into_iter()
            .filter_map(|name| self.permission_named(name));
        known.map(Definition::id).collect()
    }

    /// What it says of a permission; nothing if the permission is of another catalogue, be it with the same bit.
    pub(crate) fn definition_of<P: Permission>(&self) -> Option<&Definition> {
        self.permission(P::ID)
            .filter(|known| known.name() == P::NAME)
    }

    pub(crate) fn shared_role(&self, name: &RoleName) -> Option<&Arc<Role>> {
        let at = self.roles.binary_search_by(|role| role.name().cmp(name));
        self.roles.get(at.ok()?)
    }

    /// The names of the permissions of a set, by bit; those that this catalogue does not have are left out.
    #[must_use]
    pub fn names(&self, set: &PermissionSet) -> Vec<&'static str> {
        let known = set.iter().filter_map(|id| self.permission(id));
        known.map(Definition::name).collect()
    }
}

fn by_bit<'a>(resources: impl Iterator<Item = &'a &'a [Definition]>) -> Vec<Option<Definition>> {
    let mut permissions = Vec::new();
    for definition in resources.copied().flatten() {
        let place = usize::from(definition.id().bit());
        if permissions.len() <= place {
            permissions.resize(place + 1, None);
        }
        if let Some(slot) = permissions.get_mut(place) {
            *slot = Some(*definition);
        }
    }
    permissions
}
