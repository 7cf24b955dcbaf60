//! Attempts at one key, driven against a store that loses and doubles messages, by processes that stall and crash: every
//! history of a few of them, within a few beats of a lease.
//!
//! What a store means is [`apply`], what an attempt does is [`step`]; between them stands a driver as simple as can be. It has
//! duties too: each mistake that a driver could make breaks a promise in some history.

mod process;

use core::time::Duration;

use self::process::Handler;
use self::process::Process;
use self::process::Question;
use self::process::process;
use super::*;
use crate::ask::Hold;
use crate::ask::Owner;
use crate::explorer::Broken;
use crate::explorer::explore;
use crate::machine::apply;
use crate::machine::sweep;
use crate::record::Record;
use crate::record::State;
use crate::verbs::Reply;
use crate::verbs::Verb;

/// One attempt is walked through with every test run, two when the compiler optimises: `scripts/check` does both.
const IS_FULL: bool = cfg!(not(debug_assertions));

/// Milliseconds from one moment to the next.
const UNIT: u64 = 50;
const LEASE: Duration = Duration::from_millis(2 * UNIT);
/// When the record is past its retention.
const RETENTION: u64 = 12;
/// The last moment.
const END: u64 = 4;
/// How many messages may be lost in one history.
const LOSSES: u8 = 1;

/// A mistake that a driver could make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mistake {
    None,
    /// It tells the caller before the store knows.
    AnswersBeforeTheRecord,
    /// It asks as another owner whenever it asks again.
    AnotherOwnerEachTime,
    /// It lets the handler run on when it is to be dropped.
    DeafToCancel,
    /// It does not tell that the store did not answer.
    SilentAboutTheStore,
}

