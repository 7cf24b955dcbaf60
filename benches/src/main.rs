//! Reads what the benches measured and writes `RESULTS.md`: each goal beside its figure, met or short.

mod goals;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use goals::Bar;
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
    against: Option<Against>,
}

/// What a figure is held against.
struct Against {
    row: &'static str,
    nanos: f64,
    /// Of what is swept, how the time grows with the number: 0 not at all, 1 as the number does.
    slope: Option<f64>,
}

fn main() -> ExitCode {
    let target = skeleton_benches::target();
    let measured: Vec<_> = goals::all()
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
        Bar::Ratio { against: row, .. } => {
            let against = Against {
                row,
                nanos: median(target, row)?,
                slope: None,
            };
            (median(target, goal.ours)?, Some(against))
        }
        Bar::Best { rows, .. } => {
            let (row, nanos) = fastest(&medians(target, rows)?)?;
            let against = Against {
                row,
                nanos,
                slope: None,
            };
            (median(target, goal.ours)?, Some(against))
        }
        Bar::Flat { rows, .. } => spread(target, rows)?,
        Bar::Added {
            against: row,
            floor,
            ..
        } => {
            let floor = median(target, floor)?;
            let against = Against {
                row,
                nanos: median(target, row)? - floor,
                slope: None,
            };
            (median(target, goal.ours)? - floor, Some(against))
        }
        Bar::Over { floor, .. } => (median(target, goal.ours)? - median(target, floor)?, None),
        Bar::Nanos(_) => (median(target, goal.ours)?, None),
        Bar::Count(_) => (noted(target, goal.ours)?, None),
    };
    Some(Measured {
        goal: *goal,
        ours,
        against,
    })
}

