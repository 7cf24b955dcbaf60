//! A retried invocation has its effect once.

use super::Goal;
use super::added;
use super::count;
use super::nanos;
use super::over;
use super::ratio;

const MICROSECOND: f64 = 1_000.0;

pub(super) const GOALS: &[Goal] = &[
    added(
        "idem-first",
        "the layer on a first run, memory store, 1 KiB, against what axum-idempotent adds that trusts the client's key",
        [
            "idem-first/ours",
            "idem-first/axum-idempotent",
            "idem-first/bare",
        ],
        0.6,
    ),
    added(
        "idem-first-waits",
        "the same, of a handler that waits once",
        [
            "idem-first-waits/ours",
            "idem-first-waits/axum-idempotent",
            "idem-first-waits/bare",
        ],
        0.6,
    ),
    added(
        "idem-replay",
        "the layer on a replay, against the same",
        [
            "idem-replay/ours",
            "idem-replay/axum-idempotent",
            "idem-replay/bare",
        ],
        0.8,
    ),
    added(
        "idem-first-hashing",
        "the layer on a first run, against axum-idempotent when it looks at the payload, as it does by default",
        [
            "idem-first/ours",
            "idem-first/axum-idempotent-hashing",
            "idem-first/bare",
        ],
        0.6,
    ),
    added(
        "idem-replay-hashing",
        "the same on a replay",
        [
            "idem-replay/ours",
            "idem-replay/axum-idempotent-hashing",
            "idem-replay/bare",
        ],
        0.8,
    ),
    nanos(
        "idem-core",
        "key, fingerprint, steps, claim and completion in memory, 1 KiB of JSON",
        "idem-core/whole",
        5.0 * MICROSECOND,
    ),
    count("idem-core-alloc", "allocations of the same", 3),
    ratio(
        "idem-tx",
        "business transaction with key, SQLite, synchronous FULL, against the bare one, p50",
        "idem-tx-keyed",
        "idem-tx-bare",
        1.05,
    ),
    over(
        "idem-tx-normal",
        "the same with NORMAL, beyond the bare one",
        "idem-tx-normal-keyed",
        "idem-tx-normal-bare",
        20.0 * MICROSECOND,
    ),
    count("idem-dup-runs", "runs of 10k duplicates of one key", 1),
    count("idem-dup-trips", "trips to the store of the same", 3),
    count(
        "idem-bytes-100k",
        "bytes per live key without answer, memory, 100k keys",
        200,
    ),
    count("idem-bytes-1m", "the same, 1M keys", 200),
    count(
        "idem-bytes-sqlite",
        "bytes of the file per live key without answer, SQLite, 100k keys",
        220,
    ),
];
