//! A store of transactions under test, and what is asked of it again and again.

use core::future::Future;

use super::factory::TxFactory;
use super::invocations::Invocation;
use super::invocations::answer;
use super::subject::granted;
use super::timekeeper::Timekeeper;
use super::violation::Violation;
use super::violation::same;
use crate::answer::Answer;
use crate::answered::Answered;
use crate::ask::Ask;
use crate::ask::Hold;
use crate::ask::Mode;
use crate::execution::Execution;
use crate::execution::TransactionError;
use crate::key::IdempotencyKey;
use crate::policy::Policy;
use crate::store::CommitError;
use crate::store::Transactions;
use crate::store::TxStore;
use crate::verbs::Claim;
use crate::verbs::Completed;

/// What a factory's store fails with.
pub(super) type StoreError<F> = <<F as TxFactory>::Store as TxStore<<F as TxFactory>::Tx>>::Error;

/// A store of transactions under test, with its effects and its time.
#[derive(Clone, Debug)]
pub(super) struct TxSubject<F: TxFactory> {
    factory: F,
    store: F::Store,
    pub(super) time: Timekeeper,
}

impl<F: TxFactory> TxSubject<F> {
    /// A store without records, in a database without effects.
    pub(super) async fn fresh(factory: &F) -> Self {
        let time = Timekeeper::new(factory.capabilities());
        let store = factory.fresh(time.clock()).await;
        Self {
            factory: factory.clone(),
            store,
            time,
        }
    }

    /// The same store after a restart, if it outlives one.
    pub(super) async fn reopened(self) -> Self {
        if !self.time.capabilities.is_durable() {
            return self;
        }
        let store = self.factory.reopen(self.store, self.time.clock()).await;
        Self { store, ..self }
    }

    pub(super) fn invocation(&self, number: u32) -> Invocation {
        Invocation::new(self.time.now(), number, Mode::Transactional)
    }

    pub(super) async fn begin(&self) -> Result<F::Tx, Violation> {
        self.verb("a transaction's beginning", self.store.begin())
            .await
    }

    pub(super) async fn claim_in(
        &self,
        tx: &mut F::Tx,
        ask: &Ask,
        hold: Hold,
    ) -> Result<Claim, Violation> {
        let claim = self.store.claim_in(tx, ask, hold);
        self.verb("a claim", claim).await
    }

