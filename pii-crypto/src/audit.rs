//! Who reads personal data, and why: every reveal is recorded, or it does not happen.

use core::fmt;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::coordinates::RecordId;
use crate::coordinates::SubjectId;
use crate::coordinates::TenantRef;

/// Why somebody reads: declared in the code, `[a-z0-9-]`, at most 64 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Purpose(&'static str);

impl Purpose {
    /// A purpose of this name.
    ///
    /// # Panics
    ///
    /// While compiling, if the name is not `[a-z0-9-]` of 1 to 64 bytes; declare purposes as constants.
    ///
    /// ```compile_fail
    /// use skeleton_pii_crypto::Purpose;
    /// const MAIL: Purpose = Purpose::declared("send mail to ada@example.org");
    /// let mail = MAIL;
    /// ```
    #[must_use]
    pub const fn declared(name: &'static str) -> Self {
        assert!(is_code(name), "a purpose is 1 to 64 of [a-z0-9-]");
        Self(name)
    }

    /// The name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

/// Who reads, why, and in which invocation.
#[derive(Clone, Debug)]
pub struct RevealAccess {
    actor: String,
    purpose: Purpose,
    invocation: String,
}

impl RevealAccess {
    /// The account `actor` reads for `purpose` in `invocation`; both ids are opaque and kept as they are.
    #[must_use]
    pub fn new(actor: impl fmt::Display, purpose: Purpose, invocation: impl fmt::Display) -> Self {
        Self {
            actor: actor.to_string(),
            purpose,
            invocation: invocation.to_string(),
        }
    }

    /// The account that reads.
    #[must_use]
    pub fn actor(&self) -> &str {
        &self.actor
    }

    /// Why.
    #[must_use]
    pub const fn purpose(&self) -> Purpose {
        self.purpose
    }

    /// In which invocation.
    #[must_use]
    pub fn invocation(&self) -> &str {
        &self.invocation
    }
}

/// What was read: ids and codes, never a value.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Disclosed {
    /// When, in milliseconds since 1970.
    pub at_millis: u64,
    /// The tenant that keeps the data.
    pub tenant: TenantRef,
    /// Whose data.
    pub subject: SubjectId,
    /// Of which category.
    pub category: Cow<'static, str>,
    /// Which field.
    pub tag: Cow<'static, str>,
    /// In which record.
    pub record: RecordId,
    /// Who read.
    pub actor: String,
    /// Why.
    pub purpose: Purpose,
    /// In which invocation.
    pub invocation: String,
    /// What came of it.
    pub outcome: DisclosureOutcome,
}

/// What came of a reveal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisclosureOutcome {
    /// The value was shown.
    Clear,
    /// The value is forgotten.
    Forgotten,
}

/// The record could not be taken: the value is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the audit takes no record")]
#[non_exhaustive]
pub struct AuditRefused;

/// Takes a record of every reveal, at once.
pub trait AuditSink: Send + Sync + 'static {
    /// Takes the record, or refuses it; then the reveal fails.
    ///
    /// # Errors
    ///
    /// [`AuditRefused`] if the record cannot be taken.
    fn record(&self, disclosed: &Disclosed) -> Result<(), AuditRefused>;
}

/// A bounded queue of records, drained by the application. Full, it refuses. Clones share the queue.
#[derive(Clone, Debug)]
pub struct AuditQueue {
    queue: Arc<Mutex<VecDeque<Disclosed>>>,
    bound: usize,
}

impl AuditQueue {
    /// A queue of at most `bound` records.
    #[must_use]
    pub fn bounded(bound: usize) -> Self {
        Self {
            queue: Arc::default(),
            bound,
        }
    }

    /// Takes everything that waits, the oldest first.
    #[must_use]
    pub fn drain(&self) -> Vec<Disclosed> {
        self.queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .drain(..)
            .collect()
    }
}

impl AuditSink for AuditQueue {
    fn record(&self, disclosed: &Disclosed) -> Result<(), AuditRefused> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.len() >= self.bound {
            return Err(AuditRefused);
        }
        queue.push_back(disclosed.clone());
        Ok(())
    }
}

/// Whether a text is a code: 1 to 64 of `[a-z0-9-]`.
pub(crate) const fn is_code(text: &str) -> bool {
    let mut rest = text.as_bytes();
    if rest.is_empty() || rest.len() > 64 {
        return false;
    }
    while let [byte, tail @ ..] = rest {
        if !matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return false;
        }
        rest = tail;
    }
    true
}
