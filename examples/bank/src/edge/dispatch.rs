//! Every command by its name: for the doors whose requests name in the payload what they ask for.

use core::future::Future;
use core::marker::PhantomData;
use core::pin::Pin;
use std::collections::HashMap;
use std::sync::Arc;

use skeleton_authz::CheckError;
use skeleton_authz::DecisionRecord;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Execution;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use super::command::Command;
use super::execute::execute;
use crate::locator::StreamLocator;
use crate::services::Services;

/// The commands by their names. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Commands(HashMap<&'static str, Arc<dyn Dispatch>>);

/// A command that was checked, and may be tried.
pub(super) struct Ready {
    pub(super) operation: Operation,
    pub(super) decided: DecisionRecord,
    try_it: TryIt,
}

/// A command that is not tried, and what was decided if it came to a decision.
pub(super) struct Denied {
    pub(super) problem: Problem,
    pub(super) decided: Option<DecisionRecord>,
}

type TryIt = Box<dyn FnOnce(Services, Execution) -> Tried + Send>;

type Tried = Boxed<'static, Result<Answered, Problem>>;

type Boxed<'f, T> = Pin<Box<dyn Future<Output = T> + Send + 'f>>;

/// What, by whom, and with which payload.
type Asked<'f> = (Operation, InvocationContext<Authenticated>, &'f [u8]);

/// A command, its payload's type forgotten.
trait Dispatch: Send + Sync {
    fn check<'f>(
        &'f self,
        services: &'f Services,
        asked: Asked<'f>,
    ) -> Boxed<'f, Result<Ready, Denied>>;
}

impl Commands {
    /// With one command more.
    pub(super) fn with<C: Command>(mut self) -> Self {
        self.0.insert(C::OPERATION, Arc::new(Of::<C>(PhantomData)));
        self
    }

    /// Reads a payload and decides whether its sender may do what it asks, as step 5 does on a route.
    pub(super) async fn check(
        &self,
        services: &Services,
        ctx: &InvocationContext<Authenticated>,
        operation: Option<&Operation>,
        payload: &[u8],
    ) -> Result<Ready, Denied> {
        let named =
            operation.and_then(|operation| Some((operation, self.0.get(operation.as_str())?)));
        let checked = match named {
            Some((operation, command)) => {
                let asked = (operation.clone(), ctx.clone(), payload);
                command.check(services, asked).await
            }
            None => Err(Problem::new(ProblemKind::NotFound).into()),
        };
        let instance = ctx.trace().current();
        checked.map_err(|Denied { problem, decided }| Denied {
            problem: problem.with_instance(instance),
            decided,
        })
    }
}

impl Ready {
    /// Tries it, once.
    pub(super) async fn try_it(
        self,
        services: Services,
        once: Execution,
    ) -> Result<Answered, Problem> {
        (self.try_it)(services, once).await
    }
}

struct Of<C>(PhantomData<fn() -> C>);

impl<C: Command> Dispatch for Of<C> {
    fn check<'f>(
        &'f self,
        services: &'f Services,
        (operation, ctx, payload): Asked<'f>,
    ) -> Boxed<'f, Result<Ready, Denied>> {
        Box::pin(async move {
            let command: C = serde_json::from_slice(payload).map_err(|_| {
                Problem::new(ProblemKind::Malformed).with_detail("the payload is not valid")
            })?;
            let locator = StreamLocator::new(services.log.clone(), services.access.clone());
            let auth = services.authorizer.check(&ctx, &command, &locator).await?;
            Ok(Ready {
                operation,
                decided: auth.record(),
                try_it: Box::new(|services, once| {
                    Box::pin(async move { execute(&services, once, (&ctx, &auth), command).await })
                }),
            })
        })
    }
}

impl From<Problem> for Denied {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            decided: None,
        }
    }
}

impl From<CheckError> for Denied {
    fn from(error: CheckError) -> Self {
        Self {
            decided: error.record().cloned(),
            problem: error.into(),
        }
    }
}
