//! The transcript: numbered lines that a golden file is compared with.

use std::io;
use std::io::Write;

/// Writes the tour, one line per step.
#[derive(Debug)]
pub struct Transcript<W> {
    out: W,
    steps: u32,
}

impl<W: Write> Transcript<W> {
    /// A transcript on `out`.
    pub const fn new(out: W) -> Self {
        Self { out, steps: 0 }
    }

    /// How many steps were written.
    pub const fn steps(&self) -> u32 {
        self.steps
    }

    /// A line outside of the numbering.
    ///
    /// # Errors
    ///
    /// What the output answers.
    pub fn line(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    /// The next step: who, what, the status, and what it means.
    ///
    /// # Errors
    ///
    /// What the output answers.
    pub fn step(&mut self, who: &str, what: &str, status: &str, meaning: &str) -> io::Result<()> {
        self.steps += 1;
        let line = format!(
            "{:>2}  {who:<12}  {what:<42} {status:<4} {meaning}",
            self.steps
        );
        self.line(line.trim_end())
    }
}
