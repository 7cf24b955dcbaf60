//! The check that the handler itself has to make, because nobody else can read its messages.

use core::any::TypeId;
use core::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use http::Extensions;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;

use super::events;
use crate::check::check;
use crate::decision::DecisionRecord;
use crate::guarded::ErasedLocator;
use crate::guarded::Guarded;
use crate::operations::Check;
use crate::proof::Authorized;
use crate::snapshot::Snapshot;

/// The check of a request over gRPC, still to be made: an [`AuthorizationLayer`](crate::AuthorizationLayer)
/// [for gRPC](crate::AuthorizationLayer::for_grpc) leaves it in the extensions, for the method that alone can read the
/// message.
///
/// ```
/// use http::Extensions;
/// use skeleton_authz::{Guarded, Pending};
/// use skeleton_invocation_context::Problem;
///
/// /// What a method of a tonic service does first: with tonic, `request.extensions()` and a `Status` by `?`.
/// async fn open<C: Guarded + 'static>(extensions: &Extensions, command: C) -> Result<(), Problem> {
///     let (ctx, auth) = Pending::of(extensions)?.check(&command).await?;
///     # drop((ctx, auth));
///     Ok(())
/// }
/// ```
///
/// # Security
///
/// A success never leaves the layer unless [`Pending::check`] allowed the payload that the registry names, or
/// [`Pending::snapshot`] was taken for a listing or an operation about the caller itself. What the method did before
/// stays done: check first.
#[derive(Clone)]
pub struct Pending(Arc<Parts>);

struct Parts {
    operation: String,
    check: Arc<dyn Check>,
    locator: Option<Arc<dyn ErasedLocator>>,
    snapshot: Snapshot,
    noted: Mutex<Noted>,
}

#[derive(Default)]
struct Noted {
    is_passed: bool,
    record: Option<DecisionRecord>,
}

impl Pending {
    pub(super) fn new(
        operation: String,
        check: Arc<dyn Check>,
        locator: Option<Arc<dyn ErasedLocator>>,
        snapshot: Snapshot,
    ) -> Self {
        Self(Arc::new(Parts {
            operation,
            check,
            locator,
            snapshot,
            noted: Mutex::default(),
        }))
    }

    /// The check that a request brings.
    ///
    /// # Errors
    ///
    /// A problem that names the layer, if there is none around the service.
    pub fn of(extensions: &Extensions) -> Result<Self, Problem> {
        let found = extensions.get::<Self>().cloned();
        found.ok_or_else(|| Problem::missing_layer("AuthorizationLayer::for_grpc"))
    }

    /// Who calls, and the proof that she may do what the payload asks.
    ///
    /// # Errors
    ///
    /// The answer to the caller; also if the registry names another payload for the operation.
    pub async fn check<C: Guarded + 'static>(
        &self,
        payload: &C,
    ) -> Result<
        (
            InvocationContext<Authenticated>,
            Authorized<'static, C::Needs>,
        ),
        Problem,
    > {
        if self.0.check.guards() != Some(TypeId::of::<C>()) {
            return Err(self.misused());
        }
        let locator = self.0.locator.as_deref();
        match check(&self.0.snapshot, locator, payload).await {
            Ok(proof) => {
                self.note(true, Some(proof.record()));
                Ok((self.0.snapshot.context().clone(), proof))
            }
            Err(error) => {
                let record = error.record().cloned();
                let instance = self.0.snapshot.context().trace().current();
                let problem = Problem::from(error).with_instance(instance);
                events::refused(&self.0.operation, &problem, record.as_ref());
                self.note(false, record);
                Err(problem)
            }
        }
    }

    /// Who calls, and the snapshot, for a listing or an operation about the caller itself.
    ///
    /// # Errors
    ///
    /// A problem, if the operation needs the check of its payload.
    pub fn snapshot(&self) -> Result<(InvocationContext<Authenticated>, Snapshot), Problem> {
        if self.0.check.guards().is_some() {
            return Err(self.misused());
        }
        self.note(true, None);
        let snapshot = self.0.snapshot.clone();
        Ok((snapshot.context().clone(), snapshot))
    }

    /// Whether something was allowed.
    pub(super) fn is_passed(&self) -> bool {
        let noted = self.0.noted.lock();
        noted.unwrap_or_else(PoisonError::into_inner).is_passed
    }

    pub(super) fn record(&self) -> Option<DecisionRecord> {
        let noted = self.0.noted.lock();
        let noted = noted.unwrap_or_else(PoisonError::into_inner);
        noted.record.clone()
    }

    fn note(&self, is_passed: bool, record: Option<DecisionRecord>) {
        let noted = self.0.noted.lock();
        let mut noted = noted.unwrap_or_else(PoisonError::into_inner);
        noted.is_passed |= is_passed;
        noted.record = record;
    }

    fn misused(&self) -> Problem {
        let detail = "the handler checks another payload than the registry names";
        Problem::new(ProblemKind::Misconfigured)
            .with_detail(detail)
            .with_instance(self.0.snapshot.context().trace().current())
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pending").field(&self.0.operation).finish()
    }
}
