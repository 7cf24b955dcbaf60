//! A store under test, and what is asked of it again and again.

use core::future::Future;
use core::time::Duration;

use super::any_factory::AnyFactory;
use super::any_factory::Made;
use super::invocations::Invocation;
use super::timekeeper::Timekeeper;
use super::violation::Violation;
use super::violation::ensure;
use super::violation::same;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Grant;
use crate::ask::Mode;
use crate::key::IdempotencyKey;
use crate::store::DynError;
use crate::store::DynStore;
use crate::store::Store;
use crate::store::Swept;
use crate::verbs::Beat;
use crate::verbs::Claim;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Reconciled;
use crate::verbs::Released;

/// A lease that does not end by itself while a check runs.
pub(super) const LONG: Duration = Duration::from_secs(60);
/// A lease that ends as soon as time goes by.
pub(super) const SHORT: Duration = Duration::from_millis(1);

/// A store under test, with its time.
pub(super) struct Subject<'f> {
    factory: &'f dyn AnyFactory,
    made: Made,
    pub(super) time: Timekeeper,
}

impl<'f> Subject<'f> {
    /// A store without records.
    pub(super) async fn fresh(factory: &'f dyn AnyFactory) -> Self {
        let time = Timekeeper::new(factory.can());
        let made = factory.make(time.clock()).await;
        Self {
            factory,
            made,
            time,
        }
    }

    /// The same store after a restart, if it outlives one.
    pub(super) async fn reopened(self) -> Self {
        if !self.time.capabilities.is_durable() {
            return self;
        }
        let (closed, clock) = (self.made.closed(), self.time.clock());
        let made = self.factory.make_again(closed, clock).await;
        Self { made, ..self }
    }

    pub(super) const fn store(&self) -> &DynStore {
        self.made.store()
    }

    pub(super) fn invocation(&self, number: u32, mode: Mode) -> Invocation {
        Invocation::new(self.time.now(), number, mode)
    }

    pub(super) async fn claim(&self, ask: &Ask, lease: Duration) -> Result<Claim, Violation> {
        self.verb("a claim", self.store().claim(ask, lease)).await
    }

    pub(super) async fn beat(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        lease: Duration,
    ) -> Result<Beat, Violation> {
        let beat = self.store().heartbeat(key, fence, lease);
        self.verb("a heartbeat", beat).await
    }

    pub(super) async fn complete(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        end: &Conclusion,
    ) -> Result<Completed, Violation> {
        let complete = self.store().complete(key, fence, end);
        self.verb("a completion", complete).await
    }

    pub(super) async fn release(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
    ) -> Result<Released, Violation> {
        let release = self.store().release(key, fence, NoEffect(()));
        self.verb("a release", release).await
    }

    pub(super) async fn reconcile(
        &self,
        key: &IdempotencyKey,
        epoch: u64,
        found: &Found,
    ) -> Result<Reconciled, Violation> {
        let reconcile = self.store().reconcile(key, epoch, found);
        self.verb("a reconciliation", reconcile).await
    }

    pub(super) async fn sweep(&self, limit: u32) -> Result<Swept, Violation> {
        self.verb("a sweep", self.store().sweep(limit)).await
    }

    async fn verb<T>(
        &self,
        what: &str,
        verb: impl Future<Output = Result<T, DynError>>,
    ) -> Result<T, Violation> {
        let replied = self.time.within(what, verb).await?;
        replied.map_err(|error| Violation::new(format!("{what} failed: {error}")))
    }

    /// A claim that must be granted, as that epoch.
    pub(super) async fn granted(
        &self,
        ask: &Ask,
        lease: Duration,
        epoch: u64,
    ) -> Result<Grant, Violation> {
        granted("a claim", self.claim(ask, lease).await?, ask, epoch)
    }

