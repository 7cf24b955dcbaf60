//! What the author of an adapter tells the suites.

use core::future::Future;
use core::time::Duration;

use super::clock::MovableClock;
use crate::store::Store;
use crate::store::Transactions;

/// Makes stores for [`conformance_tests!`](crate::conformance_tests).
pub trait Factory: Send + Sync + 'static {
    /// The adapter's store.
    type Store: Store;

    /// A store without records: a table, a prefix or a database of its own. It tells the time by `clock`, unless its
    /// server does ([`Capabilities::by_its_own_clock`]).
    fn fresh(&self, clock: &MovableClock) -> impl Future<Output = Self::Store> + Send;

    /// The same records after a restart. A store that forgets them ([`Capabilities::forgetful`]) is never asked.
    fn reopen(
        &self,
        store: Self::Store,
        clock: &MovableClock,
    ) -> impl Future<Output = Self::Store> + Send;

    /// What the store can, and what it cannot.
    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
    }
}

/// Makes stores for [`conformance_tx_tests!`](crate::conformance_tx_tests), and has effects in their database.
pub trait TxFactory: Clone + Send + Sync + 'static {
    /// The adapter's transaction.
    type Tx: Send + 'static;
    /// The adapter's store.
    type Store: Transactions<Self::Tx>;

    /// A store without records, in a database without effects. As [`Factory::fresh`].
    fn fresh(&self, clock: &MovableClock) -> impl Future<Output = Self::Store> + Send;

    /// The same records and effects after a restart. As [`Factory::reopen`].
    fn reopen(
        &self,
        store: Self::Store,
        clock: &MovableClock,
    ) -> impl Future<Output = Self::Store> + Send;

    /// Has an effect within `tx`, such as a row of that number.
    fn effect(
        &self,
        store: &Self::Store,
        tx: &mut Self::Tx,
        number: u32,
    ) -> impl Future<Output = Result<(), <Self::Store as crate::TxStore<Self::Tx>>::Error>> + Send;

    /// The numbers of all effects that were committed, in any order.
    fn effects(&self, store: &Self::Store) -> impl Future<Output = Vec<u32>> + Send;

    /// What the store can, and what it cannot.
    fn capabilities(&self) -> Capabilities {
        Capabilities::new()
    }
}

/// What a store can: it outlives restarts, tells the time by the suite's clock, and purges when it is swept, unless it says
/// otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Capabilities {
    is_durable: bool,
    has_own_clock: bool,
    purges_itself: bool,
    patience: Duration,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::new()
    }
}

impl Capabilities {
    /// Durable, by the suite's clock, purged by sweeps, and with 30 seconds for each verb.
    pub const fn new() -> Self {
        Self {
            is_durable: true,
            has_own_clock: false,
            purges_itself: false,
            patience: Duration::from_secs(30),
        }
    }

    /// A restart forgets the records: what should outlive it is not checked.
    pub const fn forgetful(self) -> Self {
        Self {
            is_durable: false,
            ..self
        }
    }

    /// The time is that of the store's server, which must agree with this machine's to within a second. The suite waits
    /// where it would move its clock, and looks less closely at leases.
    pub const fn by_its_own_clock(self) -> Self {
        Self {
            has_own_clock: true,
            ..self
        }
    }

    /// Records go by themselves when their retention is over: what sweeps purge is not counted.
    pub const fn purging_by_itself(self) -> Self {
        Self {
            purges_itself: true,
            ..self
        }
    }

    /// How long a verb may take, and how long [`Store::changed`] may sleep on once a run has ended.
    pub const fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Whether records outlive a restart.
    #[must_use]
    pub const fn is_durable(&self) -> bool {
        self.is_durable
    }

    /// Whether the store tells the time by a clock that the suite cannot move.
    #[must_use]
    pub const fn has_own_clock(&self) -> bool {
        self.has_own_clock
    }

    /// Whether records go by themselves.
    #[must_use]
    pub const fn purges_itself(&self) -> bool {
        self.purges_itself
    }

    /// How long a verb may take.
    #[must_use]
    pub const fn patience(&self) -> Duration {
        self.patience
    }
}
