//! Each verb has its own reply. The core never mixes them up; if it did, the caller would be told what stops it.

use skeleton_idempotency::Beat;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Reconciled;
use skeleton_idempotency::Released;
use skeleton_idempotency::Reply;

pub(super) fn claim(reply: Reply) -> Claim {
    match reply {
        Reply::Claim(claim) => claim,
        _ => Claim::Mismatch,
    }
}

pub(super) fn beat(reply: Reply) -> Beat {
    match reply {
        Reply::Beat(beat) => beat,
        _ => Beat::Lost { answer: None },
    }
}

pub(super) fn completed(reply: Reply) -> Completed {
    match reply {
        Reply::Completed(completed) => completed,
        _ => Completed::Gone,
    }
}

pub(super) fn released(reply: Reply) -> Released {
    match reply {
        Reply::Released(released) => released,
        _ => Released::Gone,
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as the others take it")]
pub(super) fn reconciled(reply: Reply) -> Reconciled {
    match reply {
        Reply::Reconciled(reconciled) => reconciled,
        _ => Reconciled::NotInDoubt,
    }
}
