//! Every history of a few attempts at one key, within a few instants: each promise holds in all of them, and for each guard
//! there is one in which a promise breaks without it.

mod cast;

use core::time::Duration;

use self::cast::Cast;
use self::cast::at;
use super::*;
use crate::answer::Answer;
use crate::ask::Fence;
use crate::ask::Grant;
use crate::ask::Mode;
use crate::explorer::Broken;
use crate::explorer::explore;
use crate::record::Held;
use crate::verbs::Beat;
use crate::verbs::Completed;
use crate::verbs::Conclusion;
use crate::verbs::Found;
use crate::verbs::NoEffect;
use crate::verbs::Released;

/// Milliseconds of the model's clock.
const LEASE: u64 = 2;
pub(super) const RETENTION: u64 = 5;
const END: u64 = 7;

/// How far an attempt is, as it knows itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Attempt {
    /// The epoch of the grant that it was told of.
    told: Option<u64>,
    /// A claim of it was granted, whether it was told or not.
    was_granted: bool,
    has_acted: bool,
    /// Its handler ended with an answer, or without an effect: it acts no more.
    has_answered: bool,
    has_given_up: bool,
    has_released: bool,
    /// It was told that its answer is stored.
    was_stored: bool,
    has_ended: bool,
    is_gone: bool,
}

/// One moment of a history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Moment {
    now: u64,
    record: Option<Record>,
    attempts: Vec<Attempt>,
    effects: u8,
    done: Option<Answer>,
    epoch: u64,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    Tick,
    Sweep,
    /// Somebody looked and found that nothing had happened.
    NothingFound,
    /// A claim; its answer arrives or is lost.
    Claim(usize, bool),
    Act(usize),
    Beat(usize),
    /// The answer; its acknowledgement arrives or is lost.
    Complete(usize, bool),
    Doubt(usize),
    Release(usize, bool),
    Crash(usize),
    /// The transaction commits its effect with its answer, or is rolled back.
    Commit(usize),
    /// The log finishes the workflow that it holds.
    LogEnds,
}

fn answer(number: usize) -> Answer {
    let body = vec![u8::try_from(number).unwrap()];
    Answer::new(200).unwrap().with_body(body).unwrap()
}

impl Moment {
    fn first(attempts: usize) -> Self {
        Self {
            now: 0,
            record: None,
            attempts: vec![Attempt::default(); attempts],
            effects: 0,
            done: None,
            epoch: 0,
        }
    }

    /// What may happen next.
    fn steps(&self, cast: &Cast) -> Vec<Step> {
        let mut steps = Vec::new();
        if self.now < END {
            steps.push(Step::Tick);
        }
        if self.record.is_some() {
            steps.extend([Step::Sweep, Step::NothingFound]);
        }
        match cast.hold {
            Hold::Lease(_) => self.leased_steps(&mut steps),
            Hold::Commit => self.transaction_steps(&mut steps),
            Hold::Log => self.log_steps(&mut steps),
        }
        steps
    }

    fn transaction_steps(&self, steps: &mut Vec<Step>) {
        for (nth, attempt) in self.attempts.iter().enumerate() {
            if !attempt.has_ended {
                steps.push(Step::Claim(nth, true));
                steps.extend(attempt.told.is_some().then_some(Step::Commit(nth)));
            }
        }
    }

    fn log_steps(&self, steps: &mut Vec<Step>) {
        for (nth, attempt) in self.attempts.iter().enumerate() {
            if attempt.told.is_none() {
                steps.extend([Step::Claim(nth, true), Step::Claim(nth, false)]);
            }
        }
        steps.push(Step::LogEnds);
    }

    fn leased_steps(&self, steps: &mut Vec<Step>) {
        for (nth, attempt) in self.attempts.iter().enumerate() {
            if attempt.is_gone {
                continue;
            }
            if attempt.told.is_none() || attempt.has_released {
                // Asked for the first time, again after no answer, or a copy that comes late.
                steps.extend([Step::Claim(nth, true), Step::Claim(nth, false)]);
            }
            if attempt.told.is_some() && !attempt.has_ended {
                steps.extend([Step::Beat(nth), Step::Doubt(nth), Step::Crash(nth)]);
                if !attempt.has_given_up {
                    steps.extend([Step::Complete(nth, true), Step::Complete(nth, false)]);
                }
                if !attempt.has_acted && !attempt.has_answered {
                    steps.extend([Step::Release(nth, true), Step::Release(nth, false)]);
                    steps.extend((!attempt.has_given_up).then_some(Step::Act(nth)));
                }
            }
        }
    }

