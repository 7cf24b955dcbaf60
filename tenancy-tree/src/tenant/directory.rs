//! Which tenant a host is: one immutable map, replaced as a whole.

use core::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use arc_swap::ArcSwap;
use skeleton_invocation_context::TenantId;

use super::Host;
use super::RootDomain;
use super::Tenant;
use super::TenantEvent;
use super::TenantVersion;
use crate::recorded::Recorded;
use crate::shards::Shards;

/// What a host name leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "whoever asks has to answer each")]
pub enum Resolved {
    /// A tenant.
    Tenant(Arc<Tenant>),
    /// The root domain itself.
    Apex,
    /// Nothing that is known here.
    Unknown,
    /// The tenants were never loaded, so nobody can tell.
    NotLoaded,
}

/// Finds tenants: synchronous, in memory, without I/O.
pub trait TenantDirectory: Clone + Send + Sync + 'static {
    /// What a host name leads to.
    fn by_host(&self, host: &Host) -> Resolved;

    /// The tenant of that id.
    fn by_id(&self, id: TenantId) -> Option<Arc<Tenant>>;

    /// Whether the tenants were loaded. A directory that does not load is always ready.
    fn is_loaded(&self) -> bool {
        true
    }
}

/// The directory that the fold of all tenants' events keeps. Cheap to clone; clones see every change at once.
#[derive(Clone)]
pub struct Directory {
    root: RootDomain,
    view: Arc<ArcSwap<View>>,
    /// Whoever publishes holds it, for as long as a copy takes.
    changing: Arc<Mutex<()>>,
}

#[derive(Clone, Default)]
pub(super) struct View {
    is_loaded: bool,
    by_id: Shards<TenantId, Arc<Tenant>>,
    by_host: Shards<Box<str>, Arc<Tenant>>,
}

impl View {
    /// Folds the tail of one tenant's stream that begins after a version; nothing if another one is held: somebody else
    /// was here.
    pub(super) fn fold(
        &mut self,
        id: TenantId,
        after: TenantVersion,
        tail: &[Recorded<TenantEvent>],
    ) {
        let mut tenant = self.by_id.get(&id).map(|held| Tenant::clone(held));
        let held = tenant.as_ref().map_or(TenantVersion::ZERO, Tenant::version);
        if held != after {
            return;
        }
        for recorded in tail {
            tenant = Tenant::fold(tenant, id, recorded);
        }
        if let Some(tenant) = tenant.map(Arc::new) {
            let host = tenant.entry_point().host().into();
            self.by_host.insert(host, Arc::clone(&tenant));
            self.by_id.insert(id, tenant);
        }
    }

    pub(super) const fn loaded(&mut self) {
        self.is_loaded = true;
    }
}

impl Directory {
    pub(super) fn empty(root: RootDomain) -> Self {
        Self {
            root,
            view: Arc::default(),
            changing: Arc::default(),
        }
    }

    /// The domain below which every tenant has its label.
    #[must_use]
    pub const fn root(&self) -> &RootDomain {
        &self.root
    }

    /// How many tenants there are, the closed ones included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.view.load().by_id.len()
    }

    /// Whether there is no tenant yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Every tenant, the closed ones included, in no order: for jobs of the platform.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Tenant>> {
        let view = self.view.load();
        view.by_id
            .iter()
            .map(|(_, tenant)| Arc::clone(tenant))
            .collect()
    }

    pub(super) fn has_host(&self, host: &str) -> bool {
        self.view.load().by_host.get(host).is_some()
    }

    pub(super) fn version(&self, id: TenantId) -> TenantVersion {
        let tenant = self.by_id(id);
        tenant.map_or(TenantVersion::ZERO, |tenant| tenant.version())
    }

    /// Changes a copy of the map and publishes it.
    pub(super) fn change(&self, change: impl FnOnce(&mut View)) {
        let _one_at_a_time = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut view = View::clone(&self.view.load());
        change(&mut view);
        self.view.store(Arc::new(view));
    }
}

impl TenantDirectory for Directory {
    fn by_host(&self, host: &Host) -> Resolved {
        let view = self.view.load();
        if !view.is_loaded {
            return Resolved::NotLoaded;
        }
        if self.root.is(host) {
            return Resolved::Apex;
        }
        let tenant = view.by_host.get(host.as_str());
        tenant.map_or(Resolved::Unknown, |tenant| {
            Resolved::Tenant(Arc::clone(tenant))
        })
    }

    fn by_id(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.view.load().by_id.get(&id).map(Arc::clone)
    }

    fn is_loaded(&self) -> bool {
        self.view.load().is_loaded
    }
}

impl fmt::Debug for Directory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Directory")
            .field("root", &self.root)
            .field("len", &self.len())
            .finish()
    }
}
