//! The reply port: one subject per idempotency key. The stored record is the truth, a reply only the news.

use core::future::Future;

use skeleton_idempotency::Answer;
use skeleton_idempotency::IdempotencyKey;

/// Carries answers from the processor that made them to the doors that wait.
pub trait Replies: Clone + Send + Sync + 'static {
    /// Waits for one answer; dropping it ends the subscription.
    type Waiting: Future<Output = Option<Answer>> + Send + Unpin;

    /// Begins to wait for the answer to `key`. Do so before you claim, or the news may pass by.
    fn subscribe(&self, key: &IdempotencyKey) -> Self::Waiting;

    /// Hands an answer to everybody who waits for it.
    fn publish(&self, key: &IdempotencyKey, answer: &Answer);
}
