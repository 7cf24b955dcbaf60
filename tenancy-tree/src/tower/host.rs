//! The one host of a request (RFC 9110 §7.2, RFC 9113 §8.3.1).

use http::Extensions;
use http::HeaderMap;
use http::HeaderName;
use http::Uri;
use http::header::HOST;

use super::layer::Rules;
use crate::gate::Refusal;
use crate::tenant::Host;

const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The host that the request is for: what a trusted proxy says, or what the client does.
pub(super) fn of<'r>(
    uri: &'r Uri,
    headers: &'r HeaderMap,
    extensions: &Extensions,
    rules: &Rules,
) -> Result<Option<&'r str>, Refusal> {
    // Whatever a proxy says, a request that names two hosts itself is none.
    let named = named(uri, headers)?;
    if let Some((proxies, peer)) = &rules.forwarded
        && proxies.is_trusted(peer(extensions))
        && let Some(forwarded) = only(headers, &X_FORWARDED_HOST)?
    {
        return Ok(Some(forwarded));
    }
    Ok(named)
}

/// The authority and the `Host` header must name the same host where both are there.
fn named<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Result<Option<&'r str>, Refusal> {
    let authority = uri.authority().map(http::uri::Authority::as_str);
    match (authority, only(headers, &HOST)?) {
        (Some(authority), Some(line)) => {
            let canonical = |text| Host::parse(text).map_err(|_| Refusal::Malformed);
            if canonical(authority)? == canonical(line)? {
                Ok(Some(line))
            } else {
                Err(Refusal::Malformed)
            }
        }
        (authority, line) => Ok(line.or(authority)),
    }
}

/// The only line of a header, if there is one.
fn only<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Result<Option<&'r str>, Refusal> {
    let mut lines = headers.get_all(name).iter();
    let line = lines
        .next()
        .map(|value| value.to_str().map_err(|_| Refusal::Malformed));
    if lines.next().is_some() {
        return Err(Refusal::Malformed);
    }
    line.transpose()
}
