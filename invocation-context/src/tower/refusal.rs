//! An answer that is the inner service's, or a refusal.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;

use http::HeaderMap;
use http::Response;
use pin_project_lite::pin_project;

use crate::http::ProblemBody;
use crate::problem::Problem;

pin_project! {
    /// The future of a layer that refuses, or lets through.
    #[derive(Debug)]
    pub struct AnswerFuture<F, B> {
        #[pin]
        state: State<F, B>,
    }
}

pin_project! {
    #[project = Projected]
    #[derive(Debug)]
    enum State<F, B> {
        Refused { answer: Option<Response<B>> },
        Inner { #[pin] inner: F },
    }
}

impl<F, B: ProblemBody> AnswerFuture<F, B> {
    /// A refusal, in the language of the request.
    pub(super) fn refused(problem: Problem, request: &HeaderMap) -> Self {
        let answer = Some(problem.answer_to(request));
        Self {
            state: State::Refused { answer },
        }
    }

    pub(super) const fn inner(inner: F) -> Self {
        Self {
            state: State::Inner { inner },
        }
    }
}

impl<F, B, E> Future for AnswerFuture<F, B>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            // Polled again after it was ready, which no caller may do, it stays pending.
            Projected::Refused { answer } => answer
                .take()
                .map_or(Poll::Pending, |answer| Poll::Ready(Ok(answer))),
            Projected::Inner { inner } => inner.poll(cx),
        }
    }
}
