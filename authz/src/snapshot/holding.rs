//! What an account's grants say in one tree by one catalogue, until a window opens or closes.

use std::borrow::Cow;

use super::rows::Row;
use super::spans::Span;
use super::spans::Spans;
use crate::access::During;
use crate::grant::Grant;

/// The grants of an account where they stand, the closed ones too, and what the open ones give together.
pub(crate) struct Holding {
    pub(super) rows: Vec<Row>,
    pub(super) given: Spans,
}

impl Holding {
    pub(super) fn of(rows: Vec<Row>) -> Self {
        let open = rows.iter().filter(|row| row.is_open);
        let spans = open.map(|row| {
            let (first, last) = row.interval();
            let set = Cow::Borrowed(row.role.permissions());
            Span { first, last, set }
        });
        let given = Spans::of(spans.collect());
        Self { rows, given }
    }

    pub(super) fn open(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(|row| row.is_open)
    }
}

/// From when until when grants count as they do at an instant.
pub(super) fn during<'g>(
    grants: impl Iterator<Item = &'g Grant>,
    now: skeleton_invocation_context::Timestamp,
) -> During {
    let windows = grants.map(Grant::window);
    let edges = windows.flat_map(|window| [window.from(), window.until()]);
    During::between(edges.flatten(), now)
}
