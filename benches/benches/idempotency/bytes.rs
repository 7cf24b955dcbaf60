//! What a live key takes that has no answer yet: counts, no times.

use std::fs;
use std::time::Duration;

use criterion::Criterion;
use skeleton_benches::kept;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::Hold;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Store as _;
use skeleton_idempotency::Transactions as _;
use skeleton_idempotency::TxStore as _;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::operation;

use crate::world::Invocations;
use crate::world::PAYLOAD;
use crate::world::memory;
use crate::world::note;
use crate::world::runtime;
use crate::world::scaled;

const LEASE: Duration = Duration::from_secs(30);
/// A record is kept for the window and somewhat longer.
const KEPT: Duration = Duration::from_secs(24 * 3_600 + 1_200);

pub(crate) fn bytes(_: &mut Criterion) {
    note("idem-bytes-100k", in_memory(scaled(100_000)));
    note("idem-bytes-1m", in_memory(scaled(1_000_000)));
    note("idem-bytes-sqlite", in_file(scaled(100_000)));
}

/// So many asks of new invocations.
fn asks(len: usize) -> impl Iterator<Item = Ask> {
    let (invocations, keys) = (Invocations::now(), FingerprintKeys::new([7; 32]));
    let fingerprint = keys.of_bytes(PAYLOAD.as_bytes());
    (0..len as u64).map(move |number| {
        let ctx = invocations.context(number);
        let key = IdempotencyKey::of(&ctx, &operation!("transfer-money")).unwrap();
        let made_at = key.made_at();
        let owner = Owner::generate(&RandomIds, made_at);
        Ask::new(
            key,
            fingerprint,
            Mode::AtMostOnce,
            owner,
            made_at.saturating_add(KEPT),
        )
    })
}

/// Bytes of the heap per key.
fn in_memory(len: usize) -> u64 {
    let runtime = runtime();
    let (store, bytes) = kept(|| {
        let store = memory();
        runtime.block_on(async {
            for ask in asks(len) {
                let claim = store.claim(&ask, LEASE).await;
                assert!(matches!(claim, Ok(Claim::Granted(_))));
            }
        });
        store
    });
    assert_eq!(store.len(), len);
    bytes.div_ceil(len as u64)
}

/// Bytes of the file per key.
fn in_file(len: usize) -> u64 {
    let dir = tempfile::tempdir_in(skeleton_benches::target()).unwrap();
    let file = dir.path().join("keys.db");
    runtime().block_on(async {
        let store = SqliteStore::open(&file, SystemClock).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        for ask in asks(len) {
            let claim = store.claim_in(&mut tx, &ask, Hold::Lease(LEASE)).await;
            assert!(matches!(claim, Ok(Claim::Granted(_))));
        }
        store.commit(tx).await.unwrap();
        // The last connection takes what the log holds into the file.
        store.close().await;
    });
    fs::metadata(file).unwrap().len().div_ceil(len as u64)
}
