//! What the benches share: exact counts, written beside criterion's medians, and dice.
//!
//! A time is read by criterion and depends on the machine. A count (allocations, bytes) is the same on every machine, so
//! it is taken once and written to `target/counts/<id>`, where the report finds it.

mod dice;
mod heap;

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;

pub use dice::Dice;

/// Where this workspace builds.
#[must_use]
pub fn target() -> PathBuf {
    let own = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target");
    std::env::var_os("CARGO_TARGET_DIR").map_or(own, PathBuf::from)
}

/// Notes an exact figure under an id.
///
/// # Panics
///
/// If the file cannot be written: a bench whose figures are lost is no bench.
#[expect(
    clippy::expect_used,
    reason = "a bench whose figures are lost is no bench"
)]
pub fn note(id: &str, figure: u64) {
    let dir = target().join("counts");
    fs::create_dir_all(&dir).expect("a directory for counts");
    fs::write(dir.join(id), figure.to_string()).expect("a file for a count");
}

/// How often `code` allocates, after it has run once.
pub fn allocations<T>(mut code: impl FnMut() -> T) -> u64 {
    drop(code());
    let before = heap::calls();
    let kept = black_box(code());
    let after = heap::calls();
    drop(kept);
    after - before
}

/// What `code` makes, and how many bytes of the heap it holds. Exact for what this thread allocates; what the allocator
/// rounds up is not seen.
pub fn kept<T>(code: impl FnOnce() -> T) -> (T, u64) {
    let before = heap::held();
    let kept = black_box(code());
    let held = heap::held() - before;
    (kept, u64::try_from(held).unwrap_or(0))
}
