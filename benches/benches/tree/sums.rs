//! Whole logs folded, whole trees summed.

use std::hint::black_box;

use criterion::Criterion;
use criterion::SamplingMode;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Rollup;
use skeleton_tenancy_tree::TreeSnapshot;

use crate::world::Dice;
use crate::world::World;
use crate::world::forest;
use crate::world::inside;
use crate::world::on_each;
use crate::world::runtime;
use crate::world::tenant;

pub(crate) fn folds(c: &mut Criterion) {
    let world = World::of(1_000_000);
    let runtime = runtime();
    let store = world.store(&runtime);
    let mut group = c.benchmark_group("tree-fold");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("apply", |b| b.iter_with_large_drop(|| world.tree()));
    group.bench_function("load", |b| {
        b.iter_with_large_drop(|| {
            let forest = forest(store.clone());
            let loaded = runtime.block_on(forest.snapshot(inside(tenant(1))));
            assert_eq!(loaded.unwrap().len(), world.ids.len());
            forest
        });
    });
    group.bench_function("copy-floor", |b| {
        b.iter_with_large_drop(|| black_box(&world.events).clone());
    });
    group.finish();
}

pub(crate) fn rollups(c: &mut Criterion) {
    let world = World::of(1_000_000);
    let tree = world.snapshot();
    let nodes: Vec<_> = tree.subtree(tree.root()).collect();
    let amount = |node: &Node<'_>| i64::from(node.pre() % 1_000);
    let ordered: Vec<_> = nodes
        .iter()
        .map(|node| (tree.id(*node).unwrap(), amount(node)))
        .collect();
    let mut dice = Dice::new(9);
    let mut random = ordered.clone();
    dice.shuffle(&mut random);
    let expected: i64 = nodes.iter().map(amount).sum();

    let mut group = c.benchmark_group("tree-rollup");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, contributions) in [("build-pre-order", &ordered), ("build-random", &random)] {
        assert_eq!(
            build(&tree, contributions).total(tree.root()),
            Some(expected)
        );
        group.bench_function(name, |b| b.iter(|| build(&tree, contributions)));
    }
    // A month's bill of a tenant of which one container in a hundred did anything.
    let few = &random[..random.len() / 100];
    group.bench_function("build-few", |b| b.iter(|| build(&tree, few)));
    // What is left if every contribution has its position in hand.
    let mut in_hand: Vec<_> = nodes
        .iter()
        .map(|node| (node.pre(), amount(node)))
        .collect();
    group.bench_function("floor-pre-order", |b| b.iter(|| prefixes(&in_hand)));
    dice.shuffle(&mut in_hand);
    group.bench_function("floor-random", |b| b.iter(|| prefixes(&in_hand)));
    assert_eq!(prefixes(&in_hand).last(), Some(&expected));
    group.bench_function("floor-look-ups", |b| {
        b.iter(|| {
            let found = random.iter().filter_map(|(id, _)| tree.node(*id));
            found.map(|node| u64::from(node.pre())).sum::<u64>()
        });
    });

    let bill = build(&tree, &random);
    let mut shuffled = nodes.clone();
    dice.shuffle(&mut shuffled);
    group.sample_size(100).sampling_mode(SamplingMode::Auto);
    group.bench_function("total", |b| {
        on_each(b, &shuffled[..1_024.min(nodes.len())], |node| {
            bill.total(*node)
        });
    });
    group.bench_function("total-cold", |b| {
        on_each(b, &shuffled, |node| bill.total(*node));
    });
    group.finish();
}

fn build(tree: &TreeSnapshot, contributions: &[(ContainerId, i64)]) -> Rollup<i64> {
    Rollup::build(tree, contributions.iter().copied()).unwrap()
}

fn prefixes(contributions: &[(u32, i64)]) -> Vec<i64> {
    let mut prefix = vec![0; contributions.len() + 1];
    for (pre, amount) in contributions {
        prefix[*pre as usize + 1] += amount;
    }
    let mut sum = 0;
    for before in &mut prefix {
        sum += *before;
        *before = sum;
    }
    prefix
}
