//! What claims do: T3 to T8, T14, T15, T17, T18, T20.

use core::time::Duration;

use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Hold;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Released;
use skeleton_idempotency::State;
use skeleton_invocation_context::operation;

use super::Cell;
use super::KEPT;
use super::LEASE;
use super::ask;
use super::ask_for;
use super::ask_in;
use super::fence;
use crate::helpers::answer;

const BOTH: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];

#[test]
fn t03_the_first_claim_runs_under_epoch_one() {
    let first = ask(1, "1");
    let mut cell = Cell::empty();
    let Claim::Granted(grant) = cell.claim(&first) else {
        panic!("{cell:?}")
    };
    assert_eq!((grant.epoch(), grant.owner()), (1, first.owner()));
    assert_eq!(grant.fence(), fence(&first, 1));
    let record = cell.record.unwrap();
    assert_eq!(
        (record.epoch, record.owner, record.mode),
        (1, first.owner(), Mode::Resumable)
    );
    assert_eq!(record.fingerprint, *first.fingerprint());
    assert_eq!(record.expires_at, first.expires_at());
}

#[test]
fn t04_another_payload_or_operation_is_a_mismatch_in_every_state_but_released() {
    for mode in BOTH {
        let first = ask_in(mode, 1, "1");
        let running = Cell::claimed_by(&first);
        let mut done = running.clone();
        assert_eq!(done.complete(fence(&first, 1), "secret"), Completed::Stored);
        let mut unknown = Cell::claimed_by(&ask_in(Mode::AtMostOnce, 1, "1"));
        unknown.wait(LEASE);
        unknown.sweep();
        for cell in [running, done, unknown] {
            for other in [
                ask_in(mode, 2, "2"),
                ask_for(&operation!("close-account"), mode, 2, "1"),
                // Not even its own owner may change its mind.
                ask_in(mode, 1, "2"),
            ] {
                let mut cell = cell.clone();
                let before = cell.record.clone();
                assert_eq!(cell.claim(&other), Claim::Mismatch);
                assert_eq!(cell.claim_for(&other, Hold::Commit), Claim::Mismatch);
                assert_eq!(cell.record, before);
            }
        }
    }
}

#[test]
fn t05_law_r1_an_owner_whose_acknowledgement_was_lost_runs_and_its_lease_is_new() {
    for mode in BOTH {
        let first = ask_in(mode, 1, "1");
        let mut cell = Cell::claimed_by(&first);
        cell.wait(LEASE - Duration::from_millis(1));
        assert_eq!(cell.granted(&first), 1);
        cell.wait(LEASE - Duration::from_millis(1));
        let other = cell.claim(&ask_in(mode, 2, "1"));
        let lease = Some(Duration::from_millis(1));
        assert_eq!(other, Claim::Running { epoch: 1, lease });
    }
}

#[test]
fn t05_an_owner_that_resumes_holds_even_a_lease_that_is_over_while_nobody_took_it() {
    let first = ask(1, "1");
    let mut cell = Cell::claimed_by(&first);
    cell.wait(LEASE * 2);
    assert_eq!(cell.granted(&first), 1);
    // At most once, the doubt began when the lease was over.
    let first = ask_in(Mode::AtMostOnce, 1, "1");
    let mut cell = Cell::claimed_by(&first);
    cell.wait(LEASE * 2);
    assert!(matches!(
        cell.claim(&first),
        Claim::Unknown { epoch: 1, .. }
    ));
}

#[test]
fn t06_while_a_lease_lasts_everybody_else_waits() {
    for mode in BOTH {
        let mut cell = Cell::claimed_by(&ask_in(mode, 5, "1"));
        for (number, waited) in [(1, 0), (9, 1), (6, 29_999)] {
            let mut cell = cell.clone();
            cell.wait(Duration::from_millis(waited));
            let lease = Some(LEASE - Duration::from_millis(waited));
            let told = cell.claim(&ask_in(mode, number, "1"));
            assert_eq!(told, Claim::Running { epoch: 1, lease });
        }
        let before = cell.record.clone();
        cell.sweep();
        assert_eq!(cell.record, before);
    }
}

#[test]
fn t07_when_the_lease_is_over_the_next_one_resumes_under_the_next_epoch() {
    let mut cell = Cell::claimed_by(&ask(1, "1"));
    for number in 2..6 {
        cell.wait(LEASE);
        assert_eq!(cell.granted(&ask(number, "1")), u64::from(number));
    }
}

#[test]
fn t07_the_mode_of_the_record_governs_and_not_that_of_the_claim() {
    let mut cell = Cell::claimed_by(&ask_in(Mode::AtMostOnce, 1, "1"));
    cell.wait(LEASE);
    assert!(matches!(cell.claim(&ask(2, "1")), Claim::Unknown { .. }));
    let mut cell = Cell::claimed_by(&ask(1, "1"));
    cell.wait(LEASE);
    assert!(matches!(
        cell.claim(&ask_in(Mode::AtMostOnce, 2, "1")),
        Claim::Granted(_)
    ));
}

#[test]
fn t08_when_the_lease_is_over_nobody_runs_at_most_once_again() {
    let mut by_claim = Cell::claimed_by(&ask_in(Mode::AtMostOnce, 1, "1"));
    let since = by_claim.now.saturating_add(LEASE);
    by_claim.wait(LEASE + Duration::from_secs(5));
    let mut by_sweep = by_claim.clone();
    let told = by_claim.claim(&ask_in(Mode::AtMostOnce, 2, "1"));
    assert_eq!(told, Claim::Unknown { epoch: 1, since });
    by_sweep.sweep();
    for cell in [by_claim, by_sweep] {
        assert_eq!(cell.state(), &State::Unknown { since });
    }
}

