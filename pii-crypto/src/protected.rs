//! Events with personal data: clear while they are decided, sealed where they are kept.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::coordinates::IdError;
use crate::coordinates::RecordId;
use crate::coordinates::SubjectId;
use crate::error::SealError;
use crate::sealed_field::Detached;
use crate::sealed_field::Field;
use crate::session::Session;
use crate::value::PiiValue;

/// An event or command some of whose fields are personal. Derive it:
///
/// ```
/// use skeleton_pii_crypto::{Pii, Protected, SubjectId};
///
/// #[derive(Protected)]
/// #[pii(event = "user-registered")]
/// struct UserRegistered {
///     #[pii(subject)]
///     user: SubjectId,
///     #[pii(pad = "bucket:32")]
///     email: Pii<String>,
///     plan: String,
/// }
/// assert_eq!(UserRegistered::FIELDS[0].tag, "user-registered/email");
/// ```
///
/// The clear half reaches no log:
///
/// ```compile_fail
/// # use skeleton_pii_crypto::{Pii, Protected, SubjectId};
/// #[derive(Protected, serde::Serialize)]
/// #[pii(event = "user-registered")]
/// struct UserRegistered {
///     #[pii(subject)]
///     user: SubjectId,
///     email: Pii<String>,
/// }
/// ```
pub trait Protected: Sized {
    /// The event with its personal fields sealed; all others as they are.
    type Sealed: SealedEvent<Clear = Self>;
    /// The event's name, which every tag begins with.
    const EVENT: &'static str;
    /// Every personal field: the data map.
    const FIELDS: &'static [Field];

    /// The data subject of the event.
    ///
    /// # Errors
    ///
    /// [`IdError`] if its id has no canonical text.
    fn subject(&self) -> Result<SubjectId, IdError>;

    /// Seals every personal field. Use [`Session::seal`].
    ///
    /// # Errors
    ///
    /// [`SealError`] if a field cannot be sealed.
    fn seal_in(self, session: &Session, record: &RecordId) -> Result<Self::Sealed, SealError>;
}

/// The sealed half of a [`Protected`] event: what is written to a log.
pub trait SealedEvent: Sized + Serialize + DeserializeOwned {
    /// The event with its personal fields to be revealed.
    type Clear: Protected<Sealed = Self>;

    /// The data subject of the event.
    ///
    /// # Errors
    ///
    /// [`IdError`] if its id has no canonical text.
    fn subject(&self) -> Result<SubjectId, IdError>;

    /// Puts every sealed field at its place. Use [`Session::open`].
    ///
    /// # Errors
    ///
    /// [`IdError`] if the subject's id has no canonical text.
    fn open_in(self, session: &Session, record: &RecordId) -> Result<Self::Clear, IdError>;
}

impl Session {
    /// Seals an event that is kept as `record`.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the subject is forgotten or not in the session, or a value is too large.
    pub fn seal<E: Protected>(&self, record: &RecordId, event: E) -> Result<E::Sealed, SealError> {
        event.seal_in(self, record)
    }

    /// Reads an event that is kept as `record`. Nothing is decrypted yet.
    ///
    /// # Errors
    ///
    /// [`IdError`] if the subject's id has no canonical text.
    pub fn open<E: SealedEvent>(&self, record: &RecordId, event: E) -> Result<E::Clear, IdError> {
        event.open_in(self, record)
    }
}

/// Whose keys a session is to hold, and whether missing ones are made.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    pub(crate) asked: Vec<(SubjectId, Vec<String>)>,
    pub(crate) makes: bool,
}

impl KeySet {
    /// The keys that sealing an event takes; those that are missing are made.
    ///
    /// # Errors
    ///
    /// [`IdError`] if the subject's id has no canonical text.
    pub fn sealing<E: Protected>(event: &E) -> Result<Self, IdError> {
        let mut categories: Vec<_> = E::FIELDS
            .iter()
            .map(|field| field.category.to_owned())
            .collect();
        categories.sort();
        categories.dedup();
        Ok(Self {
            asked: vec![(event.subject()?, categories)],
            makes: true,
        })
    }

    /// The keys that opening an event takes. None is made.
    ///
    /// # Errors
    ///
    /// [`IdError`] if the subject's id has no canonical text.
    pub fn opening<E: SealedEvent>(event: &E) -> Result<Self, IdError> {
        Ok(Self {
            asked: vec![(event.subject()?, Vec::new())],
            makes: false,
        })
    }

    /// The keys that opening a value on its own takes. None is made.
    #[must_use]
    pub fn detached<T: PiiValue>(value: &Detached<T>) -> Self {
        Self {
            asked: vec![(value.subject().clone(), Vec::new())],
            makes: false,
        }
    }
}
