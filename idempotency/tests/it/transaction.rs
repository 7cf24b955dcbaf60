//! Effect, claim and answer in one commit.

use axum::body::Bytes;
use axum::http::Request;
use axum::http::Response;
use axum::response::IntoResponse;
use http_body_util::BodyExt;
use http_body_util::Full;
use skeleton_idempotency::Anonymous;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::IdempotencyLayer;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use skeleton_idempotency::REPLAYED;
use skeleton_idempotency::Refused;
use skeleton_idempotency::Source;
use skeleton_idempotency::TransactionError;
use skeleton_idempotency::testing::FaultStore;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::context;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::acme;
use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::begin;
use crate::helpers::invocation;
use crate::helpers::keys;
use crate::helpers::now;
use crate::helpers::transfer;
use crate::optimistic::Conflict;
use crate::optimistic::Optimistic;
use crate::optimistic::Tx;
use crate::script::Count;
use crate::stage::by;
use crate::stage::call;

type Store = FaultStore<Optimistic>;
type Failure = TransactionError<skeleton_idempotency::testing::FaultError<Conflict>, Problem>;

fn store() -> Store {
    FaultStore::new(Optimistic::default())
}

fn attempt(payload: &str) -> Execution {
    begin(&alice_calls().build(), &transfer(), payload)
}

/// Moves something, and answers so.
async fn moved(store: &Store, once: Execution) -> Result<Answered, Failure> {
    let done = once.transaction(store, |mut tx: skeleton_idempotency::Scope<'_, '_, Tx>| {
        Box::pin(async move {
            tx.view.log.push("moved");
            Ok(answer("moved"))
        })
    });
    done.await
}

fn log(store: &Store) -> usize {
    store.inner().0.lock().unwrap().log.len()
}

#[tokio::test]
async fn law_01_effect_and_answer_are_committed_together_and_once() {
    let store = store();
    let first = moved(&store, attempt("1")).await.unwrap();
    assert_eq!(
        (first.answer(), first.source()),
        (&answer("moved"), Source::Recorded)
    );
    for _ in 0..3 {
        let again = moved(&store, attempt("1")).await.unwrap();
        assert_eq!(
            (again.answer(), again.source()),
            (&answer("moved"), Source::Replay)
        );
    }
    assert_eq!(log(&store), 1);
    let other = moved(&store, attempt("2")).await;
    assert!(matches!(
        other,
        Err(TransactionError::Refused(Refused::Reused))
    ));
}

#[tokio::test]
async fn work_that_refuses_leaves_nothing_and_may_be_tried_again() {
    let store = store();
    let refused = attempt("1").transaction(&store, |mut tx| {
        Box::pin(async move {
            tx.view.log.push("half");
            Err::<Answer, _>(Problem::new(ProblemKind::TooLarge))
        })
    });
    assert!(matches!(refused.await, Err(TransactionError::Work(_))));
    assert_eq!(
        (log(&store), store.inner().0.lock().unwrap().records.len()),
        (0, 0)
    );
    assert_eq!(
        moved(&store, attempt("1")).await.unwrap().source(),
        Source::Recorded
    );
}

#[tokio::test]
async fn law_01_of_two_at_once_one_commits_and_the_other_gets_its_answer() {
    let store = store();
    let (faster, mut tries) = (store.clone(), 0);
    let slow = attempt("1").transaction(&store, |mut tx| {
        tries += 1;
        let faster = &faster;
        Box::pin(async move {
            let first = moved(faster, attempt("1")).await.unwrap();
            assert_eq!(first.source(), Source::Recorded);
            tx.view.log.push("never");
            Ok::<_, Problem>(answer("never"))
        })
    });
    let slow = slow.await.unwrap();
    assert_eq!(
        (slow.answer(), slow.source()),
        (&answer("moved"), Source::Replay)
    );
    assert_eq!(log(&store), 1);
}

#[tokio::test]
async fn law_r1_a_commit_whose_acknowledgement_was_lost_is_read_by_its_key() {
    let store = store();
    store.faults().fail_next(StoreCall::Commit, Moment::After);
    let first = moved(&store, attempt("1")).await.unwrap();
    assert_eq!(
        (first.answer(), first.source()),
        (&answer("moved"), Source::Recorded)
    );
    assert_eq!(log(&store), 1);
}

#[tokio::test]
async fn a_commit_that_was_not_done_is_done_again_if_that_may_help() {
    for is_transient in [false, true] {
        let store = store();
        if is_transient {
            store.faults().be_transient();
        }
        store.faults().fail_next(StoreCall::Commit, Moment::Before);
        let done = moved(&store, attempt("1")).await;
        assert_eq!(done.is_ok(), is_transient);
        assert_eq!(log(&store), usize::from(is_transient));
    }
}

