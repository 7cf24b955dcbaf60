//! The answer that is kept and given again.

mod encoded;
mod field;

use core::fmt;
use std::sync::Arc;

use bytes::Bytes;

#[cfg(feature = "tower")]
pub(crate) use self::field::is_kept;
pub(crate) use self::field::is_replayable;

/// The most bytes of a body that is kept.
pub const MAX_BODY: usize = 256 * 1024;
/// The most bytes of all fields together, and of all trailers.
const MAX_FIELDS: usize = 8 * 1024;

/// Why an answer cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The status is not one of HTTP.
    #[error("not a status")]
    Status,
    /// The field is one that must not be given again, or its value could split an answer.
    #[error("a field that is not kept")]
    Field,
    /// The body or the fields are too large.
    #[error("an answer too large to keep")]
    TooLarge,
    /// The payload has no JSON form.
    #[error("the payload has no JSON form")]
    Json,
    /// The stored bytes are not an answer.
    #[error("not a stored answer")]
    Malformed,
}

/// Status, fields, body and trailers of the first answer, without anything that belongs to its caller alone. Cheap to
/// clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Answer(Arc<Kept>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Kept {
    status: u16,
    fields: Vec<(String, String)>,
    /// Nothing if the body was not kept.
    body: Option<Bytes>,
    trailers: Vec<(String, String)>,
}

impl Answer {
    /// An answer of this status without a body.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Status`] unless it lies between 200 and 599.
    pub fn new(status: u16) -> Result<Self, AnswerError> {
        if !(200..600).contains(&status) {
            return Err(AnswerError::Status);
        }
        Ok(Self(Arc::new(Kept {
            status,
            fields: Vec::new(),
            body: Some(Bytes::new()),
            trailers: Vec::new(),
        })))
    }

    /// An answer with a JSON body that must not be cached.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] if the status is none, or the payload has no JSON form or is too large.
    pub fn json(status: u16, payload: &impl serde::Serialize) -> Result<Self, AnswerError> {
        let body = serde_json::to_vec(payload).map_err(|_| AnswerError::Json)?;
        Self::new(status)?
            .with_field("content-type", "application/json")?
            .with_field("cache-control", "no-store")?
            .with_body(body)
    }

    /// Adds a field. Its name is in small letters.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Field`] if it carries credentials, cookies or what one connection alone is about, or if its value
    /// holds anything but visible ASCII and spaces; [`AnswerError::TooLarge`] past 8 KiB of fields.
    pub fn with_field(mut self, name: &str, value: &str) -> Result<Self, AnswerError> {
        push(&mut Arc::make_mut(&mut self.0).fields, name, value)?;
        Ok(self)
    }

    /// Adds a field that follows the body.
    ///
    /// # Errors
    ///
    /// As [`Answer::with_field`].
    pub fn with_trailer(mut self, name: &str, value: &str) -> Result<Self, AnswerError> {
        push(&mut Arc::make_mut(&mut self.0).trailers, name, value)?;
        Ok(self)
    }

    /// Adds those of these fields that may be kept, and leaves the others out.
    #[cfg(feature = "tower")]
    pub(crate) fn keep_fields<'f>(&mut self, fields: impl Iterator<Item = (&'f str, &'f str)>) {
        let kept = Arc::make_mut(&mut self.0);
        for (name, value) in fields {
            let _unless_refused = push(&mut kept.fields, name, value);
        }
    }

    /// The same for fields that follow the body.
    #[cfg(feature = "tower")]
    pub(crate) fn keep_trailers<'f>(&mut self, fields: impl Iterator<Item = (&'f str, &'f str)>) {
        let kept = Arc::make_mut(&mut self.0);
        for (name, value) in fields {
            let _unless_refused = push(&mut kept.trailers, name, value);
        }
    }

    /// Sets the body.
    ///
    /// # Errors
    ///
    /// [`AnswerError::TooLarge`] past [`MAX_BODY`] bytes.
    pub fn with_body(mut self, body: impl Into<Bytes>) -> Result<Self, AnswerError> {
        let body = body.into();
        if body.len() > MAX_BODY {
            return Err(AnswerError::TooLarge);
        }
        Arc::make_mut(&mut self.0).body = Some(body);
        Ok(self)
    }

    /// The same answer as a tombstone: that it was given is kept, its body is not.
    #[must_use]
    pub fn without_body(mut self) -> Self {
        let kept = Arc::make_mut(&mut self.0);
        kept.body = None;
        kept.trailers.clear();
        self
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The fields, in the order in which they were added.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.fields.iter().map(pair)
    }

    /// The body; empty if it was not kept.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.0.body.as_deref().unwrap_or_default()
    }

    /// The body, shared.
    #[must_use]
    pub fn body_bytes(&self) -> Bytes {
        self.0.body.clone().unwrap_or_default()
    }

    /// Whether it is a tombstone: its body was too large to keep, or broke off.
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.0.body.is_none()
    }

    /// The fields that follow the body.
    pub fn trailers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.trailers.iter().map(pair)
    }
}

/// Status and sizes only: a body may hold what no log should.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.body {
            Some(body) => write!(f, "Answer({}, {} bytes)", self.0.status, body.len()),
            None => write!(f, "Answer({}, body omitted)", self.0.status),
        }
    }
}

fn push(fields: &mut Vec<(String, String)>, name: &str, value: &str) -> Result<(), AnswerError> {
    if !is_replayable(name) || !field::is_visible(value) {
        return Err(AnswerError::Field);
    }
    let held: usize = fields
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    if held + name.len() + value.len() > MAX_FIELDS {
        return Err(AnswerError::TooLarge);
    }
    fields.push((name.to_owned(), value.to_owned()));
    Ok(())
}

fn pair((name, value): &(String, String)) -> (&str, &str) {
    (name, value)
}