    /// The next moment, or the promise that it breaks.
    fn after(&self, guards: Guards, cast: &Cast, step: Step) -> Result<Self, Broken> {
        let mut next = self.clone();
        match step {
            Step::Tick => next.now += 1,
            Step::Sweep => {
                let record = next.record.take();
                next.record = record.and_then(|record| sweep_under(guards, record, at(self.now)));
            }
            Step::NothingFound => next.reconcile(guards, cast)?,
            Step::Claim(nth, arrives) => next.claim(guards, cast, nth, arrives)?,
            Step::Act(nth) => next.act(cast, nth)?,
            Step::Beat(nth) => next.beat(guards, cast, nth)?,
            Step::Complete(nth, arrives) => next.complete(guards, cast, nth, arrives)?,
            Step::Doubt(nth) => next.doubt(guards, cast, nth),
            Step::Release(nth, arrives) => next.release(guards, cast, nth, arrives)?,
            Step::Crash(nth) => next.attempts[nth].is_gone = true,
            Step::Commit(nth) => next.commit(guards, cast, nth)?,
            Step::LogEnds => next.log_ends(guards, cast)?,
        }
        next.keeps_what_is_done()?;
        Ok(next)
    }

    fn ask(&mut self, guards: Guards, verb: &Verb<'_>) -> Reply {
        let (record, reply) = apply_under(guards, self.record.take(), verb, at(self.now));
        self.record = record;
        reply
    }

    fn claim(
        &mut self,
        guards: Guards,
        cast: &Cast,
        nth: usize,
        arrives: bool,
    ) -> Result<(), Broken> {
        let ask = &cast.asks[nth];
        let before = self
            .record
            .clone()
            .filter(|held| !held.is_past(at(self.now)));
        let Reply::Claim(claim) = self.ask(guards, &Verb::Claim(ask, cast.hold)) else {
            return Err("a claim is answered as one");
        };
        let attempt = self.attempts[nth];
        if cast.hold == Hold::Commit {
            // It has only read: whether it was the first is decided when it commits.
            let granted = matches!(claim, Claim::Granted(_));
            self.attempts[nth].told = granted.then_some(0);
            return Ok(());
        }
        if let Claim::Granted(grant) = &claim {
            if attempt.has_released {
                return Err("P14: who gave the key back is granted it no more");
            }
            if self.done.is_some() {
                return Err("P12: what was done is granted to nobody");
            }
            if grant.epoch() < self.epoch || (grant.epoch() == self.epoch && !attempt.was_granted) {
                return Err("P4: epochs grow");
            }
            let is_open = |held: &Record| held.state != State::Released;
            let is_other = |held: &Record| {
                held.fingerprint != *ask.fingerprint() || held.operation != *ask.key().operation()
            };
            if before
                .as_ref()
                .is_some_and(|held| is_open(held) && is_other(held))
            {
                return Err("P5: another payload or operation runs under no used key");
            }
            if cast.hold == Hold::Log && grant.epoch() > self.epoch {
                self.effects += 1;
                if self.effects > 1 {
                    return Err("P1: at most one effect");
                }
            }
            self.epoch = grant.epoch();
        } else if attempt.was_granted && self.holds(cast, nth) {
            return Err("R1: a lost acknowledgement alone blocks nobody");
        }
        let granted = match claim {
            Claim::Granted(grant) => Some(grant.epoch()),
            _ => None,
        };
        let attempt = &mut self.attempts[nth];
        attempt.was_granted |= granted.is_some();
        if arrives && !attempt.has_released {
            attempt.told = granted;
            attempt.is_gone |= granted.is_none() && self.now >= RETENTION;
        }
        Ok(())
    }