#[tokio::test]
async fn a_transaction_that_always_fails_is_tried_three_times() {
    for call in [
        StoreCall::Begin,
        StoreCall::ClaimIn,
        StoreCall::FinishIn,
        StoreCall::Commit,
    ] {
        let store = store();
        store.faults().be_transient();
        store.faults().fail_all(call, Moment::Before);
        assert!(matches!(
            moved(&store, attempt("1")).await,
            Err(TransactionError::Store(_))
        ));
        assert_eq!(store.faults().calls(call), 3, "{call:?}");
        assert_eq!(log(&store), 0);
        store.faults().heal();
        assert_eq!(
            moved(&store, attempt("1")).await.unwrap().source(),
            Source::Recorded
        );
    }
}

#[tokio::test]
async fn law_01_whatever_fails_before_or_after_any_verb_the_effect_happens_once() {
    for seed in 0..300 {
        let store = store();
        store.faults().be_transient();
        store.faults().fail_at_random(seed, 300);
        let mut told = Vec::new();
        for _ in 0..4 {
            if let Ok(answered) = moved(&store, attempt("1")).await {
                assert_eq!(answered.answer(), &answer("moved"));
                told.push(answered.source());
            }
        }
        assert!(log(&store) <= 1);
        assert!(told.is_empty() || log(&store) == 1);
        store.faults().heal();
        assert!(moved(&store, attempt("1")).await.is_ok());
        assert_eq!(log(&store), 1, "seed {seed}");
    }
}

/// The layer around a handler that does its work in a transaction.
async fn through_the_layer(
    engine: &Engine,
    store: &Store,
    request: Request<Full<Bytes>>,
) -> Response<Bytes> {
    let store = store.clone();
    let handler = service_fn(move |request: Request<Full<Bytes>>| {
        let store = store.clone();
        async move {
            let once = Execution::take_from(request.extensions()).unwrap();
            let done = moved(&store, once).await.map_err(Problem::from);
            Ok::<_, core::convert::Infallible>(done.into_response())
        }
    });
    let response = IdempotencyLayer::new(engine.clone())
        .layer(handler)
        .oneshot(request)
        .await;
    let (parts, body) = response.unwrap().into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

#[tokio::test]
async fn attack_03_through_the_layer_a_repetition_is_a_replay_and_another_payload_is_not() {
    let (store, engine) = (store(), crate::helpers::engine());
    let first = through_the_layer(&engine, &store, call(1, "[1]")).await;
    assert_eq!(
        (
            first.status().as_u16(),
            first.headers().contains_key(REPLAYED)
        ),
        (200, false)
    );
    let again = through_the_layer(&engine, &store, call(1, "[1]")).await;
    assert_eq!(again.body().as_ref(), b"moved");
    assert_eq!(again.headers()[REPLAYED], "true");
    let other = through_the_layer(&engine, &store, call(1, "[2]")).await;
    assert_eq!(other.status(), 422);
    assert_eq!(log(&store), 1);
}

#[tokio::test]
async fn attack_04_in_a_transaction_too_a_guessed_key_shows_the_status_alone() {
    let policy = Policy::new(Mode::Transactional).with_anonymous(Anonymous::StatusOnly);
    let engine = Engine::builder(
        skeleton_idempotency::InTransaction,
        keys(),
        FixedClock::at(now()),
    );
    let engine = engine.mode(policy).build().unwrap();
    let (store, nobody) = (store(), || {
        by(
            context()
                .anonymous()
                .requesting(acme())
                .invocation(invocation())
                .build(),
            "{}",
        )
    });
    let first = through_the_layer(&engine, &store, nobody()).await;
    assert_eq!(first.body().as_ref(), b"moved");
    let guess = through_the_layer(&engine, &store, nobody()).await;
    assert_eq!(guess.status(), 200);
    assert_eq!(
        guess.body().as_ref(),
        b"",
        "the body is shown to whoever guesses the key"
    );
    assert_eq!(guess.headers()[REPLAYED], "body-omitted");
}

#[tokio::test]
async fn a_panic_in_a_transaction_rolls_back_and_is_a_refusal() {
    let (store, runs) = (store(), Count::default());
    let engine = crate::helpers::engine();
    let answered = engine
        .run(&alice_calls().build(), &transfer(), b"{}", {
            let (store, runs) = (store.clone(), runs.clone());
            move |once: Execution| async move {
                let done =
                    once.transaction(&store, |mut tx: skeleton_idempotency::Scope<'_, '_, Tx>| {
                        tx.view.log.push("half");
                        runs.add();
                        Box::pin(async { panic!("boom") })
                    });
                done.await.map_err(|error: Failure| Problem::from(error))
            }
        })
        .await;
    assert_eq!(answered.unwrap_err().status(), 503);
    assert_eq!((runs.get(), log(&store)), (1, 0));
    assert_eq!(
        moved(&store, attempt("{}")).await.unwrap().source(),
        Source::Recorded
    );
}
