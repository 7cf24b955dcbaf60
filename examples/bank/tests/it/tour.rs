//! What a newcomer sees first.

use std::process::Command;

#[test]
fn the_tour_holds_and_prints_its_golden_transcript() {
    let output = Command::new(env!("CARGO_BIN_EXE_bank"))
        .args(["--", "--exit"])
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let problems = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}\n{problems}");
    let masked = mask(&printed);
    let golden = include_str!("../golden/tour.txt");
    assert_eq!(
        masked, golden,
        "the transcript differs from tests/golden/tour.txt"
    );
    let data = printed
        .lines()
        .last()
        .unwrap()
        .split("data ")
        .nth(1)
        .unwrap();
    assert!(
        !std::path::Path::new(data.trim()).exists(),
        "{data} was not removed"
    );
}

/// Masks the address, the directory and the milliseconds, and nothing else.
fn mask(printed: &str) -> String {
    let mut lines = Vec::new();
    for line in printed.lines() {
        let line = match line.split_once("http://") {
            Some((before, _)) => format!("{before}<url>"),
            None => line.to_owned(),
        };
        let line = match line.split_once(" steps in ") {
            Some((steps, _)) => format!("{steps} steps in <ms> ms   data <dir>"),
            None => line,
        };
        lines.push(line);
    }
    lines.join("\n") + "\n"
}
