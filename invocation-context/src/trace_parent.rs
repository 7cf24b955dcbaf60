//! W3C Trace Context: the header `traceparent`, version 00, level 2.

use core::fmt;
use core::num::NonZeroU64;
use core::num::NonZeroU128;
use core::str::FromStr;

use crate::trace::Trace;

/// Why a text is not a `traceparent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of W3C Trace Context")]
pub struct TraceParentError(());

/// The value of a `traceparent` header ([W3C Trace Context](https://www.w3.org/TR/trace-context-2/)).
///
/// The originating id of an invocation *is* its trace id; the last 8 bytes of the current id are the parent id. Ids
/// are random, so the random flag is always set on what is written here.
///
/// ```
/// use skeleton_invocation_context::TraceParent;
///
/// let text = "00-01a207e7524f1c59ba2dde83458bfed0-cdc83011ac8efe12-03";
/// let read: TraceParent = text.parse()?;
/// assert!(read.is_sampled());
/// assert_eq!(read.to_string(), text);
/// # Ok::<(), skeleton_invocation_context::TraceParentError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TraceParent {
    trace_id: NonZeroU128,
    parent_id: NonZeroU64,
    flags: u8,
}

const SAMPLED: u8 = 0b01;
const RANDOM: u8 = 0b10;

impl TraceParent {
    /// How this hop appears to the services it calls.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let current = u128::from_be_bytes(trace.current().to_bytes());
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the last 8 bytes are meant"
        )]
        let low = NonZeroU64::new(current as u64);
        let sampled = if trace.is_sampled() { SAMPLED } else { 0 };
        Self {
            trace_id: trace.originating().as_u128(),
            // Only a source of ids that is not random ends one in 8 zero bytes; the standard forbids a parent of zero.
            parent_id: low.unwrap_or(NonZeroU64::MIN),
            flags: RANDOM | sampled,
        }
    }

    /// The trace, 16 bytes in network order.
    #[must_use]
    pub const fn trace_id(&self) -> [u8; 16] {
        self.trace_id.get().to_be_bytes()
    }

    /// The caller's span, 8 bytes in network order.
    #[must_use]
    pub const fn parent_id(&self) -> [u8; 8] {
        self.parent_id.get().to_be_bytes()
    }

    /// Whether the caller records the trace.
    #[must_use]
    pub const fn is_sampled(&self) -> bool {
        self.flags & SAMPLED != 0
    }

    /// Whether the last 7 bytes of the trace id are random.
    #[must_use]
    pub const fn is_random(&self) -> bool {
        self.flags & RANDOM != 0
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    /// Reads a value of version 00, or the known part of a later version. Flags that are not known are dropped.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        read(text.as_bytes()).ok_or(TraceParentError(()))
    }
}

fn read(text: &[u8]) -> Option<TraceParent> {
    let (version, rest) = hex(text, 2)?;
    let (trace_id, rest) = hex(rest.strip_prefix(b"-")?, 32)?;
    let (parent_id, rest) = hex(rest.strip_prefix(b"-")?, 16)?;
    let (flags, rest) = hex(rest.strip_prefix(b"-")?, 2)?;
    let ends = match version {
        0 => rest.is_empty(),
        0xff => false,
        _ => rest.is_empty() || rest.starts_with(b"-"),
    };
    let flags = u8::try_from(flags).ok()? & (SAMPLED | RANDOM);
    ends.then_some(TraceParent {
        trace_id: NonZeroU128::new(trace_id)?,
        parent_id: NonZeroU64::new(u64::try_from(parent_id).ok()?)?,
        flags,
    })
}

/// The number in the first `digits` bytes, which are lower-case hexadecimal digits, and what follows them.
fn hex(text: &[u8], digits: usize) -> Option<(u128, &[u8])> {
    let (head, rest) = text.split_at_checked(digits)?;
    let mut number = 0_u128;
    for byte in head {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'f' => byte - b'a' + 10,
            _ => return None,
        };
        number = number << 4 | u128::from(digit);
    }
    Some((number, rest))
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            trace_id,
            parent_id,
            flags,
        } = self;
        write!(f, "00-{trace_id:032x}-{parent_id:016x}-{flags:02x}")
    }
}
