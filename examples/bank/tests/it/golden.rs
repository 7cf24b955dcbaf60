//! Committed texts: what differs is a change that somebody has to read.

use std::path::Path;

use skeleton_authz::testing::NewLines;

/// Compares a text with the committed one, or commits it: `SKELETON_BLESS=1`.
pub(crate) fn golden(name: &str, text: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    if NewLines::from_env() == NewLines::Written {
        std::fs::write(&file, text).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        text, committed,
        "{name} differs: read the difference, then run the test with SKELETON_BLESS=1"
    );
}
