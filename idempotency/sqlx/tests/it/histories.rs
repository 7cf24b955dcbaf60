//! Any history of verbs, compared with `apply`, which says what a store means.

use std::collections::HashMap;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Found;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Mode;
use skeleton_idempotency::NoEffect;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Store;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_idempotency_sqlx::SqliteTx;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::operation;

use crate::helpers::File;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::execution;
use crate::helpers::in_mode;
use crate::proof::no_effect;

/// Which of the attempts, and which of the fences that were granted so far.
type Which = usize;

#[derive(Clone, Debug)]
enum Step {
    Claim(Which, u16),
    Beat(Which, Which, u16),
    Complete(Which, Which, u8),
    Doubt(Which, Which, u16),
    Release(Which, Which),
    FoundDone(Which, u64, u8),
    FoundNothing(Which, u64, u16),
    Peek(Which),
    Transaction(Vec<InTx>, bool),
    Wait(u32),
    WaitForRetention,
    Sweep(u32),
    Reopen,
}

#[derive(Clone, Debug)]
enum InTx {
    Claim(Which),
    ClaimFor(Which, u16),
    Try(Which),
    Finish(Which, u8),
    Complete(Which, u8),
}

fn in_tx() -> impl Strategy<Value = InTx> {
    let which = 0_usize..11;
    prop_oneof![
        3 => which.clone().prop_map(InTx::Claim),
        1 => (which.clone(), any::<u16>()).prop_map(|(which, lease)| InTx::ClaimFor(which, lease)),
        2 => which.clone().prop_map(InTx::Try),
        2 => (which.clone(), any::<u8>()).prop_map(|(which, body)| InTx::Finish(which, body)),
        2 => (which, any::<u8>()).prop_map(|(which, body)| InTx::Complete(which, body)),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let (which, fence, lease) = (0_usize..11, any::<usize>(), any::<u16>());
    let fenced = (which.clone(), fence);
    let tx = (
        prop::collection::vec(in_tx(), 1..4),
        prop::bool::weighted(0.8),
    );
    prop_oneof![
        6 => (which.clone(), lease).prop_map(|(which, lease)| Step::Claim(which, lease)),
        2 => (fenced.clone(), lease).prop_map(|((a, b), c)| Step::Beat(a, b, c)),
        2 => (fenced.clone(), any::<u8>()).prop_map(|((a, b), c)| Step::Complete(a, b, c)),
        2 => (fenced.clone(), lease).prop_map(|((a, b), c)| Step::Doubt(a, b, c)),
        3 => fenced.prop_map(|(a, b)| Step::Release(a, b)),
        1 => (which.clone(), 0_u64..4, any::<u8>()).prop_map(|(a, b, c)| Step::FoundDone(a, b, c)),
        1 => (which.clone(), 0_u64..4, lease).prop_map(|(a, b, c)| Step::FoundNothing(a, b, c)),
        2 => which.prop_map(Step::Peek),
        6 => tx.prop_map(|(verbs, commits)| Step::Transaction(verbs, commits)),
        4 => (0_u32..100_000).prop_map(Step::Wait),
        1 => Just(Step::WaitForRetention),
        2 => (0_u32..3).prop_map(Step::Sweep),
        1 => Just(Step::Reopen),
    ]
}

/// Attempts at three invocations, which agree and differ in everything that is compared.
fn attempts() -> Vec<Ask> {
    let close = operation!("close-account");
    let modes = [Mode::Resumable, Mode::AtMostOnce, Mode::Transactional];
    let of_number = (1..=3).zip(modes).flat_map(|(number, mode)| {
        ["1", "1", "2"].map(|payload| in_mode(mode, &attempt(number, payload)))
    });
    let other = execution(1, &close, "1").ask().clone();
    // A deployment names another mode: the record's own governs, until the key is free.
    let renamed = in_mode(Mode::AtMostOnce, &attempt(1, "1"));
    of_number.chain([other, renamed]).collect()
}

/// Both worlds.
struct Worlds {
    file: File,
    store: SqliteStore,
    model: HashMap<[u8; 32], Record>,
    asks: Vec<Ask>,
    fences: Vec<Fence>,
    proof: NoEffect,
}

type Checked = Result<(), TestCaseError>;

impl Worlds {
    fn expect(&mut self, key: &IdempotencyKey, verb: &Verb<'_>) -> Reply {
        let held = self.model.remove(key.address());
        let (record, reply) = apply(held, verb, self.file.clock.now());
        self.model
            .extend(record.map(|record| (*key.address(), record)));
        if let Reply::Claim(Claim::Granted(grant)) = &reply {
            self.fences.push(grant.fence());
        }
        reply
    }

    /// One that was granted, or the log's.
    fn fence(&self, which: Which) -> Fence {
        let which = which % (self.fences.len() + 1);
        self.fences.get(which).copied().unwrap_or(Fence::Log)
    }

    async fn step(&mut self, step: &Step) -> Checked {
        let millis = |millis: u16| Duration::from_millis(u64::from(millis));
        match step {
            Step::Wait(wait) => self
                .file
                .clock
                .advance(Duration::from_millis(u64::from(*wait))),
            Step::WaitForRetention => self.file.clock.set(self.asks[0].expires_at()),
            Step::Reopen => {
                self.store.close().await;
                self.store = self.file.store().await;
            }
            Step::Claim(which, lease) => {
                let (ask, lease) = (self.asks[*which].clone(), millis(*lease));
                let claim = self.store.claim(&ask, lease).await.unwrap();
                let verb = Verb::Claim(&ask, Hold::Lease(lease));
                prop_assert_eq!(Reply::Claim(claim), self.expect(ask.key(), &verb));
            }
            Step::Peek(which) => {
                let ask = self.asks[*which].clone();
                let claim = self.store.peek(&ask).await.unwrap();
                let verb = Verb::Claim(&ask, Hold::Commit);
                prop_assert_eq!(Reply::Claim(claim), self.expect(ask.key(), &verb));
            }
            Step::Beat(which, fence, lease) => {
                let (key, fence) = (self.asks[*which].key().clone(), self.fence(*fence));
                let lease = millis(*lease);
                let beat = self.store.heartbeat(&key, &fence, lease).await.unwrap();
                let verb = Verb::Beat(&key, fence, lease);
                prop_assert_eq!(Reply::Beat(beat), self.expect(&key, &verb));
            }
            Step::Complete(which, fence, body) => {
                let end = Conclusion::Done(text(*body));
                self.complete(*which, *fence, &end).await?;
            }
            Step::Doubt(which, fence, pause) => {
                let retry_after = millis(*pause);
                self.complete(*which, *fence, &Conclusion::InDoubt { retry_after })
                    .await?;
            }
            Step::Release(which, fence) => {
                let (key, fence) = (self.asks[*which].key().clone(), self.fence(*fence));
                let released = self.store.release(&key, &fence, self.proof).await.unwrap();
                let verb = Verb::Release(&key, fence, self.proof);
                prop_assert_eq!(Reply::Released(released), self.expect(&key, &verb));
            }
            Step::FoundDone(which, epoch, body) => {
                self.reconcile(*which, *epoch, &Found::Done(text(*body)))
                    .await?;
            }
            Step::FoundNothing(which, epoch, after) => {
                let after = millis(*after);
                self.reconcile(*which, *epoch, &Found::Nothing { after })
                    .await?;
            }
            Step::Transaction(verbs, commits) => self.transaction(verbs, *commits).await?,
            Step::Sweep(limit) => self.sweep(*limit).await?,
        }
        Ok(())
    }

    async fn complete(&mut self, which: Which, fence: Which, end: &Conclusion) -> Checked {
        let (key, fence) = (self.asks[which].key().clone(), self.fence(fence));
        let completed = self.store.complete(&key, &fence, end).await.unwrap();
        let verb = Verb::Complete(&key, fence, end);
        prop_assert_eq!(Reply::Completed(completed), self.expect(&key, &verb));
        Ok(())
    }

    async fn reconcile(&mut self, which: Which, epoch: u64, found: &Found) -> Checked {
        let key = self.asks[which].key().clone();
        let reconciled = self.store.reconcile(&key, epoch, found).await.unwrap();
        let verb = Verb::Reconcile(&key, epoch, found);
        prop_assert_eq!(Reply::Reconciled(reconciled), self.expect(&key, &verb));
        Ok(())
    }

    async fn transaction(&mut self, verbs: &[InTx], commits: bool) -> Checked {
        let before = self.model.clone();
        let mut tx = self.store.begin().await.unwrap();
        for verb in verbs {
            self.in_tx(&mut tx, verb).await?;
        }
        if commits {
            self.store.commit(tx).await.unwrap();
        } else {
            drop(tx);
            self.model = before;
        }
        Ok(())
    }

    async fn in_tx(&mut self, tx: &mut SqliteTx, verb: &InTx) -> Checked {
        let (which, hold) = match verb {
            InTx::Claim(which) => (which, Some(Hold::Log)),
            InTx::ClaimFor(which, lease) => (
                which,
                Some(Hold::Lease(Duration::from_millis(u64::from(*lease)))),
            ),
            InTx::Try(which) => (which, Some(Hold::Commit)),
            InTx::Finish(which, _) | InTx::Complete(which, _) => (which, None),
        };
        let ask = self.asks[*which].clone();
        let store = self.store.clone();
        match (verb, hold) {
            (_, Some(hold)) => {
                let claim = store.claim_in(tx, &ask, hold).await.unwrap();
                let verb = Verb::Claim(&ask, hold);
                prop_assert_eq!(Reply::Claim(claim), self.expect(ask.key(), &verb));
            }
            (InTx::Finish(_, body), _) => {
                let answer = text(*body);
                let finished = store.finish_in(tx, &ask, &answer).await.unwrap();
                let verb = Verb::Finish(&ask, &answer);
                prop_assert_eq!(Reply::Completed(finished), self.expect(ask.key(), &verb));
            }
            (InTx::Complete(_, body), _) => {
                let answer = text(*body);
                let completed = store.complete_in(tx, ask.key(), &answer).await.unwrap();
                let end = Conclusion::Done(answer);
                let verb = Verb::Complete(ask.key(), Fence::Log, &end);
                prop_assert_eq!(Reply::Completed(completed), self.expect(ask.key(), &verb));
            }
            _ => {}
        }
        Ok(())
    }

    /// Which records a sweep takes is the store's choice; what it does to them is the core's.
    async fn sweep(&mut self, limit: u32) -> Checked {
        let (now, mut left) = (self.file.clock.now(), u64::from(limit));
        let swept = self.store.sweep(limit).await.unwrap();
        let (mut purged, mut doubted, mut forgotten, mut due) = (0, 0, 0, 0);
        for (address, record) in self.model.clone() {
            let after = skeleton_idempotency::sweep(record.clone(), now);
            let key = self
                .asks
                .iter()
                .map(Ask::key)
                .find(|key| *key.address() == address);
            let kept = self.store.find(key.unwrap()).await.unwrap();
            due += u64::from(after.as_ref() != Some(&record));
            if kept.as_ref() == Some(&record) {
                continue;
            }
            prop_assert_eq!(&kept, &after);
            left = left.checked_sub(1).unwrap();
            match kept {
                Some(kept) => {
                    doubted += 1;
                    self.model.insert(address, kept);
                }
                None => {
                    purged += 1;
                    forgotten += u64::from(matches!(record.state, State::Unknown { .. }));
                    self.model.remove(&address);
                }
            }
        }
        prop_assert_eq!(
            (swept.purged, swept.doubted, swept.forgotten),
            (purged, doubted, forgotten)
        );
        prop_assert!(
            left == 0 || purged + doubted == due,
            "it left some for no reason"
        );
        Ok(())
    }

    async fn agree(&self) -> Checked {
        for ask in &self.asks {
            let kept = self.store.find(ask.key()).await.unwrap();
            prop_assert_eq!(kept.as_ref(), self.model.get(ask.key().address()));
        }
        Ok(())
    }
}

fn text(body: u8) -> Answer {
    answer(&body.to_string())
}

async fn follow(history: Vec<Step>) -> Checked {
    let file = File::new().await;
    let mut worlds = Worlds {
        store: file.store().await,
        file,
        model: HashMap::new(),
        asks: attempts(),
        fences: Vec::new(),
        proof: no_effect().await,
    };
    for step in &history {
        worlds.step(step).await?;
        worlds.agree().await?;
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_history_is_answered_and_kept_as_apply_says(history in prop::collection::vec(step(), 0..24)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(follow(history))?;
    }
}
