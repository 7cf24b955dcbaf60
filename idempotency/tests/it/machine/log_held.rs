//! What a log holds, and what a transaction commits: T6, T10, T21.

use core::time::Duration;

use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Held;
use skeleton_idempotency::Hold;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Released;
use skeleton_idempotency::State;

use super::Cell;
use super::KEPT;
use super::LEASE;
use super::ask_in;
use super::fence;
use crate::helpers::answer;

fn ask(number: u8) -> skeleton_idempotency::Ask {
    ask_in(Mode::Transactional, number, "1")
}

fn accepted() -> Cell {
    let mut cell = Cell::empty();
    assert!(matches!(
        cell.claim_for(&ask(1), Hold::Log),
        Claim::Granted(_)
    ));
    cell
}

#[test]
fn t06_what_the_log_holds_is_nobody_elses_however_long_it_takes() {
    let mut cell = accepted();
    assert_eq!(cell.state(), &State::Running { held: Held::ByLog });
    for _ in 0..3 {
        cell.wait(KEPT / 4);
        cell.sweep();
        let told = cell.claim_for(&ask(2), Hold::Log);
        assert_eq!(
            told,
            Claim::Running {
                epoch: 1,
                lease: None
            }
        );
    }
    let Claim::Granted(again) = cell.claim_for(&ask(1), Hold::Log) else {
        panic!("its own")
    };
    assert_eq!(again.epoch(), 1);
}

#[test]
fn t10_the_log_stores_its_answer_once() {
    let mut cell = accepted();
    assert_eq!(cell.doubt(Fence::Log, Duration::ZERO), Completed::InDoubt);
    assert_eq!(cell.complete(Fence::Log, "moved"), Completed::Stored);
    assert_eq!(
        cell.claim_for(&ask(2), Hold::Log),
        Claim::Done(answer("moved"))
    );
}

#[test]
fn t21_an_answer_of_the_log_needs_a_claim_of_the_logs_that_is_not_done() {
    let mut cell = accepted();
    assert_eq!(cell.complete(Fence::Log, "moved"), Completed::Stored);
    assert_eq!(cell.complete(Fence::Log, "again"), Completed::AlreadyDone);
    assert_eq!(Cell::empty().complete(Fence::Log, "a"), Completed::Gone);
    let mut leased = Cell::claimed_by(&ask_in(Mode::Resumable, 1, "1"));
    assert_eq!(
        leased.complete(Fence::Log, "a"),
        Completed::Fenced { answer: None }
    );
    let mut past = accepted();
    past.wait(KEPT);
    assert_eq!(past.complete(Fence::Log, "a"), Completed::Gone);
}

#[test]
fn what_the_log_holds_does_not_beat_and_is_not_given_back() {
    let mut cell = accepted();
    let own = fence(&ask(1), 1);
    assert_eq!(cell.beat(own), Beat::Lost { answer: None });
    assert_eq!(cell.release(own), Released::Fenced { answer: None });
    assert_eq!(cell.beat(Fence::Log), Beat::Lost { answer: None });
    assert_eq!(cell.state(), &State::Running { held: Held::ByLog });
}

#[test]
fn t03_a_claim_that_the_commit_holds_writes_nothing_before_it() {
    let mut cell = Cell::empty();
    for number in [1, 2] {
        let claim = cell.claim_for(&ask(number), Hold::Commit);
        assert!(matches!(claim, Claim::Granted(_)));
        assert_eq!(cell.record, None);
    }
}

#[test]
fn t21_of_two_transactions_the_one_that_commits_first_is_the_one() {
    let mut cell = Cell::empty();
    assert_eq!(cell.finish(&ask(2), "second"), Completed::Stored);
    assert_eq!(cell.finish(&ask(1), "first"), Completed::AlreadyDone);
    assert_eq!(
        cell.claim_for(&ask(1), Hold::Commit),
        Claim::Done(answer("second"))
    );
    // Another payload, too, and one that waits for somebody else.
    assert_eq!(
        cell.finish(&ask_in(Mode::Transactional, 3, "2"), "x"),
        Completed::AlreadyDone
    );
    let mut leased = Cell::claimed_by(&ask_in(Mode::Resumable, 1, "1"));
    assert_eq!(leased.finish(&ask(2), "x"), Completed::AlreadyDone);
}

#[test]
fn t21_law_09_a_transaction_slower_than_its_retention_commits_nothing() {
    let mut cell = Cell::empty();
    assert!(matches!(
        cell.claim_for(&ask(1), Hold::Commit),
        Claim::Granted(_)
    ));
    cell.wait(KEPT);
    assert_eq!(cell.finish(&ask(1), "late"), Completed::AlreadyDone);
    assert_eq!(cell.record, None);
}

#[test]
fn t14_a_transaction_takes_what_was_given_back_or_left_by_one_that_resumes() {
    let first = ask_in(Mode::Resumable, 1, "1");
    let mut released = Cell::claimed_by(&first);
    assert_eq!(released.release(fence(&first, 1)), Released::Free);
    let mut left = Cell::claimed_by(&first);
    left.wait(LEASE);
    for mut cell in [released, left] {
        assert_eq!(cell.finish(&ask(2), "second"), Completed::Stored);
        assert_eq!(cell.record.unwrap().epoch, 2);
    }
}