/// One moment of a history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    now: u64,
    record: Option<Record>,
    processes: Vec<Process>,
    effects: u8,
    done: Option<Answer>,
    losses: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Delivery {
    Arrives,
    /// The store did it, and its answer got lost.
    AnswerLost,
    /// It never reached the store.
    Lost,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Move {
    Tick,
    Sweep,
    Begin(usize),
    Deliver(usize, Delivery),
    /// A message is delivered a second time.
    Copy(usize),
    Wake(usize),
    Act(usize),
    EndsWell(usize),
    EndsWithoutEffect(usize),
    EndsInDoubt(usize),
    Panics(usize),
    Crash(usize),
    Drain(usize),
    /// Somebody looked, and says the truth or nothing.
    Found(usize, bool),
}

fn at(moment: u64) -> Timestamp {
    Timestamp::from_millis(moment * UNIT)
}

fn answer(number: u8) -> Answer {
    let body = vec![number];
    Answer::new(200).unwrap().with_body(body).unwrap()
}

impl World {
    fn first(mode: Mode, payloads: &[u8]) -> Self {
        let processes = payloads.iter().zip(1..);
        let processes = processes.map(|(payload, number)| process(mode, *payload, number));
        Self {
            now: 0,
            record: None,
            processes: processes.collect(),
            effects: 0,
            done: None,
            losses: 0,
        }
    }

    fn moves(&self) -> Vec<Move> {
        let mut moves = Vec::new();
        if self.now < END {
            moves.push(Move::Tick);
        }
        if self.record.is_some() {
            moves.push(Move::Sweep);
        }
        for (nth, process) in self.processes.iter().enumerate() {
            process.moves(nth, self.now, self.losses, &mut moves);
        }
        moves
    }

    fn after(&self, mistake: Mistake, next: Move) -> Result<Self, Broken> {
        let mut world = self.clone();
        match next {
            Move::Tick => world.now += 1,
            Move::Sweep => {
                world.record = world
                    .record
                    .take()
                    .and_then(|record| sweep(record, at(self.now)));
            }
            Move::Begin(nth) => world.happens(mistake, nth, Event::Begin)?,
            Move::Deliver(nth, delivery) => world.deliver(mistake, nth, delivery)?,
            Move::Copy(nth) => {
                if let Some((owner, question)) = world.processes[nth].copy.take() {
                    world.ask(nth, owner, &question);
                }
            }
            Move::Wake(nth) => world.happens(mistake, nth, Event::Tick)?,
            Move::Act(nth) => world.act(nth)?,
            Move::EndsWell(nth) => {
                let answer = answer(world.processes[nth].number);
                world.ends(mistake, nth, End::Answer(answer))?;
            }
            Move::EndsWithoutEffect(nth) => {
                world.ends(mistake, nth, End::NoEffect(NoEffect(())))?;
            }
            Move::EndsInDoubt(nth) => world.ends(mistake, nth, End::Doubt)?,
            Move::Panics(nth) => world.ends(mistake, nth, End::Broken)?,
            Move::Crash(nth) => world.processes[nth].is_gone = true,
            Move::Drain(nth) => world.happens(mistake, nth, Event::Drain)?,
            Move::Found(nth, tells) => world.found(mistake, nth, tells)?,
        }
        world.keeps_what_is_done()?;
        world.leaves_nobody_waiting()?;
        world.forget_what_is_over();
        Ok(world)
    }

    /// Two moments that differ in what nobody will look at again are one.
    fn forget_what_is_over(&mut self) {
        for process in &mut self.processes {
            let runs_on = matches!(process.handler, Handler::RunsOn { .. });
            if (process.is_gone || process.attempt.is_over()) && !runs_on {
                process.attempt.phase = Phase::Over;
                process.attempt.patient_until = Timestamp::MIN;
                process.attempt.has_looked_up = false;
                process.is_gone = true;
                process.handler = Handler::Ended;
                process.told = None;
                process.ended_with = None;
                process.asked = None;
                process.tries = 0;
            }
        }
    }

    /// An event reaches an attempt, and its driver does what the attempt says.
    fn happens(&mut self, mistake: Mistake, nth: usize, event: Event) -> Result<(), Broken> {
        let actions = step(&mut self.processes[nth].attempt, event, at(self.now));
        for action in actions.into_iter().flatten() {
            self.perform(mistake, nth, action)?;
        }
        Ok(())
    }

    fn perform(&mut self, mistake: Mistake, nth: usize, action: Action) -> Result<(), Broken> {
        let process = &mut self.processes[nth];
        let question = match action {
            Action::Run(_) => {
                process.handler = Handler::Runs { has_acted: false };
                process.asked = None;
                if self.done.is_some() {
                    return Err("P12: what was done is run by nobody");
                }
                return Ok(());
            }
            Action::Cancel => {
                process.handler = match process.handler {
                    Handler::Runs { has_acted } if mistake == Mistake::DeafToCancel => {
                        Handler::RunsOn { has_acted }
                    }
                    _ => Handler::Ended,
                };
                return Ok(());
            }
            Action::Reply(resolution) => return self.tell(nth, resolution),
            Action::Claim => {
                if mistake == Mistake::AnotherOwnerEachTime {
                    process.tries = process.tries.saturating_add(1);
                    let number = 0x10 * process.tries + process.number;
                    let owner = Owner::from_bytes([number; 16]).unwrap();
                    let ask = Ask::clone(&process.attempt.ask).by(owner);
                    process.attempt.ask = Arc::new(ask);
                }
                Question::Claim
            }
            Action::Watch { epoch } => Question::Watch(epoch),
            Action::LookUp { .. } => Question::LookUp,
            Action::Reconcile { epoch, found } => Question::Reconcile(epoch, found),
            Action::Beat(fence) => Question::Beat(fence),
            Action::Complete(fence, end) => Question::Complete(fence, end),
            Action::Release(fence, proof) => Question::Release(fence, proof),
        };
        process.asked = Some(question);
        Ok(())
    }

    fn tell(&mut self, nth: usize, resolution: Resolution) -> Result<(), Broken> {
        let process = &self.processes[nth];
        if process.told.is_some() {
            return Err("a caller is told once");
        }
        let is_kept = |answer: &Answer| match &self.record {
            Some(record) => {
                record.is_past(at(self.now))
                    || matches!(&record.state, State::Done { answer: kept } if kept == answer)
            }
            None => self.now >= RETENTION,
        };
        match (&resolution, &process.ended_with) {
            (Resolution::First, Some(answer)) if !is_kept(answer) => {
                return Err("P2: who is answered can have the answer again");
            }
            (Resolution::Replay(answer), _) if !is_kept(answer) => {
                return Err("P2: a replay is what is kept");
            }
            (Resolution::Refused(Refusal::InProgress { .. }), _) if self.is_alone(nth) => {
                return Err("R1: a lost acknowledgement alone blocks nobody");
            }
            _ => {}
        }
        self.processes[nth].told = Some(resolution);
        Ok(())
    }

    /// Whether nobody else ever asked for the key, and its own lease was never over.
    fn is_alone(&self, nth: usize) -> bool {
        let others = self
            .processes
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != nth);
        let nobody = others
            .into_iter()
            .all(|(_, other)| other.attempt.phase == Phase::New);
        nobody && self.processes[nth].handler == Handler::NotYet
    }

    fn deliver(&mut self, mistake: Mistake, nth: usize, delivery: Delivery) -> Result<(), Broken> {
        let owner = self.processes[nth].attempt.ask.owner();
        let Some(question) = self.processes[nth].asked.take() else {
            return Ok(());
        };
        if delivery != Delivery::Arrives {
            self.losses += 1;
        }
        if delivery == Delivery::Lost {
            return self.store_down(mistake, nth);
        }
        let event = self.ask(nth, owner, &question);
        // Of the others a copy finds what it would do done already.
        if matches!(question, Question::Claim | Question::Release(..)) && nth == 0 {
            self.processes[nth].copy = Some((owner, question));
        }
        match event {
            Some(event) if delivery == Delivery::Arrives => self.happens(mistake, nth, event),
            _ => self.store_down(mistake, nth),
        }
    }

    fn store_down(&mut self, mistake: Mistake, nth: usize) -> Result<(), Broken> {
        if mistake == Mistake::SilentAboutTheStore {
            return Ok(());
        }
        self.happens(mistake, nth, Event::StoreDown)
    }

    /// The store does what it is asked.
    fn ask(&mut self, nth: usize, owner: Owner, question: &Question) -> Option<Event> {
        let ask = Ask::clone(&self.processes[nth].attempt.ask).by(owner);
        let key = ask.key();
        let verb = match question {
            Question::Claim => Verb::Claim(&ask, Hold::Lease(LEASE)),
            Question::Beat(fence) => Verb::Beat(key, *fence, LEASE),
            Question::Complete(fence, end) => Verb::Complete(key, *fence, end),
            Question::Release(fence, proof) => Verb::Release(key, *fence, *proof),
            Question::Reconcile(epoch, found) => Verb::Reconcile(key, *epoch, found),
            Question::Watch(_) => return Some(Event::Changed),
            Question::LookUp => return None,
        };
        let (record, reply) = apply(self.record.take(), &verb, at(self.now));
        self.record = record;
        Some(match reply {
            Reply::Claim(claim) => Event::Claimed(claim),
            Reply::Beat(beat) => Event::Beaten(beat),
            Reply::Completed(completed) => Event::Settled(completed),
            Reply::Released(released) => Event::Released(released),
            Reply::Reconciled(reconciled) => Event::Reconciled(reconciled),
        })
    }

    fn act(&mut self, nth: usize) -> Result<(), Broken> {
        let process = &mut self.processes[nth];
        if matches!(process.handler, Handler::RunsOn { .. }) {
            return Err("who was told that it holds no more acts no more");
        }
        process.handler = Handler::Runs { has_acted: true };
        self.effects += 1;
        let is_resumed = process.attempt.ask.mode() == Mode::Resumable;
        if self.effects > 1 && !is_resumed {
            return Err("P1: at most one effect");
        }
        // Under its derived key the receiver has it once.
        self.effects = self.effects.min(1);
        Ok(())
    }

    fn ends(&mut self, mistake: Mistake, nth: usize, end: End) -> Result<(), Broken> {
        let process = &mut self.processes[nth];
        process.handler = Handler::Ended;
        if let End::Answer(answer) = &end {
            process.ended_with = Some(answer.clone());
            if mistake == Mistake::AnswersBeforeTheRecord && process.told.is_none() {
                self.tell(nth, Resolution::First)?;
            }
        }
        self.happens(mistake, nth, Event::Ended(end))
    }

    fn found(&mut self, mistake: Mistake, nth: usize, tells: bool) -> Result<(), Broken> {
        self.processes[nth].asked = None;
        let after = Duration::from_millis(END * UNIT);
        let found = match (tells, self.effects) {
            (false, _) => None,
            (true, 0) => Some(Found::Nothing { after }),
            (true, _) => Some(Found::Done(answer(0))),
        };
        self.happens(mistake, nth, Event::LookedUp(found))
    }

    fn keeps_what_is_done(&mut self) -> Result<(), Broken> {
        let kept = match &self.record {
            Some(record) if !record.is_past(at(self.now)) => match &record.state {
                State::Done { answer } => Some(answer),
                _ => None,
            },
            _ => return Ok(()),
        };
        match (&self.done, kept) {
            (None, Some(kept)) => self.done = Some(kept.clone()),
            (Some(done), Some(kept)) if done == kept => {}
            (Some(_), _) => return Err("P3: what is done does not change"),
            (None, None) => {}
        }
        Ok(())
    }

    /// Whoever has not ended asks, runs, or will be woken.
    fn leaves_nobody_waiting(&self) -> Result<(), Broken> {
        for process in &self.processes {
            let waits = process.asked.is_some()
                || process.is_running().is_some()
                || process
                    .attempt
                    .wakes_at()
                    .is_some_and(|wakes_at| wakes_at > at(self.now));
            let has_ended =
                process.attempt.phase == Phase::New || process.attempt.is_over() || process.is_gone;
            let is_due = process
                .attempt
                .wakes_at()
                .is_some_and(|wakes_at| wakes_at <= at(self.now));
            if !has_ended && !waits && !is_due {
                return Err("nobody waits for what never comes");
            }
            if process.attempt.is_over() && process.told.is_none() && !process.is_gone {
                return Err("who has ended was told something");
            }
        }
        Ok(())
    }
}

