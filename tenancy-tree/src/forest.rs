//! The trees of all tenants: loaded once, published wait-free, changed through their store.

mod follow;
mod slot;

use core::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;

use self::slot::Slot;
use crate::in_tenant::InTenant;
use crate::recorded::Cause;
use crate::recorded::Proposal;
use crate::recorded::Recorded;
use crate::shards::Shards;
use crate::snapshot::TreeSnapshot;
use crate::store::AppendError;
use crate::store::DynTreeStore;
use crate::store::TreeStore;
use crate::tree::Limits;
use crate::tree::TreeCommand;
use crate::tree::TreeError;
use crate::tree::TreeEvent;
use crate::tree::TreeVersion;

/// How often a change is decided anew after somebody else was faster.
const TRIES: u32 = 3;

/// The trees of all tenants. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Forest(Arc<Shared>);

struct Shared {
    store: Box<dyn DynTreeStore>,
    limits: Limits,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
    /// Copied when a tenant is added; a change of a tree touches its own slot only.
    slots: ArcSwap<Shards<TenantId, Arc<Slot>>>,
}

impl Forest {
    /// Trees kept in `store`, changed within `limits`. Nothing is read until a tenant is asked for.
    #[must_use]
    pub fn open(
        store: impl TreeStore,
        limits: Limits,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            store: Box::new(store),
            limits,
            clock: Box::new(clock),
            ids: Box::new(ids),
            slots: ArcSwap::default(),
        }))
    }

    /// Adds a container below `parent` under an id of its own.
    ///
    /// # Errors
    ///
    /// As [`Forest::execute`].
    pub async fn create(
        &self,
        t: InTenant<'_>,
        parent: ContainerId,
        name: &str,
    ) -> Result<ContainerId, TreeError> {
        let container = ContainerId::generate(&*self.0.ids, self.0.clock.now());
        let name = name.to_owned();
        self.execute(
            t,
            TreeCommand::Create {
                container,
                parent,
                name,
            },
        )
        .await?;
        Ok(container)
    }

    /// Decides a command, appends its event, and publishes the tree before it returns: its readers see the change.
    ///
    /// If somebody else was faster, the tree is read on and the command decided again, three times at most. If the
    /// future is dropped while the store appends, or the store does not answer, the event may have been appended:
    /// the next [`Forest::snapshot`] reads on first.
    ///
    /// # Errors
    ///
    /// [`TreeError`] if the command does not fit, the tree keeps changing, or the store cannot be had.
    pub async fn execute(
        &self,
        t: InTenant<'_>,
        command: TreeCommand,
    ) -> Result<TreeVersion, TreeError> {
        let (store, limits) = (self.store(), &self.0.limits);
        let slot = self.slot(t.tenant());
        let mut tree = slot.tree.lock().await;
        if slot.settled().is_none() {
            slot.read_on(store, t, &mut tree, *limits).await?;
        }
        for _ in 0..TRIES {
            let event = tree.decide(&command, limits)?;
            let recorded = [Recorded::new(event, self.0.clock.now(), Cause::of(t))];
            let appending = slot.appending();
            match store.append(t, tree.version(), &recorded).await {
                Ok(_) => {
                    appending.ended();
                    tree.fold(&recorded);
                    slot.publish(&tree, *limits);
                    return Ok(tree.version());
                }
                Err(AppendError::Unavailable(error)) => return Err(TreeError::Unavailable(error)),
                Err(_) => {
                    appending.ended();
                    slot.read_on(store, t, &mut tree, *limits).await?;
                }
            }
        }
        Err(TreeError::Stale {
            actual: tree.version(),
        })
    }

    /// Decides a command and appends nothing: for whoever appends in a transaction of their own, together with what
    /// must happen along with it. Call [`Forest::catch_up`] afterwards.
    ///
    /// # Errors
    ///
    /// [`TreeError`] if the command does not fit or the store cannot be had.
    pub async fn propose(
        &self,
        t: InTenant<'_>,
        command: &TreeCommand,
    ) -> Result<Proposal<TreeVersion, TreeEvent>, TreeError> {
        let (store, limits) = (self.store(), &self.0.limits);
        let slot = self.slot(t.tenant());
        let mut tree = slot.tree.lock().await;
        slot.read_on(store, t, &mut tree, *limits).await?;
        let event = tree.decide(command, limits)?;
        let event = Recorded::new(event, self.0.clock.now(), Cause::of(t));
        Ok(Proposal::new(tree.version(), event))
    }

    /// The tree of a tenant, loaded if it was not.
    ///
    /// # Errors
    ///
    /// [`TreeError::Unavailable`] if it was not loaded and the store cannot be had.
    pub async fn snapshot(&self, t: InTenant<'_>) -> Result<Arc<TreeSnapshot>, TreeError> {
        let settled = self
            .0
            .slots
            .load()
            .get(&t.tenant())
            .and_then(|slot| slot.settled());
        match settled {
            Some(settled) => Ok(settled),
            None => self.load(t).await,
        }
    }

    /// The tree of a tenant as it was last published; nothing if it was never loaded. Never waits.
    #[must_use]
    pub fn published(&self, tenant: TenantId) -> Option<Arc<TreeSnapshot>> {
        let slots = self.0.slots.load();
        slots.get(&tenant).and_then(|slot| slot.publication.load())
    }

    /// Reads the tree of a tenant as it was last published; nothing if it was never loaded. Never waits.
    ///
    /// Unlike [`Forest::published`] it counts no reference, so that cores that ask about one tenant do not wait for each
    /// other's caches: for a question that is answered at once. A change that comes meanwhile waits for nobody either.
    pub fn read<R>(&self, tenant: TenantId, read: impl FnOnce(&TreeSnapshot) -> R) -> Option<R> {
        let slots = self.0.slots.load();
        slots
            .get(&tenant)
            .and_then(|slot| slot.publication.read(read))
    }

    /// Folds what others appended, and publishes.
    ///
    /// # Errors
    ///
    /// [`TreeError::Unavailable`] if the store cannot be had.
    pub async fn catch_up(&self, t: InTenant<'_>) -> Result<Arc<TreeSnapshot>, TreeError> {
        let (store, limits) = (self.store(), &self.0.limits);
        let slot = self.slot(t.tenant());
        let mut tree = slot.tree.lock().await;
        slot.read_on(store, t, &mut tree, *limits).await?;
        let published = slot.publication.load();
        Ok(published.unwrap_or_else(|| Arc::new(TreeSnapshot::of(&tree).with_limits(*limits))))
    }

    /// The limits within which trees change.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Loads a tree once, however many ask for it at the same time; or settles whether an append happened of which
    /// nobody knows. While the store cannot be had, what was published goes on being read.
    async fn load(&self, t: InTenant<'_>) -> Result<Arc<TreeSnapshot>, TreeError> {
        let (store, limits) = (self.store(), &self.0.limits);
        let slot = self.slot(t.tenant());
        let mut tree = slot.tree.lock().await;
        if let Some(settled) = slot.settled() {
            return Ok(settled);
        }
        let read = slot.read_on(store, t, &mut tree, *limits).await;
        match slot.publication.load() {
            Some(published) => Ok(published),
            None => read.map(|()| Arc::new(TreeSnapshot::of(&tree).with_limits(*limits))),
        }
    }

    fn store(&self) -> &dyn DynTreeStore {
        &*self.0.store
    }

    /// The slot of a tenant; made if it is new.
    fn slot(&self, tenant: TenantId) -> Arc<Slot> {
        if let Some(slot) = self.0.slots.load().get(&tenant) {
            return Arc::clone(slot);
        }
        let fresh = Arc::new(Slot::new(tenant));
        self.0.slots.rcu(|slots| {
            let mut slots = Shards::clone(slots);
            if slots.get(&tenant).is_none() {
                slots.insert(tenant, Arc::clone(&fresh));
            }
            slots
        });
        self.0.slots.load().get(&tenant).map_or(fresh, Arc::clone)
    }
}

impl fmt::Debug for Forest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenants = self.0.slots.load().len();
        f.debug_struct("Forest")
            .field("tenants", &tenants)
            .finish_non_exhaustive()
    }
}
