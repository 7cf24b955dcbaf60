//! The published vectors, `tests/vectors/v1.json`. `check.py` beside them recomputes the same file in Python.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::Digest;
use sha2::Sha256;

use crate::coordinates::Coordinates;
use crate::coordinates::GENERAL;
use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;
use crate::crypto::envelope;
use crate::crypto::envelope::Content;
use crate::crypto::envelope::Envelope;
use crate::crypto::keys::Dek;
use crate::crypto::padding::Padding;
use crate::crypto::wrap;
use crate::crypto::wrap::Kek;
use crate::crypto::wrap::Owner;
use crate::receipt::Receipt;
use crate::receipt::ReceiptSigner;
use crate::receipt::Statement;
use crate::row::DeadKey;
use crate::row::LiveKey;
use crate::row::Row;
use crate::row::row_key;

const FILE: &str = include_str!("../tests/vectors/v1.json");
const SHA_256: &str = "1e2ac9fba698a1025d824b4d9a35bd60162a3d9e8b322391b319612baa1ba7b9";

fn all(part: &str, count: usize) -> Vec<Value> {
    let file: Value = serde_json::from_str(FILE).unwrap();
    let vectors = file[part].as_array().unwrap().clone();
    assert_eq!(vectors.len(), count);
    vectors
}

fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector[name].as_str().unwrap()
}

fn bytes(vector: &Value, name: &str) -> Vec<u8> {
    HEXLOWER.decode(text(vector, name).as_bytes()).unwrap()
}

fn array<const N: usize>(vector: &Value, name: &str) -> [u8; N] {
    bytes(vector, name).try_into().unwrap()
}

fn number(vector: &Value, name: &str) -> u32 {
    vector[name].as_u64().unwrap().try_into().unwrap()
}

fn dek(vector: &Value) -> Dek {
    Dek(array(vector, "dek").into())
}

fn place(vector: &Value) -> (TenantRef, SubjectId) {
    (
        text(vector, "tenant").parse().unwrap(),
        text(vector, "subject").parse().unwrap(),
    )
}

fn padding(vector: &Value) -> Padding {
    match text(vector, "padding").strip_prefix("bucket:") {
        Some(size) => Padding::Bucket(size.parse().unwrap()),
        None => Padding::Exact,
    }
}

fn content(vector: &Value) -> Content {
    match text(vector, "content") {
        "text" => Content::Text,
        "json" => Content::Json,
        _ => Content::Bytes,
    }
}

fn dead(key: &Value) -> DeadKey {
    DeadKey {
        category: text(key, "category").to_owned(),
        generation: number(key, "generation"),
        commitment: array(key, "commitment"),
    }
}

fn live(key: &Value) -> LiveKey {
    let DeadKey {
        category,
        generation,
        commitment,
    } = dead(key);
    LiveKey {
        category,
        generation,
        commitment,
        wrap: array(key, "wrap"),
    }
}

fn each<T>(vector: &Value, name: &str, read: fn(&Value) -> T) -> Vec<T> {
    vector[name].as_array().unwrap().iter().map(read).collect()
}

#[test]
fn the_file_is_frozen() {
    assert_eq!(HEXLOWER.encode(&Sha256::digest(FILE)), SHA_256);
}

/// The first of each, written out: whoever regenerates the file does not change these.
#[test]
fn the_published_vectors_are_met_to_the_letter() {
    let dek = Dek(core::array::from_fn(|at| u8::try_from(at).unwrap()).into());
    let at = Coordinates {
        tenant: "01JD9Q5T8N6ZK3V4W2X1Y0ABCD".parse().unwrap(),
        subject: "01JD9Q5T8N6ZK3V4W2X1Y0EFGH".parse().unwrap(),
        category: GENERAL.into(),
        record: "01JD9Q5T8N6ZK3V4W2X1Y0JKMN".parse().unwrap(),
        tag: "user-registered/email".into(),
    };
    let value = (Content::Text, b"ada@example.org".as_slice());
    let nonce = core::array::from_fn(|at| 0xa0 + u8::try_from(at).unwrap());
    let sealed = envelope::seal(&dek.sealing_key(), &at, value, Padding::Bucket(16), nonce);
    assert_eq!(
        sealed.unwrap().to_text(),
        "pii1:EQVMbJcATOS9wb2fdTfZT9ZnoKGio6SlpqeoqaqrIVAYmN3QMU66EZh2eDY7oaoIOv4CCHI59rbx0t77oMM"
    );

    let kek = Kek::new(
        7,
        core::array::from_fn(|at| 0x80 + u8::try_from(at).unwrap()),
    );
    let owner = Owner {
        tenant: at.tenant.as_str(),
        subject: at.subject.as_str(),
        category: GENERAL,
        generation: 1,
        commitment: &dek.commitment(),
    };
    let nonce = core::array::from_fn(|at| 0xc0 + u8::try_from(at).unwrap());
    let wrapped = wrap::wrap(&kek, &owner, &dek, nonce).unwrap();
    assert_eq!(wrapped.len(), 77);
    assert_eq!(
        HEXLOWER.encode(&wrapped[61..]),
        "f30df178f9bbbf1250243df7a87a7666"
    );
}

