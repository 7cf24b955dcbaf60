use zeroize::ZeroizeOnDrop;
use zeroize::Zeroizing;

use super::bytes::Cursor;
use super::bytes::put_l16;
use super::keys::Dek;
use super::keys::SealingKey;
use super::keys::derive;
use super::keys::random;
use super::padding::Padding;
use super::padding::strip;
use crate::crypto::envelope::Content;
use crate::value::sealed::Encoded;

const fn is_wiped<T: ZeroizeOnDrop>(_: &T) {}

/// The type of each field that holds a key; what no longer wipes itself no longer compiles.
#[test]
fn attack_15_whatever_holds_a_key_or_a_clear_value_is_wiped_when_dropped() {
    const fn wiped<T: ZeroizeOnDrop>() {}
    wiped::<aes_gcm::Aes256Gcm>();
    wiped::<xaes_256_gcm::Xaes256Gcm>();
    wiped::<ed25519_dalek::SigningKey>();

    let dek = Dek::draw().unwrap();
    is_wiped(&dek.0);
    let SealingKey { key, .. } = dek.sealing_key();
    is_wiped(&key);
    is_wiped(&derive(&key, b"info"));
    is_wiped(&Padding::DEFAULT.pad(b"ada"));
    is_wiped(&"ada".to_owned().encode());
    is_wiped(&vec![1_u8].encode());
    is_wiped(&7_u8.encode());
    is_wiped(&true.encode());
    let clear: Zeroizing<String> = Zeroizing::new("ada".to_owned());
    is_wiped(&clear);
}

#[test]
fn keys_are_drawn_anew_and_derived_apart() {
    let (one, other) = (Dek::draw().unwrap(), Dek::draw().unwrap());
    assert_ne!(*one.0, *other.0);
    assert_ne!(*one.0, [0; 32]);
    assert_ne!(one.commitment(), other.commitment());
    assert_ne!(*one.sealing_key().key, one.commitment());
    assert_ne!(*one.sealing_key().key, *one.0);
    let mut nonces = [[0_u8; 12]; 2];
    for nonce in &mut nonces {
        random(nonce).unwrap();
    }
    assert_ne!(nonces[0], nonces[1]);
}

#[test]
fn padding_that_was_not_written_here_is_refused() {
    for value in [&b""[..], b"a", b"\x80", b"a\x80\0\0", b"\0\0"] {
        assert_eq!(strip(&Padding::DEFAULT.pad(value)), Ok(value));
    }
    for padded in [&b""[..], b"\0\0\0\0", b"abc", b"abc\x81\0", b"\x01"] {
        assert!(strip(padded).is_err(), "{padded:?}");
    }
}

#[test]
fn what_was_written_with_its_length_is_read_back_and_nothing_shorter() {
    let mut bytes = Vec::new();
    put_l16(&mut bytes, b"ada");
    put_l16(&mut bytes, b"");
    bytes.extend(7_u64.to_be_bytes());
    let read = |bytes: &[u8]| {
        let mut cursor = Cursor(bytes);
        let read = (
            cursor.l16()?.to_owned(),
            cursor.l16()?.to_owned(),
            cursor.u64()?,
        );
        cursor.end().map(|()| read)
    };
    assert_eq!(read(&bytes), Ok(("ada".to_owned(), String::new(), 7)));
    for len in 0..bytes.len() {
        assert!(read(&bytes[..len]).is_err(), "{len}");
    }
    bytes.push(0);
    assert!(read(&bytes).is_err());
    assert!(read(b"\0\x02\xff\xff\0\0\0\0\0\0\0\0\0\0").is_err());
}

#[test]
fn numbers_and_truth_have_one_form_each() {
    assert_eq!(
        (i64::CONTENT, bool::CONTENT),
        (Content::Json, Content::Json)
    );
    assert_eq!(i64::decode(b"-12"), Some(-12));
    assert_eq!(*(-12_i64).encode(), b"-12");
    for plain in ["+1", "01", "-0", "1.0", " 1", "", "9223372036854775808"] {
        assert_eq!(i64::decode(plain.as_bytes()), None, "{plain}");
    }
    assert_eq!(u8::decode(b"256"), None);
    assert_eq!(bool::decode(b"true"), Some(true));
    assert_eq!(bool::decode(b"TRUE"), None);
    assert_eq!(String::decode(b"\xff"), None);
}