/// How many moments there are, or the moves that lead to one in which a promise is broken.
fn explored(mistake: Mistake, first: World) -> Result<usize, (Broken, Vec<Move>)> {
    explore(first, World::moves, |world, next| {
        world.after(mistake, next)
    })
}

fn worlds() -> impl Iterator<Item = (Mode, World)> {
    let modes = [Mode::Resumable, Mode::AtMostOnce];
    let payloads: &[&[u8]] = if IS_FULL {
        &[&[1], &[1, 1], &[1, 2]]
    } else {
        &[&[1]]
    };
    modes.into_iter().flat_map(move |mode| {
        let worlds = payloads.iter();
        worlds.map(move |payloads| (mode, World::first(mode, payloads)))
    })
}

#[test]
fn attempts_keep_every_promise_in_every_history() {
    let mut all = 0;
    for (mode, world) in worlds() {
        let many = world.processes.len();
        match explored(Mistake::None, world) {
            Ok(moments) => {
                all += moments;
                println!("{mode:?}, {many} attempts: {moments} moments");
            }
            Err((broken, moves)) => panic!("{mode:?}: {broken} after {moves:?}"),
        }
    }
    println!("{all} moments in all, and no promise broken");
    let least = if IS_FULL { 500_000 } else { 15_000 };
    assert!(all > least, "the model has lost most of its histories");
}

#[test]
fn each_mistake_of_a_driver_breaks_a_promise() {
    let mistakes = [
        Mistake::AnswersBeforeTheRecord,
        Mistake::AnotherOwnerEachTime,
        Mistake::DeafToCancel,
        Mistake::SilentAboutTheStore,
    ];
    for mistake in mistakes {
        let broken = worlds().find_map(|(_, world)| explored(mistake, world).err());
        match broken {
            Some((broken, moves)) => println!("{mistake:?}: {broken} after {moves:?}"),
            None => panic!("nothing breaks with {mistake:?}"),
        }
    }
}
