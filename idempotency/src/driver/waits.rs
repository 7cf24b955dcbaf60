//! All that an attempt may wait for, as one thing to wait for.

use core::future::Future;
use core::future::poll_fn;
use core::panic::AssertUnwindSafe;
use core::pin::Pin;
use core::task::Context;
use core::task::Poll;
use std::panic::catch_unwind;

use skeleton_invocation_context::Timestamp;
use tokio::time::Sleep;
use tokio::time::sleep_until;

use super::stopwatch::Stopwatch;
use crate::attempt::Event;
use crate::outcome::End;

/// The question that was asked, the handler that runs, the timer, and the end of the process.
pub(super) struct Waits<'w, A, H, O> {
    pub(super) asked: Pin<&'w mut Option<A>>,
    pub(super) handler: Pin<&'w mut Option<H>>,
    pub(super) over: Pin<&'w mut O>,
    pub(super) timer: Timer<'w>,
    pub(super) is_draining: bool,
}

/// What came first.
pub(super) enum Happened<R> {
    Event(Event),
    /// The handler ended, with what it left; in a panic it leaves nothing.
    Ended(End, Option<R>),
}

impl<A, H, O, R> Waits<'_, A, H, O>
where
    A: Future<Output = Event>,
    H: Future<Output = (End, R)>,
    O: Future<Output = ()>,
{
    pub(super) async fn next(&mut self, wakes_at: Option<Timestamp>) -> Happened<R> {
        poll_fn(|cx| self.poll_next(wakes_at, cx)).await
    }

    fn poll_next(
        &mut self,
        wakes_at: Option<Timestamp>,
        cx: &mut Context<'_>,
    ) -> Poll<Happened<R>> {
        if let Poll::Ready(event) = poll_some(self.asked.as_mut(), cx) {
            self.asked.set(None);
            return Poll::Ready(Happened::Event(event));
        }
        if let Poll::Ready((end, live)) = poll_handler(self.handler.as_mut(), cx) {
            self.handler.set(None);
            return Poll::Ready(Happened::Ended(end, live));
        }
        if self.timer.poll(wakes_at, cx).is_ready() {
            return Poll::Ready(Happened::Event(Event::Tick));
        }
        if !self.is_draining && self.over.as_mut().poll(cx).is_ready() {
            self.is_draining = true;
            return Poll::Ready(Happened::Event(Event::Drain));
        }
        Poll::Pending
    }
}

fn poll_some<F: Future>(future: Pin<&mut Option<F>>, cx: &mut Context<'_>) -> Poll<F::Output> {
    future
        .as_pin_mut()
        .map_or(Poll::Pending, |future| future.poll(cx))
}

/// A panic ends a handler too, without an answer.
fn poll_handler<H, R>(handler: Pin<&mut Option<H>>, cx: &mut Context<'_>) -> Poll<(End, Option<R>)>
where
    H: Future<Output = (End, R)>,
{
    let Some(handler) = handler.as_pin_mut() else {
        return Poll::Pending;
    };
    poll_caught(handler, cx).map(|ended| match ended {
        Some((end, live)) => (end, Some(live)),
        None => (End::Broken, None),
    })
}

/// What a future ends with; nothing if it panics.
pub(super) fn poll_caught<F: Future>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Option<F::Output>> {
    match catch_unwind(AssertUnwindSafe(|| future.poll(cx))) {
        Ok(polled) => polled.map(Some),
        Err(_panic) => Poll::Ready(None),
    }
}

/// The one timer of an attempt. It is set only when nothing else came first.
pub(super) struct Timer<'w> {
    watch: Stopwatch,
    sleep: Pin<&'w mut Option<Sleep>>,
    set_to: Option<Timestamp>,
}

impl<'w> Timer<'w> {
    pub(super) const fn new(watch: Stopwatch, sleep: Pin<&'w mut Option<Sleep>>) -> Self {
        Self {
            watch,
            sleep,
            set_to: None,
        }
    }

    fn poll(&mut self, wakes_at: Option<Timestamp>, cx: &mut Context<'_>) -> Poll<()> {
        if self.set_to != wakes_at {
            self.set_to = wakes_at;
            let sleep = wakes_at.map(|at| sleep_until(self.watch.instant_of(at)));
            self.sleep.set(sleep);
        }
        let rung = poll_some(self.sleep.as_mut(), cx);
        if rung.is_ready() {
            // It rings once: it is set anew, or not at all.
            self.set_to = None;
            self.sleep.set(None);
        }
        rung
    }
}
