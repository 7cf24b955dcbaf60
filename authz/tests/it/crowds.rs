//! Very much of everything: the answers stay those of the rule.

use std::collections::HashMap;

use skeleton_authz::AccessEvent;
use skeleton_authz::PermissionId;
use skeleton_authz::PermissionSet;
use skeleton_authz::Reach;
use skeleton_authz::Snapshot;
use skeleton_authz::Verdict;
use skeleton_authz::Window;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Dialect;
use skeleton_tenancy_tree::ScopeColumns;
use skeleton_tenancy_tree::TreeEvent;

use crate::authors::defined;
use crate::authors::named;
use crate::authors::strong;
use crate::authors::until;
use crate::bank::Bank;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::container;
use crate::helpers::root;
use crate::naive::ROLES;
use crate::worlds::asks;
use crate::worlds::tenant_role;

const GRANTS: u64 = 10_000;
const ROLES_OF_ITS_OWN: u64 = 1_000;
const DEPTH: u64 = 32;
/// Beside the chain, one container at each level of it.
const PLACES: u64 = 2 * DEPTH;
const HOLDER: u8 = 1;

/// Draws numbers from a fixed seed.
struct Dice(SeededIds);

impl Dice {
    fn below(&self, most: u64) -> u64 {
        let drawn = self.0.next(NOW).get() % u128::from(most);
        u64::try_from(drawn).unwrap()
    }
}

/// Place 0 is the root; up to [`DEPTH`] each lies below the one before, and the rest beside them.
fn id(place: u64) -> ContainerId {
    if place == 0 {
        root(1)
    } else {
        container(place)
    }
}

fn parent(place: u64) -> u64 {
    if place <= DEPTH {
        place - 1
    } else {
        place - DEPTH - 1
    }
}

/// The place first, the root last.
fn upward(place: u64) -> Vec<u64> {
    std::iter::successors(Some(place), |at| (*at > 0).then(|| parent(*at))).collect()
}

struct Given {
    role: String,
    at: u64,
    reach: Reach,
    is_open: bool,
}

struct Crowd {
    own: HashMap<String, (u64, Vec<&'static str>)>,
    grants: Vec<Given>,
}

impl Crowd {
    fn drawn(dice: &Dice) -> Self {
        let names = asks().map(|ask| ask.name);
        let own = (0..ROLES_OF_ITS_OWN).map(|number| {
            let holds = names.iter().filter(|_| dice.below(3) == 0).copied();
            (
                format!("x-{number}"),
                (dice.below(PLACES + 1), holds.collect()),
            )
        });
        let own = own.collect();
        let grants = (0..GRANTS).map(|_| Given {
            role: match dice.below(40) {
                0 => ROLES[usize::try_from(dice.below(ROLES.len() as u64)).unwrap()]
                    .0
                    .to_owned(),
                _ => format!("x-{}", dice.below(ROLES_OF_ITS_OWN + 9)),
            },
            // Deep down, or nearly everything would be allowed everywhere.
            at: 1 + dice.below(PLACES).max(dice.below(PLACES)).min(PLACES - 1),
            reach: match dice.below(4) {
                0 => Reach::SelfAndBelow,
                1 => Reach::BelowOnly,
                _ => Reach::SelfOnly,
            },
            is_open: dice.below(8) == 0,
        });
        let grants = grants.collect();
        Self { own, grants }
    }

    /// What a role holds at a place; nothing where it does not count.
    fn holds(&self, role: &str, at: u64) -> &[&'static str] {
        if let Some((_, held)) = ROLES.iter().find(|(name, _)| *name == role) {
            return held;
        }
        let own = self.own.get(role);
        let own = own.filter(|(home, _)| upward(at).contains(home));
        own.map_or(&[], |(_, held)| held)
    }

    fn allowed(&self, place: u64) -> PermissionSet {
        let above = upward(place);
        let reaches = |given: &&Given| match given.reach {
            Reach::SelfAndBelow => above.contains(&given.at),
            Reach::BelowOnly => above[1..].contains(&given.at),
            Reach::SelfOnly => given.at == place,
        };
        let catalogue = Bank::catalogue();
        let open = self.grants.iter().filter(|given| given.is_open);
        let held = open
            .filter(reaches)
            .flat_map(|given| self.holds(&given.role, given.at));
        held.map(|name| catalogue.permission_named(name).unwrap().id())
            .collect()
    }

