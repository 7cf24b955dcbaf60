//! Ids in formats that no person reads: 16 bytes, and nothing else.

use core::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Visitor;
use serde::de::value::SeqDeserializer;
use serde::forward_to_deserialize_any;
use serde::ser::Impossible;
use serde::ser::SerializeTuple;
use skeleton_invocation_context::AccountId;

use crate::helpers::ULID;

#[test]
fn an_id_is_16_raw_bytes() {
    let id: AccountId = ULID.parse().unwrap();
    assert_eq!(id.serialize(Written::default()).unwrap(), id.to_bytes());
    let read = AccountId::deserialize(Raw(id.to_bytes().to_vec()));
    assert_eq!(read.unwrap(), id);
}

#[test]
fn nil_and_short_bytes_are_no_id() {
    assert!(AccountId::deserialize(Raw(vec![0; 16])).is_err());
    assert!(AccountId::deserialize(Raw(vec![1; 15])).is_err());
}

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

/// Takes bytes one by one in a tuple, and refuses all else.
#[derive(Default)]
struct Written(Vec<u8>);

impl SerializeTuple for Written {
    type Ok = Vec<u8>;
    type Error = Failed;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Failed> {
        self.0.extend(value.serialize(Self::default())?);
        Ok(())
    }

    fn end(self) -> Result<Vec<u8>, Failed> {
        Ok(self.0)
    }
}

macro_rules! refuse {
    ($($name:ident($($arg:ty),*) -> $ok:ty;)+) => { $(
        fn $name(self, $(_: $arg),*) -> Result<$ok, Failed> {
            Err(Failed(stringify!($name).to_owned()))
        }
    )+ };
}

type No = Impossible<Vec<u8>, Failed>;

impl Serializer for Written {
    type Ok = Vec<u8>;
    type Error = Failed;
    type SerializeSeq = No;
    type SerializeTuple = Self;
    type SerializeTupleStruct = No;
    type SerializeTupleVariant = No;
    type SerializeMap = No;
    type SerializeStruct = No;
    type SerializeStructVariant = No;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_u8(self, byte: u8) -> Result<Vec<u8>, Failed> {
        Ok(vec![byte])
    }

    fn serialize_tuple(self, _: usize) -> Result<Self, Failed> {
        Ok(self)
    }

    refuse! {
        serialize_bool(bool) -> Vec<u8>;
        serialize_i8(i8) -> Vec<u8>;
        serialize_i16(i16) -> Vec<u8>;
        serialize_i32(i32) -> Vec<u8>;
        serialize_i64(i64) -> Vec<u8>;
        serialize_u16(u16) -> Vec<u8>;
        serialize_u32(u32) -> Vec<u8>;
        serialize_u64(u64) -> Vec<u8>;
        serialize_f32(f32) -> Vec<u8>;
        serialize_f64(f64) -> Vec<u8>;
        serialize_char(char) -> Vec<u8>;
        serialize_str(&str) -> Vec<u8>;
        serialize_bytes(&[u8]) -> Vec<u8>;
        serialize_none() -> Vec<u8>;
        serialize_unit() -> Vec<u8>;
        serialize_unit_struct(&'static str) -> Vec<u8>;
        serialize_unit_variant(&'static str, u32, &'static str) -> Vec<u8>;
        serialize_seq(Option<usize>) -> No;
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

/// Hands bytes over one by one.
struct Raw(Vec<u8>);

impl<'de> Deserializer<'de> for Raw {
    type Error = Failed;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_seq(SeqDeserializer::new(self.0.into_iter()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
