//! The span of an invocation.
//!
//! Never in it, and never in an event: addresses, user agents, header values, hashes of keys, sessions, roles.

use ::tracing::Span;
use ::tracing::field::Empty;
use ::tracing::field::display;

use crate::access::Access;
use crate::access::AccessKind;
use crate::account::ActorKind;
use crate::context::InvocationContext;
use crate::trace::MadeBy;

impl<A: AccessKind> InvocationContext<A> {
    /// The span `invocation`, at level ERROR so that filters keep it. What is not known yet is recorded later, by
    /// [`InvocationContext::record`].
    #[must_use]
    pub fn span(&self) -> Span {
        let trace = self.trace();
        let external = trace.external();
        let span = ::tracing::error_span!(
            "invocation",
            invocation.id = %trace.current(),
            invocation.parent_id = Empty,
            invocation.originating_id = %trace.originating(),
            invocation.external_id = %external.invocation(),
            invocation.action_id = %external.action(),
            invocation.step = trace.step().as_str(),
            invocation.made_by = made_by(external.made_by()),
            tenant.id = Empty,
            account.id = Empty,
            actor.kind = Empty,
            actor.accountable_id = Empty,
            test = Empty,
        );
        if let Some(parent) = trace.parent() {
            span.record("invocation.parent_id", display(parent));
        }
        self.record(&span);
        span
    }

    /// Records who calls into a span made by [`InvocationContext::span`]: do so once the caller is known, or is known to
    /// stay anonymous. Nothing is recorded while neither a caller nor a tenant is known.
    pub fn record(&self, span: &Span) {
        if span.is_disabled() {
            return;
        }
        match self.access().to_access() {
            Access::Authenticated(known) => {
                let (actor, effective) = (known.actor(), known.effective());
                span.record("tenant.id", display(known.tenant()));
                span.record("test", effective.is_test());
                span.record("account.id", display(effective.id()));
                span.record("actor.kind", actor_kind(actor.kind()));
                span.record(
                    "actor.accountable_id",
                    display(actor.accountable_account().id()),
                );
            }
            Access::Unauthenticated(unknown) => {
                if let Some(tenant) = unknown.requested() {
                    span.record("tenant.id", display(tenant.id()));
                    span.record("test", tenant.is_test());
                }
            }
        }
    }
}

const fn made_by(made_by: MadeBy) -> &'static str {
    match made_by {
        MadeBy::Client => "client",
        MadeBy::Edge => "edge",
        MadeBy::Service => "service",
    }
}

const fn actor_kind(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::Direct => "direct",
        ActorKind::Impersonating => "impersonating",
        ActorKind::OnBehalf => "on-behalf",
    }
}

/// Says that a client's request was refused at the edge, or that it tried to bring headers of the platform.
#[cfg(feature = "tower")]
pub(crate) fn report_admission(
    admitted: &Result<(InvocationContext, usize), crate::problem::Problem>,
) {
    match admitted {
        Ok((_, 0)) => {}
        Ok((_, count)) => ::tracing::debug!(count, "context.headers_stripped"),
        Err(problem) => ::tracing::debug!(reason = problem.code(), "context.refused"),
    }
}
