//! Actors of two accounts: whose grants count, and what the mask takes away.

use skeleton_authz::AccessCommand;
use skeleton_authz::Authorized;
use skeleton_authz::DenyReason;
use skeleton_authz::Impersonation;
use skeleton_authz::Mask;
use skeleton_authz::MaxAge;
use skeleton_authz::Permission;
use skeleton_authz::RefusalKind;
use skeleton_authz::ResumeError;
use skeleton_authz::RuleError;
use skeleton_authz::Snapshot;
use skeleton_authz::permissions;
use skeleton_authz::skeleton::role;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::testing;

use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::ask;
use crate::authors::governed;
use crate::authors::refused;
use crate::authors::refused_to;
use crate::bank::Admin;
use crate::bank::Auditor;
use crate::bank::Clerk;
use crate::bank::Manager;
use crate::bank::Steward;
use crate::bank::Support;
use crate::bank::account;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::TEXAS;
use crate::helpers::US;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;
use crate::helpers::ctx;
use crate::helpers::grant;
use crate::helpers::impersonating;
use crate::helpers::on_behalf;
use crate::helpers::root;

const BY: u8 = 2;
const OF: u8 = 1;

permissions! {
    pub(crate) catalogue Empty "empty" version 1;
}

/// The impersonator holds its right in EU, the impersonated two roles everywhere.
async fn impersonated() -> (World, Snapshot) {
    let world = World::bank().await;
    world.give(grant(1, BY, Support, container(EU))).await;
    world.give(grant(2, OF, Manager, root(1))).await;
    world.give(grant(3, OF, Auditor, root(1))).await;
    let snapshot = world.snapshot(&ctx(impersonating(BY, OF))).await;
    (world, snapshot)
}

fn reason<P: Permission>(snapshot: &Snapshot, permission: P, at: u64) -> DenyReason {
    let refusal = snapshot.require(permission, container(at)).unwrap_err();
    if refusal.deny().reason == DenyReason::Masked(Mask::Impersonation) {
        assert_eq!(refusal.kind(), RefusalKind::Denied);
        assert_eq!(refusal.deny().would_allow, []);
    }
    refusal.deny().reason.clone()
}

#[tokio::test]
async fn attack_04_an_impersonator_only_reads_and_only_where_it_may_impersonate() {
    let (_, snapshot) = impersonated().await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    assert!(snapshot.require(account::Read, container(EU)).is_ok());
    let masked = DenyReason::Masked(Mask::Impersonation);
    assert_eq!(reason(&snapshot, account::Open, FRANCE), masked);
    assert_eq!(reason(&snapshot, account::Audit, FRANCE), masked);
    assert_eq!(
        reason(&snapshot, account::TransferOwnership, FRANCE),
        masked
    );
    assert_eq!(reason(&snapshot, account::Read, TEXAS), masked);
    assert_eq!(reason(&snapshot, account::Read, US), masked);
    let refusal = snapshot.require(account::Read, root(1)).unwrap_err();
    assert_eq!(refusal.deny().reason, masked);
    assert_eq!(reason(&snapshot, role::Define, FRANCE).code(), "role-lacks");
}

#[tokio::test]
async fn attack_04_the_impersonators_own_grants_add_nothing() {
    let (world, _) = impersonated().await;
    world.take(2).await;
    world.take(3).await;
    world.give(grant(4, BY, Clerk, root(1))).await;
    let snapshot = world.snapshot(&ctx(impersonating(BY, OF))).await;
    let refusal = snapshot.require(account::Read, container(FRANCE));
    assert_eq!(refusal.unwrap_err().kind(), RefusalKind::NotFound);
}

#[tokio::test]
async fn attack_04_losing_the_right_ends_it_with_the_next_invocation() {
    let (world, snapshot) = impersonated().await;
    world.take(1).await;
    assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
    let next = world.snapshot(&ctx(impersonating(BY, OF))).await;
    assert_eq!(
        reason(&next, account::Read, FRANCE),
        DenyReason::Masked(Mask::Impersonation)
    );
}

#[tokio::test]
async fn attack_04_the_right_of_the_impersonated_does_not_serve_the_impersonator() {
    let world = World::bank().await;
    world.give(grant(1, OF, Support, root(1))).await;
    world.give(grant(2, OF, Clerk, root(1))).await;
    let snapshot = world.snapshot(&ctx(impersonating(BY, OF))).await;
    assert_eq!(
        reason(&snapshot, account::Read, FRANCE),
        DenyReason::Masked(Mask::Impersonation)
    );
}

#[tokio::test]
async fn attack_04_a_decision_for_the_impersonated_serves_its_impersonator_no_further_than_the_mask()
 {
    let (world, _) = impersonated().await;
    let own = world.snapshot(&caller(OF)).await;
    let opening = own
        .require(account::Open, container(FRANCE))
        .unwrap()
        .carry();
    let reading = own
        .require(account::Read, container(FRANCE))
        .unwrap()
        .carry();
    let auditing = own
        .require(account::Audit, container(FRANCE))
        .unwrap()
        .carry();
    let (masked, max) = (ctx(impersonating(BY, OF)), MaxAge::default());
    let resume = &world.authorizer;
    let opened = resume.resume::<account::Open>(&masked, &opening, max);
    assert_eq!(opened.unwrap_err(), ResumeError::Masked);
    let audited = resume.resume::<account::Audit>(&masked, &auditing, max);
    assert_eq!(audited.unwrap_err(), ResumeError::Masked);
    let read: Authorized<'_, account::Read> = resume.resume(&masked, &reading, max).unwrap();
    assert_eq!(read.record().accountable(), account_id(BY));
    assert!(
        resume
            .resume::<account::Open>(&caller(OF), &opening, max)
            .is_ok()
    );
}

