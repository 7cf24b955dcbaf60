//! Random commands over few ids, names and accounts, so that they collide often, and trees grown by them.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::sample::select;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Applied;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::Tree;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeVersion;

use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::moving;
use crate::helpers::tenant;
use crate::naive::Naive;
use crate::naive::Refused;

/// Number 0 is the root.
pub(crate) const IDS: u64 = 18;
pub(crate) const ACCOUNTS: u64 = 4;
const NAMES: [&str; 9] = ["a", "b", " b ", "c", "d", "e", "f", "g", "h"];
const WRONG_NAMES: [&str; 4] = ["", " \t ", "long name", "\u{202e}"];

/// Low enough that random commands meet each of them.
pub(crate) fn limits() -> Limits {
    Limits::default()
        .with_max_depth(4)
        .with_max_children(4)
        .with_max_nodes(12)
        .with_max_members(6)
        .with_max_name_bytes(4)
}

pub(crate) fn id(number: u64) -> ContainerId {
    match number {
        0 => ContainerId::root_of(tenant(1)),
        number => container(number),
    }
}

/// Low numbers come often: they are soon there, and then taken, moved and archived again and again.
pub(crate) fn ids() -> impl Strategy<Value = ContainerId> {
    prop_oneof![4 => Just(0), 7 => 1..8_u64, 5 => 1..13_u64, 1 => 0..IDS].prop_map(id)
}

fn accounts() -> impl Strategy<Value = AccountId> {
    (0..ACCOUNTS).prop_map(account)
}

fn names() -> impl Strategy<Value = String> {
    let name = prop_oneof![9 => select(&NAMES[..]), 1 => select(&WRONG_NAMES[..])];
    name.prop_map(str::to_owned)
}

/// One command. Where it is planned, it says by how many versions the plan is late: see [`on_time`].
fn command() -> impl Strategy<Value = TreeCommand> {
    let late = option::weighted(0.3, prop_oneof![4 => Just(0_u64), 1 => 1_u64..4]);
    prop_oneof![
        6 => (0..IDS, ids(), names())
            .prop_map(|(own, parent, name)| create(id(own), parent, &name)),
        2 => (ids(), names()).prop_map(|(container, name)| TreeCommand::Rename { container, name }),
        10 => (ids(), ids(), late).prop_map(|(container, to, late)| TreeCommand::Move {
            container,
            to,
            planned_at: late.map(TreeVersion::new),
        }),
        1 => (0..8_u64).prop_map(|number| TreeCommand::Archive { container: id(number) }),
        3 => (0..8_u64).prop_map(|number| TreeCommand::Restore { container: id(number) }),
        3 => (accounts(), ids())
            .prop_map(|(account, container)| TreeCommand::Place { account, container }),
        2 => (accounts(), ids())
            .prop_map(|(account, container)| TreeCommand::Remove { account, container }),
    ]
}

/// The first containers, each below an earlier one and under a name of its own, so that there is something to change.
fn opening() -> impl Strategy<Value = Vec<TreeCommand>> {
    vec(any::<Index>(), 2..12).prop_map(|parents| {
        let below = (1_u8..).zip(parents).map(|(number, parent)| {
            let parent = id(parent.index(number.into()) as u64);
            let name = char::from(b'`' + number).to_string();
            create(id(number.into()), parent, &name)
        });
        below.collect()
    })
}

/// As most laws need them.
pub(crate) fn commands() -> impl Strategy<Value = Vec<TreeCommand>> {
    up_to(80)
}

/// An opening, and then nothing but moves that nobody planned.
pub(crate) fn moves() -> impl Strategy<Value = Vec<TreeCommand>> {
    let pairs = vec((1..8_u64, 0..8_u64), 0..80);
    (opening(), pairs).prop_map(|(mut commands, pairs)| {
        commands.extend(pairs.into_iter().map(|(own, to)| moving(id(own), id(to))));
        commands
    })
}

