//! Drives one processor over the log of one tenant.

use core::time::Duration;

use skeleton_idempotency::IdempotencyKey;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use tokio::sync::watch;

use crate::ports::bus::Bus;
use crate::ports::envelope::Envelope;
use crate::ports::event_store::AppendError;
use crate::ports::event_store::Checkpoint;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::StoreError;
use crate::ports::event_store::Unit;
use crate::ports::replies::Replies;

/// How many events are read at once.
const PAGE: u32 = 256;
/// How long to wait after a failure of something that may come back.
const PAUSE: Duration = Duration::from_millis(200);

/// Reacts to events with one append each, or not at all.
pub trait Processor: Send + Sync + 'static {
    /// The name under which the checkpoint is kept. Once used it never changes.
    const CONSUMER: &'static str;

    /// The append with which to react to `event`; nothing if it is no concern of this processor.
    ///
    /// It is called again for the same event after a failure or a lost race, so what it does elsewhere must
    /// bear repetition.
    fn react(
        &self,
        event: &Envelope,
    ) -> impl Future<Output = Result<Option<Unit>, ProcessorError>> + Send;

    /// What must be so before anybody is told that a reaction is committed, such as that a view in memory shows it.
    fn committed(
        &self,
        _t: InTenant<'_>,
    ) -> impl Future<Output = Result<(), ProcessorError>> + Send {
        async { Ok(()) }
    }
}

/// Why a reaction must be tried again.
#[derive(Debug, thiserror::Error)]
pub enum ProcessorError {
    /// The store cannot be had.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Something else that a reaction needs cannot be had.
    #[error("a dependency cannot be had")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ProcessorError {
    /// Something that a reaction needs cannot be had.
    pub fn unavailable(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(source.into())
    }
}

/// Consumes the log of one tenant until the future is dropped.
///
/// Every reaction commits together with the checkpoint, so a crash between two steps repeats nothing: what was
/// not committed did not happen.
pub async fn run<P, S, B, R>(processor: P, store: S, bus: B, replies: R, tenant: TenantId)
where
    P: Processor,
    S: EventStore,
    B: Bus,
    R: Replies,
{
    let t = InTenant::background(tenant, P::CONSUMER);
    let mut news = bus.listen(tenant);
    loop {
        if consume(&processor, &store, &replies, t, &mut news)
            .await
            .is_err()
        {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Consumes from the committed checkpoint on, until something fails.
async fn consume<P: Processor, S: EventStore, R: Replies>(
    processor: &P,
    store: &S,
    replies: &R,
    t: InTenant<'_>,
    news: &mut watch::Receiver<u64>,
) -> Result<(), ProcessorError> {
    let mut committed = store.checkpoint(t, P::CONSUMER).await?;
    let mut read = committed;
    loop {
        let page = store.log(t, read, PAGE).await?;
        // An announcement may be missed, never made up: the log is the truth, and is read to its end first.
        if page.is_empty() && news.wait_for(|announced| *announced > read).await.is_err() {
            return Ok(());
        }
        for event in page {
            let position = event.position;
            if let Some(unit) = processor.react(&event).await? {
                let seen = Checkpoint {
                    consumer: P::CONSUMER,
                    from: committed,
                    to: position,
                };
                commit(
                    processor,
                    store,
                    replies,
                    t,
                    Unit {
                        seen: Some(seen),
                        ..unit
                    },
                )
                .await?;
                committed = position;
            }
            read = position;
        }
    }
}

async fn commit<P: Processor, S: EventStore, R: Replies>(
    processor: &P,
    store: &S,
    replies: &R,
    t: InTenant<'_>,
    unit: Unit,
) -> Result<(), ProcessorError> {
    let key: Option<IdempotencyKey> = unit.completes.as_ref().map(|(key, _)| key.clone());
    match store.append(t, unit).await {
        Ok(appended) => {
            processor.committed(t).await?;
            if let (Some(key), Some(answer)) = (key, appended.answer) {
                replies.publish(&key, &answer);
            }
            Ok(())
        }
        Err(AppendError::Store(error)) => Err(error.into()),
        // Another instance moved the stream or the checkpoint: read again where the log now stands.
        Err(lost) => Err(ProcessorError::unavailable(lost)),
    }
}
