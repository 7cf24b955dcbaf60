//! A session: the keys of some subjects for a few seconds. Everything in it is synchronous.

use core::fmt;
use core::time::Duration;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use subtle::ConstantTimeEq;

use crate::audit::AuditSink;
use crate::audit::Disclosed;
use crate::audit::DisclosureOutcome;
use crate::audit::RevealAccess;
use crate::coordinates::Coordinates;
use crate::coordinates::ForgetOrderId;
use crate::coordinates::RecordId;
use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;
use crate::crypto::envelope;
use crate::crypto::envelope::Envelope;
use crate::crypto::keys::SealingKey;
use crate::crypto::keys::key_id;
use crate::crypto::keys::random;
use crate::crypto::padding::Padding;
use crate::error::OpenError;
use crate::error::SealError;
use crate::error::Unavailable;
use crate::pii::Disclosure;
use crate::pii::Forgotten;
use crate::pii::Pii;
use crate::pii::Revealed;
use crate::pii::Sealed;
use crate::pii::State;
use crate::row::DeadKey;
use crate::time::TimeSource;
use crate::value::PiiValue;

/// How long the keys of a session may be used: longer, and a forgotten value might still be shown somewhere.
pub(crate) const SESSION_MAX: Duration = Duration::from_secs(10);

/// What a session knows of one subject.
#[derive(Clone, Default)]
pub(crate) struct SubjectKeys {
    pub(crate) live: Vec<(String, SealingKey)>,
    pub(crate) dead: Vec<DeadKey>,
    /// Keys that live and cannot be unwrapped any more: their epoch is gone.
    pub(crate) lost: Vec<(String, [u8; 16])>,
    pub(crate) fence: Option<(ForgetOrderId, u64)>,
    /// Whether the store has a row of this subject at all.
    pub(crate) is_known: bool,
}

/// The keys of a session, shared with the values that were opened in it.
pub(crate) struct SessionKeys {
    pub(crate) tenant: TenantRef,
    pub(crate) subjects: HashMap<SubjectId, SubjectKeys>,
    pub(crate) audit: Arc<dyn AuditSink>,
    pub(crate) time: Arc<dyn TimeSource>,
    pub(crate) started: (u64, Duration),
}

/// What opening a value comes to, before anybody is told.
enum Found<'k> {
    Key(&'k SealingKey),
    Forgotten(Forgotten),
}

impl SessionKeys {
    /// Ends the session when either clock says so: one may have been set, the other may have slept.
    fn check_lease(&self) -> Result<(), Unavailable> {
        let (wall, monotonic) = self.started;
        let max = u64::try_from(SESSION_MAX.as_millis()).unwrap_or(u64::MAX);
        let now = self.time.wall_millis();
        let is_over = now.saturating_sub(wall) > max
            || now < wall
            || self.time.monotonic().saturating_sub(monotonic) > SESSION_MAX;
        if is_over {
            Err(Unavailable::SessionOver)
        } else {
            Ok(())
        }
    }

    pub(crate) fn seal<T: PiiValue>(
        &self,
        at: &Coordinates,
        padding: Padding,
        value: &T,
    ) -> Result<Envelope, SealError> {
        self.check_lease()?;
        let subject = self.subjects.get(&at.subject).ok_or(SealError::NotLoaded)?;
        if subject.fence.is_some() {
            return Err(SealError::Forgotten);
        }
        let mut keys = subject.live.iter().rev();
        let key = keys
            .find(|(category, _)| *category == at.category)
            .ok_or(SealError::NotLoaded)?;
        let mut nonce = [0; 12];
        random(&mut nonce).map_err(Unavailable::from)?;
        let plain = value.encode();
        envelope::seal(&key.1, at, (T::CONTENT, &plain), padding, nonce)
            .map_err(|_| SealError::Value)
    }

    pub(crate) fn reveal<T: PiiValue>(
        &self,
        sealed: &Sealed,
        access: &RevealAccess,
    ) -> Result<Disclosure<T>, OpenError> {
        self.check_lease()?;
        match self.find(sealed)? {
            Found::Forgotten(forgotten) => {
                self.record(sealed, access, DisclosureOutcome::Forgotten)?;
                Ok(Disclosure::Forgotten(forgotten))
            }
            Found::Key(key) => {
                let value = decrypt(key, sealed)?;
                self.record(sealed, access, DisclosureOutcome::Clear)?;
                Ok(Disclosure::Clear(Revealed::new(value)))
            }
        }
    }

