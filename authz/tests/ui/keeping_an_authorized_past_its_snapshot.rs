use skeleton_authz::Authorized;
use skeleton_authz::Authorizer;
use skeleton_authz::skeleton::container;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;

fn keep<'s>(
    authorizer: &Authorizer,
    ctx: &InvocationContext<Authenticated>,
    at: ContainerId,
) -> Authorized<'s, container::Move> {
    let snapshot = authorizer.snapshot(ctx).unwrap();
    snapshot.require(container::Move, at).unwrap()
}

fn main() {}
