//! Commands as messages: whoever cannot wait for a connection hands one to a broker, which delivers it at least once.

use core::fmt;
use core::future::Future;

use bytes::Bytes;
use http::HeaderMap;

/// A command on its way to a door.
#[derive(Clone)]
pub struct Message {
    /// Its name.
    pub operation: String,
    /// What a request would say in its fields: the tenant's host, the credential, the name of the invocation.
    pub headers: HeaderMap,
    /// Its payload.
    pub payload: Bytes,
}

/// The answer to a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageReply {
    /// The status, as over HTTP.
    pub status: u16,
    /// Whether it is an earlier answer given again.
    pub is_replay: bool,
    /// The body.
    pub body: Bytes,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many messages are waiting")]
pub struct Full;

/// Carries commands to the doors of a service.
pub trait Messages: Clone + Send + Sync + 'static {
    /// A message that was taken.
    type Delivery: Delivery;

    /// Sends a message, and gives its answer to whoever waits for it.
    ///
    /// # Errors
    ///
    /// [`Full`] if too many messages are waiting.
    fn send(
        &self,
        message: Message,
    ) -> Result<impl Future<Output = Option<MessageReply>> + Send, Full>;

    /// Takes the next message.
    fn take(&self) -> impl Future<Output = Self::Delivery> + Send;
}

/// A message that was taken. One that is dropped before it was answered is delivered again.
pub trait Delivery: Send + 'static {
    /// The message.
    fn message(&self) -> &Message;

    /// Ends it.
    fn answer(self, reply: MessageReply);
}

/// Without the fields: one of them is a credential.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("operation", &self.operation)
            .finish_non_exhaustive()
    }
}
