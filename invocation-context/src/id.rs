//! Identifiers: one newtype a kind, all of them ULIDs.

use core::fmt;
use core::num::NonZeroU128;

use ulid::Ulid;

use crate::source::IdGenerator;
use crate::time::Timestamp;

/// Why a text or a byte string is not an id.
///
/// The value itself is never repeated: it came from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// The text does not have the 26 characters of a ULID.
    #[error("an id has 26 characters")]
    Length,
    /// A character is outside Crockford's base 32 (`I`, `L`, `O` and `U` are outside too).
    #[error("an id holds a character outside of Crockford's base 32")]
    Alphabet,
    /// The text names a number of more than 128 bits.
    #[error("an id overflows 128 bits")]
    Overflow,
    /// All bits are zero. No entity has this id; absence is an `Option`.
    #[error("an id is not nil")]
    Nil,
}

/// What every kind of id is made of: 128 bits that are not all zero, so that an `Option` is as small.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[doc(hidden)]
pub struct RawId(NonZeroU128);

impl RawId {
    /// Reads the 26 characters of a ULID, in either case.
    ///
    /// # Errors
    ///
    /// [`IdError`] if the text is not a ULID, or is nil.
    pub fn parse(text: &str) -> Result<Self, IdError> {
        let bytes = text.as_bytes();
        if bytes.len() != 26 {
            return Err(IdError::Length);
        }
        if !bytes.iter().copied().all(is_crockford) {
            return Err(IdError::Alphabet);
        }
        if bytes.first().is_some_and(|first| *first > b'7') {
            return Err(IdError::Overflow);
        }
        let ulid = Ulid::from_string(text).map_err(|_| IdError::Alphabet)?;
        Self::from_u128(ulid.0)
    }

    /// Reads 16 bytes in network order.
    ///
    /// # Errors
    ///
    /// [`IdError::Nil`] if all bytes are zero.
    pub fn from_bytes(bytes: [u8; 16]) -> Result<Self, IdError> {
        Self::from_u128(u128::from_be_bytes(bytes))
    }

    /// Draws a new id.
    pub fn generate(ids: &dyn IdGenerator, at: Timestamp) -> Self {
        Self(ids.next(at))
    }

    /// The id in network order.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0.get().to_be_bytes()
    }

    /// The instant in the first 48 bits.
    #[must_use]
    pub fn created_at(self) -> Timestamp {
        Timestamp::from_millis(Ulid(self.0.get()).timestamp_ms())
    }

    fn from_u128(bits: u128) -> Result<Self, IdError> {
        NonZeroU128::new(bits).map(Self).ok_or(IdError::Nil)
    }
}

impl fmt::Display for RawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(Ulid(self.0.get()).array_to_str(&mut [0; 26]))
    }
}

impl fmt::Debug for RawId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

const fn is_crockford(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        && !matches!(byte, b'I' | b'L' | b'O' | b'U' | b'i' | b'l' | b'o' | b'u')
}

/// Declares kinds of ids: newtypes over a ULID that cannot be confused with one another.
///
/// Each is 16 bytes, as is an `Option` of it; it parses from 26 characters in either case, prints in
/// upper case, and orders by its time of creation. There is no nil id and no conversion between kinds.
///
/// ```
/// skeleton_invocation_context::ulid_id! {
///     /// An invoice of the product.
///     pub struct InvoiceId;
/// }
/// let id: InvoiceId = "01m83yemjf3hcvmbeygd2rqzpg".parse()?;
/// assert_eq!(id.to_string(), "01M83YEMJF3HCVMBEYGD2RQZPG");
/// assert!("8ZZZZZZZZZZZZZZZZZZZZZZZZZ".parse::<InvoiceId>().is_err());
/// # Ok::<(), skeleton_invocation_context::IdError>(())
/// ```
///
/// ```compile_fail
/// use skeleton_invocation_context::{Account, AccountKind, TenantId};
///
/// fn account(tenant: TenantId) -> Account {
///     Account::new(tenant, AccountKind::User, tenant)
/// }
/// ```
#[macro_export]
macro_rules! ulid_id {
    ($($(#[$meta:meta])* $vis:vis struct $name:ident;)+) => { $(
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $name($crate::__private::RawId);

        impl $name {
            /// Reads 16 bytes in network order.
            ///
            /// # Errors
            ///
            /// [`IdError::Nil`]($crate::IdError::Nil) if all bytes are zero.
            pub fn from_bytes(bytes: [u8; 16]) -> ::core::result::Result<Self, $crate::IdError> {
                $crate::__private::RawId::from_bytes(bytes).map(Self)
            }

            /// Draws a new id from `ids`, made at `at`.
            #[must_use]
            pub fn generate(ids: &dyn $crate::IdGenerator, at: $crate::Timestamp) -> Self {
                Self($crate::__private::RawId::generate(ids, at))
            }

            /// The id as 16 bytes in network order.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; 16] {
                self.0.to_bytes()
            }

            /// The instant at which the id was made, in milliseconds.
            #[must_use]
            pub fn created_at(self) -> $crate::Timestamp {
                self.0.created_at()
            }
        }

        impl ::core::str::FromStr for $name {
            type Err = $crate::IdError;

            fn from_str(text: &str) -> ::core::result::Result<Self, Self::Err> {
                $crate::__private::RawId::parse(text).map(Self)
            }
        }

        impl ::core::fmt::Display for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl ::core::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::write!(f, "{}({})", ::core::stringify!($name), self.0)
            }
        }

        $crate::__ulid_id_serde!($name);
    )+ };
}

/// Makes the serde half of an id; empty while the feature `serde` is off.
#[cfg(feature = "serde")]
#[doc(hidden)]
#[macro_export]
macro_rules! __ulid_id_serde {
    ($name:ident) => {
        impl $crate::__private::serde::Serialize for $name {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                $crate::__private::serialize_id(self.0, serializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::deserialize_id(deserializer).map(Self)
            }
        }
    };
}

/// Makes the serde half of an id; empty while the feature `serde` is off.
#[cfg(not(feature = "serde"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __ulid_id_serde {
    ($name:ident) => {};
}

ulid_id! {
    /// A customer organisation, isolated from every other one.
    pub struct TenantId;
    /// A node in one tenant's tree.
    pub struct ContainerId;
    /// A user or a service, member of one tenant.
    pub struct AccountId;
    /// A session at the client.
    pub struct SessionId;
    /// A connection to an external identity provider.
    pub struct IdentityProviderId;
    /// An API key or a personal access token.
    pub struct CredentialId;
    /// What a person did: one click, one schedule. Made by the client.
    pub struct ActionId;
    /// One invocation as its client names it; equal on every retry.
    pub struct ExternalInvocationId;
    /// One run of an invocation in one process; new on every retry and every hop.
    pub struct InvocationId;
    /// An event.
    pub struct EventId;
    /// A message of a broker.
    pub struct MessageId;
}

impl InvocationId {
    pub(crate) const fn as_u128(self) -> NonZeroU128 {
        self.0.0
    }
}

impl ContainerId {
    /// The root of a tenant's tree: it has the same 26 characters as its tenant.
    #[must_use]
    pub const fn root_of(tenant: TenantId) -> Self {
        Self(tenant.0)
    }
}
