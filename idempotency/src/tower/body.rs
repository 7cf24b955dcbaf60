//! The body of an answer that passed the layer.

use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use core::task::ready;

use bytes::Buf;
use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use pin_project_lite::pin_project;
use skeleton_invocation_context::ProblemBody;

use super::stream::Frames;

/// Any error.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

pin_project! {
    /// The body of an answer that passed [`IdempotencyLayer`](crate::IdempotencyLayer): the handler's own, or one that was
    /// recorded.
    #[derive(Debug)]
    pub struct GuardedBody<B> {
        #[pin]
        kind: Kind<B>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = KindProj]
    enum Kind<B> {
        Inner { #[pin] body: B },
        Whole { data: Option<Bytes>, trailers: Option<Box<HeaderMap>> },
        Frames { frames: Frames },
        Broken { error: Option<BoxError> },
    }
}

impl<B> GuardedBody<B> {
    /// The handler's own body.
    pub(super) const fn inner(body: B) -> Self {
        Self {
            kind: Kind::Inner { body },
        }
    }

    /// A body that is there already.
    pub(crate) fn whole(data: Bytes, trailers: Option<HeaderMap>) -> Self {
        let data = (!data.is_empty()).then_some(data);
        let trailers = trailers.map(Box::new);
        Self {
            kind: Kind::Whole { data, trailers },
        }
    }

    /// A body that comes frame by frame.
    pub(super) const fn frames(frames: Frames) -> Self {
        Self {
            kind: Kind::Frames { frames },
        }
    }

    /// A body that breaks off where the handler's did.
    pub(super) const fn broken(error: BoxError) -> Self {
        let error = Some(error);
        Self {
            kind: Kind::Broken { error },
        }
    }
}

impl<B> ProblemBody for GuardedBody<B> {
    fn from_problem_json(json: Vec<u8>) -> Self {
        Self::whole(json.into(), None)
    }
}

impl<B> Body for GuardedBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        Poll::Ready(match self.project().kind.project() {
            KindProj::Inner { body } => {
                ready!(body.poll_frame(cx)).map(|frame| frame.map(shared).map_err(Into::into))
            }
            KindProj::Whole { data, trailers } => {
                let data = data.take().map(Frame::data);
                let frame = data.or_else(|| trailers.take().map(|all| Frame::trailers(*all)));
                frame.map(Ok)
            }
            KindProj::Frames { frames } => ready!(frames.poll_next(cx)),
            KindProj::Broken { error } => error.take().map(Err),
        })
    }

    fn is_end_stream(&self) -> bool {
        match &self.kind {
            Kind::Inner { body } => body.is_end_stream(),
            Kind::Whole { data, trailers } => data.is_none() && trailers.is_none(),
            Kind::Frames { .. } => false,
            Kind::Broken { error } => error.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.kind {
            Kind::Inner { body } => body.size_hint(),
            Kind::Whole { data, .. } => {
                let length = data.as_ref().map_or(0, Bytes::len);
                SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Kind::Frames { .. } | Kind::Broken { .. } => SizeHint::default(),
        }
    }
}

/// The same frame in bytes that can be shared.
pub(super) fn shared<D: Buf>(frame: Frame<D>) -> Frame<Bytes> {
    frame.map_data(|mut data| data.copy_to_bytes(data.remaining()))
}
