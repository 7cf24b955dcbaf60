//! Brings tenants into being.

use core::fmt;
use std::sync::Arc;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::TenantId;
use tokio::sync::Mutex;

use super::Directory;
use super::EntryPoint;
use super::RootDomain;
use super::Tenant;
use super::TenantDirectory;
use super::TenantEvent;
use super::TenantKind;
use super::TenantSlug;
use super::TenantVersion;
use crate::store::AppendError;
use crate::store::ErasedTenantStore;
use crate::store::StoreError;
use crate::store::TenantStore;

/// Why a tenant did not come into being.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnboardError {
    /// A tenant has that slug, or had it.
    #[error("the slug is taken")]
    SlugTaken,
    /// A tenant has that id.
    #[error("the tenant exists")]
    IdTaken,
    /// The store of tenants cannot be had.
    #[error("the store of tenants is unavailable")]
    Unavailable(#[source] StoreError),
}

/// A tenant to be.
#[derive(Clone, Debug)]
pub struct NewTenant {
    id: Option<TenantId>,
    slug: TenantSlug,
    kind: TenantKind,
    is_test: bool,
}

impl NewTenant {
    /// A tenant of this label and kind, under an id drawn for it.
    #[must_use]
    pub const fn new(slug: TenantSlug, kind: TenantKind) -> Self {
        Self {
            id: None,
            slug,
            kind,
            is_test: false,
        }
    }

    /// Under this id.
    #[must_use]
    pub fn with_id(self, id: TenantId) -> Self {
        Self {
            id: Some(id),
            ..self
        }
    }

    /// For tests.
    #[must_use]
    pub fn into_test(self) -> Self {
        Self {
            is_test: true,
            ..self
        }
    }
}

/// All tenants. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Tenants(Arc<Shared>);

struct Shared {
    store: Box<dyn ErasedTenantStore>,
    directory: Directory,
    clock: Box<dyn Clock>,
    ids: Box<dyn IdGenerator>,
    /// One onboarding at a time: of two for one slug one wins.
    onboarding: Mutex<()>,
}

impl Tenants {
    /// The tenants that `store` knows, below `root`.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the store cannot be had.
    pub async fn open(
        store: impl TenantStore,
        root: RootDomain,
        clock: impl Clock + 'static,
        ids: impl IdGenerator + 'static,
    ) -> Result<Self, StoreError> {
        let directory = Directory::empty(root);
        let events = store.read_all().await?;
        directory.apply(events.iter().map(|(tenant, event)| (*tenant, event)));
        Ok(Self(Arc::new(Shared {
            store: Box::new(store),
            directory,
            clock: Box::new(clock),
            ids: Box::new(ids),
            onboarding: Mutex::new(()),
        })))
    }

    /// Where requests find their tenant.
    #[must_use]
    pub fn directory(&self) -> Directory {
        self.0.directory.clone()
    }

    /// Makes a tenant, its entry point and its root container. When this returns, the entry point answers.
    ///
    /// Wildcard DNS and a wildcard certificate are expected, so the tenant is active at once.
    ///
    /// # Errors
    ///
    /// [`OnboardError`] if the slug or the id is taken, or the store cannot be had.
    pub async fn onboard(&self, new: NewTenant) -> Result<Tenant, OnboardError> {
        let Shared {
            store,
            directory,
            clock,
            ids,
            onboarding,
        } = &*self.0;
        let _one_at_a_time = onboarding.lock().await;
        let entry_point = EntryPoint::of(&new.slug, directory.root());
        if directory.has_host(entry_point.host()) {
            return Err(OnboardError::SlugTaken);
        }
        let tenant = new
            .id
            .unwrap_or_else(|| TenantId::generate(&**ids, clock.now()));
        let NewTenant {
            slug,
            kind,
            is_test,
            ..
        } = new;
        let events = [
            TenantEvent::Onboarded {
                tenant,
                slug,
                kind,
                is_test,
                entry_point,
            },
            TenantEvent::Activated { tenant },
        ];
        match store.append(tenant, TenantVersion::ZERO, &events).await {
            Ok(_) => directory.apply(events.iter().map(|event| (tenant, event))),
            Err(AppendError::Stale { .. }) => return Err(OnboardError::IdTaken),
            Err(AppendError::Unavailable(error)) => return Err(OnboardError::Unavailable(error)),
        }
        directory
            .by_id(tenant)
            .map(Arc::unwrap_or_clone)
            .ok_or(OnboardError::IdTaken)
    }
}

impl fmt::Debug for Tenants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenants")
            .field("directory", &self.0.directory)
            .finish_non_exhaustive()
    }
}
