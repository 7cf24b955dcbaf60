//! The subject: an authorizer over a world's tree and grants, loaded, and the user's snapshot.

use core::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use serde_json::json;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog as _;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_authz::Window;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore as _;
use skeleton_tenancy_tree::TreeVersion;
use tokio::runtime::Runtime;

use crate::catalogue::Large;
use crate::catalogue::m07;
use crate::world::NOW;
use crate::world::Role;
use crate::world::World;
use crate::world::runtime;
use crate::world::tenant;
use crate::world::user;

/// Trees and rules of tenants, to be loaded.
pub(crate) struct Stores {
    runtime: Runtime,
    trees: MemoryTrees,
    pub(crate) log: MemoryAccessLog,
}

pub(crate) fn inside(tenant: TenantId) -> InTenant<'static> {
    InTenant::background(tenant, "bench")
}

pub(crate) fn ctx(tenant: TenantId) -> InvocationContext<Authenticated> {
    testing::context()
        .user(user(), tenant)
        .build_authenticated()
}

impl Stores {
    pub(crate) fn new() -> Self {
        Self {
            runtime: runtime(),
            trees: MemoryTrees::new(),
            log: MemoryAccessLog::new(),
        }
    }

    /// Records a world as that of a tenant.
    pub(crate) fn add(&self, tenant: TenantId, world: &World) {
        self.add_with(tenant, world, |_| {});
    }

    fn add_with(
        &self,
        tenant: TenantId,
        world: &World,
        change: impl FnOnce(&mut Vec<AccessEvent>),
    ) {
        let root = ContainerId::root_of(tenant);
        let id = |number: usize| if number == 0 { root } else { world.ids[number] };
        let created = (1..world.ids.len()).map(|number| TreeEvent::Created {
            container: id(number),
            parent: id(world.parents[number]),
            name: format!("c{number:x}"),
        });
        let events = recorded(tenant, created);
        let appended = self
            .trees
            .append(inside(tenant), TreeVersion::ZERO, &events);
        self.runtime.block_on(appended).unwrap();

        let own = world.roles.iter().filter(|role| role.is_own);
        let roles = own.map(|role| defined(role, root)).collect();
        self.record(tenant, AccessStream::Roles, roles);
        let grants = world.grants.iter().enumerate();
        let grants =
            grants.map(|(nth, (role, at))| given(nth, user(), &world.roles[*role].name, id(*at)));
        let mut grants: Vec<_> = grants.collect();
        change(&mut grants);
        self.record(tenant, AccessStream::Grants, grants);
    }

    pub(crate) fn record(&self, tenant: TenantId, stream: AccessStream, events: Vec<AccessEvent>) {
        let events = recorded(tenant, events);
        // Roles come first, and grants once.
        let roles = self
            .log
            .read(inside(tenant), AccessStream::Roles, 0, NonZeroU32::MAX);
        let roles = self.runtime.block_on(roles).unwrap().len() as u64;
        let version = AccessVersion::new(roles, 0);
        let appended = self.log.append(inside(tenant), stream, version, &events);
        self.runtime.block_on(appended).unwrap();
    }

    pub(crate) fn load(&self, tenants: &[TenantId]) -> Authorizer {
        self.load_by(tenants, FixedClock::at(NOW))
    }

    fn load_by(&self, tenants: &[TenantId], clock: impl Clock + Clone + 'static) -> Authorizer {
        let limits = Limits::default().with_max_nodes(1 << 24);
        let forest = Forest::open(self.trees.clone(), limits, clock.clone(), RandomIds);
        let views = AccessViews::open(self.log.clone(), clock.clone());
        let authorizer = Authorizer::new(Large::catalogue(), forest, views, clock);
        for tenant in tenants {
            let loaded = authorizer.load(inside(*tenant));
            self.runtime.block_on(loaded).unwrap();
        }
        authorizer
    }
}

/// The user's snapshot of a world.
pub(crate) fn snapshot(world: &World) -> Snapshot {
    authorizer(world).snapshot(&ctx(tenant())).unwrap()
}

pub(crate) fn authorizer(world: &World) -> Authorizer {
    let stores = Stores::new();
    stores.add(tenant(), world);
    stores.load(&[tenant()])
}

/// Never asked twice at one side of the edge of a window: what was made of the grants before is of no use.
pub(crate) fn always_anew(world: &World) -> Authorizer {
    let stores = Stores::new();
    stores.add_with(tenant(), world, |events| {
        if let Some(AccessEvent::GrantGiven { grant }) = events.last_mut() {
            let window = Window::new(Some(EDGE), None).unwrap();
            *grant = grant.clone().with_window(window);
        }
    });
    stores.load_by(&[tenant()], ToAndFro::default())
}

const EDGE: Timestamp = Timestamp::from_millis(NOW.as_millis() + 1);

/// Stands by turns before the edge and at it.
#[derive(Clone, Debug, Default)]
struct ToAndFro(Arc<AtomicBool>);

impl Clock for ToAndFro {
    fn now(&self) -> Timestamp {
        if self.0.fetch_xor(true, Ordering::Relaxed) {
            EDGE
        } else {
            NOW
        }
    }
}

/// The question as a service asks it: a container's id, and a permission by type.
pub(crate) fn allows(snapshot: &Snapshot, at: ContainerId) -> bool {
    let node = snapshot.tree().node(at);
    node.is_some_and(|node| snapshot.allows(m07::Read, node))
}

fn recorded<E>(tenant: TenantId, events: impl IntoIterator<Item = E>) -> Vec<Recorded<E>> {
    let cause = Cause::of(inside(tenant));
    let record = |event| Recorded::new(event, NOW, cause.clone());
    events.into_iter().map(record).collect()
}

fn defined(role: &Role, home: ContainerId) -> AccessEvent {
    let role = json!({
        "name": role.name,
        "home": home,
        "policies": {},
        "extra": role.holds,
    });
    AccessEvent::RoleDefined {
        role: serde_json::from_value(role).unwrap(),
    }
}

pub(crate) fn given(nth: usize, to: AccountId, role: &str, at: ContainerId) -> AccessEvent {
    let id = GrantId::from_bytes((nth as u128 + 1).to_be_bytes()).unwrap();
    let role = RoleName::parse(role).unwrap();
    AccessEvent::GrantGiven {
        grant: Grant::new(id, Subject::Account(to), role, at),
    }
}
