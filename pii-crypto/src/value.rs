//! Which types can be sealed.

use zeroize::Zeroize;
use zeroize::Zeroizing;

use crate::crypto::envelope::Content;
use crate::crypto::envelope::PREFIX;

/// A type that can be sealed: text, bytes, whole numbers, `bool`.
pub trait PiiValue: Sized + Zeroize + sealed::Encoded {}

impl PiiValue for String {}
impl PiiValue for Vec<u8> {}
impl PiiValue for bool {}

/// How a value becomes bytes, kept from outside so that its forms stay these.
pub(crate) mod sealed {
    use super::Content;
    use super::Zeroizing;

    #[expect(unnameable_types, reason = "this is what seals PiiValue")]
    pub trait Encoded: Sized {
        /// What the plaintext is.
        const CONTENT: Content;
        /// The plaintext.
        fn encode(&self) -> Zeroizing<Vec<u8>>;
        /// The value of a plaintext.
        fn decode(plain: &[u8]) -> Option<Self>;
        /// Whether two values are equal, in time that does not depend on where they differ.
        fn same(&self, other: &Self) -> bool;
        /// Whether a clear value has the look of a sealed one.
        fn looks_sealed(&self) -> bool {
            false
        }
    }
}

impl sealed::Encoded for String {
    const CONTENT: Content = Content::Text;

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.as_bytes().to_vec())
    }

    fn decode(plain: &[u8]) -> Option<Self> {
        core::str::from_utf8(plain).ok().map(str::to_owned)
    }

    fn same(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.as_bytes(), other.as_bytes()).into()
    }

    fn looks_sealed(&self) -> bool {
        self.starts_with(PREFIX)
    }
}

impl sealed::Encoded for Vec<u8> {
    const CONTENT: Content = Content::Bytes;

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.clone())
    }

    fn decode(plain: &[u8]) -> Option<Self> {
        Some(plain.to_vec())
    }

    fn same(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(self.as_slice(), other.as_slice()).into()
    }
}

impl sealed::Encoded for bool {
    const CONTENT: Content = Content::Json;

    fn encode(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(self.to_string().into_bytes())
    }

    fn decode(plain: &[u8]) -> Option<Self> {
        core::str::from_utf8(plain).ok()?.parse().ok()
    }

    fn same(&self, other: &Self) -> bool {
        self == other
    }
}

macro_rules! integers {
    ($($name:ty),+) => { $(
        impl PiiValue for $name {}

        impl sealed::Encoded for $name {
            const CONTENT: Content = Content::Json;

            fn encode(&self) -> Zeroizing<Vec<u8>> {
                Zeroizing::new(self.to_string().into_bytes())
            }

            fn decode(plain: &[u8]) -> Option<Self> {
                let value: Self = core::str::from_utf8(plain).ok()?.parse().ok()?;
                let canonical = Zeroizing::new(value.to_string());
                (canonical.as_bytes() == plain).then_some(value)
            }

            fn same(&self, other: &Self) -> bool {
                self == other
            }
        }
    )+ };
}

integers!(i8, i16, i32, i64, u8, u16, u32, u64);
