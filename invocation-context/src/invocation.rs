//! A command or a query with its context.

use crate::access::Access;
use crate::access::AccessKind;
use crate::context::InvocationContext;

/// One command or query with its context: what every engine takes, whatever door it came through.
#[derive(Clone, Debug)]
pub struct Invocation<T, A: AccessKind = Access> {
    context: InvocationContext<A>,
    payload: T,
}

impl<T, A: AccessKind> Invocation<T, A> {
    /// Joins a context and a payload.
    #[must_use]
    pub const fn new(context: InvocationContext<A>, payload: T) -> Self {
        Self { context, payload }
    }

    /// Who calls.
    #[must_use]
    pub const fn context(&self) -> &InvocationContext<A> {
        &self.context
    }

    /// What is asked.
    #[must_use]
    pub const fn payload(&self) -> &T {
        &self.payload
    }

    /// Both, taken apart.
    #[must_use]
    pub fn into_parts(self) -> (InvocationContext<A>, T) {
        (self.context, self.payload)
    }
}
