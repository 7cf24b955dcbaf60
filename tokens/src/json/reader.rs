//! Reads one object, strictly.

use std::borrow::Cow;

use super::value::Json;
use super::value::Object;

/// The text is not the JSON that a payload may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotStrictJson;

/// Reads a payload: one object, and not a byte around it.
pub(crate) fn parse_object(payload: &[u8]) -> Result<Object<'_>, NotStrictJson> {
    let text = core::str::from_utf8(payload).map_err(|_| NotStrictJson)?;
    let mut reader = Reader { rest: text };
    let object = reader.object(1)?;
    if reader.rest.is_empty() {
        Ok(object)
    } else {
        Err(NotStrictJson)
    }
}

const MAX_DEPTH: usize = 8;
const MAX_MEMBERS: usize = 64;
const MAX_TEXT: usize = 2_048;
const TOO_LARGE: u64 = 1 << 53;

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Json<'a>, NotStrictJson> {
        match self.peek() {
            Some(b'{') => self.object(depth + 1).map(Json::Object),
            Some(b'[') => self.list(depth + 1).map(Json::List),
            Some(b'"') => self.text().map(Json::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.take("true") => Ok(Json::Bool(true)),
            _ if self.take("false") => Ok(Json::Bool(false)),
            _ if self.take("null") => Ok(Json::Null),
            _ => Err(NotStrictJson),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Object<'a>, NotStrictJson> {
        self.open("{", depth)?;
        let mut object = Object::default();
        if self.take("}") {
            return Ok(object);
        }
        loop {
            self.skip_space();
            let name = self.text()?;
            let is_known = object.get(&name).is_some();
            if is_known || name.contains('\0') || object.len() == MAX_MEMBERS {
                return Err(NotStrictJson);
            }
            self.skip_space();
            self.need(":")?;
            self.skip_space();
            let value = self.value(depth)?;
            object.push(name, value);
            if self.closes("}")? {
                return Ok(object);
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Json<'a>>, NotStrictJson> {
        self.open("[", depth)?;
        let mut items = Vec::new();
        if self.take("]") {
            return Ok(items);
        }
        loop {
            self.skip_space();
            items.push(self.value(depth)?);
            if self.closes("]")? {
                return Ok(items);
            }
        }
    }

    fn open(&mut self, bracket: &str, depth: usize) -> Result<(), NotStrictJson> {
        if depth > MAX_DEPTH {
            return Err(NotStrictJson);
        }
        self.need(bracket)?;
        self.skip_space();
        Ok(())
    }

    /// Whether the collection ends here; otherwise a comma was taken.
    fn closes(&mut self, bracket: &str) -> Result<bool, NotStrictJson> {
        self.skip_space();
        if self.take(bracket) {
            return Ok(true);
        }
        self.need(",").map(|()| false)
    }

    fn text(&mut self) -> Result<Cow<'a, str>, NotStrictJson> {
        self.need("\"")?;
        let mut text = Cow::Borrowed(self.plain()?);
        loop {
            if text.len() > MAX_TEXT {
                return Err(NotStrictJson);
            }
            if self.take("\"") {
                return Ok(text);
            }
            let escaped = self.escape()?;
            let owned = text.to_mut();
            owned.push(escaped);
            owned.push_str(self.plain()?);
        }
    }

    /// What stands before the next quote or backslash.
    fn plain(&mut self) -> Result<&'a str, NotStrictJson> {
        let end = self
            .rest
            .bytes()
            .position(|byte| matches!(byte, b'"' | b'\\' | ..=0x1f));
        let (plain, rest) = end
            .and_then(|at| self.rest.split_at_checked(at))
            .ok_or(NotStrictJson)?;
        self.rest = rest;
        Ok(plain)
    }

    fn escape(&mut self) -> Result<char, NotStrictJson> {
        self.need("\\")?;
        let kind = self.peek().ok_or(NotStrictJson)?;
        self.skip(1);
        match kind {
            b'"' => Ok('"'),
            b'\\' => Ok('\\'),
            b'/' => Ok('/'),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => self.unicode(),
            _ => Err(NotStrictJson),
        }
    }

    /// A code point: one escape, or a high surrogate and the low one that belongs to it.
    fn unicode(&mut self) -> Result<char, NotStrictJson> {
        let first = self.hex()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            self.need("\\u")?;
            let low = self.hex()?;
            if !(0xdc00..0xe000).contains(&low) {
                return Err(NotStrictJson);
            }
            0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or(NotStrictJson)
    }

    fn hex(&mut self) -> Result<u32, NotStrictJson> {
        let (digits, rest) = self.rest.split_at_checked(4).ok_or(NotStrictJson)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotStrictJson);
        }
        self.rest = rest;
        u32::from_str_radix(digits, 16).map_err(|_| NotStrictJson)
    }

    fn number(&mut self) -> Result<Json<'a>, NotStrictJson> {
        let is_negative = self.take("-");
        let whole = self.digits();
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return Err(NotStrictJson);
        }
        let mut is_whole = !is_negative;
        if self.take(".") {
            is_whole = false;
            if self.digits().is_empty() {
                return Err(NotStrictJson);
            }
        }
        if self.take("e") || self.take("E") {
            is_whole = false;
            let _sign = self.take("+") || self.take("-");
            if self.digits().is_empty() {
                return Err(NotStrictJson);
            }
        }
        let integer = whole
            .parse()
            .ok()
            .filter(|number| is_whole && *number < TOO_LARGE);
        Ok(integer.map_or(Json::Number, Json::Integer))
    }

    fn digits(&mut self) -> &'a str {
        let end = self.rest.bytes().position(|byte| !byte.is_ascii_digit());
        let at = end.unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(at).unwrap_or_default();
        self.rest = rest;
        digits
    }

    fn peek(&self) -> Option<u8> {
        self.rest.bytes().next()
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn need(&mut self, token: &str) -> Result<(), NotStrictJson> {
        if self.take(token) {
            Ok(())
        } else {
            Err(NotStrictJson)
        }
    }
}
