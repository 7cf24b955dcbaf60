use skeleton_invocation_context::{Impersonated, Impersonation, Impersonator};

fn literal(impersonator: Impersonator, impersonated: Impersonated) -> Impersonation {
    Impersonation { impersonator, impersonated }
}

fn main() {}
