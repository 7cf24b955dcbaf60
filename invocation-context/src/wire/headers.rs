//! The two halves as headers: one line of each, in the form that the content type says.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;

use super::domain::SealedContext;
use super::domain::TrustDomain;
use super::error::ReceiveError;
use crate::context::Child;
use crate::http::is_grpc;

const CONTEXT: HeaderName = HeaderName::from_static("skeleton-context");
const HOP: HeaderName = HeaderName::from_static("skeleton-hop");
/// Over gRPC the same bytes travel as binary metadata.
const CONTEXT_BIN: HeaderName = HeaderName::from_static("skeleton-context-bin");
const HOP_BIN: HeaderName = HeaderName::from_static("skeleton-hop-bin");
/// Readers of binary metadata take it with and without padding.
const BINARY: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Opens the call in these headers.
pub(crate) fn read(headers: &HeaderMap, domain: &TrustDomain) -> Result<Child, ReceiveError> {
    domain.check_keys()?;
    let binary = [&CONTEXT_BIN, &HOP_BIN];
    let text = [&CONTEXT, &HOP];
    let (wanted, other) = if is_grpc(headers) {
        (binary, text)
    } else {
        (text, binary)
    };
    if other.into_iter().any(|name| headers.contains_key(name)) {
        return Err(ReceiveError::LINES);
    }
    let [context, hop] = wanted.map(|name| only_line(headers, name));
    let (context, hop) = context.zip(hop).ok_or(ReceiveError::LINES)?;
    if !is_grpc(headers) {
        return domain.receive(context, hop);
    }
    let [context, hop] = [context, hop].map(unpadded);
    domain.check_length(context, hop)?;
    let as_text = |line: &str| {
        BINARY
            .decode(line)
            .map(|bytes| URL_SAFE_NO_PAD.encode(bytes))
    };
    let (context, hop) = as_text(context)
        .ok()
        .zip(as_text(hop).ok())
        .ok_or(ReceiveError::ENCODING)?;
    domain.receive(&context, &hop)
}

/// Writes the call into headers that hold none.
pub(crate) fn write(headers: &mut HeaderMap, sealed: &SealedContext) {
    let is_binary = is_grpc(headers);
    for (name, binary, text) in [
        (CONTEXT, CONTEXT_BIN, sealed.context()),
        (HOP, HOP_BIN, sealed.hop()),
    ] {
        let (name, value) = if is_binary {
            let bytes = URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
            (binary, HeaderValue::try_from(STANDARD_NO_PAD.encode(bytes)))
        } else {
            (name, HeaderValue::from_str(text))
        };
        // base64 is visible ASCII, of which every header value can be made.
        if let Ok(mut value) = value {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    }
}

/// The value without its padding, which does not count towards its length.
fn unpadded(line: &str) -> &str {
    let bare = line.strip_suffix("==").or_else(|| line.strip_suffix('='));
    bare.unwrap_or(line)
}

fn only_line<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    let mut lines = headers.get_all(name).iter();
    let line = lines.next()?;
    lines.next().is_none().then_some(line)?.to_str().ok()
}
