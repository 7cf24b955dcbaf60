//! Snapshots while grants, roles and the tree change.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use shuttle::future::spawn;
use shuttle::future::yield_now;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::Decision;
use skeleton_authz::Permission;
use skeleton_authz::Snapshot;
use skeleton_authz::Versions;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use super::ALL;
use super::House;
use super::Process;
use super::in_every_order;
use crate::authors::ADMIN;
use crate::authors::OTHER;
use crate::authors::STEWARD;
use crate::authors::assign;
use crate::authors::cascade;
use crate::authors::fence;
use crate::authors::give;
use crate::authors::lift;
use crate::authors::revoke;
use crate::bank::Clerk;
use crate::bank::account::Read;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::US;
use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;

/// Whether OTHER reads accounts at a container, asked in every way there is.
fn reads(snapshot: &Snapshot, number: u64) -> bool {
    let at = container(number);
    let node = snapshot.tree().node(at).unwrap();
    let allowed = snapshot.allows(Read, node);
    assert_eq!(snapshot.require(Read, at).is_ok(), allowed);
    assert_eq!(snapshot.visible(Read).unwrap().contains(node), allowed);
    assert_eq!(snapshot.effective(at).allowed.contains(Read::ID), allowed);
    let decision = snapshot.explain(Read::ID, at);
    assert_eq!(matches!(decision, Decision::Allow(_)), allowed);
    allowed
}

/// Three times a grant at EU comes and goes.
async fn give_and_take(process: Process, first: u64) {
    for number in first..first + 3 {
        process
            .insist(ADMIN, give(number, Clerk, container(EU)))
            .await;
        yield_now().await;
        process.insist(ADMIN, revoke(number)).await;
    }
}

/// France goes to US and back.
async fn go_and_return(process: Process) {
    for to in [US, EU, US, EU] {
        process.put(container(to)).await;
        yield_now().await;
    }
}

/// Twice a guardrail at EU comes and goes.
async fn fence_and_lift(process: Process) {
    for number in 0..2 {
        let fenced = fence(number, container(EU), &["account:read"]);
        process.insist(ADMIN, fenced).await;
        process.insist(ADMIN, lift(number)).await;
    }
}

/// What is seen: the versions, and whether France is read.
type Seen = Arc<Mutex<Vec<(Versions, bool)>>>;

async fn watch(process: Process, seen: Seen) {
    for _ in 0..8 {
        let snapshot = process.snapshot(OTHER);
        let answer = (snapshot.versions(), reads(&snapshot, FRANCE));
        seen.lock().unwrap().push(answer);
        yield_now().await;
    }
}

/// Whether a grant at EU is held, whether France lies in EU, and whether nothing forbids: version by version.
async fn history(house: &House) -> [Vec<bool>; 3] {
    let mut held = BTreeSet::new();
    let mut holds = vec![false];
    for event in house.recorded(AccessStream::Grants).await {
        match event {
            AccessEvent::GrantGiven { grant } if grant.id() < grant_id(900) => {
                held.insert(grant.id());
            }
            AccessEvent::GrantTaken { grant } => {
                held.remove(&grant);
            }
            _ => {}
        }
        holds.push(!held.is_empty());
    }
    let mut lies = vec![false];
    let all = house.trees.0.read(inside(1), TreeVersion::ZERO, ALL);
    for recorded in all.await.unwrap() {
        let before = lies.last().copied().unwrap();
        lies.push(match recorded.event() {
            TreeEvent::Created { parent, .. } => *parent == container(EU),
            TreeEvent::Moved { to, .. } => *to == container(EU),
            _ => before,
        });
    }
    let mut fences = BTreeSet::new();
    let mut free = vec![true];
    for event in house.recorded(AccessStream::Roles).await {
        match event {
            AccessEvent::GuardrailSet { guardrail } => fences.insert(guardrail.id()),
            AccessEvent::GuardrailLifted { guardrail } => fences.remove(&guardrail),
            _ => false,
        };
        free.push(fences.is_empty());
    }
    [holds, lies, free]
}

#[test]
fn law_18_every_answer_is_that_of_its_versions() {
    static READ: AtomicU32 = AtomicU32::new(0);
    static UNREAD: AtomicU32 = AtomicU32::new(0);
    in_every_order(150, || async {
        let house = House::governed().await;
        let processes = [house.process().await, house.process().await];
        let seen = Seen::default();
        let mut running = Vec::new();
        for (process, first) in processes.iter().zip([10, 20]) {
            running.push(spawn(give_and_take(process.clone(), first)));
            running.push(spawn(watch(process.clone(), Arc::clone(&seen))));
        }
        running.push(spawn(go_and_return(processes[0].clone())));
        running.push(spawn(fence_and_lift(processes[1].clone())));
        for task in running {
            task.await.unwrap();
        }
        let [holds, lies, free] = history(&house).await;
        for (versions, answer) in seen.lock().unwrap().iter() {
            let of = |history: &[bool], version: u64| history[usize::try_from(version).unwrap()];
            let expected = of(&holds, versions.grants)
                && of(&lies, versions.tree)
                && of(&free, versions.roles);
            assert_eq!(*answer, expected, "{versions:?}");
            let met = if expected { &READ } else { &UNREAD };
            met.fetch_add(1, Ordering::SeqCst);
        }
    });
    let met = [&READ, &UNREAD].map(|met| met.load(Ordering::SeqCst));
    assert!(met.iter().all(|met| *met > 100), "{met:?}");
}

