//! Rows: every record reads back as it was written, and what is none is an error with a type.

use std::time::Duration;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Conclusion;
use skeleton_idempotency::Held;
use skeleton_idempotency::Hold;
use skeleton_idempotency::MAX_BODY;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Record;
use skeleton_idempotency::State;
use skeleton_idempotency::Store;
use skeleton_idempotency::TxStore;
use skeleton_idempotency_sqlx::SqliteError;
use skeleton_idempotency_sqlx::SqliteIdempotency;
use sqlx::AssertSqlSafe;
use sqlx::Connection;

use crate::helpers::BY_LOG;
use crate::helpers::File;
use crate::helpers::HELD;
use crate::helpers::MADE;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::epoch;
use crate::helpers::in_mode;
use crate::helpers::run;

fn record(ask: &Ask, state: State) -> Record {
    Record {
        operation: ask.key().operation().clone(),
        fingerprint: *ask.fingerprint(),
        mode: ask.mode(),
        epoch: 1,
        owner: ask.owner(),
        state,
        expires_at: ask.expires_at(),
    }
}

#[tokio::test]
async fn a_row_of_every_state_reads_back() {
    let file = File::new().await;
    let held = attempt(1, "1");
    file.claim(&held).await;
    assert_eq!(file.find(&held).await, Some(record(&held, BY_LOG)));

    let empty = Answer::new(204).unwrap();
    let body: Vec<u8> = (0..=255).cycle().take(MAX_BODY).collect();
    let full = Answer::new(599).unwrap().with_body(body).unwrap();
    let fields = ["<a>", "", "<b>"].iter().fold(answer("b"), |answer, link| {
        answer.with_field("link", link).unwrap()
    });
    let trailed = answer("b").with_trailer("grpc-status", "0").unwrap();
    let tombstone = fields.clone().without_body();
    for (number, answer) in (2..).zip([empty, full, fields, trailed, tombstone]) {
        let done = attempt(number, "1");
        file.claim(&done).await;
        assert_eq!(
            file.complete(&done, &answer).await.unwrap(),
            Completed::Stored
        );
        assert_eq!(
            file.find(&done).await,
            Some(record(&done, State::Done { answer }))
        );
    }
}

#[tokio::test]
async fn a_row_of_every_mode_and_lease_reads_back() {
    let file = File::new().await;
    let store = file.store().await;
    let modes = [Mode::Transactional, Mode::Resumable, Mode::AtMostOnce];
    for (number, mode) in (1..).zip(modes) {
        let ask = in_mode(mode, &attempt(number, "1"));
        let lease = Duration::from_millis(1_234);
        let Claim::Granted(grant) = store.claim(&ask, lease).await.unwrap() else {
            panic!("nobody else claims it")
        };
        let held = Held::Until(MADE.saturating_add(lease));
        let running = record(&ask, State::Running { held });
        assert_eq!(file.find(&ask).await, Some(running));
        let end = Conclusion::InDoubt {
            retry_after: Duration::from_millis(34),
        };
        let ended = store.complete(ask.key(), &grant.fence(), &end).await;
        assert_eq!(ended.unwrap(), Completed::InDoubt);
        let state = match mode {
            Mode::Resumable => State::Running {
                held: Held::Until(MADE.saturating_add(Duration::from_millis(34))),
            },
            _ => State::Unknown { since: MADE },
        };
        assert_eq!(file.find(&ask).await, Some(record(&ask, state)));
    }
}

/// What a row is damaged with, and the column that is named then.
const DAMAGED: [(&str, &str); 16] = [
    ("operation = 'Not A Name'", "operation"),
    ("operation = ''", "operation"),
    ("fingerprint = x'00'", "fingerprint"),
    ("fingerprint = zeroblob(18)", "fingerprint"),
    ("mode = 0", "mode"),
    ("mode = 259", "mode"),
    ("epoch = -1", "epoch"),
    ("state = 5", "state"),
    ("state = -9", "state"),
    ("owner = x'0102'", "owner"),
    ("owner = zeroblob(16)", "owner"),
    ("lease_until = NULL", "lease_until"),
    ("state = 3, lease_until = -1", "lease_until"),
    ("state = 2, answer = NULL", "answer"),
    ("state = 2, answer = x''", "answer"),
    ("state = 2, answer = x'0100c800000000000000ff'", "answer"),
];

