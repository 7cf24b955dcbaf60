//! The first minute: start, seed, serve, play the tour, and stay up unless told otherwise.

use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use crate::cli::Cli;
use crate::seed;
use crate::seed::Person;
use crate::tour;
use crate::tour::Transcript;
use crate::wiring::Bank;

/// Anything that keeps the demo from running.
pub type DemoError = Box<dyn std::error::Error + Send + Sync>;

/// Runs the demo on `dir` and writes its transcript to `out`. Without `--exit` it ends only by being dropped.
///
/// # Errors
///
/// [`DemoError`] if the bank does not start or a step of the tour does not hold.
pub async fn run(cli: Cli, dir: PathBuf, out: impl Write) -> Result<(), DemoError> {
    let started = Instant::now();
    let bank = Bank::start(&dir).await?;
    let world = seed::plant(&bank).await?;
    let url = format!("http://{}", bank.address());
    let mut transcript = Transcript::new(out);
    transcript.line(&format!(
        "bank    embedded: one SQLite file per tenant, bus in process    {url}"
    ))?;
    transcript.line(&format!("acme    {}", world.acme))?;
    transcript.line(&format!("globex  {}\n", world.globex))?;
    tour::play(bank.services(), bank.address(), &world, &mut transcript).await?;
    let (steps, ms) = (transcript.steps(), started.elapsed().as_millis());
    transcript.line(&format!(
        "\n{steps} steps in {ms} ms   data {}",
        dir.display()
    ))?;
    if cli.exit {
        bank.stop().await;
        return Ok(());
    }
    transcript.line(&invitation(&url, &world.bo))?;
    bank.serve().await
}

/// How to go on by hand. The password was drawn for this run and ends with it.
fn invitation(url: &str, person: &Person) -> String {
    let Person {
        slug,
        email,
        password,
        ..
    } = person;
    format!(
        "\nGo on by hand, or stop with Ctrl-C, which removes the data:\n\n  \
         curl -s {url}/commands/log-in -H 'Host: {slug}.localhost' \\\n       \
         -d '{{\"identifier\":\"{email}\",\"password\":\"{password}\"}}'\n  \
         curl -s {url}/queries/list-audit-entries -H 'Host: {slug}.localhost' \\\n       \
         -H 'Authorization: Bearer <access-token>' -d '{{}}'"
    )
}
