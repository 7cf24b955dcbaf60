//! Ids: two texts of one id differ only in case, and `ulid` agrees wherever it is as strict.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::IdError;
use ulid::Ulid;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = core::str::from_utf8(bytes) {
        agrees_with_ulid(text);
    }
    if let Ok(raw) = <[u8; 16]>::try_from(bytes) {
        match AccountId::from_bytes(raw) {
            Ok(id) => {
                assert_eq!(id.to_bytes(), raw);
                assert_eq!(id.to_string(), Ulid::from_bytes(raw).to_string());
                assert_eq!(id.to_string().parse(), Ok(id));
            }
            Err(error) => assert_eq!((error, raw), (IdError::Nil, [0; 16])),
        }
    }
});

fn agrees_with_ulid(text: &str) {
    let reference = Ulid::from_string(text).ok();
    match text.parse::<AccountId>() {
        Ok(id) => {
            assert_eq!(id.to_string(), text.to_ascii_uppercase());
            assert_eq!(Some(id.to_bytes()), reference.map(|id| id.to_bytes()));
        }
        Err(IdError::Overflow) => assert!(text.as_bytes()[0] > b'7'),
        Err(IdError::Nil) => assert_eq!(reference, Some(Ulid::nil())),
        Err(_) => assert_eq!(reference, None),
    }
}
