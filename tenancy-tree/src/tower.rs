//! Step 2 of the way of an invocation: the host decides the tenant.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;

use http::HeaderMap;
use http::Request;
use http::Response;
use http::Uri;
use http::header::HOST;
use pin_project_lite::pin_project;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RequestedTenant;
use tower::Layer;
use tower::Service;

use crate::gate::Refusal;
use crate::gate::TenantGate;
use crate::tenant::TenantDirectory;

/// Finds the tenant of every request by its host, notes it in the context, and refuses what is for nobody.
///
/// It stands inside `ContextLayer` and outside authentication: no credential is looked at before the tenant is
/// known. The resolved tenant travels in the request's extensions as
/// [`ResolvedTenant`](crate::ResolvedTenant).
#[derive(Clone, Debug)]
pub struct TenantLayer<D> {
    gate: TenantGate<D>,
}

impl<D: TenantDirectory> TenantLayer<D> {
    /// A layer that knows the tenants of `directory`.
    #[must_use]
    pub const fn new(directory: D) -> Self {
        Self {
            gate: TenantGate::new(directory),
        }
    }
}

impl<S, D: Clone> Layer<S> for TenantLayer<D> {
    type Service = TenantService<S, D>;

    fn layer(&self, inner: S) -> Self::Service {
        TenantService {
            inner,
            gate: self.gate.clone(),
        }
    }
}

/// The service that [`TenantLayer`] makes.
#[derive(Clone, Debug)]
pub struct TenantService<S, D> {
    inner: S,
    gate: TenantGate<D>,
}

impl<S, D, ReqBody, ResBody> Service<Request<ReqBody>> for TenantService<S, D>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    D: TenantDirectory,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = TenantFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match resolve(&self.gate, &mut request) {
            Ok(()) => TenantFuture {
                state: State::Admitted {
                    inner: self.inner.call(request),
                },
            },
            Err(problem) => TenantFuture {
                state: State::Refused {
                    problem: Some(problem),
                },
            },
        }
    }
}

fn resolve<D: TenantDirectory, B>(
    gate: &TenantGate<D>,
    request: &mut Request<B>,
) -> Result<(), Problem> {
    let ctx = request.extensions().get::<InvocationContext>().cloned();
    let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
    let instance = ctx.trace().current();
    let refused = |refusal: Refusal| Problem::from(refusal).with_instance(instance);
    let host = host(request.uri(), request.headers()).map_err(refused)?;
    let resolved = gate.admit(host).map_err(refused)?;
    let requested = RequestedTenant::new(resolved.tenant().id());
    let requested = if resolved.tenant().is_test() {
        requested.as_test()
    } else {
        requested
    };
    let ctx = ctx.requesting(requested).map_err(|_| {
        Problem::new(ProblemKind::Misconfigured)
            .with_detail("TenantLayer stands where the tenant is known already")
            .with_instance(instance)
    })?;
    request.extensions_mut().insert(resolved);
    request.extensions_mut().insert(ctx);
    Ok(())
}

/// The one host of a request: its authority and its `Host` header must agree where both are there.
fn host<'r>(uri: &'r Uri, headers: &'r HeaderMap) -> Result<Option<&'r str>, Refusal> {
    let authority = uri.authority().map(http::uri::Authority::as_str);
    let mut lines = headers.get_all(HOST).iter();
    let line = lines
        .next()
        .map(|value| value.to_str().map_err(|_| Refusal::Malformed))
        .transpose()?;
    if lines.next().is_some() {
        return Err(Refusal::Malformed);
    }
    match (authority, line) {
        (Some(authority), Some(line)) if !authority.eq_ignore_ascii_case(line) => {
            Err(Refusal::Malformed)
        }
        (authority, line) => Ok(line.or(authority)),
    }
}

pin_project! {
    /// The future of [`TenantService`].
    #[derive(Debug)]
    pub struct TenantFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum State<F> {
        Refused { problem: Option<Problem> },
        Admitted { #[pin] inner: F },
    }
}

impl<F, ResBody, E> Future for TenantFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: ProblemBody,
{
    type Output = Result<Response<ResBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            Projected::Admitted { inner } => inner.poll(cx),
            Projected::Refused { problem } => {
                let problem = problem
                    .take()
                    .unwrap_or_else(|| Problem::new(ProblemKind::Misconfigured));
                Poll::Ready(Ok(problem.into_http()))
            }
        }
    }
}
