//! Claims on an append under way: noted in the unit, decided by the commit.

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::CommitError;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Transactions;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteIdempotency;

use super::TenantLog;
use crate::ports::envelope::StreamId;
use crate::ports::event_store::AppendError;
use crate::ports::event_store::Completion;
use crate::ports::event_store::Expect;
use crate::ports::event_store::StoreError;
use crate::ports::event_store::Unit;

impl TxStore<Unit> for TenantLog {
    type Error = StoreError;

    /// Reads what is committed, so that a repetition costs the writer nothing. A claim for the log that may be granted is
    /// noted, and becomes the first event of the command's own stream.
    async fn claim_in(&self, unit: &mut Unit, ask: &Ask, hold: Hold) -> Result<Claim, StoreError> {
        if let Hold::Lease(_) = hold {
            return Err(StoreError::database(
                "this store knows claims that the log or the append itself ends, and no leases",
            ));
        }
        let mut reader = self
            .readers()
            .acquire()
            .await
            .map_err(StoreError::database)?;
        let claim = SqliteIdempotency::default().peek(&mut reader, ask).await;
        let claim = claim.map_err(StoreError::database)?;
        if matches!((&claim, hold), (Claim::Granted(_), Hold::Log)) {
            unit.to = StreamId::of("command", ask.key());
            unit.expect = Expect::At(0);
            unit.claim = Some(ask.clone());
        }
        Ok(claim)
    }

    /// Notes claim and answer: the append makes both or neither.
    async fn finish_in(
        &self,
        unit: &mut Unit,
        ask: &Ask,
        answer: &Answer,
    ) -> Result<Completed, StoreError> {
        unit.finishes = Some((ask.clone(), answer.clone()));
        Ok(Completed::Stored)
    }

    async fn complete_in(
        &self,
        unit: &mut Unit,
        key: &IdempotencyKey,
        answer: &Answer,
    ) -> Result<Completed, StoreError> {
        unit.completes = Some((key.clone(), Completion::Answer(answer.clone())));
        Ok(Completed::Stored)
    }
}

impl Transactions<Unit> for TenantLog {
    async fn begin(&self) -> Result<Unit, StoreError> {
        Ok(Unit::to(StreamId::default(), Expect::Any))
    }

    async fn commit(&self, unit: Unit) -> Result<(), CommitError<StoreError>> {
        match self.append(unit).await {
            Ok(_) => Ok(()),
            Err(AppendError::Duplicate(claim)) => Err(CommitError::Lost(claim)),
            Err(AppendError::Store(error)) => Err(CommitError::Store(error)),
            Err(other) => Err(CommitError::Store(StoreError::database(other))),
        }
    }
}
