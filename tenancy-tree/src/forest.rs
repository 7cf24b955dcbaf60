//! The trees of all tenants: loaded once, published wait-free, changed through their store.

use core::fmt;
use core::num::NonZeroU32;
use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;
use tokio::sync::Mutex;

use crate::in_tenant::InTenant;
use crate::snapshot::TreeSnapshot;
use crate::store::AppendError;
use crate::store::ErasedTreeStore;
use crate::store::TreeStore;
use crate::tree::Limits;
use crate::tree::Recorded;
use crate::tree::Tree;
use crate::tree::TreeCommand;
use crate::tree::TreeError;
use crate::tree::TreeVersion;

/// How often a change is decided anew after somebody else was faster.
const TRIES: u32 = 3;
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_023);

/// The trees of all tenants. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Forest(Arc<Shared>);

struct Shared {
    store: Box<dyn ErasedTreeStore>,
    limits: Limits,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
    /// Copied when a tenant is added; a change of a tree touches its own slot only.
    slots: ArcSwap<HashMap<TenantId, Arc<Slot>>>,
}

/// One tenant's place: what readers see, and what the one writer at a time folds.
struct Slot {
    published: ArcSwapOption<TreeSnapshot>,
    tree: Mutex<Tree>,
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

    /// Decides a command, appends its event, and publishes the tree before it returns.
    ///
    /// If somebody else was faster, the tree is read on and the command decided again, three times at most.
    ///
    /// # Errors
    ///
    /// [`TreeError`] if the command does not fit, the tree keeps changing, or the store cannot be had.
    pub async fn execute(
        &self,
        t: InTenant<'_>,
        command: TreeCommand,
    ) -> Result<TreeVersion, TreeError> {
        let slot = self.slot(t.tenant());
        let mut tree = slot.tree.lock().await;
        if slot.published.load().is_none() {
            self.read_on(t, &mut tree, &slot).await?;
        }
        for _ in 0..TRIES {
            let event = tree.decide(&command, &self.0.limits)?;
            let recorded = [Recorded::new(event, self.0.clock.now())];
            match self.0.store.append(t, tree.version(), &recorded).await {
                Ok(_) => {
                    tree.fold(&recorded);
                    slot.publish(&tree);
                    return Ok(tree.version());
                }
                Err(AppendError::Stale { .. }) => self.read_on(t, &mut tree, &slot).await?,
                Err(AppendError::Unavailable(error)) => return Err(TreeError::Unavailable(error)),
            }
        }
        Err(TreeError::Stale {
            actual: tree.version(),
        })
    }

    /// The tree of a tenant, loaded if it was not.
    ///
    /// # Errors
    ///
    /// [`TreeError::Unavailable`] if it was not loaded and the store cannot be had.
    pub async fn snapshot(&self, t: InTenant<'_>) -> Result<Arc<TreeSnapshot>, TreeError> {
        if let Some(published) = self.published(t.tenant()) {
            return Ok(published);
        }
        self.catch_up(t).await
    }

    /// The tree of a tenant as it was last published; nothing if it was never loaded.
    #[must_use]
    pub fn published(&self, tenant: TenantId) -> Option<Arc<TreeSnapshot>> {
        self.0
            .slots
            .load()
            .get(&tenant)
            .and_then(|slot| slot.published.load_full())
    }

    /// Folds what others appended, and publishes.
    ///
    /// # Errors
    ///
    /// [`TreeError::Unavailable`] if the store cannot be had.
    pub async fn catch_up(&self, t: InTenant<'_>) -> Result<Arc<TreeSnapshot>, TreeError> {
        let slot = self.slot(t.tenant());
        let mut tree = slot.tree.lock().await;
        self.read_on(t, &mut tree, &slot).await?;
        Ok(slot
            .published
            .load_full()
            .unwrap_or_else(|| Arc::new(TreeSnapshot::of(&tree))))
    }

    async fn read_on(
        &self,
        t: InTenant<'_>,
        tree: &mut Tree,
        slot: &Slot,
    ) -> Result<(), TreeError> {
        loop {
            let page = self.0.store.read(t, tree.version(), PAGE).await;
            let page = page.map_err(TreeError::Unavailable)?;
            if page.is_empty() {
                slot.publish(tree);
                return Ok(());
            }
            tree.fold(&page);
        }
    }

    /// The slot of a tenant; made if it is new.
    fn slot(&self, tenant: TenantId) -> Arc<Slot> {
        if let Some(slot) = self.0.slots.load().get(&tenant) {
            return Arc::clone(slot);
        }
        let fresh = Arc::new(Slot {
            published: ArcSwapOption::empty(),
            tree: Mutex::new(Tree::rooted(tenant)),
        });
        self.0.slots.rcu(|slots| {
            let mut slots = HashMap::clone(slots);
            slots.entry(tenant).or_insert_with(|| Arc::clone(&fresh));
            slots
        });
        self.0.slots.load().get(&tenant).map_or(fresh, Arc::clone)
    }
}

impl Slot {
    /// Publishes a tree, unless that version or a later one is. Called by whoever holds the tree's lock.
    fn publish(&self, tree: &Tree) {
        let is_newer = self
            .published
            .load()
            .as_ref()
            .is_none_or(|held| held.version() < tree.version());
        if is_newer {
            self.published.store(Some(Arc::new(TreeSnapshot::of(tree))));
        }
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
