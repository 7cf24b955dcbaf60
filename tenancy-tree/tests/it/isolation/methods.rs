//! Everything in a forest and its snapshots that takes an id, as a caller reaches it.

use std::fmt::Debug;
use std::time::Duration;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Rollup;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeVersion;
use skeleton_tenancy_tree::testing::Answer;
use skeleton_tenancy_tree::testing::AnyId;
use skeleton_tenancy_tree::testing::Isolation;

use super::Rooms;
use super::isolation;
use super::seen;
use crate::helpers::create;
use crate::helpers::moving;
use crate::naive::Refused;

/// Those that make something under the id come last: afterwards the id is one's own, too.
pub(super) async fn every_method() -> Isolation<Rooms> {
    isolation()
        .await
        .with_method("create", create_below)
        .with_method("execute", execute)
        .with_method("propose", propose)
        .with_method("plan_move", plan_move)
        .with_method("snapshot", look_up)
        .with_method("containers_of", containers_of)
        .with_method("roll-up", roll_up)
        .with_method("scope columns", scope_columns)
        .with_creation("create under the id", create_under)
        .with_creation("place the account", place_account)
}

fn create_below<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let parent = id.as_container().unwrap();
    Box::pin(async move { told(rooms.forest.create(t, parent, "below").await) })
}

fn execute<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    Box::pin(async move {
        let tree = rooms.forest.snapshot(t).await.unwrap();
        let mut answers = Vec::new();
        for command in commands(id, &tree) {
            answers.extend(told(rooms.forest.execute(t, command).await));
        }
        answers
    })
}

fn propose<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    Box::pin(async move {
        let tree = rooms.forest.snapshot(t).await.unwrap();
        let mut answers = Vec::new();
        for command in commands(id, &tree) {
            answers.extend(told(rooms.forest.propose(t, &command).await));
        }
        answers
    })
}

fn plan_move<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let id = id.as_container().unwrap();
    Box::pin(async move {
        let tree = rooms.forest.snapshot(t).await.unwrap();
        let (root, leaf) = own(&tree);
        let pairs = [(id, root), (leaf, id), (id, id)];
        let plans = pairs.map(|(own, to)| tree.plan_move(own, to));
        plans.into_iter().flat_map(told).collect()
    })
}

fn look_up<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let id = id.as_container().unwrap();
    Box::pin(async move {
        let forest = &rooms.forest;
        let at_least = forest.at_least(t, TreeVersion::ZERO, Duration::ZERO);
        let trees = [
            forest.snapshot(t).await.unwrap(),
            forest.published(t.tenant()).unwrap(),
            forest.catch_up(t).await.unwrap(),
            at_least.await.unwrap(),
        ];
        let answers = trees.iter().map(|tree| seen(tree, tree.node(id)));
        answers.flat_map(String::into_bytes).collect()
    })
}

fn containers_of<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let account = id.as_account().unwrap();
    Box::pin(async move {
        let tree = rooms.forest.snapshot(t).await.unwrap();
        let found = tree.containers_of(account).map(|node| tree.id(node));
        format!("{:?}", found.collect::<Vec<_>>()).into_bytes()
    })
}

fn roll_up<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let id = id.as_container().unwrap();
    Box::pin(async move {
        let tree = rooms.forest.snapshot(t).await.unwrap();
        let (root, _) = own(&tree);
        let bill = Rollup::build(&tree, [(id, 5_i64), (root, 7)]).unwrap();
        format!("{:?} {:?}", bill.total(tree.root()), bill.unknown()).into_bytes()
    })
}

fn scope_columns<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let id = id.as_container().unwrap();
    Box::pin(async move {
        let tree = rooms.forest.snapshot(t).await.unwrap();
        let columns = ScopeColumns::default();
        let filter = |node| columns.subtree(&tree, node, Dialect::Sqlite, 1);
        let (of_id, of_all) = (tree.node(id).map(filter), filter(tree.root()));
        format!("{of_id:?} {:?}", of_all.unwrap().binds()).into_bytes()
    })
}

fn create_under<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let (container, root) = (id.as_container().unwrap(), ContainerId::root_of(t.tenant()));
    let command = create(container, root, &id.to_string());
    Box::pin(async move { told(rooms.forest.execute(t, command).await) })
}

fn place_account<'a>(rooms: &'a Rooms, t: InTenant<'a>, id: AnyId) -> Answer<'a> {
    let command = TreeCommand::Place {
        account: id.as_account().unwrap(),
        container: ContainerId::root_of(t.tenant()),
    };
    Box::pin(async move { told(rooms.forest.execute(t, command).await) })
}

/// Commands that find something by an id, each of which would do but for that id.
fn commands(id: AnyId, tree: &TreeSnapshot) -> Vec<TreeCommand> {
    let (root, leaf) = own(tree);
    let (container, account) = (id.as_container().unwrap(), id.as_account().unwrap());
    let fresh = ContainerId::from_bytes([8; 16]).unwrap();
    let own = AccountId::from_bytes([9; 16]).unwrap();
    vec![
        create(fresh, container, "below"),
        create(leaf, container, "below"),
        TreeCommand::Rename {
            container,
            name: "mine".to_owned(),
        },
        moving(container, root),
        moving(leaf, container),
        moving(container, container),
        TreeCommand::Move {
            container,
            to: root,
            planned_at: Some(tree.version()),
        },
        TreeCommand::Archive { container },
        TreeCommand::Restore { container },
        TreeCommand::Place {
            account: own,
            container,
        },
        TreeCommand::Place { account, container },
        TreeCommand::Remove { account, container },
        TreeCommand::Remove {
            account,
            container: root,
        },
    ]
}

/// Containers of one's own: the root, and the last leaf.
fn own(tree: &TreeSnapshot) -> (ContainerId, ContainerId) {
    let last = tree.subtree(tree.root()).last().unwrap();
    (tree.id(tree.root()).unwrap(), tree.id(last).unwrap())
}

/// What a caller is told, without versions, which count on.
fn told<T: Debug>(answer: Result<T, TreeError>) -> Vec<u8> {
    let answer = answer.map(|_| "done").map_err(|error| {
        let said = error.to_string();
        (said, Refused::from(error))
    });
    format!("{answer:?}").into_bytes()
}
