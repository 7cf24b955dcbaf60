//! What a store did against its promise.

use core::fmt;

/// What a store did against its promise, in a sentence.
#[derive(Clone, PartialEq, Eq)]
pub struct Violation(String);

impl Violation {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    pub(super) fn no_such_check(name: &str) -> Self {
        Self(format!("there is no check of the name {name}"))
    }

    /// The same, told in which case.
    pub(super) fn when(self, case: impl fmt::Display) -> Self {
        Self(format!("{case}: {}", self.0))
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As it reads: a test that returns it prints it so.
impl fmt::Debug for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Violation {}

/// Returns a [`Violation`] unless something holds.
macro_rules! ensure {
    ($holds:expr, $($message:tt)+) => {
        if !$holds {
            return Err($crate::conformance::Violation::new(format!($($message)+)));
        }
    };
}

pub(super) use ensure;

/// A reply must be this one.
pub(super) fn same<T: PartialEq + fmt::Debug>(
    what: &str,
    got: &T,
    expected: &T,
) -> Result<(), Violation> {
    ensure!(
        got == expected,
        "{what} is answered {got:?}, not {expected:?}"
    );
    Ok(())
}
