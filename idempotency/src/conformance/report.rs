//! What came of all checks, as a table.

use core::fmt;
use core::future::Future;
use core::pin::Pin;

use super::any_factory::AnyFactory;
use super::factory::TxFactory;
use super::violation::Violation;

/// What came of each check. It prints as a table of Markdown, for the README of an adapter.
#[derive(Clone, Debug, Default)]
pub struct Report {
    rows: Vec<(&'static str, Result<(), Violation>)>,
}

/// One check under way.
pub type Checking<'f> = Pin<Box<dyn Future<Output = Result<(), Violation>> + Send + 'f>>;

/// One check of a store, by its name in [`store_checks`](super::store_checks).
///
/// It is that function, compiled with this crate: futures of functions are compiled anew wherever they are awaited, and
/// these are long ones.
#[must_use]
pub fn check<'f>(factory: &'f dyn AnyFactory, name: &str) -> Checking<'f> {
    crate::__conformance_checks!(found(factory, name))
}

/// Runs every check of [`conformance_tests!`](crate::conformance_tests), one after another.
pub async fn run(factory: &dyn AnyFactory) -> Report {
    let mut report = Report::default();
    for name in crate::__conformance_checks!(names factory) {
        report.add(name, check(factory, name).await);
    }
    report
}

/// Runs every check of [`conformance_tx_tests!`](crate::conformance_tx_tests), one after another.
pub async fn run_tx<F: TxFactory>(factory: &F) -> Report {
    crate::__conformance_checks!(tx report factory)
}

impl Report {
    pub(super) fn add(&mut self, check: &'static str, came: Result<(), Violation>) {
        self.rows.push((check, came));
    }

    /// The checks that failed, and by what.
    pub fn violations(&self) -> impl Iterator<Item = (&'static str, &Violation)> {
        self.rows
            .iter()
            .filter_map(|(check, came)| came.as_ref().err().map(|violation| (*check, violation)))
    }

    /// The names of all checks.
    pub fn checks(&self) -> impl Iterator<Item = &'static str> {
        self.rows.iter().map(|(check, _)| *check)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("| check | kept |\n|---|---|\n")?;
        for (check, came) in &self.rows {
            match came {
                Ok(()) => writeln!(f, "| {} | yes |", check.replace('_', " "))?,
                Err(violation) => {
                    let violation = violation.to_string().replace('|', "\\|");
                    writeln!(f, "| {} | no: {violation} |", check.replace('_', " "))?;
                }
            }
        }
        Ok(())
    }
}
