//! Futures that are dropped on their way.

use core::future::Future;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

/// More often no verb is polled: one that is has ended before.
pub(super) const MOST_POLLS: u32 = 200;

/// Polls a future so many times, whenever it wakes, and drops it then: each number drops it at another await.
pub(super) async fn polled<F: Future>(future: F, polls: u32) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}
