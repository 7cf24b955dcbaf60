//! Which operations there are, what they need, and what a suite has seen of it, as a text to commit.

use core::fmt;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::operations::Need;
use crate::operations::Operations;

/// What a suite saw of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a suite has to show all three")]
pub enum Seen {
    /// It was done.
    Allow,
    /// It was refused to somebody of the tenant who lacks the permission.
    Deny,
    /// An id of another tenant was answered like one that nobody has.
    Foreign,
}

impl Seen {
    const ALL: [Self; 3] = [Self::Allow, Self::Deny, Self::Foreign];

    const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Foreign => "foreign",
        }
    }
}

/// The coverage report: every route with its operation, what that needs and where, and what the suite saw of it. Commit
/// its text (`Display`), and compare.
///
/// ```
/// use skeleton_authz::Operations;
/// use skeleton_authz::testing::Coverage;
///
/// let mut coverage = Coverage::of(&Operations::new().public("log-in"));
/// coverage.route("commands", "log-in");
/// assert_eq!(coverage.unregistered().count() + coverage.unseen().len(), 0);
/// assert_eq!(coverage.to_string().lines().count(), 2);
/// ```
#[derive(Clone, Debug)]
pub struct Coverage {
    operations: Operations,
    rows: BTreeMap<&'static str, Row>,
    unregistered: BTreeSet<String>,
}

#[derive(Clone, Debug)]
struct Row {
    need: Need,
    doors: BTreeSet<String>,
    targets: BTreeSet<&'static str>,
    seen: BTreeSet<Seen>,
}

impl Coverage {
    /// Nothing seen yet of these operations.
    #[must_use]
    pub fn of(operations: &Operations) -> Self {
        let row = |need| Row {
            need,
            doors: BTreeSet::new(),
            targets: BTreeSet::new(),
            seen: BTreeSet::new(),
        };
        let rows = operations.needs().into_iter();
        Self {
            operations: operations.clone(),
            rows: rows.map(|(name, need)| (name, row(need))).collect(),
            unregistered: BTreeSet::new(),
        }
    }

    /// An operation can be reached by a door.
    pub fn route(&mut self, door: &str, operation: &str) {
        match self.rows.get_mut(operation) {
            Some(row) => {
                row.doors.insert(door.to_owned());
            }
            None => {
                self.unregistered.insert(format!("{door}/{operation}"));
            }
        }
    }

    /// The suite saw this of an operation, when it was asked with that payload, as JSON: from it the report has where
    /// the permission is needed. What the registry does not know, or cannot read, is not noted.
    pub fn saw(&mut self, operation: &str, payload: &[u8], seen: Seen) {
        let target = self.operations.target_of(operation, payload);
        if let Some((row, target)) = self.rows.get_mut(operation).zip(target) {
            row.targets.insert(target);
            row.seen.insert(seen);
        }
    }

    /// The routes whose operation is not in the registry: they answer 500.
    pub fn unregistered(&self) -> impl Iterator<Item = &str> {
        self.unregistered.iter().map(String::as_str)
    }

    /// What a suite still has to see, by operation: each guarded one allowed, denied and asked with a foreign id. An
    /// operation without a route is here too.
    #[must_use]
    pub fn unseen(&self) -> Vec<(&'static str, &'static str)> {
        let mut unseen = Vec::new();
        for (name, row) in &self.rows {
            if row.doors.is_empty() {
                unseen.push((*name, "route"));
            }
            if matches!(row.need, Need::Permission(_)) {
                // What is about the tenant as a whole names nothing that could be another tenant's.
                let is_whole =
                    !row.targets.is_empty() && row.targets.iter().all(|target| *target == "root");
                let asked = Seen::ALL.into_iter();
                let asked = asked.filter(|seen| !is_whole || *seen != Seen::Foreign);
                let missing = asked.filter(|seen| !row.seen.contains(seen));
                unseen.extend(missing.map(|seen| (*name, seen.word())));
            }
        }
        unseen
    }
}

impl fmt::Display for Coverage {
    /// A table: door, operation, need, target, and what was seen.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = vec![["door", "operation", "need", "target", "seen"].map(str::to_owned)];
        lines.extend(self.rows.iter().map(|(name, row)| row.cells(name)));
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(String::len).max().unwrap_or(0)
        };
        let widths: Vec<_> = (0..5).map(width).collect();
        for line in &lines {
            let cells = line.iter().zip(&widths);
            let cells: Vec<_> = cells
                .map(|(cell, width)| format!("{cell:width$}"))
                .collect();
            writeln!(f, "{}", cells.join("  ").trim_end())?;
        }
        for route in &self.unregistered {
            writeln!(f, "not in the registry: {route}")?;
        }
        Ok(())
    }
}

impl Row {
    fn cells(&self, name: &str) -> [String; 5] {
        let need = match self.need {
            Need::Public => "public".to_owned(),
            Need::Own => "own".to_owned(),
            Need::Permission(permission) => permission.to_owned(),
            Need::Listing(permission) => format!("lists {permission}"),
        };
        let doors: Vec<_> = self.doors.iter().map(String::as_str).collect();
        let targets: Vec<_> = self.targets.iter().copied().collect();
        let seen: Vec<_> = self.seen.iter().map(|seen| seen.word()).collect();
        let listed = |words: Vec<&str>| {
            if words.is_empty() {
                "-".to_owned()
            } else {
                words.join(" ")
            }
        };
        [
            listed(doors),
            name.to_owned(),
            need,
            listed(targets),
            listed(seen),
        ]
    }
}
