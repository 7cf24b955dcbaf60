//! The future of the service.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use core::task::ready;

use http::HeaderValue;
use http::Response;
use http::header;
use pin_project_lite::pin_project;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;

pin_project! {
    /// The future of [`Authentication`](super::Authentication): a refusal that is ready, or the inner answer.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless they are polled"]
    pub struct ResponseFuture<F> {
        #[pin]
        state: State<F>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum State<F> {
        Refused { problem: Option<Problem> },
        Passed { #[pin] inner: F },
    }
}

impl<F> ResponseFuture<F> {
    pub(super) const fn refused(problem: Problem) -> Self {
        Self {
            state: State::Refused {
                problem: Some(problem),
            },
        }
    }

    pub(super) const fn passed(inner: F) -> Self {
        Self {
            state: State::Passed { inner },
        }
    }
}

impl<F, ResBody, E> Future for ResponseFuture<F>
where
    F: Future<Output = Result<Response<ResBody>, E>>,
    ResBody: ProblemBody,
{
    type Output = Result<Response<ResBody>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut response = match self.project().state.project() {
            Projected::Refused { problem } => {
                let polled_again = || Problem::new(ProblemKind::Misconfigured);
                problem.take().unwrap_or_else(polled_again).into_http()
            }
            Projected::Passed { inner } => ready!(inner.poll(cx))?,
        };
        let authorization = HeaderValue::from_static("authorization");
        response.headers_mut().append(header::VARY, authorization);
        Poll::Ready(Ok(response))
    }
}
