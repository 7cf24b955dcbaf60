//! Bus, replies and messages within one process.

mod messages;

use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use skeleton_idempotency::Answer;
use skeleton_idempotency::IdempotencyKey;
use skeleton_invocation_context::TenantId;
use tokio::sync::oneshot;
use tokio::sync::watch;

pub use self::messages::InProcessDelivery;
pub use self::messages::InProcessMessages;
use crate::ports::bus::Bus;
use crate::ports::replies::Replies;

/// A bus whose listeners live in this process.
#[derive(Clone, Debug, Default)]
pub struct InProcessBus(Arc<Mutex<HashMap<TenantId, watch::Sender<u64>>>>);

impl InProcessBus {
    fn with<T>(&self, tenant: TenantId, act: impl FnOnce(&watch::Sender<u64>) -> T) -> T {
        act(lock(&self.0)
            .entry(tenant)
            .or_insert_with(|| watch::Sender::new(0)))
    }
}

impl Bus for InProcessBus {
    fn announce(&self, tenant: TenantId, position: u64) {
        self.with(tenant, |sender| {
            sender.send_if_modified(|held| {
                let has_grown = position > *held;
                *held = position.max(*held);
                has_grown
            });
        });
    }

    fn listen(&self, tenant: TenantId) -> watch::Receiver<u64> {
        self.with(tenant, watch::Sender::subscribe)
    }
}

/// Everybody who waits for the answer to one key, by a number of their own.
type Waiters = HashMap<String, HashMap<u64, oneshot::Sender<Answer>>>;

/// Replies to doors of this process.
#[derive(Clone, Debug, Default)]
pub struct InProcessReplies(Arc<Mutex<(u64, Waiters)>>);

impl InProcessReplies {
    /// How many doors wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        lock(&self.0).1.values().map(HashMap::len).sum()
    }
}

impl Replies for InProcessReplies {
    type Waiting = WaitingReply;

    fn subscribe(&self, key: &IdempotencyKey) -> WaitingReply {
        let (sender, receiver) = oneshot::channel();
        let mut held = lock(&self.0);
        held.0 += 1;
        let number = held.0;
        held.1
            .entry(key.to_string())
            .or_default()
            .insert(number, sender);
        drop(held);
        WaitingReply {
            replies: self.clone(),
            key: key.to_string(),
            number,
            receiver,
        }
    }

    fn publish(&self, key: &IdempotencyKey, answer: &Answer) {
        let waiters = lock(&self.0).1.remove(&key.to_string()).unwrap_or_default();
        for sender in waiters.into_values() {
            // A door that stopped waiting is no concern of the processor.
            let _gone = sender.send(answer.clone());
        }
    }
}

/// Waits for one answer.
#[derive(Debug)]
pub struct WaitingReply {
    replies: InProcessReplies,
    key: String,
    number: u64,
    receiver: oneshot::Receiver<Answer>,
}

impl Future for WaitingReply {
    type Output = Option<Answer>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Answer>> {
        Pin::new(&mut self.receiver).poll(cx).map(Result::ok)
    }
}

impl Drop for WaitingReply {
    fn drop(&mut self) {
        let mut held = lock(&self.replies.0);
        if let Some(waiters) = held.1.get_mut(&self.key) {
            waiters.remove(&self.number);
            if waiters.is_empty() {
                held.1.remove(&self.key);
            }
        }
    }
}

/// A map is whole between any two statements here, so a panic elsewhere does not spoil it.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
