//! The trees of tenants.

use super::Goal;
use super::count;
use super::flat;
use super::nanos;
use super::ratio;

const MILLISECOND: f64 = 1_000_000.0;

const DEPTHS: &[&str] = &[
    "tree-covers/depth/4",
    "tree-covers/depth/8",
    "tree-covers/depth/16",
    "tree-covers/depth/32",
    "tree-covers/depth/64",
    "tree-covers/depth/128",
    "tree-covers/depth/255",
];

const SIZES: &[&str] = &[
    "tree-covers/nodes/1000",
    "tree-covers/nodes/10000",
    "tree-covers/nodes/100000",
    "tree-covers/nodes/1000000",
];

pub(super) const GOALS: &[Goal] = &[
    nanos(
        "tree-covers",
        "covers, nodes in hand",
        "tree-covers/warm",
        2.0,
    ),
    nanos(
        "tree-covers-cold",
        "covers, pairs at random out of 1M nodes",
        "tree-covers/cold",
        25.0,
    ),
    flat("tree-covers-flat", "covers at depth 4 to 255", DEPTHS, 3.0),
    flat(
        "tree-covers-flat-nodes",
        "covers among 1k to 1M nodes",
        SIZES,
        3.0,
    ),
    ratio(
        "tree-covers-walk",
        "covers at depth 20, against a walk over parents in a HashMap",
        "tree-ancestry/covers-20",
        "tree-ancestry/walk-20",
        1.0 / 8.0,
    ),
    ratio(
        "tree-covers-walk-ids",
        "the same from ids: two look-ups, then covers",
        "tree-ancestry/covers-ids-20",
        "tree-ancestry/walk-20",
        1.0 / 8.0,
    ),
    nanos("tree-node", "id to node, 1k nodes", "tree-node/warm", 20.0),
    nanos(
        "tree-node-cold",
        "id to node, at random out of 1M",
        "tree-node/cold",
        120.0,
    ),
    nanos(
        "tree-node-cold-chained",
        "the same, each look-up waits for the one before",
        "tree-node/cold-chained",
        120.0,
    ),
    count(
        "tree-alloc",
        "allocations of covers, node, ancestors, path, children, subtree, lca together",
        0,
    ),
    nanos(
        "tree-host",
        "by_host among 100k tenants, a hundred of them busy",
        "tree-host/warm",
        100.0,
    ),
    nanos(
        "tree-host-cold",
        "the same, at random out of all",
        "tree-host/cold",
        100.0,
    ),
    count("tree-host-alloc", "allocations of the same", 0),
    ratio(
        "tree-move",
        "move in a 10k tenant until readers see it, against Cedar's rebuild",
        "tree-move/10000",
        "tree-move/cedar-rebuild-10000",
        1.0 / 100.0,
    ),
    ratio(
        "tree-move-upsert",
        "the same, against Cedar's upsert of what moved",
        "tree-move/10000",
        "tree-move/cedar-upsert-10000",
        1.0 / 10.0,
    ),
    nanos(
        "tree-move-10k",
        "move until readers see it, 10k nodes",
        "tree-move/10000",
        0.2 * MILLISECOND,
    ),
    nanos(
        "tree-move-100k",
        "the same, 100k nodes",
        "tree-move/100000",
        3.0 * MILLISECOND,
    ),
    nanos(
        "tree-move-1m",
        "the same, 1M nodes",
        "tree-move/1000000",
        50.0 * MILLISECOND,
    ),
    nanos(
        "tree-create-10k",
        "create until readers see it, 10k nodes",
        "tree-create/10000",
        0.2 * MILLISECOND,
    ),
    nanos(
        "tree-create-100k",
        "the same, 100k nodes",
        "tree-create/100000",
        3.0 * MILLISECOND,
    ),
    nanos(
        "tree-create-1m",
        "the same, 1M nodes",
        "tree-create/1000000",
        50.0 * MILLISECOND,
    ),
    ratio(
        "tree-readers",
        "published, two look-ups and covers in a tenant that moves without pause, against idle",
        "tree-readers/busy",
        "tree-readers/idle",
        1.0 / 0.95,
    ),
    ratio(
        "tree-readers-beside",
        "the same in a tenant beside it",
        "tree-readers/busy-beside",
        "tree-readers/idle",
        1.0 / 0.95,
    ),
    ratio(
        "tree-readers-cores",
        "the same on two cores at once, one tenant, against one core",
        "tree-readers/two-cores",
        "tree-readers/idle",
        1.0 / 0.9,
    ),
    ratio(
        "tree-readers-cores-held",
        "the same with a snapshot in hand, against one core",
        "tree-readers/two-cores-held",
        "tree-readers/held",
        1.0 / 0.9,
    ),
    nanos(
        "tree-rollup",
        "roll-up of 1M contributions, at random",
        "tree-rollup/build-random",
        10.0 * MILLISECOND,
    ),
    nanos(
        "tree-rollup-ordered",
        "the same in pre-order",
        "tree-rollup/build-pre-order",
        10.0 * MILLISECOND,
    ),
    nanos(
        "tree-rollup-few",
        "the same of 10k contributions in a tree of 1M",
        "tree-rollup/build-few",
        10.0 * MILLISECOND,
    ),
    nanos(
        "tree-rollup-total",
        "the sum of a subtree",
        "tree-rollup/total",
        5.0,
    ),
    nanos(
        "tree-fold",
        "fold of 1M events",
        "tree-fold/apply",
        1_000.0 * MILLISECOND,
    ),
    nanos(
        "tree-load",
        "the same, read out of a store and published",
        "tree-fold/load",
        1_000.0 * MILLISECOND,
    ),
    count(
        "tree-bytes",
        "bytes per node of a loaded tree of 1M, all but names",
        64,
    ),
    count(
        "tree-bytes-snapshot",
        "of them the snapshot's: 16 id, 4 position, 16 row, 8 and more index",
        48,
    ),
    count(
        "tree-bytes-grown",
        "bytes per node, all but names, after one more container",
        72,
    ),
    count(
        "tree-bytes-small",
        "bytes of a tenant of 10 containers, all included",
        2_048,
    ),
];
