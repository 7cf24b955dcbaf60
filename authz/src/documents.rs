//! What front ends and people ask: what may I do, and why (not).

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use skeleton_invocation_context::ContainerId;

use crate::catalogue::PermissionSet;
use crate::decision::Decision;
use crate::decision::DenyReason;
use crate::snapshot::Snapshot;

impl Snapshot {
    /// What the actor may do, as one document, from which a front end greys out what would be refused: the grants that
    /// count now, what their roles hold (what a mask takes away everywhere is left out), the containers above each scope,
    /// and the guardrails in its way. `valid-until` is the first instant at which a window of a grant opens or closes.
    ///
    /// For each of `scopes` it also says what is allowed there as a whole.
    #[must_use]
    pub fn permissions_document(&self, scopes: &[ContainerId]) -> Value {
        let frozen = &self.0;
        let admitted = frozen.admitted();
        let open = frozen.rows().iter().filter(|row| row.is_open);
        let (mut grants, mut roles, mut containers) = (Vec::new(), Map::new(), Map::new());
        for row in open {
            let mut held = row.role.permissions().clone();
            held.retain_all(&admitted.anywhere);
            if !admitted.is_any(&held, row.interval()) {
                continue;
            }
            let grant = &row.grant;
            grants
                .push(json!({ "role": grant.role(), "scope": grant.at(), "reach": grant.reach() }));
            roles.insert(row.role.name().to_string(), self.named(&held).into());
            let above = frozen.tree.node(grant.at()).into_iter();
            let above = above.flat_map(|node| frozen.tree.ancestors(node));
            let above: Vec<_> = above.filter_map(|node| frozen.tree.id(node)).collect();
            containers.insert(grant.at().to_string(), json!(above));
        }
        let guardrails = frozen.view.resolved_guardrails(&frozen.catalogue);
        let guardrails = guardrails.filter(|(held, _)| self.sees(held.at()));
        let guardrails = guardrails
            .map(|(held, forbids)| json!({ "scope": held.at(), "forbids": self.named(&forbids) }));
        let effective = scopes
            .iter()
            .filter(|scope| self.sees(**scope))
            .map(|scope| {
                let effective = self.effective(*scope);
                let said = json!({
                    "allowed": self.named(&effective.allowed),
                    "step-up": self.named(&effective.step_up),
                });
                (scope.to_string(), said)
            });
        json!({
            "versions": self.versions(),
            "valid-until": frozen.next_edge(),
            "grants": grants,
            "roles": roles,
            "containers": containers,
            "guardrails": guardrails.collect::<Vec<_>>(),
            "effective": effective.collect::<Map<_, _>>(),
        })
    }

    /// The tag of a document: equal documents have equal tags, and no two others anybody could make. A front end that
    /// repeats it is told that nothing changed, instead of everything again.
    ///
    /// It is 128 bits of SHA-256, in hexadecimal: an `ETag` between quotes.
    #[must_use]
    pub fn tag_of(document: &Value) -> String {
        let digest = Sha256::digest(document.to_string());
        let mut half = [0; 16];
        for (held, byte) in half.iter_mut().zip(digest) {
            *held = byte;
        }
        format!("{:032x}", u128::from_be_bytes(half))
    }

    /// The catalogue with the tenant's own roles, as they count.
    #[must_use]
    pub fn catalogue_document(&self) -> Value {
        let frozen = &self.0;
        let own = frozen.view.roles().filter(|role| self.sees(role.home()));
        let own = own.filter_map(|role| {
            let (home, held) = frozen.view.resolved_role(role.name(), &frozen.catalogue)?;
            Some(json!({
                "name": role.name(),
                "home": home,
                "policies": role.policies().collect::<Vec<_>>(),
                "permissions": self.named(held.permissions()),
            }))
        });
        let mut document = frozen.catalogue.to_json();
        if let Some(members) = document.as_object_mut() {
            members.insert("own-roles".to_owned(), own.collect());
        }
        document
    }

    fn named(&self, set: &PermissionSet) -> Vec<&'static str> {
        self.0.catalogue.names(set)
    }
}

impl Decision {
    /// The decision as a document: the grant that suffices, or the reason against it and what would help.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Allow(allow) => json!({
                "decision": "allow",
                "grant": allow.grant,
                "role": allow.role,
                "policy": allow.policy,
                "at": allow.at,
                "distance": allow.distance,
                "versions": allow.versions,
            }),
            Self::Deny(deny) => json!({
                "decision": "deny",
                "reason": deny.reason.code(),
                "params": params(&deny.reason),
                "would-allow": deny.would_allow,
                "versions": deny.versions,
            }),
        }
    }
}

/// What a text about a reason needs.
fn params(reason: &DenyReason) -> Value {
    match reason {
        DenyReason::UnknownScope | DenyReason::Archived => json!({}),
        DenyReason::Guardrail(guardrail) => json!({ "guardrail": guardrail }),
        DenyReason::NoGrant { nearest } => json!({ "nearest": nearest }),
        DenyReason::RoleLacks { held } => json!({ "held": held }),
        DenyReason::NotActive { from, until } => json!({ "from": from, "until": until }),
        DenyReason::Masked(mask) => json!({ "by": mask.word() }),
        DenyReason::WidensOwnPowers { gains } => json!({ "gains": gains }),
        DenyReason::StepUp { assurance, max_age } => {
            json!({ "assurance": assurance, "max-age": max_age.map(|age| age.as_secs()) })
        }
    }
}
