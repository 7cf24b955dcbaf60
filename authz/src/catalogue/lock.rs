//! The lock: a committed text of everything that a published catalogue may not change unseen.

use core::fmt;
use std::collections::BTreeSet;

use super::Catalogue;
use super::Definition;

/// What a lock begins with: what the file is, for whoever finds it.
const HEAD: &str =
    "# What was published of this catalogue. A change of a line is a change of who may do what.";

/// The lines of a lock, one fact each: a permission with its bit and attributes, what a policy or a role holds, what
/// was retired.
///
/// ```text
/// permission 33 account:open
/// permission 34 account:transfer-ownership sensitive aal2
/// policy account-servicing account:open
/// role account-manager account:open
/// retired 35 account:freeze
/// ```
///
/// A product commits it and compares it in a test: see [`assert_locked!`](crate::assert_locked).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    lines: BTreeSet<Line>,
}

/// One fact. Facts are sorted by kind, then by bit or name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Line {
    Permission(u16, String),
    Policy(String),
    Role(String),
    Retired(u16, String),
}

/// The text is not a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not a line of a permission lock")]
pub struct LockError {
    line: usize,
}

impl LockError {
    /// Which line, counted from 1.
    #[must_use]
    pub const fn line(self) -> usize {
        self.line
    }
}

/// How a catalogue differs from its lock.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    broken: Vec<String>,
    added: Vec<String>,
}

impl Drift {
    /// Lines of the lock that the catalogue does not hold: something changed hands, lost an attribute, or is gone.
    /// Who means it takes them out of the file by hand.
    #[must_use]
    pub fn broken(&self) -> &[String] {
        &self.broken
    }

    /// Lines that the lock does not hold yet.
    #[must_use]
    pub fn added(&self) -> &[String] {
        &self.added
    }

    /// Whether catalogue and lock say the same.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.broken.is_empty() && self.added.is_empty()
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.broken {
            writeln!(f, "- {line}")?;
        }
        for line in &self.added {
            writeln!(f, "+ {line}")?;
        }
        Ok(())
    }
}

impl Lock {
    /// What there is to lock of a catalogue. The skeleton's own permissions are locked by this crate.
    #[must_use]
    pub fn of(catalogue: &Catalogue) -> Self {
        let permissions = catalogue.permissions().filter(|held| is_product(held));
        let permissions = permissions.map(|held| {
            let words = held.attributes().words();
            let words: String = words.map(|word| format!(" {word}")).collect();
            Line::Permission(held.id().bit(), format!("{}{words}", held.name()))
        });
        let named = |id| catalogue.permission(id).map_or("", Definition::name);
        let policies = catalogue.policies().iter().flat_map(|policy| {
            let held = policy.permissions().iter();
            held.map(move |id| Line::Policy(format!("{} {}", policy.name(), named(id))))
        });
        let roles = catalogue.roles().flat_map(|role| {
            let held = role.permissions().iter();
            held.map(move |id| Line::Role(format!("{} {}", role.name(), named(id))))
        });
        let retired = catalogue.retired().iter();
        let retired = retired.map(|gone| Line::Retired(gone.id().bit(), gone.name().to_owned()));
        Self {
            lines: permissions
                .chain(policies)
                .chain(roles)
                .chain(retired)
                .collect(),
        }
    }

    /// Reads a lock. Empty lines, and lines that begin with `#`, say nothing.
    ///
    /// # Errors
    ///
    /// [`LockError`] at the first line that is none.
    pub fn parse(text: &str) -> Result<Self, LockError> {
        let mut lines = BTreeSet::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim_end();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let parsed = parse_line(line).ok_or(LockError { line: number })?;
            lines.insert(parsed);
        }
        Ok(Self { lines })
    }

    /// How `now` differs from this lock. A permission that was locked and is retired now is no break, but an addition.
    #[must_use]
    pub fn drift(&self, now: &Self) -> Drift {
        let gone = self.lines.difference(&now.lines);
        let broken = gone.filter(|line| !now.retires(line)).map(Line::to_string);
        let added = now.lines.difference(&self.lines).map(Line::to_string);
        Drift {
            broken: broken.collect(),
            added: added.collect(),
        }
    }

    /// Whether a line is about a permission that this lock retires under the same bit and name.
    fn retires(&self, line: &Line) -> bool {
        let is_it = |bit: u16, name: &str| {
            let gone = Line::Retired(bit, name.to_owned());
            self.lines.contains(&gone)
        };
        match line {
            Line::Permission(bit, text) => {
                text.split(' ').next().is_some_and(|name| is_it(*bit, name))
            }
            Line::Policy(_) | Line::Role(_) | Line::Retired(..) => false,
        }
    }
}

impl fmt::Display for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permission(bit, text) => write!(f, "permission {bit} {text}"),
            Self::Policy(text) => write!(f, "policy {text}"),
            Self::Role(text) => write!(f, "role {text}"),
            Self::Retired(bit, name) => write!(f, "retired {bit} {name}"),
        }
    }
}

fn is_product(permission: &Definition) -> bool {
    permission.id() >= super::PermissionId::FIRST_OF_PRODUCTS
}

fn parse_line(line: &str) -> Option<Line> {
    let (kind, rest) = line.split_once(' ')?;
    let numbered = || {
        let (bit, text) = rest.split_once(' ')?;
        let bit: u16 = bit
            .parse()
            .ok()
            .filter(|parsed: &u16| parsed.to_string() == bit)?;
        let is_bit = bit <= super::PermissionId::MAX.bit();
        (is_bit && is_text(text)).then(|| (bit, text.to_owned()))
    };
    let two_words = || {
        let mut words = rest.split(' ');
        let both = words.next().zip(words.next());
        (is_text(rest) && both.is_some() && words.next().is_none()).then(|| rest.to_owned())
    };
    match kind {
        "permission" => numbered().map(|(bit, text)| Line::Permission(bit, text)),
        "retired" => {
            let (bit, name) = numbered()?;
            (!name.contains(' ')).then_some(Line::Retired(bit, name))
        }
        "policy" => two_words().map(Line::Policy),
        "role" => two_words().map(Line::Role),
        _ => None,
    }
}

/// Words of visible ASCII with one space between them.
fn is_text(text: &str) -> bool {
    text.split(' ')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_graphic()))
}
