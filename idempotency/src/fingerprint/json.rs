//! One form for all texts of one JSON value: members sorted, no white space, one escape per character.
//!
//! Numbers stay as they are written: above 2^53 a reader that takes them for floating point makes different amounts
//! equal, and a fingerprint must not.

use core::fmt::Write;

/// How deep arrays and objects may nest.
const MAX_DEPTH: u32 = 64;

/// Why a payload has no canonical form. Nothing of it is repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JsonError {
    /// Not JSON (RFC 8259).
    #[error("the payload is not JSON")]
    Malformed,
    /// An object names a member twice.
    #[error("an object of the payload names a member twice")]
    RepeatedMember,
    /// Deeper than 64.
    #[error("the payload nests too deep")]
    TooDeep,
}

/// The canonical form of a JSON text.
pub(super) fn canonical(text: &[u8]) -> Result<Vec<u8>, JsonError> {
    let text = core::str::from_utf8(text).map_err(|_| JsonError::Malformed)?;
    let mut reader = Reader { rest: text };
    let mut out = String::with_capacity(text.len());
    reader.value(&mut out, 0)?;
    reader.space();
    if reader.rest.is_empty() {
        Ok(out.into_bytes())
    } else {
        Err(JsonError::Malformed)
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn value(&mut self, out: &mut String, depth: u32) -> Result<(), JsonError> {
        self.space();
        match self.peek() {
            Some('{' | '[') if depth == MAX_DEPTH => Err(JsonError::TooDeep),
            Some('{') => self.object(out, depth),
            Some('[') => self.array(out, depth),
            Some('"') => {
                write_string(out, &self.string()?);
                Ok(())
            }
            Some('-' | '0'..='9') => self.number(out),
            Some('t') => self.word("true", out),
            Some('f') => self.word("false", out),
            Some('n') => self.word("null", out),
            _ => Err(JsonError::Malformed),
        }
    }

    fn object(&mut self, out: &mut String, depth: u32) -> Result<(), JsonError> {
        let mut members: Vec<(String, String)> = Vec::new();
        self.expect('{')?;
        self.space();
        if !self.take('}') {
            loop {
                self.space();
                let name = self.string()?;
                self.space();
                self.expect(':')?;
                let mut value = String::new();
                self.value(&mut value, depth + 1)?;
                members.push((name, value));
                self.space();
                if self.take('}') {
                    break;
                }
                self.expect(',')?;
            }
        }
        members.sort();
        if members
            .windows(2)
            .any(|pair| matches!(pair, [one, other] if one.0 == other.0))
        {
            return Err(JsonError::RepeatedMember);
        }
        out.push('{');
        for (at, (name, value)) in members.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            write_string(out, name);
            out.push(':');
            out.push_str(value);
        }
        out.push('}');
        Ok(())
    }

    fn array(&mut self, out: &mut String, depth: u32) -> Result<(), JsonError> {
        self.expect('[')?;
        out.push('[');
        self.space();
        if !self.take(']') {
            loop {
                self.value(out, depth + 1)?;
                self.space();
                if self.take(']') {
                    break;
                }
                self.expect(',')?;
                out.push(',');
            }
        }
        out.push(']');
        Ok(())
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.expect('"')?;
        let mut text = String::new();
        loop {
            match self.next()? {
                '"' => return Ok(text),
                '\\' => text.push(self.escaped()?),
                '\0'..='\u{1f}' => return Err(JsonError::Malformed),
                char => text.push(char),
            }
        }
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        Ok(match self.next()? {
            char @ ('"' | '\\' | '/') => char,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = self.hex()?;
                if !(0xd800..0xdc00).contains(&high) {
                    return char::from_u32(high).ok_or(JsonError::Malformed);
                }
                self.expect('\\')?;
                self.expect('u')?;
                let low = self.hex()?;
                if !(0xdc00..0xe000).contains(&low) {
                    return Err(JsonError::Malformed);
                }
                let both = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                char::from_u32(both).ok_or(JsonError::Malformed)?
            }
            _ => return Err(JsonError::Malformed),
        })
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let mut bits = 0;
        for _ in 0..4 {
            bits = bits << 4 | self.next()?.to_digit(16).ok_or(JsonError::Malformed)?;
        }
        Ok(bits)
    }

    /// A number, as it is written: an optional minus, digits without a leading zero, fraction, exponent.
    fn number(&mut self, out: &mut String) -> Result<(), JsonError> {
        if self.take('-') {
            out.push('-');
        }
        let whole = self.digits(out)?;
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(JsonError::Malformed);
        }
        if self.take('.') {
            out.push('.');
            self.digits(out)?;
        }
        if let Some(char @ ('e' | 'E')) = self.peek() {
            out.push(char);
            self.next()?;
            if let Some(sign @ ('+' | '-')) = self.peek() {
                out.push(sign);
                self.next()?;
            }
            self.digits(out)?;
        }
        Ok(())
    }

    fn digits(&mut self, out: &mut String) -> Result<String, JsonError> {
        let end = self
            .rest
            .find(|char: char| !char.is_ascii_digit())
            .unwrap_or(self.rest.len());
        let (digits, rest) = self
            .rest
            .split_at_checked(end)
            .ok_or(JsonError::Malformed)?;
        if digits.is_empty() {
            return Err(JsonError::Malformed);
        }
        self.rest = rest;
        out.push_str(digits);
        Ok(digits.to_owned())
    }

    fn word(&mut self, word: &str, out: &mut String) -> Result<(), JsonError> {
        self.rest = self.rest.strip_prefix(word).ok_or(JsonError::Malformed)?;
        out.push_str(word);
        Ok(())
    }

    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Result<char, JsonError> {
        let mut chars = self.rest.chars();
        let next = chars.next().ok_or(JsonError::Malformed)?;
        self.rest = chars.as_str();
        Ok(next)
    }

    fn take(&mut self, expected: char) -> bool {
        match self.rest.strip_prefix(expected) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, expected: char) -> Result<(), JsonError> {
        if self.take(expected) {
            Ok(())
        } else {
            Err(JsonError::Malformed)
        }
    }
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            control @ '\0'..='\u{1f}' => {
                // Writing to a string does not fail.
                let _written = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}
