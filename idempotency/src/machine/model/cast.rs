//! Who takes part in a history, and what each is about.

use core::time::Duration;

use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::context;

use super::LEASE;
use super::RETENTION;
use crate::ask::Ask;
use crate::ask::Hold;
use crate::ask::Mode;
use crate::ask::Owner;
use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;

/// Two attempts are walked through with every test run, three when the compiler optimises: `scripts/check` does both.
pub(super) const IS_FULL: bool = cfg!(not(debug_assertions));

/// What an attempt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    TheSame,
    AnotherPayload,
    AnotherOperation,
}

/// Who takes part in a history.
pub(super) struct Cast {
    pub(super) mode: Mode,
    pub(super) hold: Hold,
    pub(super) asks: Vec<Ask>,
}

impl Cast {
    pub(super) fn of((mode, hold): (Mode, Hold), about: &[About]) -> Self {
        let asks = about
            .iter()
            .zip(1..)
            .map(|(about, number)| ask(mode, *about, number));
        Self {
            mode,
            hold,
            asks: asks.collect(),
        }
    }
}

fn ask(mode: Mode, about: About, number: u8) -> Ask {
    let tenant = TenantId::from_bytes([1; 16]).unwrap();
    let ctx = context().user_in(tenant).made_by(MadeBy::Client).build();
    let named = |name| Operation::parse(name).unwrap();
    let (operation, payload) = match about {
        About::TheSame => (named("transfer"), 1),
        About::AnotherPayload => (named("transfer"), 2),
        About::AnotherOperation => (named("close"), 1),
    };
    let key = IdempotencyKey::of(&ctx, &operation).unwrap();
    let owner = Owner::from_bytes([number; 16]).unwrap();
    let fingerprint = Fingerprint::from_bytes([payload; 17]);
    Ask::new(key, fingerprint, mode, owner, at(RETENTION))
}

pub(super) fn at(millis: u64) -> Timestamp {
    Timestamp::from_millis(millis)
}

/// Every cast, in every mode.
pub(super) fn all() -> Vec<Cast> {
    let leased = Hold::Lease(Duration::from_millis(LEASE));
    let holds = [
        (Mode::Transactional, Hold::Commit),
        (Mode::Transactional, Hold::Log),
        (Mode::Resumable, leased),
        (Mode::AtMostOnce, leased),
    ];
    let two: [&[About]; 3] = [
        &[About::TheSame, About::TheSame],
        &[About::TheSame, About::AnotherPayload],
        &[About::TheSame, About::AnotherOperation],
    ];
    let three: [&[About]; 2] = [
        &[About::TheSame, About::TheSame, About::AnotherPayload],
        &[About::TheSame, About::TheSame, About::TheSame],
    ];
    let three = if IS_FULL { three.as_slice() } else { &[] };
    let about = two.iter().chain(three);
    let all = about.flat_map(|about| holds.map(|hold| Cast::of(hold, about)));
    all.collect()
}
