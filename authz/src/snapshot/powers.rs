//! What an author holds in her own right: the measure of every rule that she may make.

use skeleton_invocation_context::Timestamp;

use super::Snapshot;
use super::intervals::Intervals;
use super::rows::Row;
use crate::catalogue::PermissionId;

/// The powers of an author: direct, unmasked, unconditional. Guardrails are left aside: they forbid the use, and what
/// was given below one stays what it was when the guardrail is lifted.
pub(crate) struct Powers(Vec<Row>);

impl Snapshot {
    /// The powers of the actor; none for whoever acts as or for somebody else, or by a narrowed credential.
    pub(crate) fn powers(&self) -> Powers {
        let actor = self.0.ctx.actor();
        let effective = actor.effective_account().id();
        let is_direct = actor.authorizing_account().id() == effective
            && actor.accountable_account().id() == effective;
        let is_whole = self.0.ceiling.is_none() && self.0.attenuations.is_empty();
        let mut rows = if is_direct && is_whole {
            self.0.take_rows()
        } else {
            Vec::new()
        };
        rows.retain(|row| row.is_open);
        Powers(rows)
    }
}

impl Powers {
    /// Until when a permission is held over a whole interval of positions: `Some(None)` for ever, `None` not now.
    pub(crate) fn over(
        &self,
        permission: PermissionId,
        (first, last): (u32, u32),
    ) -> Option<Option<Timestamp>> {
        let holding = self
            .0
            .iter()
            .filter(|row| row.role.permissions().contains(permission));
        let holding: Vec<&Row> = holding.collect();
        let covers = |until: Option<Timestamp>| {
            let long = holding
                .iter()
                .filter(|row| outlasts(row.grant.window().until(), until));
            Intervals::of(long.map(|row| row.interval())).covers(first, last)
        };
        if covers(None) {
            return Some(None);
        }
        let mut ends: Vec<_> = holding
            .iter()
            .filter_map(|row| row.grant.window().until())
            .collect();
        ends.sort_unstable();
        ends.into_iter()
            .rev()
            .find(|end| covers(Some(*end)))
            .map(Some)
    }
}

/// Whether what ends at `one` is there as long as what ends at `other`; `None` never ends.
pub(crate) fn outlasts(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    match (one, other) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(one), Some(other)) => one >= other,
    }
}
