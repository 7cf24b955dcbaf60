//! Bulk requests: a key for each item.

use core::time::Duration;

use bytes::Bytes;
use skeleton_idempotency::Answered;
use skeleton_idempotency::BatchError;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Item;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Source;
use skeleton_idempotency::testing::FaultStore;
use skeleton_idempotency::testing::StoreCall;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::operation;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::invocation_no;
use crate::helpers::made_at;
use crate::helpers::now;
use crate::helpers::transfer;
use crate::script::Count;
use crate::script::Gate;
use crate::script::until;
use crate::stage::Stage;

type Answers = Vec<Result<Answered, Problem>>;

fn item(number: u64, payload: &str) -> Item<Access, u64> {
    Item {
        ctx: alice_calls()
            .invocation(invocation_no(number))
            .seed(number)
            .build(),
        operation: transfer(),
        payload: Bytes::copy_from_slice(payload.as_bytes()),
        what: number,
    }
}

/// Counts every run, and answers the number of the item.
async fn batch(
    engine: &Engine<FaultStore<MemoryStore>>,
    runs: &Count,
    items: Vec<Item<Access, u64>>,
) -> Result<Answers, BatchError> {
    let runs = runs.clone();
    let work = move |_: Execution, number: u64| {
        runs.add();
        async move { Ok::<_, Problem>(answer(&number.to_string())) }
    };
    engine.batch(items, work).await
}

fn gist(answers: &Answers) -> Vec<(String, Option<Source>)> {
    let of = |answer: &Result<Answered, Problem>| match answer {
        Ok(answered) => {
            let body = String::from_utf8_lossy(answered.answer().body()).into_owned();
            (body, Some(answered.source()))
        }
        Err(problem) => (problem.code().to_owned(), None),
    };
    answers.iter().map(of).collect()
}

const NEW: Option<Source> = Some(Source::Handler);
const REPLAY: Option<Source> = Some(Source::Replay);

