//! A store of transactions in memory, with a book of effects: by snapshots, of which the first to commit wins, or one
//! transaction after another. It does what it should, or makes one mistake.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::CommitError;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_idempotency::conformance::Capabilities;
use skeleton_idempotency::conformance::MovableClock;
use skeleton_idempotency::conformance::TxFactory;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::tx_mistakes::TxMistake;

/// How transactions that meet are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meeting {
    /// Whoever commits first wins.
    Optimistic,
    /// Whoever begins second waits.
    OneByOne,
}

/// Makes ledgers with a mistake, or with none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ledgers(pub(crate) Meeting, pub(crate) TxMistake);

impl TxFactory for Ledgers {
    type Tx = Tx;
    type Store = Ledger;

    async fn fresh(&self, clock: &MovableClock) -> Ledger {
        let places = if self.0 == Meeting::OneByOne {
            1
        } else {
            Semaphore::MAX_PERMITS
        };
        Ledger {
            book: Arc::default(),
            places: Arc::new(Semaphore::new(places)),
            clock: clock.clone(),
            mistake: self.1,
        }
    }

    async fn reopen(&self, store: Ledger, _: &MovableClock) -> Ledger {
        if self.1 == TxMistake::ForgetsWorkflowsWhenRestarted {
            let mut book = store.book.lock().unwrap();
            book.pages
                .records
                .retain(|_, record| matches!(record.state, State::Done { .. }));
        }
        store
    }

    async fn effect(&self, store: &Ledger, tx: &mut Tx, number: u32) -> Result<(), Conflict> {
        tx.pages.effects.push(number);
        if self.1 == TxMistake::HasEffectsAtOnce {
            store.book.lock().unwrap().pages.effects.push(number);
        }
        Ok(())
    }

    async fn effects(&self, store: &Ledger) -> Vec<u32> {
        store.book.lock().unwrap().pages.effects.clone()
    }

    fn capabilities(&self) -> Capabilities {
        // Whoever waits for ever here need not be waited for long.
        let patience = if self.1 == TxMistake::None {
            30_000
        } else {
            300
        };
        Capabilities::new().with_patience(Duration::from_millis(patience))
    }
}

#[derive(Clone, Debug, Default)]
struct Pages {
    records: HashMap<[u8; 32], Record>,
    effects: Vec<u32>,
}

#[derive(Debug, Default)]
struct Book {
    pages: Pages,
    version: u64,
    under_way: HashSet<[u8; 32]>,
}

#[derive(Clone, Debug)]
pub(crate) struct Ledger {
    book: Arc<Mutex<Book>>,
    places: Arc<Semaphore>,
    clock: MovableClock,
    mistake: TxMistake,
}

/// A snapshot, and what was done in it.
#[derive(Debug)]
pub(crate) struct Tx {
    pages: Pages,
    version: u64,
    asked: Option<Ask>,
    _place: OwnedSemaphorePermit,
}

/// Another transaction committed first: do it again.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("another transaction committed first")]
pub(crate) struct Conflict;

impl Ledger {
    fn apply(&self, pages: &mut Pages, key: &IdempotencyKey, verb: &Verb<'_>) -> Reply {
        let mut kept = pages.records.remove(key.address());
        let mut now = self.clock.now();
        if let Some(record) = &mut kept {
            self.mistake.before(record, verb, now);
        }
        if self.mistake == TxMistake::AnswersPastRetention && matches!(verb, Verb::Finish(..)) {
            now = Timestamp::MIN;
        }
        let (mut after, reply) = apply(kept, verb, now);
        if let (TxMistake::DropsTrailers, Some(State::Done { answer })) =
            (self.mistake, after.as_mut().map(|record| &mut record.state))
        {
            *answer = Answer::new(answer.status())
                .and_then(|kept| kept.with_body(answer.body_bytes()))
                .unwrap();
        }
        pages
            .records
            .extend(after.map(|record| (*key.address(), record)));
        reply
    }

    /// Makes the snapshot the next page of the book, unless another one was first.
    fn turn(&self, mut tx: Tx) -> Result<(), CommitError<Conflict>> {
        let mut book = self.book.lock().unwrap();
        if book.version != tx.version {
            match self.mistake {
                TxMistake::SaysThatTheLoserWon => return Ok(()),
                TxMistake::LetsBothWin => {
                    tx.pages.effects.extend(book.pages.effects.clone());
                    tx.pages.effects.sort_unstable();
                    tx.pages.effects.dedup();
                }
                _ => {
                    let asked = tx.asked.ok_or(Conflict)?;
                    let verb = Verb::Claim(&asked, Hold::Commit);
                    let lost = self.apply(&mut book.pages, asked.key(), &verb);
                    return Err(match lost {
                        Reply::Claim(claim) if !matches!(claim, Claim::Granted(_)) => {
                            CommitError::Lost(claim)
                        }
                        _ => CommitError::Store(Conflict),
                    });
                }
            }
        }
        if self.mistake == TxMistake::ForgetsTheRecord {
            tx.pages.records.clone_from(&book.pages.records);
        }
        book.pages = tx.pages;
        book.version += 1;
        Ok(())
    }
}

