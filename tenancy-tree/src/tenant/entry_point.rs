//! Where a tenant is reached.

use core::fmt;

use super::Host;
use super::RootDomain;
use super::TenantSlug;

/// The host at which a tenant is reached.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(transparent))]
pub struct EntryPoint(String);

impl EntryPoint {
    /// The entry point of a slug below a root domain.
    #[must_use]
    pub fn of(slug: &TenantSlug, root: &RootDomain) -> Self {
        Self(format!("{slug}.{root}"))
    }

    /// The host name.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.0
    }

    /// Whether a request for `host` is for this entry point.
    #[must_use]
    pub fn is(&self, host: &Host) -> bool {
        self.0 == host.as_str()
    }
}

impl fmt::Display for EntryPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.0)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for EntryPoint {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let host = Host::parse(&text).map_err(serde::de::Error::custom)?;
        if host.as_str() == text {
            Ok(Self(text.into_owned()))
        } else {
            Err(serde::de::Error::custom(
                "not a host name in canonical form",
            ))
        }
    }
}
