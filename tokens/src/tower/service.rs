//! The service.

use core::task::Context;
use core::task::Poll;

use http::HeaderMap;
use http::Request;
use http::Response;
use http::header;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::ContextError;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::TenantId;
use tower::Service;

use super::future::ResponseFuture;
use super::layer::AuthenticationLayer;
use crate::authenticator::Credentials;
use crate::problem::answer;

/// The service that [`AuthenticationLayer`] makes.
#[derive(Clone, Debug)]
pub struct Authentication<S> {
    inner: S,
    layer: AuthenticationLayer,
}

impl<S> Authentication<S> {
    pub(super) const fn new(inner: S, layer: AuthenticationLayer) -> Self {
        Self { inner, layer }
    }

    /// Puts an authenticated context into the request, or leaves an anonymous one there.
    fn admit<B>(&self, request: &mut Request<B>) -> Result<(), Problem> {
        let ctx = request.extensions_mut().remove::<InvocationContext>();
        let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
        let id = ctx.trace().current();
        let admitted = self
            .admitted(ctx, request)
            .map_err(|problem| problem.with_instance(id))?;
        request.headers_mut().remove(header::AUTHORIZATION);
        request.extensions_mut().insert(admitted);
        Ok(())
    }

    fn admitted<B>(
        &self,
        ctx: InvocationContext,
        request: &Request<B>,
    ) -> Result<InvocationContext, Problem> {
        // A layer of this kind stands outside already, and has removed the header.
        if matches!(ctx.access(), Access::Authenticated(_)) {
            return Err(answer::misplaced());
        }
        let tenant = ctx.requested_tenant();
        let tenant = tenant
            .ok_or_else(|| Problem::missing_layer("TenantLayer"))?
            .id();
        match bearer_of(request.headers()) {
            Shown::Nothing if self.layer.anonymous.contains(request.uri().path()) => Ok(ctx),
            Shown::Nothing | Shown::OtherScheme => {
                Err(answer::no_credentials(self.realm(tenant).as_deref()))
            }
            Shown::Malformed => Err(answer::invalid_request(self.realm(tenant).as_deref())),
            Shown::Bearer(token) => self.authenticated(ctx, tenant, token),
        }
    }

    fn authenticated(
        &self,
        ctx: InvocationContext,
        tenant: TenantId,
        token: &str,
    ) -> Result<InvocationContext, Problem> {
        let who = self
            .layer
            .authenticator
            .authenticate(Credentials::Bearer(token), tenant);
        let who = who.map_err(|error| answer::refused(error, self.realm(tenant).as_deref()))?;
        ctx.authenticated_as(who).map_err(|error| match error {
            ContextError::TenantMismatch => answer::other_tenant(self.realm(tenant).as_deref()),
            _ => answer::misplaced(),
        })
    }

    fn realm(&self, tenant: TenantId) -> Option<String> {
        self.layer.authenticator.names().slug_of(tenant)
    }
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for Authentication<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match self.admit(&mut request) {
            Ok(()) => ResponseFuture::passed(self.inner.call(request)),
            Err(problem) => ResponseFuture::refused(problem),
        }
    }
}

/// What the `Authorization` headers of a request show.
enum Shown<'a> {
    Nothing,
    OtherScheme,
    Malformed,
    Bearer(&'a str),
}

fn bearer_of(headers: &HeaderMap) -> Shown<'_> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(only) = lines.next() else {
        return Shown::Nothing;
    };
    let line = if lines.next().is_none() {
        only.to_str().ok()
    } else {
        None
    };
    let Some((scheme, rest)) = line.and_then(|line| line.split_once(' ')) else {
        return Shown::Malformed;
    };
    let token = rest.trim_start_matches(' ');
    match (scheme.eq_ignore_ascii_case("bearer"), token) {
        (_, "") => Shown::Malformed,
        (true, token) => Shown::Bearer(token),
        (false, _) => Shown::OtherScheme,
    }
}
