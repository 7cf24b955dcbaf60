//! What a denial says would help.

use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::DenyReason;
use skeleton_authz::Grant;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::Permission;
use skeleton_authz::Remedy;
use skeleton_authz::StandardRole;
use skeleton_authz::Window;
use skeleton_authz::permissions;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Timestamp;

use crate::bank::Auditor;
use crate::bank::Carer;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::Support;
use crate::bank::account;
use crate::bank::customer;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::TEXAS;
use crate::helpers::World;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::ctx;
use crate::helpers::denied;
use crate::helpers::grant;
use crate::helpers::impersonating;
use crate::helpers::inside;
use crate::helpers::root;

mod many {
    skeleton_authz::permissions! {
        pub(crate) catalogue Many "many" version 1;
        resource thing "thing" { 32 => Use "use"; 33 => Mend "mend"; 34 => Drop "drop"; }
        policy Using "using" { thing::Use }
        policy Mending "mending" { thing::Mend }
        role J "j" { Using } role I "i" { Using } role H "h" { Using } role G "g" { Using }
        role F "f" { Using } role E "e" { Using } role D "d" { Using } role C "c" { Using }
        role B "b" { Using } role A "a" { Using, Mending }
    }
}

permissions! {
    /// Has a bit in common with the bank.
    pub(crate) catalogue Other "other" version 1;
    resource vault "vault" { 32 => Empty "empty"; }
    policy Emptying "emptying" { vault::Empty }
    role Robber "robber" { Emptying }
}

fn after(secs: u64) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + secs * 1_000)
}

fn role(role: StandardRole, at: u64) -> Remedy {
    let (role, at) = (role.name(), container(at));
    Remedy::Role { role, at }
}

/// What would help the caller, who holds these grants.
async fn remedies<P: Permission>(grants: Vec<Grant>, at: u64) -> Vec<Remedy> {
    let world = World::bank().await;
    for grant in grants {
        world.give(grant).await;
    }
    let snapshot = world.snapshot(&caller(1)).await;
    denied(snapshot.explain(P::ID, container(at))).would_allow
}

#[tokio::test]
async fn the_smallest_role_is_named_first() {
    let named = remedies::<account::Read>(Vec::new(), FRANCE).await;
    let expected = [Clerk, Auditor, Manager].map(|name| role(name, FRANCE));
    assert_eq!(named, expected);
}

#[tokio::test]
async fn adding_the_named_role_there_allows_it() {
    let world = World::bank().await;
    let ctx = caller(1);
    let snapshot = world.snapshot(&ctx).await;
    let refusal = snapshot.require(account::Open, container(FRANCE));
    let named = refusal.unwrap_err().deny().would_allow.clone();
    let [Remedy::Role { role, at }] = named.as_slice() else {
        panic!("{named:?}");
    };
    let to = grant(1, 1, Manager, *at).to();
    let id = crate::helpers::grant_id(1);
    world.give(Grant::new(id, to, *role, *at)).await;
    let next = world.snapshot(&ctx).await;
    assert!(next.require(account::Open, container(FRANCE)).is_ok());
}

#[tokio::test]
async fn a_role_that_would_not_suffice_is_not_named() {
    // The manager may transfer, but a proof of the weakest kind would still be refused.
    assert_eq!(
        remedies::<account::TransferOwnership>(Vec::new(), FRANCE).await,
        []
    );
    assert_eq!(remedies::<customer::Erase>(Vec::new(), FRANCE).await, []);
}

#[tokio::test]
async fn at_most_eight_remedies_are_named() {
    let world = World::bank().await;
    let views = AccessViews::open(MemoryAccessLog::new(), world.clock.clone());
    let catalogue = many::Many::catalogue();
    let authorizer = Authorizer::new(catalogue, world.forest.clone(), views, world.clock.clone());
    authorizer.load(inside(1)).await.unwrap();
    let snapshot = authorizer.snapshot(&caller(1)).unwrap();
    let deny = denied(snapshot.explain(many::thing::Use::ID, root(1)));
    let names = deny.would_allow.iter().map(|remedy| match remedy {
        Remedy::Role { role, .. } => role.to_string(),
        other => panic!("{other:?}"),
    });
    // Roles of one permission by name; the larger one is the tenth.
    assert_eq!(names.collect::<String>(), "bcdefghi");
    let nobody = denied(snapshot.explain(many::thing::Drop::ID, root(1)));
    assert_eq!(nobody.would_allow, []);
}

