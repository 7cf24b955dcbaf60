//! Who lies above whom.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::Instant;

use criterion::BenchmarkId;
use criterion::Criterion;
use skeleton_benches::allocations;
use skeleton_benches::note;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::world::DEPTH;
use crate::world::Dice;
use crate::world::World;
use crate::world::on_each;
use crate::world::scaled;

/// So many pairs of nodes stay in the nearest cache.
const FEW: usize = 1_024;

/// Pairs of numbers: a container of the deepest, and one high above it or beside what is above it.
fn pairs(world: &World, depth: u8) -> Vec<(usize, usize)> {
    let numbers = 0..world.ids.len();
    let deep: Vec<_> = numbers
        .clone()
        .filter(|number| world.depths[*number] == depth)
        .collect();
    let high: Vec<_> = numbers
        .filter(|number| world.depths[*number] == 1)
        .collect();
    let mut dice = Dice::new(1);
    let pair = |nth: usize| {
        let below = dice.pick(&deep);
        let above = if nth.is_multiple_of(2) {
            let mut above = world.above(below);
            above.find(|at| world.depths[*at] == 1).unwrap()
        } else {
            dice.pick(&high)
        };
        (above, below)
    };
    (0..FEW).map(pair).collect()
}

fn in_hand<'t>(
    tree: &'t TreeSnapshot,
    world: &World,
    pairs: &[(usize, usize)],
) -> Vec<(Node<'t>, Node<'t>)> {
    let node = |number: usize| tree.node(world.ids[number]).unwrap();
    pairs
        .iter()
        .map(|(above, below)| (node(*above), node(*below)))
        .collect()
}

pub(crate) fn covers(c: &mut Criterion) {
    let mut group = c.benchmark_group("tree-covers");
    let world = World::of(10_000);
    let tree = world.snapshot();
    let nodes = in_hand(&tree, world, &pairs(world, DEPTH));
    group.bench_function("warm", |b| {
        on_each(b, &nodes, |(above, below)| above.covers(*below));
    });
    for depth in [4, 8, 16, 32, 64, 128, 255] {
        let world = World::grown(10_000, depth);
        let tree = world.snapshot();
        let nodes = in_hand(&tree, &world, &pairs(&world, depth));
        group.bench_function(BenchmarkId::new("depth", depth), |b| {
            on_each(b, &nodes, |(above, below)| above.covers(*below));
        });
    }
    for len in [1_000, 10_000, 100_000, 1_000_000] {
        let world = World::grown(scaled(len), DEPTH);
        let tree = world.snapshot();
        let nodes = in_hand(&tree, &world, &pairs(&world, DEPTH));
        group.bench_function(BenchmarkId::new("nodes", len), |b| {
            on_each(b, &nodes, |(above, below)| above.covers(*below));
        });
    }

    let world = World::of(1_000_000);
    let tree = world.snapshot();
    let nodes: Vec<_> = tree.subtree(tree.root()).collect();
    let mut dice = Dice::new(2);
    let pairs: Vec<_> = (0..nodes.len())
        .map(|_| (dice.below(nodes.len()), dice.below(nodes.len())))
        .collect();
    group.bench_function("cold", |b| {
        on_each(b, &pairs, |(above, below)| {
            nodes[*above].covers(nodes[*below])
        });
    });
    group.finish();
}

