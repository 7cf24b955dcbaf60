//! What a piece of code wrote to the log.

use core::fmt;
use core::fmt::Write as _;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use ::tracing::Dispatch;
use ::tracing::Event;
use ::tracing::Metadata;
use ::tracing::Subscriber;
use ::tracing::field::Field;
use ::tracing::field::Visit;
use ::tracing::span;
use ::tracing::subscriber::with_default;

/// Runs `code` and returns its result, and every span, event and field that it recorded on this thread, one line each.
///
/// Under it `Span::current()` is none: record into the span itself.
pub fn capture_logs<T>(code: impl FnOnce() -> T) -> (T, String) {
    // While it is the only subscriber, another thread that comes to an event first switches it off for everybody.
    let _another = Dispatch::new(Capture::default());
    let capture = Capture::default();
    let lines = Arc::clone(&capture.lines);
    let result = with_default(capture, code);
    let text = lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    (result, text)
}

/// A subscriber that keeps everything as text.
#[derive(Default)]
struct Capture {
    lines: Arc<Mutex<String>>,
    spans: AtomicU64,
}

impl Capture {
    fn line(&self, what: &str, name: &str, record: impl FnOnce(&mut Fields<'_>)) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing into memory does not fail.
        let _written = write!(lines, "{what} {name}");
        record(&mut Fields(&mut lines));
        lines.push('\n');
    }
}

impl Subscriber for Capture {
    fn enabled(&self, _metadata: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        let name = attributes.metadata().name();
        self.line("span", name, |fields| attributes.record(fields));
        span::Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _span: &span::Id, values: &span::Record<'_>) {
        self.line("record", "", |fields| values.record(fields));
    }

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        self.line("event", event.metadata().name(), |fields| {
            event.record(fields)
        });
    }

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

struct Fields<'l>(&'l mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing into memory does not fail.
        let _written = write!(self.0, " {}={value:?}", field.name());
    }
}
