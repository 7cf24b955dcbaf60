//! What beats and ends do: T9 to T13, T16, T19.

use core::time::Duration;

use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Found;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Released;
use skeleton_idempotency::State;

use super::Cell;
use super::LEASE;
use super::ask;
use super::ask_in;
use super::fence;
use crate::helpers::answer;

const BOTH: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];
const SECOND: Duration = Duration::from_secs(1);

/// One of which nobody knows.
fn unknown() -> Cell {
    let first = ask_in(Mode::AtMostOnce, 1, "1");
    let mut cell = Cell::claimed_by(&first);
    assert_eq!(
        cell.doubt(fence(&first, 1), Duration::ZERO),
        Completed::InDoubt
    );
    cell
}

#[test]
fn t09_a_beat_extends_the_lease_and_never_shortens_it() {
    for mode in BOTH {
        let first = ask_in(mode, 1, "1");
        let mut cell = Cell::claimed_by(&first);
        for _ in 0..5 {
            cell.wait(LEASE - SECOND);
            let until = cell.now.saturating_add(LEASE);
            assert_eq!(cell.beat(fence(&first, 1)), Beat::Held { until });
        }
        // An answer that comes late finds the lease as long as it is.
        let before = cell.clone();
        cell.now = cell.now.saturating_sub(SECOND);
        assert!(matches!(cell.beat(fence(&first, 1)), Beat::Held { .. }));
        assert_eq!(cell.record, before.record);
    }
}

#[test]
fn t09_law_13_an_owner_that_resumes_beats_a_lease_back_to_life_if_nobody_took_it() {
    let first = ask(1, "1");
    let mut cell = Cell::claimed_by(&first);
    cell.wait(LEASE + SECOND);
    assert!(matches!(cell.beat(fence(&first, 1)), Beat::Held { .. }));
    assert!(matches!(
        cell.claim(&ask(2, "1")),
        Claim::Running { epoch: 1, .. }
    ));
}

#[test]
fn a_beat_into_the_doubt_does_not_cancel() {
    let first = ask_in(Mode::AtMostOnce, 1, "1");
    let mut cell = Cell::claimed_by(&first);
    cell.wait(LEASE);
    cell.sweep();
    assert_eq!(cell.beat(fence(&first, 1)), Beat::Doubted);
    assert!(matches!(cell.state(), State::Unknown { .. }));
}

#[test]
fn t10_the_answer_of_the_one_that_runs_is_stored_and_so_is_its_repetition() {
    for mode in BOTH {
        let first = ask_in(mode, 1, "1");
        let mut cell = Cell::claimed_by(&first);
        assert_eq!(cell.complete(fence(&first, 1), "a"), Completed::Stored);
        // The acknowledgement was lost: it says it again, and nothing changes.
        assert_eq!(cell.complete(fence(&first, 1), "a"), Completed::Stored);
        // Of another answer that is not true: it is told the one that stays.
        let stays = Some(answer("a"));
        assert_eq!(
            cell.complete(fence(&first, 1), "b"),
            Completed::Fenced { answer: stays }
        );
        assert_eq!(
            cell.state(),
            &State::Done {
                answer: answer("a")
            }
        );
    }
}

#[test]
fn t10_law_r2_a_late_owner_ends_the_doubt() {
    let first = ask_in(Mode::AtMostOnce, 1, "1");
    let mut cell = Cell::claimed_by(&first);
    cell.wait(LEASE * 3);
    assert!(matches!(
        cell.claim(&ask_in(Mode::AtMostOnce, 2, "1")),
        Claim::Unknown { .. }
    ));
    assert_eq!(cell.complete(fence(&first, 1), "late"), Completed::Stored);
    let told = cell.claim(&ask_in(Mode::AtMostOnce, 3, "1"));
    assert_eq!(told, Claim::Done(answer("late")));
}

