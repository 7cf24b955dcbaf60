//! What an event remembers of the invocation that caused it.

use crate::access::Access;
use crate::access::AccessKind;
use crate::account::Actor;
use crate::authentication::Authentication;
use crate::context::InvocationContext;
use crate::id::EventId;
use crate::id::TenantId;
use crate::locale::Locale;
use crate::toggle::Toggles;
use crate::trace::Trace;

/// The events that led to an event: the first one, and the one before. Both or neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Lineage<I> {
    originating: I,
    parent: I,
}

impl<I: Copy> Lineage<I> {
    /// The chain's first event and its latest.
    #[must_use]
    pub const fn new(originating: I, parent: I) -> Self {
        Self {
            originating,
            parent,
        }
    }

    /// The first event of the chain.
    #[must_use]
    pub const fn originating(&self) -> I {
        self.originating
    }

    /// The event before.
    #[must_use]
    pub const fn parent(&self) -> I {
        self.parent
    }
}

/// Who caused an event, as far as the event keeps it: no provenance, no roles.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a caller is known or unknown")]
pub enum EventAccess {
    /// A known caller.
    Authenticated {
        /// Who acted.
        actor: Actor,
        /// How that was proved.
        authentication: Authentication,
    },
    /// An unknown caller.
    Unauthenticated {
        /// The tenant that the door asked for.
        tenant: Option<TenantId>,
    },
}

/// The part of a context that an event carries.
///
/// It is a document, not an authority: nothing turns it back into the caller's context.
///
/// ```compile_fail
/// use skeleton_invocation_context::*;
/// fn act(_: InvocationContext<Authenticated>) {}
/// fn replay(event: EventContext) {
///     act(event);
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventContext {
    pub(crate) trace: Trace,
    pub(crate) access: EventAccess,
    pub(crate) toggles: Toggles,
    pub(crate) locale: Option<Locale>,
    pub(crate) is_test: bool,
    pub(crate) lineage: Option<Lineage<EventId>>,
    pub(crate) sealed_provenance: Option<String>,
}

impl EventContext {
    /// What an event caused by `ctx` carries.
    #[must_use]
    pub fn of<A: AccessKind>(ctx: &InvocationContext<A>) -> Self {
        let access = match ctx.access().to_access() {
            Access::Authenticated(known) => EventAccess::Authenticated {
                actor: known.actor().reduced(),
                authentication: known.authentication().clone(),
            },
            Access::Unauthenticated(unknown) => EventAccess::Unauthenticated {
                tenant: unknown.requested().map(crate::RequestedTenant::id),
            },
        };
        Self {
            trace: ctx.trace().clone(),
            access,
            toggles: ctx.toggles().clone(),
            locale: ctx.locale(),
            is_test: ctx.is_test(),
            lineage: None,
            sealed_provenance: None,
        }
    }

    /// Notes the event that this one reacts to; the first event of the chain is kept.
    #[must_use]
    pub fn caused_by(self, event: EventId, its_context: &Self) -> Self {
        let first = its_context
            .lineage
            .map_or(event, |lineage| lineage.originating);
        Self {
            lineage: Some(Lineage::new(first, event)),
            ..self
        }
    }

    /// The ids of the hop that made the event.
    #[must_use]
    pub const fn trace(&self) -> &Trace {
        &self.trace
    }

    /// Who caused it.
    #[must_use]
    pub const fn access(&self) -> &EventAccess {
        &self.access
    }

    /// Who acted; none if the caller was unknown.
    #[must_use]
    pub const fn actor(&self) -> Option<&Actor> {
        match &self.access {
            EventAccess::Authenticated { actor, .. } => Some(actor),
            EventAccess::Unauthenticated { .. } => None,
        }
    }

    /// The toggles under which it happened.
    #[must_use]
    pub const fn toggles(&self) -> &Toggles {
        &self.toggles
    }

    /// The locale of the invocation.
    #[must_use]
    pub const fn locale(&self) -> Option<Locale> {
        self.locale
    }

    /// Whether it was a test.
    #[must_use]
    pub const fn is_test(&self) -> bool {
        self.is_test
    }

    /// The events that led to it.
    #[must_use]
    pub const fn lineage(&self) -> Option<Lineage<EventId>> {
        self.lineage
    }
}

/// What can tell an event who caused it: a context, or the context of the event before.
pub trait EventOrigin: Send + Sync {
    /// The part of a context that an event carries.
    fn event_context(&self) -> EventContext;
}

impl<A: AccessKind> EventOrigin for InvocationContext<A> {
    fn event_context(&self) -> EventContext {
        EventContext::of(self)
    }
}

impl EventOrigin for EventContext {
    fn event_context(&self) -> EventContext {
        self.clone()
    }
}