impl TxStore<Tx> for Ledger {
    type Error = Conflict;

    async fn claim_in(&self, tx: &mut Tx, ask: &Ask, hold: Hold) -> Result<Claim, Conflict> {
        tokio::task::yield_now().await;
        tx.asked = Some(ask.clone());
        let key = ask.key();
        let hold = match (self.mistake, hold) {
            (TxMistake::WritesClaimsAtOnce, Hold::Commit) => Hold::Log,
            (TxMistake::HoldsWorkflowsForAMinute, Hold::Log) => {
                Hold::Lease(Duration::from_secs(60))
            }
            (_, hold) => hold,
        };
        if self.mistake == TxMistake::RemembersRollbacks
            && !self.book.lock().unwrap().under_way.insert(*key.address())
        {
            let lease = None;
            return Ok(Claim::Running { epoch: 1, lease });
        }
        match self.apply(&mut tx.pages, key, &Verb::Claim(ask, hold)) {
            Reply::Claim(claim) => Ok(claim),
            other => panic!("{other:?}"),
        }
    }

    async fn finish_in(
        &self,
        tx: &mut Tx,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, Conflict> {
        tokio::task::yield_now().await;
        if self.mistake == TxMistake::AnswersTwice {
            tx.pages.records.remove(ask.key().address());
        }
        match self.apply(&mut tx.pages, ask.key(), &Verb::Finish(ask, answer)) {
            Reply::Completed(completed) => Ok(completed),
            other => panic!("{other:?}"),
        }
    }

    async fn complete_in(
        &self,
        tx: &mut Tx,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, Conflict> {
        tokio::task::yield_now().await;
        let end = Conclusion::Done(answer.clone());
        match self.apply(&mut tx.pages, key, &Verb::Complete(key, Fence::Log, &end)) {
            Reply::Completed(Completed::Gone)
                if self.mistake == TxMistake::CompletesWhatNeverBegan =>
            {
                Ok(Completed::Stored)
            }
            Reply::Completed(completed) => Ok(completed),
            other => panic!("{other:?}"),
        }
    }
}

impl Transactions<Tx> for Ledger {
    async fn begin(&self) -> Result<Tx, Conflict> {
        tokio::task::yield_now().await;
        let place = Arc::clone(&self.places).acquire_owned().await.unwrap();
        if self.mistake == TxMistake::WaitsForEver
            && self.places.available_permits() < Semaphore::MAX_PERMITS - 1
        {
            std::future::pending::<()>().await;
        }
        let book = self.book.lock().unwrap();
        Ok(Tx {
            pages: book.pages.clone(),
            version: book.version,
            asked: None,
            _place: place,
        })
    }

    async fn commit(&self, tx: Tx) -> Result<(), CommitError<Conflict>> {
        tokio::task::yield_now().await;
        if self.mistake == TxMistake::CommitsInTwo {
            self.book
                .lock()
                .unwrap()
                .pages
                .effects
                .clone_from(&tx.pages.effects);
            tokio::task::yield_now().await;
        }
        self.turn(tx)?;
        tokio::task::yield_now().await;
        Ok(())
    }

    fn is_transient(&self, _: &Conflict) -> bool {
        true
    }

    async fn peek(&self, ask: &Ask) -> Result<Claim, Conflict> {
        let hold = if self.mistake == TxMistake::ClaimsWhenItPeeks {
            Hold::Log
        } else {
            Hold::Commit
        };
        let mut book = self.book.lock().unwrap();
        match self.apply(&mut book.pages, ask.key(), &Verb::Claim(ask, hold)) {
            Reply::Claim(claim) => Ok(claim),
            other => panic!("{other:?}"),
        }
    }
}

impl TxMistake {
    /// What the mistake makes of a record before a verb.
    fn before(self, record: &mut Record, verb: &Verb<'_>, now: Timestamp) {
        let is_past = record.expires_at <= now;
        match (self, verb) {
            (Self::ForgetsThePayload, Verb::Claim(ask, _)) => {
                record.fingerprint = *ask.fingerprint();
            }
            (Self::TakesTheOwnOwnerForAStranger, Verb::Claim(..)) => {
                record.owner = Owner::from_bytes([1; 16]).unwrap();
            }
            (Self::CountsWhatIsPast, _) if is_past => record.expires_at = Timestamp::MAX,
            (Self::ForgetsEpochsPastRetention, Verb::Claim(..)) if is_past => record.epoch = 0,
            _ => {}
        }
    }
}

mod optimistic {
    use super::Ledgers;
    use super::Meeting;
    use super::TxMistake;

    skeleton_idempotency::conformance_tx_tests!(Ledgers(Meeting::Optimistic, TxMistake::None));
}

mod one_by_one {
    use super::Ledgers;
    use super::Meeting;
    use super::TxMistake;

    skeleton_idempotency::conformance_tx_tests!(Ledgers(Meeting::OneByOne, TxMistake::None));
}
