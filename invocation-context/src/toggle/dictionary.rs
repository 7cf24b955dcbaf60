//! The header `X-Toggles`: a dictionary of structured fields (RFC 9651) whose members are bare booleans, integers and
//! strings.

use std::borrow::Cow;

/// One member's value. A string may be any text of the standard; whether it names a choice is asked later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item<'t> {
    Flag(bool),
    Integer(i64),
    Text(Cow<'t, str>),
}

/// The members in their order; nothing if the text is not such a dictionary, repeats a key, or has more than `max`.
///
/// The standard lets the last of two equal keys win. Here they are refused: a proxy that reads the first would see
/// another request.
pub(crate) fn parse(text: &str, max: usize) -> Option<Vec<(&str, Item<'_>)>> {
    let mut rest = text.trim_matches(' ');
    let mut members: Vec<(&str, Item<'_>)> = Vec::new();
    while !rest.is_empty() {
        let (name, after) = key(rest)?;
        let (item, after) = match after.strip_prefix('=') {
            Some(value) => item(value)?,
            None => (Item::Flag(true), after),
        };
        if members.len() == max || members.iter().any(|(held, _)| *held == name) {
            return None;
        }
        members.push((name, item));
        rest = next_member(after)?;
    }
    Some(members)
}

/// What follows the comma; a comma at the end is refused, and so are parameters.
fn next_member(after: &str) -> Option<&str> {
    let after = after.trim_start_matches([' ', '\t']);
    if after.is_empty() {
        return Some(after);
    }
    let member = after.strip_prefix(',')?.trim_start_matches([' ', '\t']);
    (!member.is_empty()).then_some(member)
}

fn key(text: &str) -> Option<(&str, &str)> {
    let is_first = |byte: u8| byte.is_ascii_lowercase() || byte == b'*';
    let is_inner = |byte: u8| is_first(byte) || byte.is_ascii_digit() || b"_-.".contains(&byte);
    let end = text.bytes().take_while(|byte| is_inner(*byte)).count();
    text.bytes()
        .next()
        .filter(|byte| is_first(*byte))
        .and_then(|_| text.split_at_checked(end))
}

fn item(text: &str) -> Option<(Item<'_>, &str)> {
    match text.bytes().next()? {
        b'?' => flag(text),
        b'"' => string(text),
        b'-' | b'0'..=b'9' => integer(text),
        _ => None,
    }
}

fn flag(text: &str) -> Option<(Item<'_>, &str)> {
    let (head, rest) = text.split_at_checked(2)?;
    match head {
        "?0" => Some((Item::Flag(false), rest)),
        "?1" => Some((Item::Flag(true), rest)),
        _ => None,
    }
}

/// At most 15 digits; a decimal point makes it another type, which toggles do not have.
fn integer(text: &str) -> Option<(Item<'_>, &str)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(text.len() - digits.len() + count)?;
    let is_sound = (1..=15).contains(&count) && !rest.starts_with('.');
    let number = number.parse().ok().filter(|_| is_sound)?;
    Some((Item::Integer(number), rest))
}

fn string(text: &str) -> Option<(Item<'_>, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut unescaped = String::new();
    let mut chars = inner.char_indices();
    let mut is_plain = true;
    loop {
        let (at, char) = chars.next()?;
        match char {
            '"' => {
                let (plain, rest) = inner.split_at_checked(at)?;
                let text = if is_plain {
                    Cow::Borrowed(plain)
                } else {
                    Cow::Owned(unescaped)
                };
                return Some((Item::Text(text), rest.strip_prefix('"')?));
            }
            '\\' => {
                if is_plain {
                    inner.get(..at)?.clone_into(&mut unescaped);
                    is_plain = false;
                }
                let (_, escaped) = chars
                    .next()
                    .filter(|(_, char)| matches!(char, '"' | '\\'))?;
                unescaped.push(escaped);
            }
            ' '..='~' if is_plain => {}
            ' '..='~' => unescaped.push(char),
            _ => return None,
        }
    }
}
