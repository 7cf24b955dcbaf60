//! One process with its attempt, and what may happen to it.

use core::time::Duration;

use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::testing::context;

use super::Delivery;
use super::LEASE;
use super::LOSSES;
use super::Move;
use super::RETENTION;
use super::UNIT;
use super::at;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::ask::Fence;
use crate::ask::Mode;
use crate::ask::Owner;
use crate::attempt::Attempt;
use crate::attempt::Phase;
use crate::attempt::Resolution;
use crate::attempt::Terms;
use crate::fingerprint::Fingerprint;
use crate::key::IdempotencyKey;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;

/// What waits for its answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Question {
    Claim,
    Beat(Fence),
    Complete(Fence, Conclusion),
    Release(Fence, NoEffect),
    Reconcile(u64, Found),
    LookUp,
    Watch(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Handler {
    NotYet,
    Runs {
        has_acted: bool,
    },
    /// It was to be dropped, and was not.
    RunsOn {
        has_acted: bool,
    },
    Ended,
}

/// One process with its attempt.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) attempt: Attempt,
    pub(super) asked: Option<Question>,
    /// A message that was delivered, and may be so again.
    pub(super) copy: Option<(Owner, Question)>,
    pub(super) handler: Handler,
    /// The final answer with which its handler ended.
    pub(super) ended_with: Option<Answer>,
    pub(super) told: Option<Resolution>,
    pub(super) is_gone: bool,
    pub(super) number: u8,
    pub(super) tries: u8,
}

fn key() -> IdempotencyKey {
    let tenant = TenantId::from_bytes([1; 16]).unwrap();
    let ctx = context().user_in(tenant).made_by(MadeBy::Client).build();
    IdempotencyKey::of(&ctx, &operation!("transfer")).unwrap()
}

pub(super) fn process(mode: Mode, payload: u8, number: u8) -> Process {
    let owner = Owner::from_bytes([number; 16]).unwrap();
    let fingerprint = Fingerprint::from_bytes([payload; 17]);
    let ask = Ask::new(key(), fingerprint, mode, owner, at(RETENTION));
    let terms = Terms {
        lease: LEASE,
        max_run: Duration::from_millis(3 * UNIT),
        patience: Duration::from_millis(UNIT),
        persistence: Duration::from_millis(UNIT),
        reconciles: mode == Mode::AtMostOnce,
    };
    Process {
        attempt: Attempt::new(ask, terms),
        asked: None,
        copy: None,
        handler: Handler::NotYet,
        ended_with: None,
        told: None,
        is_gone: false,
        number,
        tries: 0,
    }
}

impl Process {
    pub(super) const fn is_running(&self) -> Option<bool> {
        match self.handler {
            Handler::Runs { has_acted } | Handler::RunsOn { has_acted } => Some(has_acted),
            Handler::NotYet | Handler::Ended => None,
        }
    }

    pub(super) fn moves(&self, nth: usize, now: u64, losses: u8, moves: &mut Vec<Move>) {
        if self.is_gone {
            moves.extend(self.copy.is_some().then_some(Move::Copy(nth)));
            return;
        }
        if self.attempt.phase == Phase::New {
            moves.push(Move::Begin(nth));
            return;
        }
        moves.extend(self.copy.is_some().then_some(Move::Copy(nth)));
        match &self.asked {
            Some(Question::LookUp) => {
                moves.extend([Move::Found(nth, true), Move::Found(nth, false)]);
            }
            Some(Question::Watch(_)) => moves.push(Move::Deliver(nth, Delivery::Arrives)),
            Some(_) => {
                moves.push(Move::Deliver(nth, Delivery::Arrives));
                if losses < LOSSES && nth == 0 {
                    moves.push(Move::Deliver(nth, Delivery::AnswerLost));
                    moves.push(Move::Deliver(nth, Delivery::Lost));
                }
            }
            None => {}
        }
        if self
            .attempt
            .wakes_at()
            .is_some_and(|wakes_at| wakes_at <= at(now))
        {
            moves.push(Move::Wake(nth));
        }
        match self.is_running() {
            // The first process does whatever a process can do, the others what they should.
            Some(false) if nth == 0 => moves.extend([
                Move::Act(nth),
                Move::EndsWithoutEffect(nth),
                Move::Panics(nth),
            ]),
            Some(false) => moves.push(Move::Act(nth)),
            Some(true) if nth == 0 => {
                moves.extend([Move::EndsWell(nth), Move::EndsInDoubt(nth)]);
            }
            Some(true) => moves.push(Move::EndsWell(nth)),
            None => {}
        }
        if !self.attempt.is_over() && nth == 0 {
            moves.extend([Move::Crash(nth), Move::Drain(nth)]);
        }
    }
}
