//! Which calls of a store fail, are held back, or take their time.

use core::time::Duration;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::Notify;

/// What is called of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreCall {
    /// [`Store::claim`](crate::Store::claim).
    Claim,
    /// [`Store::heartbeat`](crate::Store::heartbeat).
    Heartbeat,
    /// [`Store::complete`](crate::Store::complete).
    Complete,
    /// [`Store::release`](crate::Store::release).
    Release,
    /// [`Store::reconcile`](crate::Store::reconcile).
    Reconcile,
    /// [`Store::sweep`](crate::Store::sweep).
    Sweep,
    /// [`TxStore::claim_in`](crate::TxStore::claim_in).
    ClaimIn,
    /// [`TxStore::finish_in`](crate::TxStore::finish_in).
    FinishIn,
    /// [`TxStore::complete_in`](crate::TxStore::complete_in).
    CompleteIn,
    /// [`Transactions::begin`](crate::Transactions::begin).
    Begin,
    /// [`Transactions::commit`](crate::Transactions::commit).
    Commit,
    /// [`Transactions::peek`](crate::Transactions::peek).
    Peek,
}

/// When something goes wrong with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "it was done, or it was not")]
pub enum Moment {
    /// It was not done.
    Before,
    /// It was done, and its acknowledgement got lost.
    After,
}

/// What goes wrong with the calls of a [`FaultStore`](super::FaultStore). Clones are one plan, which may change at any time.
#[derive(Clone, Default)]
pub struct Faults(Arc<Shared>);

#[derive(Default)]
struct Shared {
    plan: Mutex<Plan>,
    changed: Notify,
}

#[derive(Default)]
struct Plan {
    calls: HashMap<StoreCall, u64>,
    /// The call of that number.
    single: Vec<(StoreCall, u64, Moment)>,
    lasting: Vec<(StoreCall, Moment)>,
    held: Vec<(StoreCall, Moment)>,
    late: HashMap<StoreCall, Duration>,
    dice: Option<Dice>,
    is_down: bool,
    is_transient: bool,
}

/// What is to happen to one call.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fate {
    pub(super) fails: Option<Moment>,
    pub(super) late_by: Duration,
}

impl Faults {
    /// Lets the next such call fail.
    pub fn fail_next(&self, call: StoreCall, moment: Moment) {
        self.fail_nth(call, 1, moment);
    }

    /// Lets the n-th such call from now fail; the next one is the first.
    pub fn fail_nth(&self, call: StoreCall, nth: u64, moment: Moment) {
        let mut plan = self.plan();
        let number = plan
            .calls
            .get(&call)
            .copied()
            .unwrap_or_default()
            .saturating_add(nth);
        plan.single.push((call, number, moment));
    }

    /// Lets every such call fail, until the plan is [healed](Self::heal).
    pub fn fail_all(&self, call: StoreCall, moment: Moment) {
        self.plan().lasting.push((call, moment));
    }

    /// Lets every call fail before it is done: nobody can have the store.
    pub fn go_down(&self) {
        self.plan().is_down = true;
    }

    /// Lets so many of a thousand calls fail, before or after they are done. One seed is one sequence.
    pub fn fail_at_random(&self, seed: u64, per_mille: u16) {
        self.plan().dice = Some(Dice {
            state: seed,
            per_mille: u64::from(per_mille),
        });
    }

    /// Lets nothing fail any more. What is held or late stays so.
    pub fn heal(&self) {
        let mut plan = self.plan();
        plan.single.clear();
        plan.lasting.clear();
        plan.dice = None;
        plan.is_down = false;
    }

    /// Holds such calls back, before they are done or before they are acknowledged.
    pub fn hold(&self, call: StoreCall, moment: Moment) {
        self.plan().held.push((call, moment));
    }

    /// Lets go whatever is held back, and holds back nothing more.
    pub fn let_go(&self) {
        self.plan().held.clear();
        self.0.changed.notify_waiters();
    }

    /// Lets the acknowledgement of every such call be late.
    pub fn be_late(&self, call: StoreCall, by: Duration) {
        self.plan().late.insert(call, by);
    }

    /// Lets what fails count as transient: a transaction is done again then.
    pub fn be_transient(&self) {
        self.plan().is_transient = true;
    }

    /// How many such calls came so far, those that failed included.
    #[must_use]
    pub fn calls(&self, call: StoreCall) -> u64 {
        self.plan().calls.get(&call).copied().unwrap_or_default()
    }

    pub(super) fn is_transient(&self) -> bool {
        self.plan().is_transient
    }

    /// Counts a call, and decides what happens to it.
    pub(super) fn fate(&self, call: StoreCall) -> Fate {
        let mut plan = self.plan();
        let count = plan.calls.entry(call).or_default();
        *count = count.saturating_add(1);
        let number = *count;
        let single = plan
            .single
            .iter()
            .find(|(of, nth, _)| (*of, *nth) == (call, number));
        let single = single.map(|(_, _, moment)| *moment);
        let lasting = plan.lasting.iter().find(|(of, _)| *of == call);
        let lasting = lasting.map(|(_, moment)| *moment);
        let is_down = plan.is_down.then_some(Moment::Before);
        let rolled = plan.dice.as_mut().and_then(Dice::roll);
        Fate {
            fails: is_down.or(single).or(lasting).or(rolled),
            late_by: plan.late.get(&call).copied().unwrap_or_default(),
        }
    }

    /// Waits for as long as such calls are held back.
    pub(super) async fn held(&self, call: StoreCall, moment: Moment) {
        loop {
            let changed = self.0.changed.notified();
            if !self.plan().held.contains(&(call, moment)) {
                return;
            }
            changed.await;
        }
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.0.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl core::fmt::Debug for Faults {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let plan = self.plan();
        f.debug_struct("Faults")
            .field("calls", &plan.calls)
            .field("is_down", &plan.is_down)
            .finish_non_exhaustive()
    }
}

/// The numbers of SplitMix64.
struct Dice {
    state: u64,
    per_mille: u64,
}

impl Dice {
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    fn roll(&mut self) -> Option<Moment> {
        if self.next() % 1_000 >= self.per_mille {
            return None;
        }
        Some(if self.next().is_multiple_of(2) {
            Moment::Before
        } else {
            Moment::After
        })
    }
}
