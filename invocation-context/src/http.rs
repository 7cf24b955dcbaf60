//! Problems as HTTP answers, and the operation that a request names.

use http::Extensions;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::Uri;
use http::header;
use http::request::Parts;

use crate::name::Operation;
use crate::problem::Problem;

/// A body that can hold a problem document. Layers that refuse ask it of the service they wrap.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot hold a problem document",
    note = "implement `ProblemBody` for the body of your framework, or turn on its feature, such as `axum-08`"
)]
pub trait ProblemBody: Sized {
    /// A body of exactly these bytes; of none, for an answer over gRPC that has only trailers.
    fn from_problem_json(json: Vec<u8>) -> Self;
}

impl ProblemBody for Vec<u8> {
    fn from_problem_json(json: Vec<u8>) -> Self {
        json
    }
}

impl ProblemBody for String {
    fn from_problem_json(json: Vec<u8>) -> Self {
        Self::from_utf8(json).unwrap_or_default()
    }
}

impl ProblemBody for http_body_util::Full<bytes::Bytes> {
    fn from_problem_json(json: Vec<u8>) -> Self {
        Self::new(json.into())
    }
}

impl Problem {
    /// The refusal as an answer: status, `application/problem+json`, `Retry-After`, `WWW-Authenticate`,
    /// and `Cache-Control: no-store`.
    #[must_use]
    pub fn into_http<B: ProblemBody>(self) -> Response<B> {
        let mut response = Response::new(B::from_problem_json(self.to_json()));
        *response.status_mut() =
            StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(secs) = self.retry_after_secs() {
            headers.insert(header::RETRY_AFTER, secs.into());
        }
        if let Some(challenge) = self
            .challenge()
            .and_then(|text| HeaderValue::from_str(text).ok())
        {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

impl Problem {
    /// The refusal in the language of whoever asked: as [`Problem::into_http`], or for a request over gRPC as an
    /// answer of status 200 that has only trailers (`grpc-status`, `grpc-message`).
    #[must_use]
    pub fn answer_to<B: ProblemBody>(self, request: &HeaderMap) -> Response<B> {
        if is_grpc(request) {
            self.into_grpc()
        } else {
            self.into_http()
        }
    }

    fn into_grpc<B: ProblemBody>(self) -> Response<B> {
        let mut response = Response::new(B::from_problem_json(Vec::new()));
        let headers = response.headers_mut();
        let grpc = HeaderValue::from_static("application/grpc");
        headers.insert(header::CONTENT_TYPE, grpc);
        headers.insert(GRPC_STATUS, self.kind().grpc_code().into());
        if let Ok(message) = HeaderValue::try_from(percent_encoded(&self.to_string())) {
            headers.insert(GRPC_MESSAGE, message);
        }
        response
    }
}

const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// Whether a request is made over gRPC: its content type decides.
#[must_use]
pub fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE);
    let rest = content_type.and_then(|value| value.as_bytes().strip_prefix(b"application/grpc"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"+") || rest.starts_with(b";"))
}

/// The text with everything but visible ASCII as `%` and two digits, and `%` so too.
fn percent_encoded(text: &str) -> String {
    use core::fmt::Write as _;

    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            // Writing into memory does not fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

impl Operation {
    /// The operation of a request: what a layer put into its extensions, else the last segment of its path. Over gRPC
    /// that is the method, in kebab-case.
    #[must_use]
    pub fn of(parts: &Parts) -> Option<Self> {
        named(&parts.headers, &parts.extensions, &parts.uri)
    }

    /// As [`Operation::of`], for a request that was not taken apart.
    #[must_use]
    pub fn of_request<B>(request: &Request<B>) -> Option<Self> {
        named(request.headers(), request.extensions(), request.uri())
    }
}

fn named(headers: &HeaderMap, extensions: &Extensions, uri: &Uri) -> Option<Operation> {
    if let Some(named) = extensions.get::<Operation>() {
        return Some(named.clone());
    }
    let last = uri.path().rsplit('/').next()?;
    if is_grpc(headers) {
        Operation::parse(&kebab_case(last)).ok()
    } else {
        Operation::parse(last).ok()
    }
}

/// `DebitAccount` as `debit-account`: a hyphen where a capital follows another letter or a digit.
fn kebab_case(method: &str) -> String {
    let mut name = String::with_capacity(method.len() + 4);
    for char in method.chars() {
        if char.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(char.to_ascii_lowercase());
    }
    name
}
