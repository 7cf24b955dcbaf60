//! Commands to tenants: alone, against others, and while the store is down.

use std::collections::BTreeSet;
use std::error::Error;

use skeleton_tenancy_tree::IpRestriction;
use skeleton_tenancy_tree::Lockout;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::OnboardError;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::Tenant;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantStatus;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::Tenants;

use super::Brittle;
use super::only;
use super::restrict;
use crate::helpers::NOW;
use crate::helpers::bank;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenant;
use crate::helpers::tenants;

/// `acme`, onboarded by the first of two processes on one store.
async fn two_houses(store: Brittle) -> (Tenants, Tenants, Tenant) {
    let one = tenants(store.clone(), 1).await;
    let acme = one.onboard(new_tenant("acme")).await.unwrap();
    (one, tenants(store, 2).await, acme)
}

fn to(range: &str) -> TenantCommand {
    restrict(only(range), None, Lockout::Confirmed)
}

#[tokio::test]
async fn a_change_is_published_before_it_is_answered() {
    let house = bank().await;
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    let held = house.directory().by_id(acme.id()).unwrap();
    let after = house
        .execute(inside(acme.id()), &TenantCommand::Suspend)
        .await
        .unwrap();
    assert_eq!(after.status(), TenantStatus::Suspended { since: NOW });
    assert_eq!(after.version(), TenantVersion::new(3));
    assert_eq!(house.directory().by_id(acme.id()), Some(after));
    assert_eq!(*held, acme);
}

#[tokio::test]
async fn a_change_says_who_asked_for_it() {
    let store = Brittle::default();
    let (house, _, acme) = two_houses(store.clone()).await;
    let t = inside(acme.id());
    house.execute(t, &TenantCommand::Suspend).await.unwrap();
    let log = store.log(acme.id()).await;
    let causes: Vec<_> = log
        .iter()
        .map(|recorded| format!("{:?}", recorded.cause()))
        .collect();
    let expected = ["onboarding", "onboarding", "test"];
    assert_eq!(causes, expected.map(|why| format!("Background({why:?})")));
}

#[tokio::test]
async fn nobody_changes_a_tenant_that_is_not_there() {
    let (house, t) = (bank().await, inside(tenant(9)));
    let suspend = TenantCommand::Suspend;
    assert!(matches!(
        house.execute(t, &suspend).await,
        Err(TenantError::Unknown)
    ));
    assert!(matches!(
        house.propose(t, &suspend).await,
        Err(TenantError::Unknown)
    ));
    assert!(matches!(house.catch_up(t).await, Err(TenantError::Unknown)));
}

#[tokio::test]
async fn who_was_outrun_reads_on_and_decides_again() {
    let (one, other, acme) = two_houses(Brittle::default()).await;
    let t = inside(acme.id());
    other.execute(t, &TenantCommand::Suspend).await.unwrap();
    let late = one.execute(t, &TenantCommand::Suspend).await.unwrap_err();
    let is = TenantStatus::Suspended { since: NOW };
    assert!(matches!(late, TenantError::NotNow { is: held } if held == is));
    let resumed = one.execute(t, &TenantCommand::Resume).await.unwrap();
    assert_eq!(resumed.version(), TenantVersion::new(4));
}

