use skeleton_idempotency::Engine;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::InTransaction;
use skeleton_invocation_context::SystemClock;

fn main() {
    let _engine = Engine::builder(InTransaction, FingerprintKeys::new([7; 32]), SystemClock).build();
}
