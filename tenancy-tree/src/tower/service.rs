//! The service.

use core::task::Context;
use core::task::Poll;
use std::sync::Arc;

use http::Request;
use http::Response;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RequestedTenant;
use tower::Service;

use super::future::TenantFuture;
use super::host;
use super::layer::Rules;
use crate::gate::Refusal;
use crate::gate::TenantGate;
use crate::tenant::TenantDirectory;

/// The service that [`TenantLayer`](crate::TenantLayer) makes.
#[derive(Clone, Debug)]
pub struct TenantService<S, D> {
    pub(super) inner: S,
    pub(super) gate: TenantGate<D>,
    pub(super) rules: Arc<Rules>,
}

impl<S, D, ReqBody, ResBody> Service<Request<ReqBody>> for TenantService<S, D>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    D: TenantDirectory,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = TenantFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        match resolve(&self.gate, &self.rules, &mut request) {
            Ok(()) => TenantFuture::admitted(self.inner.call(request)),
            Err(problem) => TenantFuture::refused(problem.answer_to(request.headers())),
        }
    }
}

fn resolve<D: TenantDirectory, B>(
    gate: &TenantGate<D>,
    rules: &Rules,
    request: &mut Request<B>,
) -> Result<(), Problem> {
    let ctx = request.extensions().get::<InvocationContext>().cloned();
    let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"))?;
    let instance = ctx.trace().current();
    let refused = |refusal: Refusal| Problem::from(refusal).with_instance(instance);
    let host = host::of(
        request.uri(),
        request.headers(),
        request.extensions(),
        rules,
    );
    let address = ctx.access().provenance().client_ip();
    let resolved = match gate.admit(host.map_err(refused)?, address) {
        Ok(resolved) => resolved,
        Err(Refusal::Apex)
            if rules
                .tenantless
                .iter()
                .any(|path| **path == *request.uri().path()) =>
        {
            return Ok(());
        }
        Err(refusal) => return Err(refused(refusal)),
    };
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
