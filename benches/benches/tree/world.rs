//! Trees to measure: random shapes under random ids, the same in every run.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::Instant;

use criterion::Bencher;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;
use tokio::runtime::Runtime;

const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);
/// How large trees are when no figure is wanted.
const SMOKE: usize = 2_000;
/// How deep trees are where depth is not what is measured.
pub(crate) const DEPTH: u8 = 8;

/// Whether this run only looks whether everything runs.
pub(crate) fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// So many; fewer if no figure is wanted.
pub(crate) fn scaled(len: usize) -> usize {
    if is_smoke() { len.min(SMOKE) } else { len }
}

/// `SplitMix64`: the same numbers in every run.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.roll() % end as u64) as usize
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// One tenant's containers in the order of their creation. The root is number 0.
pub(crate) struct World {
    pub(crate) ids: Vec<ContainerId>,
    /// By number, the parent's number; the root is its own.
    pub(crate) parents: Vec<usize>,
    pub(crate) depths: Vec<u8>,
    /// The creations, all but the root's.
    pub(crate) events: Vec<TreeEvent>,
}

pub(crate) fn tenant(number: u8) -> TenantId {
    TenantId::from_bytes([number; 16]).unwrap()
}

pub(crate) fn inside(tenant: TenantId) -> InTenant<'static> {
    InTenant::background(tenant, "bench")
}

impl World {
    /// `len` containers of tenant 1, none deeper than `depth` and many that deep.
    ///
    /// A container is created below any one that is there; in deep trees mostly below the one created before, or they
    /// would not get deep: a random tree of 10k containers ends at depth 25.
    pub(crate) fn grown(len: usize, depth: u8) -> Self {
        let (mut dice, ids) = (Dice::new(u64::from(depth)), SeededIds::new(len as u64));
        let straight_on = 100 - 100 * 4 / usize::from(depth.max(4));
        let mut world = Self {
            ids: vec![ContainerId::root_of(tenant(1))],
            parents: vec![0],
            depths: vec![0],
            events: Vec::with_capacity(len),
        };
        for number in 1..len {
            let mut parent = number - 1;
            if depth <= DEPTH || dice.below(100) >= straight_on {
                parent = dice.below(number);
            }
            while world.depths[parent] >= depth {
                parent = dice.below(number);
            }
            let id = ContainerId::generate(&ids, NOW);
            world.events.push(TreeEvent::Created {
                container: id,
                parent: world.ids[parent],
                name: format!("c{number:x}"),
            });
            world.ids.push(id);
            world.parents.push(parent);
            world.depths.push(world.depths[parent] + 1);
        }
        world
    }

    /// The world of 10k, 100k or 1M containers; made once.
    pub(crate) fn of(len: usize) -> &'static Self {
        static WORLDS: [OnceLock<World>; 3] = [const { OnceLock::new() }; 3];
        let which = match len {
            10_000 => 0,
            100_000 => 1,
            _ => 2,
        };
        WORLDS[which].get_or_init(|| Self::grown(scaled(len), DEPTH))
    }

    /// The same creations below the root of another tenant.
    pub(crate) fn events_in(&self, tenant: TenantId) -> Vec<TreeEvent> {
        let root = ContainerId::root_of(tenant);
        let mut events = self.events.clone();
        for event in &mut events {
            if let TreeEvent::Created { parent, .. } = event
                && *parent == self.ids[0]
            {
                *parent = root;
            }
        }
        events
    }

    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::rooted(tenant(1));
        for event in &self.events {
            assert_eq!(tree.apply(event), Applied::Done);
        }
        tree
    }

    pub(crate) fn snapshot(&self) -> TreeSnapshot {
        TreeSnapshot::of(&self.tree())
    }

    /// The numbers of the containers above one, the nearest first and the root last.
    pub(crate) fn above(&self, number: usize) -> impl Iterator<Item = usize> {
        let mut at = number;
        std::iter::from_fn(move || {
            (at != 0).then(|| {
                at = self.parents[at];
                at
            })
        })
    }

    /// A store that has the events.
    pub(crate) fn store(&self, runtime: &Runtime) -> MemoryTrees {
        let store = MemoryTrees::new();
        let t = inside(tenant(1));
        append(runtime, &store, t, TreeVersion::ZERO, &self.events);
        store
    }

    /// The tree of tenant 1, loaded.
    pub(crate) fn forest(&self, runtime: &Runtime) -> Forest {
        let forest = forest(self.store(runtime));
        runtime
            .block_on(forest.snapshot(inside(tenant(1))))
            .unwrap();
        forest
    }
}

pub(crate) fn append(
    runtime: &Runtime,
    store: &MemoryTrees,
    t: InTenant<'_>,
    expected: TreeVersion,
    events: &[TreeEvent],
) {
    let record = |event: &TreeEvent| Recorded::new(event.clone(), NOW, Cause::of(t));
    let recorded: Vec<_> = events.iter().map(record).collect();
    let appended = runtime.block_on(store.append(t, expected, &recorded));
    assert_eq!(appended.unwrap(), expected.after(recorded.len() as u64));
}

pub(crate) fn forest(store: MemoryTrees) -> Forest {
    // Room for what is created while that is measured.
    let limits = Limits::default().with_max_nodes(1 << 24);
    Forest::open(store, limits, SystemClock, RandomIds)
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

/// Times `op` on one item after the other, round and round: a bench that begins anew at the first item would find what
/// it touches in the cache.
pub(crate) fn on_each<T, R>(b: &mut Bencher<'_>, items: &[T], mut op: impl FnMut(&T) -> R) {
    let mut at = 0;
    b.iter_custom(|times| {
        let mut left = usize::try_from(times).unwrap();
        let begin = Instant::now();
        while left > 0 {
            let end = items.len().min(at + left);
            for item in &items[at..end] {
                black_box(op(black_box(item)));
            }
            left -= end - at;
            at = if end == items.len() { 0 } else { end };
        }
        begin.elapsed()
    });
}