#[tokio::test]
async fn stepping_up_is_the_only_remedy_where_only_the_proof_is_missing() {
    let held = vec![grant(1, 1, Manager, container(EU))];
    let expected = [Remedy::StepUp {
        assurance: Some(Assurance::Aal2),
        max_age: Some(300),
    }];
    assert_eq!(
        remedies::<account::TransferOwnership>(held, FRANCE).await,
        expected
    );
    let held = vec![grant(1, 1, Carer, container(EU))];
    let expected = [Remedy::StepUp {
        assurance: Some(Assurance::Aal3),
        max_age: None,
    }];
    assert_eq!(remedies::<customer::Erase>(held, FRANCE).await, expected);
}

#[tokio::test]
async fn waiting_is_a_remedy_until_the_earliest_window_that_helps() {
    let opening = |number, secs, until: Option<u64>| {
        let window = Window::new(Some(after(secs)), until.map(after)).unwrap();
        grant(number, 1, Manager, container(EU)).with_window(window)
    };
    let past = Window::new(None, Some(NOW)).unwrap();
    let gone = grant(0, 1, Manager, container(EU)).with_window(past);
    let held = vec![gone, opening(1, 20, None), opening(2, 10, Some(15))];
    let expected = [Remedy::Wait { from: after(10) }];
    assert_eq!(remedies::<account::Open>(held, FRANCE).await, expected);
}

#[tokio::test]
async fn waiting_is_no_remedy_where_the_proof_is_too_weak() {
    let window = Window::new(Some(after(10)), None).unwrap();
    let held = vec![grant(1, 1, Manager, container(EU)).with_window(window)];
    assert_eq!(
        remedies::<account::TransferOwnership>(held, FRANCE).await,
        []
    );
}

#[tokio::test]
async fn waiting_is_no_remedy_where_the_proof_grows_too_old_meanwhile() {
    let opening = |secs| {
        let window = Window::new(Some(after(secs)), None).unwrap();
        vec![grant(1, 1, Manager, container(EU)).with_window(window)]
    };
    let in_time = remedies::<account::Close>(opening(60), FRANCE).await;
    assert_eq!(in_time, [Remedy::Wait { from: after(60) }]);
    // The proof is good for a minute: another grant helps now, waiting does not.
    let too_late = remedies::<account::Close>(opening(61), FRANCE).await;
    assert_eq!(too_late, [role(Manager, FRANCE)]);
}

#[tokio::test]
async fn waiting_is_no_remedy_where_the_impersonator_loses_its_power_meanwhile() {
    let world = World::bank().await;
    let later = Window::new(Some(after(10)), None).unwrap();
    let until_then = Window::new(None, Some(after(10))).unwrap();
    world
        .give(grant(1, 2, Support, root(1)).with_window(until_then))
        .await;
    world
        .give(grant(2, 1, Clerk, container(FRANCE)).with_window(later))
        .await;
    let snapshot = world.snapshot(&ctx(impersonating(2, 1))).await;
    let deny = denied(snapshot.explain(account::Read::ID, container(FRANCE)));
    assert_eq!(deny.reason.code(), "not-active");
    let expected = [Clerk, Auditor, Manager].map(|name| role(name, FRANCE));
    assert_eq!(deny.would_allow, expected);
}

#[tokio::test]
async fn after_a_window_closed_a_role_helps() {
    let past = Window::new(None, Some(NOW)).unwrap();
    let held = vec![grant(1, 1, Manager, container(EU)).with_window(past)];
    assert_eq!(
        remedies::<account::Open>(held, FRANCE).await,
        [role(Manager, FRANCE)]
    );
}

#[tokio::test]
async fn a_permission_of_another_catalogue_is_refused_without_a_word_about_ours() {
    let world = World::bank().await;
    for (number, role) in [(1, Clerk), (2, Support)] {
        let at = if role == Clerk { FRANCE } else { TEXAS };
        world.give(grant(number, 1, role, container(at))).await;
    }
    let snapshot = world.snapshot(&caller(1)).await;
    for at in [FRANCE, TEXAS] {
        // The bit is that of account:read, which the caller holds in France and not in Texas.
        assert_eq!(vault::Empty::ID, account::Read::ID);
        let node = snapshot.tree().node(container(at)).unwrap();
        assert!(!snapshot.allows(vault::Empty, node));
        let refusal = snapshot.require(vault::Empty, container(at)).unwrap_err();
        assert_eq!(refusal.deny().reason, DenyReason::UnknownScope);
        assert_eq!(refusal.deny().would_allow, []);
        assert_eq!(refusal.record().permission(), "vault:empty");
    }
    assert_eq!(Other::catalogue().roles().count(), 1);
}
