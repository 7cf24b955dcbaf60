//! A body on its way from the task that makes it to the connection that sends it.

use core::task::Context;
use core::task::Poll;

use bytes::Bytes;
use http_body::Frame;
use tokio::sync::mpsc;

use super::body::BoxError;

/// How many frames may wait for a slow client.
const DEPTH: usize = 4;

/// The end that sends.
#[derive(Debug)]
pub(super) struct Sender(mpsc::Sender<Result<Frame<Bytes>, BoxError>>);

/// The end that is read. It ends well only after the last frame was passed on.
#[derive(Debug)]
pub(crate) struct Frames {
    queue: mpsc::Receiver<Result<Frame<Bytes>, BoxError>>,
    has_ended: bool,
}

/// The body broke off before its end.
#[derive(Debug, thiserror::Error)]
#[error("the answer broke off before its end")]
struct BrokenOff;

pub(super) fn channel() -> (Sender, Frames) {
    let (sender, queue) = mpsc::channel(DEPTH);
    let has_ended = false;
    (Sender(sender), Frames { queue, has_ended })
}

impl Sender {
    /// Passes a frame on. Whether the client is still there makes no difference to the handler.
    pub(super) async fn pass(&self, frame: Frame<Bytes>) {
        let _gone = self.0.send(Ok(frame)).await;
    }

    /// Passes the last frame on, and ends.
    pub(super) async fn end(self, last: Option<Frame<Bytes>>) {
        if let Some(last) = last {
            self.pass(last).await;
        }
        // A frame of no bytes says that nothing was cut off.
        self.pass(Frame::data(Bytes::new())).await;
    }
}

impl Frames {
    pub(super) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        self.queue.poll_recv(cx).map(|received| match received {
            Some(Ok(frame)) if frame.data_ref().is_some_and(Bytes::is_empty) => {
                self.has_ended = true;
                None
            }
            Some(frame) => Some(frame),
            None => {
                self.has_ended = true;
                Some(Err(BrokenOff.into()))
            }
        })
    }
}
