//! What a process is to do, and where it is to stop: as one argument of a test binary.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use skeleton_idempotency::Mode;

pub(super) const LEASE: Duration = Duration::from_secs(30);
/// How the argument begins.
const PREFIX: &str = "plan=";

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// One invocation, in a mode.
    Of(Mode),
    /// The beginning of a workflow.
    Workflow,
    /// One transaction after the other.
    Many,
}

/// Where it stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Point {
    /// It asked nobody yet.
    Begun,
    /// The store has granted, and the attempt does not know yet.
    Claimed,
    /// Its handler began.
    Working,
    /// It had its effect.
    Worked,
    /// Its answer is in the transaction, which is not committed.
    Finished,
    /// Its answer is recorded, and nobody was told.
    Recorded,
    /// It has done everything.
    Ended,
    /// Nowhere.
    Never,
}

#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) work: Work,
    pub(super) stop: Point,
    pub(super) dir: PathBuf,
}

const WORKS: [Work; 5] = [
    Work::Of(Mode::Transactional),
    Work::Of(Mode::Resumable),
    Work::Of(Mode::AtMostOnce),
    Work::Workflow,
    Work::Many,
];
const POINTS: [Point; 8] = [
    Point::Begun,
    Point::Claimed,
    Point::Working,
    Point::Worked,
    Point::Finished,
    Point::Recorded,
    Point::Ended,
    Point::Never,
];

impl Plan {
    /// How many transactions are many.
    pub(super) const MANY: u64 = 40;

    /// The argument that says it.
    pub(super) fn to_argument(&self) -> String {
        let work = WORKS.iter().position(|work| *work == self.work).unwrap();
        let stop = POINTS.iter().position(|point| *point == self.stop).unwrap();
        format!("{PREFIX}{work}:{stop}:{}", self.dir.display())
    }

    /// The plan of this process, if it was started with one.
    pub(super) fn of_this_process() -> Option<Self> {
        let argument = std::env::args().find(|argument| argument.starts_with(PREFIX))?;
        let mut parts = argument.strip_prefix(PREFIX)?.splitn(3, ':');
        let mut number = || parts.next()?.parse::<usize>().ok();
        let (work, stop) = (WORKS[number()?], POINTS[number()?]);
        let dir = parts.next()?.into();
        Some(Self { work, stop, dir })
    }
}

/// The application's database.
pub(super) fn bank(dir: &Path) -> PathBuf {
    dir.join("bank.db")
}

/// The database of a partner who honours derived keys.
pub(super) fn partner(dir: &Path) -> PathBuf {
    dir.join("partner.db")
}

/// What cannot be taken back: a mail, a movement.
pub(super) fn mails(dir: &Path) -> PathBuf {
    dir.join("mails")
}