    async fn built(&self) -> World {
        let world = World::new();
        let tree = (1..=PLACES).map(|place| TreeEvent::Created {
            container: id(place),
            parent: id(parent(place)),
            name: format!("c{place}"),
        });
        world.plant(1, tree).await;
        let mut own: Vec<_> = self.own.iter().collect();
        own.sort_by_key(|(name, _)| *name);
        let own = own
            .into_iter()
            .map(|(name, (home, holds))| defined(tenant_role(name, id(*home), holds)));
        world.enact(1, own).await;
        let given = self.grants.iter().zip(0..).map(|(given, number)| {
            let window = if given.is_open {
                Window::ALWAYS
            } else {
                Window::new(None, Some(NOW)).unwrap()
            };
            let grant = named(number, HOLDER, &given.role, id(given.at));
            AccessEvent::GrantGiven {
                grant: grant.with_reach(given.reach).with_window(window),
            }
        });
        world.enact(1, given).await;
        world
    }
}

fn answers_as(crowd: &Crowd, snapshot: &Snapshot) -> usize {
    let everything: Vec<PermissionId> = Bank::catalogue()
        .permissions()
        .map(|held| held.id())
        .collect();
    let mut told = Vec::new();
    let mut count = 0;
    let allowed: Vec<PermissionSet> = (0..=PLACES).map(|place| crowd.allowed(place)).collect();
    for (place, expected) in (0..).zip(&allowed) {
        assert_eq!(&snapshot.effective(id(place)).allowed, expected, "{place}");
        let asks: Vec<_> = everything
            .iter()
            .map(|permission| (*permission, id(place)))
            .collect();
        snapshot.batch(&asks, &mut told);
        for (permission, verdict) in everything.iter().zip(&told) {
            assert_eq!(*verdict == Verdict::Allow, expected.contains(*permission));
        }
        count += expected.len();
    }
    for ask in asks() {
        let filter = (ask.visible)(snapshot).unwrap();
        let expected = allowed.iter().filter(|set| set.contains(ask.id)).count();
        assert_eq!(filter.len(), expected, "{}", ask.name);
        for (place, expected) in (0..).zip(&allowed) {
            let node = snapshot.tree().node(id(place)).unwrap();
            assert_eq!(filter.contains(node), expected.contains(ask.id));
            assert_eq!((ask.allows)(snapshot, node), expected.contains(ask.id));
        }
        let sql = filter.to_sql(Dialect::Sqlite, &ScopeColumns::default(), 1);
        assert_eq!(
            sql.unwrap().binds().len() == 1,
            filter.is_everything() || filter.is_nothing()
        );
    }
    count
}

#[tokio::test]
async fn attack_11_ten_thousand_grants_of_a_thousand_roles_at_depth_32_answer_as_the_model() {
    let crowd = Crowd::drawn(&Dice(SeededIds::new(11)));
    let world = crowd.built().await;
    let snapshot = world.snapshot(&strong(HOLDER)).await;
    assert_eq!(
        (snapshot.versions().roles, snapshot.versions().grants),
        (ROLES_OF_ITS_OWN, GRANTS)
    );
    let deepest = snapshot.tree().node(id(DEPTH)).unwrap();
    assert_eq!(u64::from(deepest.depth()), DEPTH);
    let count = answers_as(&crowd, &snapshot);
    // Neither nothing nor everything.
    let most = usize::try_from((PLACES + 1) * 13).unwrap();
    assert!(
        count > most / 10 && count < most * 9 / 10,
        "{count} of {most}"
    );
    // Somebody else holds nothing of it.
    let other = world.snapshot(&strong(HOLDER + 1)).await;
    assert!(!other.sees(root(1)));
}

#[tokio::test]
async fn attack_11_of_many_rows_none_is_lost_whatever_their_number() {
    // From one row to many: at some number they are searched instead of scanned.
    for count in 1..24_u64 {
        let world = World::new();
        let tree = (1..=count).map(|place| TreeEvent::Created {
            container: container(place),
            parent: id(place / 2),
            name: format!("c{place}"),
        });
        world.plant(1, tree).await;
        let own = asks().map(|ask| (format!("x-{}", ask.id.bit()), ask.name));
        let roles = own
            .iter()
            .map(|(role, permission)| defined(tenant_role(role, root(1), &[permission])));
        world.enact(1, roles).await;
        let given = (1..=count).map(|place| {
            let (role, _) = &own[usize::try_from(place).unwrap() % own.len()];
            let grant = named(place, HOLDER, role, container(place));
            AccessEvent::GrantGiven {
                grant: grant.with_window(until(1)),
            }
        });
        world.enact(1, given).await;
        let snapshot = world.snapshot(&strong(HOLDER)).await;
        for place in 1..=count {
            let above: Vec<u64> =
                std::iter::successors(Some(place), |at| (*at > 1).then(|| at / 2)).collect();
            let expected: PermissionSet = above
                .iter()
                .map(|at| asks()[usize::try_from(*at).unwrap() % own.len()].id)
                .collect();
            assert_eq!(
                snapshot.effective(container(place)).allowed,
                expected,
                "{place} of {count}"
            );
        }
    }
}
