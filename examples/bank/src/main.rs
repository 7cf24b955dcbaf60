//! Starts the bank in a fresh directory, plays the tour, and stays up until it is told to stop.

use std::process::ExitCode;
use std::time::Duration;

use bank::cli::Cli;
use bank::cli::USAGE;
use bank::demo;
use bank::files::DataDir;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match Cli::parse(std::env::args().skip(1)) {
        Ok(cli) if cli.help => return say(USAGE, ExitCode::SUCCESS),
        Ok(cli) => cli,
        Err(error) => return say(&format!("{error}\n\n{USAGE}"), ExitCode::from(2)),
    };
    // The handlers are there before the directory is: no signal finds a file that nobody would remove.
    let (Ok(interrupt), Ok(terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return say("the signal handlers cannot be installed", ExitCode::FAILURE);
    };
    let dir = match DataDir::fresh() {
        Ok(dir) => dir,
        Err(error) => return say(&format!("no data directory: {error}"), ExitCode::FAILURE),
    };
    let code = tokio::select! {
        result = demo::run(&cli, dir.path(), std::io::stdout()) => match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => say(&format!("the tour failed: {error}"), ExitCode::FAILURE),
        },
        code = told_to_stop(interrupt, terminate) => code,
    };
    match dir.remove(Duration::from_secs(5)).await {
        Ok(()) => code,
        Err(error) => say(&format!("the data directory stays: {error}"), ExitCode::FAILURE),
    }
}

/// Waits for SIGINT or SIGTERM; the code is that of a process that the signal ended.
async fn told_to_stop(mut interrupt: Signal, mut terminate: Signal) -> ExitCode {
    tokio::select! {
        _ = interrupt.recv() => ExitCode::from(130),
        _ = terminate.recv() => ExitCode::from(143),
    }
}

fn say(text: &str, code: ExitCode) -> ExitCode {
    use std::io::Write;
    // Without a standard error nobody could be told anyway.
    let _unheard = writeln!(std::io::stderr(), "{text}");
    code
}
