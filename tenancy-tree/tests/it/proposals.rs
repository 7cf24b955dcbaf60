//! Changes that are appended by whoever proposed them, and on whose account every change is recorded.

use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use crate::helpers::Fragile;
use crate::helpers::NOW;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::created;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::log_of;
use crate::helpers::tenant;
use crate::naive::Refused;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

#[tokio::test]
async fn a_proposal_is_decided_and_not_appended() {
    let store = Fragile::default();
    let forest = forest(store.clone(), 1);
    let t = inside(tenant(1));
    forest.create(t, root(), "a").await.unwrap();
    let before = forest.snapshot(t).await.unwrap();
    let proposal = forest
        .propose(t, &create(container(7), root(), " b "))
        .await
        .unwrap();
    assert_eq!(proposal.expected(), TreeVersion::new(1));
    let event = created(container(7), root(), "b");
    let recorded = Recorded::new(event, NOW, Cause::Background("test".into()));
    assert_eq!(proposal.event(), &recorded);
    assert_eq!((store.appends(), store.log(tenant(1)).await.len()), (1, 1));
    assert!(Arc::ptr_eq(&before, &forest.snapshot(t).await.unwrap()));
}

#[tokio::test]
async fn a_proposal_that_somebody_appends_is_seen_after_catching_up() {
    let store = MemoryTrees::new();
    let forest = forest(store.clone(), 1);
    let t = inside(tenant(1));
    let proposal = forest
        .propose(t, &create(container(7), root(), "b"))
        .await
        .unwrap();
    let events = [proposal.event().clone()];
    store.append(t, proposal.expected(), &events).await.unwrap();
    assert!(
        forest
            .snapshot(t)
            .await
            .unwrap()
            .node(container(7))
            .is_none()
    );
    let tree = forest.catch_up(t).await.unwrap();
    assert!(tree.node(container(7)).is_some());
    assert!(Arc::ptr_eq(&tree, &forest.snapshot(t).await.unwrap()));
}

#[tokio::test]
async fn of_two_proposals_for_one_version_one_is_stale() {
    let store = MemoryTrees::new();
    let (one, other) = (forest(store.clone(), 1), forest(store.clone(), 2));
    let t = inside(tenant(1));
    let mut answers = Vec::new();
    let first = one
        .propose(t, &create(container(1), root(), "a"))
        .await
        .unwrap();
    let second = other
        .propose(t, &create(container(2), root(), "a"))
        .await
        .unwrap();
    for proposal in [&first, &second] {
        let events = [proposal.event().clone()];
        answers.push(store.append(t, proposal.expected(), &events).await);
    }
    assert!(matches!(
        answers[..],
        [Ok(_), Err(AppendError::Stale { actual: 1 })]
    ));
    // Proposed anew, it is decided by what is there now.
    let again = other.propose(t, &create(container(2), root(), "a")).await;
    assert_eq!(Refused::from(again.unwrap_err()), Refused::NameTaken);
}

/// It reads on first, since nobody decides it again.
#[tokio::test]
async fn a_proposal_is_decided_by_what_others_appended() {
    let store = MemoryTrees::new();
    let (one, other) = (forest(store.clone(), 1), forest(store, 2));
    let t = inside(tenant(1));
    one.snapshot(t).await.unwrap();
    let parent = other.create(t, root(), "a").await.unwrap();
    let proposal = one
        .propose(t, &create(container(7), parent, "b"))
        .await
        .unwrap();
    assert_eq!(proposal.expected(), TreeVersion::new(1));
    let refused = one
        .propose(t, &create(container(7), container(8), "b"))
        .await;
    let unknown = Refused::UnknownContainer(container(8));
    assert_eq!(Refused::from(refused.unwrap_err()), unknown);
}

#[tokio::test]
async fn there_is_no_proposal_while_the_store_is_down() {
    let store = Fragile::default();
    let forest = forest(store.clone(), 1);
    let t = inside(tenant(1));
    forest.snapshot(t).await.unwrap();
    store.take_down();
    let lost = forest.propose(t, &create(container(7), root(), "b")).await;
    assert!(matches!(lost, Err(TreeError::Unavailable(_))));
}

#[tokio::test]
async fn every_event_is_recorded_on_the_account_of_who_asked() {
    let store = MemoryTrees::new();
    let forest = forest(store.clone(), 1);
    let ctx = testing::context().user_in(tenant(1)).build_authenticated();
    let asked = InTenant::of(&ctx);
    forest.create(asked, root(), "a").await.unwrap();
    let job = InTenant::background(tenant(1), "nightly import");
    forest.create(job, root(), "b").await.unwrap();
    let [by_user, by_job] = &log_of(&store, tenant(1))[..] else {
        panic!("two events were appended");
    };
    let context = EventContext::of(&ctx);
    assert_eq!(by_user.cause().context(), Some(&context));
    assert_eq!(by_user.cause(), &Cause::Invocation(Box::new(context)));
    assert_eq!(by_job.cause(), &Cause::Background("nightly import".into()));
    assert_eq!(by_job.cause().context(), None);
    assert_eq!((by_user.at(), by_job.at()), (NOW, NOW));
    let proposal = forest
        .propose(asked, &create(container(7), root(), "c"))
        .await;
    let proposal = proposal.unwrap();
    assert_eq!(proposal.event().cause(), by_user.cause());
}
