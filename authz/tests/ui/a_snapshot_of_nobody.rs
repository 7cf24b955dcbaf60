use skeleton_authz::Authorizer;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Unauthenticated;

fn anonymous(authorizer: &Authorizer, ctx: &InvocationContext<Unauthenticated>) {
    let _ = authorizer.snapshot(ctx);
}

fn whoever(authorizer: &Authorizer, ctx: &InvocationContext) {
    let _ = authorizer.snapshot(ctx);
}

fn main() {}
