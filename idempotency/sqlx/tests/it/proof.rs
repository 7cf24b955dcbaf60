//! The proof that an attempt had no effect, as a store gets it: nobody else can make one.

use std::sync::Arc;
use std::sync::OnceLock;
use std::time::Duration;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Found;
use skeleton_idempotency::Grant;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Mode;
use skeleton_idempotency::NoEffect;
use skeleton_idempotency::Outcome;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Released;
use skeleton_idempotency::Store;
use skeleton_idempotency::Swept;
use skeleton_invocation_context::testing::FixedClock;

use crate::helpers::MADE;
use crate::helpers::invocation;
use crate::helpers::keys;
use crate::helpers::tenant;
use crate::helpers::transfer;

/// A store that grants whatever is asked, and keeps the proof that it is shown.
#[derive(Clone, Debug, Default)]
struct Shown(Arc<OnceLock<NoEffect>>);

impl Store for Shown {
    type Error = std::convert::Infallible;

    async fn claim(&self, ask: &Ask, _: Duration) -> Result<Claim, Self::Error> {
        Ok(Claim::Granted(Grant::by_store(ask, 1)))
    }

    async fn heartbeat(
        &self,
        _: &IdempotencyKey,
        _: &Fence,
        _: Duration,
    ) -> Result<Beat, Self::Error> {
        Ok(Beat::Doubted)
    }

    async fn complete(
        &self,
        _: &IdempotencyKey,
        _: &Fence,
        _: &Conclusion,
    ) -> Result<Completed, Self::Error> {
        Ok(Completed::Gone)
    }

    async fn release(
        &self,
        _: &IdempotencyKey,
        _: &Fence,
        proof: NoEffect,
    ) -> Result<Released, Self::Error> {
        self.0.set(proof).unwrap();
        Ok(Released::Free)
    }

    async fn reconcile(
        &self,
        _: &IdempotencyKey,
        _: u64,
        _: &Found,
    ) -> Result<Reconciled, Self::Error> {
        Ok(Reconciled::NotInDoubt)
    }

    async fn changed(&self, _: &IdempotencyKey, _: u64) {}

    async fn sweep(&self, _: u32) -> Result<Swept, Self::Error> {
        Ok(Swept::default())
    }
}

/// A handler that declares that nothing happened.
pub(crate) async fn no_effect() -> NoEffect {
    let shown = Shown::default();
    let engine = Engine::builder(shown.clone(), keys(), FixedClock::at(MADE));
    let engine = engine.mode(Mode::Resumable).build().unwrap();
    let nothing = |_| async {
        let answer = Answer::new(200)?;
        Ok(Answered::from(answer).declaring(Outcome::NoEffect))
    };
    let ctx = invocation(tenant(), 1);
    let ran = engine.run(&ctx, &transfer(), b"1", nothing).await;
    assert!(ran.is_ok(), "{ran:?}");
    *shown.0.get().unwrap()
}
