use skeleton_invocation_context::{Authenticated, InvocationContext};

fn handler(_: InvocationContext<Authenticated>) {}

fn call(either: InvocationContext) {
    handler(either);
}

fn main() {}
