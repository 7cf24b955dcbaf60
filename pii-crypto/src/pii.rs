//! A personal value: plain, sealed or forgotten. A state, never the look of a string.

use core::fmt;
use core::ops::Deref;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::audit::RevealAccess;
use crate::coordinates::Coordinates;
use crate::coordinates::ForgetOrderId;
use crate::crypto::envelope::Envelope;
use crate::error::OpenError;
use crate::session::SessionKeys;
use crate::value::PiiValue;

/// A personal value.
///
/// It cannot be printed, hashed, ordered or serialized; its value is seen by [`reveal`](Self::reveal) alone, and wiped
/// when dropped.
///
/// ```compile_fail
/// fn print(name: &skeleton_pii_crypto::Pii<String>) -> String {
///     name.to_string()
/// }
/// ```
///
/// ```compile_fail
/// fn store(name: &skeleton_pii_crypto::Pii<String>) -> String {
///     serde_json::to_string(name).unwrap()
/// }
/// ```
///
/// ```compile_fail
/// use std::hash::Hash;
/// fn hash(name: &skeleton_pii_crypto::Pii<String>, hasher: &mut std::hash::DefaultHasher) {
///     name.hash(hasher);
/// }
/// ```
///
/// ```compile_fail
/// fn sort(names: &mut [skeleton_pii_crypto::Pii<String>]) {
///     names.sort();
/// }
/// ```
///
/// ```compile_fail
/// fn look(name: &skeleton_pii_crypto::Pii<String>) -> &str {
///     name
/// }
/// ```
///
/// ```compile_fail
/// fn shout(name: skeleton_pii_crypto::Pii<String>) -> skeleton_pii_crypto::Pii<String> {
///     name.map(|clear| clear.to_uppercase())
/// }
/// ```
pub struct Pii<T: PiiValue>(State<T>);

/// The states of a personal value.
pub(crate) enum State<T: PiiValue> {
    Plain(Zeroizing<T>),
    Sealed(Sealed),
}

/// A sealed value with all that opening it takes. Nothing is decrypted before it is revealed.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) envelope: Envelope,
    pub(crate) at: Coordinates,
    pub(crate) keys: Arc<SessionKeys>,
}

impl<T: PiiValue> Pii<T> {
    /// A plain value, as it came from its owner.
    #[must_use]
    pub fn plain(value: T) -> Self {
        Self(State::Plain(Zeroizing::new(value)))
    }

    pub(crate) const fn sealed(sealed: Sealed) -> Self {
        Self(State::Sealed(sealed))
    }

    pub(crate) const fn state(&self) -> &State<T> {
        &self.0
    }

    /// Shows the value, or says that it is forgotten; both are recorded first. A plain value is shown unrecorded: its
    /// maker has it.
    ///
    /// ```compile_fail
    /// fn look(name: &skeleton_pii_crypto::Pii<String>) {
    ///     let shown = name.reveal(); // by whom, and for what?
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// [`OpenError`] if the value is damaged, is not where it belongs, or cannot be opened now. None of these is an
    /// erasure.
    pub fn reveal(&self, access: &RevealAccess) -> Result<Disclosure<T>, OpenError>
    where
        T: Clone,
    {
        match &self.0 {
            State::Plain(value) => Ok(Disclosure::Clear(Revealed(value.clone()))),
            State::Sealed(sealed) => sealed.keys.reveal(sealed, access),
        }
    }
}

impl<T: PiiValue + Clone> Clone for Pii<T> {
    fn clone(&self) -> Self {
        Self(match &self.0 {
            State::Plain(value) => State::Plain(value.clone()),
            State::Sealed(sealed) => State::Sealed(sealed.clone()),
        })
    }
}

impl<T: PiiValue> fmt::Debug for Pii<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.0 {
            State::Plain(_) => "Pii(plain)",
            State::Sealed(_) => "Pii(sealed)",
        })
    }
}

/// Never decrypts: plain values compare by value in constant time, sealed ones by bytes.
impl<T: PiiValue> PartialEq for Pii<T> {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (State::Plain(one), State::Plain(other)) => one.same(other),
            (State::Sealed(one), State::Sealed(other)) => one.envelope == other.envelope,
            _ => false,
        }
    }
}

/// What a reveal shows.
#[derive(Debug)]
#[must_use]
#[expect(
    clippy::exhaustive_enums,
    reason = "whoever reads must say what happens to the forgotten"
)]
pub enum Disclosure<T: PiiValue> {
    /// The value.
    Clear(Revealed<T>),
    /// The value is gone for ever: its key is destroyed.
    Forgotten(Forgotten),
}

/// A value in clear, wiped when dropped.
///
/// ```compile_fail
/// fn store(name: &skeleton_pii_crypto::Revealed<String>) -> String {
///     serde_json::to_string(name).unwrap()
/// }
/// ```
pub struct Revealed<T: PiiValue>(Zeroizing<T>);

impl<T: PiiValue> Revealed<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Zeroizing::new(value))
    }

    /// Takes the value out: it leaves the care of this crate.
    #[must_use]
    pub fn into_inner(self) -> T
    where
        T: Clone,
    {
        T::clone(&self.0)
    }
}

impl<T: PiiValue> Deref for Revealed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: PiiValue> fmt::Debug for Revealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Revealed(..)")
    }
}

/// The fact that a value is forgotten: data, not an error. It comes from one thing alone, the fence for its key.
///
/// ```compile_fail
/// use skeleton_pii_crypto::{ForgetOrderId, Forgotten};
///
/// fn feign(order: ForgetOrderId) -> Forgotten {
///     Forgotten { order, at: 0 }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgotten {
    order: ForgetOrderId,
    at: u64,
}

impl Forgotten {
    pub(crate) const fn new(order: ForgetOrderId, at: u64) -> Self {
        Self { order, at }
    }

    /// The order that destroyed the key.
    #[must_use]
    pub const fn order(&self) -> &ForgetOrderId {
        &self.order
    }

    /// When, in milliseconds since 1970.
    #[must_use]
    pub const fn at_millis(&self) -> u64 {
        self.at
    }
}

/// Reads clear text, for commands. Text in the form of a sealed value is refused: it would be an event read as a command.
impl<'de, T: PiiValue + serde::Deserialize<'de>> serde::Deserialize<'de> for Pii<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The error of a format may repeat what it read.
        let value = T::deserialize(deserializer)
            .map_err(|_| serde::de::Error::custom("a personal value of another type"))?;
        if value.looks_sealed() {
            return Err(serde::de::Error::custom(
                "a sealed value where a clear one is expected",
            ));
        }
        Ok(Self::plain(value))
    }
}
