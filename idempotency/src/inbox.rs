//! A consumer that meets every event at least once, and has its effect once.

use core::fmt;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::TenantId;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Mode;
use crate::ask::Owner;
use crate::execution::Execution;
use crate::execution::Scope;
use crate::execution::TransactionError;
use crate::execution::Work;
use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;
use crate::policy::Policy;
use crate::refused::Refused;
use crate::store::Transactions;
use crate::window::Window;

/// The inbox of one consumer: the record that an event was seen is committed with the event's effect.
///
/// What a broker does against duplicates only saves work. An event comes again after minutes, after a replay of the stream,
/// or after a failover; a record is kept for the window of flows.
pub struct Inbox<S> {
    store: S,
    consumer: Step,
    clock: Box<dyn Clock>,
    window: Window,
}

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
#[expect(clippy::exhaustive_enums, reason = "it was seen now, or before")]
pub enum Seen {
    /// Its effect was committed now.
    Now,
    /// Its effect was committed before: acknowledge it again.
    Before,
}

/// Why an event was not seen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InboxError<S, W> {
    /// The event is older than its record would be kept, or from the future: nobody can tell whether it was seen. It belongs
    /// to the dead letters.
    #[error("nobody can tell whether an event of that time was seen")]
    TooOld,
    /// Another instance is at it, or met this one too often: let the broker bring it again.
    #[error("another instance is at it")]
    Busy,
    /// The store failed.
    #[error(transparent)]
    Store(S),
    /// The work refused: everything was rolled back.
    #[error(transparent)]
    Work(W),
}

impl<S> Inbox<S> {
    /// The inbox of a consumer of that name, in the database of its effects. Consumers of other names see the same events.
    #[must_use]
    pub fn new(store: S, consumer: Step, clock: impl Clock + 'static) -> Self {
        Self {
            store,
            consumer,
            clock: Box::new(clock),
            window: Window::default(),
        }
    }

    /// Sets how long events are recognised; 7 days by default.
    #[must_use]
    pub fn with_window(self, window: Window) -> Self {
        Self { window, ..self }
    }

    /// Does `work` in one transaction with the record that this consumer saw the event, unless it did before. `work` may be
    /// done again if its transaction meets another one: let it touch nothing but the transaction.
    ///
    /// # Errors
    ///
    /// [`InboxError`]; nothing is written then.
    pub async fn once<'env, Tx, E: 'env>(
        &self,
        tenant: TenantId,
        event: EventId,
        mut work: impl for<'t> FnMut(Scope<'t, 'env, Tx>) -> Work<'t, (), E> + Send,
    ) -> Result<Seen, InboxError<S::Error, E>>
    where
        S: Transactions<Tx>,
        Tx: Send,
    {
        let key = IdempotencyKey::of_reaction(tenant, event, &self.consumer);
        let now = self.clock.now();
        if !self.window.accepts(&key, now) {
            return Err(InboxError::TooOld);
        }
        let ask = Ask::new(
            key.clone(),
            // An event is what it is: its id says it all.
            Fingerprint::from_bytes([0; 17]),
            Mode::Transactional,
            Owner::generate(&RandomIds as &dyn IdGenerator, now),
            self.window.expires_at(&key),
        );
        let once = Execution::new(ask, Policy::new(Mode::Transactional), false);
        let seen = Answer::new(204).map_err(|_| InboxError::Busy)?;
        let done = once.transaction(&self.store, |tx| {
            let (work, seen) = (work(tx), seen.clone());
            Box::pin(async move { work.await.map(|()| seen) })
        });
        match done.await {
            Ok(answered) if answered.source() == crate::answered::Source::Replay => {
                Ok(Seen::Before)
            }
            Ok(_) => Ok(Seen::Now),
            Err(TransactionError::Store(error)) => Err(InboxError::Store(error)),
            Err(TransactionError::Work(error)) => Err(InboxError::Work(error)),
            Err(TransactionError::Refused(Refused::Expired { .. })) => Err(InboxError::TooOld),
            Err(TransactionError::Refused(_)) => Err(InboxError::Busy),
        }
    }
}

impl<S> fmt::Debug for Inbox<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("consumer", &self.consumer)
            .finish_non_exhaustive()
    }
}
