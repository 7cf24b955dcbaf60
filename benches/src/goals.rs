//! What is aimed at: which figure is held against which, and how far it may go.

mod authz;
mod context;
mod idempotency;
mod tree;

/// Every goal, in the order in which it is reported.
pub fn all() -> impl Iterator<Item = &'static Goal> {
    let first = context::GOALS.iter().chain(tree::GOALS);
    first.chain(authz::GOALS).chain(idempotency::GOALS)
}

/// What a goal compares.
#[derive(Clone, Copy, Debug)]
pub enum Bar {
    /// Ours over another row of the same run, at most this.
    Ratio {
        /// The row it is held against: `group/row`.
        against: &'static str,
        /// The most.
        at_most: f64,
    },
    /// Ours over the fastest of some other rows of the same run, at most this.
    Best {
        /// The rows it is held against: `group/row`.
        rows: &'static [&'static str],
        /// The most.
        at_most: f64,
    },
    /// The slowest of some rows of the same run over the fastest of them, at most this. Each row's name ends with the
    /// number that is swept.
    Flat {
        /// The rows: `group/row/number`.
        rows: &'static [&'static str],
        /// The most.
        at_most: f64,
    },
    /// What ours adds to a floor over what another row of the same run adds to it, at most this.
    Added {
        /// The row it is held against: `group/row`.
        against: &'static str,
        /// The row that both stand on.
        floor: &'static str,
        /// The most.
        at_most: f64,
    },
    /// What ours adds to a floor, at most so many nanoseconds.
    Over {
        /// The row that it stands on.
        floor: &'static str,
        /// The most.
        at_most: f64,
    },
    /// A time, at most so many nanoseconds.
    Nanos(f64),
    /// An exact count, at most this.
    Count(u64),
}

/// One goal.
#[derive(Clone, Copy, Debug)]
pub struct Goal {
    /// Its id in the design.
    pub id: &'static str,
    /// What is measured, in words.
    pub what: &'static str,
    /// Our row: `group/row` of criterion, or the id of what a bench noted itself. What is swept has several and names none here.
    pub ours: &'static str,
    /// How far it may go.
    pub bar: Bar,
}

const fn ratio(
    id: &'static str,
    what: &'static str,
    ours: &'static str,
    against: &'static str,
    at_most: f64,
) -> Goal {
    Goal {
        id,
        what,
        ours,
        bar: Bar::Ratio { against, at_most },
    }
}

const fn best(
    id: &'static str,
    what: &'static str,
    ours: &'static str,
    rows: &'static [&'static str],
    at_most: f64,
) -> Goal {
    Goal {
        id,
        what,
        ours,
        bar: Bar::Best { rows, at_most },
    }
}

/// Of the rows the first is ours, the second is held against it, and both stand on the third.
const fn added(
    id: &'static str,
    what: &'static str,
    [ours, against, floor]: [&'static str; 3],
    at_most: f64,
) -> Goal {
    Goal {
        id,
        what,
        ours,
        bar: Bar::Added {
            against,
            floor,
            at_most,
        },
    }
}

const fn over(
    id: &'static str,
    what: &'static str,
    ours: &'static str,
    floor: &'static str,
    at_most: f64,
) -> Goal {
    Goal {
        id,
        what,
        ours,
        bar: Bar::Over { floor, at_most },
    }
}

const fn nanos(id: &'static str, what: &'static str, ours: &'static str, at_most: f64) -> Goal {
    Goal {
        id,
        what,
        ours,
        bar: Bar::Nanos(at_most),
    }
}

const fn count(id: &'static str, what: &'static str, at_most: u64) -> Goal {
    Goal {
        id,
        what,
        ours: id,
        bar: Bar::Count(at_most),
    }
}

const fn flat(
    id: &'static str,
    what: &'static str,
    rows: &'static [&'static str],
    at_most: f64,
) -> Goal {
    Goal {
        id,
        what,
        ours: "",
        bar: Bar::Flat { rows, at_most },
    }
}
