//! The command line.

/// What `--help` prints.
pub const USAGE: &str = "\
usage: bank [--exit] [--log] [--help]

Starts the bank in a fresh directory on a free port of this machine and plays a tour of it.

  --exit   end after the tour; the status is 0 only if every step held
  --log    write the log to standard error: every line names the invocation it belongs to
  --help   print this";

/// What was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cli {
    /// End after the tour.
    pub exit: bool,
    /// Write the log to standard error.
    pub log: bool,
    /// Print the usage.
    pub help: bool,
}

/// An argument that means nothing here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown argument {0:?}")]
pub struct UnknownArgument(String);

impl Cli {
    /// Reads the arguments after the program's name. One leading `--` is dropped, so that
    /// `cargo demo --exit` and `cargo demo -- --exit` are the same.
    ///
    /// # Errors
    ///
    /// [`UnknownArgument`] for anything but the flags of [`USAGE`].
    pub fn parse(args: impl IntoIterator<Item = String>) -> Result<Self, UnknownArgument> {
        let mut cli = Self::default();
        for (at, arg) in args.into_iter().enumerate() {
            match arg.as_str() {
                "--" if at == 0 => {}
                "--exit" => cli.exit = true,
                "--log" => cli.log = true,
                "--help" | "-h" => cli.help = true,
                _ => return Err(UnknownArgument(arg)),
            }
        }
        Ok(cli)
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;

    fn parse(args: &[&str]) -> Option<Cli> {
        Cli::parse(args.iter().map(|arg| (*arg).to_owned())).ok()
    }

    #[test]
    fn one_leading_separator_is_dropped() {
        assert_eq!(parse(&["--", "--exit"]), parse(&["--exit"]));
        assert!(parse(&["--exit"]).is_some_and(|cli| cli.exit));
        assert_eq!(parse(&["--exit", "--"]), None);
        assert_eq!(parse(&["--quit"]), None);
    }
}
