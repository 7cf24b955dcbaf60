//! Worlds to decide about: one user of one tenant with grants in a random tree, the same in every run.

use std::collections::HashSet;
use std::hint::black_box;
use std::ops::RangeInclusive;
use std::time::Instant;

use criterion::Bencher;
use skeleton_benches::Dice;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::SeededIds;
use tokio::runtime::Runtime;

use crate::catalogue::ACTIONS;
use crate::catalogue::RESOURCES;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);
/// What everybody is asked about; `catalogue::m07::Read` by type.
pub(crate) const ASKED: &str = "res-07:read";
/// Its standard role.
const ASKED_ROLE: usize = 7;
/// How many roles there are: the standard ones, and the tenant's own.
const ROLES: usize = 100;
/// How many permissions each of the tenant's own roles holds.
const HELD: usize = 20;
/// So many questions stay in the nearest cache.
const QUESTIONS: usize = 1_024;
/// About so many containers: where more of them say no than yes, the noes must not be dearer for the cache alone.
const ASKED_ABOUT: usize = 128;
/// How large worlds are when no figure is wanted.
const SMOKE: usize = 2_000;

/// Whether this run only looks whether everything runs.
fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// So many; fewer if no figure is wanted.
pub(crate) fn scaled(len: usize) -> usize {
    if is_smoke() { len.min(SMOKE) } else { len }
}

/// What a world is like.
#[derive(Clone)]
pub(crate) struct Shape {
    pub(crate) nodes: usize,
    pub(crate) depth: usize,
    pub(crate) grants: usize,
    /// At which depths the grants stand.
    pub(crate) stand: RangeInclusive<usize>,
    pub(crate) roles: Roles,
}

/// Which roles are given.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Roles {
    All,
    Standard,
    Own,
}

impl Default for Shape {
    /// The world that is asked about where nothing is swept.
    fn default() -> Self {
        Self {
            nodes: 10_000,
            depth: 8,
            grants: 5,
            stand: 2..=4,
            roles: Roles::All,
        }
    }
}

/// A role and the names of what it holds.
pub(crate) struct Role {
    pub(crate) name: String,
    pub(crate) holds: Vec<String>,
    pub(crate) is_own: bool,
}

pub(crate) struct World {
    /// In the order of creation, the root first.
    pub(crate) ids: Vec<ContainerId>,
    /// By number, the parent's number; the root is its own.
    pub(crate) parents: Vec<usize>,
    depths: Vec<usize>,
    pub(crate) roles: Vec<Role>,
    /// The user's grants: numbers of role and container.
    pub(crate) grants: Vec<(usize, usize)>,
}

pub(crate) fn tenant() -> TenantId {
    TenantId::from_bytes([1; 16]).unwrap()
}

pub(crate) fn user() -> AccountId {
    AccountId::from_bytes([0xa1; 16]).unwrap()
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
}

impl World {
    pub(crate) fn of(shape: &Shape) -> Self {
        let mut dice = Dice::new(shape.depth as u64);
        let (len, roles) = (scaled(shape.nodes), roles());
        let (ids, parents, depths) = tree(&mut dice, len, shape.depth);
        let mut world = Self {
            ids,
            parents,
            depths,
            roles,
            grants: Vec::new(),
        };
        world.grants = world.grants(&mut dice, shape);
        world
    }

    /// Grants at containers that have something of the deepest below them. Every other one gives what is asked about.
    fn grants(&self, dice: &mut Dice, shape: &Shape) -> Vec<(usize, usize)> {
        let below = self.deepest_below();
        let stands =
            |number: &usize| shape.stand.contains(&self.depths[*number]) && below[*number] > 0;
        let places: Vec<_> = (0..self.ids.len()).filter(stands).collect();
        let roles: Vec<_> = (0..ROLES)
            .filter(|role| shape.roles.has(&self.roles[*role]))
            .collect();
        let giving: Vec<_> = roles
            .iter()
            .copied()
            .filter(|role| self.gives(*role))
            .collect();
        let grant = |nth: usize| {
            let roles = if nth.is_multiple_of(2) {
                &giving
            } else {
                &roles
            };
            (dice.pick(roles), dice.pick(&places))
        };
        (0..shape.grants).map(grant).collect()
    }

    fn gives(&self, role: usize) -> bool {
        self.roles[role].holds.iter().any(|held| held == ASKED)
    }

    fn deepest(&self) -> impl Iterator<Item = usize> {
        let depth = self.depths.iter().copied().max().unwrap_or(0);
        (0..self.ids.len()).filter(move |number| self.depths[*number] == depth)
    }