#[test]
fn t11_an_end_in_doubt_at_most_once_is_unknown() {
    let first = ask_in(Mode::AtMostOnce, 1, "1");
    let mut cell = Cell::claimed_by(&first);
    cell.wait(SECOND);
    let since = cell.now;
    assert_eq!(cell.doubt(fence(&first, 1), SECOND), Completed::InDoubt);
    assert_eq!(cell.state(), &State::Unknown { since });
    cell.wait(SECOND);
    assert_eq!(cell.doubt(fence(&first, 1), SECOND), Completed::InDoubt);
    assert_eq!(
        cell.state(),
        &State::Unknown { since },
        "the doubt began once"
    );
}

#[test]
fn t12_an_end_in_doubt_of_what_resumes_cuts_the_lease_short_and_never_extends_it() {
    let first = ask(1, "1");
    let mut cell = Cell::claimed_by(&first);
    assert_eq!(cell.doubt(fence(&first, 1), SECOND), Completed::InDoubt);
    let lease = Some(SECOND);
    assert_eq!(cell.claim(&ask(2, "1")), Claim::Running { epoch: 1, lease });
    cell.wait(SECOND);
    assert_eq!(cell.granted(&ask(2, "1")), 2);
    assert_eq!(
        cell.doubt(fence(&ask(2, "1"), 2), LEASE * 2),
        Completed::InDoubt
    );
    cell.wait(LEASE);
    assert_eq!(cell.granted(&ask(3, "1")), 3);
    assert_eq!(
        cell.doubt(fence(&ask(3, "1"), 3), Duration::ZERO),
        Completed::InDoubt
    );
    assert_eq!(cell.granted(&ask(4, "1")), 4);
}

#[test]
fn t13_a_release_gives_back_what_runs_and_says_so_twice() {
    for mode in BOTH {
        let first = ask_in(mode, 1, "1");
        let mut cell = Cell::claimed_by(&first);
        for _ in 0..2 {
            assert_eq!(cell.release(fence(&first, 1)), Released::Free);
            assert_eq!(cell.state(), &State::Released);
        }
        assert_eq!(cell.record.unwrap().epoch, 1);
    }
}

#[test]
fn t13_what_is_done_or_unknown_is_not_given_back() {
    let first = ask(1, "1");
    let mut done = Cell::claimed_by(&first);
    assert_eq!(done.complete(fence(&first, 1), "a"), Completed::Stored);
    let answer = Some(answer("a"));
    assert_eq!(done.release(fence(&first, 1)), Released::Fenced { answer });
    let mut unknown = unknown();
    let answer = None;
    assert_eq!(
        unknown.release(fence(&first, 1)),
        Released::Fenced { answer }
    );
    assert!(matches!(unknown.state(), State::Unknown { .. }));
}

#[test]
fn t16_attack_20_a_stale_owner_beats_completes_and_releases_nothing() {
    let (first, second) = (ask(1, "1"), ask(2, "1"));
    let mut cell = Cell::claimed_by(&first);
    cell.wait(LEASE);
    assert_eq!(cell.granted(&second), 2);
    let before = cell.record.clone();
    // Every part of a fence counts.
    for stale in [
        fence(&first, 1),
        fence(&first, 2),
        fence(&second, 1),
        fence(&second, 3),
    ] {
        assert_eq!(cell.beat(stale), Beat::Lost { answer: None });
        assert_eq!(
            cell.complete(stale, "stale"),
            Completed::Fenced { answer: None }
        );
        assert_eq!(
            cell.doubt(stale, SECOND),
            Completed::Fenced { answer: None }
        );
        assert_eq!(cell.release(stale), Released::Fenced { answer: None });
        assert_eq!(cell.record, before);
    }
    assert_eq!(
        cell.complete(fence(&second, 2), "second"),
        Completed::Stored
    );
    let stored = Some(answer("second"));
    for stale in [fence(&first, 1), fence(&second, 1)] {
        assert_eq!(
            cell.beat(stale),
            Beat::Lost {
                answer: stored.clone()
            }
        );
        let answer = stored.clone();
        assert_eq!(cell.complete(stale, "stale"), Completed::Fenced { answer });
        let answer = stored.clone();
        assert_eq!(cell.release(stale), Released::Fenced { answer });
    }
}

