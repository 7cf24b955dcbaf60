//! Any history of transactions, compared step by step with what a store means.

use core::time::Duration;
use std::collections::HashMap;

use crate::ask::Ask;
use crate::ask::Hold;
use crate::conformance::TxFactory;
use crate::conformance::Violation;
use crate::conformance::invocations::Invocation;
use crate::conformance::invocations::answer;
use crate::conformance::random::Xorshift;
use crate::conformance::tx_subject::TxSubject;
use crate::conformance::violation::same;
use crate::key::IdempotencyKey;
use crate::machine::apply;
use crate::record::Record;
use crate::verbs::Completed;
use crate::verbs::Reply;
use crate::verbs::Verb;

const HISTORIES: u64 = 32;
const TRANSACTIONS: u32 = 30;
const MINUTE: Duration = Duration::from_secs(60);

type Records = HashMap<[u8; 32], Record>;

/// Any history of transactions, committed or not, is answered and kept as [`apply`] says, and their effects with them. The
/// seed of a history that is not, and its steps, are told.
pub async fn any_history_of_transactions_is_answered_as_apply_says<F: TxFactory>(
    factory: &F,
) -> Result<(), Violation> {
    for seed in 0..HISTORIES {
        let mut history = History::begin(factory, seed).await;
        for number in 0..TRANSACTIONS {
            if let Err(violation) = Box::pin(history.transaction(number)).await {
                let told = &history.told;
                return Err(violation.when(format!("seed {seed}, after {told:?}")));
            }
        }
        let happened = history.effects;
        history
            .subject
            .happened("the effects of a history", &happened)
            .await?;
    }
    Ok(())
}

/// A store and its model, under way together.
struct History<F: TxFactory> {
    subject: TxSubject<F>,
    records: Records,
    invocations: Vec<Invocation>,
    effects: Vec<u32>,
    random: Xorshift,
    told: Vec<String>,
}

impl<F: TxFactory> History<F> {
    async fn begin(factory: &F, seed: u64) -> Self {
        let subject = TxSubject::fresh(factory).await;
        let is_expiring = subject.time.is_exact() && !subject.time.capabilities.purges_itself();
        let invocations = (1..=3).flat_map(|number| {
            let one = subject.invocation(number);
            let minutes = |minutes| subject.time.now().saturating_add(MINUTE * minutes);
            let kept = if is_expiring {
                one.expiring_at(minutes(10))
            } else {
                one.clone()
            };
            let longer = if is_expiring {
                one.expiring_at(minutes(30))
            } else {
                one
            };
            let other = [kept.with_payload(2), kept.with_operation("close-account")];
            [kept.clone(), kept, longer].into_iter().chain(other)
        });
        Self {
            invocations: invocations.collect(),
            subject,
            records: Records::new(),
            effects: Vec::new(),
            random: Xorshift::new(seed),
            told: Vec::new(),
        }
    }

    /// One transaction of some steps. It is rolled back if a step says so, and sometimes else.
    async fn transaction(&mut self, number: u32) -> Result<(), Violation> {
        let mut tx = self.subject.begin().await?;
        let (before, mut is_kept) = (self.records.clone(), self.random.below(5) > 0);
        self.subject.effect(&mut tx, number).await?;
        for _ in 0..=self.random.below(3) {
            if !self.step(&mut tx).await? {
                is_kept = false;
                break;
            }
        }
        if is_kept {
            self.told.push("commit".to_owned());
            self.subject.commit(tx).await?;
            self.effects.push(number);
        } else {
            self.told.push("rollback".to_owned());
            drop(tx);
            self.records = before;
        }
        if self.random.below(4) == 0 && self.subject.time.is_exact() {
            let minutes = self.random.below(8);
            self.told.push(format!("{minutes} minutes go by"));
            self.subject.time.pass(MINUTE * minutes).await;
        }
        self.look().await
    }

    /// One step, and whether the transaction may go on.
    async fn step(&mut self, tx: &mut F::Tx) -> Result<bool, Violation> {
        let Some(ask) = self.ask() else {
            return Ok(true);
        };
        let (key, kept) = (ask.key(), answer(self.random.below(1_000)));
        let drawn = self.random.below(4);
        let told = format!("{key:.4}/{} by {}", key.operation(), ask.owner());
        let (got, expected) = match drawn {
            0 | 1 => {
                let hold = if drawn == 0 { Hold::Commit } else { Hold::Log };
                self.told.push(format!("{told}: claim, {hold:?}"));
                let expected = self.expect(key, &Verb::Claim(&ask, hold));
                let claim = self.subject.claim_in(tx, &ask, hold).await?;
                (Reply::Claim(claim), expected)
            }
            2 => {
                self.told.push(format!("{told}: finish"));
                let expected = self.expect(key, &Verb::Finish(&ask, &kept));
                let finished = self.subject.finish_in(tx, &ask, &kept).await?;
                (Reply::Completed(finished), expected)
            }
            _ => {
                self.told.push(format!("{told}: complete"));
                let end = crate::verbs::Conclusion::Done(kept.clone());
                let log = crate::ask::Fence::Log;
                let expected = self.expect(key, &Verb::Complete(key, log, &end));
                let completed = self.subject.complete_in(tx, key, &kept).await?;
                (Reply::Completed(completed), expected)
            }
        };
        same("the last step", &got, &expected)?;
        Ok(match got {
            Reply::Completed(completed) => completed == Completed::Stored,
            _ => true,
        })
    }

    /// What is committed: a look at a key.
    async fn look(&mut self) -> Result<(), Violation> {
        let Some(ask) = self.ask() else {
            return Ok(());
        };
        let before = self.records.clone();
        let expected = self.expect(ask.key(), &Verb::Claim(&ask, Hold::Commit));
        self.records = before;
        let claim = Reply::Claim(self.subject.peek(&ask).await?);
        same("a look at what is committed", &claim, &expected)
    }

    fn ask(&mut self) -> Option<Ask> {
        let attempt = 1 + self.random.below(4);
        let one = self.random.pick(&self.invocations)?;
        Some(one.attempt(attempt))
    }

    /// Applies a verb to the model.
    fn expect(&mut self, key: &IdempotencyKey, verb: &Verb<'_>) -> Reply {
        let before = self.records.remove(key.address());
        let (after, reply) = apply(before, verb, self.subject.time.now());
        self.records
            .extend(after.map(|record| (*key.address(), record)));
        reply
    }
}
