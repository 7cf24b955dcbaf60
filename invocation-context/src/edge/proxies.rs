//! Which address a request came from, as far as trusted proxies say so.

use core::net::IpAddr;
use core::net::SocketAddr;
use core::str::FromStr;
use std::borrow::Cow;
use std::sync::Arc;

use http::HeaderMap;
use http::HeaderName;
use http::header;
use ipnet::IpNet;

use super::client_headers::malformed;
use crate::problem::Problem;
use crate::provenance::ClientIp;

/// The most entries of a forwarding header that are read.
const MAX_ENTRIES: usize = 32;
/// The most bytes of a forwarding header, all lines together.
const MAX_BYTES: usize = 2 * 1024;
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Why a text is not a range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a range is written as 10.0.0.0/8 or 2001:db8::/32, an IPv4 range as IPv4")]
pub struct CidrError(());

/// Which peers may say for whom they speak, and in which header.
///
/// The walk starts at the peer of the socket. While the address at hand is a trusted proxy's, the next entry of the
/// header is taken from the right; the first address that is not a proxy's is the client's. An entry that is no
/// address ends the walk, and no address is known then: never a proxy's.
///
/// ```
/// use skeleton_invocation_context::TrustedProxies;
///
/// let proxies = TrustedProxies::cidrs(["10.0.0.0/8", "2001:db8::/32"])?.forwarded();
/// assert!(TrustedProxies::cidrs(["10.0.0.0/33"]).is_err());
/// # drop(proxies);
/// # Ok::<(), skeleton_invocation_context::CidrError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TrustedProxies {
    trusted: Arc<[IpNet]>,
    header: Header,
}

#[derive(Clone, Copy, Debug)]
enum Header {
    XForwardedFor,
    Forwarded,
}

impl TrustedProxies {
    /// No peer is a proxy: the client is whoever opened the connection, and forwarding headers are not read.
    #[must_use]
    pub fn none() -> Self {
        Self {
            trusted: Arc::default(),
            header: Header::XForwardedFor,
        }
    }

    /// Peers in these ranges are proxies, which write `X-Forwarded-For`. A range without a length is one address.
    ///
    /// # Errors
    ///
    /// [`CidrError`] if a text is no range, or an IPv4 range written as IPv6.
    pub fn cidrs<R: AsRef<str>>(ranges: impl IntoIterator<Item = R>) -> Result<Self, CidrError> {
        let trusted = ranges.into_iter().map(|range| parse_range(range.as_ref()));
        Ok(Self {
            trusted: trusted.collect::<Result<_, _>>()?,
            header: Header::XForwardedFor,
        })
    }

    /// The proxies write `Forwarded` (RFC 7239) instead of `X-Forwarded-For`.
    #[must_use]
    pub fn forwarded(self) -> Self {
        Self {
            header: Header::Forwarded,
            ..self
        }
    }

    /// The client's address; nothing if it cannot be known.
    ///
    /// # Errors
    ///
    /// A 400 problem if the header of a trusted peer has more than 32 entries, more than 2 KiB, or other bytes than
    /// visible ASCII.
    pub fn client_ip(
        &self,
        headers: &HeaderMap,
        peer: Option<SocketAddr>,
    ) -> Result<Option<ClientIp>, Problem> {
        let Some(peer) = peer.map(|peer| peer.ip().to_canonical()) else {
            return Ok(None);
        };
        // Whoever is no proxy has nothing to say about addresses, so the header of a stranger is not even read.
        if !self.trusts(peer) {
            return Ok(Some(ClientIp::new(peer)));
        }
        let address = match self.header {
            Header::XForwardedFor => {
                let lines = lines(headers, &X_FORWARDED_FOR)?;
                let entries = lines.rev().flat_map(|line| line.rsplit(','));
                self.walk(peer, entries.map(|entry| address(entry.trim())))
            }
            Header::Forwarded => {
                let lines = lines(headers, &header::FORWARDED)?;
                let elements = lines.flat_map(|line| split_outside_quotes(line, ','));
                let elements: Vec<_> = elements.collect();
                let entries = elements.into_iter().rev();
                self.walk(peer, entries.map(|entry| forwarded_for(entry.trim())))
            }
        };
        Ok(address.map(ClientIp::new))
    }

    /// Whether the peer of a socket is one of the proxies: whether what it says in other headers may count. A peer
    /// that is not known is none.
    #[must_use]
    pub fn is_trusted(&self, peer: Option<SocketAddr>) -> bool {
        peer.is_some_and(|peer| self.trusts(peer.ip().to_canonical()))
    }

    /// From the peer to the left, past the trusted proxies.
    fn walk(&self, peer: IpAddr, entries: impl Iterator<Item = Entry>) -> Option<IpAddr> {
        let mut at = peer;
        for entry in entries {
            if !self.trusts(at) {
                break;
            }
            match entry {
                Entry::Empty => {}
                Entry::Address(address) => at = address,
                Entry::Unknown => return None,
            }
        }
        Some(at)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|range| range.contains(&address))
    }
}

