use skeleton_invocation_context::{Actor, Impersonated, Impersonator};

fn swapped(by: Impersonator, of: Impersonated) {
    let _ = Actor::impersonating(of, by);
}

fn main() {}
