//! Roles and toggles, in the body of the context half: lists in ascending order.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de;
use serde::de::Error as _;
use serde::ser::SerializeSeq;

use super::Id;
use crate::authentication::RoleAssignment;
use crate::authentication::RoleAssignments;
use crate::id::ContainerId;
use crate::name::RoleName;
use crate::toggle::ToggleName;
use crate::toggle::ToggleValue;
use crate::toggle::Toggles;

#[derive(Serialize, Deserialize)]
pub(super) enum RolesV1 {
    Listed(ListV1),
    ByReference([u8; 32], u32),
}

/// Assignments in their order.
pub(super) struct ListV1(RoleAssignments);

/// Toggles in the order of their names.
pub(super) struct TogglesV1(pub(super) Toggles);

impl RolesV1 {
    pub(super) fn of(roles: &RoleAssignments) -> Self {
        match roles.reference() {
            Some((digest, count)) => Self::ByReference(*digest, count),
            None => Self::Listed(ListV1(roles.clone())),
        }
    }

    pub(super) fn open(self) -> RoleAssignments {
        match self {
            Self::Listed(ListV1(roles)) => roles,
            Self::ByReference(digest, count) => RoleAssignments::by_reference(digest, count),
        }
    }
}

impl Serialize for ListV1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.iter().count()))?;
        for assignment in self.0.iter() {
            list.serialize_element(&(
                assignment.role().as_str(),
                Id(assignment.scope().to_bytes()),
            ))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for ListV1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = deserializer.deserialize_seq(Ascending {
            max: RoleAssignments::MAX,
            read: |(role, scope): (&str, Id)| {
                let role = RoleName::parse(role).ok()?;
                Some(RoleAssignment::new(
                    role,
                    scope.open(ContainerId::from_bytes)?,
                ))
            },
            is_before: |one: &RoleAssignment, other: &RoleAssignment| one < other,
            wire: PhantomData,
        });
        list.map(RoleAssignments::of_ascending).map(Self)
    }
}

impl Serialize for TogglesV1 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for (name, value) in self.0.iter() {
            list.serialize_element(&(name, ToggleV1::of(value)))?;
        }
        list.end()
    }
}

impl<'de> Deserialize<'de> for TogglesV1 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let list = deserializer.deserialize_seq(Ascending {
            max: Toggles::MAX,
            read: |(name, value): (&'de str, ToggleV1<'de>)| {
                Some((ToggleName::parse(name).ok()?, value.open()?))
            },
            is_before: |one: &(ToggleName, _), other: &(ToggleName, _)| one.0 < other.0,
            wire: PhantomData,
        });
        list.map(Toggles::of_ascending).map(Self)
    }
}

/// Reads a list whose elements ascend, into one allocation: its length is known before its elements are.
struct Ascending<W, F, L> {
    max: usize,
    read: F,
    is_before: L,
    wire: PhantomData<fn(W)>,
}

impl<'de, W, T, F, L> de::Visitor<'de> for Ascending<W, F, L>
where
    W: Deserialize<'de>,
    T: Copy,
    F: Fn(W) -> Option<T>,
    L: Fn(&T, &T) -> bool,
{
    type Value = Option<Arc<[T]>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {} elements in ascending order", self.max)
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let len = seq.size_hint().unwrap_or_default();
        if len > self.max {
            return Err(A::Error::invalid_length(len, &self));
        }
        let mut next = || -> Result<Option<T>, A::Error> {
            let Some(element) = seq.next_element()? else {
                return Ok(None);
            };
            let read = (self.read)(element);
            read.map(Some)
                .ok_or_else(|| A::Error::custom("an element that cannot be"))
        };
        let Some(first) = next()? else {
            return Ok(None);
        };
        let (mut last, mut failed) = (first, None);
        let rest = (1..len).map(|_| match next() {
            Ok(Some(element)) if (self.is_before)(&last, &element) => {
                last = element;
                element
            }
            Ok(_) => {
                failed.get_or_insert_with(|| A::Error::custom("elements do not ascend"));
                first
            }
            Err(error) => {
                failed.get_or_insert(error);
                first
            }
        });
        let list = core::iter::once(first).chain(rest).collect();
        failed.map_or(Ok(Some(list)), Err)
    }
}

#[derive(Serialize, Deserialize)]
enum ToggleV1<'b> {
    Flag(bool),
    Integer(i64),
    #[serde(borrow)]
    Choice(&'b str),
}

impl<'b> ToggleV1<'b> {
    fn of(value: &'b ToggleValue) -> Self {
        match value {
            ToggleValue::Flag(flag) => Self::Flag(*flag),
            ToggleValue::Integer(number) => Self::Integer(*number),
            ToggleValue::Choice(name) => Self::Choice(name.as_str()),
        }
    }

    fn open(self) -> Option<ToggleValue> {
        let value = match self {
            Self::Flag(flag) => ToggleValue::Flag(flag),
            Self::Integer(number) => ToggleValue::Integer(number),
            Self::Choice(name) => ToggleValue::Choice(ToggleName::parse(name).ok()?),
        };
        value.is_valid().then_some(value)
    }
}
