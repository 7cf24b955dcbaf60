//! One engine, one clock, and callers made freely.

use skeleton_idempotency::Answer;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::IdempotencyKey;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::testing::ContextBuilder;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::context;

pub(crate) const SECRET: [u8; 32] = [0x5e; 32];
/// The tenant, the account and the invocation of the published vectors.
pub(crate) const ACME: &str = "01KERPXZM0WQ0S6RPTBK0KV9CA";
pub(crate) const ALICE: &str = "01KJMJK4P0H88HDF0Q6A7QPXKP";
pub(crate) const INVOCATION: &str = "01M83YEMHRMW96SB74TMCXA9MN";

pub(crate) fn acme() -> TenantId {
    ACME.parse().unwrap()
}

pub(crate) fn alice() -> AccountId {
    ALICE.parse().unwrap()
}

pub(crate) fn invocation() -> ExternalInvocationId {
    INVOCATION.parse().unwrap()
}

/// A minute after the invocation was named.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millis(invocation().created_at().as_millis() + 60_000)
}

/// An id of its own for each number, made when `INVOCATION` was.
pub(crate) fn invocation_no(number: u64) -> ExternalInvocationId {
    let mut bytes = invocation().to_bytes();
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    ExternalInvocationId::from_bytes(bytes).unwrap()
}

pub(crate) fn made_at(at: Timestamp) -> ExternalInvocationId {
    let mut bytes = invocation().to_bytes();
    bytes[..6].copy_from_slice(&at.as_millis().to_be_bytes()[2..]);
    ExternalInvocationId::from_bytes(bytes).unwrap()
}

pub(crate) fn alice_calls() -> ContextBuilder {
    context().user(alice(), acme()).invocation(invocation())
}

pub(crate) fn transfer() -> Operation {
    operation!("transfer-money")
}

pub(crate) fn key_of(ctx: &InvocationContext) -> IdempotencyKey {
    IdempotencyKey::of(ctx, &transfer()).unwrap()
}

pub(crate) fn keys() -> FingerprintKeys {
    FingerprintKeys::new(SECRET)
}

pub(crate) fn engine_at(at: Timestamp) -> Engine {
    Engine::in_transactions(keys(), FixedClock::at(at))
        .build()
        .unwrap()
}

pub(crate) fn engine() -> Engine {
    engine_at(now())
}

pub(crate) fn begin(ctx: &InvocationContext, operation: &Operation, payload: &str) -> Execution {
    engine().begin(ctx, operation, payload.as_bytes()).unwrap()
}

pub(crate) fn answer(body: &str) -> Answer {
    Answer::new(200)
        .unwrap()
        .with_body(body.as_bytes().to_vec())
        .unwrap()
}
