//! The port: where rows and receipts are kept. A store compares, sets and keeps; it decides nothing.

use std::sync::Arc;

use async_trait::async_trait;

use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The store cannot be had.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the key store is unavailable")]
pub struct StoreError(#[source] Arc<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// A store that cannot be had, for this reason.
    pub fn unavailable(source: impl Into<BoxError>) -> Self {
        Self(Arc::from(source.into()))
    }

    /// A row past its cap is not kept: it could not be read any more, and its keys never be destroyed.
    pub(crate) fn row_past_cap() -> Self {
        Self::unavailable("a row of keys is at most 64 KiB")
    }
}

/// A row as a store keeps it. What is in it is the core's business.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it from their rows")]
pub struct StoredRow {
    /// How often it was written, from 1.
    pub version: u64,
    /// Opaque, at most 64 KiB.
    pub body: Vec<u8>,
}

/// A receipt as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it from their rows")]
pub struct StoredReceipt {
    /// Its place in the tenant's chain, from 1.
    pub sequence: u64,
    /// Opaque.
    pub body: Vec<u8>,
}

/// What a read sees: one committed state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it from their rows")]
pub struct Rows {
    /// The tenant's own row; none until it is first written.
    pub tenant: Option<Vec<u8>>,
    /// One for each subject asked for, in that order.
    pub rows: Vec<Option<StoredRow>>,
    /// The last receipt; none if there is none.
    pub head: Option<StoredReceipt>,
}

/// All that one commit changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "it is the port's own vocabulary")]
pub struct Change {
    /// The tenant's row, written only if there is none.
    pub tenant: Option<Vec<u8>>,
    /// A subject's row, and the version it must have now; 0 for a row that must not exist.
    pub row: Option<(SubjectId, u64, Vec<u8>)>,
    /// A receipt. Its sequence must be one above the head's.
    pub receipt: Option<StoredReceipt>,
}

/// What became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever commits has to answer each"
)]
pub enum Committed {
    /// All of it is kept.
    Done,
    /// Nothing is: the tenant has a row already.
    TenantExists,
    /// Nothing is: the subject's row has another version.
    RowMoved,
    /// Nothing is: the chain of receipts has another head.
    HeadMoved,
}

/// Keeps rows and receipts, tenant by tenant.
///
/// Dyn-compatible on purpose: a router hands out stores of several kinds.
#[async_trait]
pub trait KeyStore: Send + Sync + 'static {
    /// Reads rows. Sees every commit that has finished.
    async fn read(&self, tenant: &TenantRef, subjects: &[SubjectId]) -> Result<Rows, StoreError>;

    /// Writes all of `change`, or nothing of it.
    async fn commit(&self, tenant: &TenantRef, change: Change) -> Result<Committed, StoreError>;

    /// The receipts after a sequence, in order and without gaps.
    async fn receipts(
        &self,
        tenant: &TenantRef,
        after: u64,
    ) -> Result<Vec<StoredReceipt>, StoreError>;
}
