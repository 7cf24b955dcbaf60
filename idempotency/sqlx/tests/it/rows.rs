//! Rows: every record reads back as it was written, and what is none is an error with a type.

use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Completed;
use skeleton_idempotency::MAX_BODY;
use skeleton_idempotency::Record;
use skeleton_idempotency::State;
use skeleton_idempotency_sqlx::SqliteError;
use sqlx::Connection;

use crate::helpers::File;
use crate::helpers::answer;
use crate::helpers::attempt;
use crate::helpers::begin;
use crate::helpers::run;

fn record(ask: &Ask, state: State) -> Record {
    Record {
        operation: ask.key().operation().clone(),
        fingerprint: *ask.fingerprint(),
        epoch: 1,
        state,
        expires_at: ask.expires_at(),
    }
}

#[tokio::test]
async fn a_row_of_every_state_reads_back() {
    let file = File::new().await;
    let held = attempt(1, "1");
    file.claim(&held).await;
    let expected = record(
        &held,
        State::HeldByLog {
            owner: held.owner(),
        },
    );
    assert_eq!(file.find(&held).await, Some(expected));

    let empty = Answer::new(204).unwrap();
    let full = Answer::new(599)
        .unwrap()
        .with_body((0..=255).cycle().take(MAX_BODY).collect())
        .unwrap();
    let fields = ["<a>", "", "<b>"].iter().fold(answer("b"), |answer, link| {
        answer.with_field("link", link).unwrap()
    });
    for (number, answer) in (2..).zip([empty, full, fields]) {
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

/// What a row is damaged with, and the column that is named then.
const DAMAGED: [(&str, &str); 13] = [
    (
        "UPDATE idempotency SET operation = 'Not A Name'",
        "operation",
    ),
    ("UPDATE idempotency SET operation = ''", "operation"),
    ("UPDATE idempotency SET fingerprint = x'00'", "fingerprint"),
    (
        "UPDATE idempotency SET fingerprint = zeroblob(18)",
        "fingerprint",
    ),
    ("UPDATE idempotency SET epoch = -1", "epoch"),
    ("UPDATE idempotency SET state = 3", "state"),
    ("UPDATE idempotency SET state = 4", "state"),
    ("UPDATE idempotency SET state = -9", "state"),
    ("UPDATE idempotency SET owner = x'0102'", "owner"),
    ("UPDATE idempotency SET owner = zeroblob(16)", "owner"),
    ("UPDATE idempotency SET state = 2, answer = NULL", "answer"),
    ("UPDATE idempotency SET state = 2, answer = x''", "answer"),
    (
        "UPDATE idempotency SET state = 2, answer = x'0100c800000000000000ff'",
        "answer",
    ),
];

#[tokio::test]
async fn a_damaged_row_is_an_error_that_names_its_column_and_grants_nothing() {
    for (damage, column) in DAMAGED {
        let file = File::new().await;
        let first = attempt(1, "1");
        file.claim(&first).await;
        let mut connection = file.connect().await;
        run(&mut connection, damage).await;
        let is_named =
            |error: &SqliteError| matches!(error, SqliteError::Corrupt(named) if *named == column);
        let found = file
            .store
            .find(&mut connection, first.key())
            .await
            .unwrap_err();
        assert!(is_named(&found), "{damage}: {found:?}");
        let peeked = file.store.peek(&mut connection, &first).await.unwrap_err();
        assert!(is_named(&peeked), "{damage}: {peeked:?}");
        let mut tx = begin(&mut connection).await;
        let claimed = skeleton_idempotency::TxStore::claim_in(
            &file.store,
            &mut tx,
            &first,
            skeleton_idempotency::Hold::Log,
        );
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
    let found = file.store.find(&mut connection, first.key()).await;
    assert!(matches!(found, Err(SqliteError::Corrupt("expires_at"))));
}

#[tokio::test]
async fn a_claim_that_the_log_does_not_hold_takes_no_answer_of_the_log() {
    let file = File::new().await;
    let first = attempt(1, "1");
    file.claim(&first).await;
    let mut connection = file.connect().await;
    run(&mut connection, "UPDATE idempotency SET lease_until = 5").await;
    let completed = file.complete(&first, &answer("a")).await;
    assert!(
        matches!(completed, Err(SqliteError::Corrupt("lease_until"))),
        "{completed:?}"
    );
    assert_eq!(
        file.find(&first).await.unwrap().state,
        State::HeldByLog {
            owner: first.owner()
        }
    );
}

#[tokio::test]
async fn a_database_without_the_table_is_an_error_of_the_database() {
    let mut connection = sqlx::SqliteConnection::connect("sqlite::memory:")
        .await
        .unwrap();
    let store = skeleton_idempotency_sqlx::SqliteIdempotency::default();
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