    /// A claim that must be answered so.
    pub(super) async fn told(
        &self,
        what: &str,
        ask: &Ask,
        expected: &Claim,
    ) -> Result<(), Violation> {
        same(what, &self.claim(ask, LONG).await?, expected)
    }

    /// A claim of a key that somebody runs under a lease.
    pub(super) async fn waits(&self, what: &str, ask: &Ask, epoch: u64) -> Result<(), Violation> {
        match self.claim(ask, LONG).await? {
            Claim::Running {
                epoch: told,
                lease: Some(_),
            } if told == epoch => Ok(()),
            other => Err(Violation::new(format!(
                "{what} is answered {other:?}, not that epoch {epoch} runs under a lease"
            ))),
        }
    }

    /// A claim of a key of which nobody knows what became of it.
    pub(super) async fn doubts(&self, what: &str, ask: &Ask, epoch: u64) -> Result<(), Violation> {
        match self.claim(ask, LONG).await? {
            Claim::Unknown { epoch: told, .. } if told == epoch => Ok(()),
            other => Err(Violation::new(format!(
                "{what} is answered {other:?}, not that nobody knows what became of epoch {epoch}"
            ))),
        }
    }

    /// Stores an answer, which must be accepted.
    pub(super) async fn stores(
        &self,
        key: &IdempotencyKey,
        fence: &Fence,
        answer: &Answer,
    ) -> Result<(), Violation> {
        let end = Conclusion::Done(answer.clone());
        let completed = self.complete(key, fence, &end).await?;
        same("an answer", &completed, &Completed::Stored)
    }

    /// An invocation that its first attempt has brought to an end.
    pub(super) async fn done(
        &self,
        invocation: &Invocation,
        answer: &Answer,
    ) -> Result<Grant, Violation> {
        let grant = self.granted(&invocation.attempt(1), LONG, 1).await?;
        self.stores(invocation.key(), &grant.fence(), answer)
            .await?;
        Ok(grant)
    }

    /// An invocation that its first attempt has given back.
    pub(super) async fn given_back(&self, invocation: &Invocation) -> Result<Grant, Violation> {
        let grant = self.granted(&invocation.attempt(1), LONG, 1).await?;
        let released = self.release(invocation.key(), &grant.fence()).await?;
        same("a release", &released, &Released::Free)?;
        Ok(grant)
    }

    /// An invocation of which nobody knows, since its first attempt said so.
    pub(super) async fn doubted(&self, invocation: &Invocation) -> Result<Grant, Violation> {
        let grant = self.granted(&invocation.attempt(1), LONG, 1).await?;
        let end = Conclusion::InDoubt {
            retry_after: Duration::ZERO,
        };
        let completed = self
            .complete(invocation.key(), &grant.fence(), &end)
            .await?;
        same("a doubt", &completed, &Completed::InDoubt)?;
        Ok(grant)
    }

    /// An invocation whose first attempt is late, and whose second one runs.
    pub(super) async fn taken_over(
        &self,
        invocation: &Invocation,
    ) -> Result<(Grant, Grant), Violation> {
        let late = self.granted(&invocation.attempt(1), SHORT, 1).await?;
        self.time.pass(SHORT).await;
        let next = self.granted(&invocation.attempt(2), LONG, 2).await?;
        Ok((late, next))
    }
}

/// A claim that must be granted to its own attempt, as that epoch.
pub(super) fn granted(what: &str, claim: Claim, ask: &Ask, epoch: u64) -> Result<Grant, Violation> {
    let Claim::Granted(grant) = claim else {
        return Err(Violation::new(format!(
            "{what} is answered {claim:?}, not granted as epoch {epoch}"
        )));
    };
    ensure!(
        grant.epoch() == epoch,
        "{what} is granted as epoch {}, not {epoch}",
        grant.epoch()
    );
    ensure!(
        grant.owner() == ask.owner() && grant.fence() == Grant::by_store(ask, epoch).fence(),
        "{what} is granted to another attempt, or for another payload"
    );
    Ok(grant)
}
