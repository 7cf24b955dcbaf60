//! Where the span of an invocation is entered and left.

use core::convert::Infallible;
use core::future::poll_fn;
use core::pin::pin;
use core::task::Context;
use core::task::Poll;
use core::task::Waker;
use std::sync::Arc;
use std::sync::Mutex;

use http::Request;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::tower::SpanLayer;
use tower::Layer;
use tower::Service;
use tower::service_fn;
use tracing::Event;
use tracing::Metadata;
use tracing::Subscriber;
use tracing::info;
use tracing::span;
use tracing::subscriber::with_default;

use crate::helpers::anonymous;

/// A subscriber that knows how deep in spans it is.
#[derive(Clone, Default)]
struct Stack(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    spans: Vec<&'static Metadata<'static>>,
    entered: Vec<u64>,
    /// How deep each event was in the spans.
    depths: Vec<usize>,
}

impl Subscriber for Stack {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &span::Attributes<'_>) -> span::Id {
        let mut seen = self.0.lock().unwrap();
        seen.spans.push(span.metadata());
        span::Id::from_u64(seen.spans.len() as u64)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        let mut seen = self.0.lock().unwrap();
        let depth = seen.entered.len();
        seen.depths.push(depth);
    }

    fn enter(&self, span: &span::Id) {
        self.0.lock().unwrap().entered.push(span.into_u64());
    }

    fn exit(&self, span: &span::Id) {
        let left = self.0.lock().unwrap().entered.pop();
        assert_eq!(left, Some(span.into_u64()));
    }
}

/// A request of this context, through the layer, to a handler that waits once; an event before and after each step.
fn walk(ctx: Option<InvocationContext>) {
    let mut service = SpanLayer::new().layer(service_fn(|_: Request<()>| {
        info!("called");
        let mut has_waited = false;
        poll_fn(move |_| {
            info!("polled");
            if core::mem::replace(&mut has_waited, true) {
                Poll::Ready(Ok::<_, Infallible>(()))
            } else {
                Poll::Pending
            }
        })
    }));
    let mut request = Request::new(());
    if let Some(ctx) = ctx {
        request.extensions_mut().insert(ctx);
    }
    let mut context = Context::from_waker(Waker::noop());
    info!("outside");
    let mut future = pin!(service.call(request));
    for is_ready in [false, true] {
        info!("outside");
        assert_eq!(future.as_mut().poll(&mut context).is_ready(), is_ready);
    }
    info!("outside");
}

fn seen(ctx: Option<InvocationContext>) -> Seen {
    // Run before, so that no other thread decides about these events first.
    walk(ctx.clone());
    let stack = Stack::default();
    with_default(stack.clone(), || walk(ctx));
    core::mem::take(&mut *stack.0.lock().unwrap())
}

#[test]
fn call_and_every_poll_are_inside_of_the_span_and_nothing_else_is() {
    let seen = seen(Some(anonymous()));
    assert_eq!(seen.depths, [0, 1, 0, 1, 0, 1, 0]);
    assert_eq!(seen.entered, [] as [u64; 0]);
    let [invocation] = seen.spans[..] else {
        panic!("one span");
    };
    assert_eq!(invocation.name(), "invocation");
}

#[test]
fn without_a_context_nothing_is_entered() {
    let seen = seen(None);
    assert_eq!(seen.depths, [0; 7]);
    assert!(seen.spans.is_empty());
}
