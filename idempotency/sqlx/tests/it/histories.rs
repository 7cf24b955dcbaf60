//! Any history of verbs, compared with `apply`, which says what a store means.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::operation;
use sqlx::SqliteConnection;

use crate::helpers::File;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::execution;

#[derive(Clone, Debug)]
enum Step {
    Claim(usize),
    Complete(usize, u8),
    Peek(usize),
    Wait(u32),
    Sweep(u32),
    Reopen,
}

/// Verbs that are committed together, or rolled back.
fn history() -> impl Strategy<Value = Vec<(Vec<Step>, bool)>> {
    let step = prop_oneof![
        6 => (0_usize..8).prop_map(Step::Claim),
        4 => (0_usize..8, any::<u8>()).prop_map(|(which, body)| Step::Complete(which, body)),
        2 => (0_usize..8).prop_map(Step::Peek),
        2 => (0_u32..50_000_000).prop_map(Step::Wait),
        1 => (0_u32..3).prop_map(Step::Sweep),
        1 => Just(Step::Reopen),
    ];
    let unit = (prop::collection::vec(step, 1..4), prop::bool::weighted(0.8));
    prop::collection::vec(unit, 0..16)
}

/// Attempts at two invocations, which agree and differ in everything that is compared.
fn attempts() -> Vec<Ask> {
    let close = operation!("close-account");
    let mut attempts: Vec<_> = [(1, "1"), (1, "1"), (1, "2"), (2, "1"), (2, "1"), (2, "[]")]
        .iter()
        .map(|(number, payload)| attempt(*number, payload))
        .collect();
    attempts.push(execution(1, &close, "1").ask().clone());
    attempts.push(execution(2, &close, "[]").ask().clone());
    attempts
}

type Model = HashMap<[u8; 32], Record>;

fn expect(model: &mut Model, ask: &Ask, verb: &Verb<'_>, file: &File) -> Reply {
    let held = model.remove(ask.key().address());
    let (record, reply) = apply(held, verb, file.clock.now());
    model.extend(record.map(|record| (*ask.key().address(), record)));
    reply
}

/// Does one step in both worlds.
async fn step(
    file: &File,
    tx: &mut SqliteConnection,
    model: &mut Model,
    asks: &[Ask],
    step: &Step,
) -> TestCaseResult {
    match step {
        Step::Wait(_) | Step::Reopen => {}
        Step::Claim(which) => {
            let ask = &asks[*which];
            let claim = file.store.claim_in(tx, ask, Hold::Log).await.unwrap();
            prop_assert_eq!(
                Reply::Claim(claim),
                expect(model, ask, &Verb::Claim(ask, Hold::Log), file)
            );
        }
        Step::Peek(which) => {
            let ask = &asks[*which];
            let claim = file.store.peek(tx, ask).await.unwrap();
            let mut aside = model.clone();
            prop_assert_eq!(
                Reply::Claim(claim),
                expect(&mut aside, ask, &Verb::Claim(ask, Hold::Log), file)
            );
        }
        Step::Complete(which, body) => {
            let (ask, answer) = (&asks[*which], answer(&body.to_string()));
            let completed = file
                .store
                .complete_in(tx, ask.key(), Fence::Log, &answer)
                .await
                .unwrap();
            let verb = Verb::Complete(ask.key(), Fence::Log, &answer);
            prop_assert_eq!(Reply::Completed(completed), expect(model, ask, &verb, file));
        }
        Step::Sweep(limit) => {
            let past = model
                .values()
                .filter(|held| held.expires_at <= file.clock.now())
                .count();
            let purged = file.store.sweep(tx, *limit).await.unwrap();
            prop_assert_eq!(purged, u64::from(*limit).min(u64::try_from(past).unwrap()));
            // Which of them went is the store's choice.
            for ask in asks {
                if file.store.find(tx, ask.key()).await.unwrap().is_none() {
                    let gone = model.remove(ask.key().address());
                    prop_assert!(gone.is_none_or(|held| held.expires_at <= file.clock.now()));
                }
            }
        }
    }
    Ok(())
}

async fn follow(history: Vec<(Vec<Step>, bool)>) -> TestCaseResult {
    let (file, asks, mut model) = (File::new().await, attempts(), Model::new());
    let mut connection = file.connect().await;
    for (unit, is_committed) in history {
        let before = model.clone();
        if unit.iter().any(|step| matches!(step, Step::Reopen)) {
            connection = file.connect().await;
        }
        let mut tx = begin(&mut connection).await;
        for verb in &unit {
            if let Step::Wait(millis) = verb {
                file.clock
                    .advance(Duration::from_millis(u64::from(*millis)));
            }
            step(&file, &mut tx, &mut model, &asks, verb).await?;
        }
        if is_committed {
            tx.commit().await.unwrap();
        } else {
            tx.rollback().await.unwrap();
            model = before;
        }
        for ask in &asks {
            let held = model.get(ask.key().address()).cloned();
            prop_assert_eq!(
                file.store.find(&mut connection, ask.key()).await.unwrap(),
                held
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_history_is_answered_and_kept_as_apply_says(history in history()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(follow(history))?;
    }
}
