//! Random worlds, and what is asked about them: the same for a seed in every run.

use skeleton_authz::Reach;
use skeleton_benches::Dice;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::catalogue::NAMES;
use crate::catalogue::ROLES;
use crate::world::Caller;
use crate::world::Fence;
use crate::world::Given;
use crate::world::NOW;
use crate::world::OwnRole;
use crate::world::Place;
use crate::world::Question;
use crate::world::Rules;
use crate::world::Tenant;
use crate::world::World;

const ACCOUNTS: usize = 4;
/// How many questions each caller asks.
const QUESTIONS: usize = 40;
/// The names that tenants give to their own roles.
const OWN: [&str; 4] = ["x-one", "x-two", "x-three", "x-four"];
/// Its role is retired in every tenant that ever had it.
const RETIRED: &str = "x-retired";
/// Nobody ever defined it.
const UNKNOWN: &str = "x-unknown";
/// In no catalogue, though roles and guardrails name it.
const WITHDRAWN: &str = "order:withdrawn";

/// What grants and guardrails may point at.
struct Scopes {
    own: Vec<ContainerId>,
    foreign: Vec<ContainerId>,
}

fn account(number: usize) -> AccountId {
    AccountId::from_bytes([0xa0 + number as u8; 16]).unwrap()
}

fn container(dice: &mut Dice) -> ContainerId {
    let [mut high, mut low] = [[0; 8]; 2];
    high.copy_from_slice(&dice.roll().to_be_bytes());
    low.copy_from_slice(&dice.roll().to_be_bytes());
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high);
    bytes[8..].copy_from_slice(&low);
    // An id begins with its time, which does not fill the first byte.
    bytes[0] = 1;
    ContainerId::from_bytes(bytes).unwrap()
}

impl Scopes {
    /// Mostly the tenant's own, sometimes another one's, seldom nobody's.
    fn any(&self, dice: &mut Dice) -> ContainerId {
        match dice.below(100) {
            0..80 => dice.pick(&self.own),
            80..96 => dice.pick(&self.foreign),
            _ => container(dice),
        }
    }
}

/// The world of a seed: at least three tenants.
pub(crate) fn world(dice: &mut Dice) -> World {
    let count = dice.between(3, 5);
    let trees: Vec<_> = (1..=count).map(|number| places(dice, number)).collect();
    let ids = |tree: &[Place]| -> Vec<_> { tree.iter().map(|place| place.id).collect() };
    let tenants = trees.iter().enumerate().map(|(number, tree)| {
        let others = trees
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != number);
        let scopes = Scopes {
            own: ids(tree),
            foreign: others.flat_map(|(_, tree)| ids(tree)).collect(),
        };
        Tenant {
            id: tenant_id(number + 1),
            places: tree.clone(),
            rules: rules(dice, &scopes),
            past: past(dice, &scopes),
        }
    });
    World {
        tenants: tenants.collect(),
    }
}

fn tenant_id(number: usize) -> TenantId {
    TenantId::from_bytes([number as u8; 16]).unwrap()
}

/// A tree: bushy, or one long way down with something beside it.
fn places(dice: &mut Dice, tenant: usize) -> Vec<Place> {
    let (len, straight_on) = match dice.below(4) {
        0 => (dice.between(40, 120), 95),
        1 => (dice.between(1, 5), 50),
        _ => (dice.between(8, 40), 20),
    };
    let mut places = vec![Place {
        id: ContainerId::root_of(tenant_id(tenant)),
        parent: None,
        is_archived: false,
        moved_from: None,
    }];
    for number in 1..len {
        let parent = if dice.chance(straight_on) {
            places[number - 1].id
        } else {
            places[dice.below(number)].id
        };
        // Created at the root, moved down when all are there.
        let is_moved = parent != places[0].id && dice.chance(10);
        places.push(Place {
            id: container(dice),
            parent: Some(parent),
            is_archived: dice.chance(if straight_on > 90 { 1 } else { 6 }),
            moved_from: is_moved.then_some(places[0].id),
        });
    }
    places
}

fn rules(dice: &mut Dice, scopes: &Scopes) -> Rules {
    let names = dice.some(&OWN, 60);
    let roles = names.into_iter().map(|name| OwnRole {
        name,
        home: if dice.chance(50) {
            scopes.own[0]
        } else {
            scopes.any(dice)
        },
        holds: permissions(dice, 40),
    });
    let roles = roles.collect();
    let len = dice.between(4, 24);
    let mut grants: Vec<_> = (0..len).map(|_| given(dice, scopes)).collect();
    if dice.chance(15) {
        // So many for one account that they are searched, not scanned.
        let crowd = (0..dice.between(20, 60)).map(|_| Given {
            to: account(0),
            ..given(dice, scopes)
        });
        grants.extend(crowd);
    }
    let fences = (0..dice.below(4)).map(|_| fence(dice, scopes)).collect();
    Rules {
        roles,
        grants,
        fences,
    }
}