#[test]
fn t14_what_was_given_back_is_granted_to_a_newer_attempt_with_any_payload() {
    for payload in ["1", "2"] {
        let mut cell = Cell::claimed_by(&ask(1, "1"));
        assert_eq!(cell.release(fence(&ask(1, "1"), 1)), Released::Free);
        let next = ask(2, payload);
        assert_eq!(cell.granted(&next), 2);
        assert_eq!(cell.record.unwrap().fingerprint, *next.fingerprint());
    }
    // For another operation, too, and in another mode.
    let mut cell = Cell::claimed_by(&ask(1, "1"));
    assert_eq!(cell.release(fence(&ask(1, "1"), 1)), Released::Free);
    let other = ask_for(&operation!("close-account"), Mode::AtMostOnce, 2, "1");
    assert_eq!(cell.granted(&other), 2);
    let record = cell.record.unwrap();
    assert_eq!(
        (record.mode, record.operation),
        (Mode::AtMostOnce, operation!("close-account"))
    );
}

#[test]
fn t15_law_14_a_late_copy_of_a_claim_that_was_given_back_is_fenced() {
    let first = ask(5, "1");
    let mut cell = Cell::claimed_by(&first);
    assert_eq!(cell.release(fence(&first, 1)), Released::Free);
    for late in [ask(5, "1"), ask(4, "1")] {
        let last = first.owner();
        assert_eq!(cell.claim(&late), Claim::Fenced { last });
        assert_eq!(cell.state(), &State::Released);
    }
    let newer = ask(4, "1").owner().later_than(first.owner());
    assert_eq!(cell.granted(&ask(4, "1").by(newer)), 2);
}

#[test]
fn t15_a_late_copy_of_an_attempt_that_was_overtaken_is_fenced() {
    let mut cell = Cell::claimed_by(&ask(1, "1"));
    cell.wait(LEASE);
    assert_eq!(cell.granted(&ask(2, "1")), 2);
    cell.wait(LEASE);
    let last = ask(2, "1").owner();
    assert_eq!(cell.claim(&ask(1, "1")), Claim::Fenced { last });
}

#[test]
fn t17_law_03_what_is_done_is_replayed_to_everybody_and_never_changes() {
    for mode in BOTH {
        let first = ask_in(mode, 1, "1");
        let mut cell = Cell::claimed_by(&first);
        assert_eq!(cell.complete(fence(&first, 1), "done"), Completed::Stored);
        let before = cell.record.clone();
        for number in [1, 2, 9] {
            cell.wait(LEASE);
            let asked = ask_in(mode, number, "1");
            assert_eq!(cell.claim(&asked), Claim::Done(answer("done")));
            assert_eq!(
                cell.claim_for(&asked, Hold::Log),
                Claim::Done(answer("done"))
            );
            assert_eq!(
                cell.claim_for(&asked, Hold::Commit),
                Claim::Done(answer("done"))
            );
            cell.sweep();
        }
        assert_eq!(cell.record, before);
    }
}

#[test]
fn t18_what_is_unknown_is_told_so_to_everybody() {
    let first = ask_in(Mode::AtMostOnce, 1, "1");
    let mut cell = Cell::claimed_by(&first);
    let since = cell.now;
    assert_eq!(
        cell.doubt(fence(&first, 1), Duration::ZERO),
        Completed::InDoubt
    );
    for number in [1, 2] {
        let asked = ask_in(Mode::AtMostOnce, number, "1");
        assert_eq!(cell.claim(&asked), Claim::Unknown { epoch: 1, since });
    }
}

#[test]
fn t20_past_retention_a_record_is_purged_unless_somebody_runs() {
    let first = ask(1, "1");
    let mut running = Cell::claimed_by(&first);
    running.wait(KEPT - Duration::from_secs(1));
    assert!(matches!(
        running.beat(fence(&first, 1)),
        skeleton_idempotency::Beat::Held { .. }
    ));
    let mut done = running.clone();
    assert_eq!(done.complete(fence(&first, 1), "done"), Completed::Stored);
    for cell in [&mut running, &mut done] {
        cell.sweep();
        assert!(cell.record.is_some());
        cell.wait(Duration::from_secs(1));
        cell.sweep();
    }
    assert!(running.record.is_some(), "its lease is live");
    assert_eq!(done.record, None);
    running.wait(LEASE);
    running.sweep();
    assert_eq!(running.record, None);
}

#[test]
fn t20_whoever_comes_as_late_as_the_record_ends_is_expired() {
    let mut cell = Cell::empty();
    cell.wait(KEPT);
    for hold in [Hold::Lease(LEASE), Hold::Log, Hold::Commit] {
        assert_eq!(cell.claim_for(&ask(1, "1"), hold), Claim::Expired);
        assert_eq!(cell.record, None);
    }
    assert_eq!(cell.finish(&ask(1, "1"), "late"), Completed::AlreadyDone);
    assert_eq!(cell.record, None);
}

#[test]
fn t20_law_04_a_claim_in_the_place_of_what_was_not_purged_yet_continues_its_epochs() {
    let first = ask(1, "1");
    let mut cell = Cell::claimed_by(&first);
    assert_eq!(cell.complete(fence(&first, 1), "done"), Completed::Stored);
    cell.record.as_mut().unwrap().expires_at = cell.now;
    assert_eq!(cell.granted(&ask(2, "2")), 2);
}
