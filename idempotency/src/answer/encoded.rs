//! An answer as a store keeps it: a version, then every part with its length before it.

use super::Answer;
use super::AnswerError;

const VERSION: u8 = 1;
const OMITTED: u8 = 0;
const WHOLE: u8 = 1;

impl Answer {
    /// The answer as a store keeps it. One answer has one such form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64 + self.body().len());
        bytes.push(VERSION);
        bytes.extend(self.status().to_be_bytes());
        write_pairs(&mut bytes, &self.0.fields);
        match &self.0.body {
            None => bytes.push(OMITTED),
            Some(body) => {
                bytes.push(WHOLE);
                write(&mut bytes, body);
            }
        }
        write_pairs(&mut bytes, &self.0.trailers);
        bytes
    }

    /// Reads what a store kept. Total on any bytes; nothing is allocated before it is checked.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] if the bytes are not exactly one answer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AnswerError> {
        let mut rest = bytes;
        let [version] = take(&mut rest)?;
        if version != VERSION {
            return Err(AnswerError::Malformed);
        }
        let mut answer = Self::new(u16::from_be_bytes(take(&mut rest)?))?;
        for _ in 0..u16::from_be_bytes(take(&mut rest)?) {
            answer = answer.with_field(text(&mut rest)?, text(&mut rest)?)?;
        }
        answer = match take(&mut rest)? {
            [OMITTED] => answer.without_body(),
            [WHOLE] => answer.with_body(part(&mut rest)?.to_vec())?,
            _ => return Err(AnswerError::Malformed),
        };
        for _ in 0..u16::from_be_bytes(take(&mut rest)?) {
            answer = answer.with_trailer(text(&mut rest)?, text(&mut rest)?)?;
        }
        if rest.is_empty() {
            Ok(answer)
        } else {
            Err(AnswerError::Malformed)
        }
    }
}

/// Fields are bounded well below 65 536, so nothing is cut.
fn write_pairs(bytes: &mut Vec<u8>, pairs: &[(String, String)]) {
    bytes.extend(u16::try_from(pairs.len()).unwrap_or(u16::MAX).to_be_bytes());
    for (name, value) in pairs {
        write(bytes, name.as_bytes());
        write(bytes, value.as_bytes());
    }
}

/// Parts are bounded well below 4 GiB, so nothing is cut.
fn write(bytes: &mut Vec<u8>, part: &[u8]) {
    bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend(part);
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
