//! The future.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;

use http::Response;
use pin_project_lite::pin_project;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;

pin_project! {
    /// The future of [`TenantService`](crate::TenantService).
    #[derive(Debug)]
    pub struct TenantFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum State<F, B> {
        Refused { answer: Option<Response<B>> },
        Admitted { #[pin] inner: F },
    }
}

impl<F, B> TenantFuture<F, B> {
    pub(super) const fn admitted(inner: F) -> Self {
        Self {
            state: State::Admitted { inner },
        }
    }

    pub(super) const fn refused(answer: Response<B>) -> Self {
        let answer = Some(answer);
        Self {
            state: State::Refused { answer },
        }
    }
}

impl<F, ResBody, E> Future for TenantFuture<F, ResBody>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: ProblemBody,
{
    type Output = Result<Response<ResBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            Projected::Admitted { inner } => inner.poll(cx),
            Projected::Refused { answer } => {
                // A future that has ended is not polled again; whoever does gets an answer all the same.
                let spent = || Problem::new(ProblemKind::Misconfigured).into_http();
                Poll::Ready(Ok(answer.take().unwrap_or_else(spent)))
            }
        }
    }
}
