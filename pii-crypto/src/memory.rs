//! A key store and a key-encryption key that end with the process.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use async_trait::async_trait;

use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;
use crate::crypto::keys::random;
use crate::crypto::wrap::Kek;
use crate::kek::KekError;
use crate::kek::KekProvider;
use crate::row::MAX_ROW;
use crate::store::Change;
use crate::store::Committed;
use crate::store::KeyStore;
use crate::store::Rows;
use crate::store::StoreError;
use crate::store::StoredReceipt;
use crate::store::StoredRow;

/// Permission to keep keys where they are lost with the process.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Development;

impl Development {
    /// The name is the warning: when the process ends, everything that was sealed is unreadable for ever.
    #[must_use]
    pub const fn i_accept_losing_every_key() -> Self {
        Self
    }
}

#[derive(Debug, Default)]
struct Tenant {
    row: Option<Vec<u8>>,
    subjects: BTreeMap<SubjectId, StoredRow>,
    receipts: Vec<StoredReceipt>,
}

/// Rows and receipts in memory.
///
/// ```compile_fail
/// let store = skeleton_pii_crypto::MemoryKeyStore::default(); // without the permission of `Development`
/// ```
#[derive(Debug)]
pub struct MemoryKeyStore(Mutex<HashMap<TenantRef, Tenant>>);

impl MemoryKeyStore {
    /// A store of nothing.
    #[must_use]
    pub fn new(_: Development) -> Self {
        Self(Mutex::default())
    }
}

#[async_trait]
impl KeyStore for MemoryKeyStore {
    async fn read(&self, tenant: &TenantRef, subjects: &[SubjectId]) -> Result<Rows, StoreError> {
        let tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = tenants.get(tenant);
        let row = |subject| held.and_then(|held| held.subjects.get(subject)).cloned();
        Ok(Rows {
            tenant: held.and_then(|held| held.row.clone()),
            rows: subjects.iter().map(row).collect(),
            head: held.and_then(|held| held.receipts.last()).cloned(),
        })
    }

    async fn commit(&self, tenant: &TenantRef, change: Change) -> Result<Committed, StoreError> {
        if change
            .row
            .as_ref()
            .is_some_and(|(_, _, body)| body.len() > MAX_ROW)
        {
            return Err(StoreError::row_past_cap());
        }
        let mut tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = tenants.entry(tenant.clone()).or_default();
        if change.tenant.is_some() && held.row.is_some() {
            return Ok(Committed::TenantExists);
        }
        if let Some((subject, expected, _)) = &change.row
            && held.subjects.get(subject).map_or(0, |row| row.version) != *expected
        {
            return Ok(Committed::RowMoved);
        }
        let head = held.receipts.last().map_or(0, |receipt| receipt.sequence);
        if change
            .receipt
            .as_ref()
            .is_some_and(|receipt| receipt.sequence != head + 1)
        {
            return Ok(Committed::HeadMoved);
        }
        held.row = change.tenant.or_else(|| held.row.take());
        if let Some((subject, expected, body)) = change.row {
            held.subjects.insert(
                subject,
                StoredRow {
                    version: expected + 1,
                    body,
                },
            );
        }
        held.receipts.extend(change.receipt);
        Ok(Committed::Done)
    }

    async fn receipts(
        &self,
        tenant: &TenantRef,
        after: u64,
    ) -> Result<Vec<StoredReceipt>, StoreError> {
        let tenants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let receipts = tenants
            .get(tenant)
            .into_iter()
            .flat_map(|held| &held.receipts);
        Ok(receipts
            .filter(|receipt| receipt.sequence > after)
            .cloned()
            .collect())
    }
}

/// A key-encryption key per tenant, drawn when first asked for and lost with the process.
///
/// ```compile_fail
/// let keks = skeleton_pii_crypto::DevKek::default(); // without the permission of `Development`
/// ```
#[derive(Debug)]
pub struct DevKek(Mutex<HashMap<TenantRef, Kek>>);

impl DevKek {
    /// No keys yet.
    #[must_use]
    pub fn new(_: Development) -> Self {
        Self(Mutex::default())
    }
}

#[async_trait]
impl KekProvider for DevKek {
    async fn current(&self, tenant: &TenantRef) -> Result<Kek, KekError> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kek) = keys.get(tenant) {
            return Ok(kek.clone());
        }
        let mut key = [0; 32];
        random(&mut key).map_err(KekError::unavailable)?;
        let kek = Kek::new(1, key);
        keys.insert(tenant.clone(), kek.clone());
        Ok(kek)
    }

    async fn get(&self, tenant: &TenantRef, epoch: u32) -> Result<Option<Kek>, KekError> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.get(tenant).filter(|kek| kek.epoch() == epoch).cloned())
    }
}
