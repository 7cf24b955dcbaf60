//! One caller and the invocations that it names, one payload, one engine.

use std::fmt::Write as _;
use std::sync::LazyLock;

use skeleton_idempotency::Capacity;
use skeleton_idempotency::Engine;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::Limits;
use skeleton_idempotency::MemoryStore;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Store;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Clock as _;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::context;
use tokio::runtime::Runtime;

/// How large the payload is, and the answer.
const KIB: usize = 1024;

/// A transfer of some lines, exactly 1 KiB, as a client's serializer writes it: without spaces, its members in no order.
pub(crate) static PAYLOAD: LazyLock<String> = LazyLock::new(|| {
    let mut text =
        String::from(r#"{"to":"01KJMJK4P0H88HDF0Q6A7QPXKP","amount":"1999.00","lines":["#);
    for line in 0..12 {
        let comma = if line == 0 { "" } else { "," };
        // Writing to a string does not fail.
        let _written = write!(
            text,
            r#"{comma}{{"number":{line},"article":"A-0000{line:02}","quantity":1,"price":"166.58"}}"#
        );
    }
    text.push_str(r#"],"is_urgent":false,"memo":""#);
    let padding = KIB - text.len() - r#""}"#.len();
    text.extend(std::iter::repeat_n('m', padding));
    text.push_str(r#""}"#);
    assert_eq!(text.len(), KIB);
    text
});

/// Whether this run only looks whether everything runs.
pub(crate) fn is_smoke() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// So many; few if no figure is wanted.
pub(crate) fn scaled(len: usize) -> usize {
    if is_smoke() { len.min(100) } else { len }
}

/// Notes a figure, unless this run is too small to mean anything.
pub(crate) fn note(id: &str, figure: u64) {
    if !is_smoke() {
        skeleton_benches::note(id, figure);
    }
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Room for whatever a bench keeps.
pub(crate) fn memory() -> MemoryStore {
    MemoryStore::new(Capacity::mib(4 * KIB), SystemClock)
}

/// An engine of one mode, whose callers may wait in any number.
pub(crate) fn engine<S: Store>(store: S, mode: Mode) -> Engine<S> {
    let limits = Limits::default()
        .with_waiters(usize::MAX)
        .with_waiters_per_key(usize::MAX);
    Engine::builder(store, FingerprintKeys::new([7; 32]), SystemClock)
        .mode(mode)
        .limits(limits)
        .build()
        .unwrap()
}

/// What one user of one tenant asks for: invocations that it named just now, by number.
#[derive(Clone, Copy)]
pub(crate) struct Invocations {
    now: Timestamp,
    tenant: TenantId,
    account: AccountId,
    first: ExternalInvocationId,
}

impl Invocations {
    pub(crate) fn now() -> Self {
        let now = SystemClock.now();
        Self {
            now,
            tenant: TenantId::generate(&RandomIds, now),
            account: AccountId::generate(&RandomIds, now),
            first: ExternalInvocationId::generate(&RandomIds, now),
        }
    }

    pub(crate) fn id(&self, number: u64) -> ExternalInvocationId {
        let mut bytes = self.first.to_bytes();
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        ExternalInvocationId::from_bytes(bytes).unwrap()
    }

    pub(crate) fn context(&self, number: u64) -> InvocationContext {
        context()
            .user(self.account, self.tenant)
            .invocation(self.id(number))
            .at(self.now)
            .build()
    }
}
