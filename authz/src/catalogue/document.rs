//! The catalogue as a JSON document: for role editors, front ends and exports.

use serde_json::Value;
use serde_json::json;

use super::Catalogue;
use super::Definition;

impl Catalogue {
    /// The catalogue as JSON: resources with their permissions, bits, attributes and the keys of their texts;
    /// policies; standard roles; retired names. Members and entries have a fixed order, so equal catalogues have equal
    /// documents.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let resources = self.resources().into_iter().map(|resource| {
            let own = self
                .permissions()
                .filter(|held| held.resource() == resource);
            json!({ "name": resource, "permissions": own.map(permission).collect::<Vec<_>>() })
        });
        let policies = self.policies().iter().map(|policy| {
            json!({ "name": policy.name(), "permissions": self.names(policy.permissions()) })
        });
        let roles = self.roles().map(|role| {
            let policies: Vec<_> = role.policies().iter().map(|policy| policy.name()).collect();
            json!({ "name": role.name(), "policies": policies, "permissions": self.names(role.permissions()) })
        });
        let retired = self.retired().iter();
        let retired = retired.map(|gone| json!({ "name": gone.name(), "bit": gone.id().bit() }));
        json!({
            "catalogue": self.name(),
            "version": self.version(),
            "resources": resources.collect::<Vec<_>>(),
            "policies": policies.collect::<Vec<_>>(),
            "roles": roles.collect::<Vec<_>>(),
            "retired": retired.collect::<Vec<_>>(),
        })
    }
}

fn permission(held: &Definition) -> Value {
    json!({
        "name": held.name(),
        "action": held.action(),
        "bit": held.id().bit(),
        "attributes": held.attributes().words().collect::<Vec<_>>(),
        "text": format!("permission.{}.{}", held.resource(), held.action()),
    })
}
