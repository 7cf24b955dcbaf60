//! A store of trees that answers late, wrongly or never, as the test says.

use std::future::Future;
use std::future::poll_fn;
use std::num::NonZeroU32;
use std::pin::Pin;
use std::pin::pin;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use crate::helpers::log_of;

/// How the next append goes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Mood {
    #[default]
    Answers,
    WritesAndHangs,
    HangsAndNeverWrites,
    WritesAndFails,
    FailsAndNeverWrites,
}

/// Clones share all of it.
#[derive(Clone, Default)]
pub(crate) struct Moody(Arc<Inner>);

#[derive(Default)]
struct Inner {
    trees: MemoryTrees,
    mood: Mutex<Mood>,
    /// Whose streams cannot be read, and whether the heads cannot.
    unreadable: Mutex<(Vec<TenantId>, bool)>,
    /// How often an operation makes its caller wait before and after it does anything.
    waits: AtomicU32,
    reads: AtomicU32,
}

impl Moody {
    /// The next append goes so, and those after it as usual.
    pub(crate) fn feel(&self, mood: Mood) {
        *self.0.mood.lock().unwrap() = mood;
    }

    pub(crate) fn make_wait(&self, times: u32) {
        self.0.waits.store(times, Ordering::SeqCst);
    }

    pub(crate) fn hide(&self, tenants: &[TenantId], heads: bool) {
        *self.0.unreadable.lock().unwrap() = (tenants.to_vec(), heads);
    }

    /// How many pages, and tables of heads, were asked for.
    pub(crate) fn reads(&self) -> u32 {
        self.0.reads.load(Ordering::SeqCst)
    }

    pub(crate) fn log(&self, tenant: TenantId) -> Vec<TreeEvent> {
        let log = log_of(&self.0.trees, tenant);
        log.iter()
            .map(|recorded| recorded.event().clone())
            .collect()
    }

    async fn wait(&self) {
        for _ in 0..self.0.waits.load(Ordering::SeqCst) {
            once_later().await;
        }
    }

    fn gone() -> StoreError {
        StoreError::unavailable("the disk is gone")
    }
}

impl TreeStore for Moody {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        self.wait().await;
        let mood = std::mem::take(&mut *self.0.mood.lock().unwrap());
        match mood {
            Mood::HangsAndNeverWrites => std::future::pending().await,
            Mood::FailsAndNeverWrites => return Err(Self::gone().into()),
            _ => {}
        }
        let answer = self.0.trees.append(t, expected, events).await;
        match mood {
            Mood::WritesAndHangs => std::future::pending().await,
            Mood::WritesAndFails => return Err(Self::gone().into()),
            _ => {}
        }
        self.wait().await;
        answer
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        self.wait().await;
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        if self.0.unreadable.lock().unwrap().0.contains(&t.tenant()) {
            return Err(Self::gone());
        }
        let max = max.min(NonZeroU32::new(2).unwrap());
        let page = self.0.trees.read(t, after, max).await;
        self.wait().await;
        page
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.0.reads.fetch_add(1, Ordering::SeqCst);
        if self.0.unreadable.lock().unwrap().1 {
            return Err(Self::gone());
        }
        self.0.trees.heads(after).await
    }
}

/// Ready when it is asked a second time.
async fn once_later() {
    let mut is_asked = false;
    poll_fn(|ctx| {
        if std::mem::replace(&mut is_asked, true) {
            return Poll::Ready(());
        }
        ctx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future so often, and drops it. What it answered, if it did.
pub(crate) fn dropped_after<F: Future>(polls: u32, future: F) -> Option<F::Output> {
    let mut future: Pin<&mut F> = pin!(future);
    for _ in 0..polls {
        let mut idle = Context::from_waker(Waker::noop());
        if let Poll::Ready(answer) = future.as_mut().poll(&mut idle) {
            return Some(answer);
        }
    }
    None
}
