//! What a loaded tree takes.

use criterion::Criterion;
use skeleton_benches::kept;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeVersion;

use crate::world::DEPTH;
use crate::world::World;
use crate::world::append;
use crate::world::forest;
use crate::world::inside;
use crate::world::is_smoke;
use crate::world::runtime;
use crate::world::tenant;

/// Tenants of ten containers.
const SMALL: u32 = 1_000;

/// Notes a figure, unless the trees are too small to mean anything.
fn note(id: &str, figure: u64) {
    if !is_smoke() {
        skeleton_benches::note(id, figure);
    }
}

/// Counts, no times: the same on every machine.
pub(crate) fn bytes(_: &mut Criterion) {
    large();
    small();
}

fn large() {
    let world = World::of(1_000_000);
    let runtime = runtime();
    let store = world.store(&runtime);
    let len = world.ids.len() as u64;
    let (loaded, bytes) = kept(|| {
        let forest = forest(store.clone());
        let tree = runtime.block_on(forest.snapshot(inside(tenant(1))));
        (forest, tree.unwrap().bytes())
    });
    let (forest, snapshot) = loaded;
    let per_node = |bytes: u64| bytes.div_ceil(len);
    note("tree-bytes", per_node(bytes - names(world)));
    note("tree-bytes-snapshot", per_node(snapshot as u64));
    // Somebody else appends one, so that the log's own growth is not counted.
    let more = [TreeEvent::Created {
        container: ContainerId::generate(&RandomIds, Timestamp::from_millis(1)),
        parent: world.ids[0],
        name: "one-more".to_owned(),
    }];
    let version = TreeVersion::new(world.events.len() as u64);
    append(&runtime, &store, inside(tenant(1)), version, &more);
    let (_, more) = kept(|| {
        let caught_up = forest.catch_up(inside(tenant(1)));
        assert_eq!(
            runtime.block_on(caught_up).unwrap().len(),
            world.ids.len() + 1
        );
    });
    note("tree-bytes-grown", per_node(bytes - names(world) + more));
}

/// What names take: their bytes, and a slot of 16 for each.
fn names(world: &World) -> u64 {
    let own = world.events.iter().map(|event| match event {
        TreeEvent::Created { name, .. } => name.len() as u64,
        _ => 0,
    });
    own.sum::<u64>() + 16 * world.ids.len() as u64
}

fn small() {
    let (runtime, world) = (runtime(), World::grown(10, DEPTH));
    let small = |number: u32| TenantId::from_bytes((u128::from(number) + 1).to_be_bytes()).unwrap();
    let store = MemoryTrees::new();
    for tenant in (0..SMALL).map(small) {
        let events = world.events_in(tenant);
        append(&runtime, &store, inside(tenant), TreeVersion::ZERO, &events);
    }
    let (_forest, bytes): (Forest, _) = kept(|| {
        let forest = forest(store);
        for tenant in (0..SMALL).map(small) {
            let tree = runtime.block_on(forest.snapshot(inside(tenant)));
            assert_eq!(tree.unwrap().len(), world.ids.len());
        }
        forest
    });
    note("tree-bytes-small", bytes.div_ceil(u64::from(SMALL)));
}
