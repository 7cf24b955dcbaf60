use super::Content;
use super::Envelope;
use super::open;
use super::seal;
use crate::coordinates::Coordinates;
use crate::coordinates::GENERAL;
use crate::crypto::keys::Dek;
use crate::crypto::padding::Padding;
use crate::crypto::wrap;

const VECTOR: &str =
    "pii1:EQVMbJcATOS9wb2fdTfZT9ZnoKGio6SlpqeoqaqrIVAYmN3QMU66EZh2eDY7oaoIOv4CCHI59rbx0t77oMM";

fn counted<const N: usize>(from: u8) -> [u8; N] {
    core::array::from_fn(|at| from + u8::try_from(at).unwrap())
}

fn at() -> Coordinates {
    Coordinates {
        tenant: "01JD9Q5T8N6ZK3V4W2X1Y0ABCD".parse().unwrap(),
        subject: "01JD9Q5T8N6ZK3V4W2X1Y0EFGH".parse().unwrap(),
        category: GENERAL.into(),
        record: "01JD9Q5T8N6ZK3V4W2X1Y0JKMN".parse().unwrap(),
        tag: "user-registered/email".into(),
    }
}

#[test]
fn the_published_vector_is_sealed_and_opened() {
    let key = Dek(counted(0).into()).sealing_key();
    let value = b"ada@example.org";
    let sealed = seal(
        &key,
        &at(),
        (Content::Text, value),
        Padding::DEFAULT,
        counted(0xa0),
    )
    .unwrap();
    assert_eq!(sealed.to_text(), VECTOR);
    let read = Envelope::from_text(VECTOR).unwrap();
    assert_eq!(
        open(&key, &at(), Content::Text, &read).unwrap().as_slice(),
        value
    );
}

#[test]
fn the_published_wrap_ends_in_its_tag() {
    let dek = Dek(counted(0).into());
    let at = at();
    let owner = wrap::Owner {
        tenant: at.tenant.as_str(),
        subject: at.subject.as_str(),
        category: &at.category,
        generation: 1,
        commitment: &dek.commitment(),
    };
    let kek = wrap::Kek::new(7, counted(0x80));
    let wrapped = wrap::wrap(&kek, &owner, &dek, counted(0xc0)).unwrap();
    let tag: Vec<_> = wrapped.iter().skip(61).copied().collect();
    assert_eq!(
        data_encoding::HEXLOWER.encode(&tag),
        "f30df178f9bbbf1250243df7a87a7666"
    );
    assert_eq!(*wrap::unwrap(&kek, &owner, &wrapped).unwrap().0, *dek.0);
}