    fn commit(&mut self, guards: Guards, cast: &Cast, nth: usize) -> Result<(), Broken> {
        let (ask, answer) = (&cast.asks[nth], answer(nth));
        let before = self
            .record
            .clone()
            .filter(|held| !held.is_past(at(self.now)));
        let Reply::Completed(completed) = self.ask(guards, &Verb::Finish(ask, &answer)) else {
            return Err("an end is answered as one");
        };
        self.attempts[nth].told = None;
        if completed != Completed::Stored {
            return Ok(());
        }
        self.attempts[nth].has_ended = true;
        self.effects += 1;
        if before.is_some_and(|held| held.fingerprint != *ask.fingerprint()) {
            return Err("P5: another payload or operation runs under no used key");
        }
        if self.effects > 1 {
            return Err("P1: at most one effect");
        }
        Ok(())
    }

    fn log_ends(&mut self, guards: Guards, cast: &Cast) -> Result<(), Broken> {
        let end = Conclusion::Done(answer(0));
        let verb = Verb::Complete(cast.asks[0].key(), Fence::Log, &end);
        match self.ask(guards, &verb) {
            Reply::Completed(_) => Ok(()),
            _ => Err("an end is answered as one"),
        }
    }

    /// Whether an attempt's lease lasts.
    fn holds(&self, cast: &Cast, nth: usize) -> bool {
        let owner = cast.asks[nth].owner();
        self.record.as_ref().is_some_and(|held| {
            let lasts = matches!(held.state, State::Running { held: Held::Until(until) } if until > at(self.now));
            held.owner == owner && lasts
        })
    }

    fn act(&mut self, cast: &Cast, nth: usize) -> Result<(), Broken> {
        self.attempts[nth].has_acted = true;
        self.effects += 1;
        // What resumes has its effects under one derived key: whoever receives them has them once.
        if cast.mode != Mode::Resumable && self.effects > 1 {
            return Err("P1: at most one effect");
        }
        Ok(())
    }

    fn fence(&self, cast: &Cast, nth: usize) -> Fence {
        let epoch = self.attempts[nth].told.unwrap_or(0);
        Grant::by_store(&cast.asks[nth], epoch).fence()
    }

