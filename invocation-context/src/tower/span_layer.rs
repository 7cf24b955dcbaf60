//! The span around everything that happens in an invocation.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;

use http::Request;
use pin_project_lite::pin_project;
use tower::Layer;
use tower::Service;
use tracing::Span;

use crate::context::InvocationContext;

/// Runs the service inside the span of the request's context. It stands directly inside of the door; a request without
/// a context gets no span.
///
/// Whoever authenticates later fills in who calls: `ctx.record(&tracing::Span::current())`.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SpanLayer;

impl SpanLayer {
    /// The layer.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for SpanLayer {
    type Service = SpanService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SpanService { inner }
    }
}

/// The service that [`SpanLayer`] makes.
#[derive(Clone, Debug)]
pub struct SpanService<S> {
    inner: S,
}

impl<S, B> Service<Request<B>> for SpanService<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = SpanFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let ctx = request.extensions().get::<InvocationContext>();
        let span = ctx.map_or_else(Span::none, InvocationContext::span);
        let inner = span.in_scope(|| self.inner.call(request));
        SpanFuture { span, inner }
    }
}

pin_project! {
    /// The future of [`SpanService`].
    #[derive(Debug)]
    pub struct SpanFuture<F> {
        span: Span,
        #[pin]
        inner: F,
    }
}

impl<F: Future> Future for SpanFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let _entered = this.span.enter();
        this.inner.poll(cx)
    }
}
