//! Messages within one process: gone with it, as whoever sent them is.

use core::future::Future;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;

use tokio::sync::Notify;
use tokio::sync::oneshot;

use super::lock;
use crate::ports::messages::Delivery;
use crate::ports::messages::Full;
use crate::ports::messages::Message;
use crate::ports::messages::MessageReply;
use crate::ports::messages::Messages;

/// How many messages may wait.
const CAPACITY: usize = 1_024;

/// Messages to the doors of this process.
#[derive(Clone, Debug, Default)]
pub struct InProcessMessages(Arc<Queue>);

#[derive(Debug, Default)]
struct Queue {
    waiting: Mutex<VecDeque<Sent>>,
    grown: Notify,
}

#[derive(Debug)]
struct Sent {
    message: Message,
    answer: oneshot::Sender<MessageReply>,
}

/// A message that was taken.
#[derive(Debug)]
pub struct InProcessDelivery {
    queue: Arc<Queue>,
    message: Message,
    answer: Option<oneshot::Sender<MessageReply>>,
}

impl Queue {
    fn push(&self, sent: Sent) {
        lock(&self.waiting).push_back(sent);
        self.grown.notify_one();
    }
}

impl Messages for InProcessMessages {
    type Delivery = InProcessDelivery;

    fn send(
        &self,
        message: Message,
    ) -> Result<impl Future<Output = Option<MessageReply>> + Send, Full> {
        if lock(&self.0.waiting).len() >= CAPACITY {
            return Err(Full);
        }
        let (answer, answered) = oneshot::channel();
        self.0.push(Sent { message, answer });
        Ok(async move { answered.await.ok() })
    }

    async fn take(&self) -> InProcessDelivery {
        loop {
            let grown = self.0.grown.notified();
            if let Some(Sent { message, answer }) = lock(&self.0.waiting).pop_front() {
                return InProcessDelivery {
                    queue: Arc::clone(&self.0),
                    message,
                    answer: Some(answer),
                };
            }
            grown.await;
        }
    }
}

impl Delivery for InProcessDelivery {
    fn message(&self) -> &Message {
        &self.message
    }

    fn answer(mut self, reply: MessageReply) {
        if let Some(answer) = self.answer.take() {
            // Whoever sent it may have gone.
            let _unheard = answer.send(reply);
        }
    }
}

impl Drop for InProcessDelivery {
    fn drop(&mut self) {
        if let Some(answer) = self.answer.take() {
            let message = self.message.clone();
            self.queue.push(Sent { message, answer });
        }
    }
}
