//! What a move would change of what people may do, against the move itself; and that nobody widens her own powers by one.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use skeleton_authz::AccessImpact;
use skeleton_authz::DenyReason;
use skeleton_authz::PermissionId;
use skeleton_authz::Reach;
use skeleton_authz::Snapshot;
use skeleton_authz::Verdict;
use skeleton_authz::skeleton::container;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Timestamp;

use crate::bank::Bank;
use crate::drawing::ACCOUNTS;
use crate::drawing::fewer;
use crate::drawing::models;
use crate::drawing::reach;
use crate::drawing::role;
use crate::drawing::when;
use crate::drawing::within;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::account;
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

/// Somebody of the first tenant with the best proof there is.
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

/// Account, permission and container of everything that is allowed, or that changes.
type Powers = BTreeSet<(u8, PermissionId, ContainerId)>;

async fn powers(world: &World, model: &Model) -> Powers {
    let mut all = Powers::new();
    for account in 0..ACCOUNTS {
        let snapshot = world.snapshot(&ctx_of(account)).await;
        all.extend(powers_of(&snapshot, model, account));
    }
    all
}

fn powers_of(snapshot: &Snapshot, model: &Model, account: u8) -> Powers {
    let catalogue = Bank::catalogue();
    let places = (0..model.places.len()).map(|place| id_of(model, place));
    let permissions = |at| catalogue.permissions().map(move |held| (held.id(), at));
    let asks: Vec<_> = places.flat_map(permissions).collect();
    let mut told = Vec::new();
    snapshot.batch(&asks, &mut told);
    let allowed = asks.into_iter().zip(told);
    let allowed = allowed.filter(|(_, verdict)| *verdict == Verdict::Allow);
    allowed.map(|((id, at), _)| (account, id, at)).collect()
}

/// What a report says, one change a line: gains and losses.
fn spelled_out(impact: &AccessImpact, snapshot: &Snapshot) -> (Powers, Powers) {
    let (mut gains, mut losses) = (Powers::new(), Powers::new());
    let tree = snapshot.tree();
    for change in impact.changes() {
        let number = (0..=ACCOUNTS).find(|number| account(*number) == change.account);
        let number = number.unwrap();
        for (at, reach) in &change.scopes {
            let node = tree.node(*at).unwrap();
            let whole: Vec<_> = match reach {
                Reach::SelfAndBelow => tree.subtree(node).collect(),
                Reach::BelowOnly => panic!("a report has no such reach"),
                Reach::SelfOnly => vec![node],
            };
            for at in whole.into_iter().map(|node| tree.id(node).unwrap()) {
                let each = |set: &skeleton_authz::PermissionSet, all: &mut Powers| {
                    let before = all.len();
                    all.extend(set.iter().map(|id| (number, id, at)));
                    assert_eq!(all.len(), before + set.len(), "said twice");
                };
                each(&change.gains, &mut gains);
                each(&change.losses, &mut losses);
            }
        }
    }
    (gains, losses)
}

/// Worlds in whose first tenant more is held, and less archived, than elsewhere; and moves to be tried there.
fn busy() -> impl Strategy<Value = (Model, Vec<(usize, usize)>)> {
    let holding = vec(
        (0..ACCOUNTS, role(), any::<Index>(), reach(), when()),
        4..12,
    );
    let drawn = vec((any::<Index>(), any::<Index>()), 12);
    (models(), holding, drawn).prop_map(|(mut model, holding, drawn)| {
        for place in model.places.iter_mut().step_by(2) {
            place.is_archived = false;
        }
        for (to, role, at, reach, when) in holding {
            model.grants.push(Given {
                stream: 1,
                to,
                role,
                at: within(&model, 1, at),
                reach,
                when,
            });
        }
        let places = |(from, to)| (within(&model, 1, from), within(&model, 1, to));
        let drawn = drawn.into_iter().map(places).collect();
        (model, drawn)
    })
}

/// Plans the first move that the tree takes, makes it, and compares; nothing if it takes none.
async fn compare(
    (model, drawn): &(Model, Vec<(usize, usize)>),
) -> Option<((Powers, Powers), (Powers, Powers))> {
    let world = build(model).await;
    let snapshot = world.snapshot(&ctx_of(0)).await;
    let mut plans = drawn.iter().filter_map(|(from, to)| {
        let plan = snapshot
            .tree()
            .plan_move(id_of(model, *from), id_of(model, *to));
        plan.ok()
            .filter(|plan| !(plan.left().is_empty() && plan.entered().is_empty()))
    });
    let plan = plans.next()?;
    let said = spelled_out(&plan.assess(&snapshot).unwrap(), &snapshot);
    let before = powers(&world, model).await;
    world
        .forest
        .execute(inside(1), plan.command())
        .await
        .unwrap();
    let after = powers(&world, model).await;
    let gains = after.difference(&before).copied().collect();
    let losses = before.difference(&after).copied().collect();
    // What was assessed was the tree as it was: now the plan is of another one.
    let now = world.snapshot(&ctx_of(0)).await;
    assert!(plan.assess(&now).is_err());
    Some((said, (gains, losses)))
}

