//! What the worlds protect, and each permission once more by hand: a translation must not lean on what it is held
//! against.

use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::Snapshot;
use skeleton_authz::permissions;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;

permissions! {
    /// What a small shop protects. The bits span several words.
    pub(crate) catalogue Shop "shop" version 1;

    /// Orders.
    resource order "order" {
        32 => Read "read" [read, on_archived];
        33 => Place "place";
        34 => Cancel "cancel";
        63 => Refund "refund" [sensitive, aal2];
        64 => Settle "settle" [on_archived];
    }

    /// Customers.
    resource customer "customer" {
        100 => Read "read" [read];
        101 => Edit "edit";
        102 => Statement "statement" [read, aal2];
        700 => Erase "erase" [sensitive];
        1023 => Export "export" [read, sensitive];
    }

    policy Reading   "reading"   { order::Read, customer::Read }
    policy Ordering  "ordering"  { order::Place, order::Cancel }
    policy Repaying  "repaying"  { order::Refund, order::Settle }
    policy Caring    "caring"    { customer::Read, customer::Edit, customer::Statement }
    policy Removing  "removing"  { customer::Erase, customer::Export }

    role Reader  "reader"  { Reading }
    role Clerk   "clerk"   { Reading, Ordering }
    role Cashier "cashier" { Repaying }
    role Carer   "carer"   { Caring, Ordering }
    role Owner   "owner"   { Reading, Ordering, Repaying, Caring, Removing }
    role Idle    "idle"    { }
}

/// What each standard role holds.
pub(crate) const ROLES: [(&str, &[&str]); 6] = [
    ("reader", &["order:read", "customer:read"]),
    (
        "clerk",
        &["order:read", "customer:read", "order:place", "order:cancel"],
    ),
    ("cashier", &["order:refund", "order:settle"]),
    (
        "carer",
        &[
            "customer:read",
            "customer:edit",
            "customer:statement",
            "order:place",
            "order:cancel",
        ],
    ),
    ("owner", &NAMES),
    ("idle", &[]),
];

/// Every permission that is asked for.
pub(crate) const NAMES: [&str; 10] = [
    "order:read",
    "order:place",
    "order:cancel",
    "order:refund",
    "order:settle",
    "customer:read",
    "customer:edit",
    "customer:statement",
    "customer:erase",
    "customer:export",
];

/// Those that only read.
pub(crate) const READING: [&str; 4] = [
    "order:read",
    "customer:read",
    "customer:statement",
    "customer:export",
];

/// Those that archived containers allow.
pub(crate) const ON_ARCHIVED: [&str; 2] = ["order:read", "order:settle"];

/// Those that demand the second assurance.
pub(crate) const AAL2: [&str; 2] = ["order:refund", "customer:statement"];

/// One permission, its type forgotten.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) name: &'static str,
    pub(crate) id: PermissionId,
    pub(crate) allows: fn(&Snapshot, Node<'_>) -> bool,
    pub(crate) require: fn(&Snapshot, ContainerId) -> bool,
}

macro_rules! asks {
    ($($permission:path),+ $(,)?) => {
        [$(Ask {
            name: <$permission as Permission>::NAME,
            id: <$permission as Permission>::ID,
            allows: |snapshot, at| snapshot.allows($permission, at),
            require: |snapshot, at| {
                let proof = snapshot.require($permission, at);
                proof.is_ok_and(|proof| proof.scope() == at)
            },
        }),+]
    };
}

/// The permissions in the order of [`NAMES`].
pub(crate) fn asks() -> [Ask; NAMES.len()] {
    asks![
        order::Read,
        order::Place,
        order::Cancel,
        order::Refund,
        order::Settle,
        customer::Read,
        customer::Edit,
        customer::Statement,
        customer::Erase,
        customer::Export,
    ]
}
