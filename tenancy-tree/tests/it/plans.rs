//! The dry run of a move.

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::MoveImpact;
use skeleton_tenancy_tree::MovePlan;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeVersion;

use crate::growing::folded;
use crate::helpers::Fragile;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::tenant;
use crate::naive::Refused;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// Global 1 with EU 2, in it France 3 with Paris 4; beside Global, Archive 5 with Old 6.
fn planted() -> Tree {
    folded(&[
        created(container(1), root(), "Global"),
        created(container(2), container(1), "EU"),
        created(container(3), container(2), "France"),
        created(container(4), container(3), "Paris"),
        created(container(5), root(), "Archive"),
        created(container(6), container(5), "Old"),
    ])
}

/// Counts what `authz` would look at.
struct Counting;

impl MoveImpact for Counting {
    type Report = (ContainerId, usize, usize, u32);

    fn assess(&self, plan: &MovePlan) -> Self::Report {
        let (left, entered) = (plan.left().len(), plan.entered().len());
        (plan.container(), left, entered, plan.moved())
    }
}

#[test]
fn a_plan_says_what_moves_where_and_what_it_leaves_and_enters() {
    let snapshot = TreeSnapshot::of(&planted());
    let plan = snapshot.plan_move(container(3), container(6)).unwrap();
    assert_eq!((plan.container(), plan.to()), (container(3), container(6)));
    assert_eq!(plan.version(), TreeVersion::new(6));
    assert_eq!((plan.moved(), plan.depth()), (2, 3));
    assert_eq!(plan.left(), [container(2), container(1)]);
    assert_eq!(plan.entered(), [container(6), container(5)]);
    assert_eq!(plan.assess(&Counting), (container(3), 2, 2, 2));
    let command = TreeCommand::Move {
        container: container(3),
        to: container(6),
        planned_at: Some(TreeVersion::new(6)),
    };
    assert_eq!(plan.command(), command);
}

#[test]
fn a_plan_up_its_own_branch_enters_nothing() {
    let snapshot = TreeSnapshot::of(&planted());
    let plan = snapshot.plan_move(container(4), container(1)).unwrap();
    assert_eq!(plan.left(), [container(3), container(2)]);
    assert_eq!((plan.entered(), plan.depth()), (&[][..], 2));
    let stays = snapshot.plan_move(container(4), container(3)).unwrap();
    assert_eq!((stays.left(), stays.entered()), (&[][..], &[][..]));
    assert_eq!((stays.moved(), stays.depth()), (1, 4));
}

#[test]
fn a_plan_that_would_close_a_cycle_names_the_way() {
    let snapshot = TreeSnapshot::of(&planted());
    let refused = |own, to| Refused::from(snapshot.plan_move(container(own), to).unwrap_err());
    let way = vec![container(2), container(3), container(4)];
    assert_eq!(refused(2, container(4)), Refused::WouldCycle(way));
    assert_eq!(
        refused(2, container(2)),
        Refused::WouldCycle(vec![container(2)])
    );
    assert_eq!(
        refused(2, container(99)),
        Refused::UnknownContainer(container(99))
    );
    let foreign = ContainerId::root_of(tenant(2));
    assert_eq!(refused(2, foreign), Refused::UnknownContainer(foreign));
    let of_root = snapshot.plan_move(root(), container(1)).unwrap_err();
    assert_eq!(Refused::from(of_root), Refused::RootIsFixed);
}

#[test]
fn a_snapshot_plans_within_the_default_limits_unless_told_others() {
    let tree = planted();
    let deep = |snapshot: &TreeSnapshot| snapshot.plan_move(container(1), container(6)).err();
    assert!(deep(&TreeSnapshot::of(&tree)).is_none());
    let narrow = TreeSnapshot::of(&tree).with_limits(Limits::default().with_max_depth(5));
    assert!(matches!(
        deep(&narrow),
        Some(TreeError::TooDeep { limit: 5 })
    ));
}

#[tokio::test]
async fn a_plan_writes_nothing_and_its_command_moves_if_nothing_happened() {
    let (store, t) = (Fragile::default(), inside(tenant(1)));
    let forest = forest(store.clone(), 1);
    for (number, parent) in [(1, root()), (2, root()), (3, container(1))] {
        let command = create(container(number), parent, &format!("c{number}"));
        forest.execute(t, command).await.unwrap();
    }
    let tree = forest.snapshot(t).await.unwrap();
    let plan = tree.plan_move(container(3), container(2)).unwrap();
    assert_eq!(store.appends(), 3);
    let version = forest.execute(t, plan.command()).await.unwrap();
    assert_eq!(version, plan.version().after(1));
    let moved = forest.published(tenant(1)).unwrap();
    let parent = moved.parent(moved.node(container(3)).unwrap()).unwrap();
    assert_eq!(moved.id(parent), Some(container(2)));
    // Once it happened, its own command is late.
    let again = forest.execute(t, plan.command()).await;
    let stale = Refused::Stale(plan.version().after(1).get());
    assert_eq!(again.map_err(Refused::from), Err(stale));
}

/// The plan held when it was decided, and no more when it was appended: another process was faster.
#[tokio::test]
async fn a_plan_that_another_process_outran_is_stale_and_not_made() {
    let (store, t) = (MemoryTrees::new(), inside(tenant(1)));
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    let a = one.create(t, root(), "a").await.unwrap();
    let b = one.create(t, root(), "b").await.unwrap();
    let plan = one.snapshot(t).await.unwrap().plan_move(a, b).unwrap();
    other.create(t, root(), "elsewhere").await.unwrap();
    let stale = one.execute(t, plan.command()).await;
    assert_eq!(stale.map_err(Refused::from), Err(Refused::Stale(3)));
    let tree = one.published(tenant(1)).unwrap();
    assert_eq!(tree.version(), TreeVersion::new(3));
    assert!(!tree.node(b).unwrap().covers(tree.node(a).unwrap()));
}

/// The forest's own limits bind its plans, on every snapshot that it publishes.
#[tokio::test]
async fn a_forest_plans_within_its_own_limits() {
    use skeleton_invocation_context::testing::SeededIds;
    use skeleton_tenancy_tree::Forest;

    let limits = Limits::default().with_max_depth(1);
    let forest = Forest::open(
        MemoryTrees::new(),
        limits,
        crate::helpers::clock(),
        SeededIds::new(1),
    );
    let t = inside(tenant(1));
    let first = forest.snapshot(t).await.unwrap();
    let a = forest.create(t, root(), "a").await.unwrap();
    let b = forest.create(t, root(), "b").await.unwrap();
    let later = forest.snapshot(t).await.unwrap();
    assert_eq!(first.version(), TreeVersion::ZERO);
    let refused = later.plan_move(a, b);
    assert!(matches!(refused, Err(TreeError::TooDeep { limit: 1 })));
    let caught_up = forest.catch_up(t).await.unwrap();
    assert!(caught_up.plan_move(a, b).is_err());
}
