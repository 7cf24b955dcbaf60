use skeleton_authn::Argon2Cost;
use skeleton_authn::Authn;
use skeleton_authn::HashingPool;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;

fn main() {
    let _ = Authn::builder().hashing(HashingPool::new(Argon2Cost::FLOOR)).build(SystemClock, RandomIds);
}
