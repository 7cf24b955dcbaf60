//! Who may do what, and where.

use super::Goal;
use super::best;
use super::count;
use super::flat;
use super::nanos;
use super::ratio;

const MICROSECOND: f64 = 1_000.0;
const MILLISECOND: f64 = 1_000.0 * MICROSECOND;

/// The engines with 5 grants. The walk by hand is no engine: it is shown beside them.
const ENGINES: &[&str] = &[
    "authz-allow/cedar",
    "authz-allow/regorus",
    "authz-allow/regorus-rvm",
    "authz-allow/casbin",
];

const ENGINES_500: &[&str] = &[
    "authz-allow-500/cedar",
    "authz-allow-500/regorus",
    "authz-allow-500/regorus-rvm",
    "authz-allow-500/casbin",
];

const DEPTHS_AND_SIZES: &[&str] = &[
    "authz-flat/depth/4",
    "authz-flat/depth/8",
    "authz-flat/depth/16",
    "authz-flat/depth/32",
    "authz-flat/depth/64",
    "authz-flat/nodes/1000",
    "authz-flat/nodes/10000",
    "authz-flat/nodes/100000",
    "authz-flat/nodes/1000000",
];

const DEPTHS: &[&str] = &[
    "authz-flat/depth/4",
    "authz-flat/depth/8",
    "authz-flat/depth/16",
    "authz-flat/depth/32",
    "authz-flat/depth/64",
];

const DEPTHS_IN_HAND: &[&str] = &[
    "authz-flat/depth-in-hand/4",
    "authz-flat/depth-in-hand/8",
    "authz-flat/depth-in-hand/16",
    "authz-flat/depth-in-hand/32",
    "authz-flat/depth-in-hand/64",
];

const SIZES: &[&str] = &[
    "authz-flat/nodes/1000",
    "authz-flat/nodes/10000",
    "authz-flat/nodes/100000",
    "authz-flat/nodes/1000000",
];

const SIZES_IN_HAND: &[&str] = &[
    "authz-flat/nodes-in-hand/1000",
    "authz-flat/nodes-in-hand/10000",
    "authz-flat/nodes-in-hand/100000",
    "authz-flat/nodes-in-hand/1000000",
];

const TENANTS: &[&str] = &[
    "authz-flat/tenants/1",
    "authz-flat/tenants/100",
    "authz-flat/tenants/10000",
];