fn past(dice: &mut Dice, scopes: &Scopes) -> Rules {
    let retired = dice.chance(30).then(|| OwnRole {
        name: RETIRED,
        home: scopes.own[0],
        holds: NAMES.to_vec(),
    });
    Rules {
        roles: Vec::from_iter(retired),
        grants: (0..dice.below(6)).map(|_| given(dice, scopes)).collect(),
        fences: (0..dice.below(3)).map(|_| fence(dice, scopes)).collect(),
    }
}

fn permissions(dice: &mut Dice, percent: usize) -> Vec<&'static str> {
    let mut drawn = dice.some(&NAMES, percent);
    if dice.chance(20) {
        drawn.push(WITHDRAWN);
    }
    drawn
}

fn given(dice: &mut Dice, scopes: &Scopes) -> Given {
    let role = match dice.below(100) {
        0..60 => dice.pick(&ROLES).0,
        60..94 => dice.pick(&OWN),
        94..97 => RETIRED,
        _ => UNKNOWN,
    };
    let [from, until] = window(dice);
    Given {
        to: account(dice.below(ACCOUNTS)),
        role,
        at: scopes.any(dice),
        reach: dice.pick(&[
            Reach::SelfAndBelow,
            Reach::SelfAndBelow,
            Reach::BelowOnly,
            Reach::SelfOnly,
        ]),
        from,
        until,
    }
}

/// From and until: mostly open, and at their edges to the millisecond.
fn window(dice: &mut Dice) -> [Option<Timestamp>; 2] {
    let at = |offset: i64| {
        Some(Timestamp::from_millis(
            NOW.as_millis().saturating_add_signed(offset),
        ))
    };
    match dice.below(20) {
        0 => [at(0), None],
        1 => [None, at(1)],
        2 => [at(-9), at(9)],
        3 => [None, at(0)],
        4 => [at(1), None],
        5 => [at(-9), at(-5)],
        6 => [at(5), at(9)],
        _ => [None, None],
    }
}

fn fence(dice: &mut Dice, scopes: &Scopes) -> Fence {
    let at = scopes.any(dice);
    let forbids = (!dice.chance(15)).then(|| permissions(dice, 30));
    Fence { at, forbids }
}

/// Everybody, in every tenant.
pub(crate) fn callers(dice: &mut Dice, world: &World) -> Vec<Caller> {
    let tenants = 0..world.tenants.len();
    let pairs = tenants.flat_map(|tenant| (0..ACCOUNTS).map(move |number| (tenant, number)));
    let caller = |(tenant, number)| Caller {
        tenant,
        account: account(number),
        // Somebody else, who has grants of her own.
        agent_for: dice.chance(20).then(|| account((number + 1) % ACCOUNTS)),
        assurance: if dice.chance(60) { 2 } else { 1 },
    };
    pairs.map(caller).collect()
}

/// What one caller asks: three quarters of it what a grant of hers seems to give, the rest anything anywhere.
pub(crate) fn questions(dice: &mut Dice, world: &World, caller: &Caller) -> Vec<Question> {
    let tenant = &world.tenants[caller.tenant];
    let own: Vec<_> = tenant
        .rules
        .grants
        .iter()
        .filter(|given| given.to == caller.account)
        .collect();
    let question = |number: usize| {
        let likely = !number.is_multiple_of(4) && !own.is_empty();
        let likely = likely.then(|| dice.pick(&own));
        likely
            .and_then(|given| within_reach(dice, tenant, given))
            .unwrap_or_else(|| anything(dice, world, caller.tenant))
    };
    (0..QUESTIONS).map(question).collect()
}

fn within_reach(dice: &mut Dice, tenant: &Tenant, given: &Given) -> Option<Question> {
    let standard = ROLES.iter().find(|(name, _)| *name == given.role);
    let own = tenant.rules.roles.iter().find(|own| own.name == given.role);
    let held = standard
        .map(|(_, held)| *held)
        .or(own.map(|own| &own.holds[..]))?;
    let held: Vec<_> = (0..NAMES.len())
        .filter(|ask| held.contains(&NAMES[*ask]))
        .collect();
    let below = tenant.places.iter().map(|place| place.id);
    let below: Vec<_> = below
        .filter(|at| tenant.upward(*at).contains(&given.at))
        .collect();
    let is_askable = !held.is_empty() && !below.is_empty();
    is_askable.then(|| Question {
        ask: dice.pick(&held),
        at: dice.pick(&below),
    })
}

fn anything(dice: &mut Dice, world: &World, tenant: usize) -> Question {
    let of = match dice.below(100) {
        0..75 => Some(tenant),
        75..95 => Some(dice.below(world.tenants.len())),
        _ => None,
    };
    let at = match of {
        Some(of) => dice.pick(&world.tenants[of].places).id,
        None => container(dice),
    };
    Question {
        ask: dice.below(NAMES.len()),
        at,
    }
}
