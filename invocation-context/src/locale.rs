//! Languages, as far as they choose a text.

use core::fmt;
use core::str::FromStr;

/// Why a text is not a locale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a locale is language, optional script and optional region, as in zh-Hant-TW")]
pub struct LocaleError(());

/// A language tag of the form `language[-Script][-REGION]` (BCP 47), in canonical case.
///
/// Nothing longer is kept: variants and extensions never choose another text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locale {
    bytes: [u8; 12],
    len: u8,
}

impl Locale {
    /// Reads a language tag in any case.
    ///
    /// # Errors
    ///
    /// [`LocaleError`] unless the text is two or three letters, then at most one script of four
    /// letters, then at most one region of two letters or three digits.
    pub fn parse(text: &str) -> Result<Self, LocaleError> {
        let mut parts = text.split('-').peekable();
        let mut locale = Self {
            bytes: [0; 12],
            len: 0,
        };
        let language = parts
            .next()
            .filter(|part| is_letters(part, 2) || is_letters(part, 3));
        locale.push(
            language
                .ok_or(LocaleError(()))?
                .bytes()
                .map(|b| b.to_ascii_lowercase()),
        )?;
        if let Some(script) = parts.next_if(|part| is_letters(part, 4)) {
            locale.push([b'-'].into_iter())?;
            locale.push(script.bytes().enumerate().map(|(at, byte)| {
                if at == 0 {
                    byte.to_ascii_uppercase()
                } else {
                    byte.to_ascii_lowercase()
                }
            }))?;
        }
        if let Some(region) = parts.next_if(|part| is_letters(part, 2) || is_digits(part, 3)) {
            locale.push([b'-'].into_iter())?;
            locale.push(region.bytes().map(|b| b.to_ascii_uppercase()))?;
        }
        if parts.next().is_some() {
            Err(LocaleError(()))
        } else {
            Ok(locale)
        }
    }

    /// The tag in canonical case, such as `en-GB`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(bytes).unwrap_or_default()
    }

    fn push(&mut self, bytes: impl Iterator<Item = u8>) -> Result<(), LocaleError> {
        for byte in bytes {
            *self
                .bytes
                .get_mut(usize::from(self.len))
                .ok_or(LocaleError(()))? = byte;
            self.len += 1;
        }
        Ok(())
    }
}

impl FromStr for Locale {
    type Err = LocaleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Locale({})", self.as_str())
    }
}

crate::name::name_serde!(Locale);

fn is_letters(part: &str, len: usize) -> bool {
    part.len() == len && part.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn is_digits(part: &str, len: usize) -> bool {
    part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit())
}