pub(super) const GOALS: &[Goal] = &[
    best(
        "authz-allow",
        "typed permission and ContainerId to decision, 5 grants, 10k containers, against the fastest engine",
        "authz-allow/id",
        ENGINES,
        1.0 / 300.0,
    ),
    nanos("authz-allow-id", "the same", "authz-allow/id", 20.0),
    nanos(
        "authz-allow-node",
        "the same, node in hand",
        "authz-allow/node",
        10.0,
    ),
    ratio(
        "authz-allow-walk",
        "from ContainerId, against a walk over parents in a HashMap",
        "authz-allow/id",
        "authz-allow/walk",
        1.0,
    ),
    best(
        "authz-allow-500",
        "from ContainerId with 500 grants, against the fastest engine",
        "authz-allow-500/id",
        ENGINES_500,
        1.0 / 700.0,
    ),
    nanos("authz-allow-500-id", "the same", "authz-allow-500/id", 35.0),
    flat(
        "authz-flat",
        "from ContainerId, depth 4 to 64 and 1k to 1M containers together",
        DEPTHS_AND_SIZES,
        3.0,
    ),
    flat("authz-flat-depth", "of them depth 4 to 64", DEPTHS, 3.0),
    flat(
        "authz-flat-depth-in-hand",
        "the same, node in hand",
        DEPTHS_IN_HAND,
        3.0,
    ),
    flat(
        "authz-flat-nodes",
        "of them 1k to 1M containers",
        SIZES,
        3.0,
    ),
    flat(
        "authz-flat-nodes-in-hand",
        "the same, node in hand",
        SIZES_IN_HAND,
        3.0,
    ),
    flat(
        "authz-flat-tenants",
        "snapshot and decision, 1 to 10k tenants",
        TENANTS,
        3.0,
    ),
    ratio(
        "authz-deny",
        "a deny from ContainerId, against an allow",
        "authz-deny/id",
        "authz-deny/allow-id",
        1.2,
    ),
    ratio(
        "authz-deny-node",
        "the same, node in hand",
        "authz-deny/node",
        "authz-deny/allow-node",
        1.2,
    ),
    count(
        "authz-alloc",
        "allocations of allows, denies and proofs together",
        0,
    ),
    ratio(
        "authz-threads",
        "on all cores at once, one snapshot, against one core",
        "authz-threads/all",
        "authz-threads/one",
        1.0 / 0.9,
    ),
    nanos(
        "authz-require",
        "require, with the proof",
        "authz-allow/require",
        40.0,
    ),
    best(
        "authz-explain",
        "explain with counterfactual, against one check of the fastest engine",
        "authz-explain/deny",
        ENGINES,
        1.0 / 4.0,
    ),
    nanos(
        "authz-explain-deny",
        "the same",
        "authz-explain/deny",
        MICROSECOND,
    ),
    nanos(
        "authz-explain-allow",
        "explain of an allow",
        "authz-explain/allow",
        MICROSECOND,
    ),
    nanos(
        "authz-effective",
        "all that is allowed at a container",
        "authz-lists/effective",
        200.0,
    ),
    best(
        "authz-visible",
        "visible, 32 grants, against one check of the fastest engine",
        "authz-lists/visible-many",
        ENGINES,
        1.0 / 4.0,
    ),
    nanos(
        "authz-visible-32",
        "the same",
        "authz-lists/visible-many",
        500.0,
    ),
    nanos(
        "authz-sql",
        "its SQL text, grants of departments: some hundred containers",
        "authz-lists/sql-many",
        5.0 * MICROSECOND,
    ),
    nanos(
        "authz-sql-few",
        "the same, grants of teams",
        "authz-lists/sql-few",
        5.0 * MICROSECOND,
    ),
    best(
        "authz-snapshot",
        "snapshot of 32 grants, against one check of the fastest engine",
        "authz-snapshot/all/32",
        ENGINES,
        1.0,
    ),
    nanos(
        "authz-snapshot-5",
        "snapshot of 5 grants, roles of all kinds",
        "authz-snapshot/all/5",
        0.5 * MICROSECOND,
    ),
    nanos(
        "authz-snapshot-32",
        "the same, 32",
        "authz-snapshot/all/32",
        2.0 * MICROSECOND,
    ),
    nanos(
        "authz-snapshot-500",
        "the same, 500",
        "authz-snapshot/all/500",
        30.0 * MICROSECOND,
    ),
    nanos(
        "authz-snapshot-5-standard",
        "snapshot of 5 grants, standard roles alone",
        "authz-snapshot/standard/5",
        0.5 * MICROSECOND,
    ),
    nanos(
        "authz-snapshot-32-standard",
        "the same, 32",
        "authz-snapshot/standard/32",
        2.0 * MICROSECOND,
    ),
    nanos(
        "authz-snapshot-500-standard",
        "the same, 500",
        "authz-snapshot/standard/500",
        30.0 * MICROSECOND,
    ),
    nanos(
        "authz-snapshot-again",
        "snapshot of 500 grants, of an account whose grants were read before",
        "authz-snapshot/again/500",
        0.5 * MICROSECOND,
    ),
    nanos(
        "authz-moves",
        "gains and losses by a move, 10k accounts of ten grants, 10k containers",
        "authz-moves/assess",
        100.0 * MILLISECOND,
    ),
    count(
        "authz-bytes",
        "bytes per grant of a view, 100k grants of 10k accounts",
        64,
    ),
];
