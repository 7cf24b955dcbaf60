//! The bytes form, through the smallest format that is not for people: one value, nothing else.

use core::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Visitor;
use serde::de::value::SeqDeserializer;
use serde::forward_to_deserialize_any;
use serde::ser::Impossible;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::SealedField;

use crate::helpers::UserRegistered;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::seal;
use crate::helpers::subject;

#[derive(Debug)]
struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl serde::ser::Error for Failed {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

impl serde::de::Error for Failed {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self(text.to_string())
    }
}

/// Takes bytes, and refuses all else.
struct Bytes;

macro_rules! refuse {
    ($($name:ident($($arg:ty),*) -> $ok:ty;)+) => { $(
        fn $name(self, $(_: $arg),*) -> Result<$ok, Failed> {
            Err(Failed(stringify!($name).to_owned()))
        }
    )+ };
}

type No = Impossible<Vec<u8>, Failed>;

impl Serializer for Bytes {
    type Ok = Vec<u8>;
    type Error = Failed;
    type SerializeSeq = No;
    type SerializeTuple = No;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Vec<u8>, Failed> {
        Ok(bytes.to_vec())
    }

    refuse! {
        serialize_bool(bool) -> Vec<u8>;
        serialize_i8(i8) -> Vec<u8>;
        serialize_i16(i16) -> Vec<u8>;
        serialize_i32(i32) -> Vec<u8>;
        serialize_i64(i64) -> Vec<u8>;
        serialize_u8(u8) -> Vec<u8>;
        serialize_u16(u16) -> Vec<u8>;
        serialize_u32(u32) -> Vec<u8>;
        serialize_u64(u64) -> Vec<u8>;
        serialize_f32(f32) -> Vec<u8>;
        serialize_f64(f64) -> Vec<u8>;
        serialize_char(char) -> Vec<u8>;
        serialize_str(&str) -> Vec<u8>;
        serialize_none() -> Vec<u8>;
        serialize_unit() -> Vec<u8>;
        serialize_unit_struct(&'static str) -> Vec<u8>;
        serialize_unit_variant(&'static str, u32, &'static str) -> Vec<u8>;
        serialize_seq(Option<usize>) -> No;
        serialize_tuple(usize) -> No;
        serialize_tuple_struct(&'static str, usize) -> No;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> No;
        serialize_map(Option<usize>) -> No;
        serialize_struct(&'static str, usize) -> No;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> No;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, _: &T) -> Result<Vec<u8>, Failed> {
        Err(Failed("some".to_owned()))
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Vec<u8>, Failed> {
        Err(Failed("newtype".to_owned()))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Vec<u8>, Failed> {
        Err(Failed("variant".to_owned()))
    }
}

/// How a format hands over a string of bytes.
enum Given<'b> {
    Borrowed(&'b [u8]),
    Owned(Vec<u8>),
    List(Vec<u8>),
    Text(&'b str),
}

impl<'de> Deserializer<'de> for Given<'de> {
    type Error = Failed;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self {
            Self::Borrowed(bytes) => visitor.visit_borrowed_bytes(bytes),
            Self::Owned(bytes) => visitor.visit_byte_buf(bytes),
            Self::List(bytes) => visitor.visit_seq(SeqDeserializer::new(bytes.into_iter())),
            Self::Text(text) => visitor.visit_str(text),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[tokio::test]
async fn law_13_the_bytes_form_goes_round_however_a_format_hands_bytes_over() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let bytes = sealed.email.serialize(Bytes).unwrap();
    assert_eq!(bytes.len(), 46 + 32);
    assert_eq!(bytes[0], 0x11);
    let session = acme
        .session(KeySet::opening(&sealed).unwrap())
        .await
        .unwrap();
    let forms = [
        Given::Borrowed(&bytes),
        Given::Owned(bytes.clone()),
        Given::List(bytes.clone()),
    ];
    for form in forms {
        let read = SealedField::<String>::deserialize(form).unwrap();
        assert!(read == sealed.email);
        let place = &UserRegistered::FIELDS[0];
        let value = read.open(&session, &record("record-1"), &subject("dora"), place);
        let shown = value.reveal(&access()).unwrap();
        assert!(matches!(shown, Disclosure::Clear(email) if *email == "a@b.org"));
    }
}

#[tokio::test]
async fn attack_23_bytes_that_are_no_envelope_are_refused() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let good = sealed.email.serialize(Bytes).unwrap();
    let mut other = good.clone();
    other[0] = 0x21;
    let (short, _) = good.split_at(45);
    let text = sealed.email.to_text();
    let forms = [
        Given::Borrowed(&[]),
        Given::Borrowed(short),
        Given::Owned(other),
        Given::Owned(vec![0x11; 67_643]),
        Given::List(vec![0x11; 100_000]),
        Given::Text(&text),
    ];
    for form in forms {
        assert!(SealedField::<String>::deserialize(form).is_err());
    }
}
