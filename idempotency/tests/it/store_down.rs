//! A store that cannot be had, or whose answers get lost.

use core::time::Duration;

use skeleton_idempotency::AttemptResult;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Signal;
use skeleton_idempotency::StoreVerb;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::script::Count;
use crate::script::until;
use crate::stage::Door;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::of_status;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

const BOTH: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];
const SECOND: Duration = Duration::from_secs(1);

fn counted(stage: &Stage, mode: Mode, runs: &Count) -> Door {
    let runs = runs.clone();
    stage.door(mode, move |_| {
        let run = runs.add();
        async move { ok(format!("run {run}")) }
    })
}

#[tokio::test(start_paused = true)]
async fn without_a_store_nothing_runs() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let door = counted(&stage, mode, &runs);
        stage.faults().go_down();
        let seen = send(&door, call(1, "{}")).await;
        assert!(seen.is(503, "unavailable"), "{seen:?}");
        assert_eq!(seen.field("retry-after"), Some("1"));
        assert_eq!((runs.get(), stage.faults().calls(StoreCall::Claim)), (0, 3));
        assert_eq!(
            stage
                .signals
                .count(|heard| *heard == Signal::StoreError(StoreVerb::Claim)),
            3
        );
        assert_eq!(stage.signals.answered(AttemptResult::Unavailable), 1);
        stage.faults().heal();
        assert_eq!(
            send(&door, call(1, "{}")).await.gist(),
            (200, b"run 1".as_slice(), None)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_does_not_answer_is_one_that_cannot_be_had() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let door = counted(&stage, mode, &runs);
        stage.faults().hold(StoreCall::Claim, Moment::Before);
        let began = Instant::now();
        assert!(send(&door, call(1, "{}")).await.is(503, "unavailable"));
        assert!(began.elapsed() <= 16 * SECOND, "{:?}", began.elapsed());
        assert_eq!(runs.get(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn law_r1_an_acknowledgement_of_a_claim_that_gets_lost_blocks_nobody() {
    for mode in BOTH {
        for lost in [1, 2] {
            let (stage, runs) = (Stage::new(), Count::default());
            let door = counted(&stage, mode, &runs);
            for nth in 1..=lost {
                stage
                    .faults()
                    .fail_nth(StoreCall::Claim, nth, Moment::After);
            }
            let began = Instant::now();
            // Only its own owner may be granted what it holds already.
            assert_eq!(
                send(&door, call(1, "{}")).await.gist(),
                (200, b"run 1".as_slice(), None)
            );
            assert!(began.elapsed() < SECOND);
            assert_eq!(send(&door, call(1, "{}")).await.replayed(), Some("true"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn law_r1_an_acknowledgement_of_a_record_that_gets_lost_is_asked_for_again() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let door = counted(&stage, mode, &runs);
        for nth in 1..=3 {
            stage
                .faults()
                .fail_nth(StoreCall::Complete, nth, Moment::After);
        }
        assert_eq!(
            send(&door, call(1, "{}")).await.gist(),
            (200, b"run 1".as_slice(), None)
        );
        assert_eq!(send(&door, call(1, "{}")).await.replayed(), Some("true"));
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_that_cannot_be_made_for_a_while_is_made_later_and_the_caller_waits() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let door = counted(&stage, mode, &runs);
        stage.faults().fail_all(StoreCall::Complete, Moment::Before);
        let first = sending(&door, call(1, "{}"));
        sleep(3 * SECOND).await;
        assert!(!first.is_finished());
        stage.faults().heal();
        assert_eq!(
            first.await.unwrap().gist(),
            (200, b"run 1".as_slice(), None)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn law_02_without_a_record_nobody_is_told_that_it_went_well_and_it_is_made_when_the_store_is_back()
 {
    for (mode, status, code) in [
        (Mode::Resumable, 503, "unavailable"),
        (Mode::AtMostOnce, 409, "outcome-unknown"),
    ] {
        let (stage, runs) = (Stage::new(), Count::default());
        let door = counted(&stage, mode, &runs);
        stage.faults().fail_all(StoreCall::Complete, Moment::Before);
        let began = Instant::now();
        let told = send(&door, call(1, "{}")).await;
        assert!(told.is(status, code), "{told:?}");
        assert!(
            (5..7).contains(&began.elapsed().as_secs()),
            "{:?}",
            began.elapsed()
        );
        // Ten seconds later it is still being tried.
        sleep(10 * SECOND).await;
        assert_eq!(stage.tracker.running(), 1);
        stage.faults().heal();
        sleep(2 * SECOND).await;
        assert_eq!(stage.tracker.running(), 0);
        let again = send(&door, call(1, "{}")).await;
        assert_eq!(again.gist(), (200, b"run 1".as_slice(), Some("true")));
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_is_not_tried_for_ever() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let door = counted(&stage, mode, &runs);
        stage.faults().fail_all(StoreCall::Complete, Moment::Before);
        send(&door, call(1, "{}")).await;
        sleep(Duration::from_secs(16 * 60)).await;
        assert_eq!(stage.tracker.running(), 0);
    }
}

#[tokio::test(start_paused = true)]
async fn a_release_that_cannot_be_told_keeps_its_caller_no_longer_than_a_record() {
    let (stage, runs) = (Stage::new(), Count::default());
    let counted = runs.clone();
    let door = stage.door(Mode::Resumable, move |_| {
        counted.add();
        async { of_status(429, "busy") }
    });
    stage.faults().fail_all(StoreCall::Release, Moment::Before);
    let told = send(&door, call(1, "{}")).await;
    assert_eq!(told.gist(), (429, b"busy".as_slice(), None));
    stage.faults().heal();
    until(|| stage.tracker.running() == 0 || stage.faults().calls(StoreCall::Release) > 0).await;
    sleep(2 * SECOND).await;
    assert_eq!(
        send(&door, call(1, "{}")).await.gist(),
        (429, b"busy".as_slice(), None)
    );
    assert_eq!(runs.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_doubt_that_cannot_be_told_is_a_doubt() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async { of_status(500, "broke") });
    stage.faults().fail_all(StoreCall::Complete, Moment::Before);
    assert_eq!(
        send(&door, call(1, "{}")).await.gist(),
        (500, b"broke".as_slice(), None)
    );
    sleep(Duration::from_secs(31)).await;
    assert!(send(&door, call(1, "{}")).await.is(409, "outcome-unknown"));
}
