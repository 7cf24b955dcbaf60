//! A catalogue against the lock that its product committed.

use std::path::Path;

use crate::catalogue::Catalogue;
use crate::catalogue::Lock;

/// The variable that lets new lines into a lock. It lets nothing out of it.
const BLESS: &str = "SKELETON_BLESS";

/// Whether new lines are written into a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "they are written or they are not")]
pub enum NewLines {
    /// They are an error.
    Refused,
    /// They are written. Lines that are broken are an error all the same.
    Written,
}

impl NewLines {
    /// Written if the environment has `SKELETON_BLESS=1`.
    #[must_use]
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no other way to be told by whoever runs it"
    )]
    pub fn from_env() -> Self {
        match std::env::var(BLESS) {
            Ok(value) if value == "1" => Self::Written,
            _ => Self::Refused,
        }
    }
}

/// Compares a catalogue with its committed lock: what [`assert_locked!`](crate::assert_locked) calls.
///
/// # Errors
///
/// What is to be done about it, in words: lines that are broken are shown with `-`, new ones with `+`.
pub fn check_lock(catalogue: &Catalogue, file: &Path, new: NewLines) -> Result<(), String> {
    let locked = match std::fs::read_to_string(file) {
        Ok(text) => Lock::parse(&text).map_err(|error| format!("{}: {error}", file.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Lock::parse("").map_err(|error| error.to_string())?
        }
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    let now = Lock::of(catalogue);
    let drift = locked.drift(&now);
    if drift.is_none() {
        return Ok(());
    }
    if drift.broken().is_empty() && new == NewLines::Written {
        return std::fs::write(file, now.to_string())
            .map_err(|error| format!("{}: {error}", file.display()));
    }
    let advice = if drift.broken().is_empty() {
        "new lines: read them, then run the test with SKELETON_BLESS=1"
    } else {
        "published lines changed: undo it, retire what is gone, or take the lines out of the file by hand"
    };
    Err(format!(
        "{} and the catalogue differ; {advice}\n{drift}",
        file.display()
    ))
}

/// Fails unless a catalogue says what its committed lock says: `assert_locked!(Bank, "permissions.lock")`. The path
/// begins at the crate's own folder.
///
/// The diff of that file is the review of who gains what. A changed or missing line fails; a new one is written by
/// running the test with `SKELETON_BLESS=1`.
#[macro_export]
macro_rules! assert_locked {
    ($catalogue:ty, $file:literal) => {{
        let file = ::std::path::Path::new(::core::env!("CARGO_MANIFEST_DIR")).join($file);
        let checked = $crate::testing::check_lock(
            &<$catalogue>::catalogue(),
            &file,
            $crate::testing::NewLines::from_env(),
        );
        ::std::assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }};
}
