//! Fingerprints of JSON: what serde_json reads has one, equal values have equal ones, and numbers count as written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::JsonError;

fuzz_target!(|text: &str| {
    let keys = FingerprintKeys::new([7; 32]);
    let oracle = serde_json::from_str::<Value>(text);
    match (keys.of_json(text.as_bytes()), oracle) {
        (Ok(fingerprint), Ok(value)) => {
            let spaced = format!(" \n{text}\t");
            assert_eq!(keys.of_json(spaced.as_bytes()), Ok(fingerprint));
            // Written anew, only numbers may look different.
            if !has_number(&value) {
                let again = value.to_string();
                assert_eq!(keys.of_json(again.as_bytes()), Ok(fingerprint));
                let pretty = serde_json::to_string_pretty(&value).expect("a value is JSON");
                assert_eq!(keys.of_json(pretty.as_bytes()), Ok(fingerprint));
            }
        }
        (Err(JsonError::Malformed), Ok(_)) => panic!("serde_json reads it"),
        // Numbers beyond floating point are numbers all the same.
        (Ok(_), Err(error)) => assert!(error.to_string().contains("number out of range")),
        (Err(_), _) => {}
    }
});

fn has_number(value: &Value) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Array(items) => items.iter().any(has_number),
        Value::Object(members) => members.values().any(has_number),
        Value::Null | Value::Bool(_) | Value::String(_) => false,
    }
}
