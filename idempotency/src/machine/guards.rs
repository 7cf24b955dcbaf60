//! The guards of the machine, by name.

/// A condition without which something is promised that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Guard {
    /// Nobody else begins while a lease lasts.
    LiveLease,
    /// A lease that is over leaves a doubt, unless the mode resumes.
    Doubt,
    /// Only the last grant beats.
    FenceOnBeat,
    /// Only the last grant ends it.
    FenceOnComplete,
    /// Only the last grant gives it back.
    FenceOnRelease,
    /// What is done does not change.
    DoneIsFinal,
    /// Another payload is told so.
    Fingerprint,
    /// Another operation is told so.
    Operation,
    /// The epoch goes on after a release.
    EpochOutlivesRelease,
    /// An attempt whose acknowledgement was lost holds what it holds.
    OwnOwner,
    /// An attempt that gave the key back is granted it no more.
    LateCopy,
    /// Whoever ran into the doubt may end it.
    LateOwner,
    /// What was found out counts only after the longest run.
    ReconcileWaits,
    /// Whether a transaction was the first is decided when it commits.
    CommitDecides,
    /// A record that would be past its retention is not made.
    Retention,
    /// Nothing is purged before its retention is over.
    PurgeWaits,
}

impl Guard {
    /// All of them.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 16] = [
        Self::LiveLease,
        Self::Doubt,
        Self::FenceOnBeat,
        Self::FenceOnComplete,
        Self::FenceOnRelease,
        Self::DoneIsFinal,
        Self::Fingerprint,
        Self::Operation,
        Self::EpochOutlivesRelease,
        Self::OwnOwner,
        Self::LateCopy,
        Self::LateOwner,
        Self::ReconcileWaits,
        Self::CommitDecides,
        Self::Retention,
        Self::PurgeWaits,
    ];
}

/// The guards that are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Guards(u32);

impl Guards {
    /// As it is.
    pub(crate) const ALL: Self = Self(u32::MAX);

    /// All but one.
    #[cfg(test)]
    pub(crate) const fn without(guard: Guard) -> Self {
        Self(!(1 << guard as u32))
    }

    pub(crate) const fn has(self, guard: Guard) -> bool {
        self.0 & (1 << guard as u32) != 0
    }
}
