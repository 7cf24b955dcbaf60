//! From a command to the snapshot that readers see.

use std::collections::HashSet;
use std::time::Duration;

use cedar_policy::Entities;
use cedar_policy::Entity;
use cedar_policy::EntityId;
use cedar_policy::EntityTypeName;
use cedar_policy::EntityUid;
use criterion::BatchSize;
use criterion::BenchmarkId;
use criterion::Criterion;
use criterion::SamplingMode;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeSnapshot;
use tokio::runtime::Runtime;

use crate::world::Dice;
use crate::world::World;
use crate::world::inside;
use crate::world::runtime;
use crate::world::tenant;

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];

/// Moves without end: each there, and back again.
pub(crate) struct Moves {
    /// What moves, where it is, and where it goes.
    moves: Vec<[ContainerId; 3]>,
    step: usize,
}

impl Moves {
    pub(crate) fn of(world: &World) -> Self {
        let mut dice = Dice::new(5);
        let len = world.ids.len();
        let mut moves = Vec::new();
        while moves.len() < 64 {
            let (moving, to) = (1 + dice.below(len - 1), dice.below(len));
            let from = world.parents[moving];
            if to != from && to != moving && !world.above(to).any(|at| at == moving) {
                moves.push([moving, from, to].map(|number| world.ids[number]));
            }
        }
        Self { moves, step: 0 }
    }

    pub(crate) fn next(&mut self) -> TreeCommand {
        let [container, from, to] = self.moves[self.step / 2 % self.moves.len()];
        let to = if self.step.is_multiple_of(2) {
            to
        } else {
            from
        };
        self.step += 1;
        TreeCommand::Move {
            container,
            to,
            planned_at: None,
        }
    }
}

fn execute(runtime: &Runtime, forest: &Forest, command: TreeCommand) {
    let executed = forest.execute(inside(tenant(1)), command);
    let version = runtime.block_on(executed).unwrap();
    let seen = forest.published(tenant(1)).unwrap();
    assert_eq!(seen.version(), version);
}

pub(crate) fn moves(c: &mut Criterion) {
    let runtime = runtime();
    let mut group = c.benchmark_group("tree-move");
    group.sample_size(20).sampling_mode(SamplingMode::Flat);
    for len in SIZES {
        let world = World::of(len);
        let forest = world.forest(&runtime);
        let mut moves = Moves::of(world);
        group.bench_function(BenchmarkId::from_parameter(len), |b| {
            b.iter(|| execute(&runtime, &forest, moves.next()));
        });
        let tree = world.tree();
        group.bench_function(BenchmarkId::new("snapshot-alone", len), |b| {
            b.iter(|| TreeSnapshot::of(&tree));
        });
    }

    // Cedar holds every entity's ancestors, so a move is either all entities anew or an upsert of the one that moved,
    // on a copy: readers still hold the old ones.
    let world = World::of(10_000);
    let uids = uids(world);
    let entities: Vec<_> = (0..uids.len())
        .map(|number| entity(&uids, number, world.parents[number]))
        .collect();
    let built = Entities::from_entities(entities.clone(), None).unwrap();
    let mut dice = Dice::new(6);
    group.sample_size(10);
    group.bench_function("cedar-rebuild-10000", |b| {
        b.iter_batched(
            || entities.clone(),
            |entities| Entities::from_entities(entities, None).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("cedar-upsert-10000", |b| {
        b.iter_batched(
            || loop {
                let (moving, to) = (1 + dice.below(uids.len() - 1), dice.below(uids.len()));
                if to != moving && !world.above(to).any(|at| at == moving) {
                    break [entity(&uids, moving, to)];
                }
            },
            |moved| built.clone().upsert_entities(moved, None).unwrap(),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn uids(world: &World) -> Vec<EntityUid> {
    let kind: EntityTypeName = "Container".parse().unwrap();
    let uid = |id: &ContainerId| {
        EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id.to_string()))
    };
    world.ids.iter().map(uid).collect()
}

fn entity(uids: &[EntityUid], number: usize, parent: usize) -> Entity {
    let parents = if number == 0 {
        HashSet::new()
    } else {
        HashSet::from([uids[parent].clone()])
    };
    Entity::new_no_attrs(uids[number].clone(), parents)
}

/// The commonest change: one container more. Few runs, or the tree would not stay as large as it is said to be.
pub(crate) fn creates(c: &mut Criterion) {
    let runtime = runtime();
    let mut group = c.benchmark_group("tree-create");
    group.sample_size(10).sampling_mode(SamplingMode::Flat);
    group.warm_up_time(Duration::from_millis(100));
    group.measurement_time(Duration::from_millis(500));
    for len in SIZES {
        let world = World::of(len);
        let forest = world.forest(&runtime);
        let mut dice = Dice::new(7);
        let mut number = 0;
        group.bench_function(BenchmarkId::from_parameter(len), |b| {
            b.iter(|| {
                number += 1;
                let parent = dice.pick(&world.ids);
                let name = format!("new-{number}");
                let created = forest.create(inside(tenant(1)), parent, &name);
                runtime.block_on(created).unwrap()
            });
        });
    }
    group.finish();
}