/// What stands between two commas.
#[derive(Clone, Copy)]
enum Entry {
    /// Nothing: a list may have empty elements (RFC 9110, 5.6.1).
    Empty,
    Address(IpAddr),
    /// Not an address, or hidden on purpose.
    Unknown,
}

impl From<Option<IpAddr>> for Entry {
    fn from(address: Option<IpAddr>) -> Self {
        address.map_or(Self::Unknown, Self::Address)
    }
}

/// The lines of the header in their order, none of them read yet (RFC 9110, 5.3).
fn lines<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> Result<impl DoubleEndedIterator<Item = &'h str> + use<'h>, Problem> {
    let (mut bytes, mut entries) = (0, 0);
    for line in headers.get_all(name) {
        let line = line.to_str().map_err(|_| malformed(name))?;
        bytes += line.len();
        entries += line.split(',').count();
    }
    if bytes > MAX_BYTES || entries > MAX_ENTRIES {
        return Err(malformed(name));
    }
    let lines = headers.get_all(name).iter();
    Ok(lines.map(|line| line.to_str().unwrap_or_default()))
}

/// The address in the only `for` of an element of `Forwarded`.
fn forwarded_for(element: &str) -> Entry {
    if element.is_empty() {
        return Entry::Empty;
    }
    only_for(element)
        .and_then(|node| parse_address(&node))
        .into()
}

/// Every name and value is read, or a quote that the client left open would swallow what the proxy wrote after it.
fn only_for(element: &str) -> Option<Cow<'_, str>> {
    let mut found = None;
    let pairs = split_outside_quotes(element, ';').map(str::trim);
    for pair in pairs.filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=')?;
        let (name, value) = (name.trim(), unquoted(value.trim())?);
        if name.contains('"') {
            return None;
        }
        if name.eq_ignore_ascii_case("for") && found.replace(value).is_some() {
            return None;
        }
    }
    found
}

/// The text of a quoted string (RFC 9110, 5.6.4), or the token itself.
fn unquoted(value: &str) -> Option<Cow<'_, str>> {
    let Some(rest) = value.strip_prefix('"') else {
        return (!value.contains('"')).then(|| value.into());
    };
    let inner = rest.strip_suffix('"')?;
    if !inner.contains(['\\', '"']) {
        return Some(inner.into());
    }
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => text.push(chars.next()?),
            '"' => return None,
            plain => text.push(plain),
        }
    }
    Some(text.into())
}

fn address(entry: &str) -> Entry {
    if entry.is_empty() {
        Entry::Empty
    } else {
        parse_address(entry).into()
    }
}

/// An address without its port and brackets; an IPv4 address mapped into IPv6 is the IPv4 address.
fn parse_address(text: &str) -> Option<IpAddr> {
    let bare = if let Some(rest) = text.strip_prefix('[') {
        let (inner, port) = rest.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        Some(inner).filter(|_| is_port)?
    } else {
        match text.split_once(':') {
            Some((before, port)) if !port.contains(':') => {
                Some(before).filter(|_| is_port(port))?
            }
            _ => text,
        }
    };
    IpAddr::from_str(bare)
        .ok()
        .map(|address| address.to_canonical())
}

/// Digits of a port, or an obfuscated one (RFC 7239, 6.2).
fn is_port(text: &str) -> bool {
    let is_obfuscated = |text: &str| {
        let rest = text.strip_prefix('_').unwrap_or_default();
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
    };
    let are_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (are_digits && text.parse::<u16>().is_ok()) || is_obfuscated(text)
}

/// The parts between separators that stand outside of quoted strings.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    text.split(move |char| {
        if is_escaped {
            is_escaped = false;
            return false;
        }
        match char {
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ => {}
        }
        char == separator && !is_quoted
    })
}

fn parse_range(text: &str) -> Result<IpNet, CidrError> {
    let (address, length) = match text.split_once('/') {
        Some((address, length)) => (address, Some(length)),
        None => (text, None),
    };
    // The standard library refuses leading zeros, which others read as octal.
    let address = IpAddr::from_str(address).map_err(|_| CidrError(()))?;
    let range = match length {
        None => Some(IpNet::from(address)),
        Some(length) => {
            let number = length.parse::<u8>().ok();
            let plain = number.filter(|number| number.to_string() == length);
            plain.and_then(|number| IpNet::new(address, number).ok())
        }
    };
    // A mapped range would never match: addresses are compared in canonical form.
    let is_mapped = matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
    let range = range.filter(|_| !is_mapped).ok_or(CidrError(()))?;
    Ok(range.trunc())
}
