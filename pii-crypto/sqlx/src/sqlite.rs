//! The store on SQLite: a file of its own, so that restoring events restores no key.

use std::io;
use std::path::Path;

use async_trait::async_trait;
use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::Rows;
use skeleton_pii_crypto::StoreError;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::StoredRow;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use sqlx::ConnectOptions;
use sqlx::SqliteConnection;
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::sqlite::SqliteJournalMode;
use sqlx::sqlite::SqlitePoolOptions;
use sqlx::sqlite::SqliteSynchronous;

const MIGRATE: &str = include_str!("sql/migrate.sql");
const READ_TENANT: &str = include_str!("sql/read_tenant.sql");
const READ_SUBJECT: &str = include_str!("sql/read_subject.sql");
const READ_HEAD: &str = include_str!("sql/read_head.sql");
const READ_RECEIPTS: &str = include_str!("sql/read_receipts.sql");
const INSERT_TENANT: &str = include_str!("sql/insert_tenant.sql");
const INSERT_SUBJECT: &str = include_str!("sql/insert_subject.sql");
const UPDATE_SUBJECT: &str = include_str!("sql/update_subject.sql");
const INSERT_RECEIPT: &str = include_str!("sql/insert_receipt.sql");

const CONNECTIONS: u32 = 4;

/// Why a file of keys cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file cannot be made, or not be kept from other users.
    #[error("the file of keys cannot be made")]
    File(#[from] io::Error),
    /// It is no database, or of another layout.
    #[error("the file of keys cannot be read")]
    Database(#[from] sqlx::Error),
}

/// Wrapped keys and receipts in a SQLite file of their own. Cheap to clone.
///
/// # Security
///
/// What is overwritten is overwritten with zeros (`secure_delete`), and after each receipt the write-ahead log is
/// emptied into the file, so that a destroyed key does not stay in either. A read that is under way at that moment
/// postpones it to the next receipt or the last close; after a crash it is done when the file is opened. Copies that a
/// backup or the disk itself made are out of its reach.
/// On Unix the file is readable by its owner alone.
#[derive(Clone, Debug)]
pub struct SqliteKeyStore(SqlitePool);

impl SqliteKeyStore {
    /// Opens a file of keys, and makes it if it does not exist.
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the file cannot be made or is no database of keys.
    pub async fn open(file: &Path) -> Result<Self, OpenError> {
        own(file)?;
        let options = SqliteConnectOptions::new()
            .filename(file)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        let pool = SqlitePoolOptions::new()
            .max_connections(CONNECTIONS)
            .connect_with(options)
            .await?;
        sqlx::raw_sql(MIGRATE).execute(&pool).await?;
        let store = Self(pool);
        // A process that died between a receipt and this step left the log as it was.
        let _postponed = store.scrub().await;
        Ok(store)
    }

    /// Waits for the calls under way and closes the file. Every later call is refused.
    pub async fn close(&self) {
        self.0.close().await;
    }

    /// Empties the write-ahead log into the file, as far as no read is in its way.
    async fn scrub(&self) -> Result<(), sqlx::Error> {
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&self.0)
            .await
            .map(drop)
    }
}

#[async_trait]
impl KeyStore for SqliteKeyStore {
    async fn read(&self, tenant: &TenantRef, subjects: &[SubjectId]) -> Result<Rows, StoreError> {
        read(&self.0, tenant, subjects)
            .await
            .map_err(StoreError::unavailable)
    }

    async fn commit(&self, tenant: &TenantRef, change: Change) -> Result<Committed, StoreError> {
        let destroys = change.receipt.is_some();
        let committed = commit(&self.0, tenant, change)
            .await
            .map_err(StoreError::unavailable)?;
        if destroys && committed == Committed::Done {
            // The commit stands whatever becomes of this: a log that cannot be emptied now is emptied later.
            let _postponed = self.scrub().await;
        }
        Ok(committed)
    }

    async fn receipts(
        &self,
        tenant: &TenantRef,
        after: u64,
    ) -> Result<Vec<StoredReceipt>, StoreError> {
        let query = sqlx::query_as::<_, (i64, Vec<u8>)>(READ_RECEIPTS)
            .bind(tenant.as_str())
            .bind(to_sql(after));
        let rows = query
            .fetch_all(&self.0)
            .await
            .map_err(StoreError::unavailable)?;
        let receipt =
            |(sequence, body)| from_sql(sequence).map(|sequence| StoredReceipt { sequence, body });
        rows.into_iter()
            .map(receipt)
            .collect::<Result<_, _>>()
            .map_err(StoreError::unavailable)
    }
}