    fn beat(&mut self, guards: Guards, cast: &Cast, nth: usize) -> Result<(), Broken> {
        let (key, fence) = (cast.asks[nth].key(), self.fence(cast, nth));
        let lease = Duration::from_millis(LEASE);
        let Reply::Beat(beat) = self.ask(guards, &Verb::Beat(key, fence, lease)) else {
            return Err("a beat is answered as one");
        };
        match beat {
            Beat::Held { .. } if !self.holds(cast, nth) => {
                Err("P13: who is told that it holds does")
            }
            Beat::Lost { .. } => {
                self.attempts[nth].has_ended = true;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn complete(
        &mut self,
        guards: Guards,
        cast: &Cast,
        nth: usize,
        arrives: bool,
    ) -> Result<(), Broken> {
        self.attempts[nth].has_answered = true;
        let (key, fence) = (cast.asks[nth].key(), self.fence(cast, nth));
        let before = self.record.clone();
        let end = Conclusion::Done(answer(nth));
        let Reply::Completed(completed) = self.ask(guards, &Verb::Complete(key, fence, &end))
        else {
            return Err("an end is answered as one");
        };
        let is_own_doubt = before.as_ref().is_some_and(|held| {
            let is_unknown = matches!(held.state, State::Unknown { .. });
            is_unknown && held.is_fenced_by(&fence) && !held.is_past(at(self.now))
        });
        if is_own_doubt && completed != Completed::Stored {
            return Err("R2: a late owner ends the doubt");
        }
        let is_others = before.as_ref().is_some_and(|held| {
            held.owner != cast.asks[nth].owner() && !held.is_past(at(self.now))
        });
        if completed == Completed::Stored && is_others {
            return Err("P3: nobody ends what somebody else holds");
        }
        if completed == Completed::Stored {
            let is_kept = self.record.as_ref().is_some_and(|held| {
                held.state
                    == State::Done {
                        answer: answer(nth),
                    }
            });
            if !is_kept {
                return Err("P2: who is told that its answer is kept can have it again");
            }
        }
        let attempt = &mut self.attempts[nth];
        if arrives {
            attempt.has_ended = true;
            attempt.was_stored = completed == Completed::Stored;
        }
        Ok(())
    }

    fn doubt(&mut self, guards: Guards, cast: &Cast, nth: usize) {
        let (key, fence) = (cast.asks[nth].key(), self.fence(cast, nth));
        let retry_after = Duration::from_millis(1);
        let end = Conclusion::InDoubt { retry_after };
        self.ask(guards, &Verb::Complete(key, fence, &end));
        self.attempts[nth].has_ended = true;
    }

    fn release(
        &mut self,
        guards: Guards,
        cast: &Cast,
        nth: usize,
        arrives: bool,
    ) -> Result<(), Broken> {
        self.attempts[nth].has_given_up = true;
        let (key, fence) = (cast.asks[nth].key(), self.fence(cast, nth));
        let before = self
            .record
            .clone()
            .filter(|held| !held.is_past(at(self.now)));
        let Reply::Released(released) = self.ask(guards, &Verb::Release(key, fence, NoEffect(())))
        else {
            return Err("a release is answered as one");
        };
        let is_others = before.is_some_and(|held| held.owner != cast.asks[nth].owner());
        if released == Released::Free && is_others {
            return Err("P11: nobody gives back what somebody else holds");
        }
        let attempt = &mut self.attempts[nth];
        attempt.has_released |= released == Released::Free;
        attempt.has_ended |= arrives;
        Ok(())
    }

    fn reconcile(&mut self, guards: Guards, cast: &Cast) -> Result<(), Broken> {
        let epoch = self.record.as_ref().map_or(0, |held| held.epoch);
        // Whoever looks does not see what is still to come: an owner that is not gone may act for as long as a run lasts.
        let runs = |(nth, attempt): (usize, &Attempt)| {
            let is_its = self
                .record
                .as_ref()
                .is_some_and(|held| held.owner == cast.asks[nth].owner());
            is_its && attempt.told.is_some() && !attempt.is_gone && !attempt.has_ended
        };
        let may_run = self.attempts.iter().enumerate().any(runs);
        if self.effects > 0 || (may_run && self.now >= END - 1) {
            return Ok(());
        }
        let found = Found::Nothing {
            after: Duration::from_millis(END),
        };
        let key = cast.asks[0].key();
        self.ask(guards, &Verb::Reconcile(key, epoch, &found));
        Ok(())
    }

    fn keeps_what_is_done(&mut self) -> Result<(), Broken> {
        let Some(record) = self.record.as_ref() else {
            return Ok(());
        };
        if record.is_past(at(self.now)) {
            return Ok(());
        }
        match (&record.state, &self.done) {
            (State::Done { answer }, None) => self.done = Some(answer.clone()),
            (State::Done { answer }, Some(done)) if answer == done => {}
            (_, Some(_)) => return Err("P3: what is done does not change"),
            (_, None) => {}
        }
        Ok(())
    }
}

/// How many moments there are, or the steps that lead to one in which a promise is broken.
fn explored(guards: Guards, cast: &Cast) -> Result<usize, (Broken, Vec<Step>)> {
    let first = Moment::first(cast.asks.len());
    let steps = |moment: &Moment| moment.steps(cast);
    explore(first, steps, |moment, step| {
        moment.after(guards, cast, step)
    })
}

#[test]
fn laws_01_to_14_hold_in_every_history() {
    let mut all = 0;
    for cast in cast::all() {
        match explored(Guards::ALL, &cast) {
            Ok(moments) => {
                all += moments;
                println!("{:?}, {:?}: {moments} moments", cast.mode, cast.hold);
            }
            Err((broken, steps)) => panic!("{:?}: {broken} after {steps:?}", cast.mode),
        }
    }
    println!("{all} moments in all, and no promise broken");
    let least = if cast::IS_FULL { 250_000 } else { 15_000 };
    assert!(all > least, "the model has lost most of its histories");
}

#[test]
fn without_any_guard_some_promise_breaks() {
    for guard in Guard::ALL {
        let broken = cast::all()
            .iter()
            .find_map(|cast| explored(Guards::without(guard), cast).err());
        match broken {
            Some((broken, steps)) => println!("{guard:?}: {broken} after {steps:?}"),
            None => panic!("nothing breaks without {guard:?}"),
        }
    }
}
