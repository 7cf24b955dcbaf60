//! The machine on which a process is killed, and the client that tries again.

use std::io::BufRead;
use std::io::BufReader;
use std::io::Lines;
use std::path::Path;
use std::process::Child;
use std::process::ChildStdout;
use std::process::Command;
use std::process::Stdio;

use skeleton_idempotency::Source;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::testing::FixedClock;
use sqlx::Connection;
use sqlx::SqliteConnection;
use tempfile::TempDir;

use super::child;
use super::plan::Plan;
use super::plan::Point;
use super::plan::Work;
use super::plan::bank;
use super::plan::mails;
use super::plan::partner;
use super::stopping::REACHED;
use super::stopping::Stopping;
use crate::helpers::MADE;
use crate::helpers::effects;
use crate::helpers::make_effects;
use crate::helpers::options;

/// What the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Its attempt ran, under that grant.
    Ran {
        epoch: Option<u64>,
    },
    /// The answer of an earlier attempt.
    Replay,
    Problem(ProblemKind),
}

/// The files of one machine, and its time.
pub(super) struct Machine {
    dir: TempDir,
    work: Work,
    pub(super) clock: FixedClock,
    pub(super) store: SqliteStore,
}

/// A process under way.
pub(super) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Machine {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = FixedClock::at(MADE);
        let store = SqliteStore::open(bank(dir.path()), clock.clone())
            .await
            .unwrap();
        make_effects(&mut store.pool().acquire().await.unwrap()).await;
        child::make_partner(dir.path()).await;
        std::fs::write(mails(dir.path()), "").unwrap();
        let work = Work::Many;
        Self {
            dir,
            work,
            clock,
            store,
        }
    }

    /// One on which a process was killed at that point.
    pub(super) async fn killed(work: Work, point: Point) -> Self {
        let machine = Self {
            work,
            ..Self::new().await
        };
        let mut process = machine.start(work, point);
        process.skip_to(REACHED);
        process.kill();
        machine
    }

    /// One on which a process was killed after it said that it did so many things.
    pub(super) async fn killed_after(work: Work, lines: usize) -> Self {
        let machine = Self {
            work,
            ..Self::new().await
        };
        let mut process = machine.start(work, Point::Ended);
        for _ in 0..lines {
            process.skip_to(&format!("{:?}", Source::Recorded));
        }
        process.kill();
        machine
    }

    /// Starts this test binary anew, with a plan.
    pub(super) fn start(&self, work: Work, stop: Point) -> Process {
        let dir = self.dir.path().to_owned();
        let plan = Plan { work, stop, dir };
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", child::NAME])
            .arg(plan.to_argument())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Process { child, lines }
    }

    /// The client tries again, under the same id, at a process that knows nothing of the first.
    pub(super) async fn retry(&self) -> Told {
        let Work::Of(mode) = self.work else {
            panic!("only invocations are tried again")
        };
        let store = SqliteStore::open(bank(self.dir.path()), self.clock.clone())
            .await
            .unwrap();
        let store = Stopping {
            store,
            stop: Point::Never,
        };
        match child::invoke(&store, &self.clock, mode, self.dir.path()).await {
            Ok(answered) if answered.source() == Source::Replay => Told::Replay,
            Ok(answered) => {
                let epoch: u64 = str::from_utf8(answered.answer().body())
                    .unwrap()
                    .parse()
                    .unwrap();
                Told::Ran {
                    epoch: (epoch > 0).then_some(epoch),
                }
            }
            Err(problem) => Told::Problem(problem.kind()),
        }
    }

    /// How many effects the work of this machine had.
    pub(super) async fn effects(&self) -> usize {
        match self.work {
            Work::Of(skeleton_idempotency::Mode::Resumable) => {
                self.count("SELECT key FROM charge").await
            }
            Work::Of(skeleton_idempotency::Mode::AtMostOnce) => {
                std::fs::read_to_string(mails(self.dir.path()))
                    .unwrap()
                    .lines()
                    .count()
            }
            _ => self.named_effects().await.len(),
        }
    }

    /// How often the partner was called.
    pub(super) async fn calls(&self) -> usize {
        self.count("SELECT key FROM call").await
    }

    pub(super) async fn named_effects(&self) -> Vec<String> {
        effects(&mut connect(&bank(self.dir.path())).await).await
    }

    async fn count(&self, rows: &'static str) -> usize {
        let mut partner = connect(&partner(self.dir.path())).await;
        sqlx::query(rows)
            .fetch_all(&mut partner)
            .await
            .unwrap()
            .len()
    }
}

async fn connect(file: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&options(file))
        .await
        .unwrap()
}

impl Process {
    fn skip_to(&mut self, expected: &str) {
        let found = self.lines.any(|line| line.unwrap() == expected);
        assert!(found, "it ended before it said {expected}");
    }

    /// With SIGKILL.
    fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(!status.success(), "it was to be killed on its way");
    }

    /// Where each of its answers came from, when it has ended well.
    pub(super) fn lines_to_the_end(mut self) -> impl Iterator<Item = Source> {
        let lines: Vec<_> = self.lines.map(Result::unwrap).collect();
        assert!(self.child.wait().unwrap().success(), "{lines:?}");
        let sources = [Source::Recorded, Source::Replay];
        lines.into_iter().filter_map(move |line| {
            sources
                .into_iter()
                .find(|source| format!("{source:?}") == line)
        })
    }
}
