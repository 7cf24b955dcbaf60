//! Reads what the benches measured and writes `RESULTS.md`: each goal beside its figure, met or short.

mod goals;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use goals::Bar;
use goals::GOALS;
use goals::Goal;
use serde::Deserialize;

#[derive(Deserialize)]
struct Estimates {
    median: Estimate,
}

#[derive(Deserialize)]
struct Estimate {
    point_estimate: f64,
}

/// A goal with what was measured for it.
struct Measured {
    goal: Goal,
    ours: f64,
    against: Option<f64>,
}

fn main() -> ExitCode {
    let target = skeleton_benches::target();
    let measured: Vec<_> = GOALS
        .iter()
        .filter_map(|goal| measure(&target, goal))
        .collect();
    let mut out = std::io::stdout().lock();
    for row in &measured {
        // A reader who closes the pipe has seen enough.
        let _seen = writeln!(out, "{}", row.line());
    }
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("RESULTS.md");
    match fs::write(results, document(&measured)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _seen = writeln!(out, "RESULTS.md cannot be written: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What was measured for a goal; nothing if its bench has not run.
fn measure(target: &Path, goal: &Goal) -> Option<Measured> {
    let (ours, against) = match goal.bar {
        Bar::Ratio { against, .. } => (median(target, goal.ours)?, Some(median(target, against)?)),
        Bar::Nanos(_) => (median(target, goal.ours)?, None),
        Bar::Count(_) => {
            let text = fs::read_to_string(target.join("counts").join(goal.ours)).ok()?;
            (text.parse().ok()?, None)
        }
    };
    Some(Measured {
        goal: *goal,
        ours,
        against,
    })
}

fn median(target: &Path, row: &str) -> Option<f64> {
    let file = target
        .join("criterion")
        .join(row)
        .join("new/estimates.json");
    let estimates: Estimates = serde_json::from_str(&fs::read_to_string(file).ok()?).ok()?;
    Some(estimates.median.point_estimate)
}

impl Measured {
    fn is_met(&self) -> bool {
        match (self.goal.bar, self.against) {
            (Bar::Ratio { at_most, .. }, Some(against)) => self.ours / against <= at_most,
            (Bar::Nanos(at_most), _) => self.ours <= at_most,
            #[expect(clippy::cast_precision_loss, reason = "counts are small")]
            (Bar::Count(at_most), _) => self.ours <= at_most as f64,
            (Bar::Ratio { .. }, None) => false,
        }
    }

    fn verdict(&self) -> &'static str {
        if self.is_met() { "met" } else { "short" }
    }

    fn line(&self) -> String {
        let id = self.goal.id;
        let (ours, verdict) = (self.ours, self.verdict());
        match (self.goal.bar, self.against) {
            (Bar::Ratio { at_most, .. }, Some(against)) => {
                let ratio = ours / against;
                format!(
                    "goal {id} ours={ours:.0} against={against:.0} ratio={ratio:.3} bar={at_most:.3} {verdict}"
                )
            }
            (Bar::Count(at_most), _) => format!("goal {id} ours={ours:.0} bar={at_most} {verdict}"),
            (Bar::Nanos(at_most) | Bar::Ratio { at_most, .. }, _) => {
                format!("goal {id} ours={ours:.1} bar={at_most:.0} {verdict}")
            }
        }
    }
}

fn document(measured: &[Measured]) -> String {
    let mut text = String::from(
        "# Results\n\nWritten by `scripts/bench`. Times are criterion medians in nanoseconds, read in one run on one machine: \
         only ratios, counts and shapes carry over to another. A figure that is short of its goal stays here.\n\n\
         | goal | what | ours | against | ratio | bar | |\n|---|---|---|---|---|---|---|\n",
    );
    for row in measured {
        let Goal { id, what, bar, .. } = row.goal;
        let (ours, verdict) = (row.ours, row.verdict());
        // Writing into memory does not fail.
        let _written = match (bar, row.against) {
            (
                Bar::Ratio {
                    against: name,
                    at_most,
                },
                Some(against),
            ) => {
                let ratio = ours / against;
                writeln!(
                    text,
                    "| {id} | {what} | {ours:.0} | {against:.0} ({name}) | {ratio:.3} | ≤ {at_most:.3} | {verdict} |"
                )
            }
            (Bar::Count(at_most), _) => {
                writeln!(
                    text,
                    "| {id} | {what} | {ours:.0} | | | ≤ {at_most} | {verdict} |"
                )
            }
            (Bar::Nanos(at_most) | Bar::Ratio { at_most, .. }, _) => {
                writeln!(
                    text,
                    "| {id} | {what} | {ours:.1} | | | ≤ {at_most:.0} ns | {verdict} |"
                )
            }
        };
    }
    text
}
