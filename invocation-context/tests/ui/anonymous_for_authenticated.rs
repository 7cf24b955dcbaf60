use skeleton_invocation_context::{Authenticated, InvocationContext, Unauthenticated};

fn handler(_: InvocationContext<Authenticated>) {}

fn call(anonymous: InvocationContext<Unauthenticated>) {
    handler(anonymous);
}

fn main() {}
