//! What must not compile.

use std::process::Command;

#[test]
fn the_promises_of_the_types_hold() {
    let written_by = include_str!("../ui/COMPILER").trim();
    let version = Command::new("rustc")
        .arg("--version")
        .output()
        .unwrap()
        .stdout;
    let version = String::from_utf8(version).unwrap();
    if !version.starts_with(&format!("rustc {written_by}.")) {
        eprintln!(
            "skipped: the expected output was written by rustc {written_by}, this is {version}"
        );
        return;
    }
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
