//! The permissions that every catalogue has: those on containers, and those on the rules themselves.
//!
//! A product's policies name them by their paths, such as `skeleton_authz::skeleton::container::Create`.

#![expect(
    clippy::exhaustive_structs,
    reason = "a permission is a unit struct: a type, and its only value"
)]

use crate::catalogue::Definition;

crate::__resource! {
    __skeleton
    /// The nodes of a tenant's tree.
    pub container "container" {
        0 => Read "read" [read, on_archived];
        1 => Create "create";
        2 => Rename "rename";
        3 => Move "move";
        4 => Archive "archive";
        5 => Restore "restore" [on_archived];
    }
}

crate::__resource! {
    __skeleton
    /// The roles that a tenant defines.
    pub role "role" {
        6 => Define "define" [sensitive];
        7 => Retire "retire" [sensitive];
    }
}

crate::__resource! {
    __skeleton
    /// Who holds which role in which container.
    pub grant "grant" {
        8 => Read "read" [read, on_archived];
        9 => Assign "assign" [sensitive];
        10 => Revoke "revoke" [sensitive, on_archived];
        /// Giving what one does not hold oneself.
        11 => AssignBeyond "assign-beyond" [sensitive];
    }
}

crate::__resource! {
    __skeleton
    /// What nobody may do below a container.
    pub guardrail "guardrail" {
        12 => Set "set" [sensitive];
        13 => Lift "lift" [sensitive];
    }
}

crate::__resource! {
    __skeleton
    /// Which groups of an identity provider give which roles.
    pub group_mapping "group-mapping" {
        14 => Edit "edit" [sensitive];
    }
}

crate::__resource! {
    __skeleton
    /// Why something is allowed or denied.
    pub decision "decision" {
        15 => Explain "explain" [read, on_archived];
    }
}

crate::__resource! {
    __skeleton
    /// The accounts of a tenant.
    pub member "member" {
        /// Seeing the system as another user does, where this is held, for as long as it is held.
        16 => Impersonate "impersonate" [sensitive];
    }
}

pub(crate) const RESOURCES: &[&[Definition]] = &[
    container::__DEFINITIONS,
    role::__DEFINITIONS,
    grant::__DEFINITIONS,
    guardrail::__DEFINITIONS,
    group_mapping::__DEFINITIONS,
    decision::__DEFINITIONS,
    member::__DEFINITIONS,
];

const _: () = crate::catalogue::check_skeleton(RESOURCES);