proptest! {
    #[test]
    fn law_21_gains_and_losses_are_the_difference_of_all_answers(case in busy()) {
        if let Some((said, is)) = block_on(compare(&case)) {
            prop_assert_eq!(said, is);
        }
    }
}

/// A law about moves that change nothing would prove nothing.
#[test]
fn law_21_its_moves_change_a_lot() {
    let mut runner = TestRunner::deterministic();
    let (mut gaining, mut losing, mut both) = (0, 0, 0);
    for _ in 0..200 {
        let case = busy().new_tree(&mut runner).unwrap().current();
        if let Some((_, (gains, losses))) = block_on(compare(&case)) {
            gaining += usize::from(!gains.is_empty());
            losing += usize::from(!losses.is_empty());
            both += usize::from(!gains.is_empty() && !losses.is_empty());
        }
    }
    assert!(
        gaining > 20 && losing > 20 && both > 1,
        "{gaining} {losing} {both}"
    );
}

/// Account 0 may move everything, holds this and that, and neither goes beyond what it holds nor lifts a guardrail.
fn movers() -> impl Strategy<Value = (Model, Vec<(usize, usize)>)> {
    busy().prop_map(|(mut model, drawn)| {
        let mut places = model.places.iter();
        let root = places.position(|place| place.tenant == 1 && place.parent.is_none());
        let root = root.unwrap();
        let role = OwnRole {
            stream: 1,
            name: OWN[0],
            home: root,
            holds: vec!["container:move"],
        };
        model.own.insert(0, role);
        for given in model.grants.iter_mut().filter(|given| given.to == 0) {
            given.role = if given.role == "tenant-admin" {
                "steward"
            } else {
                given.role
            };
        }
        model.grants.push(Given {
            stream: 1,
            to: 0,
            role: OWN[0],
            at: root,
            reach: Reach::SelfAndBelow,
            when: When::Always,
        });
        (model, drawn)
    })
}

fn instants() -> [Timestamp; 3] {
    [0, 1, 3_600_000].map(|later| Timestamp::from_millis(NOW.as_millis() + later))
}

/// What account 0 may do, instant by instant.
async fn own_powers(world: &World, model: &Model) -> Vec<Powers> {
    let mut all = Vec::new();
    for instant in instants() {
        world.clock.set(instant);
        all.push(powers_of(&world.snapshot(&ctx_of(0)).await, model, 0));
    }
    world.clock.set(NOW);
    all
}

/// Account 0 makes the moves that it may make; how many were made, and how many would have widened its powers.
async fn act(world: &World, model: &Model, drawn: &[(usize, usize)]) -> (usize, usize) {
    let (mut made, mut widening) = (0, 0);
    for (from, to) in drawn {
        let (from, to) = (id_of(model, *from), id_of(model, *to));
        let snapshot = world.snapshot(&ctx_of(0)).await;
        let Ok(plan) = snapshot.tree().plan_move(from, to) else {
            continue;
        };
        match snapshot.require_move(container::Move, from, to) {
            Ok(proof) => {
                assert_eq!(proof.scope(), from);
                world
                    .forest
                    .execute(inside(1), plan.command())
                    .await
                    .unwrap();
                made += 1;
            }
            Err(refusal) => {
                let reason = &refusal.deny().reason;
                widening += usize::from(matches!(reason, DenyReason::WidensOwnPowers { .. }));
            }
        }
    }
    (made, widening)
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn law_20_no_mover_widens_her_own_powers((model, drawn) in movers()) {
        block_on(async {
            let world = build(&model).await;
            world.snapshot(&ctx_of(0)).await;
            let before = own_powers(&world, &model).await;
            act(&world, &model, &drawn).await;
            for (before, after) in before.iter().zip(own_powers(&world, &model).await) {
                let gained: Vec<_> = after.difference(before).collect();
                prop_assert!(gained.is_empty(), "{gained:?}");
            }
            Ok(())
        })?;
    }
}

/// A law about moves that are all refused, or none, would prove nothing.
#[test]
fn law_20_its_movers_get_some_of_it_done() {
    let mut runner = TestRunner::deterministic();
    let (mut made, mut widening) = (0, 0);
    for _ in 0..100 {
        let (model, drawn) = movers().new_tree(&mut runner).unwrap().current();
        let (more, refused) = block_on(async {
            let world = build(&model).await;
            act(&world, &model, &drawn).await
        });
        made += more;
        widening += refused;
    }
    assert!(made > 100 && widening > 10, "{made} {widening}");
}
