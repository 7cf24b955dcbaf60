//! Money in fundamental units.

use core::fmt;

use serde::Deserialize;
use serde::Serialize;

/// A currency (ISO 4217) and the number of digits after its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum Currency {
    /// Bahraini dinar: three digits.
    Bhd,
    /// Euro: two digits.
    Eur,
    /// Japanese yen: none.
    Jpy,
    /// US dollar: two digits.
    Usd,
}

impl Currency {
    /// How many digits stand after the point.
    #[must_use]
    pub const fn exponent(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Eur | Self::Usd => 2,
            Self::Bhd => 3,
        }
    }

    /// The three letters.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Bhd => "BHD",
            Self::Eur => "EUR",
            Self::Jpy => "JPY",
            Self::Usd => "USD",
        }
    }

    /// The currency of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        [Self::Bhd, Self::Eur, Self::Jpy, Self::Usd]
            .into_iter()
            .find(|known| known.code() == code)
    }
}

/// An amount in the currency's smallest unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Money {
    /// Cents, yen, fils.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

impl Money {
    /// An amount of `minor` units.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The sum; `None` if the currencies differ or the number would not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        let same = (self.currency == other.currency).then_some(self.currency)?;
        self.minor
            .checked_add(other.minor)
            .map(|minor| Self::new(minor, same))
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let scale = 10_u64.pow(self.currency.exponent());
        let (whole, rest) = (
            self.minor.unsigned_abs() / scale,
            self.minor.unsigned_abs() % scale,
        );
        match self.currency.exponent() {
            0 => write!(f, "{sign}{whole} {}", self.currency.code()),
            digits => write!(
                f,
                "{sign}{whole}.{rest:0width$} {}",
                self.currency.code(),
                width = digits as usize
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Currency;
    use super::Money;

    #[test]
    fn an_amount_is_written_with_the_digits_of_its_currency() {
        assert_eq!(Money::new(4_000, Currency::Eur).to_string(), "40.00 EUR");
        assert_eq!(Money::new(-5, Currency::Usd).to_string(), "-0.05 USD");
        assert_eq!(Money::new(1_234, Currency::Bhd).to_string(), "1.234 BHD");
        assert_eq!(Money::new(700, Currency::Jpy).to_string(), "700 JPY");
        assert_eq!(
            Money::new(i64::MIN, Currency::Jpy).to_string(),
            "-9223372036854775808 JPY"
        );
    }

    #[test]
    fn sums_are_checked() {
        let euro = Money::new(1, Currency::Eur);
        assert_eq!(euro.checked_add(euro), Some(Money::new(2, Currency::Eur)));
        assert_eq!(euro.checked_add(Money::new(1, Currency::Usd)), None);
        assert_eq!(Money::new(i64::MAX, Currency::Eur).checked_add(euro), None);
    }
}
