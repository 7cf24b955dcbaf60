//! What an invocation pays before it asks, and what a tenant's grants hold of memory.

use criterion::BenchmarkId;
use criterion::Criterion;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessViews;
use skeleton_benches::Dice;
use skeleton_benches::kept;
use skeleton_benches::note;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::testing::FixedClock;

use crate::ours::Stores;
use crate::ours::always_anew;
use crate::ours::authorizer;
use crate::ours::ctx;
use crate::ours::given;
use crate::ours::inside;
use crate::world::NOW;
use crate::world::Roles;
use crate::world::Shape;
use crate::world::World;
use crate::world::runtime;
use crate::world::scaled;
use crate::world::tenant;

const GRANTS: usize = 100_000;
const ACCOUNTS: usize = 10_000;

pub(crate) fn snapshots(c: &mut Criterion) {
    let mut group = c.benchmark_group("authz-snapshot");
    let ctx = ctx(tenant());
    let kinds = [
        ("all", Roles::All),
        ("standard", Roles::Standard),
        ("own", Roles::Own),
    ];
    for (name, roles) in kinds {
        for grants in [5, 32, 500] {
            let world = World::of(&Shape {
                grants,
                roles,
                ..Shape::default()
            });
            let anew = always_anew(&world);
            group.bench_function(BenchmarkId::new(name, grants), |b| {
                b.iter(|| anew.snapshot(&ctx).unwrap());
            });
            if roles == Roles::All {
                let again = authorizer(&world);
                group.bench_function(BenchmarkId::new("again", grants), |b| {
                    b.iter(|| again.snapshot(&ctx).unwrap());
                });
            }
        }
    }
    group.finish();
}

/// What a move gives and takes, of all accounts together.
pub(crate) fn moves(c: &mut Criterion) {
    let world = World::of(&Shape {
        grants: 0,
        ..Shape::default()
    });
    let stores = Stores::new();
    stores.add(tenant(), &world);
    stores.record(tenant(), AccessStream::Grants, crowd(&world));
    let snapshot = stores.load(&[tenant()]).snapshot(&ctx(tenant()));
    let snapshot = snapshot.unwrap();
    let [moving, to] = world.to_move().map(|number| world.ids[number]);
    let plan = snapshot.tree().plan_move(moving, to).unwrap();
    assert!(!plan.assess(&snapshot).unwrap().changes().is_empty());
    let mut group = c.benchmark_group("authz-moves");
    group.bench_function("assess", |b| {
        b.iter(|| plan.assess(&snapshot).unwrap());
    });
    group.finish();
}

/// Bytes per grant of a view.
pub(crate) fn bytes(_: &mut Criterion) {
    let (stores, runtime) = (Stores::new(), runtime());
    let events = crowd(&World::of(&Shape::default()));
    let len = events.len();
    stores.record(tenant(), AccessStream::Grants, events);
    let views = AccessViews::open(stores.log.clone(), FixedClock::at(NOW));
    let (view, bytes) = kept(|| runtime.block_on(views.load(inside(tenant()))).unwrap());
    assert_eq!(view.grants().count(), len);
    note("authz-bytes", bytes / len as u64);
}

/// The grants of accounts that hold ten each.
fn crowd(world: &World) -> Vec<AccessEvent> {
    let mut dice = Dice::new(4);
    let grant = |nth: usize| {
        let account = (nth % ACCOUNTS) as u128 + 1;
        let account = AccountId::from_bytes(account.to_be_bytes()).unwrap();
        let role = &world.roles[dice.below(world.roles.len())].name;
        given(nth, account, role, dice.pick(&world.ids))
    };
    (0..scaled(GRANTS)).map(grant).collect()
}
