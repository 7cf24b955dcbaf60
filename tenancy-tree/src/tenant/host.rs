//! Host names of requests (RFC 9110 §7.2, RFC 1035).

use core::fmt;

/// Why a text is not a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a host name")]
pub struct HostError(());

/// A host name in canonical form: lower case, no port, no trailing dot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Host(String);

impl Host {
    /// Reads the value of a `Host` header or an authority: a port and one trailing dot are dropped.
    ///
    /// # Errors
    ///
    /// [`HostError`] if it is empty, longer than 253 bytes, or holds anything but labels of letters, digits and inner
    /// hyphens. An address in brackets is a host too, and one that no tenant has.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let (name, port) = split_port(text)?;
        if port
            .is_some_and(|port| port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()))
        {
            return Err(HostError(()));
        }
        let is_address = name.starts_with('[') && name.ends_with(']');
        let name = name.strip_suffix('.').unwrap_or(name);
        if name.is_empty() || name.len() > 253 || !(is_address || name.split('.').all(is_label)) {
            return Err(HostError(()));
        }
        Ok(Self(name.to_ascii_lowercase()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The domain below which every tenant has its label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RootDomain(Host);

impl RootDomain {
    /// The most bytes: a slug of 40 and a dot stand before it in a tenant's host, which has 253 at most.
    pub const MAX_BYTES: usize = 212;

    /// Reads a domain, such as `bank.example`.
    ///
    /// # Errors
    ///
    /// [`HostError`] if it is not a host name without a port, is an address, or is so long that a tenant's host could
    /// have more than 253 bytes.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let host = Host::parse(text)?;
        let is_address = host.as_str().parse::<core::net::Ipv4Addr>().is_ok();
        let fits = host.as_str().len() <= Self::MAX_BYTES;
        if text.contains([':', '[']) || is_address || !fits {
            Err(HostError(()))
        } else {
            Ok(Self(host))
        }
    }

    /// The domain as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether a request for `host` is for the domain itself.
    #[must_use]
    pub fn is(&self, host: &Host) -> bool {
        self.0 == *host
    }
}

impl fmt::Display for RootDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn split_port(text: &str) -> Result<(&str, Option<&str>), HostError> {
    if let Some((address, rest)) = text.split_once(']') {
        let end = address.len() + 1;
        let is_sound = address.starts_with('[') && (rest.is_empty() || rest.starts_with(':'));
        let inner = address.get(1..).unwrap_or_default();
        let inner = inner.parse::<core::net::Ipv6Addr>().is_ok();
        let name = text
            .get(..end)
            .filter(|_| is_sound && inner)
            .ok_or(HostError(()))?;
        return Ok((name, rest.strip_prefix(':')));
    }
    Ok(text
        .split_once(':')
        .map_or((text, None), |(name, port)| (name, Some(port))))
}

fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(is_inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}