#[test]
fn t16_attack_03_a_stale_owner_of_another_payload_is_shown_nothing() {
    let (first, second) = (ask(1, "1"), ask(2, "2"));
    let mut cell = Cell::claimed_by(&first);
    assert_eq!(cell.release(fence(&first, 1)), Released::Free);
    assert_eq!(cell.granted(&second), 2);
    assert_eq!(
        cell.complete(fence(&second, 2), "secret"),
        Completed::Stored
    );
    assert_eq!(cell.beat(fence(&first, 1)), Beat::Lost { answer: None });
    assert_eq!(
        cell.complete(fence(&first, 1), "a"),
        Completed::Fenced { answer: None }
    );
    assert_eq!(
        cell.release(fence(&first, 1)),
        Released::Fenced { answer: None }
    );
}

#[test]
fn t16_verbs_on_nothing_find_nothing() {
    let stale = fence(&ask(1, "1"), 1);
    let mut cell = Cell::empty();
    assert_eq!(cell.beat(stale), Beat::Lost { answer: None });
    assert_eq!(cell.complete(stale, "a"), Completed::Gone);
    assert_eq!(cell.release(stale), Released::Gone);
    assert_eq!(
        cell.reconcile(1, &Found::Done(answer("a"))),
        Reconciled::NotInDoubt
    );
    assert_eq!(cell.record, None);
}

#[test]
fn t16_an_end_of_what_was_released_brings_nothing_back() {
    let first = ask(1, "1");
    let mut cell = Cell::claimed_by(&first);
    assert_eq!(cell.release(fence(&first, 1)), Released::Free);
    assert_eq!(
        cell.complete(fence(&first, 1), "late"),
        Completed::Fenced { answer: None }
    );
    assert_eq!(cell.beat(fence(&first, 1)), Beat::Lost { answer: None });
    assert_eq!(cell.state(), &State::Released);
}

#[test]
fn t19_what_was_found_done_is_replayed() {
    let mut cell = unknown();
    let found = Found::Done(answer("found"));
    assert_eq!(cell.reconcile(1, &found), Reconciled::Settled);
    let told = cell.claim(&ask_in(Mode::AtMostOnce, 2, "1"));
    assert_eq!(told, Claim::Done(answer("found")));
    assert_eq!(
        cell.reconcile(1, &Found::Nothing { after: SECOND }),
        Reconciled::NotInDoubt
    );
}

#[test]
fn t19_that_nothing_happened_is_believed_only_after_the_longest_run() {
    let mut cell = unknown();
    let after = Duration::from_secs(900);
    cell.wait(after - Duration::from_millis(1));
    assert_eq!(
        cell.reconcile(1, &Found::Nothing { after }),
        Reconciled::TooEarly
    );
    assert!(matches!(cell.state(), State::Unknown { .. }));
    cell.wait(Duration::from_millis(1));
    assert_eq!(
        cell.reconcile(1, &Found::Nothing { after }),
        Reconciled::Settled
    );
    assert_eq!(cell.granted(&ask_in(Mode::AtMostOnce, 2, "2")), 2);
    // Whoever ran into the doubt comes too late now.
    let first = fence(&ask_in(Mode::AtMostOnce, 1, "1"), 1);
    assert_eq!(
        cell.complete(first, "late"),
        Completed::Fenced { answer: None }
    );
}

#[test]
fn t19_only_the_grant_that_was_looked_up_is_settled() {
    let mut cell = unknown();
    for epoch in [0, 2] {
        let found = Found::Done(answer("another"));
        assert_eq!(cell.reconcile(epoch, &found), Reconciled::NotInDoubt);
    }
    let mut running = Cell::claimed_by(&ask_in(Mode::AtMostOnce, 1, "1"));
    let found = Found::Done(answer("a"));
    assert_eq!(running.reconcile(1, &found), Reconciled::NotInDoubt);
    // A lease that is over is a doubt, whether somebody has noticed or not.
    running.wait(LEASE);
    assert_eq!(running.reconcile(1, &found), Reconciled::Settled);
}
