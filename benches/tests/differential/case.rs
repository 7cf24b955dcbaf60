//! A world, what is asked about it, and who answers.

use skeleton_benches::Dice;

use crate::cedar::Cedar;
use crate::drawing;
use crate::ours::Ours;
use crate::rego::Rego;
use crate::walk::Walk;
use crate::world::Caller;
use crate::world::Question;
use crate::world::World;

/// World after world is drawn, until so many questions were asked.
pub(crate) const QUESTIONS: usize = 100_000;
/// The first world's seed; the next ones follow.
const SEED: u64 = 1;

/// A world, and what is asked about it, caller by caller.
pub(crate) struct Case {
    pub(crate) seed: u64,
    pub(crate) world: World,
    asked: Vec<(Caller, Vec<Question>)>,
}

/// The three that are not ours, each with its own translation of a world.
pub(crate) struct Peers {
    walk: Walk,
    cedar: Cedar,
    rego: Rego,
}

/// World after world, the same in every run.
pub(crate) fn cases() -> impl Iterator<Item = Case> {
    (SEED..).map(Case::of)
}

impl Case {
    fn of(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let world = drawing::world(&mut dice);
        let callers = drawing::callers(&mut dice, &world);
        let asked = callers.into_iter().map(|caller| {
            let questions = drawing::questions(&mut dice, &world, &caller);
            (caller, questions)
        });
        let asked = asked.collect();
        Self { seed, world, asked }
    }

    pub(crate) fn callers(&self) -> impl Iterator<Item = Caller> {
        self.asked.iter().map(|(caller, _)| *caller)
    }

    pub(crate) fn questions(&self) -> impl Iterator<Item = (&Caller, Question)> {
        let asked = self.asked.iter();
        asked.flat_map(|(caller, questions)| questions.iter().map(move |one| (caller, *one)))
    }

    /// Our answers, in the order of the questions.
    pub(crate) fn answers(&self) -> Vec<bool> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let ours = runtime.unwrap().block_on(Ours::of(&self.world));
        let asked = self.asked.iter();
        let answers = asked.flat_map(|(caller, questions)| ours.answers(caller, questions));
        answers.collect()
    }
}

impl Peers {
    pub(crate) const NAMES: [&str; 3] = ["walk", "cedar", "rego"];

    /// Translates a world for those who will ask.
    pub(crate) fn of(world: &World, callers: impl Iterator<Item = Caller>) -> Self {
        Self {
            walk: Walk::over(world),
            cedar: Cedar::of(world, callers),
            rego: Rego::of(world),
        }
    }

    pub(crate) fn answer(&self, caller: &Caller, question: Question) -> [bool; 3] {
        [
            self.walk.allows(caller, question),
            self.cedar.allows(caller, question),
            self.rego.allows(caller, question),
        ]
    }
}
