//! Keeps what a handler answers, while it passes.

use bytes::Bytes;
use bytes::BytesMut;
use http::HeaderMap;
use http::Response;
use http_body::Body;
use http_body::Frame;
use http_body_util::BodyExt;

use super::REPLAYED;
use super::body::BoxError;
use super::body::GuardedBody;
use super::body::shared;
use super::replay::ReplayAs;
use super::replay::head_of;
use super::replay::with_trailers;
use super::stream;
use super::stream::Sender;
use crate::answer::Answer;
use crate::answer::MAX_BODY;
use crate::ask::Mode;
use crate::outcome::End;
use crate::outcome::Outcome;
use crate::policy::Policy;

/// What is left to send once the answer is recorded.
#[derive(Debug)]
pub(super) enum Live<B> {
    /// All of it.
    Response(Response<GuardedBody<B>>),
    /// The end of a body whose beginning is on its way.
    Ending(Sender, Option<Frame<Bytes>>),
}

/// Keeps a response. A body whose length is not known leaves at once, through `begin`, all but its last frame.
pub(super) async fn capture<B>(
    response: Response<B>,
    (mode, policy): (Mode, &Policy),
    begin: impl FnOnce(Response<GuardedBody<B>>),
) -> (End, Live<B>)
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let (mut parts, body) = response.into_parts();
    parts.headers.remove(REPLAYED);
    let declared = parts.extensions.get::<Outcome>().copied();
    let classified = policy.classify(parts.status.as_u16());
    let end = |answer| End::of(mode, declared, classified, answer);
    let as_it_is =
        |parts, body| Live::Response(Response::from_parts(parts, GuardedBody::inner(body)));
    if let Some(ReplayAs(answer)) = parts.extensions.get().cloned() {
        return (end(answer), as_it_is(parts, body));
    }
    let Some(head) = head_of(parts.status, &parts.headers, policy) else {
        // A status below 200 is none that a handler gives.
        return (End::Doubt, as_it_is(parts, body));
    };
    let probe = end(head.clone());
    if !matches!(probe, End::Answer(_)) {
        return (probe, as_it_is(parts, body));
    }
    let cap = u64::try_from(MAX_BODY).unwrap_or(u64::MAX);
    match body.size_hint().exact() {
        Some(length) if length > cap => (end(head.without_body()), as_it_is(parts, body)),
        Some(_) => {
            let (answer, body) = whole(head, body, policy).await;
            (
                end(answer),
                Live::Response(Response::from_parts(parts, body)),
            )
        }
        None => {
            let (sender, frames) = stream::channel();
            begin(Response::from_parts(parts, GuardedBody::frames(frames)));
            let (answer, live) = passed(head, body, policy, sender).await;
            (end(answer), live)
        }
    }
}

/// Collects a body whose length is known to be small. One that breaks off leaves a tombstone.
async fn whole<B>(head: Answer, body: B, policy: &Policy) -> (Answer, GuardedBody<B>)
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let mut kept = Keeping::begun(head);
    let mut body = core::pin::pin!(body);
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => kept.note(&shared(frame)),
            Err(error) => return (kept.tombstone(), GuardedBody::broken(error.into())),
        }
    }
    let sent = GuardedBody::whole(kept.bytes(), kept.trailers.clone());
    (kept.answer(policy), sent)
}

/// Passes a body on frame by frame. The last one waits until the answer is recorded.
async fn passed<B>(head: Answer, body: B, policy: &Policy, sender: Sender) -> (Answer, Live<B>)
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let mut kept = Keeping::begun(head);
    let mut body = core::pin::pin!(body);
    let mut last: Option<Frame<Bytes>> = None;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            // The client sees the same break: the sender is dropped before its end.
            let response = Response::new(GuardedBody::whole(Bytes::new(), None));
            return (kept.tombstone(), Live::Response(response));
        };
        let frame = shared(frame);
        if frame.data_ref().is_some_and(Bytes::is_empty) {
            continue;
        }
        kept.note(&frame);
        if let Some(before) = last.replace(frame) {
            sender.pass(before).await;
        }
    }
    (kept.answer(policy), Live::Ending(sender, last))
}

/// What is kept of a body so far.
struct Keeping {
    head: Answer,
    /// Nothing once it is more than is kept.
    body: Option<BytesMut>,
    first: Option<Bytes>,
    trailers: Option<HeaderMap>,
}

impl Keeping {
    fn begun(head: Answer) -> Self {
        Self {
            head,
            body: Some(BytesMut::new()),
            first: None,
            trailers: None,
        }
    }

    fn note(&mut self, frame: &Frame<Bytes>) {
        if let Some(data) = frame.data_ref() {
            self.add(data);
        } else if let Some(trailers) = frame.trailers_ref() {
            self.trailers = Some(trailers.clone());
        }
    }

    /// Most bodies are one frame, which is kept without a copy.
    fn add(&mut self, data: &Bytes) {
        let Some(body) = &mut self.body else {
            return;
        };
        let held = self.first.as_ref().map_or(body.len(), Bytes::len);
        if held + data.len() > MAX_BODY {
            self.body = None;
            self.first = None;
        } else if held == 0 {
            self.first = Some(data.clone());
        } else {
            if let Some(first) = self.first.take() {
                body.extend_from_slice(&first);
            }
            body.extend_from_slice(data);
        }
    }

    fn bytes(&self) -> Bytes {
        let copied = || self.body.as_ref().map(|body| Bytes::copy_from_slice(body));
        self.first.clone().or_else(copied).unwrap_or_default()
    }

    fn answer(self, policy: &Policy) -> Answer {
        if self.body.is_none() {
            return self.tombstone();
        }
        let body = self.bytes();
        let answer = self
            .head
            .clone()
            .with_body(body)
            .unwrap_or_else(|_| self.tombstone());
        match self.trailers {
            Some(trailers) => with_trailers(answer, &trailers, policy),
            None => answer,
        }
    }

    fn tombstone(&self) -> Answer {
        self.head.clone().without_body()
    }
}
