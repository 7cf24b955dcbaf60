//! The rules by which the edge sets toggles.

use core::fmt;
use core::task::Context;
use core::task::Poll;
use std::sync::Arc;

use http::Request;
use http::Response;
use tower::Layer;
use tower::Service;

use super::refusal::AnswerFuture;
use crate::context::ContextError;
use crate::context::InvocationContext;
use crate::http::ProblemBody;
use crate::problem::Problem;
use crate::problem::ProblemKind;
use crate::toggle::ToggleError;
use crate::toggle::ToggleKey;
use crate::toggle::ToggleType;
use crate::toggle::Toggles;

/// Applies one rule: the toggles so far, and perhaps one more.
type Rule = dyn Fn(&InvocationContext, Toggles) -> Result<Toggles, ToggleError> + Send + Sync;

/// Sets toggles that only the edge may set, and grants what clients wish for.
///
/// It stands inside authentication, so that a rule can ask who calls. A service without it grants nothing.
///
/// ```
/// use skeleton_invocation_context::tower::ToggleLayer;
/// use skeleton_invocation_context::{LOG_LEVEL, RoleName};
///
/// let operator = RoleName::parse("operator")?;
/// let layer = ToggleLayer::new().when(&LOG_LEVEL, move |ctx, wish| {
///     let known = ctx.clone().authenticated().ok()?;
///     known.roles().iter().any(|held| *held.role() == operator).then_some(wish).flatten()
/// });
/// # drop(layer);
/// # Ok::<(), skeleton_invocation_context::NameError>(())
/// ```
#[derive(Clone, Default)]
pub struct ToggleLayer {
    rules: Vec<Arc<Rule>>,
}

impl ToggleLayer {
    /// A layer without rules.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a rule: it sees the context and the client's wish, and says what the toggle is set to, if to anything.
    #[must_use]
    pub fn when<T: ToggleType + Send + Sync + 'static>(
        mut self,
        key: &ToggleKey<T>,
        rule: impl Fn(&InvocationContext, Option<T>) -> Option<T> + Send + Sync + 'static,
    ) -> Self {
        let key = key.clone();
        self.rules.push(Arc::new(
            move |ctx: &InvocationContext, toggles: Toggles| {
                let wish = ctx.wish(&key);
                match rule(ctx, wish) {
                    Some(value) => toggles.with(&key, &value),
                    None => Ok(toggles),
                }
            },
        ));
        self
    }

    fn apply(&self, ctx: InvocationContext) -> Result<InvocationContext, Problem> {
        let instance = ctx.trace().current();
        let mut toggles = ctx.toggles().clone();
        for rule in &self.rules {
            toggles = rule(&ctx, toggles).map_err(|error: ToggleError| {
                misconfigured(format!("a rule of ToggleLayer: {error}")).with_instance(instance)
            })?;
        }
        ctx.with_toggles(toggles).map_err(|error: ContextError| {
            misconfigured(format!("ToggleLayer: {error}")).with_instance(instance)
        })
    }
}

fn misconfigured(detail: String) -> Problem {
    Problem::new(ProblemKind::Misconfigured).with_detail(detail)
}

impl fmt::Debug for ToggleLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToggleLayer")
            .field("rules", &self.rules.len())
            .finish()
    }
}

impl<S> Layer<S> for ToggleLayer {
    type Service = ToggleService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ToggleService {
            inner,
            rules: self.clone(),
        }
    }
}

/// The service that [`ToggleLayer`] makes.
#[derive(Clone, Debug)]
pub struct ToggleService<S> {
    inner: S,
    rules: ToggleLayer,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for ToggleService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: ProblemBody,
{
    type Response = Response<ResBody>;
    type Error = S::Error;
    type Future = AnswerFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let ctx = request.extensions_mut().remove::<InvocationContext>();
        let ctx = ctx.ok_or_else(|| Problem::missing_layer("ContextLayer"));
        match ctx.and_then(|ctx| self.rules.apply(ctx)) {
            Ok(ctx) => {
                request.extensions_mut().insert(ctx);
                AnswerFuture::inner(self.inner.call(request))
            }
            Err(problem) => AnswerFuture::refused(problem, request.headers()),
        }
    }
}
