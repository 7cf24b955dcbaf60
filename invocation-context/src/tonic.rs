//! Requests and answers of tonic 0.14.

use http_body_util::Full;
use tonic::Code;
use tonic::Request;
use tonic::Status;
use tonic::body::Body;

use crate::access::AccessKind;
use crate::access::Authenticated;
use crate::context::Child;
use crate::context::InvocationContext;
use crate::http::ProblemBody;
use crate::problem::Problem;
use crate::problem::ProblemKind;

impl ProblemBody for Body {
    fn from_problem_json(json: Vec<u8>) -> Self {
        if json.is_empty() {
            Self::empty()
        } else {
            Self::new(Full::new(json.into()))
        }
    }
}

impl From<Problem> for Status {
    /// The code of the problem's kind, and its code and detail as the message.
    fn from(problem: Problem) -> Self {
        let code = Code::from_i32(problem.kind().grpc_code().into());
        Self::new(code, problem.to_string())
    }
}

/// The context of a request, as a layer left it in its extensions.
pub trait RequestExt: sealed::Sealed {
    /// The context, whoever calls.
    ///
    /// # Errors
    ///
    /// `INTERNAL` without a layer that makes one.
    fn invocation_context(&self) -> Result<InvocationContext, Status>;

    /// The context of a known caller.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` if the caller is anonymous, `INTERNAL` without a layer that makes a context.
    fn authenticated_context(&self) -> Result<InvocationContext<Authenticated>, Status>;
}

impl<T> RequestExt for Request<T> {
    fn invocation_context(&self) -> Result<InvocationContext, Status> {
        let ctx = self.extensions().get::<InvocationContext>().cloned();
        ctx.ok_or_else(|| Problem::missing_layer("ContextLayer or InternalContextLayer").into())
    }

    fn authenticated_context(&self) -> Result<InvocationContext<Authenticated>, Status> {
        let ctx = self.invocation_context()?;
        ctx.authenticated()
            .map_err(|_| Problem::new(ProblemKind::Unauthenticated).into())
    }
}

impl<A: AccessKind> Child<A> {
    /// Hands the call to whoever sends the request: `PropagateLayer` turns it into metadata.
    pub fn attach_to<T>(self, request: &mut Request<T>) {
        request.extensions_mut().insert(self.into_access());
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "this is what seals RequestExt")]
    pub trait Sealed {}
    impl<T> Sealed for tonic::Request<T> {}
}