fn said(answers: &[(&str, Option<Source>)]) -> Vec<(String, Option<Source>)> {
    answers
        .iter()
        .map(|(body, source)| ((*body).to_owned(), *source))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn answers_come_in_the_order_of_the_items_and_what_was_done_is_replayed() {
    let (stage, runs) = (Stage::new(), Count::default());
    let engine = stage.engine(Mode::AtMostOnce);
    let first = batch(&engine, &runs, vec![item(3, "{}"), item(1, "{}")])
        .await
        .unwrap();
    assert_eq!(gist(&first), said(&[("3", NEW), ("1", NEW)]));
    let items = (1..=5).rev().map(|number| item(number, "{}")).collect();
    let second = batch(&engine, &runs, items).await.unwrap();
    assert_eq!(
        gist(&second),
        said(&[
            ("5", NEW),
            ("4", NEW),
            ("3", REPLAY),
            ("2", NEW),
            ("1", REPLAY)
        ])
    );
    assert_eq!(runs.get(), 5);
    // The same item alone, through another door, is the same invocation.
    let never = |_: Execution| async { Ok::<_, Problem>(answer("never")) };
    let alone = engine
        .run(&item(4, "").ctx, &transfer(), b"{}", never)
        .await;
    assert_eq!(alone.unwrap().source(), Source::Replay);
}

#[tokio::test(start_paused = true)]
async fn attack_19_too_many_or_too_large_items_try_nothing() {
    let (stage, runs) = (Stage::new(), Count::default());
    let engine = stage.engine(Mode::AtMostOnce);
    let many = |count| {
        (1..=count)
            .map(|number| item(number, "1"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        batch(&engine, &runs, many(101)).await.err(),
        Some(BatchError::TooMany)
    );
    let large = |bytes: usize| vec![item(1, &"1".repeat(bytes - 1)), item(2, "1")];
    let mebibyte = 1024 * 1024;
    let refused = batch(&engine, &runs, large(mebibyte + 1)).await.err();
    assert_eq!(refused, Some(BatchError::TooLarge));
    assert_eq!((runs.get(), stage.faults().calls(StoreCall::Claim)), (0, 0));
    assert_eq!(batch(&engine, &runs, many(100)).await.unwrap().len(), 100);
    assert_eq!(
        batch(&engine, &runs, large(mebibyte)).await.unwrap().len(),
        2
    );
    assert_eq!(batch(&engine, &runs, Vec::new()).await.unwrap().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn attack_19_of_equal_keys_the_second_follows_and_with_another_payload_it_is_refused() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let (stage, runs) = (Stage::new(), Count::default());
        let engine = stage.engine(mode);
        let mut elsewhere = item(1, "[1]");
        elsewhere.operation = operation!("close-account");
        let items = vec![
            item(1, "[1]"),
            item(2, "[1]"),
            item(1, "[2]"),
            item(1, "[ 1 ]"),
            elsewhere,
        ];
        let answers = batch(&engine, &runs, items).await.unwrap();
        let reused = ("idempotency-key-reused", None);
        assert_eq!(
            gist(&answers),
            said(&[("1", NEW), ("2", NEW), reused, ("1", REPLAY), reused])
        );
        assert_eq!(runs.get(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn eight_items_run_at_a_time() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let (engine, held) = (stage.engine(Mode::AtMostOnce), gate.clone());
    let items = (1..=30).map(|number| item(number, "{}")).collect();
    let batch = tokio::spawn(async move {
        let work = move |_: Execution, number: u64| {
            let held = held.clone();
            async move {
                held.pass().await;
                Ok::<_, Problem>(answer(&number.to_string()))
            }
        };
        engine.batch(items, work).await
    });
    gate.reached(8).await;
    for _ in 0..1_000 {
        tokio::task::yield_now().await;
    }
    assert_eq!(gate.came(), 8);
    gate.open();
    let answers = batch.await.unwrap().unwrap();
    let numbers: Vec<_> = (1..=30).map(|number| (number.to_string(), NEW)).collect();
    assert_eq!(gist(&answers), numbers);
}

#[tokio::test(start_paused = true)]
async fn an_item_that_panics_or_is_refused_spoils_no_other() {
    let stage = Stage::new();
    let engine = stage.engine(Mode::AtMostOnce);
    let mut old = item(4, "{}");
    old.ctx = alice_calls()
        .invocation(made_at(
            now().saturating_sub(Duration::from_secs(25 * 3_600)),
        ))
        .seed(4)
        .build();
    let items = vec![
        item(1, "{}"),
        item(2, "{}"),
        item(3, "not json"),
        old,
        item(5, "{}"),
    ];
    let contexts: Vec<_> = items
        .iter()
        .map(|item| item.ctx.trace().current())
        .collect();
    let work = |_: Execution, number: u64| async move {
        assert_ne!(number, 2, "boom");
        if number == 5 {
            Err(Problem::new(ProblemKind::NotFound))
        } else {
            Ok(answer("done"))
        }
    };
    let answers = engine.batch(items, work).await.unwrap();
    let expected = said(&[
        ("done", NEW),
        ("outcome-unknown", None),
        ("malformed", None),
        ("idempotency-key-expired", None),
        ("not-found", None),
    ]);
    assert_eq!(gist(&answers), expected);
    // Each names its own invocation.
    for (answer, current) in answers.iter().zip(contexts) {
        assert!(
            answer
                .as_ref()
                .err()
                .is_none_or(|problem| problem.instance() == Some(current))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_caller_of_a_bulk_who_leaves_stops_no_item_that_runs() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let (engine, held) = (stage.engine(Mode::AtMostOnce), gate.clone());
    let items = (1..=30).map(|number| item(number, "{}")).collect();
    let batch = tokio::spawn({
        let engine = engine.clone();
        async move {
            let work = move |_: Execution, _: u64| {
                let held = held.clone();
                async move {
                    held.pass().await;
                    Ok::<_, Problem>(answer("done"))
                }
            };
            engine.batch(items, work).await
        }
    });
    gate.reached(8).await;
    batch.abort();
    assert!(batch.await.is_err());
    gate.open();
    until(|| stage.tracker.running() == 0).await;
    let (runs, items) = (
        Count::default(),
        (1..=30).map(|number| item(number, "{}")).collect(),
    );
    let answers = crate::batch::batch(&engine, &runs, items).await.unwrap();
    let replayed = gist(&answers)
        .iter()
        .filter(|(_, source)| *source == REPLAY)
        .count();
    assert_eq!((replayed, runs.get()), (8, 22));
}