    /// The value of a sealed one that is sealed anew elsewhere: nobody sees it, so nothing is recorded.
    fn carry<T: PiiValue>(&self, sealed: &Sealed) -> Result<T, SealError> {
        self.check_lease()?;
        let carried = |error| SealError::Carry(Box::new(error));
        match self.find(sealed).map_err(carried)? {
            Found::Forgotten(_) => Err(SealError::Forgotten),
            Found::Key(key) => decrypt(key, sealed).map_err(carried),
        }
    }

    /// Looks for the one key that the header names: nothing is ever tried against several.
    fn find(&self, sealed: &Sealed) -> Result<Found<'_>, OpenError> {
        let named = sealed.envelope.key_id();
        let is_named = |id: &[u8; 16]| bool::from(id.ct_eq(&named));
        let subject = self
            .subjects
            .get(&sealed.at.subject)
            .ok_or(OpenError::NotLoaded)?;
        let of_category = |category: &str| category == sealed.at.category;
        let mut live = subject
            .live
            .iter()
            .filter(|(category, _)| of_category(category));
        if let Some((_, key)) = live.find(|(_, key)| is_named(&key.id)) {
            return Ok(Found::Key(key));
        }
        let mut dead = subject.dead.iter().filter(|key| of_category(&key.category));
        let is_dead = dead.any(|key| is_named(&key_id(&key.commitment)));
        let mut lost = subject
            .lost
            .iter()
            .filter(|(category, _)| of_category(category));
        let is_lost = lost.any(|(_, id)| is_named(id));
        match (&subject.fence, is_dead) {
            (Some((order, at)), true) => Ok(Found::Forgotten(Forgotten::new(order.clone(), *at))),
            _ if subject.is_known && !is_lost => Err(OpenError::WrongContext),
            _ => Err(OpenError::KeyMissing),
        }
    }

    fn record(
        &self,
        sealed: &Sealed,
        access: &RevealAccess,
        outcome: DisclosureOutcome,
    ) -> Result<(), Unavailable> {
        let disclosed = Disclosed {
            at_millis: self.time.wall_millis(),
            tenant: self.tenant.clone(),
            subject: sealed.at.subject.clone(),
            category: sealed.at.category.clone(),
            tag: sealed.at.tag.clone(),
            record: sealed.at.record.clone(),
            actor: access.actor().to_owned(),
            purpose: access.purpose(),
            invocation: access.invocation().to_owned(),
            outcome,
        };
        Ok(self.audit.record(&disclosed)?)
    }
}

fn decrypt<T: PiiValue>(key: &SealingKey, sealed: &Sealed) -> Result<T, OpenError> {
    let plain = envelope::open(key, &sealed.at, T::CONTENT, &sealed.envelope);
    plain
        .ok()
        .and_then(|plain| T::decode(&plain))
        .ok_or(OpenError::Tampered)
}

/// The keys of some subjects of one tenant, for at most ten seconds. Cheap to clone.
#[derive(Clone)]
pub struct Session(pub(crate) Arc<SessionKeys>);

impl Session {
    /// Seals one value at its place.
    ///
    /// # Errors
    ///
    /// [`SealError`] if the subject is forgotten or not in the session, or the value is too large.
    pub(crate) fn seal_field<T: PiiValue>(
        &self,
        at: &Coordinates,
        padding: Padding,
        value: &Pii<T>,
    ) -> Result<Envelope, SealError> {
        match value.state() {
            State::Plain(value) => self.0.seal(at, padding, &**value),
            State::Sealed(sealed) => {
                // Elsewhere it would outlive the forgetting of the person whose value it is.
                if (&sealed.at.tenant, &sealed.at.subject) != (&at.tenant, &at.subject) {
                    return Err(SealError::Carry(Box::new(OpenError::WrongContext)));
                }
                let value = zeroize::Zeroizing::new(sealed.keys.carry::<T>(sealed)?);
                self.0.seal(at, padding, &*value)
            }
        }
    }

    /// A sealed value of this session. Nothing is decrypted yet.
    pub(crate) fn open_field<T: PiiValue>(&self, at: Coordinates, envelope: Envelope) -> Pii<T> {
        Pii::sealed(Sealed {
            envelope,
            at,
            keys: Arc::clone(&self.0),
        })
    }

    pub(crate) fn coordinates(
        &self,
        subject: SubjectId,
        category: Cow<'static, str>,
        record: RecordId,
        tag: Cow<'static, str>,
    ) -> Coordinates {
        Coordinates {
            tenant: self.0.tenant.clone(),
            subject,
            category,
            record,
            tag,
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("tenant", &self.0.tenant)
            .finish_non_exhaustive()
    }
}
