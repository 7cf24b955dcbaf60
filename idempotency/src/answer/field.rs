//! Which fields of an answer may be given again.

/// The most bytes of a field's name.
const MAX_NAME: usize = 64;

/// What belongs to one caller or one connection, and what this crate says itself.
const NEVER: [&str; 20] = [
    "authentication-info",
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "idempotency-replayed",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "proxy-connection",
    "retry-after",
    "set-cookie",
    "set-cookie2",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
    "www-authenticate",
];

/// Fields that are kept of an answer without anybody asking for them.
#[cfg(feature = "tower")]
const KEPT: [&str; 12] = [
    "cache-control",
    "content-encoding",
    "content-language",
    "content-location",
    "content-type",
    "etag",
    "grpc-message",
    "grpc-status",
    "grpc-status-details-bin",
    "last-modified",
    "link",
    "location",
];

/// Whether a field may be given again at all: a token in small letters (RFC 9110, 5.6.2) that is about the answer.
pub(crate) fn is_replayable(name: &str) -> bool {
    let is_token =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    !name.is_empty()
        && name.len() <= MAX_NAME
        && name.bytes().all(is_token)
        && !NEVER.contains(&name)
}

/// Whether a field is kept of every answer.
#[cfg(feature = "tower")]
pub(crate) fn is_kept(name: &str) -> bool {
    KEPT.contains(&name)
}

/// Whether a value is visible ASCII and spaces: nothing in it ends a line.
pub(super) fn is_visible(value: &str) -> bool {
    value.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
