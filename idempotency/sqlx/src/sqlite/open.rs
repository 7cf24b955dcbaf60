//! A file that survives what was acknowledged.

use core::time::Duration;
use std::io;
use std::path::Path;

use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::sqlite::SqliteSynchronous;
use tokio::time::sleep;

use super::error::SqliteError;
use super::error::is_transient;

/// One writes, the others read.
const CONNECTIONS: u32 = 8;
/// How long a transaction waits for one of another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// A new file becomes one with a write-ahead log under a lock for which SQLite itself does not wait.
const OPEN_TRIES: u32 = 50;
const OPEN_PAUSE: Duration = Duration::from_millis(20);

/// Opens a file, and makes it if it does not exist.
pub(super) async fn pool(file: &Path) -> Result<SqlitePool, SqliteError> {
    own(file)?;
    let options = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .disable_statement_logging();
    let pool = SqlitePoolOptions::new()
        .max_connections(CONNECTIONS)
        .after_release(|connection, _| {
            Box::pin(async move {
                // A rollback that is under way ends first. It fails if the database ended the transaction by itself, and
                // then nobody can begin another one on this connection.
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        });
    for _ in 1..OPEN_TRIES {
        match pool.clone().connect_with(options.clone()).await {
            Err(error) if is_transient(&error) => sleep(OPEN_PAUSE).await,
            opened => return opened.map_err(SqliteError::from),
        }
    }
    Ok(pool.connect_with(options).await?)
}

/// Makes the file before SQLite does, so that nobody else can ever read it. Its companions inherit the mode.
fn own(file: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}
