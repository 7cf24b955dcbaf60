//! What people call a container: a label, not an identity.

use super::NameError;

/// The trimmed name, if it is one of at most `max_bytes`.
pub(super) fn check(name: &str, max_bytes: u16) -> Result<&str, NameError> {
    let name = name.trim();
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.len() > usize::from(max_bytes) {
        return Err(NameError::TooLong);
    }
    if name
        .chars()
        .any(|char| char.is_control() || turns_writing(char))
    {
        return Err(NameError::Control);
    }
    Ok(name)
}

/// Characters of Unicode's bidirectional algorithm (UAX #9) that make a text read other than it is written.
const fn turns_writing(char: char) -> bool {
    matches!(char, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
