//! Work that goes on when its caller leaves.

use core::future::Future;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;

use tokio::sync::oneshot;

/// Polls `work` once, where it is. Unless that ends it, a task of its own goes on with it: between the two nobody can
/// leave, so work that never waits costs no task.
pub(crate) fn spawn_unless_ready(
    work: impl Future<Output = ()> + Send + 'static,
) -> impl Future<Output = ()> + Send {
    // Boxed here: the future of a whole attempt is large, and is moved once.
    let mut work: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(work);
    async move {
        if poll_fn(|cx| Poll::Ready(work.as_mut().poll(cx)))
            .await
            .is_pending()
        {
            drop(tokio::spawn(work));
        }
    }
}

/// Does `work` to its end, whether the caller waits or not. Nothing if the runtime ended before.
pub(crate) fn detached<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Option<T>> + Send {
    let (tell, told) = oneshot::channel();
    let done = spawn_unless_ready(async move {
        // Whoever asked may have left.
        let _unheard = tell.send(work.await);
    });
    async move {
        done.await;
        told.await.ok()
    }
}