/// The slowest of the rows, and the fastest beside it.
fn spread(target: &Path, rows: &[&'static str]) -> Option<(f64, Option<Against>)> {
    let read = medians(target, rows)?;
    let times = read.iter().map(|(_, nanos)| *nanos);
    let slowest = times.max_by(f64::total_cmp)?;
    let (row, nanos) = fastest(&read)?;
    let against = Against {
        row,
        nanos,
        slope: slope(&read),
    };
    Some((slowest, Some(against)))
}

/// The rows with their medians; nothing if one of them was not measured.
fn medians(target: &Path, rows: &[&'static str]) -> Option<Vec<(&'static str, f64)>> {
    let read = |row: &&'static str| Some((*row, median(target, row)?));
    rows.iter().map(read).collect()
}

fn fastest(rows: &[(&'static str, f64)]) -> Option<(&'static str, f64)> {
    let by_time = |one: &&(_, f64), other: &&(_, f64)| one.1.total_cmp(&other.1);
    rows.iter().min_by(by_time).copied()
}

/// The least-squares slope of the logarithm of the time over that of the number with which a row's name ends; nothing if
/// the rows sweep different things.
fn slope(rows: &[(&str, f64)]) -> Option<f64> {
    let mut swept = rows.iter().filter_map(|(row, _)| row.rsplit_once('/'));
    let (first, _) = swept.next()?;
    if swept.any(|(other, _)| other != first) {
        return None;
    }
    let point = |(row, nanos): &(&str, f64)| {
        let number: f64 = row.rsplit('/').next()?.parse().ok()?;
        Some((number.ln(), nanos.ln()))
    };
    let points: Vec<_> = rows.iter().map(point).collect::<Option<_>>()?;
    #[expect(clippy::cast_precision_loss, reason = "rows are few")]
    let len = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / len;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / len;
    let rise = |(x, y): &(f64, f64)| (x - mean_x) * (y - mean_y);
    let run = |(x, _): &(f64, f64)| (x - mean_x).powi(2);
    Some(points.iter().map(rise).sum::<f64>() / points.iter().map(run).sum::<f64>())
}

/// The median of a row: criterion's, or what a bench noted that measures by itself.
fn median(target: &Path, row: &str) -> Option<f64> {
    let file = target
        .join("criterion")
        .join(row)
        .join("new/estimates.json");
    let Ok(text) = fs::read_to_string(file) else {
        return noted(target, row);
    };
    let estimates: Estimates = serde_json::from_str(&text).ok()?;
    Some(estimates.median.point_estimate)
}

fn noted(target: &Path, id: &str) -> Option<f64> {
    let text = fs::read_to_string(target.join("counts").join(id)).ok()?;
    text.parse().ok()
}

impl Measured {
    fn is_met(&self) -> bool {
        match self.goal.bar {
            Bar::Ratio { at_most, .. }
            | Bar::Best { at_most, .. }
            | Bar::Flat { at_most, .. }
            | Bar::Added { at_most, .. } => self.ratio().is_some_and(|ratio| ratio <= at_most),
            Bar::Nanos(at_most) | Bar::Over { at_most, .. } => self.ours <= at_most,
            #[expect(clippy::cast_precision_loss, reason = "counts are small")]
            Bar::Count(at_most) => self.ours <= at_most as f64,
        }
    }

    fn ratio(&self) -> Option<f64> {
        let against = self.against.as_ref()?;
        Some(self.ours / against.nanos)
    }

    fn verdict(&self) -> &'static str {
        if self.is_met() { "met" } else { "short" }
    }

    fn line(&self) -> String {
        let id = self.goal.id;
        let (ours, verdict) = (self.ours, self.verdict());
        match (self.goal.bar, &self.against) {
            (
                Bar::Ratio { at_most, .. }
                | Bar::Best { at_most, .. }
                | Bar::Flat { at_most, .. }
                | Bar::Added { at_most, .. },
                Some(against),
            ) => {
                let Against { nanos, slope, .. } = against;
                let ratio = ours / nanos;
                let slope = slope.map_or(String::new(), |slope| format!(" slope={slope:.3}"));
                format!(
                    "goal {id} ours={ours:.0} against={nanos:.0} ratio={ratio:.3}{slope} bar={at_most:.3} {verdict}"
                )
            }
            (Bar::Count(at_most), _) => format!("goal {id} ours={ours:.0} bar={at_most} {verdict}"),
            (
                Bar::Nanos(at_most)
                | Bar::Ratio { at_most, .. }
                | Bar::Best { at_most, .. }
                | Bar::Flat { at_most, .. }
                | Bar::Added { at_most, .. }
                | Bar::Over { at_most, .. },
                _,
            ) => {
                format!("goal {id} ours={ours:.1} bar={at_most:.0} {verdict}")
            }
        }
    }

    /// A row of the table.
    fn row(&self) -> String {
        let Goal { id, what, bar, .. } = self.goal;
        let (ours, verdict) = (self.ours, self.verdict());
        match (bar, &self.against) {
            (
                Bar::Ratio { at_most, .. }
                | Bar::Best { at_most, .. }
                | Bar::Flat { at_most, .. }
                | Bar::Added { at_most, .. },
                Some(against),
            ) => {
                let Against { row, nanos, slope } = against;
                let ratio = ours / nanos;
                let slope = slope.map_or(String::new(), |slope| format!(", slope {slope:.3}"));
                // Of a nanosecond or two the tenths matter.
                let digits = usize::from(*nanos < 10.0);
                format!(
                    "| {id} | {what} | {ours:.digits$} | {nanos:.digits$} ({row}{slope}) | {ratio:.3} | ≤ {at_most:.3} | {verdict} |"
                )
            }
            (Bar::Count(at_most), _) => {
                format!("| {id} | {what} | {ours:.0} | | | ≤ {at_most} | {verdict} |")
            }
            (
                Bar::Nanos(at_most)
                | Bar::Ratio { at_most, .. }
                | Bar::Best { at_most, .. }
                | Bar::Flat { at_most, .. }
                | Bar::Added { at_most, .. }
                | Bar::Over { at_most, .. },
                _,
            ) => {
                format!("| {id} | {what} | {ours:.1} | | | ≤ {at_most:.0} ns | {verdict} |")
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
        // Writing into memory does not fail.
        let _written = writeln!(text, "{}", row.row());
    }
    text.push_str(include_str!("notes.md"));
    text
}
