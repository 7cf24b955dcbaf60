//! The span of an attempt, and the events in it: an operation, a mode, and how it went. Never a key, a payload or an answer.

use tracing::Span;
use tracing::field::Empty;

use crate::ask::Ask;
use crate::ask::Mode;
use crate::observe::Signal;
use crate::observe::StoreVerb;

/// The span `idempotency`, at level ERROR so that filters keep it. What is not known yet is recorded later.
pub(crate) fn span(ask: &Ask) -> Span {
    tracing::error_span!(
        target: "idempotency",
        "idempotency",
        idempotency.operation = ask.key().operation().as_str(),
        idempotency.mode = name(ask.mode()),
        idempotency.flow = ask.key().is_in_flow(),
        idempotency.result = Empty,
        idempotency.epoch = Empty,
        idempotency.waited_ms = Empty,
    )
}

/// Under which grant the handler runs.
pub(crate) fn granted(epoch: u64) {
    Span::current().record("idempotency.epoch", epoch);
}

/// What happened, where it matters to whoever reads a log.
pub(crate) fn happened(ask: &Ask, signal: Signal) {
    let operation = ask.key().operation().as_str();
    match signal {
        Signal::Answered(result) => {
            Span::current().record("idempotency.result", result.name());
            tracing::debug!(target: "idempotency", operation, result = result.name(), "answered");
        }
        Signal::Waited(waited) => {
            let millis = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
            Span::current().record("idempotency.waited_ms", millis);
        }
        Signal::Tombstone => {
            tracing::debug!(target: "idempotency", operation, "tombstone");
        }
        Signal::StoreError(verb) => {
            tracing::warn!(target: "idempotency", operation, verb = verb_name(verb), "store-unavailable");
        }
        Signal::Fenced => tracing::warn!(target: "idempotency", operation, "fenced"),
        Signal::DroppedGrant => tracing::warn!(target: "idempotency", operation, "dropped-grant"),
        Signal::Unknown => tracing::error!(target: "idempotency", operation, "unknown"),
        Signal::Ran(_) | Signal::AnswerBytes(_) | Signal::RetryAge(_) | Signal::Detached => {}
    }
}

const fn name(mode: Mode) -> &'static str {
    match mode {
        Mode::Transactional => "transactional",
        Mode::Resumable => "resumable",
        Mode::AtMostOnce => "at-most-once",
    }
}

const fn verb_name(verb: StoreVerb) -> &'static str {
    match verb {
        StoreVerb::Claim => "claim",
        StoreVerb::Heartbeat => "heartbeat",
        StoreVerb::Complete => "complete",
        StoreVerb::Release => "release",
        StoreVerb::Reconcile => "reconcile",
    }
}
