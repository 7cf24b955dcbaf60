//! The words of JSON (RFC 8259), each read and written in its one form.

use std::io::Write;

use super::JsonError;

/// What is left of a text.
pub(super) struct Scanner<'t> {
    rest: &'t [u8],
}

impl<'t> Scanner<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            rest: text.as_bytes(),
        }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    pub(super) fn space(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    pub(super) fn take(&mut self, expected: u8) -> bool {
        match self.rest {
            [first, rest @ ..] if *first == expected => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    pub(super) fn expect(&mut self, expected: u8) -> Result<(), JsonError> {
        if self.take(expected) {
            Ok(())
        } else {
            Err(JsonError::Malformed)
        }
    }

    pub(super) fn word(&mut self, word: &[u8], out: &mut Vec<u8>) -> Result<(), JsonError> {
        self.rest = self.rest.strip_prefix(word).ok_or(JsonError::Malformed)?;
        out.extend_from_slice(word);
        Ok(())
    }

    /// A string, with only those escapes that it needs.
    pub(super) fn string(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        self.expect(b'"')?;
        out.push(b'"');
        loop {
            let (plain, rest) = self.split(plain(self.rest))?;
            out.extend_from_slice(plain);
            match rest {
                [b'"', rest @ ..] => {
                    self.rest = rest;
                    out.push(b'"');
                    return Ok(());
                }
                [b'\\', rest @ ..] => {
                    self.rest = rest;
                    write_char(self.escaped()?, out);
                }
                _ => return Err(JsonError::Malformed),
            }
        }
    }

    /// A number, as it is written: an optional minus, digits without a leading zero, fraction, exponent.
    pub(super) fn number(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        if self.take(b'-') {
            out.push(b'-');
        }
        if let [b'0', b'0'..=b'9', ..] = self.rest {
            return Err(JsonError::Malformed);
        }
        self.digits(out)?;
        if self.take(b'.') {
            out.push(b'.');
            self.digits(out)?;
        }
        if let [exponent @ (b'e' | b'E'), rest @ ..] = self.rest {
            self.rest = rest;
            out.push(*exponent);
            if let [sign @ (b'+' | b'-'), rest @ ..] = self.rest {
                self.rest = rest;
                out.push(*sign);
            }
            self.digits(out)?;
        }
        Ok(())
    }

    fn digits(&mut self, out: &mut Vec<u8>) -> Result<(), JsonError> {
        let count = self
            .rest
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = self.split(count)?;
        if digits.is_empty() {
            return Err(JsonError::Malformed);
        }
        self.rest = rest;
        out.extend_from_slice(digits);
        Ok(())
    }

    fn escaped(&mut self) -> Result<char, JsonError> {
        let [escape, rest @ ..] = self.rest else {
            return Err(JsonError::Malformed);
        };
        self.rest = rest;
        Ok(match escape {
            b'"' | b'\\' | b'/' => char::from(*escape),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.code_point(),
            _ => return Err(JsonError::Malformed),
        })
    }

    /// Four digits, or twice four for what lies beyond them.
    fn code_point(&mut self) -> Result<char, JsonError> {
        let high = self.hex()?;
        if !(0xd800..0xdc00).contains(&high) {
            return char::from_u32(high).ok_or(JsonError::Malformed);
        }
        self.expect(b'\\')?;
        self.expect(b'u')?;
        let low = self.hex()?;
        if !(0xdc00..0xe000).contains(&low) {
            return Err(JsonError::Malformed);
        }
        let both = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
        char::from_u32(both).ok_or(JsonError::Malformed)
    }

    fn hex(&mut self) -> Result<u32, JsonError> {
        let (digits, rest) = self.split(4)?;
        self.rest = rest;
        digits.iter().try_fold(0, |bits, byte| {
            let digit = char::from(*byte).to_digit(16).ok_or(JsonError::Malformed)?;
            Ok(bits << 4 | digit)
        })
    }

    fn split(&self, at: usize) -> Result<(&'t [u8], &'t [u8]), JsonError> {
        self.rest.split_at_checked(at).ok_or(JsonError::Malformed)
    }
}

/// How many bytes come before one that ends a string, escapes, or may not be in one.
fn plain(text: &[u8]) -> usize {
    let special = text
        .iter()
        .position(|byte| SPECIAL.get(usize::from(*byte)) == Some(&true));
    special.unwrap_or(text.len())
}

/// Which bytes of a string are not themselves: the quote, the backslash, and what controls.
#[expect(
    clippy::indexing_slicing,
    reason = "it is computed while compiling, which would fail"
)]
const SPECIAL: [bool; 256] = {
    let mut special = [false; 256];
    let (controls, rest) = special.split_at_mut(0x20);
    let mut at = 0;
    while at < controls.len() {
        controls[at] = true;
        at += 1;
    }
    rest[b'"' as usize - 0x20] = true;
    rest[b'\\' as usize - 0x20] = true;
    special
};

fn write_char(char: char, out: &mut Vec<u8>) {
    match char {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\0'..='\u{1f}' => {
            // Writing into memory does not fail.
            let _written = write!(out, "\\u{:04x}", u32::from(char));
        }
        other => {
            let mut bytes = [0; 4];
            out.extend_from_slice(other.encode_utf8(&mut bytes).as_bytes());
        }
    }
}
