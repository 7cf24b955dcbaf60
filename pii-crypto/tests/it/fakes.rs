//! Ports that can be watched, stopped and forged.

use core::time::Duration;
use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::Development;
use skeleton_pii_crypto::Kek;
use skeleton_pii_crypto::KekError;
use skeleton_pii_crypto::KekProvider;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::MemoryKeyStore;
use skeleton_pii_crypto::Rows;
use skeleton_pii_crypto::StoreError;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::StoredRow;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto::TimeSource;

use crate::helpers::NOW;
use crate::helpers::subject;
use crate::helpers::tenant;

/// Clocks that the test sets.
#[derive(Clone, Default)]
pub(crate) struct ManualTime(Arc<(AtomicU64, AtomicU64)>);

impl ManualTime {
    pub(crate) fn advance(&self, by: Duration) {
        self.wall(i64::try_from(by.as_millis()).unwrap());
        self.monotonic_only(by);
    }

    pub(crate) fn wall(&self, millis: i64) {
        self.0.0.fetch_add(millis.cast_unsigned(), Ordering::SeqCst);
    }

    pub(crate) fn monotonic_only(&self, by: Duration) {
        let millis = u64::try_from(by.as_millis()).unwrap();
        self.0.1.fetch_add(millis, Ordering::SeqCst);
    }
}

impl TimeSource for ManualTime {
    fn wall_millis(&self) -> u64 {
        NOW.wrapping_add(self.0.0.load(Ordering::SeqCst))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.0.1.load(Ordering::SeqCst))
    }
}

/// The memory store, with switches. Every call gives way to other tasks before and after.
#[derive(Clone)]
pub(crate) struct Store(Arc<Switches>);

struct Switches {
    memory: MemoryKeyStore,
    is_down: AtomicBool,
    commits_down: AtomicBool,
    calls: AtomicU32,
    rows: Mutex<HashMap<SubjectId, Option<StoredRow>>>,
    head: Mutex<Option<StoredReceipt>>,
    tenant: Mutex<Option<Vec<u8>>>,
}

impl Default for Store {
    fn default() -> Self {
        Self(Arc::new(Switches {
            memory: MemoryKeyStore::new(Development::i_accept_losing_every_key()),
            is_down: AtomicBool::default(),
            commits_down: AtomicBool::default(),
            calls: AtomicU32::default(),
            rows: Mutex::default(),
            head: Mutex::default(),
            tenant: Mutex::default(),
        }))
    }
}

impl Store {
    pub(crate) fn stop(&self, is_down: bool) {
        self.0.is_down.store(is_down, Ordering::SeqCst);
    }

    pub(crate) fn stop_commits(&self, is_down: bool) {
        self.0.commits_down.store(is_down, Ordering::SeqCst);
    }

    pub(crate) fn calls(&self) -> u32 {
        self.0.calls.load(Ordering::SeqCst)
    }

    /// Reads see this in place of the subject's row.
    pub(crate) fn forge(&self, user: &str, row: Option<StoredRow>) {
        self.0.rows.lock().unwrap().insert(subject(user), row);
    }

    pub(crate) fn forge_head(&self, head: StoredReceipt) {
        *self.0.head.lock().unwrap() = Some(head);
    }

    pub(crate) fn forge_tenant(&self, row: Vec<u8>) {
        *self.0.tenant.lock().unwrap() = Some(row);
    }

    pub(crate) async fn row(&self, at: &str, user: &str) -> Option<StoredRow> {
        let (at, users) = (tenant(at), [subject(user)]);
        let read = self.0.memory.read(&at, &users).await;
        read.unwrap().rows.remove(0)
    }

    fn check(&self) -> Result<(), StoreError> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        if self.0.is_down.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("stopped by the test"));
        }
        Ok(())
    }
}

#[async_trait]
impl KeyStore for Store {
    async fn read(&self, at: &TenantRef, subjects: &[SubjectId]) -> Result<Rows, StoreError> {
        self.check()?;
        tokio::task::yield_now().await;
        let mut read = self.0.memory.read(at, subjects).await?;
        for (subject, row) in subjects.iter().zip(&mut read.rows) {
            if let Some(forged) = self.0.rows.lock().unwrap().get(subject) {
                row.clone_from(forged);
            }
        }
        if let Some(forged) = &*self.0.head.lock().unwrap() {
            read.head = Some(forged.clone());
        }
        if let Some(forged) = &*self.0.tenant.lock().unwrap() {
            read.tenant = Some(forged.clone());
        }
        Ok(read)
    }

    async fn commit(&self, at: &TenantRef, change: Change) -> Result<Committed, StoreError> {
        self.check()?;
        if self.0.commits_down.load(Ordering::SeqCst) {
            return Err(StoreError::unavailable("stopped by the test"));
        }
        tokio::task::yield_now().await;
        let committed = self.0.memory.commit(at, change).await?;
        tokio::task::yield_now().await;
        Ok(committed)
    }

    async fn receipts(&self, at: &TenantRef, after: u64) -> Result<Vec<StoredReceipt>, StoreError> {
        self.check()?;
        self.0.memory.receipts(at, after).await
    }
}

/// Keys per tenant and epoch that every instance agrees on; epochs can be opened and destroyed.
#[derive(Clone, Default)]
pub(crate) struct Keks(Arc<Mutex<Epochs>>);

#[derive(Default)]
struct Epochs {
    current: u32,
    destroyed: HashSet<u32>,
    is_down: bool,
}

impl Keks {
    pub(crate) fn rotate(&self) {
        self.0.lock().unwrap().current += 1;
    }

    pub(crate) fn destroy(&self, epoch: u32) {
        self.0.lock().unwrap().destroyed.insert(epoch);
    }

    pub(crate) fn stop(&self, is_down: bool) {
        self.0.lock().unwrap().is_down = is_down;
    }

    fn key(&self, at: &TenantRef, epoch: Option<u32>) -> Result<Option<Kek>, KekError> {
        let epochs = self.0.lock().unwrap();
        if epochs.is_down {
            return Err(KekError::unavailable("stopped by the test"));
        }
        let epoch = epoch.unwrap_or(epochs.current);
        let mut key = [0x80; 32];
        for (place, byte) in key.iter_mut().zip(at.as_str().bytes()) {
            *place = byte;
        }
        key[28..].copy_from_slice(&epoch.to_be_bytes());
        Ok((!epochs.destroyed.contains(&epoch)).then(|| Kek::new(epoch, key)))
    }
}

#[async_trait]
impl KekProvider for Keks {
    async fn current(&self, at: &TenantRef) -> Result<Kek, KekError> {
        let gone = || KekError::unavailable("destroyed");
        self.key(at, None)?.ok_or_else(gone)
    }

    async fn get(&self, at: &TenantRef, epoch: u32) -> Result<Option<Kek>, KekError> {
        self.key(at, Some(epoch))
    }
}
