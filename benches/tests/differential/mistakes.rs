//! What a translation may forget. A comparison that never fails proves nothing: whoever decides on the world as a mistake
//! shows it must be found out within the same questions.

use skeleton_authz::Reach;
use skeleton_invocation_context::Timestamp;

use crate::case::Peers;
use crate::case::QUESTIONS;
use crate::case::cases;
use crate::world::Caller;
use crate::world::Given;
use crate::world::Place;
use crate::world::Tenant;
use crate::world::World;

#[test]
fn a_translation_that_takes_every_grant_to_reach_down_is_found() {
    assert_found(Mistake::Reach);
}

#[test]
fn a_translation_that_ignores_windows_is_found() {
    assert_found(Mistake::Windows);
}

#[test]
fn a_translation_that_counts_the_end_of_a_window_in_is_found() {
    assert_found(Mistake::Edges);
}

#[test]
fn a_translation_that_ignores_guardrails_is_found() {
    assert_found(Mistake::Guardrails);
}

#[test]
fn a_translation_that_ignores_archives_is_found() {
    assert_found(Mistake::Archives);
}

#[test]
fn a_translation_that_ignores_the_homes_of_roles_is_found() {
    assert_found(Mistake::Homes);
}

#[test]
fn a_translation_that_takes_the_grants_of_other_tenants_is_found() {
    assert_found(Mistake::Streams);
}

#[test]
fn a_translation_that_takes_the_containers_of_other_tenants_is_found() {
    assert_found(Mistake::Trees);
}

#[test]
fn a_translation_that_keeps_what_was_ended_is_found() {
    assert_found(Mistake::Ends);
}

#[test]
fn a_translation_that_ignores_the_assurance_is_found() {
    assert_found(Mistake::Assurance);
}

#[test]
fn a_translation_that_leans_on_the_beneficiary_is_found() {
    assert_found(Mistake::Beneficiaries);
}

/// One thing mistaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    Reach,
    Windows,
    /// A grant counts up to and with the instant of its end.
    Edges,
    Guardrails,
    Archives,
    /// A tenant's own role is taken to count wherever it is given.
    Homes,
    /// Grants of all streams count in every tenant.
    Streams,
    /// Containers of all trees are containers of every tenant.
    Trees,
    /// What was taken back, lifted or retired still counts.
    Ends,
    /// Every proof is taken to be as good as any.
    Assurance,
    /// The beneficiary's grants count in the place of the agent's.
    Beneficiaries,
}

fn assert_found(mistake: Mistake) {
    let mut found = [None; 3];
    let mut checks = 0;
    for case in cases() {
        let seen = mistake.made_in(&case.world);
        let callers = case.callers().map(|caller| mistake.made_of(&caller));
        let peers = Peers::of(&seen, callers);
        let answers = case.answers();
        for ((caller, question), ours) in case.questions().zip(&answers) {
            checks += 1;
            let theirs = peers.answer(&mistake.made_of(caller), question);
            for (found, theirs) in found.iter_mut().zip(theirs) {
                if theirs != *ours {
                    found.get_or_insert(checks);
                }
            }
        }
        if checks >= QUESTIONS || found.iter().all(Option::is_some) {
            break;
        }
    }
    println!(
        "{mistake:?}: {:?} differ at question {found:?}",
        Peers::NAMES
    );
    assert!(found.iter().all(Option::is_some), "{mistake:?}: {found:?}");
}

impl Mistake {
    /// The world as it looks to whoever makes this mistake.
    fn made_in(self, world: &World) -> World {
        let mut seen = world.clone();
        let tenants = || world.tenants.iter();
        let grants: Vec<Given> = tenants().flat_map(|one| one.rules.grants.clone()).collect();
        let places: Vec<Place> = tenants().flat_map(|one| one.places.clone()).collect();
        for tenant in &mut seen.tenants {
            match self {
                Self::Streams => tenant.rules.grants.clone_from(&grants),
                Self::Trees => tenant.places.clone_from(&places),
                Self::Reach | Self::Windows | Self::Edges => {
                    let grants = tenant.rules.grants.iter_mut();
                    grants.for_each(|given| self.make_of_grant(given));
                }
                _ => self.make_in_tenant(tenant),
            }
        }
        seen
    }

    /// The caller as it looks to whoever makes this mistake.
    fn made_of(self, caller: &Caller) -> Caller {
        let mut seen = *caller;
        match self {
            Self::Assurance => seen.assurance = 2,
            Self::Beneficiaries => seen.account = caller.agent_for.unwrap_or(caller.account),
            _ => {}
        }
        seen
    }

    fn make_of_grant(self, given: &mut Given) {
        let later = |at: Timestamp| Timestamp::from_millis(at.as_millis() + 1);
        match self {
            Self::Reach => given.reach = Reach::SelfAndBelow,
            Self::Windows => (given.from, given.until) = (None, None),
            Self::Edges => given.until = given.until.map(later),
            _ => {}
        }
    }

    fn make_in_tenant(self, tenant: &mut Tenant) {
        let root = tenant.root();
        let (rules, past) = (&mut tenant.rules, &tenant.past);
        match self {
            Self::Guardrails => rules.fences.clear(),
            Self::Homes => rules.roles.iter_mut().for_each(|own| own.home = root),
            Self::Archives => {
                let places = tenant.places.iter_mut();
                places.for_each(|place| place.is_archived = false);
            }
            Self::Ends => {
                rules.roles.extend(past.roles.iter().cloned());
                rules.grants.extend(past.grants.iter().cloned());
                rules.fences.extend(past.fences.iter().cloned());
            }
            _ => {}
        }
    }
}
