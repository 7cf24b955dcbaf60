//! Problems as HTTP answers, and the operation that a request names.

use http::HeaderValue;
use http::Response;
use http::StatusCode;
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
    /// A body of exactly these bytes.
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

impl Operation {
    /// The operation of a request: what a layer put into its extensions, else the last segment of its path.
    #[must_use]
    pub fn of_http(parts: &Parts) -> Option<Self> {
        Self::of_request(&parts.extensions, &parts.uri)
    }

    /// As [`Operation::of_http`], for a request that was not taken apart.
    #[must_use]
    pub fn of_request(extensions: &http::Extensions, uri: &http::Uri) -> Option<Self> {
        let named = extensions.get::<Self>().cloned();
        named.or_else(|| {
            uri.path()
                .rsplit('/')
                .next()
                .and_then(|last| Self::parse(last).ok())
        })
    }
}
