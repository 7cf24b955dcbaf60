use skeleton_invocation_context::{Access, AccessKind};

#[derive(Clone)]
struct Root;

impl AccessKind for Root {
    fn to_access(&self) -> Access {
        loop {}
    }
}

fn main() {}