#[tokio::test]
async fn impersonation_does_not_lower_what_a_proof_must_be() {
    let (world, snapshot) = impersonated().await;
    let weak = reason(&snapshot, account::Statement, FRANCE);
    assert_eq!(weak.code(), "step-up");
    let strong = testing::context()
        .acting(impersonating(BY, OF))
        .assurance(Assurance::Aal2)
        .build_authenticated();
    let snapshot = world.snapshot(&strong).await;
    assert!(
        snapshot
            .require(account::Statement, container(FRANCE))
            .is_ok()
    );
}

#[tokio::test]
async fn a_record_of_impersonation_names_both_accounts() {
    let (_, snapshot) = impersonated().await;
    let proof = snapshot.require(account::Read, container(FRANCE)).unwrap();
    let refusal = snapshot
        .require(account::Open, container(FRANCE))
        .unwrap_err();
    for record in [&proof.record(), refusal.record()] {
        assert_eq!(record.effective(), account_id(OF));
        assert_eq!(record.accountable(), account_id(BY));
    }
    assert_eq!(refusal.record().verdict(), "masked");
    assert_eq!(proof.account(), account_id(OF));
}

#[tokio::test]
async fn attack_05_an_agent_has_its_own_grants_only() {
    let world = World::bank().await;
    world.give(grant(1, OF, Manager, root(1))).await;
    world.give(grant(2, 3, Clerk, container(FRANCE))).await;
    for home in [1, 2] {
        let snapshot = world.snapshot(&ctx(on_behalf(3, home, OF))).await;
        assert!(snapshot.require(account::Read, container(FRANCE)).is_ok());
        assert_eq!(
            reason(&snapshot, account::Open, FRANCE).code(),
            "role-lacks"
        );
        let refusal = snapshot.require(account::Read, container(TEXAS));
        assert_eq!(refusal.unwrap_err().kind(), RefusalKind::NotFound);
        let proof = snapshot.require(account::Read, container(FRANCE)).unwrap();
        let record = proof.record();
        assert_eq!(
            (record.effective(), record.accountable()),
            (account_id(OF), account_id(3))
        );
    }
}

#[tokio::test]
async fn attack_05_an_agent_of_another_tenant_has_nothing_from_there() {
    let world = World::bank().await;
    let at_home = grant(1, 3, Manager, root(2));
    let abroad = grant(2, 3, Manager, root(1));
    for given in [at_home, abroad] {
        let provisioned = world.views.provision(crate::helpers::inside(2), given);
        provisioned.await.unwrap();
    }
    let snapshot = world.snapshot(&ctx(on_behalf(3, 2, OF))).await;
    assert!(!snapshot.sees(root(1)) && !snapshot.sees(root(2)));
    assert!(snapshot.require(account::Read, root(1)).is_err());
}

#[test]
fn a_catalogue_without_items_has_the_skeletons_permissions() {
    assert_eq!(Empty::catalogue().permissions().count(), 17);
}

async fn set(world: &World, author: u8, admits: Impersonation) -> Result<(), RuleError> {
    let command = AccessCommand::SetImpersonation { admits };
    ask(world, author, &command).await.map(drop)
}

#[tokio::test]
async fn attack_04_a_tenant_may_let_impersonators_do_all_that_is_not_sensitive() {
    let (world, before) = impersonated().await;
    world.give(grant(900, ADMIN, Admin, root(1))).await;
    let masked = DenyReason::Masked(Mask::Impersonation);
    set(&world, ADMIN, Impersonation::AllButSensitive)
        .await
        .unwrap();
    assert_eq!(reason(&before, account::Open, FRANCE), masked);
    let now = world.snapshot(&ctx(impersonating(BY, OF))).await;
    assert!(now.require(account::Open, container(FRANCE)).is_ok());
    assert_eq!(now.visible(account::Open).unwrap().roots().len(), 1);
    // What is sensitive, and where the impersonator may not impersonate, stays as it was.
    assert_eq!(reason(&now, account::Audit, FRANCE), masked);
    assert_eq!(reason(&now, account::TransferOwnership, FRANCE), masked);
    assert_eq!(reason(&now, account::Open, TEXAS), masked);
    set(&world, ADMIN, Impersonation::ReadOnly).await.unwrap();
    let later = world.snapshot(&ctx(impersonating(BY, OF))).await;
    assert_eq!(reason(&later, account::Open, FRANCE), masked);
}

#[tokio::test]
async fn attack_06_the_mask_is_widened_only_by_whoever_lifts_guardrails_at_the_root() {
    let world = governed().await;
    // She sets guardrails in EU; at the root she does nothing.
    for admits in [Impersonation::AllButSensitive, Impersonation::ReadOnly] {
        let command = AccessCommand::SetImpersonation { admits };
        let told = refused(&world, STEWARD, &command).await;
        assert!(matches!(told, RuleError::Refused(_)), "{told:?}");
    }
    world.give(grant(1, OTHER, Steward, root(1))).await;
    let wider = AccessCommand::SetImpersonation {
        admits: Impersonation::AllButSensitive,
    };
    assert!(matches!(
        refused(&world, OTHER, &wider).await,
        RuleError::Refused(_)
    ));
    set(&world, OTHER, Impersonation::ReadOnly).await.unwrap();
    // An administrator is no administrator in another's name.
    world.give(grant(2, OTHER, Support, root(1))).await;
    for admits in [Impersonation::ReadOnly, Impersonation::AllButSensitive] {
        set(&world, ADMIN, admits).await.unwrap();
        let author = ctx(impersonating(OTHER, ADMIN));
        let told = refused_to(&world, &author, &wider).await;
        assert!(matches!(told, RuleError::Refused(_)), "{told:?}");
    }
}
