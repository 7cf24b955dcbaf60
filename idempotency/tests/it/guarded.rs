//! The door in front of an effect that lives elsewhere: first calls, repetitions, and what is refused.

use core::time::Duration;

use axum::http::Method;
use skeleton_idempotency::AttemptResult;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Outcome;
use skeleton_idempotency::Policy;
use skeleton_idempotency::Signal;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::operation;
use tokio::time::advance;

use crate::helpers::keys;
use crate::script::Count;
use crate::script::Gate;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::door;
use crate::stage::of_status;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

const BOTH: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];
const DAY: Duration = Duration::from_secs(24 * 3_600);

#[tokio::test(start_paused = true)]
async fn a_repetition_gets_the_first_answer_and_nothing_happens_again() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let counted = runs.clone();
        let door = stage.door(mode, move |_| {
            let run = counted.add();
            async move { of_status(201, format!("run {run}")) }
        });
        let first = send(&door, call(1, "{}")).await;
        assert_eq!(first.gist(), (201, b"run 1".as_slice(), None));
        for _ in 0..3 {
            let again = send(&door, call(1, " { } ")).await;
            assert_eq!(again.gist(), (201, b"run 1".as_slice(), Some("true")));
        }
        assert_eq!(runs.get(), 1);
        let other = send(&door, call(2, "{}")).await;
        assert_eq!(other.gist(), (201, b"run 2".as_slice(), None));
        assert_eq!(stage.signals.answered(AttemptResult::First), 2);
        assert_eq!(stage.signals.answered(AttemptResult::Replayed), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn attack_03_another_payload_or_operation_is_told_so_and_shown_nothing() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let counted = runs.clone();
        let door = stage.door(mode, move |_| {
            counted.add();
            async { ok("secret") }
        });
        let mut elsewhere = call(1, "[1]");
        *elsewhere.uri_mut() = "/commands/close-account".parse().unwrap();
        let mut with_query = call(1, "[1]");
        *with_query.uri_mut() = "/commands/transfer-money?amount=2".parse().unwrap();
        assert_eq!(send(&door, call(1, "[1]")).await.status, 200);
        for other in [call(1, "[2]"), elsewhere, with_query] {
            let told = send(&door, other).await;
            assert!(told.is(422, "idempotency-key-reused"), "{told:?}");
            assert_eq!(told.replayed(), None);
            assert!(!String::from_utf8_lossy(&told.body).contains("secret"));
        }
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_repetition_while_the_first_one_runs_gets_its_answer_or_is_told_to_come_back() {
    for mode in BOTH {
        let (stage, gate) = (Stage::new(), Gate::default());
        let held = gate.clone();
        let door = stage.door(mode, move |_| {
            let held = held.clone();
            async move {
                held.pass().await;
                ok("done")
            }
        });
        let first = sending(&door, call(1, "{}"));
        gate.reached(1).await;
        let patient = send(&door, call(1, "{}")).await;
        assert!(patient.is(409, "invocation-in-progress"), "{patient:?}");
        assert!(
            patient
                .field("retry-after")
                .unwrap()
                .parse::<u64>()
                .unwrap()
                >= 1
        );
        let lucky = sending(&door, call(1, "{}"));
        gate.open();
        assert_eq!(
            lucky.await.unwrap().gist(),
            (200, b"done".as_slice(), Some("true"))
        );
        assert_eq!(first.await.unwrap().gist(), (200, b"done".as_slice(), None));
        assert_eq!(gate.came(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn attack_06_after_its_window_a_key_runs_no_more() {
    for mode in BOTH {
        let (stage, runs) = (Stage::new(), Count::default());
        let counted = runs.clone();
        let door = stage.door(mode, move |_| {
            counted.add();
            async { ok("") }
        });
        assert_eq!(send(&door, call(1, "{}")).await.status, 200);
        advance(DAY).await;
        for number in [1, 2] {
            let late = send(&door, call(number, "{}")).await;
            assert!(late.is(412, "idempotency-key-expired"), "{late:?}");
        }
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_a_run_at_most_once_is_unknown_from_then_on() {
    let (stage, runs) = (Stage::new(), Count::default());
    let counted = runs.clone();
    let door = stage.door(Mode::AtMostOnce, move |_| {
        counted.add();
        async { of_status(500, "broke") }
    });
    assert_eq!(
        send(&door, call(1, "{}")).await.gist(),
        (500, b"broke".as_slice(), None)
    );
    for _ in 0..3 {
        let again = send(&door, call(1, "{}")).await;
        assert!(again.is(409, "outcome-unknown"), "{again:?}");
        advance(Duration::from_secs(3_600)).await;
    }
    assert_eq!(runs.get(), 1);
}

/// Nobody looks at what nobody counts.
#[tokio::test(start_paused = true)]
async fn the_doubt_itself_is_signalled_and_not_only_who_meets_it() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async { of_status(500, "broke") });
    send(&door, call(1, "{}")).await;
    assert!(
        stage.signals.has(Signal::Unknown),
        "{:?}",
        stage.signals.heard()
    );
}

#[tokio::test(start_paused = true)]
async fn a_failure_of_a_run_that_resumes_is_tried_again_after_a_pause() {
    let (stage, runs) = (Stage::new(), Count::default());
    let counted = runs.clone();
    let door = stage.door(Mode::Resumable, move |_| {
        let run = counted.add();
        async move {
            if run < 3 {
                of_status(503, "busy")
            } else {
                ok("at last")
            }
        }
    });
    assert_eq!(send(&door, call(1, "{}")).await.status, 503);
    let began = tokio::time::Instant::now();
    assert_eq!(send(&door, call(1, "{}")).await.status, 503);
    assert!(
        began.elapsed() >= Duration::from_millis(900),
        "without a pause"
    );
    assert_eq!(
        send(&door, call(1, "{}")).await.gist(),
        (200, b"at last".as_slice(), None)
    );
    assert_eq!(send(&door, call(1, "{}")).await.replayed(), Some("true"));
    assert_eq!(runs.get(), 3);
}

#[tokio::test(start_paused = true)]
async fn law_11_only_what_had_no_effect_may_run_again() {
    // Whether a status alone says so, and whether the declaration does.
    for (mode, status_frees) in [(Mode::Resumable, true), (Mode::AtMostOnce, false)] {
        for declares in [false, true] {
            let (stage, runs) = (Stage::new(), Count::default());
            let counted = runs.clone();
            let door = stage.door(mode, move |_| {
                counted.add();
                async move {
                    let mut refusal = of_status(429, "slow down");
                    if declares {
                        refusal.extensions_mut().insert(Outcome::NoEffect);
                    }
                    refusal
                }
            });
            let first = send(&door, call(1, "[1]")).await;
            assert_eq!(first.gist(), (429, b"slow down".as_slice(), None));
            let again = send(&door, call(1, "[1]")).await;
            let is_free = status_frees || declares;
            assert_eq!(again.replayed().is_none(), is_free, "{mode:?} {declares}");
            assert_eq!(runs.get(), 1 + usize::from(is_free));
            // What was given back may be used for something else.
            let other = send(&door, call(1, "[2]")).await;
            assert_eq!(other.status, if is_free { 429 } else { 422 });
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_handler_declares_counts_more_than_its_status() {
    for (status, declared, runs_again) in [
        (500, Outcome::Final, false),
        (200, Outcome::NoEffect, true),
        (200, Outcome::Unknown, false),
    ] {
        let (stage, runs) = (Stage::new(), Count::default());
        let counted = runs.clone();
        let door = stage.door(Mode::AtMostOnce, move |_| {
            counted.add();
            async move {
                let mut response = of_status(status, "");
                response.extensions_mut().insert(declared);
                response
            }
        });
        assert_eq!(send(&door, call(1, "{}")).await.status, status);
        let again = send(&door, call(1, "{}")).await;
        let expected = if declared == Outcome::Unknown {
            409
        } else {
            status
        };
        assert_eq!(again.status, expected);
        assert_eq!(runs.get(), 1 + usize::from(runs_again));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_guarded_passes_as_if_there_were_no_layer() {
    let (stage, runs) = (Stage::new(), Count::default());
    let counted = runs.clone();
    let guards = |operation: &Operation| {
        (*operation == operation!("transfer-money")).then(|| Policy::new(Mode::AtMostOnce))
    };
    let engine = skeleton_idempotency::Engine::builder(stage.store.clone(), keys(), stage.clock);
    let engine = engine.policy_of(guards).build().unwrap();
    let door = door(&engine, move |_| {
        counted.add();
        async { ok("as it is") }
    });
    let mut sent = 0;
    for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
        for _ in 0..2 {
            let mut request = call(1, "not json");
            *request.method_mut() = method.clone();
            sent += 1;
            assert_eq!(
                send(&door, request).await.gist(),
                (200, b"as it is".as_slice(), None)
            );
        }
    }
    for _ in 0..2 {
        let mut request = call(1, "not json");
        *request.uri_mut() = "/commands/other".parse().unwrap();
        request.extensions_mut().clear();
        sent += 1;
        assert_eq!(send(&door, request).await.status, 200);
    }
    assert_eq!(runs.get(), sent);
    assert!(stage.store.inner().is_empty());
    let mut patch = call(1, "{}");
    *patch.method_mut() = Method::PATCH;
    assert_eq!(send(&door, patch).await.status, 200);
    assert_eq!(send(&door, call(1, "{}")).await.replayed(), Some("true"));
}
