//! Accounts in memory.

use core::fmt;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::account::StoredAccount;
use crate::identifier::CanonicalIdentifier;
use crate::store::AccountStore;
use crate::store::Deactivation;
use crate::store::Insertion;
use crate::store::LogInRecord;
use crate::store::StoreError;

/// Keeps accounts in this process, as long as it lives. Cheap to clone: clones share the accounts.
#[derive(Clone, Default)]
pub struct MemoryAccounts {
    tables: Arc<Mutex<Tables>>,
}

#[derive(Default)]
struct Tables {
    accounts: HashMap<(TenantId, AccountId), StoredAccount>,
    by_identifier: HashMap<(TenantId, CanonicalIdentifier), AccountId>,
}

impl MemoryAccounts {
    /// No accounts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountStore for MemoryAccounts {
    async fn find(
        &self,
        tenant: TenantId,
        identifier: &CanonicalIdentifier,
    ) -> Result<Option<StoredAccount>, StoreError> {
        let tables = self.tables();
        let id = tables.by_identifier.get(&(tenant, identifier.clone()));
        Ok(id
            .and_then(|id| tables.accounts.get(&(tenant, *id)))
            .cloned())
    }

    async fn insert(&self, account: StoredAccount) -> Result<Insertion, StoreError> {
        let mut tables = self.tables();
        let (tenant, id) = (account.tenant(), account.id());
        let identifier = (tenant, account.canonical());
        if tables.by_identifier.contains_key(&identifier) {
            return Ok(Insertion::IdentifierTaken);
        }
        if tables.accounts.contains_key(&(tenant, id)) {
            return Ok(Insertion::AccountTaken);
        }
        tables.by_identifier.insert(identifier, id);
        tables.accounts.insert((tenant, id), account);
        Ok(Insertion::Inserted)
    }

    async fn record_log_in(
        &self,
        tenant: TenantId,
        account: AccountId,
        at: Timestamp,
    ) -> Result<LogInRecord, StoreError> {
        let mut tables = self.tables();
        let Some(found) = tables.accounts.get_mut(&(tenant, account)) else {
            return Ok(LogInRecord::Inactive);
        };
        if !found.is_active() {
            return Ok(LogInRecord::Inactive);
        }
        if found.first_logged_in().is_some() {
            return Ok(LogInRecord::Repeated);
        }
        *found = found.clone().with_first_log_in(at);
        Ok(LogInRecord::First)
    }

    async fn deactivate(
        &self,
        tenant: TenantId,
        account: AccountId,
    ) -> Result<Deactivation, StoreError> {
        let mut tables = self.tables();
        let Some(found) = tables.accounts.get_mut(&(tenant, account)) else {
            return Ok(Deactivation::Unknown);
        };
        if !found.is_active() {
            return Ok(Deactivation::AlreadyDeactivated);
        }
        *found = found.clone().into_deactivated();
        Ok(Deactivation::Deactivated)
    }
}

impl fmt::Debug for MemoryAccounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryAccounts(..)")
    }
}