#[test]
fn envelopes_are_sealed_and_opened_as_published() {
    for vector in all("envelopes", 10) {
        let (tenant, subject) = place(&vector);
        let at = Coordinates {
            tenant,
            subject,
            category: text(&vector, "category").to_owned().into(),
            record: text(&vector, "record").parse().unwrap(),
            tag: text(&vector, "tag").to_owned().into(),
        };
        let (key, value) = (dek(&vector).sealing_key(), bytes(&vector, "value"));
        let kind = content(&vector);
        let nonce = array(&vector, "nonce");
        let sealed = envelope::seal(&key, &at, (kind, &value), padding(&vector), nonce).unwrap();
        assert_eq!(sealed.to_text(), text(&vector, "sealed"), "{vector}");
        let read = Envelope::from_text(text(&vector, "sealed")).unwrap();
        assert_eq!(read.key_id(), key.id, "{vector}");
        let opened = envelope::open(&key, &at, kind, &read).unwrap();
        assert_eq!(*opened, value, "{vector}");
    }
}

#[test]
fn texts_of_other_forms_are_refused() {
    for vector in all("refused", 21) {
        let read = Envelope::from_text(text(&vector, "text"));
        assert!(read.is_err(), "{vector}");
    }
}

#[test]
fn keys_are_wrapped_and_unwrapped_as_published() {
    for vector in all("wraps", 3) {
        let dek = dek(&vector);
        let commitment = dek.commitment();
        let owner = Owner {
            tenant: text(&vector, "tenant"),
            subject: text(&vector, "subject"),
            category: text(&vector, "category"),
            generation: number(&vector, "generation"),
            commitment: &commitment,
        };
        let epoch = number(&vector, "epoch");
        let kek = Kek::new(epoch, array(&vector, "kek"));
        let wrapped = wrap::wrap(&kek, &owner, &dek, array(&vector, "nonce")).unwrap();
        assert_eq!(wrapped.to_vec(), bytes(&vector, "wrapped"), "{vector}");
        assert_eq!(wrap::epoch(&wrapped), epoch);
        assert_eq!(*wrap::unwrap(&kek, &owner, &wrapped).unwrap().0, *dek.0);
    }
}

#[test]
fn rows_are_kept_as_published() {
    for vector in all("rows", 3) {
        let (tenant, subject) = place(&vector);
        let fence = &vector["fence"];
        let row = Row {
            live: each(&vector, "live", live),
            dead: each(&vector, "dead", dead),
            fence: fence.is_object().then(|| {
                let order = text(fence, "order").parse().unwrap();
                (order, fence["at"].as_u64().unwrap())
            }),
        };
        let key = row_key(&array(&vector, "tenant-secret"));
        let version = u64::from(number(&vector, "version"));
        let stored = row.seal(&key, (&tenant, &subject), version);
        assert_eq!(stored, bytes(&vector, "stored"), "{vector}");
        let read = Row::open(&key, (&tenant, &subject), version, &stored);
        assert_eq!(read, Ok(row), "{vector}");
    }
}

#[test]
fn receipts_are_signed_and_chained_as_published() {
    let mut previous: Option<Receipt> = None;
    for vector in all("receipts", 2) {
        let signer = ReceiptSigner::from_seed(&array(&vector, "seed"));
        let key = array(&vector, "verifying-key");
        assert_eq!(signer.verifying_key(), key);
        let statement = Statement {
            tenant: &text(&vector, "tenant").parse().unwrap(),
            sequence: u64::from(number(&vector, "sequence")),
            previous: previous.as_ref().map_or([0; 32], Receipt::digest),
            order: &text(&vector, "order").parse().unwrap(),
            subject_pseudonym: array(&vector, "pseudonym"),
            forgotten_at: vector["at"].as_u64().unwrap(),
            reason: text(&vector, "reason"),
            actor: text(&vector, "actor"),
            destroyed: each(&vector, "destroyed", dead),
        };
        let receipt = Receipt::sign(&signer, statement);
        assert_eq!(receipt.to_bytes(), bytes(&vector, "bytes"), "{vector}");
        let read = Receipt::from_bytes(&receipt.to_bytes()).unwrap();
        assert_eq!(read.verify(&key, previous.as_ref()), Ok(()), "{vector}");
        previous = Some(read);
    }
}
