//! Processes that are killed between any two steps, and what a retry finds: the table of failures, one test per cell.
//!
//! The process that is killed is this test binary, started anew with a plan. It says when it has come to the planned
//! point and goes no further; then it is killed with SIGKILL. No time decides: both processes have clocks that stand still
//! until a test moves its own.

mod child;
mod plan;
mod retry;
mod stopping;

use std::sync::Arc;

use skeleton_idempotency::Accepted;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Source;
use skeleton_idempotency::State;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_invocation_context::ProblemKind;

use self::plan::LEASE;
use self::plan::Plan;
use self::plan::Point;
use self::plan::Work;
use self::retry::Machine;
use self::retry::Told;
use crate::helpers::HELD;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::epoch;
use crate::helpers::execution;
use crate::helpers::transfer;

/// Until its record is there a retry has its own effect; from then on it reads the answer of the first.
#[tokio::test]
async fn transactional_effect_and_record_are_both_there_or_neither() {
    let points = [
        Point::Begun,
        Point::Claimed,
        Point::Working,
        Point::Worked,
        Point::Finished,
    ];
    for point in points {
        let machine = Machine::killed(Work::Of(Mode::Transactional), point).await;
        assert_eq!(machine.effects().await, 0, "{point:?}");
        assert_eq!(
            machine.retry().await,
            Told::Ran { epoch: None },
            "{point:?}"
        );
        assert_eq!(machine.effects().await, 1, "{point:?}");
        assert_eq!(machine.retry().await, Told::Replay, "{point:?}");
        assert_eq!(machine.effects().await, 1, "{point:?}");
    }
    let machine = Machine::killed(Work::Of(Mode::Transactional), Point::Recorded).await;
    assert_eq!(machine.retry().await, Told::Replay);
    assert_eq!(machine.effects().await, 1);
}

#[tokio::test]
async fn a_crash_before_the_claim_is_stored_costs_nothing() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let machine = Machine::killed(Work::Of(mode), Point::Begun).await;
        assert_eq!(machine.effects().await, 0);
        assert_eq!(machine.retry().await, Told::Ran { epoch: Some(1) });
        assert_eq!(machine.retry().await, Told::Replay);
        assert_eq!(machine.effects().await, 1);
    }
}

/// Under its derived key each step has its effect once, however often it is tried.
#[tokio::test]
async fn resumable_work_goes_on_when_the_lease_is_over_and_its_receiver_sees_one_effect() {
    for (point, calls) in [(Point::Claimed, 0), (Point::Working, 0), (Point::Worked, 1)] {
        let machine = Machine::killed(Work::Of(Mode::Resumable), point).await;
        assert_eq!(machine.calls().await, calls, "{point:?}");
        let in_progress = Told::Problem(ProblemKind::InvocationInProgress);
        assert_eq!(machine.retry().await, in_progress, "{point:?}");
        machine.clock.advance(LEASE);
        assert_eq!(
            machine.retry().await,
            Told::Ran { epoch: Some(2) },
            "{point:?}"
        );
        assert_eq!(
            (machine.calls().await, machine.effects().await),
            (calls + 1, 1),
            "{point:?}"
        );
        assert_eq!(machine.retry().await, Told::Replay, "{point:?}");
        assert_eq!(
            (machine.calls().await, machine.effects().await),
            (calls + 1, 1),
            "{point:?}"
        );
    }
}

/// Nobody knows, and nobody repeats it.
#[tokio::test]
async fn at_most_once_leaves_a_doubt_when_the_lease_is_over_and_never_a_second_effect() {
    for (point, effects) in [(Point::Claimed, 0), (Point::Working, 0), (Point::Worked, 1)] {
        let machine = Machine::killed(Work::Of(Mode::AtMostOnce), point).await;
        let in_progress = Told::Problem(ProblemKind::InvocationInProgress);
        assert_eq!(machine.retry().await, in_progress, "{point:?}");
        machine.clock.advance(LEASE);
        for _ in 0..3 {
            let unknown = Told::Problem(ProblemKind::OutcomeUnknown);
            assert_eq!(machine.retry().await, unknown, "{point:?}");
        }
        assert_eq!(machine.effects().await, effects, "{point:?}");
    }
}

#[tokio::test]
async fn a_crash_after_the_record_is_a_replay_at_once() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let machine = Machine::killed(Work::Of(mode), Point::Recorded).await;
        assert_eq!(machine.retry().await, Told::Replay);
        machine.clock.advance(LEASE);
        assert_eq!(machine.retry().await, Told::Replay);
        assert_eq!(machine.effects().await, 1);
    }
}

/// What the log holds is the log's to finish: no retry begins it anew, whatever the time.
#[tokio::test]
async fn a_crash_between_accept_and_complete_in_leaves_the_workflow_to_the_log() {
    let machine = Machine::killed(Work::Workflow, Point::Recorded).await;
    machine.clock.advance(LEASE);
    let retry = || execution(1, &transfer(), "1");
    let again = retry()
        .accept(&machine.store, |_| Box::pin(async { Ok::<_, String>(()) }))
        .await;
    assert!(matches!(again, Ok(Accepted::Duplicate(HELD))), "{again:?}");
    let mut tx = machine.store.begin().await.unwrap();
    let completed = machine
        .store
        .complete_in(&mut tx, retry().key(), &answer("moved"))
        .await;
    assert_eq!(completed.unwrap(), Completed::Stored);
    machine.store.commit(tx).await.unwrap();
    assert_eq!(
        machine.store.peek(retry().ask()).await.unwrap(),
        Claim::Done(answer("moved"))
    );
    assert_eq!(machine.effects().await, 1);
}

#[tokio::test]
async fn a_crash_before_the_commit_of_accept_leaves_no_workflow() {
    for point in [Point::Claimed, Point::Worked] {
        let machine = Machine::killed(Work::Workflow, point).await;
        let claim = machine.store.peek(&attempt(1, "1")).await.unwrap();
        assert_eq!(
            (epoch(&claim), machine.effects().await),
            (Some(1), 0),
            "{point:?}"
        );
    }
}

/// Killed while it writes one transaction after the other, at a moment that nobody chose.
#[tokio::test]
async fn a_process_that_is_killed_at_any_moment_leaves_a_record_for_every_effect_and_no_other() {
    for lines in [0, 1, 3, 10, 25] {
        let machine = Machine::killed_after(Work::Many, lines).await;
        let effects = machine.named_effects().await;
        assert!(effects.len() >= lines, "what was acknowledged is kept");
        for number in 0..Plan::MANY {
            let ask = attempt(number, "1");
            let record = machine.store.find(ask.key()).await.unwrap();
            let times = effects
                .iter()
                .filter(|what| **what == number.to_string())
                .count();
            match record.map(|record| record.state) {
                None => assert_eq!(times, 0),
                Some(State::Done { .. }) => assert_eq!(times, 1),
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Four processes try the same invocations at the same time.
#[tokio::test]
async fn attack_13_processes_that_race_have_each_effect_once_and_none_fails() {
    let machine = Arc::new(Machine::new().await);
    let racers: Vec<_> = (0..4)
        .map(|_| machine.start(Work::Many, Point::Never))
        .collect();
    let mut recorded = 0;
    for racer in racers {
        recorded += racer
            .lines_to_the_end()
            .filter(|line| *line == Source::Recorded)
            .count();
    }
    let mut effects = machine.named_effects().await;
    effects.sort();
    effects.dedup();
    let many = usize::try_from(Plan::MANY).unwrap();
    assert_eq!(
        (recorded, effects.len(), machine.named_effects().await.len()),
        (many, many, many)
    );
}