/// Makes the file before SQLite does, so that nobody else can ever read it. Its companions inherit the mode.
fn own(file: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file).map(drop)
}

async fn read(
    pool: &SqlitePool,
    tenant: &TenantRef,
    subjects: &[SubjectId],
) -> Result<Rows, sqlx::Error> {
    // One transaction: every part is of the same committed state.
    let mut tx = pool.begin().await?;
    let own = sqlx::query_scalar::<_, Vec<u8>>(READ_TENANT).bind(tenant.as_str());
    let own = own.fetch_optional(&mut *tx).await?;
    let mut rows = Vec::with_capacity(subjects.len());
    for subject in subjects {
        let query = sqlx::query_as::<_, (i64, Vec<u8>)>(READ_SUBJECT)
            .bind(tenant.as_str())
            .bind(subject.as_str());
        let row = query.fetch_optional(&mut *tx).await?;
        let stored =
            row.map(|(version, body)| from_sql(version).map(|version| StoredRow { version, body }));
        rows.push(stored.transpose()?);
    }
    let head = sqlx::query_as::<_, (i64, Vec<u8>)>(READ_HEAD).bind(tenant.as_str());
    let head = head.fetch_optional(&mut *tx).await?;
    let head = head.map(|(sequence, body)| {
        from_sql(sequence).map(|sequence| StoredReceipt { sequence, body })
    });
    Ok(Rows {
        tenant: own,
        rows,
        head: head.transpose()?,
    })
}

/// Writes every part or, by dropping the transaction, none.
async fn commit(
    pool: &SqlitePool,
    tenant: &TenantRef,
    change: Change,
) -> Result<Committed, sqlx::Error> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    if let Some(body) = change.tenant {
        let query = sqlx::query(INSERT_TENANT).bind(tenant.as_str()).bind(body);
        if query.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(Committed::TenantExists);
        }
    }
    if let Some((subject, expected, body)) = change.row
        && !write_row(&mut tx, tenant, &subject, expected, body).await?
    {
        return Ok(Committed::RowMoved);
    }
    if let Some(receipt) = change.receipt {
        let query = sqlx::query(INSERT_RECEIPT)
            .bind(tenant.as_str())
            .bind(to_sql(receipt.sequence))
            .bind(receipt.body);
        if query.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(Committed::HeadMoved);
        }
    }
    tx.commit().await?;
    Ok(Committed::Done)
}

/// False if the row has another version.
async fn write_row(
    connection: &mut SqliteConnection,
    tenant: &TenantRef,
    subject: &SubjectId,
    expected: u64,
    body: Vec<u8>,
) -> Result<bool, sqlx::Error> {
    let is_new = expected == 0;
    let sql = if is_new {
        INSERT_SUBJECT
    } else {
        UPDATE_SUBJECT
    };
    let mut query = sqlx::query(sql)
        .bind(tenant.as_str())
        .bind(subject.as_str())
        .bind(body);
    if !is_new {
        query = query.bind(to_sql(expected));
    }
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

/// SQLite's integers are signed: a number past its end is past every row.
fn to_sql(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn from_sql(number: i64) -> Result<u64, sqlx::Error> {
    u64::try_from(number).map_err(|error| sqlx::Error::Decode(error.into()))
}

#[cfg(test)]
mod tests {
    use super::CONNECTIONS;
    use super::SqliteKeyStore;

    #[tokio::test]
    async fn every_connection_writes_through_and_wipes() {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteKeyStore::open(&dir.path().join("keys.db"))
            .await
            .unwrap();
        let mut held = Vec::new();
        for _ in 0..CONNECTIONS {
            let mut one = store.0.acquire().await.unwrap();
            let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
                .fetch_one(&mut *one)
                .await
                .unwrap();
            let mut settings = Vec::new();
            for pragma in ["PRAGMA synchronous", "PRAGMA secure_delete"] {
                let setting = sqlx::query_scalar::<_, i64>(pragma);
                settings.push(setting.fetch_one(&mut *one).await.unwrap());
            }
            assert_eq!((mode.as_str(), &settings[..]), ("wal", &[2, 1][..]));
            held.push(one);
        }
    }
}
