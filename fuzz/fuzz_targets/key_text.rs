//! The text of a key: what reads is written back as it was.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::Window;

fuzz_target!(|text: &str| {
    let Ok(key) = text.parse::<IdempotencyKey>() else {
        return;
    };
    assert_eq!(key.to_text(), text);
    let window = Window::default();
    assert!(window.expires_at(&key) >= key.made_at());
    assert!(window.accepts(&key, key.made_at()));
});
