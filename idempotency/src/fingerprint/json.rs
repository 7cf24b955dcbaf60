//! One form for all texts of one JSON value: members sorted, no white space, one escape per character.
//!
//! Numbers stay as they are written: above 2^53 a reader that takes them for floating point makes different amounts
//! equal, and a fingerprint must not.

mod scan;

use core::mem;
use core::ops::Range;

use self::scan::Scanner;

/// How deep arrays and objects may nest.
const MAX_DEPTH: u32 = 64;
/// Few payloads have more members, and none needs this to be right.
const BYTES_PER_MEMBER: usize = 16;

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
    let mut writer = Writer {
        from: Scanner::new(text),
        out: Vec::with_capacity(text.len()),
        members: Vec::with_capacity(text.len() / BYTES_PER_MEMBER),
        spare: Vec::new(),
    };
    writer.value(0)?;
    writer.from.space();
    if writer.from.is_at_end() {
        Ok(writer.out)
    } else {
        Err(JsonError::Malformed)
    }
}

struct Writer<'t> {
    from: Scanner<'t>,
    out: Vec<u8>,
    /// The members of all objects that are not closed yet, the innermost last.
    members: Vec<Member>,
    spare: Vec<u8>,
}

/// A member, where it was written.
#[derive(Clone, Copy)]
struct Member {
    start: usize,
    name_end: usize,
    end: usize,
}

impl Member {
    const fn name(&self) -> Range<usize> {
        self.start..self.name_end
    }

    const fn whole(&self) -> Range<usize> {
        self.start..self.end
    }
}

impl Writer<'_> {
    fn value(&mut self, depth: u32) -> Result<(), JsonError> {
        self.from.space();
        match self.from.peek() {
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(JsonError::TooDeep),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.from.string(&mut self.out),
            Some(b'-' | b'0'..=b'9') => self.from.number(&mut self.out),
            Some(b't') => self.from.word(b"true", &mut self.out),
            Some(b'f') => self.from.word(b"false", &mut self.out),
            Some(b'n') => self.from.word(b"null", &mut self.out),
            _ => Err(JsonError::Malformed),
        }
    }

    fn object(&mut self, depth: u32) -> Result<(), JsonError> {
        self.from.expect(b'{')?;
        self.out.push(b'{');
        let (outer, body) = (self.members.len(), self.out.len());
        self.from.space();
        if !self.from.take(b'}') {
            loop {
                self.member(depth)?;
                self.from.space();
                if self.from.take(b'}') {
                    break;
                }
                self.from.expect(b',')?;
                self.out.push(b',');
            }
        }
        self.sort(outer, body)?;
        self.members.truncate(outer);
        self.out.push(b'}');
        Ok(())
    }

    fn member(&mut self, depth: u32) -> Result<(), JsonError> {
        let start = self.out.len();
        self.from.space();
        self.from.string(&mut self.out)?;
        let name_end = self.out.len();
        self.from.space();
        self.from.expect(b':')?;
        self.out.push(b':');
        self.value(depth + 1)?;
        let end = self.out.len();
        self.members.push(Member {
            start,
            name_end,
            end,
        });
        Ok(())
    }

    fn array(&mut self, depth: u32) -> Result<(), JsonError> {
        self.from.expect(b'[')?;
        self.out.push(b'[');
        self.from.space();
        if !self.from.take(b']') {
            loop {
                self.value(depth + 1)?;
                self.from.space();
                if self.from.take(b']') {
                    break;
                }
                self.from.expect(b',')?;
                self.out.push(b',');
            }
        }
        self.out.push(b']');
        Ok(())
    }

    /// Puts the members of the object whose body begins there in the order of their names, unless they are.
    fn sort(&mut self, outer: usize, body: usize) -> Result<(), JsonError> {
        let Self {
            out,
            members,
            spare,
            ..
        } = self;
        let members = members.get_mut(outer..).unwrap_or_default();
        let name = |member: &Member| out.get(member.name()).unwrap_or_default();
        if members.is_sorted_by(|one, other| name(one) < name(other)) {
            return Ok(());
        }
        members.sort_unstable_by(|one, other| name(one).cmp(name(other)));
        if !members.is_sorted_by(|one, other| name(one) < name(other)) {
            return Err(JsonError::RepeatedMember);
        }
        let mut sorted = mem::take(spare);
        sorted.clear();
        sorted.reserve(out.len().saturating_sub(body));
        for member in members.iter() {
            if !sorted.is_empty() {
                sorted.push(b',');
            }
            sorted.extend_from_slice(out.get(member.whole()).unwrap_or_default());
        }
        out.truncate(body);
        out.extend_from_slice(&sorted);
        *spare = sorted;
        Ok(())
    }
}
