//! How long a repetition is recognised, told from the time inside the invocation's id.

use core::time::Duration;

use skeleton_invocation_context::Timestamp;

use crate::key::IdempotencyKey;

const HOUR: u64 = 3_600;

/// The acceptance window: a key from before it was purged and must not run again; one from after it would
/// outlive its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    edge: Duration,
    flow: Duration,
    skew: Duration,
    max_run: Duration,
}

impl Default for Window {
    fn default() -> Self {
        Self {
            edge: Duration::from_secs(24 * HOUR),
            flow: Duration::from_secs(7 * 24 * HOUR),
            skew: Duration::from_secs(5 * 60),
            max_run: Duration::from_secs(15 * 60),
        }
    }
}

impl Window {
    /// How long after its id was made an invocation of a client may be repeated; 24 hours by default.
    #[must_use]
    pub const fn with_edge(self, edge: Duration) -> Self {
        Self { edge, ..self }
    }

    /// The same for calls within a flow and for reactions to events, whose consumers may lag; 7 days by default.
    #[must_use]
    pub const fn with_flow(self, flow: Duration) -> Self {
        Self { flow, ..self }
    }

    /// The largest difference of two clocks; 5 minutes by default.
    #[must_use]
    pub const fn with_skew(self, skew: Duration) -> Self {
        Self { skew, ..self }
    }

    /// The longest that an attempt may run; 15 minutes by default.
    #[must_use]
    pub const fn with_max_run(self, max_run: Duration) -> Self {
        Self { max_run, ..self }
    }

    /// The longest that an attempt may run.
    #[must_use]
    pub const fn max_run(&self) -> Duration {
        self.max_run
    }

    /// The shorter one of the two windows.
    #[must_use]
    pub fn shortest(&self) -> Duration {
        self.edge.min(self.flow)
    }

    /// Whether an invocation of that key may still run, or be recognised, at `now`.
    #[must_use]
    pub fn accepts(&self, key: &IdempotencyKey, now: Timestamp) -> bool {
        let made = key.made_at();
        made >= now.saturating_sub(self.of(key)) && made <= now.saturating_add(self.skew)
    }

    /// Until when the record of that key is kept: longer than any repetition is accepted.
    #[must_use]
    pub fn expires_at(&self, key: &IdempotencyKey) -> Timestamp {
        let life = self
            .of(key)
            .saturating_add(self.skew)
            .saturating_add(self.max_run);
        key.made_at().saturating_add(life)
    }

    /// The window of that key.
    #[must_use]
    pub const fn of(&self, key: &IdempotencyKey) -> Duration {
        if key.is_in_flow() {
            self.flow
        } else {
            self.edge
        }
    }
}
