//! The data directory: fresh for every run, and gone after it.

use core::time::Duration;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// A directory that belongs to this run alone.
#[derive(Debug)]
pub struct DataDir(tempfile::TempDir);

impl DataDir {
    /// Makes a directory that only this user can read.
    ///
    /// # Errors
    ///
    /// What the operating system answers.
    pub fn fresh() -> io::Result<Self> {
        tempfile::Builder::new().prefix("bank-").tempdir().map(Self)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Removes it with all it holds. Connections that are still closing may write a last time: it tries
    /// again until nothing is left, for at most `patience`.
    ///
    /// # Errors
    ///
    /// What the operating system answered last.
    pub async fn remove(self, patience: Duration) -> io::Result<()> {
        const PAUSE: Duration = Duration::from_millis(20);

        let path: PathBuf = self.0.keep();
        let mut left = patience;
        loop {
            match std::fs::remove_dir_all(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound && left.is_zero() => {
                    return Err(error);
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                Ok(()) if !path.exists() => return Ok(()),
                _ => {}
            }
            tokio::time::sleep(PAUSE).await;
            left = left.saturating_sub(PAUSE);
        }
    }
}