    /// By number, how many of the deepest lie below.
    fn deepest_below(&self) -> Vec<usize> {
        let mut below = vec![0; self.ids.len()];
        for number in self.deepest() {
            self.upward(number).for_each(|at| below[at] += 1);
        }
        below
    }

    /// The numbers of a container and of those above it, the root last.
    pub(crate) fn upward(&self, number: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(number), |at| (*at != 0).then(|| self.parents[*at]))
    }

    /// The numbers of the containers at which a grant gives what is asked about.
    pub(crate) fn giving(&self) -> impl Iterator<Item = usize> {
        let giving = self.grants.iter().filter(|(role, _)| self.gives(*role));
        giving.map(|(_, at)| *at)
    }

    /// A department with much below it, and another one below which it may go.
    pub(crate) fn to_move(&self) -> [usize; 2] {
        let below = self.deepest_below();
        let departments = (0..self.ids.len()).filter(|number| self.depths[*number] == 2);
        let mut departments: Vec<_> = departments.collect();
        departments.sort_unstable_by_key(|number| below[*number]);
        let moving = departments[departments.len() - 1];
        let to = departments
            .into_iter()
            .find(|to| self.parents[*to] != self.parents[moving]);
        [moving, to.unwrap()]
    }

    /// Containers to ask about, of the deepest, where the facts say yes.
    pub(crate) fn allowed(&self) -> Vec<ContainerId> {
        self.asked(true)
    }

    /// Containers to ask about, of the deepest, where the facts say no.
    pub(crate) fn denied(&self) -> Vec<ContainerId> {
        self.asked(false)
    }

    fn asked(&self, is_allowed: bool) -> Vec<ContainerId> {
        let giving: HashSet<_> = self.giving().collect();
        let is_given = |number: usize| self.upward(number).any(|at| giving.contains(&at));
        let numbers = self.deepest().filter(|at| is_given(*at) == is_allowed);
        let mut numbers: Vec<_> = numbers.collect();
        assert!(!numbers.is_empty());
        let mut dice = Dice::new(2);
        dice.shuffle(&mut numbers);
        numbers.truncate(ASKED_ABOUT);
        let id = |_| self.ids[dice.pick(&numbers)];
        (0..QUESTIONS).map(id).collect()
    }
}

impl Roles {
    const fn has(self, role: &Role) -> bool {
        match self {
            Self::All => true,
            Self::Standard => !role.is_own,
            Self::Own => role.is_own,
        }
    }
}

/// The standard roles, and own ones that each hold permissions of all kinds; every other one what is asked about.
fn roles() -> Vec<Role> {
    let names = |resource: &str| ACTIONS.map(|action| format!("{resource}:{action}"));
    let standard = RESOURCES.iter().map(|(resource, name)| Role {
        name: (*name).to_owned(),
        holds: names(resource).to_vec(),
        is_own: false,
    });
    let all: Vec<_> = RESOURCES
        .iter()
        .flat_map(|(resource, _)| names(resource))
        .collect();
    let mut dice = Dice::new(3);
    let own = (RESOURCES.len()..ROLES).map(|number| {
        let mut holds = all.clone();
        dice.shuffle(&mut holds);
        holds.retain(|name| name != ASKED);
        holds.truncate(HELD - 1);
        if number.is_multiple_of(2) {
            holds.push(ASKED.to_owned());
        }
        Role {
            name: format!("x-r{number:03}"),
            holds,
            is_own: true,
        }
    });
    let roles: Vec<_> = standard.chain(own).collect();
    assert!(roles[ASKED_ROLE].holds.iter().any(|held| held == ASKED));
    roles
}

/// Ids, parents and depths. A container is created below any one that is there; in deep trees mostly below the one
/// created before, or they would not get deep.
fn tree(dice: &mut Dice, len: usize, depth: usize) -> (Vec<ContainerId>, Vec<usize>, Vec<usize>) {
    let source = SeededIds::new(len as u64);
    let straight_on = 100 - 400 / depth.max(4);
    let mut ids = vec![ContainerId::root_of(tenant())];
    let (mut parents, mut depths) = (vec![0], vec![0]);
    for number in 1..len {
        let mut parent = number - 1;
        if depth <= 8 || !dice.chance(straight_on) {
            parent = dice.below(number);
        }
        while depths[parent] >= depth {
            parent = dice.below(number);
        }
        ids.push(ContainerId::generate(&source, NOW));
        parents.push(parent);
        depths.push(depths[parent] + 1);
    }
    (ids, parents, depths)
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
