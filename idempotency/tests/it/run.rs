//! Invocations that did not come over HTTP.

use core::time::Duration;

use skeleton_idempotency::Anonymous;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::InTransaction;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Outcome;
use skeleton_idempotency::Policy;
use skeleton_idempotency::Source;
use skeleton_idempotency::Store;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::context;

use crate::helpers::acme;
use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::invocation;
use crate::helpers::keys;
use crate::helpers::now;
use crate::helpers::transfer;
use crate::optimistic::Optimistic;
use crate::optimistic::Tx;
use crate::script::Count;
use crate::script::Gate;
use crate::script::until;
use crate::stage::Stage;

const BOTH: [Mode; 2] = [Mode::Resumable, Mode::AtMostOnce];

/// Runs alice's invocation, which ends so.
async fn run<S: Store>(
    engine: &Engine<S>,
    runs: &Count,
    ends: &Result<Answered, Problem>,
) -> Result<Answered, Problem> {
    let (runs, ends) = (runs.clone(), ends.clone());
    let work = move |_: Execution| async move {
        runs.add();
        ends
    };
    engine
        .run(&alice_calls().build(), &transfer(), b"{}", work)
        .await
}

#[tokio::test(start_paused = true)]
async fn a_repetition_gets_the_recorded_answer() {
    for mode in BOTH {
        let (engine, runs) = (Stage::new().engine(mode), Count::default());
        let ends = Ok(answer("done").into());
        let first = run(&engine, &runs, &ends).await.unwrap();
        assert_eq!(
            (first.answer(), first.source()),
            (&answer("done"), Source::Handler)
        );
        let again = run(&engine, &runs, &ends).await.unwrap();
        assert_eq!(again, Answered::replay(answer("done")));
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_problem_that_is_final_is_recorded_and_replayed_with_its_status() {
    for mode in BOTH {
        let (engine, runs) = (Stage::new().engine(mode), Count::default());
        let ends = Err(Problem::new(ProblemKind::NotFound).with_member("account", 7));
        let first = run(&engine, &runs, &ends).await.unwrap_err();
        assert_eq!((first.status(), first.code()), (404, "not-found"));
        let again = run(&engine, &runs, &ends).await.unwrap();
        assert_eq!(
            (again.answer().status(), again.source()),
            (404, Source::Replay)
        );
        let fields: Vec<_> = again.answer().fields().collect();
        assert!(fields.contains(&("content-type", "application/problem+json")));
        let body: serde_json::Value = serde_json::from_slice(again.answer().body()).unwrap();
        assert_eq!(
            (&body["code"], &body["account"]),
            (&"not-found".into(), &7.into())
        );
        assert_eq!(runs.get(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn law_11_a_refusal_without_effect_frees_the_key_of_what_resumes_alone() {
    for (mode, runs_again) in [(Mode::Resumable, true), (Mode::AtMostOnce, false)] {
        let (engine, runs) = (Stage::new().engine(mode), Count::default());
        let ends = Err(Problem::new(ProblemKind::PermissionDenied));
        assert_eq!(run(&engine, &runs, &ends).await.unwrap_err().status(), 403);
        let again = run(&engine, &runs, &ends).await;
        match again {
            Err(problem) => assert!(runs_again && problem.status() == 403),
            Ok(replayed) => assert!(!runs_again && replayed.answer().status() == 403),
        }
        assert_eq!(runs.get(), 1 + usize::from(runs_again));
    }
}

#[tokio::test(start_paused = true)]
async fn law_11_what_declares_that_nothing_happened_may_run_again_in_every_mode() {
    for mode in BOTH {
        let (engine, runs) = (Stage::new().engine(mode), Count::default());
        let busy = Answer::new(429).unwrap();
        let ends = Ok(Answered::from(busy).declaring(Outcome::NoEffect));
        for _ in 0..2 {
            assert_eq!(
                run(&engine, &runs, &ends).await.unwrap().source(),
                Source::Handler
            );
        }
        assert_eq!(runs.get(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_in_doubt() {
    let (engine, runs) = (Stage::new().engine(Mode::AtMostOnce), Count::default());
    let ends = Err(Problem::new(ProblemKind::Unavailable));
    assert_eq!(
        run(&engine, &runs, &ends).await.unwrap_err().code(),
        "unavailable"
    );
    assert_eq!(
        run(&engine, &runs, &ends).await.unwrap_err().code(),
        "outcome-unknown"
    );
    assert_eq!(runs.get(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_shown_once() {
    let (engine, runs) = (Stage::new().engine(Mode::AtMostOnce), Count::default());
    let ends = Ok(Answered::from(answer("secret")).replayed_as(answer("shown before")));
    assert_eq!(
        run(&engine, &runs, &ends).await.unwrap().answer(),
        &answer("secret")
    );
    let again = run(&engine, &runs, &ends).await.unwrap();
    assert_eq!(again.answer(), &answer("shown before"));
}

#[tokio::test(start_paused = true)]
async fn whoever_is_refused_is_told_under_which_invocation() {
    let engine = Stage::new().engine(Mode::AtMostOnce);
    let never = |_: Execution| async { Ok::<_, Problem>(answer("never")) };
    let unnamed = alice_calls().made_by(MadeBy::Edge).build();
    let named = alice_calls().build();
    for (ctx, payload, status) in [(&unnamed, b"{}", 400), (&named, b"{,", 400)] {
        let refused = engine
            .run(ctx, &transfer(), payload, never)
            .await
            .unwrap_err();
        assert_eq!(
            (refused.status(), refused.instance()),
            (status, Some(ctx.trace().current()))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_runs_goes_on_when_its_caller_is_dropped() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let (engine, held) = (stage.engine(Mode::AtMostOnce), gate.clone());
    let running = tokio::spawn({
        let engine = engine.clone();
        async move {
            let work = move |_: Execution| async move {
                held.pass().await;
                Ok::<_, Problem>(answer("done"))
            };
            engine
                .run(&alice_calls().build(), &transfer(), b"{}", work)
                .await
        }
    });
    gate.reached(1).await;
    running.abort();
    gate.open();
    until(|| stage.tracker.running() == 0).await;
    let again = run(&engine, &Count::default(), &Ok(answer("never").into()))
        .await
        .unwrap();
    assert_eq!(again, Answered::replay(answer("done")));
}

#[tokio::test(start_paused = true)]
async fn an_epoch_grows_with_each_grant_and_derived_keys_stay() {
    let stage = Stage::new();
    let engine = stage.engine(Mode::Resumable);
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (tell, told) = tokio::sync::oneshot::channel();
        let work = |once: Execution| async move {
            let step = skeleton_invocation_context::step!("charge");
            tell.send((once.epoch(), once.derive(&step).to_string()))
                .unwrap();
            Err::<Answer, _>(Problem::new(ProblemKind::Unavailable))
        };
        let ran = engine
            .run(&alice_calls().build(), &transfer(), b"{}", work)
            .await;
        assert_eq!(ran.unwrap_err().status(), 503);
        seen.push(told.await.unwrap());
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let epochs: Vec<_> = seen.iter().map(|(epoch, _)| *epoch).collect();
    assert_eq!(epochs, [Some(1), Some(2), Some(3)]);
    assert!(seen.iter().all(|(_, derived)| *derived == seen[0].1));
}

fn nobody() -> InvocationContext {
    context()
        .anonymous()
        .requesting(acme())
        .invocation(invocation())
        .build()
}

#[tokio::test(start_paused = true)]
async fn attack_04_a_guessed_key_shows_the_status_alone() {
    let policy = Policy::new(Mode::AtMostOnce).with_anonymous(Anonymous::StatusOnly);
    let engine = Stage::new().engine(policy);
    let work = |_: Execution| async { Ok::<_, Problem>(answer("secret")) };
    let first = engine
        .run(&nobody(), &transfer(), b"{}", work)
        .await
        .unwrap();
    assert_eq!(first.answer(), &answer("secret"));
    let guess = engine
        .run(&nobody(), &transfer(), b"{}", work)
        .await
        .unwrap();
    assert_eq!(
        (guess.answer().status(), guess.answer().body()),
        (200, b"".as_slice())
    );
}

#[tokio::test(start_paused = true)]
async fn attack_04_in_a_transaction_too_a_guessed_key_shows_the_status_alone() {
    let policy = Policy::new(Mode::Transactional).with_anonymous(Anonymous::StatusOnly);
    let engine = Engine::builder(InTransaction, keys(), FixedClock::at(now()));
    let engine = engine.mode(policy).build().unwrap();
    let store = Optimistic::default();
    let work = move |once: Execution| {
        let store = store.clone();
        async move {
            let done = once.transaction(&store, |_: skeleton_idempotency::Scope<'_, '_, Tx>| {
                Box::pin(async { Ok::<_, Problem>(answer("secret")) })
            });
            done.await.map_err(Problem::from)
        }
    };
    let first = engine
        .run(&nobody(), &transfer(), b"{}", work.clone())
        .await
        .unwrap();
    assert_eq!(first.answer(), &answer("secret"));
    let guess = engine
        .run(&nobody(), &transfer(), b"{}", work)
        .await
        .unwrap();
    assert_eq!(guess.answer().status(), 200);
    assert_eq!(
        guess.answer().body(),
        b"",
        "the body is shown to whoever guesses the key"
    );
}
