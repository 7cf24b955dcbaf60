//! What an author holds in her own right: the measure of every rule that she may make.

use std::sync::Arc;

use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::Reach;

use super::Holding;
use super::Snapshot;
use super::rows::Row;
use crate::catalogue::PermissionId;

/// The powers of an author: direct, unmasked, unconditional. Guardrails are left aside: they forbid the use, and what
/// was given below one stays what it was when the guardrail is lifted.
pub(crate) struct Powers(Option<Arc<Holding>>);

impl Snapshot {
    /// The powers of the actor; none for whoever acts as or for somebody else, or by a narrowed credential.
    pub(crate) fn powers(&self) -> Powers {
        let actor = self.0.ctx.actor();
        let effective = actor.effective_account().id();
        let is_direct = actor.authorizing_account().id() == effective
            && actor.accountable_account().id() == effective;
        let is_whole = self.0.ceiling.is_none() && self.0.attenuations.is_empty();
        Powers((is_direct && is_whole).then(|| Arc::clone(&self.0.own)))
    }
}

impl Powers {
    /// Until when a permission is held over all that a grant of this reach gives at a container, however the tree grows:
    /// `Some(None)` for ever, `None` not now.
    ///
    /// What lies below is held by what reaches down from there or from above, and never by the sum of what is held at
    /// each container that lies there today.
    pub(crate) fn over(
        &self,
        permission: PermissionId,
        reach: Reach,
        at: Node<'_>,
    ) -> Option<Option<Timestamp>> {
        let here = || self.longest(permission, |row| row.reaches(at.pre()));
        let below = || {
            self.longest(permission, |row| {
                let covers = (row.at..=row.last).contains(&at.pre());
                covers && row.grant.reach() != Reach::SelfOnly
            })
        };
        match reach {
            Reach::SelfOnly => here(),
            Reach::BelowOnly => below(),
            Reach::SelfAndBelow => {
                here().zip(below()).map(
                    |(here, below)| {
                        if outlasts(here, below) { below } else { here }
                    },
                )
            }
        }
    }

    /// The end of what lasts longest among the rows that hold a permission and suit.
    fn longest(
        &self,
        permission: PermissionId,
        suits: impl Fn(&Row) -> bool,
    ) -> Option<Option<Timestamp>> {
        let open = self.0.iter().flat_map(|held| held.open());
        let holding = open.filter(|row| {
            let holds = row.role.permissions().contains(permission);
            holds && suits(row)
        });
        let ends = holding.map(|row| row.grant.window().until());
        ends.reduce(|one, other| if outlasts(one, other) { one } else { other })
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
