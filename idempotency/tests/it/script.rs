//! Bodies whose frames are written down, and gates that tests open.

use core::future::Future;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use core::task::ready;
use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use axum::body::Bytes;
use axum::http::HeaderMap;
use http_body::Body;
use http_body::Frame;
use http_body::SizeHint;
use tokio::sync::Semaphore;

/// What a body does next.
#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Data(Bytes),
    Trailers(HeaderMap),
    Breaks,
    /// The next piece comes when the gate is open.
    Waits(Gate),
}

/// A body that does what is written down.
pub(crate) struct Script {
    pieces: VecDeque<Piece>,
    says_length: bool,
    waiting: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Script {
    /// A body that says how long it is.
    pub(crate) fn known(pieces: impl IntoIterator<Item = Piece>) -> Self {
        Self {
            pieces: pieces.into_iter().collect(),
            says_length: true,
            waiting: None,
        }
    }

    /// A body that does not.
    pub(crate) fn unknown(pieces: impl IntoIterator<Item = Piece>) -> Self {
        let says_length = false;
        Self {
            says_length,
            ..Self::known(pieces)
        }
    }
}

pub(crate) fn data(bytes: impl Into<Bytes>) -> Piece {
    Piece::Data(bytes.into())
}

pub(crate) fn trailers(pairs: &[(&'static str, &str)]) -> Piece {
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    Piece::Trailers(pairs.collect())
}

impl Body for Script {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            if let Some(waiting) = &mut self.waiting {
                ready!(waiting.as_mut().poll(cx));
                self.waiting = None;
            }
            return Poll::Ready(match self.pieces.pop_front() {
                None => None,
                Some(Piece::Data(bytes)) => Some(Ok(Frame::data(bytes))),
                Some(Piece::Trailers(fields)) => Some(Ok(Frame::trailers(fields))),
                Some(Piece::Breaks) => Some(Err(io::ErrorKind::ConnectionReset.into())),
                Some(Piece::Waits(gate)) => {
                    self.waiting = Some(Box::pin(async move { gate.pass().await }));
                    continue;
                }
            });
        }
    }

    fn size_hint(&self) -> SizeHint {
        if !self.says_length {
            return SizeHint::default();
        }
        let length = |piece: &Piece| match piece {
            Piece::Data(bytes) => u64::try_from(bytes.len()).unwrap(),
            _ => 0,
        };
        SizeHint::with_exact(self.pieces.iter().map(length).sum())
    }
}

/// A gate that is shut until it is opened, and knows how many stood before it.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    open: Arc<Semaphore>,
    came: Arc<AtomicUsize>,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            open: Arc::new(Semaphore::new(0)),
            came: Arc::default(),
        }
    }
}

impl Gate {
    pub(crate) async fn pass(&self) {
        self.came.fetch_add(1, Ordering::SeqCst);
        let _passed = self.open.acquire().await.unwrap();
    }

    pub(crate) fn open(&self) {
        self.open.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    /// How many came so far.
    pub(crate) fn came(&self) -> usize {
        self.came.load(Ordering::SeqCst)
    }

    /// Returns when that many have come.
    pub(crate) async fn reached(&self, by: usize) {
        until(|| self.came() >= by).await;
    }
}

/// Lets the other tasks work until it is so, while time stands still.
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    for _ in 0..100_000 {
        if is_so() {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("it never came to be so");
}

/// Counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Count(Arc<AtomicUsize>);

impl Count {
    /// One more; the first is 1.
    pub(crate) fn add(&self) -> usize {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }

    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}