/// The whole question as a service asks it, beside the walk that it would write.
pub(crate) fn ancestry(c: &mut Criterion) {
    const DEEP: u8 = 20;
    let world = World::grown(10_000, DEEP);
    let tree = world.snapshot();
    let numbers = pairs(&world, DEEP);
    let nodes = in_hand(&tree, &world, &numbers);
    let ids: Vec<_> = numbers
        .iter()
        .map(|(above, below)| (world.ids[*above], world.ids[*below]))
        .collect();
    let parents: HashMap<ContainerId, ContainerId> = (1..world.ids.len())
        .map(|number| (world.ids[number], world.ids[world.parents[number]]))
        .collect();
    let walk = |above: ContainerId, below: ContainerId| {
        let mut at = below;
        loop {
            if at == above {
                return true;
            }
            match parents.get(&at) {
                Some(parent) => at = *parent,
                None => return false,
            }
        }
    };
    let look_up = |above: ContainerId, below: ContainerId| {
        let (above, below) = (tree.node(above)?, tree.node(below)?);
        Some(above.covers(below))
    };
    for ((above, below), (one, other)) in ids.iter().zip(&nodes) {
        assert_eq!(walk(*above, *below), one.covers(*other));
        assert_eq!(look_up(*above, *below), Some(one.covers(*other)));
    }

    let mut group = c.benchmark_group("tree-ancestry");
    group.bench_function("covers-20", |b| {
        on_each(b, &nodes, |(above, below)| above.covers(*below));
    });
    group.bench_function("covers-ids-20", |b| {
        on_each(b, &ids, |(above, below)| look_up(*above, *below));
    });
    group.bench_function("walk-20", |b| {
        on_each(b, &ids, |(above, below)| walk(*above, *below));
    });
    group.finish();
}

pub(crate) fn nodes(c: &mut Criterion) {
    let mut group = c.benchmark_group("tree-node");
    for (name, len) in [("warm", 1_000), ("cold", 1_000_000)] {
        let world = World::grown(scaled(len), DEPTH);
        let tree = world.snapshot();
        let mut ids = world.ids.clone();
        Dice::new(3).shuffle(&mut ids);
        group.bench_function(name, |b| on_each(b, &ids, |id| tree.node(*id)));
        group.bench_function(format!("{name}-chained"), |b| {
            let mut at = 0;
            b.iter_custom(|times| {
                let begin = Instant::now();
                for _ in 0..times {
                    let node = tree.node(ids[at]).unwrap();
                    // Nothing is added, but only the answer tells.
                    at = (at + 1 + (node.pre() >> 31) as usize) % ids.len();
                }
                black_box(at);
                begin.elapsed()
            });
        });
        let map: HashMap<ContainerId, u32> = world.ids.iter().copied().zip(0..).collect();
        group.bench_function(format!("{name}-hash-map"), |b| {
            on_each(b, &ids, |id| map.get(id).copied());
        });
    }
    group.finish();
}

pub(crate) fn walks(c: &mut Criterion) {
    let world = World::of(10_000);
    let tree = world.snapshot();
    let numbers = pairs(world, DEPTH);
    let nodes = in_hand(&tree, world, &numbers);
    let (above, below) = nodes[0];
    let id = world.ids[numbers[0].1];
    let everything = || {
        let found = tree.node(id).is_some_and(|node| above.covers(node));
        let walked = [
            tree.ancestors(below).count(),
            tree.path(below).count(),
            tree.children(above).count(),
            tree.subtree(above).count(),
        ];
        (found, walked, tree.lca(above, below))
    };
    assert!(everything().0);
    note("tree-alloc", allocations(everything));

    let mut group = c.benchmark_group("tree-walk");
    group.bench_function("ancestors-8", |b| {
        on_each(b, &nodes, |(_, below)| tree.ancestors(*below).count());
    });
    group.bench_function("path-8", |b| {
        on_each(b, &nodes, |(_, below)| tree.path(*below).count());
    });
    group.bench_function("lca-8", |b| {
        on_each(b, &nodes, |(above, below)| tree.lca(*below, *above));
    });
    group.bench_function("children-of-root", |b| {
        b.iter(|| tree.children(black_box(tree.root())).count());
    });
    group.bench_function("subtree-of-root", |b| {
        b.iter(|| {
            let nodes = tree.subtree(black_box(tree.root()));
            nodes.map(|node| u64::from(node.last())).sum::<u64>()
        });
    });
    group.finish();
}
