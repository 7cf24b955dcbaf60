use skeleton_authz::Decision;

fn is_allowed(decision: &Decision) -> bool {
    match decision {
        Decision::Allow(_) => true,
    }
}

fn main() {}
