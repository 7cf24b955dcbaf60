//! `SqliteStore` passes the suites that every store must pass.

#[cfg(test)]
mod sqlite {
    use std::path::PathBuf;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;

    use skeleton_idempotency::conformance::Factory;
    use skeleton_idempotency::conformance::MovableClock;
    use skeleton_idempotency::conformance::TxFactory;
    use skeleton_idempotency_sqlx::SqliteError;
    use skeleton_idempotency_sqlx::SqliteStore;
    use skeleton_idempotency_sqlx::SqliteTx;
    use tempfile::TempDir;

    /// A folder with one file per store.
    #[derive(Clone, Debug)]
    struct Files {
        dir: Arc<TempDir>,
        made: Arc<AtomicU32>,
    }

    impl Files {
        fn new() -> Self {
            Self {
                dir: Arc::new(tempfile::tempdir().unwrap()),
                made: Arc::default(),
            }
        }

        async fn open(&self, clock: &MovableClock) -> SqliteStore {
            let number = self.made.fetch_add(1, Ordering::SeqCst);
            let file = self.dir.path().join(format!("{number}.db"));
            let store = SqliteStore::open(file, clock.clone()).await.unwrap();
            let table = sqlx::raw_sql("CREATE TABLE effect (number INTEGER NOT NULL) STRICT");
            table.execute(store.pool()).await.unwrap();
            store
        }

        async fn open_again(&self, store: SqliteStore, clock: &MovableClock) -> SqliteStore {
            let options = store.pool().connect_options();
            let file: PathBuf = options.get_filename().to_owned();
            store.close().await;
            SqliteStore::open(file, clock.clone()).await.unwrap()
        }
    }

    impl Factory for Files {
        type Store = SqliteStore;

        async fn fresh(&self, clock: &MovableClock) -> SqliteStore {
            self.open(clock).await
        }

        async fn reopen(&self, store: SqliteStore, clock: &MovableClock) -> SqliteStore {
            self.open_again(store, clock).await
        }
    }

    impl TxFactory for Files {
        type Tx = SqliteTx;
        type Store = SqliteStore;

        async fn fresh(&self, clock: &MovableClock) -> SqliteStore {
            self.open(clock).await
        }

        async fn reopen(&self, store: SqliteStore, clock: &MovableClock) -> SqliteStore {
            self.open_again(store, clock).await
        }

        async fn effect(
            &self,
            _: &SqliteStore,
            tx: &mut SqliteTx,
            number: u32,
        ) -> Result<(), SqliteError> {
            let insert = sqlx::query("INSERT INTO effect VALUES (?1)").bind(number);
            insert.execute(&mut **tx).await?;
            Ok(())
        }

        async fn effects(&self, store: &SqliteStore) -> Vec<u32> {
            let numbers = sqlx::query_scalar("SELECT number FROM effect");
            numbers.fetch_all(store.pool()).await.unwrap()
        }
    }

    mod claims {
        use super::Files;

        skeleton_idempotency::conformance_tests!(Files::new());
    }

    mod transactions {
        use super::Files;

        skeleton_idempotency::conformance_tx_tests!(Files::new());
    }
}
