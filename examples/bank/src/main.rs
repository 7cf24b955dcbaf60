//! Starts the bank in a fresh directory, plays the tour, and stays up until it is told to stop.

use std::io::Write;
use std::process::ExitCode;
use std::time::Duration;

use bank::cli::Cli;
use bank::cli::USAGE;
use bank::demo;
use bank::files::DataDir;
use tokio::runtime::Runtime;
use tokio::signal::unix::Signal;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;

fn main() -> ExitCode {
    let cli = match Cli::parse(std::env::args().skip(1)) {
        Ok(cli) if cli.help => return say(USAGE, 0),
        Ok(cli) => cli,
        Err(error) => return say(&format!("{error}\n\n{USAGE}"), 2),
    };
    if cli.log {
        // Whoever installed a subscriber before has one.
        let _held = tracing_subscriber::fmt()
            .with_writer(std::io::stderr)
            .with_ansi(false)
            .with_target(false)
            .try_init();
    }
    let runtime = match Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return say(&format!("no runtime: {error}"), 1),
    };
    let code = runtime.block_on(run(cli));
    // A thread that waits for a terminal that takes no more output would be waited for otherwise.
    runtime.shutdown_background();
    code
}

async fn run(cli: Cli) -> ExitCode {
    // The handlers are there before the directory is: no signal finds a file that nobody would remove.
    let Some(stop) = told_to_stop() else {
        return say("the signal handlers cannot be installed", 1);
    };
    let dir = match DataDir::fresh() {
        Ok(dir) => dir,
        Err(error) => return say(&format!("no data directory: {error}"), 1),
    };
    // A task of its own: a write that blocks must not keep a signal from being heard.
    let mut tour = tokio::spawn(demo::run(cli, dir.path().to_owned(), std::io::stdout()));
    let code = tokio::select! {
        ended = &mut tour => match ended {
            Ok(Ok(())) => ExitCode::SUCCESS,
            Ok(Err(error)) => say(&format!("the tour failed: {error}"), 1),
            Err(error) => say(&format!("the tour broke off: {error}"), 1),
        },
        code = stop => code,
    };
    tour.abort();
    match dir.remove(Duration::from_secs(5)).await {
        Ok(()) => code,
        Err(error) => say(&format!("the data directory stays: {error}"), 1),
    }
}

/// Waits to be told to stop; the code is that of a process that the signal ended. Nothing if nobody could tell.
fn told_to_stop() -> Option<impl Future<Output = ExitCode>> {
    let heard = |kind| signal(kind).ok();
    let mut interrupt: Signal = heard(SignalKind::interrupt())?;
    let mut terminate: Signal = heard(SignalKind::terminate())?;
    let mut hangup: Signal = heard(SignalKind::hangup())?;
    Some(async move {
        tokio::select! {
            _ = interrupt.recv() => ExitCode::from(130),
            _ = terminate.recv() => ExitCode::from(143),
            _ = hangup.recv() => ExitCode::from(129),
        }
    })
}

fn say(text: &str, code: u8) -> ExitCode {
    // Without a standard error nobody could be told anyway.
    let _unheard = writeln!(std::io::stderr(), "{text}");
    ExitCode::from(code)
}
