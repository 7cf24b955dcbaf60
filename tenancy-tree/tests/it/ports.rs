//! The stores in memory pass the suites that every store must pass; so do the wrappers around a store.

use core::num::NonZeroU32;
use std::sync::Arc;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::DynTenantStore;
use skeleton_tenancy_tree::DynTreeStore;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::tenant_store_suite;
use skeleton_tenancy_tree::tree_store_suite;

use crate::helpers::Fragile;

mod memory_trees {
    use super::*;

    tree_store_suite!(|| async { MemoryTrees::new() }, down: || async {
        let store = Fragile::default();
        store.take_down();
        store
    });
}

mod memory_tenants {
    use super::*;

    tenant_store_suite!(|| async { MemoryTenants::new() }, down: || async { Down });
}

mod a_tree_store_behind_a_box {
    use super::*;

    tree_store_suite!(|| async {
        let store: Box<dyn DynTreeStore> = Box::new(MemoryTrees::new());
        Arc::new(store)
    });
}

mod a_tenant_store_behind_a_box {
    use super::*;

    tenant_store_suite!(|| async {
        let store: Box<dyn DynTenantStore> = Box::new(MemoryTenants::new());
        Arc::new(store)
    });
}

/// A store of short pages: the suite must not depend on their size.
mod a_store_of_short_pages {
    use super::*;

    #[tokio::test]
    async fn reaches_a_follower_too() {
        use skeleton_tenancy_tree::conformance::cases;
        cases::every_commit_reaches_a_follower_that_nobody_notifies(Fragile::default()).await;
    }
}

/// A store of tenants whose server does not answer.
struct Down;

fn gone() -> StoreError {
    StoreError::unavailable("the disk is gone")
}

impl TenantStore for Down {
    async fn append(
        &self,
        _: InTenant<'_>,
        _: TenantVersion,
        _: &[Recorded<TenantEvent>],
    ) -> Result<TenantVersion, AppendError> {
        Err(gone().into())
    }

    async fn read(
        &self,
        _: InTenant<'_>,
        _: TenantVersion,
        _: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        Err(gone())
    }

    async fn heads(&self, _: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        Err(gone())
    }
}
