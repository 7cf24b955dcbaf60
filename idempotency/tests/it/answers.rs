//! The answer that is kept: what may be in it, and its bytes.

use proptest::prelude::*;
use serde_json::json;
use skeleton_idempotency::Answer;
use skeleton_idempotency::AnswerError;
use skeleton_idempotency::MAX_BODY;

const ALLOWED: [&str; 9] = [
    "content-type",
    "content-language",
    "content-location",
    "location",
    "etag",
    "last-modified",
    "cache-control",
    "link",
    "x-own",
];

fn ok() -> Answer {
    Answer::new(200).unwrap()
}

#[test]
fn attack_12_cookies_and_credentials_are_never_kept() {
    let refused = [
        "set-cookie",
        "Set-Cookie",
        "authorization",
        "www-authenticate",
        "connection",
        "transfer-encoding",
        "content-length",
        "idempotency-replayed",
        "cookie",
        "proxy-authenticate",
        "proxy-connection",
        "keep-alive",
        "te",
        "trailer",
        "upgrade",
        "via",
        "retry-after",
        "Content-Type",
        "a b",
        "a:",
        "é",
        "",
    ];
    for name in refused {
        assert_eq!(
            ok().with_field(name, "a"),
            Err(AnswerError::Field),
            "{name}"
        );
    }
}

#[test]
fn attack_17_a_value_that_could_split_an_answer_is_refused() {
    for value in [
        "a\r\nset-cookie: b",
        "a\nb",
        "a\rb",
        "\0",
        "a\u{7f}",
        "é",
        "\t",
    ] {
        assert_eq!(
            ok().with_field("location", value),
            Err(AnswerError::Field),
            "{value:?}"
        );
    }
    assert!(ok().with_field("location", "/accounts/1 ~").is_ok());
}

#[test]
fn only_a_status_of_a_final_answer_is_one() {
    for status in [0, 100, 199, 600, u16::MAX] {
        assert_eq!(Answer::new(status), Err(AnswerError::Status), "{status}");
    }
    for status in [200, 201, 303, 404, 599] {
        assert_eq!(Answer::new(status).unwrap().status(), status);
    }
}

#[test]
fn a_body_past_the_cap_is_refused() {
    assert_eq!(
        ok().with_body(vec![0; MAX_BODY + 1]),
        Err(AnswerError::TooLarge)
    );
    assert_eq!(
        ok().with_body(vec![0; MAX_BODY]).unwrap().body().len(),
        MAX_BODY
    );
}

#[test]
fn fields_past_eight_kibibytes_are_refused() {
    let value = "a".repeat(8 * 1024 - "link".len());
    let full = ok().with_field("link", &value).unwrap();
    assert_eq!(full.with_field("etag", ""), Err(AnswerError::TooLarge));
}

#[test]
fn a_json_answer_says_so_and_must_not_be_cached() {
    let answer = Answer::json(201, &json!({ "id": 7 })).unwrap();
    let fields: Vec<_> = answer.fields().collect();
    assert_eq!(
        fields,
        [
            ("content-type", "application/json"),
            ("cache-control", "no-store")
        ]
    );
    assert_eq!(answer.body(), br#"{"id":7}"#);
}

#[test]
fn attack_22_an_answer_prints_no_body() {
    let answer = ok().with_body(b"secret-token".to_vec()).unwrap();
    assert_eq!(format!("{answer:?}"), "Answer(200, 12 bytes)");
    assert_eq!(
        format!("{:?}", answer.without_body()),
        "Answer(200, body omitted)"
    );
}

#[test]
fn a_tombstone_keeps_status_and_fields_and_is_told_apart_from_an_empty_body() {
    let whole = ok()
        .with_field("etag", "1")
        .unwrap()
        .with_body(b"a".to_vec())
        .unwrap();
    let tombstone = whole.with_trailer("x-sum", "2").unwrap().without_body();
    assert!(tombstone.is_tombstone() && tombstone.body().is_empty());
    assert_eq!(tombstone.fields().collect::<Vec<_>>(), [("etag", "1")]);
    assert_eq!(tombstone.trailers().count(), 0);
    let empty = ok().with_field("etag", "1").unwrap();
    assert!(!empty.is_tombstone());
    assert_ne!(empty.to_bytes(), tombstone.to_bytes());
}

#[test]
fn bytes_of_another_version_are_no_answer() {
    let mut bytes = ok().to_bytes();
    bytes[0] = 2;
    assert_eq!(Answer::from_bytes(&bytes), Err(AnswerError::Malformed));
}

#[test]
fn a_length_that_nothing_follows_is_refused() {
    // Version, status 200, 2^16 - 1 fields, and nothing.
    assert_eq!(
        Answer::from_bytes(&[1, 0, 200, 255, 255]),
        Err(AnswerError::Malformed)
    );
    // No fields, and a whole body of 2^32 - 1 bytes.
    let bytes = [1, 0, 200, 0, 0, 1, 255, 255, 255, 255, 1];
    assert_eq!(Answer::from_bytes(&bytes), Err(AnswerError::Malformed));
}

fn answer() -> impl Strategy<Value = Answer> {
    let field = (prop::sample::select(ALLOWED.to_vec()), "[ -~]{0,40}");
    let body = prop::option::of(prop::collection::vec(any::<u8>(), 0..600));
    let fields = prop::collection::vec(field, 0..9);
    (200_u16..600, fields.clone(), body, fields).prop_map(|(status, fields, body, trailers)| {
        let answer = Answer::new(status).unwrap();
        let answer = fields.into_iter().fold(answer, |answer, (name, value)| {
            answer.with_field(name, &value).unwrap()
        });
        let Some(body) = body else {
            return answer.without_body();
        };
        let answer = answer.with_body(body).unwrap();
        trailers.into_iter().fold(answer, |answer, (name, value)| {
            answer.with_trailer(name, &value).unwrap()
        })
    })
}

proptest! {
    /// P10: what is kept is what was answered.
    #[test]
    fn law_10_an_answer_reads_back_from_its_bytes(answer in answer()) {
        prop_assert_eq!(Answer::from_bytes(&answer.to_bytes()).unwrap(), answer);
    }

    #[test]
    fn any_bytes_are_one_answer_or_none(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(answer) = Answer::from_bytes(&bytes) {
            prop_assert_eq!(answer.to_bytes(), bytes);
        }
    }

    #[test]
    fn an_answer_that_is_cut_is_none(answer in answer(), at in any::<prop::sample::Index>()) {
        let bytes = answer.to_bytes();
        prop_assert_eq!(Answer::from_bytes(&bytes[..at.index(bytes.len())]), Err(AnswerError::Malformed));
    }

    #[test]
    fn a_changed_byte_is_another_answer_or_none(answer in answer(), at in any::<prop::sample::Index>(), by in 1_u8..) {
        let mut bytes = answer.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        if let Ok(other) = Answer::from_bytes(&bytes) {
            prop_assert_ne!(&other, &answer);
            prop_assert_eq!(other.to_bytes(), bytes);
        }
    }
}
