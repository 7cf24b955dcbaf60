//! A shop: its catalogue, the trees of two tenants, and whoever asks.

use core::num::NonZeroU32;
use std::sync::Arc;
use std::sync::LazyLock;

use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::AccessView;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::Catalogue;
use skeleton_authz::GrantId;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::Missing;
use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::ScopeFilter;
use skeleton_authz::Snapshot;
use skeleton_authz::skeleton::grant;
use skeleton_authz::skeleton::guardrail;
use skeleton_authz::skeleton::role;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::TreeCommand;

use crate::NOW;
use crate::house::now;

skeleton_authz::permissions! {
    /// What the shop protects.
    pub catalogue Shop "shop" version 2;

    /// Invoices.
    resource invoice "invoice" {
        32 => Read "read" [read, on_archived];
        33 => Issue "issue";
        34 => Void "void" [sensitive, aal2, max_age = 300];
        1023 => Purge "purge" [aal3];
    }

    policy Reading   "invoice-reading"   { invoice::Read }
    policy Billing   "invoice-billing"   { invoice::Issue, invoice::Void }
    policy Governing "governing"         { role::Define, grant::Assign, grant::Revoke, guardrail::Set }
    policy Purging   "purging"           { invoice::Purge }

    role Clerk  "clerk"        { Reading }
    role Biller "biller"       { Reading, Billing }
    role Admin  "tenant-admin" { Governing }
    role Janitor "janitor"     { Purging }

    retired { 40 => "invoice:freeze"; }
}

/// How many containers tenant 1 has; the number above them is nobody's, the next the root of tenant 2.
pub const CONTAINERS: u8 = 6;

/// A permission, and the list of where it is held.
pub type Ask = (
    PermissionId,
    for<'s> fn(&'s Snapshot) -> Result<ScopeFilter<'s>, Missing>,
);

/// One permission of every kind.
pub const ASKS: [Ask; 5] = [
    (invoice::Read::ID, |snapshot| {
        snapshot.visible(invoice::Read)
    }),
    (invoice::Issue::ID, |snapshot| {
        snapshot.visible(invoice::Issue)
    }),
    (invoice::Void::ID, |snapshot| {
        snapshot.visible(invoice::Void)
    }),
    (invoice::Purge::ID, |snapshot| {
        snapshot.visible(invoice::Purge)
    }),
    (grant::Assign::ID, |snapshot| {
        snapshot.visible(grant::Assign)
    }),
];

pub fn tenant(number: u8) -> TenantId {
    TenantId::from_bytes([number; 16]).expect("an id that is not nil")
}

pub fn inside() -> InTenant<'static> {
    InTenant::background(tenant(1), "fuzz")
}

/// Number 0 is the root; 1 has 2 and 3 below it, 4 has 5, and 5 is archived.
pub fn container(number: u8) -> ContainerId {
    match number % (CONTAINERS + 2) {
        0 => ContainerId::root_of(tenant(1)),
        number if number > CONTAINERS => ContainerId::root_of(tenant(2)),
        number => ContainerId::from_bytes(last(number)).expect("an id that is not nil"),
    }
}

pub fn account(number: u8) -> AccountId {
    AccountId::from_bytes([0x40 + number % 3; 16]).expect("an id that is not nil")
}

pub fn grant_id(number: u8) -> GrantId {
    GrantId::from_bytes(last(1 + number % 6)).expect("an id that is not nil")
}

fn last(number: u8) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[15] = number;
    bytes
}

/// Grown once: no rule changes it.
static FOREST: LazyLock<Forest> = LazyLock::new(|| {
    let clock = FixedClock::at(NOW);
    let ids = SeededIds::new(1);
    let forest = Forest::open(MemoryTrees::new(), Limits::default(), clock, ids);
    let below = [(1, 0), (2, 1), (3, 1), (4, 0), (5, 4)];
    let create = below.map(|(number, parent)| TreeCommand::Create {
        container: container(number),
        parent: container(parent),
        name: format!("c{number}"),
    });
    let archive = TreeCommand::Archive {
        container: container(5),
    };
    for command in create.into_iter().chain([archive]) {
        now(forest.execute(inside(), command)).expect("what fits");
    }
    forest
});

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(Shop::catalogue);

/// The shop with an empty log of rules.
pub struct World {
    log: MemoryAccessLog,
    views: AccessViews,
}

impl World {
    pub fn new() -> Self {
        let log = MemoryAccessLog::new();
        let views = AccessViews::open(log.clone(), FixedClock::at(NOW));
        Self { log, views }
    }

    /// Appends events, each to its own stream, behind the back of the views.
    pub fn append<'e>(&self, events: impl IntoIterator<Item = &'e AccessEvent> + Clone) {
        for stream in AccessStream::ALL {
            let own = events.clone().into_iter();
            let own = own.filter(|event| event.stream() == stream);
            let own: Vec<_> = own
                .map(|event| Recorded::new(event.clone(), NOW, Cause::of(inside())))
                .collect();
            let length = |stream| {
                let held = now(self.log.read(inside(), stream, 0, NonZeroU32::MAX));
                held.expect("a log in memory").len() as u64
            };
            let held =
                AccessVersion::new(length(AccessStream::Roles), length(AccessStream::Grants));
            let appended = now(self.log.append(inside(), stream, held, &own));
            appended.expect("an append at its end");
        }
    }

    /// What the log makes, as it is published.
    pub fn view(&self) -> Arc<AccessView> {
        now(self.views.load(inside())).expect("a log in memory")
    }

    /// What an account of tenant 1 holds, now that its rules were read.
    pub fn snapshot(&self, of: AccountId) -> Snapshot {
        let (catalogue, forest) = (Arc::clone(&CATALOGUE), FOREST.clone());
        let clock = FixedClock::at(NOW);
        let authorizer = Authorizer::new(catalogue, forest, self.views.clone(), clock);
        now(authorizer.load(inside())).expect("stores in memory");
        let ctx = testing::context().user(of, tenant(1)).build_authenticated();
        authorizer.snapshot(&ctx).expect("what was loaded")
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
