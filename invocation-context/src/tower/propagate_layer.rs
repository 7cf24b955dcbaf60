//! The client's side of a call within the trust domain.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use core::task::ready;
use std::sync::Arc;

use http::HeaderName;
use http::HeaderValue;
use http::Request;
use http::header;
use pin_project_lite::pin_project;
use tower::Layer;
use tower::Service;

use crate::context::Child;
use crate::edge::strip_internal;
use crate::problem::Problem;
use crate::problem::ProblemKind;
use crate::trace_parent::TraceParent;
use crate::wire::SealError;
use crate::wire::TrustDomain;
use crate::wire::headers;

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Turns the [`Child`] in a request's extensions into the two signed headers, and into `traceparent`.
///
/// The call is always explicit: a request without a child is refused, as is one to an authority that the layer was not
/// given. Nothing is sent then.
#[derive(Clone, Debug)]
pub struct PropagateLayer {
    domain: TrustDomain,
    authorities: Arc<[String]>,
    writes_traceparent: bool,
}

impl PropagateLayer {
    /// A layer of this domain that sends to nobody yet: say [`PropagateLayer::only_to`] next.
    #[must_use]
    pub fn new(domain: TrustDomain) -> Self {
        Self {
            domain,
            authorities: Arc::default(),
            writes_traceparent: true,
        }
    }

    /// Sends to these authorities, each as requests name it: `ledger:8080`.
    #[must_use]
    pub fn only_to<N: Into<String>>(self, authorities: impl IntoIterator<Item = N>) -> Self {
        Self {
            authorities: authorities.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    /// Leaves `traceparent` to another propagator, such as OpenTelemetry's.
    #[must_use]
    pub fn without_traceparent(self) -> Self {
        Self {
            writes_traceparent: false,
            ..self
        }
    }

    /// Replaces the headers of the request by those of its child.
    fn write<B>(&self, request: &mut Request<B>) -> Result<(), Refused> {
        let child = request.extensions_mut().remove::<Child>();
        let child = child.ok_or(Refused::NoChild)?;
        if !self.is_to_known_authority(request) {
            return Err(Refused::Authority);
        }
        let sealed = self.domain.seal(&child).map_err(Refused::Seal)?;
        strip_internal(request.headers_mut());
        headers::write(request.headers_mut(), &sealed);
        if self.writes_traceparent {
            let traceparent = TraceParent::of(child.carried().trace()).to_string();
            if let Ok(value) = HeaderValue::try_from(traceparent) {
                request.headers_mut().insert(TRACEPARENT, value);
            }
        }
        Ok(())
    }

    /// Whether everything that names the receiver names one that the layer was given.
    fn is_to_known_authority<B>(&self, request: &Request<B>) -> bool {
        let in_uri = request.uri().authority().map(http::uri::Authority::as_str);
        let hosts = request.headers().get_all(header::HOST).iter();
        let mut named = in_uri
            .into_iter()
            .chain(hosts.map(|host| host.to_str().unwrap_or_default()))
            .peekable();
        named.peek().is_some() && named.all(|authority| self.knows(authority))
    }

    fn knows(&self, authority: &str) -> bool {
        let mut known = self.authorities.iter();
        known.any(|known| known.eq_ignore_ascii_case(authority))
    }
}

impl<S> Layer<S> for PropagateLayer {
    type Service = Propagate<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Propagate {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`PropagateLayer`] makes.
#[derive(Clone, Debug)]
pub struct Propagate<S> {
    inner: S,
    layer: PropagateLayer,
}

/// Why a call was not sent, or what became of one that was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PropagateError<E> {
    /// The request has no [`Child`] in its extensions: `ctx.child(step)?.attach(&mut request)`.
    #[error("the request carries no child of a context")]
    NoChild,
    /// The request goes to an authority that the layer was not given.
    #[error("the request goes to an authority outside of the trust domain")]
    Authority,
    /// The context cannot be sealed.
    #[error("the context cannot be sealed")]
    Seal(#[source] SealError),
    /// The request was sent, and the client failed.
    #[error(transparent)]
    Inner(E),
}

impl<E> From<PropagateError<E>> for Problem {
    /// 500 for what only a developer can mend; 503 where the service that was called cannot be had.
    fn from(error: PropagateError<E>) -> Self {
        match error {
            PropagateError::NoChild => Self::new(ProblemKind::Misconfigured)
                .with_detail("a call was not made a child of its context"),
            PropagateError::Authority => Self::new(ProblemKind::Misconfigured)
                .with_detail("a call goes outside of the trust domain"),
            PropagateError::Seal(error) => error.into(),
            PropagateError::Inner(_) => Self::new(ProblemKind::Unavailable)
                .with_retry_after(core::time::Duration::from_secs(1)),
        }
    }
}

/// Why nothing was sent.
#[derive(Clone, Copy, Debug)]
enum Refused {
    NoChild,
    Authority,
    Seal(SealError),
}

impl<E> From<Refused> for PropagateError<E> {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoChild => Self::NoChild,
            Refused::Authority => Self::Authority,
            Refused::Seal(error) => Self::Seal(error),
        }
    }
}

impl<S, B> Service<Request<B>> for Propagate<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = PropagateError<S::Error>;
    type Future = PropagateFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(PropagateError::Inner)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let state = match self.layer.write(&mut request) {
            Ok(()) => State::Sent {
                inner: self.inner.call(request),
            },
            Err(refused) => State::Refused {
                refused: Some(refused),
            },
        };
        PropagateFuture { state }
    }
}

pin_project! {
    /// The future of [`Propagate`].
    pub struct PropagateFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = Projected]
    enum State<F> {
        Refused { refused: Option<Refused> },
        Sent { #[pin] inner: F },
    }
}

impl<F> fmt::Debug for PropagateFuture<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PropagateFuture").finish_non_exhaustive()
    }
}

impl<F, T, E> Future for PropagateFuture<F>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = Result<T, PropagateError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            // Polled again after it was ready, which no caller may do, it stays pending.
            Projected::Refused { refused } => refused
                .take()
                .map_or(Poll::Pending, |refused| Poll::Ready(Err(refused.into()))),
            Projected::Sent { inner } => {
                Poll::Ready(ready!(inner.poll(cx)).map_err(PropagateError::Inner))
            }
        }
    }
}