#[tokio::test]
async fn who_is_outrun_three_times_is_stale() {
    for (times, wins) in [(2, true), (3, false)] {
        let store = Brittle::default();
        let (house, _, acme) = two_houses(store.clone()).await;
        let before = store.appends();
        store.be_outrun(times);
        let answer = house
            .execute(inside(acme.id()), &TenantCommand::Suspend)
            .await;
        assert_eq!(store.appends() - before, 3);
        match answer {
            Ok(tenant) => assert!(wins && tenant.version() == TenantVersion::new(5)),
            Err(error) => assert!(!wins && matches!(error, TenantError::Stale), "{error:?}"),
        }
        assert_eq!(store.log(acme.id()).await.len(), 5);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_hundred_commands_at_once_in_two_processes_each_is_there_or_refused() {
    let store = Brittle::default();
    let (one, other, acme) = two_houses(store.clone()).await;
    let ask = |house: Tenants, range: String, id| async move {
        let answer = house.execute(inside(id), &to(&range)).await;
        (range, answer.map(|tenant| tenant.version()))
    };
    let racers: Vec<_> = (0..100_u32)
        .map(|number| {
            let house = if number % 2 == 0 { &one } else { &other };
            let range = format!("10.0.{number}.0/24");
            tokio::spawn(ask(house.clone(), range, acme.id()))
        })
        .collect();
    let mut done = BTreeSet::new();
    for racer in racers {
        match racer.await.unwrap() {
            (range, Ok(_)) => assert!(done.insert(range)),
            (_, Err(error)) => assert!(matches!(error, TenantError::Stale), "{error:?}"),
        }
    }
    assert!(!done.is_empty());
    let log = store.log(acme.id()).await;
    let written = log.iter().skip(2).map(|recorded| match recorded.event() {
        TenantEvent::IpRestrictionSet {
            restriction: IpRestriction::Only(list),
            ..
        } => list.iter().next().unwrap().to_string(),
        event => panic!("nobody asked for {event:?}"),
    });
    assert_eq!(written.clone().count(), done.len());
    assert_eq!(written.collect::<BTreeSet<_>>(), done);
    for house in [&one, &other] {
        house.catch_up_all().await.unwrap();
    }
    let ends = [&one, &other].map(|house| house.directory().by_id(acme.id()));
    assert_eq!(ends[0], ends[1]);
    assert_eq!(
        ends[0].as_ref().unwrap().version().get(),
        done.len() as u64 + 2
    );
}

#[tokio::test]
async fn a_proposal_is_appended_by_whoever_asked_for_it() {
    let store = MemoryTenants::new();
    let house = tenants(store.clone(), 1).await;
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    let t = inside(acme.id());
    let proposal = house.propose(t, &TenantCommand::Suspend).await.unwrap();
    assert_eq!(proposal.expected(), acme.version());
    assert_eq!(proposal.event().at(), NOW);
    assert_eq!(house.catch_up(t).await.unwrap().version(), acme.version());
    let event = core::slice::from_ref(proposal.event());
    store.append(t, proposal.expected(), event).await.unwrap();
    assert_eq!(*house.directory().by_id(acme.id()).unwrap(), acme);
    let after = house.catch_up(t).await.unwrap();
    assert_eq!(after.status(), TenantStatus::Suspended { since: NOW });
    assert_eq!(house.directory().by_id(acme.id()), Some(after));
}

#[tokio::test]
async fn a_proposal_is_decided_by_the_tenant_as_it_is_now() {
    let (one, other, acme) = two_houses(Brittle::default()).await;
    let t = inside(acme.id());
    other.execute(t, &TenantCommand::Suspend).await.unwrap();
    let late = one.propose(t, &TenantCommand::Suspend).await;
    assert!(matches!(late, Err(TenantError::NotNow { .. })));
    let proposal = one.propose(t, &TenantCommand::Resume).await.unwrap();
    assert_eq!(proposal.expected(), TenantVersion::new(3));
    let expected = TenantEvent::Resumed { tenant: acme.id() };
    assert_eq!(Recorded::event(proposal.event()), &expected);
}

#[tokio::test]
async fn while_the_store_is_down_nothing_changes_and_tenants_are_found() {
    let store = Brittle::default();
    let (house, _, acme) = two_houses(store.clone()).await;
    let t = inside(acme.id());
    store.take_down();
    let suspend = TenantCommand::Suspend;
    let error = house.execute(t, &suspend).await.unwrap_err();
    assert!(matches!(error, TenantError::Unavailable(_)));
    let cause = error.source().unwrap().source().unwrap();
    assert_eq!(cause.to_string(), "the disk is gone");
    let proposed = house.propose(t, &suspend).await;
    assert!(matches!(proposed, Err(TenantError::Unavailable(_))));
    let read = house.catch_up(t).await;
    assert!(matches!(read, Err(TenantError::Unavailable(_))));
    assert!(house.catch_up_all().await.is_err());
    let globex = house.onboard(new_tenant("globex")).await;
    assert!(matches!(globex, Err(OnboardError::Unavailable(_))));
    assert_eq!(*house.directory().by_id(acme.id()).unwrap(), acme);
    store.bring_up();
    assert_eq!(store.log(acme.id()).await.len(), 2);
    assert!(house.onboard(new_tenant("globex")).await.is_ok());
}

#[tokio::test]
async fn what_was_written_without_an_answer_is_found_later() {
    let store = Brittle::default();
    let (house, _, acme) = two_houses(store.clone()).await;
    let t = inside(acme.id());
    store.lose_answers(true);
    let lost = house.execute(t, &TenantCommand::Suspend).await;
    assert!(matches!(lost, Err(TenantError::Unavailable(_))));
    let globex = new_tenant("globex").with_id(tenant(5));
    let lost = house.onboard(globex.clone()).await;
    assert!(matches!(lost, Err(OnboardError::Unavailable(_))));
    store.lose_answers(false);
    // Nobody suspends twice, and a repeated onboarding finds its id taken.
    let again = house.execute(t, &TenantCommand::Suspend).await;
    assert!(matches!(again, Err(TenantError::NotNow { .. })));
    let again = house.onboard(globex).await;
    assert!(matches!(again, Err(OnboardError::IdTaken)));
    assert_eq!(house.catch_up_all().await.unwrap(), 1);
    let found = house.directory().by_id(tenant(5)).unwrap();
    assert_eq!(found.slug().as_str(), "globex");
}
