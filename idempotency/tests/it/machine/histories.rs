//! The laws, over any history of a few attempts at one key.

use core::time::Duration;
use std::collections::HashSet;

use proptest::prelude::*;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Owner;
use skeleton_idempotency::Released;
use skeleton_idempotency::State;

use super::Cell;
use super::ask_in;
use super::fence;

#[derive(Clone, Debug)]
enum Step {
    Claim(usize),
    Beat(usize),
    Complete(usize),
    Doubt(usize, u64),
    Release(usize),
    Sweep,
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0_usize..6).prop_map(Step::Claim),
        2 => (0_usize..6).prop_map(Step::Beat),
        2 => (0_usize..6).prop_map(Step::Complete),
        2 => (0_usize..6, 0_u64..40_000).prop_map(|(who, after)| Step::Doubt(who, after)),
        2 => (0_usize..6).prop_map(Step::Release),
        1 => Just(Step::Sweep),
        4 => (0_u64..40_000).prop_map(Step::Wait),
    ]
}

/// A history, and what has to be remembered of it.
struct World {
    cell: Cell,
    asks: Vec<Ask>,
    /// The last fence of each attempt that was granted.
    fences: Vec<Option<Fence>>,
    released: HashSet<Owner>,
    done: Option<Answer>,
    epoch: u64,
}

impl World {
    fn of(mode: Mode) -> Self {
        let payloads = ["1", "1", "1", "1", "2", "2"];
        let asks: Vec<_> = (1..)
            .zip(payloads)
            .map(|(number, payload)| ask_in(mode, number, payload))
            .collect();
        Self {
            cell: Cell::empty(),
            fences: vec![None; asks.len()],
            asks,
            released: HashSet::new(),
            done: None,
            epoch: 0,
        }
    }

    fn claim(&mut self, who: usize) -> Result<(), TestCaseError> {
        let ask = self.asks[who].clone();
        let before = self.cell.record.clone();
        match self.cell.claim(&ask) {
            Claim::Granted(grant) => {
                prop_assert!(self.done.is_none(), "P12: a grant after done");
                prop_assert!(
                    !self.released.contains(&ask.owner()),
                    "P14: granted after its release"
                );
                prop_assert_eq!(grant.fence(), fence(&ask, grant.epoch()));
                let is_own = before
                    .as_ref()
                    .is_some_and(|held| held.owner == ask.owner());
                let is_newer = grant.epoch() == self.epoch + 1;
                prop_assert!(is_newer || is_own && grant.epoch() == self.epoch, "P4");
                if let Some(held) = before.filter(|held| held.state != State::Released) {
                    prop_assert_eq!(held.fingerprint, *ask.fingerprint(), "P5: a mismatch runs");
                }
                self.epoch = grant.epoch();
                self.fences[who] = Some(grant.fence());
            }
            Claim::Mismatch => {
                prop_assert_ne!(
                    before.map(|held| held.fingerprint),
                    Some(*ask.fingerprint())
                );
            }
            Claim::Done(answer) => prop_assert_eq!(Some(answer), self.done.clone(), "P3"),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, who: usize, step: &Step) -> Result<(), TestCaseError> {
        let Some(own) = self.fences[who] else {
            return Ok(());
        };
        let record = self.cell.record.clone().unwrap();
        let holds = matches!(own, Fence::Attempt { epoch, owner, .. } if (epoch, owner) == (record.epoch, record.owner));
        match step {
            Step::Beat(_) => {
                let is_held =
                    !matches!(self.cell.beat(own), skeleton_idempotency::Beat::Lost { .. });
                prop_assert!(holds || !is_held, "P13: told that it holds");
            }
            Step::Complete(_) => {
                let body = format!("{who}");
                if self.cell.complete(own, &body) == Completed::Stored {
                    prop_assert!(holds);
                    let State::Done { answer } = self.cell.state() else {
                        panic!("stored, not done")
                    };
                    prop_assert!(
                        self.done.is_none() || self.done.as_ref() == Some(answer),
                        "P3"
                    );
                    self.done = Some(answer.clone());
                }
            }
            Step::Doubt(_, after) => {
                let _told = self.cell.doubt(own, Duration::from_millis(*after));
            }
            _ => {
                if self.cell.release(own) == Released::Free {
                    prop_assert!(holds && self.done.is_none(), "P11");
                    self.released.insert(self.asks[who].owner());
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// P3, P4, P5, P11, P12, P13, P14.
    #[test]
    fn laws_03_04_05_11_12_13_14_hold_over_any_history(
        at_most_once in any::<bool>(), history in prop::collection::vec(step(), 0..60),
    ) {
        let mode = if at_most_once { Mode::AtMostOnce } else { Mode::Resumable };
        let mut world = World::of(mode);
        for step in history {
            match &step {
                Step::Wait(millis) => world.cell.wait(Duration::from_millis(*millis)),
                Step::Sweep => world.cell.sweep(),
                Step::Claim(who) => world.claim(*who)?,
                Step::Beat(who) | Step::Complete(who) | Step::Doubt(who, _) | Step::Release(who) => {
                    world.end(*who, &step)?;
                }
            }
            if let Some(done) = &world.done {
                prop_assert_eq!(world.cell.state(), &State::Done { answer: done.clone() }, "P3");
            }
            if mode == Mode::AtMostOnce && matches!(world.cell.record.as_ref().map(|held| &held.state), Some(State::Unknown { .. })) {
                // P1: of what is unknown nobody is granted a second run.
                for ask in &world.asks {
                    let mut cell = world.cell.clone();
                    prop_assert!(!matches!(cell.claim(ask), Claim::Granted(_)));
                }
            }
        }
    }
}
