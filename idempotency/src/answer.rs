//! The answer that is kept and given again.

use core::fmt;

/// The most bytes of a body that is kept.
pub const MAX_BODY: usize = 256 * 1024;
/// The most bytes of all fields together.
const MAX_FIELDS: usize = 8 * 1024;
const VERSION: u8 = 1;

/// Fields of an answer that may be given again. Credentials and cookies are not among them.
const ALLOWED: [&str; 8] = [
    "content-type",
    "content-language",
    "content-location",
    "location",
    "etag",
    "last-modified",
    "cache-control",
    "link",
];

/// Why an answer cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The status is not one of HTTP.
    #[error("not a status")]
    Status,
    /// The field is not on the allow-list, or its value could split an answer.
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

/// Status, allow-listed fields and body of the first answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    status: u16,
    fields: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    /// An answer of this status without a body.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Status`] unless it lies between 200 and 599.
    pub const fn new(status: u16) -> Result<Self, AnswerError> {
        if status < 200 || status > 599 {
            return Err(AnswerError::Status);
        }
        Ok(Self {
            status,
            fields: Vec::new(),
            body: Vec::new(),
        })
    }

    /// An answer with a JSON body that must not be cached.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] if the status is none, or the payload has no JSON form or is too large.
    pub fn json(status: u16, payload: &serde_json::Value) -> Result<Self, AnswerError> {
        Self::new(status)?
            .with_field("content-type", "application/json")?
            .with_field("cache-control", "no-store")?
            .with_body(payload.to_string().into_bytes())
    }

    /// Adds a field.
    ///
    /// # Errors
    ///
    /// [`AnswerError::Field`] if it is not on the allow-list or holds anything but visible ASCII and spaces;
    /// [`AnswerError::TooLarge`] past 8 KiB of fields.
    pub fn with_field(mut self, name: &str, value: &str) -> Result<Self, AnswerError> {
        let is_visible = value.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if !ALLOWED.contains(&name) || !is_visible {
            return Err(AnswerError::Field);
        }
        let held: usize = self
            .fields
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if held + name.len() + value.len() > MAX_FIELDS {
            return Err(AnswerError::TooLarge);
        }
        self.fields.push((name.to_owned(), value.to_owned()));
        Ok(self)
    }

    /// Sets the body.
    ///
    /// # Errors
    ///
    /// [`AnswerError::TooLarge`] past [`MAX_BODY`] bytes.
    pub fn with_body(self, body: Vec<u8>) -> Result<Self, AnswerError> {
        if body.len() > MAX_BODY {
            Err(AnswerError::TooLarge)
        } else {
            Ok(Self { body, ..self })
        }
    }

    /// The status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The fields, in the order in which they were added.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The answer as a store keeps it: a version, then every part with its length before it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend(self.status.to_be_bytes());
        bytes.extend(length(self.fields.len()));
        for (name, value) in &self.fields {
            for part in [name, value] {
                bytes.extend(length(part.len()));
                bytes.extend(part.as_bytes());
            }
        }
        bytes.extend(length(self.body.len()));
        bytes.extend(&self.body);
        bytes
    }

    /// Reads what a store kept. Total on any bytes; nothing is allocated before it is checked.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] if the bytes are not exactly one answer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnswerError> {
        let mut rest = bytes;
        let [version] = take::<1>(&mut rest)?;
        if version != VERSION {
            return Err(AnswerError::Malformed);
        }
        let mut answer = Self::new(u16::from_be_bytes(take(&mut rest)?))?;
        for _ in 0..u32::from_be_bytes(take(&mut rest)?) {
            let (name, value) = (text(&mut rest)?, text(&mut rest)?);
            answer = answer.with_field(name, value)?;
        }
        let body = part(&mut rest)?;
        if !rest.is_empty() {
            return Err(AnswerError::Malformed);
        }
        answer.with_body(body.to_vec())
    }
}

/// Status and sizes only: a body may hold what no log should.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({}, {} bytes)", self.status, self.body.len())
    }
}

/// Parts are bounded well below 4 GiB, so nothing is cut.
fn length(len: usize) -> [u8; 4] {
    u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], AnswerError> {
    let (head, tail) = rest
        .split_first_chunk::<N>()
        .ok_or(AnswerError::Malformed)?;
    *rest = tail;
    Ok(*head)
}

fn part<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], AnswerError> {
    let len = u32::from_be_bytes(take(rest)?);
    let len = usize::try_from(len).map_err(|_| AnswerError::Malformed)?;
    let (head, tail) = rest.split_at_checked(len).ok_or(AnswerError::Malformed)?;
    *rest = tail;
    Ok(head)
}

fn text<'b>(rest: &mut &'b [u8]) -> Result<&'b str, AnswerError> {
    core::str::from_utf8(part(rest)?).map_err(|_| AnswerError::Malformed)
}
