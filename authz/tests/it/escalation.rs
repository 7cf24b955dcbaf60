//! Whatever authors do with rules, alone or together: without `grant:assign-beyond` and `guardrail:lift` nobody comes
//! to hold what none of them held before.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use skeleton_authz::Reach;
use skeleton_authz::Verdict;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::TreeCommand;

use crate::bank::Bank;
use crate::commands::Drawn;
use crate::commands::commands;
use crate::commands::found;
use crate::drawing::ACCOUNTS;
use crate::drawing::common_role;
use crate::drawing::models;
use crate::drawing::reach;
use crate::drawing::when;
use crate::drawing::within;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::container;
use crate::helpers::inside;
use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Given;
use crate::naive::Model;
use crate::naive::OWN;
use crate::naive::OwnRole;
use crate::naive::When;
use crate::worlds::block_on;
use crate::worlds::build;
use crate::worlds::ctx;
use crate::worlds::id_of;

/// Everything that is allowed, by bit and container.
type Powers = BTreeSet<(u16, ContainerId)>;

/// Worlds in whose first tenant the accounts 0 and 1 may give and define a lot, but neither goes beyond what it holds,
/// nor lifts a guardrail. Account 0 holds a role that it may change itself.
fn governed() -> impl Strategy<Value = Model> {
    let steward = (any::<Index>(), reach(), when());
    let holding = (common_role(), any::<Index>(), reach(), when());
    let extra = (vec(steward, 2..5), vec(holding, 2..8));
    (models(), extra, any::<Index>()).prop_map(|(mut model, (stewards, holding), home)| {
        let stewards = stewards
            .into_iter()
            .map(|(at, reach, when)| ("steward", at, reach, when));
        for (number, (role, at, reach, when)) in stewards.chain(holding).enumerate() {
            model.grants.push(Given {
                stream: 1,
                to: u8::from(number % 2 == 1),
                role,
                at: within(&model, 1, at),
                reach,
                when,
            });
        }
        let at = within(&model, 1, home);
        // Of two roles with one name the first counts.
        let role = OwnRole {
            stream: 1,
            name: OWN[0],
            home: at,
            holds: vec!["account:read"],
        };
        model.own.insert(0, role);
        for role in ["steward", OWN[0]] {
            model.grants.push(Given {
                stream: 1,
                to: 0,
                role,
                at,
                reach: Reach::SelfAndBelow,
                when: When::Always,
            });
        }
        for given in model.grants.iter_mut().filter(|given| given.to < 2) {
            if given.role == "tenant-admin" {
                given.role = "steward";
            }
        }
        model
    })
}

fn ctx_of(account: u8) -> InvocationContext<Authenticated> {
    ctx(&Caller {
        tenant: 1,
        acting: Acting::Direct(account),
        assurance: Assurance::Aal3,
        proof_age: Duration::ZERO,
        ceiling: None,
        narrowed: Vec::new(),
    })
}

fn later(millis: u64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + millis)
}

fn places(model: &Model) -> Vec<ContainerId> {
    let all = 0..model.places.len();
    all.map(|place| id_of(model, place)).collect()
}

/// A new container below each that takes one: where what was given reaches what is there, it must not reach more.
async fn sprouted(world: &World, model: &Model) -> Vec<ContainerId> {
    let mut all = places(model);
    for (number, parent) in (10_000..).zip(places(model)) {
        let command = TreeCommand::Create {
            container: container(number),
            parent,
            name: format!("new {number}"),
        };
        if world.forest.execute(inside(1), command).await.is_ok() {
            all.push(container(number));
        }
    }
    all
}

/// What every account may do, instant by instant.
fn powers(
    world: &World,
    places: &[ContainerId],
    instants: &[Timestamp],
) -> BTreeMap<(Timestamp, u8), Powers> {
    let catalogue = Bank::catalogue();
    let of = |id| places.iter().map(move |place| (id, *place));
    let asks: Vec<_> = catalogue
        .permissions()
        .flat_map(|held| of(held.id()))
        .collect();
    let mut all = BTreeMap::new();
    let mut told = Vec::new();
    let before = skeleton_invocation_context::Clock::now(&world.clock);
    for instant in instants {
        world.clock.set(*instant);
        for account in 0..ACCOUNTS {
            let snapshot = world.authorizer.snapshot(&ctx_of(account)).unwrap();
            snapshot.batch(&asks, &mut told);
            let allowed = asks.iter().zip(&told);
            let allowed = allowed.filter(|(_, verdict)| **verdict == Verdict::Allow);
            let allowed = allowed.map(|((id, place), _)| (id.bit(), *place));
            all.insert((*instant, account), allowed.collect());
        }
    }
    world.clock.set(before);
    all
}

/// Lets authors do what was drawn for them, and a millisecond pass after some of it; which commands were accepted.
async fn act(world: &World, model: &Model, drawn: &[(u8, Drawn)], passes: usize) -> Vec<usize> {
    let mut accepted = Vec::new();
    for (number, (author, command)) in drawn.iter().enumerate() {
        if number == passes {
            world.clock.set(later(1));
        }
        let command = found(model, (1, 8), command, number as u64);
        let done = world.authorizer.execute(&ctx_of(*author), &command).await;
        if done.is_ok() {
            accepted.push(number);
        }
    }
    accepted
}

