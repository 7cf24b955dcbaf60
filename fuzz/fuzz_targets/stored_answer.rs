//! Stored answers: bytes that are one are written back as they are, and say nothing that must not be given again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skeleton_idempotency::Answer;
use skeleton_idempotency::MAX_BODY;

const NEVER: [&str; 5] = [
    "set-cookie",
    "authorization",
    "www-authenticate",
    "content-length",
    "idempotency-replayed",
];

fuzz_target!(|bytes: &[u8]| {
    let Ok(answer) = Answer::from_bytes(bytes) else {
        return;
    };
    assert_eq!(answer.to_bytes(), bytes);
    assert!((200..600).contains(&answer.status()));
    assert!(answer.body().len() <= MAX_BODY);
    assert!(!answer.is_tombstone() || answer.body().is_empty());
    for (name, value) in answer.fields().chain(answer.trailers()) {
        assert!(!NEVER.contains(&name));
        assert_eq!(name, name.to_ascii_lowercase());
        assert!(value.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    }
});
