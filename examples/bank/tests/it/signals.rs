//! A bank that is told to stop leaves nothing behind, whenever it is told.

use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

fn start(temp: &std::path::Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_bank"))
        .args(args)
        .env("TMPDIR", temp)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}

fn left_behind(temp: &std::path::Path) -> Vec<std::path::PathBuf> {
    std::fs::read_dir(temp)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

#[test]
fn a_signal_at_any_moment_leaves_no_file_behind() {
    for (turn, millis) in [0, 3, 10, 25, 50, 80, 120, 200, 300, 450, 700, 1_100]
        .into_iter()
        .enumerate()
    {
        let temp = tempfile::tempdir().unwrap();
        let mut child = start(temp.path(), &[]);
        std::thread::sleep(Duration::from_millis(millis));
        // Whoever runs the tests in the background may have made their processes deaf to SIGINT until a handler is there.
        let (name, number) = if turn % 2 == 0 && millis >= 300 {
            ("-INT", 2)
        } else {
            ("-TERM", 15)
        };
        signal(&child, name);
        let status = child.wait().unwrap();
        // Before the handlers are there the signal itself ends the process, which then has no files yet.
        use std::os::unix::process::ExitStatusExt;
        let ended = status.code() == Some(128 + number) || status.signal() == Some(number);
        assert!(ended, "{status:?} after {millis} ms");
        assert_eq!(
            left_behind(temp.path()),
            Vec::<std::path::PathBuf>::new(),
            "after {millis} ms"
        );
    }
}

#[test]
fn a_tour_that_ends_leaves_no_file_behind() {
    let temp = tempfile::tempdir().unwrap();
    assert!(start(temp.path(), &["--exit"]).wait().unwrap().success());
    assert_eq!(left_behind(temp.path()), Vec::<std::path::PathBuf>::new());
}

#[test]
fn an_unknown_argument_is_refused_before_anything_is_made() {
    let temp = tempfile::tempdir().unwrap();
    assert_eq!(
        start(temp.path(), &["--quit"]).wait().unwrap().code(),
        Some(2)
    );
    assert_eq!(left_behind(temp.path()), Vec::<std::path::PathBuf>::new());
}
