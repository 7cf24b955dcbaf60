//! One tenant's place in the forest: what readers see, and what the one writer at a time folds.

use core::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use skeleton_invocation_context::TenantId;
use tokio::sync::Mutex;

use crate::in_tenant::InTenant;
use crate::publication::Publication;
use crate::publication::Versioned;
use crate::snapshot::TreeSnapshot;
use crate::store::DynTreeStore;
use crate::tree::Limits;
use crate::tree::Tree;
use crate::tree::TreeError;

/// How many events are read at once.
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_023);
/// From how many events on a catching-up gives memory back.
const MANY: u64 = 4_096;

impl Versioned for TreeSnapshot {
    fn version(&self) -> u64 {
        Self::version(self).get()
    }
}

pub(super) struct Slot {
    pub(super) publication: Publication<TreeSnapshot>,
    pub(super) tree: Mutex<Tree>,
    /// Whether an append may have happened of which nobody knows how it ended.
    unsettled: AtomicBool,
}

impl Slot {
    pub(super) fn new(tenant: TenantId) -> Self {
        Self {
            publication: Publication::empty(),
            tree: Mutex::new(Tree::rooted(tenant)),
            unsettled: AtomicBool::new(false),
        }
    }

    /// The current snapshot, unless it may lack what this process appended.
    pub(super) fn settled(&self) -> Option<Arc<TreeSnapshot>> {
        let is_settled = !self.unsettled.load(Ordering::Acquire);
        self.publication.load().filter(|_| is_settled)
    }

    /// Notes that an append is under way. Until the guard is told how it ended, it may have happened.
    pub(super) const fn appending(&self) -> Appending<'_> {
        Appending {
            unsettled: &self.unsettled,
            is_known: false,
        }
    }

    /// Publishes the tree. Called by whoever holds its lock.
    pub(super) fn publish(&self, tree: &Tree, limits: Limits) {
        let snapshot = match self.publication.load() {
            Some(held) if held.version() >= tree.version() => return,
            Some(held) => held.next(tree),
            None => TreeSnapshot::of(tree).with_limits(limits),
        };
        self.publication.publish(Arc::new(snapshot));
    }

    /// Folds what the store has and this tree has not, and publishes.
    pub(super) async fn read_on(
        &self,
        store: &dyn DynTreeStore,
        t: InTenant<'_>,
        tree: &mut Tree,
        limits: Limits,
    ) -> Result<(), TreeError> {
        let before = tree.version();
        loop {
            let page = store.read(t, tree.version(), PAGE).await;
            let page = page.map_err(TreeError::Unavailable)?;
            if page.is_empty() {
                break;
            }
            tree.fold(&page);
        }
        if tree.version().get() - before.get() > MANY {
            tree.shrink();
        }
        self.publish(tree, limits);
        self.unsettled.store(false, Ordering::Release);
        Ok(())
    }
}

/// An append under way. Dropped before it is known how it ended, it leaves the slot unsettled: the next reader that
/// may wait reads on first.
pub(super) struct Appending<'s> {
    unsettled: &'s AtomicBool,
    is_known: bool,
}

impl Appending<'_> {
    pub(super) fn ended(mut self) {
        self.is_known = true;
    }
}

impl Drop for Appending<'_> {
    fn drop(&mut self) {
        if !self.is_known {
            self.unsettled.store(true, Ordering::Release);
        }
    }
}