#[tokio::test]
async fn a_damaged_row_is_an_error_that_names_its_column_and_grants_nothing() {
    for (damage, column) in DAMAGED {
        let file = File::new().await;
        let first = attempt(1, "1");
        file.claim(&first).await;
        let mut connection = file.connect().await;
        let sql = AssertSqlSafe(format!("UPDATE idempotency SET {damage}"));
        sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
        let is_named =
            |error: &SqliteError| matches!(error, SqliteError::Corrupt(named) if *named == column);
        let found = file
            .records
            .find(&mut connection, first.key())
            .await
            .unwrap_err();
        assert!(is_named(&found), "{damage}: {found:?}");
        let peeked = file
            .records
            .peek(&mut connection, &first)
            .await
            .unwrap_err();
        assert!(is_named(&peeked), "{damage}: {peeked:?}");
        let mut tx = begin(&mut connection).await;
        let claimed = file.records.claim_in(&mut tx, &first, Hold::Log);
        let claimed = claimed.await.unwrap_err();
        assert!(is_named(&claimed), "{damage}: {claimed:?}");
        tx.rollback().await.unwrap();
        connection.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_retention_before_1970_is_no_retention() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let mut connection = file.connect().await;
    run(&mut connection, "UPDATE idempotency SET expires_at = -1").await;
    let found = file.records.find(&mut connection, first.key()).await;
    assert!(matches!(found, Err(SqliteError::Corrupt("expires_at"))));
}

#[tokio::test]
async fn a_claim_that_the_log_does_not_hold_takes_no_answer_of_the_log() {
    let file = File::new().await;
    let first = in_mode(Mode::Resumable, &attempt(1, "1"));
    let store = file.store().await;
    let claim = store.claim(&first, Duration::from_secs(30)).await.unwrap();
    assert_eq!(epoch(&claim), Some(1));
    let before = file.find(&first).await;
    let completed = file.complete(&first, &answer("a")).await.unwrap();
    assert_eq!(completed, Completed::Fenced { answer: None });
    assert_eq!(file.find(&first).await, before);
}

/// Nobody comes so far; a number that does not fit must not be kept as another one.
#[tokio::test]
async fn a_grant_after_the_last_number_is_refused() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let mut connection = file.connect().await;
    run(
        &mut connection,
        "UPDATE idempotency SET epoch = 9223372036854775807, expires_at = 1",
    )
    .await;
    let mut tx = begin(&mut connection).await;
    let claimed = file
        .records
        .claim_in(&mut tx, &attempt(1, "1"), Hold::Log)
        .await;
    assert!(
        matches!(claimed, Err(SqliteError::Corrupt("epoch"))),
        "{claimed:?}"
    );
}

/// What the first version of the table held: nothing but claims of the log, and answers.
#[tokio::test]
async fn rows_of_the_first_layout_are_read_and_go_on() {
    let file = File::new().await;
    let [held, done] = [attempt(1, "1"), attempt(2, "1")];
    let mut connection = file.connect().await;
    run(&mut connection, "DROP TABLE idempotency").await;
    run(&mut connection, include_str!("layouts/first.sql")).await;
    for (ask, state) in [(&held, 1), (&done, 2)] {
        let insert = sqlx::query(include_str!("layouts/first_row.sql"))
            .bind(ask.key().day())
            .bind(ask.key().address().to_vec())
            .bind(ask.key().tenant().unwrap().to_bytes().to_vec())
            .bind(ask.key().operation().as_str().to_owned())
            .bind(ask.fingerprint().as_bytes().to_vec())
            .bind(state)
            .bind(ask.owner().to_bytes().to_vec())
            .bind((state == 1).then_some(i64::MAX))
            .bind(i64::try_from(ask.expires_at().as_millis()).unwrap())
            .bind((state == 2).then(|| answer("moved").to_bytes()));
        insert.execute(&mut connection).await.unwrap();
    }
    SqliteIdempotency::migrate(&mut connection).await.unwrap();
    assert_eq!(file.find(&held).await, Some(record(&held, BY_LOG)));
    let state = State::Done {
        answer: answer("moved"),
    };
    assert_eq!(file.find(&done).await, Some(record(&done, state)));
    assert_eq!(file.claim(&attempt(1, "1")).await, HELD);
    assert_eq!(
        file.claim(&attempt(2, "1")).await,
        Claim::Done(answer("moved"))
    );
    let completed = file.complete(&held, &answer("moved")).await.unwrap();
    assert_eq!(completed, Completed::Stored);
    assert_eq!(
        file.claim(&attempt(1, "1")).await,
        Claim::Done(answer("moved"))
    );
}

#[tokio::test]
async fn a_database_without_the_table_is_an_error_of_the_database() {
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:")
        .await
        .unwrap();
    let store = SqliteIdempotency::default();
    let found = store.find(&mut connection, attempt(1, "1").key()).await;
    assert!(matches!(found, Err(SqliteError::Database(_))));
}

/// Attack 16: the file holds a keyed digest of the payload, and nothing else of it.
#[tokio::test]
async fn attack_16_a_stolen_file_holds_no_payload_and_no_header() {
    let file = File::new().await;
    file.claim(&attempt(1, r#"{"iban":"DE02120300000000202051"}"#))
        .await;
    let mut stolen = std::fs::read(file.path()).unwrap();
    stolen.extend(std::fs::read(format!("{}-wal", file.path().display())).unwrap_or_default());
    let holds = |text: &[u8]| stolen.windows(text.len()).any(|window| window == text);
    assert!(holds(b"transfer-money"), "the record is in the file");
    assert!(!holds(b"DE0212") && !holds(b"iban"));
}
