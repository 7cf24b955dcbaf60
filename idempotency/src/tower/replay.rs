//! Answers as responses: what is kept of a first one, and what a repetition gets.

use bytes::Bytes;
use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;

use super::REPLAYED;
use super::body::GuardedBody;
use crate::answer::Answer;
use crate::policy::Policy;

/// In the extensions of a response: repetitions get this answer instead. A secret is shown once.
#[derive(Clone, Debug)]
#[expect(clippy::exhaustive_structs, reason = "a wrapper that handlers make")]
pub struct ReplayAs(pub Answer);

/// In the extensions of a response: it was recorded together with its effect, and repetitions get this answer.
#[derive(Clone, Debug)]
pub(crate) struct Stored(pub(crate) Answer);

/// How much of an answer its caller gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    All,
    /// The key may have been guessed.
    StatusOnly,
}

/// What is kept of a response's status and fields, without its body. Fields that cannot be kept are left out.
pub(super) fn head_of(status: StatusCode, headers: &HeaderMap, policy: &Policy) -> Option<Answer> {
    let mut answer = Answer::new(status.as_u16()).ok()?;
    answer.keep_fields(kept(headers, policy));
    Some(answer)
}

/// The same with the fields that follow the body.
pub(super) fn with_trailers(mut answer: Answer, trailers: &HeaderMap, policy: &Policy) -> Answer {
    answer.keep_trailers(kept(trailers, policy));
    answer
}

fn kept<'h>(
    headers: &'h HeaderMap,
    policy: &'h Policy,
) -> impl Iterator<Item = (&'h str, &'h str)> {
    let is_kept = move |(name, _): &(&HeaderName, &HeaderValue)| policy.keeps(name.as_str());
    let fields = headers.iter().filter(is_kept);
    fields.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
}

/// A repetition's response.
pub(super) fn replay<B>(answer: &Answer, shown: Shown) -> Response<GuardedBody<B>> {
    let mut response = match shown {
        Shown::All => response_of(answer, GuardedBody::whole),
        Shown::StatusOnly => {
            let mut response = Response::new(GuardedBody::whole(Bytes::new(), None));
            *response.status_mut() = status_of(answer);
            response
        }
    };
    let whole = shown == Shown::All && !answer.is_tombstone();
    let said = if whole { "true" } else { "body-omitted" };
    let said = HeaderValue::from_static(said);
    response.headers_mut().insert(REPLAYED, said);
    response
}

/// An answer as a response, with whatever body holds its bytes and trailers.
pub(crate) fn response_of<B>(
    answer: &Answer,
    body: impl FnOnce(Bytes, Option<HeaderMap>) -> B,
) -> Response<B> {
    let trailers = fields(answer.trailers());
    let trailers = (!trailers.is_empty()).then_some(trailers);
    let mut response = Response::new(body(answer.body_bytes(), trailers));
    *response.status_mut() = status_of(answer);
    *response.headers_mut() = fields(answer.fields());
    response
}

fn status_of(answer: &Answer) -> StatusCode {
    StatusCode::from_u16(answer.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn fields<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> HeaderMap {
    let valid = |(name, value): (&str, &str)| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        Some((name, HeaderValue::from_str(value).ok()?))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in pairs.filter_map(valid) {
        headers.append(name, value);
    }
    headers
}
