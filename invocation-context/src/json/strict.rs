//! What serde lets pass and a document does not: a list in place of an object, a number in place of a tag.

use core::fmt;
use core::marker::PhantomData;

use serde::Deserialize;
use serde::Deserializer;
use serde::de;
use serde::de::IntoDeserializer;
use serde::de::MapAccess;
use serde::de::Visitor;
use serde::de::value::MapAccessDeserializer;

/// Members whose value is one of several words. serde also takes their position in the list of variants.
const WORDS: [&str; 3] = ["type", "made-by", "assurance"];

/// Reads an object.
pub(super) fn object<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Object::deserialize(deserializer).map(|Object(value)| value)
}

/// Reads an object or `null`; the member must be there.
pub(super) fn object_or_null<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let held = Option::<Object<T>>::deserialize(deserializer)?;
    Ok(held.map(|Object(value)| value))
}

/// Reads a list of objects.
pub(super) fn objects<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    let list = Vec::<Object<T>>::deserialize(deserializer)?;
    Ok(list.into_iter().map(|Object(value)| value).collect())
}

struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_map(ObjectVisitor(PhantomData))
            .map(Self)
    }
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(Members {
            members,
            is_word: false,
        }))
    }
}

/// The members of an object, of which the [`WORDS`] hold text.
struct Members<A> {
    members: A,
    is_word: bool,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Members<A> {
    type Error = A::Error;

    fn next_key_seed<K>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error>
    where
        K: de::DeserializeSeed<'de>,
    {
        let Some(name) = self.members.next_key::<String>()? else {
            return Ok(None);
        };
        self.is_word = WORDS.contains(&name.as_str());
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V>(&mut self, seed: V) -> Result<V::Value, A::Error>
    where
        V: de::DeserializeSeed<'de>,
    {
        if self.is_word {
            let word: String = self.members.next_value()?;
            seed.deserialize(word.into_deserializer())
        } else {
            self.members.next_value_seed(seed)
        }
    }

    fn size_hint(&self) -> Option<usize> {
        self.members.size_hint()
    }
}