    pub(super) async fn finish_in(
        &self,
        tx: &mut F::Tx,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, Violation> {
        let finish = self.store.finish_in(tx, ask, answer);
        self.verb("an answer", finish).await
    }

    pub(super) async fn complete_in(
        &self,
        tx: &mut F::Tx,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, Violation> {
        let complete = self.store.complete_in(tx, key, answer);
        self.verb("the answer of a workflow", complete).await
    }

    pub(super) async fn effect(&self, tx: &mut F::Tx, number: u32) -> Result<(), Violation> {
        let effect = self.factory.effect(&self.store, tx, number);
        self.verb("an effect", effect).await
    }

    pub(super) async fn commit(&self, tx: F::Tx) -> Result<(), Violation> {
        let committed = self.time.within("a commit", self.store.commit(tx)).await?;
        committed.map_err(|error| {
            Violation::new(match error {
                CommitError::Lost(claim) => format!("a commit that met nobody lost: {claim:?}"),
                CommitError::Store(error) => format!("a commit failed: {error}"),
            })
        })
    }

    /// What a claim would be answered.
    pub(super) async fn peek(&self, ask: &Ask) -> Result<Claim, Violation> {
        self.verb("a peek", self.store.peek(ask)).await
    }

    async fn verb<T>(
        &self,
        what: &str,
        verb: impl Future<Output = Result<T, StoreError<F>>>,
    ) -> Result<T, Violation> {
        let replied = self.time.within(what, verb).await?;
        replied.map_err(|error| Violation::new(format!("{what} failed: {error}")))
    }

    /// Which effects were committed, in order of their numbers.
    pub(super) async fn happened(&self, what: &str, expected: &[u32]) -> Result<(), Violation> {
        let mut effects = self.effects().await?;
        effects.sort_unstable();
        same(what, &effects.as_slice(), &expected)
    }

    pub(super) async fn effects(&self) -> Result<Vec<u32>, Violation> {
        let effects = self.factory.effects(&self.store);
        self.time.within("a look at the effects", effects).await
    }

    /// A claim that must be answered so, made and looked at.
    pub(super) async fn told(
        &self,
        what: &str,
        ask: &Ask,
        expected: &Claim,
    ) -> Result<(), Violation> {
        same(what, &self.peek(ask).await?, expected)?;
        for hold in [Hold::Commit, Hold::Log] {
            let mut tx = self.begin().await?;
            same(what, &self.claim_in(&mut tx, ask, hold).await?, expected)?;
            drop(tx);
        }
        Ok(())
    }

    /// Nothing is known of an invocation: its next claim is the first one.
    pub(super) async fn is_new(&self, what: &str, ask: &Ask) -> Result<(), Violation> {
        let _grant = granted(what, self.peek(ask).await?, ask, 1)?;
        let mut tx = self.begin().await?;
        let claim = self.claim_in(&mut tx, ask, Hold::Log).await?;
        drop(tx);
        granted(what, claim, ask, 1).map(drop)
    }

    /// A transaction in which an attempt has claimed and had an effect.
    pub(super) async fn tried(&self, ask: &Ask, number: u32) -> Result<F::Tx, Violation> {
        let mut tx = self.begin().await?;
        let claim = self.claim_in(&mut tx, ask, Hold::Commit).await?;
        let _grant = granted("a claim", claim, ask, 1)?;
        self.effect(&mut tx, number).await?;
        Ok(tx)
    }

    /// Claim, effect and answer of that number in one commit.
    pub(super) async fn done(&self, ask: &Ask, number: u32) -> Result<(), Violation> {
        let mut tx = self.tried(ask, number).await?;
        let finished = self.finish_in(&mut tx, ask, &answer(number)).await?;
        same("an answer", &finished, &Completed::Stored)?;
        self.commit(tx).await
    }

    /// Answers and commits a transaction that others have met, and tells whether it was the first.
    pub(super) async fn ended(
        &self,
        mut tx: F::Tx,
        ask: &Ask,
        number: u32,
    ) -> Result<bool, Violation> {
        let kept = answer(number);
        let finish = self.store.finish_in(&mut tx, ask, &kept);
        let lost = match self.time.within("an answer", finish).await? {
            Ok(Completed::Stored) => {
                match self.time.within("a commit", self.store.commit(tx)).await? {
                    Ok(()) => return Ok(true),
                    Err(CommitError::Lost(Claim::Done(_))) => return Ok(false),
                    Err(CommitError::Lost(claim)) => format!("lost to {claim:?}"),
                    Err(CommitError::Store(error)) if self.store.is_transient(&error) => {
                        return Ok(false);
                    }
                    Err(CommitError::Store(error)) => error.to_string(),
                }
            }
            Ok(Completed::AlreadyDone) => return Ok(false),
            Ok(completed) => format!("is answered {completed:?}"),
            Err(error) if self.store.is_transient(&error) => return Ok(false),
            Err(error) => error.to_string(),
        };
        Err(Violation::new(format!(
            "a transaction that others have met: {lost}"
        )))
    }

    /// A workflow that is begun in one commit with an effect: the log holds it.
    pub(super) async fn accepted(&self, ask: &Ask, number: u32) -> Result<(), Violation> {
        let mut tx = self.begin().await?;
        let claim = self.claim_in(&mut tx, ask, Hold::Log).await?;
        let _grant = granted("a claim for the log", claim, ask, 1)?;
        self.effect(&mut tx, number).await?;
        self.commit(tx).await
    }

    /// What a handler does with such an attempt.
    pub(super) async fn transaction(
        &self,
        ask: Ask,
        number: u32,
    ) -> Result<Answered, TransactionError<StoreError<F>, StoreError<F>>> {
        let once = Execution::new(ask, Policy::new(Mode::Transactional), false);
        let (factory, store) = (&self.factory, &self.store);
        let done = once.transaction(store, |mut tx| {
            Box::pin(async move {
                factory.effect(store, &mut tx, number).await?;
                Ok(answer(number))
            })
        });
        done.await
    }

    /// The same, where it meets others: it is told what happened, or that somebody else is at it.
    pub(super) async fn met(&self, ask: Ask, number: u32) -> Result<Option<Answered>, Violation> {
        let done = self.transaction(ask, number);
        match self
            .time
            .within("a transaction that meets others", done)
            .await?
        {
            Ok(answered) => Ok(Some(answered)),
            Err(TransactionError::Refused(
                crate::Refused::InProgress { .. } | crate::Refused::Unavailable,
            )) => Ok(None),
            Err(TransactionError::Store(error) | TransactionError::Work(error))
                if self.store.is_transient(&error) =>
            {
                Ok(None)
            }
            Err(error) => Err(Violation::new(format!(
                "a transaction that meets others failed: {error}"
            ))),
        }
    }
}