/// The instants at which what was done while time passed can be seen.
fn instants(drawn: &[(u8, Drawn)], passes: usize) -> Vec<Timestamp> {
    let whole = [later(0), later(1), later(3_600_000)];
    let skipped = usize::from(passes < drawn.len());
    whole[skipped..].to_vec()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 2))]

    #[test]
    fn law_20_no_author_widens_her_own_powers(
        model in governed(), drawn in vec(commands(), 1..16), passes in 0_usize..32,
    ) {
        block_on(async {
            let drawn: Vec<_> = drawn.into_iter().map(|command| (0, command)).collect();
            let instants = instants(&drawn, passes);
            let world = build(&model).await;
            world.snapshot(&ctx_of(0)).await;
            let before = powers(&world, &places(&model), &instants);
            let accepted = act(&world, &model, &drawn, passes).await;
            for ((instant, account), after) in powers(&world, &places(&model), &instants) {
                let own = &before[&(instant, 0)];
                let others = &before[&(instant, account)];
                let gained: Vec<_> = after.iter().filter(|power| !others.contains(power)).collect();
                let is_hers = gained.iter().all(|power| account != 0 && own.contains(power));
                prop_assert!(is_hers, "{account} at {instant:?} gained {gained:?} by {accepted:?}");
            }
            Ok(())
        })?;
    }

    #[test]
    fn law_20_two_authors_together_widen_nothing_that_neither_held(
        model in governed(), drawn in vec((0_u8..2, commands()), 1..24), passes in 0_usize..48,
    ) {
        block_on(async {
            let instants = instants(&drawn, passes);
            let world = build(&model).await;
            world.snapshot(&ctx_of(0)).await;
            let before = powers(&world, &places(&model), &instants);
            let accepted = act(&world, &model, &drawn, passes).await;
            for ((instant, account), after) in powers(&world, &places(&model), &instants) {
                let theirs: Powers = before[&(instant, 0)].union(&before[&(instant, 1)]).copied().collect();
                let own = &before[&(instant, account)];
                let gained: Vec<_> = after.iter().filter(|power| !own.contains(power)).collect();
                let is_theirs = gained.iter().all(|power| theirs.contains(power));
                prop_assert!(is_theirs, "{account} at {instant:?} gained {gained:?} by {accepted:?}");
            }
            Ok(())
        })?;
    }
}

proptest! {
    #[test]
    fn law_20_nothing_is_widened_by_what_grows_later(
        model in governed(), drawn in vec((0_u8..2, commands()), 1..16),
    ) {
        block_on(async {
            let instants = [later(0), later(3_600_000)];
            let (untouched, world) = (build(&model).await, build(&model).await);
            for world in [&untouched, &world] {
                world.snapshot(&ctx_of(0)).await;
            }
            let accepted = act(&world, &model, &drawn, usize::MAX).await;
            let places = sprouted(&untouched, &model).await;
            prop_assert_eq!(&places, &sprouted(&world, &model).await);
            let before = powers(&untouched, &places, &instants);
            for ((instant, account), after) in powers(&world, &places, &instants) {
                let theirs: Powers = before[&(instant, 0)].union(&before[&(instant, 1)]).copied().collect();
                let own = &before[&(instant, account)];
                let gained: Vec<_> = after.iter().filter(|power| !own.contains(power)).collect();
                let is_theirs = gained.iter().all(|power| theirs.contains(power));
                prop_assert!(is_theirs, "{account} at {instant:?} gained {gained:?} by {accepted:?}");
            }
            Ok(())
        })?;
    }
}

/// A law about commands that are all refused would prove nothing.
#[test]
fn law_20_its_authors_get_a_lot_done() {
    let mut runner = TestRunner::deterministic();
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    let mut gains = 0;
    for _ in 0..200 {
        let model = governed().new_tree(&mut runner).unwrap().current();
        let drawn = vec((0_u8..2, commands()), 24).new_tree(&mut runner);
        let drawn = drawn.unwrap().current();
        block_on(async {
            let world = build(&model).await;
            world.snapshot(&ctx_of(0)).await;
            let instants = [later(0)];
            let before = powers(&world, &places(&model), &instants);
            for number in act(&world, &model, &drawn, usize::MAX).await {
                let kind = match &drawn[number].1 {
                    Drawn::Define(..) => "define",
                    Drawn::Change(..) => "change",
                    Drawn::Retire(_) => "retire",
                    Drawn::Assign(..) => "assign",
                    Drawn::Revoke(..) => "revoke",
                    Drawn::Fence(..) => "fence",
                    Drawn::Lift(_) => panic!("nobody may lift"),
                };
                *done.entry(kind).or_default() += 1;
            }
            let after = powers(&world, &places(&model), &instants);
            let wider = after
                .iter()
                .filter(|(who, powers)| !powers.is_subset(&before[who]));
            gains += wider.count();
        });
    }
    let least = [
        ("assign", 100),
        ("change", 20),
        ("define", 50),
        ("fence", 20),
        ("retire", 20),
        ("revoke", 50),
    ];
    for (kind, least) in least {
        assert!(
            done.get(kind).is_some_and(|count| *count >= least),
            "{done:?}"
        );
    }
    assert!(gains > 15, "{gains}");
}