/// An opening, and at most so many commands after it.
pub(crate) fn up_to(most: usize) -> impl Strategy<Value = Vec<TreeCommand>> {
    (opening(), vec(command(), 0..=most)).prop_map(|(opening, then)| [opening, then].concat())
}

/// The command as whoever knows the tree at `version` sends it.
pub(crate) fn on_time(command: &TreeCommand, version: u64) -> TreeCommand {
    match command {
        TreeCommand::Move {
            container,
            to,
            planned_at: Some(late),
        } => TreeCommand::Move {
            container: *container,
            to: *to,
            planned_at: Some(TreeVersion::new(version.saturating_sub(late.get()))),
        },
        other => other.clone(),
    }
}

/// One event as a damaged or forged log has it: a move from where nothing lies, a second creation, an orphan.
pub(crate) fn event() -> impl Strategy<Value = TreeEvent> {
    prop_oneof![
        8 => (ids(), ids(), select(&NAMES[..])).prop_map(|(container, parent, name)| {
            TreeEvent::Created { container, parent, name: name.to_owned() }
        }),
        6 => (ids(), ids(), ids())
            .prop_map(|(container, from, to)| TreeEvent::Moved { container, from, to }),
        1 => (ids(), select(&WRONG_NAMES[..])).prop_map(|(container, name)| {
            TreeEvent::Renamed { container, name: name.to_owned() }
        }),
        1 => ids().prop_map(|container| TreeEvent::Archived { container }),
        1 => ids().prop_map(|container| TreeEvent::Restored { container }),
        2 => (accounts(), ids())
            .prop_map(|(account, container)| TreeEvent::AccountPlaced { account, container }),
        2 => (accounts(), ids())
            .prop_map(|(account, container)| TreeEvent::AccountRemoved { account, container }),
    ]
}

/// A log that somebody made up: it begins as one may, and then anything happens.
pub(crate) fn forged() -> impl Strategy<Value = Vec<TreeEvent>> {
    (opening(), vec(event(), 0..80)).prop_map(|(opening, then)| {
        let opening = opening.into_iter().filter_map(|command| match command {
            TreeCommand::Create {
                container,
                parent,
                name,
            } => Some(created(container, parent, &name)),
            _ => None,
        });
        opening.chain(then).collect()
    })
}

/// A tree and the model, which agreed on every command on the way.
#[derive(Clone, Debug)]
pub(crate) struct Grown {
    pub(crate) tree: Tree,
    pub(crate) naive: Naive,
    pub(crate) log: Vec<TreeEvent>,
    pub(crate) refusals: Vec<Refused>,
}

impl Grown {
    pub(crate) fn rooted() -> Self {
        Self {
            tree: Tree::rooted(tenant(1)),
            naive: Naive::rooted(tenant(1)),
            log: Vec::new(),
            refusals: Vec::new(),
        }
    }

    /// Lets both decide a command, which they must do alike, and what they decided happen.
    pub(crate) fn grow(&mut self, command: &TreeCommand) {
        let command = on_time(command, self.naive.version());
        let decided = self.tree.decide(&command, &limits());
        let decided = decided.map_err(Refused::from);
        let expected = self.naive.decide(&command, &limits());
        assert_eq!(decided, expected, "{command:?}");
        match decided {
            Ok(event) => {
                assert_eq!(self.tree.apply(&event), Applied::Done);
                assert_eq!(self.naive.apply(&event), Applied::Done);
                self.log.push(event);
            }
            Err(refused) => self.refusals.push(refused),
        }
    }

    pub(crate) fn snapshot(&self) -> TreeSnapshot {
        TreeSnapshot::of(&self.tree).with_limits(limits())
    }
}

pub(crate) fn grown(commands: &[TreeCommand]) -> Grown {
    let mut grown = Grown::rooted();
    for command in commands {
        grown.grow(command);
    }
    grown
}

/// The tree that a log makes.
pub(crate) fn folded<'e>(log: impl IntoIterator<Item = &'e TreeEvent>) -> Tree {
    let mut tree = Tree::rooted(tenant(1));
    for event in log {
        let _counted = tree.apply(event);
    }
    tree
}