#[test]
fn law_18_a_snapshot_stands_still_while_everything_changes() {
    static OUTDATED: AtomicU32 = AtomicU32::new(0);
    in_every_order(150, || async {
        let house = House::governed().await;
        let process = house.process().await;
        process.insist(ADMIN, give(1, Clerk, container(EU))).await;
        let taking = spawn({
            let process = process.clone();
            async move { process.insist(ADMIN, revoke(1)).await }
        });
        let running = [
            spawn(go_and_return(process.clone())),
            spawn(fence_and_lift(process.clone())),
        ];
        for _ in 0..3 {
            let snapshot = process.snapshot(OTHER);
            let list = snapshot.visible(Read).unwrap();
            let before = (reads(&snapshot, FRANCE), list.len(), snapshot.versions());
            for _ in 0..4 {
                yield_now().await;
                let now = (reads(&snapshot, FRANCE), list.len(), snapshot.versions());
                assert_eq!(now, before);
            }
            let later = process.snapshot(OTHER);
            let is_outdated = reads(&later, FRANCE) != before.0;
            OUTDATED.fetch_add(u32::from(is_outdated), Ordering::SeqCst);
        }
        taking.await.unwrap();
        for task in running {
            task.await.unwrap();
        }
    });
    // There was something to stand still against.
    let outdated = OUTDATED.load(Ordering::SeqCst);
    assert!(outdated > 50, "{outdated}");
}

#[test]
fn law_18_whoever_was_told_of_a_change_sees_it() {
    in_every_order(150, || async {
        let house = House::governed().await;
        let (near, far) = (house.process().await, house.process().await);
        // Somebody else changes other things, here and elsewhere.
        let others = [
            spawn(give_others(near.clone(), 100)),
            spawn(give_others(far.clone(), 200)),
        ];
        near.insist(ADMIN, give(1, Clerk, container(EU))).await;
        assert!(reads(&near.snapshot(OTHER), FRANCE));
        near.put(container(US)).await;
        let snapshot = near.snapshot(OTHER);
        assert!(reads(&snapshot, EU) && !reads(&snapshot, FRANCE));
        near.insist(ADMIN, fence(1, container(EU), &["account:read"]))
            .await;
        assert!(!reads(&near.snapshot(OTHER), EU));
        near.insist(ADMIN, lift(1)).await;
        assert!(reads(&near.snapshot(OTHER), EU));
        near.put(container(EU)).await;
        assert!(reads(&near.snapshot(OTHER), FRANCE));
        near.insist(ADMIN, revoke(1)).await;
        assert!(!near.snapshot(OTHER).sees(container(EU)));
        for other in others {
            other.await.unwrap();
        }
        // Whoever reads on sees the same.
        far.views.load(inside(1)).await.unwrap();
        far.forest.catch_up(inside(1)).await.unwrap();
        assert!(!far.snapshot(OTHER).sees(container(EU)));
        assert_eq!(far.version().grants(), 3 + 2 + 4);
    });
}

/// Gives to somebody whom nobody watches.
async fn give_others(process: Process, first: u64) {
    for number in first..first + 2 {
        let given = grant(number, OTHER + 1, Clerk, root(1));
        process.insist(ADMIN, assign(given)).await;
    }
}

#[test]
fn law_18_what_is_taken_together_is_gone_together() {
    static WHOLE: AtomicU32 = AtomicU32::new(0);
    static GONE: AtomicU32 = AtomicU32::new(0);
    in_every_order(150, || async {
        let house = House::governed().await;
        let (near, far) = (house.process().await, house.process().await);
        for number in 0..5 {
            let given = give(number, Clerk, container(FRANCE));
            near.insist(STEWARD, given).await;
        }
        far.views.load(inside(1)).await.unwrap();
        let mut running = Vec::new();
        for process in [near.clone(), far.clone()] {
            running.push(spawn(async move {
                for _ in 0..6 {
                    let snapshot = process.snapshot(OTHER);
                    let left = snapshot.view().grants_of(account(OTHER)).len();
                    assert!(left == 0 || left == 5, "{left}");
                    assert_eq!(reads(&snapshot, FRANCE), left == 5);
                    let met = if left == 5 { &WHOLE } else { &GONE };
                    met.fetch_add(1, Ordering::SeqCst);
                    yield_now().await;
                }
            }));
        }
        running.push(spawn(async move {
            for _ in 0..3 {
                far.views.load(inside(1)).await.unwrap();
            }
        }));
        // With the steward's own grant goes all that she gave.
        near.insist(ADMIN, cascade(901)).await;
        for task in running {
            task.await.unwrap();
        }
        assert_eq!(house.recorded(AccessStream::Grants).await.len(), 8 + 6);
    });
    let met = [&WHOLE, &GONE].map(|met| met.load(Ordering::SeqCst));
    assert!(met.iter().all(|met| *met > 100), "{met:?}");
}
