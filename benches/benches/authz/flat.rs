//! What a decision does not depend on: the depth, the size of the tree, the number of tenants.

use criterion::BenchmarkGroup;
use criterion::BenchmarkId;
use criterion::Criterion;
use criterion::measurement::WallTime;
use skeleton_authz::Permission as _;
use skeleton_authz::Verdict;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::TenantId;

use crate::allow::nodes;
use crate::catalogue::m07;
use crate::ours::Stores;
use crate::ours::allows;
use crate::ours::ctx;
use crate::ours::snapshot;
use crate::peers;
use crate::world::Roles;
use crate::world::Shape;
use crate::world::World;
use crate::world::on_each;
use crate::world::scaled;

const DEPTHS: [usize; 5] = [4, 8, 16, 32, 64];
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
const TENANTS: [usize; 3] = [1, 100, 10_000];
/// How many tenants a process serves again and again.
const BUSY: usize = 100;

fn of_depth(depth: usize) -> Shape {
    Shape {
        depth,
        stand: 2..=depth / 2,
        ..Shape::default()
    }
}

fn of_size(nodes: usize) -> Shape {
    Shape {
        nodes,
        ..Shape::default()
    }
}

pub(crate) fn sweeps(c: &mut Criterion) {
    let mut group = c.benchmark_group("authz-flat");
    for depth in DEPTHS {
        rows(&mut group, "depth", depth, &World::of(&of_depth(depth)));
    }
    for nodes in SIZES {
        rows(&mut group, "nodes", nodes, &World::of(&of_size(nodes)));
    }
    for tenants in TENANTS {
        among(&mut group, tenants);
    }
    group.finish();
}

fn rows(group: &mut BenchmarkGroup<'_, WallTime>, swept: &str, number: usize, world: &World) {
    let (snapshot, asked) = (snapshot(world), world.allowed());
    assert!(asked.iter().all(|at| allows(&snapshot, *at)));
    let nodes = nodes(&snapshot, &asked);
    group.bench_function(BenchmarkId::new(format!("{swept}-in-hand"), number), |b| {
        on_each(b, &nodes, |node| snapshot.allows(m07::Read, *node));
    });
    group.bench_function(BenchmarkId::new(swept, number), |b| {
        on_each(b, &asked, |at| allows(&snapshot, *at));
    });
}

/// A snapshot and one decision in the busy ones of so many tenants: what an invocation pays.
fn among(group: &mut BenchmarkGroup<'_, WallTime>, tenants: usize) {
    let len = scaled(tenants);
    let world = World::of(&Shape {
        nodes: 60,
        depth: 4,
        stand: 1..=2,
        roles: Roles::Standard,
        ..Shape::default()
    });
    let stores = Stores::new();
    let id = |number: usize| TenantId::from_bytes((number as u128 + 1).to_be_bytes()).unwrap();
    let all: Vec<_> = (0..len).map(id).collect();
    all.iter().for_each(|tenant| stores.add(*tenant, &world));
    let authorizer = stores.load(&all);
    let step = len.div_ceil(BUSY);
    let busy: Vec<_> = all
        .iter()
        .step_by(step)
        .map(|tenant| ctx(*tenant))
        .collect();
    let asked = [(m07::Read::ID, world.allowed()[0])];
    let mut out = Vec::new();
    let mut answer = |ctx: &InvocationContext<Authenticated>| {
        let snapshot = authorizer.snapshot(ctx).unwrap();
        snapshot.batch(&asked, &mut out);
        out[0]
    };
    assert!(busy.iter().all(|ctx| answer(ctx) == Verdict::Allow));
    group.bench_function(BenchmarkId::new("tenants", tenants), |b| {
        on_each(b, &busy, |ctx| answer(ctx));
    });
}

/// What the same costs elsewhere.
pub(crate) fn peers(c: &mut Criterion) {
    let sweeps = [
        ("authz-depth-64", of_depth(64)),
        ("authz-nodes-100000", of_size(100_000)),
    ];
    for (name, shape) in sweeps {
        let world = World::of(&shape);
        let asked = world.allowed();
        let mut group = c.benchmark_group(name);
        peers::rows(&mut group, &world, &asked, true);
        group.finish();
    }
}
