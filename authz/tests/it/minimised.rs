//! The fewest grants that say the same.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Reach;
use skeleton_invocation_context::Timestamp;

use crate::bank::Clerk;
use crate::bank::Manager;
use crate::drawing::cases;
use crate::drawing::crowded_cases;
use crate::drawing::fewer;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::account;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::tenant;
use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Given;
use crate::naive::Model;
use crate::naive::When;
use crate::worlds::answers;
use crate::worlds::block_on;
use crate::worlds::build;
use crate::worlds::build_in;
use crate::worlds::ctx;

/// Whether one grant implies another in words of the model.
fn implies(model: &Model, wide: &Given, narrow: &Given) -> bool {
    let is_below = model.upward(narrow.at).contains(&wide.at);
    let is_same = wide.at == narrow.at;
    let reaches = match wide.reach {
        Reach::SelfAndBelow => is_below,
        Reach::BelowOnly => is_below && (!is_same || narrow.reach == Reach::BelowOnly),
        Reach::SelfOnly => is_same && narrow.reach == Reach::SelfOnly,
    };
    let lasts = wide.when == narrow.when || wide.when == When::Always;
    let lasts = lasts || (wide.when == When::FromNow && narrow.when == When::Later);
    let lasts = lasts
        || (wide.when == When::UntilSoon && matches!(narrow.when, When::UntilNow | When::Past));
    wide.role == narrow.role && reaches && lasts
}

/// Whether a grant stands in the tree, and a role of the tenant's own at its home or below.
fn stands(model: &Model, given: &Given) -> bool {
    let is_own = model
        .own
        .iter()
        .any(|own| own.stream == 1 && own.name == given.role);
    let is_in = model.places[given.at].tenant == 1;
    is_in && (!is_own || model.holds(1, given.role, given.at).is_some())
}

/// The grants of an account of the first tenant that are left, by their number in the model.
async fn left(model: &Model, number: u8) -> (World, Vec<usize>) {
    let world = build(model).await;
    let direct = Caller {
        tenant: 1,
        acting: Acting::Direct(number),
        assurance: skeleton_invocation_context::Assurance::Aal3,
        proof_age: std::time::Duration::ZERO,
        ceiling: None,
        narrowed: Vec::new(),
    };
    let snapshot = world.snapshot(&ctx(&direct)).await;
    let view = world.views.published(tenant(1)).unwrap();
    let kept = view.minimised(account(number), snapshot.tree());
    let number = |id: GrantId| (0..model.grants.len()).find(|at| grant_id(*at as u64) == id);
    let kept = kept.into_iter().map(|held| number(held.id()).unwrap());
    let kept = kept.collect();
    (world, kept)
}

fn alike(model: &Model, caller: &Caller) -> Result<(), proptest::test_runner::TestCaseError> {
    let number = caller.acting.authorizing();
    let caller = Caller {
        tenant: 1,
        acting: Acting::Direct(number),
        ceiling: None,
        narrowed: Vec::new(),
        ..caller.clone()
    };
    block_on(async {
        let (whole, kept) = left(model, number).await;
        let is_own = |given: &Given| given.stream == 1 && given.to == number;
        let numbers: Vec<usize> = (0..model.grants.len())
            .filter(|at| !is_own(&model.grants[*at]) || kept.contains(at))
            .collect();
        let fewer = build_in(model, &numbers).await;
        for later in [0, 1, 3_600_000] {
            let now = Timestamp::from_millis(NOW.as_millis() + later);
            whole.clock.set(now);
            fewer.clock.set(now);
            let all = whole.snapshot(&ctx(&caller)).await;
            let some = fewer.snapshot(&ctx(&caller)).await;
            prop_assert_eq!(answers(&all, model), answers(&some, model));
        }
        // Its rule removes no more, and leaves nothing that it could remove.
        let counts = |at: &usize| stands(model, &model.grants[*at]);
        for at in (0..model.grants.len()).filter(|at| is_own(&model.grants[*at])) {
            let others = kept.iter().filter(|other| **other != at && counts(other));
            let mut implying =
                others.filter(|other| implies(model, &model.grants[**other], &model.grants[at]));
            let is_implied = counts(&at) && implying.next().is_some();
            prop_assert!(is_implied != kept.contains(&at), "{at} of {kept:?}");
        }
        Ok(())
    })
}

proptest! {
    #[test]
    fn law_15_the_fewest_grants_answer_alike((model, caller) in cases()) {
        alike(&model, &caller)?;
    }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn law_15_many_grants_become_few_that_answer_alike((model, caller) in crowded_cases()) {
        alike(&model, &caller)?;
    }
}

fn numbers(kept: Vec<&Grant>) -> Vec<GrantId> {
    kept.into_iter().map(Grant::id).collect()
}

#[tokio::test]
async fn a_grant_goes_only_for_one_of_its_own_role_that_reaches_as_far_for_as_long() {
    let world = World::bank().await;
    world.give(grant(1, 1, Manager, container(FRANCE))).await;
    world.give(grant(2, 1, Manager, container(EU))).await;
    world.give(grant(3, 1, Clerk, container(FRANCE))).await;
    world
        .give(grant(4, 1, Manager, container(EU)).with_reach(Reach::SelfOnly))
        .await;
    let soon = crate::worlds::window(When::UntilSoon);
    world
        .give(grant(5, 1, Clerk, container(EU)).with_window(soon))
        .await;
    let snapshot = world.snapshot(&caller(1)).await;
    let view = world.views.published(tenant(1)).unwrap();
    let kept = view.minimised(account(1), snapshot.tree());
    assert_eq!(numbers(kept), [2, 3, 5].map(grant_id));
    assert_eq!(view.minimised(account(2), snapshot.tree()).len(), 0);
}
