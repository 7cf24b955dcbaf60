use skeleton_invocation_context::{Authenticated, EventContext, InvocationContext};

fn act(_: InvocationContext<Authenticated>) {}

fn replay(event: EventContext) {
    act(event);
}

fn main() {}
