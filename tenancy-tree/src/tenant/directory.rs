//! Which tenant a host is: one immutable map, replaced as a whole.

use core::fmt;
use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use skeleton_invocation_context::TenantId;

use super::Host;
use super::RootDomain;
use super::Tenant;
use super::TenantEvent;

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
}

/// Finds tenants: synchronous, in memory, without I/O.
pub trait TenantDirectory: Clone + Send + Sync + 'static {
    /// What a host name leads to.
    fn by_host(&self, host: &Host) -> Resolved;

    /// The tenant of that id.
    fn by_id(&self, id: TenantId) -> Option<Arc<Tenant>>;
}

/// The directory that the fold of all tenants' events keeps. Cheap to clone; clones see every change at once.
#[derive(Clone)]
pub struct Directory {
    root: RootDomain,
    view: Arc<ArcSwap<View>>,
}

#[derive(Clone, Default)]
struct View {
    by_id: HashMap<TenantId, Arc<Tenant>>,
    by_host: HashMap<String, TenantId>,
}

impl Directory {
    pub(super) fn empty(root: RootDomain) -> Self {
        Self {
            root,
            view: Arc::default(),
        }
    }

    /// The domain below which every tenant has its label.
    #[must_use]
    pub const fn root(&self) -> &RootDomain {
        &self.root
    }

    /// How many tenants there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.view.load().by_id.len()
    }

    /// Whether there is no tenant yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn has_host(&self, host: &str) -> bool {
        self.view.load().by_host.contains_key(host)
    }

    /// Folds events and publishes the map that results.
    pub(super) fn apply<'e>(&self, events: impl IntoIterator<Item = (TenantId, &'e TenantEvent)>) {
        let mut view = View::clone(&self.view.load());
        for (id, event) in events {
            let held = view.by_id.remove(&id).map(Arc::unwrap_or_clone);
            if let Some(tenant) = Tenant::fold(held, event) {
                view.by_host
                    .insert(tenant.entry_point().host().to_owned(), id);
                view.by_id.insert(id, Arc::new(tenant));
            }
        }
        self.view.store(Arc::new(view));
    }
}

impl TenantDirectory for Directory {
    fn by_host(&self, host: &Host) -> Resolved {
        if self.root.is(host) {
            return Resolved::Apex;
        }
        let view = self.view.load();
        let id = view.by_host.get(host.as_str());
        id.and_then(|id| view.by_id.get(id))
            .map_or(Resolved::Unknown, |tenant| {
                Resolved::Tenant(Arc::clone(tenant))
            })
    }

    fn by_id(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.view.load().by_id.get(&id).map(Arc::clone)
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
