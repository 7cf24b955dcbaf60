//! The suites that every store must pass: each row of what a store means, under races, restarts and dropped futures.
//!
//! The author of an adapter says how its stores are made, and names the suite in a test:
//!
//! ```
//! # #[cfg(feature = "memory")]
//! # mod tests {
//! use skeleton_idempotency::Capacity;
//! use skeleton_idempotency::MemoryStore;
//! use skeleton_idempotency::conformance::Capabilities;
//! use skeleton_idempotency::conformance::Factory;
//! use skeleton_idempotency::conformance::MovableClock;
//!
//! struct Memory;
//!
//! impl Factory for Memory {
//!     type Store = MemoryStore;
//!
//!     async fn fresh(&self, clock: &MovableClock) -> MemoryStore {
//!         MemoryStore::new(Capacity::mib(64), clock.clone())
//!     }
//!
//!     async fn reopen(&self, store: MemoryStore, _: &MovableClock) -> MemoryStore {
//!         store
//!     }
//!
//!     fn capabilities(&self) -> Capabilities {
//!         Capabilities::new().forgetful()
//!     }
//! }
//!
//! # #[cfg(test)]
//! skeleton_idempotency::conformance_tests!(Memory);
//! # }
//! ```
//!
//! That makes one test per check. The factory is an expression that is evaluated once per test; the store of each check is
//! empty. Whatever a store needs to live, such as its folder, lives in the factory or in the store. The caller's
//! development dependencies have tokio with `macros` and `rt-multi-thread`.
//!
//! A store whose server tells the time says so by [`Capabilities::by_its_own_clock`]: the suite then waits where it would
//! move its clock. Each check is also a function ([`check`]), in [`store_checks`] and [`tx_checks`], which returns what the store did
//! wrong; [`run`] and [`run_tx`] make a table of all of them for the adapter's README.
//!
//! # What is checked of a [`Store`](crate::Store)
//!
//! Numbers with a T are rows of the table of record states, those with a P or an R are the properties that hang on them.
//!
//! | | check | what it looks for |
//! |---|---|---|
//! | T3 | [`t03_the_first_claim_is_granted`](store_checks::t03_the_first_claim_is_granted) | The first claim of a key is granted, as epoch 1, to the attempt that made it |
//! | T4, P5 | [`t04_the_operation_is_compared_after_every_verb`](store_checks::t04_the_operation_is_compared_after_every_verb) | Whoever names another operation is told so, whatever was done to the record before, and sees nothing of it |
//! | T4, P5 | [`t04_the_payload_is_compared_after_every_verb`](store_checks::t04_the_payload_is_compared_after_every_verb) | Whoever brings another payload is told so, whatever was done to the record before, and sees nothing of it |
//! | T5, R1 | [`t05_its_own_owner_is_granted_again`](store_checks::t05_its_own_owner_is_granted_again) | An attempt whose acknowledgement was lost asks again, and holds what it holds: the same epoch, and a lease anew |
//! | T6, T7 | [`t06_a_lease_lasts_to_the_millisecond`](store_checks::t06_a_lease_lasts_to_the_millisecond) | A lease ends at its last millisecond, neither before nor after |
//! | T6 | [`t06_a_live_lease_makes_others_wait`](store_checks::t06_a_live_lease_makes_others_wait) | Nobody else begins while a lease lasts, and is told how long that is |
//! | T7 | [`t07_a_resumable_claim_is_taken_over`](store_checks::t07_a_resumable_claim_is_taken_over) | Once a `Resumable` lease is over, whoever claims goes on, as the next epoch |
//! | T8, T18 | [`t08_a_lapsed_at_most_once_claim_is_in_doubt`](store_checks::t08_a_lapsed_at_most_once_claim_is_in_doubt) | Once an `AtMostOnce` lease is over nobody runs, not even its own attempt: nobody knows what became of it |
//! | T8 | [`t08_a_sweep_finds_the_doubts`](store_checks::t08_a_sweep_finds_the_doubts) | A sweep leaves a doubt where an `AtMostOnce` lease is over, once, and nothing where a `Resumable` one is |
//! | T9 | [`t09_a_heartbeat_extends_the_lease`](store_checks::t09_a_heartbeat_extends_the_lease) | A heartbeat extends the lease from now on, and never cuts it short |
//! | T9 | [`t09_a_late_heartbeat_holds_what_nobody_took`](store_checks::t09_a_late_heartbeat_holds_what_nobody_took) | An attempt that was late, and whose place nobody took, goes on |
//! | T10, R2 | [`t10_a_late_owner_ends_the_doubt`](store_checks::t10_a_late_owner_ends_the_doubt) | Whoever ran into the doubt knows best: its answer ends it, and its heartbeats cancel nothing |
//! | T10 | [`t10_an_answer_is_kept`](store_checks::t10_an_answer_is_kept) | The answer of the grant is kept, though it comes after the lease, and whoever asks is given it |
//! | T11 | [`t11_a_doubt_at_most_once_stays`](store_checks::t11_a_doubt_at_most_once_stays) | What a handler leaves in doubt stays so in `AtMostOnce`, at once and whatever it says of later |
//! | T12 | [`t12_a_doubt_resumable_cuts_the_lease_short`](store_checks::t12_a_doubt_resumable_cuts_the_lease_short) | What a handler leaves in doubt in `Resumable` is free for the next attempt after as long as it says, and never later than without it |
//! | T13, P11 | [`t13_a_release_frees_the_key`](store_checks::t13_a_release_frees_the_key) | Its owner gives a key back, once and again, and ends it no more |
//! | T14 | [`t14_what_was_given_back_may_begin_anew`](store_checks::t14_what_was_given_back_may_begin_anew) | What was given back is granted to a newer attempt, as the next epoch, and its payload and operation may be others |
//! | T15, P14 | [`t15_a_late_copy_is_fenced`](store_checks::t15_a_late_copy_is_fenced) | An attempt that gave the key back, or was granted it before others, is a late copy: it is granted nothing, and told whom it must come after |
//! | T16 | [`t16_a_fence_of_another_payload_is_shown_nothing`](store_checks::t16_a_fence_of_another_payload_is_shown_nothing) | To whoever proves a grant of another payload, no stored answer is shown |
//! | T16, P3 | [`t16_a_stale_end_is_fenced`](store_checks::t16_a_stale_end_is_fenced) | An answer or a doubt with another fence than the last grant's changes nothing, and is shown the answer |
//! | T16, P13 | [`t16_a_stale_heartbeat_is_lost`](store_checks::t16_a_stale_heartbeat_is_lost) | A heartbeat with another fence than the last grant's is lost, extends nothing, and is shown the answer |
//! | T16 | [`t16_a_stale_release_is_fenced`](store_checks::t16_a_stale_release_is_fenced) | A release with another fence than the last grant's frees nothing, and is shown the answer |
//! | T17, P3 | [`t17_what_is_done_does_not_change`](store_checks::t17_what_is_done_does_not_change) | What is done is done: every claim is answered with the first answer, whoever brings another end is told of it, and nothing changes it |
//! | T19 | [`t19_only_a_doubt_is_settled`](store_checks::t19_only_a_doubt_is_settled) | Nothing is settled of what is under way, given back, or done |
//! | T19 | [`t19_what_never_happened_may_run`](store_checks::t19_what_never_happened_may_run) | That nothing happened is believed only after the longest run, and then a newer attempt runs; the one that was in doubt does not, and ends nothing |
//! | T19 | [`t19_what_was_found_done_is_replayed`](store_checks::t19_what_was_found_done_is_replayed) | What was found to be done is replayed from then on, and does not change |
//! | T20 | [`t20_a_sweep_purges_what_is_past`](store_checks::t20_a_sweep_purges_what_is_past) | A sweep purges what is past its retention, whatever its state, and the key may then be used as if it was new |
//! | T20, P12 | [`t20_a_sweep_spares_what_is_alive`](store_checks::t20_a_sweep_spares_what_is_alive) | A sweep spares what must not be forgotten yet: live leases, also past retention, and whatever is in its window |
//! | T20, P12 | [`t20_what_is_past_counts_as_absent`](store_checks::t20_what_is_past_counts_as_absent) | What is past its retention counts as absent, though no sweep was there yet |
//! | · | [`a_claim_past_its_retention_is_refused`](store_checks::a_claim_past_its_retention_is_refused) | An attempt so late that its record would be past retention is refused, and leaves nothing |
//! | · | [`a_doubt_and_a_takeover_wake_who_waits`](store_checks::a_doubt_and_a_takeover_wake_who_waits) | Whoever waits for a run is woken when nobody knows what became of it, and when somebody else goes on with it |
//! | · | [`a_dropped_answer_is_kept_or_not`](store_checks::a_dropped_answer_is_kept_or_not) | An answer whose completion is dropped at any await is kept whole, or not at all, and then its owner may bring it again |
//! | · | [`a_dropped_claim_was_made_or_not`](store_checks::a_dropped_claim_was_made_or_not) | A claim that is dropped at any await was made or not, and its own attempt may ask again |
//! | · | [`a_dropped_heartbeat_was_made_or_not`](store_checks::a_dropped_heartbeat_was_made_or_not) | A heartbeat that is dropped at any await leaves the claim as it was, or extended |
//! | · | [`a_dropped_reconciliation_was_made_or_not`](store_checks::a_dropped_reconciliation_was_made_or_not) | What was found of a doubt, when that is dropped at any await, settles it or not |
//! | · | [`a_dropped_release_was_made_or_not`](store_checks::a_dropped_release_was_made_or_not) | A release that is dropped at any await was made or not |
//! | · | [`a_dropped_sweep_loses_nothing`](store_checks::a_dropped_sweep_loses_nothing) | A sweep that is dropped at any await has done to each record what it should, or nothing, and the next one does the rest |
//! | · | [`a_dropped_takeover_was_made_or_not`](store_checks::a_dropped_takeover_was_made_or_not) | A takeover that is dropped at any await was made or not: no epoch is skipped, and none given twice |
//! | · | [`a_release_wakes_who_waits`](store_checks::a_release_wakes_who_waits) | Whoever waits for a run is woken when it is given back |
//! | · | [`a_restart_forgets_nothing`](store_checks::a_restart_forgets_nothing) | A restart forgets nothing: runs go on under their fences, answers are replayed, doubts stay, and late copies are fenced |
//! | · | [`a_sweep_keeps_to_its_limit`](store_checks::a_sweep_keeps_to_its_limit) | A sweep does no more than it was allowed to, and sweeps enough do all |
//! | · | [`an_answer_wakes_who_waits`](store_checks::an_answer_wakes_who_waits) | Whoever waits for a run is woken when its answer is there |
//! | P2, P10 | [`answers_of_every_form_come_back`](store_checks::answers_of_every_form_come_back) | Statuses, fields that repeat, trailers, and answers whose body was not kept come back as they were, in order |
//! | P2, P10 | [`answers_of_every_size_come_back`](store_checks::answers_of_every_size_come_back) | Bodies of no bytes, of the most that is kept, and of sizes between come back as they were |
//! | · | [`any_history_is_answered_as_apply_says`](store_checks::any_history_is_answered_as_apply_says) | Any history of all verbs is answered as `apply` and `sweep` say |
//! | · | [`callers_clocks_make_no_difference`](store_checks::callers_clocks_make_no_difference) | The store's clock decides: attempts whose callers' clocks are an hour off wait, take over and are replayed to as others |
//! | · | [`no_wake_up_is_lost`](store_checks::no_wake_up_is_lost) | No wake-up is lost on whoever starts to wait in the very moment in which the run ends |
//! | · | [`nobody_waits_for_what_is_over`](store_checks::nobody_waits_for_what_is_over) | Whoever waits for a run that is over does not wait: it is done, given back, in doubt, taken over, or was never there |
//! | P1 | [`of_a_hundred_racers_one_runs`](store_checks::of_a_hundred_racers_one_runs) | Of a hundred attempts at once at a key under a long lease one runs, and the others wait for it |
//! | · | [`other_keys_are_other_records`](store_checks::other_keys_are_other_records) | Other tenants, other events and other operations under other keys never meet |
//! | P4 | [`racers_on_short_leases_have_epochs_of_their_own`](store_checks::racers_on_short_leases_have_epochs_of_their_own) | Of a hundred attempts at once at a key whose leases lapse, none is granted the epoch of another, and for none they do anything but grow |
//! | P4 | [`the_epoch_outlives_release_and_restart`](store_checks::the_epoch_outlives_release_and_restart) | The epoch goes on after every release and after every restart |
//! | · | [`what_was_never_claimed_has_no_end`](store_checks::what_was_never_claimed_has_no_end) | Verbs about a key of which there is no record say so, and leave none |
//!
//! # What is checked of [`Transactions`](crate::Transactions)
//!
//! The factory ([`TxFactory`]) also has effects in the store's transactions, and counts them.
//!
//! | | check | what it looks for |
//! |---|---|---|
//! | T4, P5 | [`t04_payload_and_operation_are_compared`](tx_checks::t04_payload_and_operation_are_compared) | Whoever brings another payload or names another operation is told so, while the log holds it and after |
//! | T5, R1 | [`t05_its_own_owner_holds_what_the_log_holds`](tx_checks::t05_its_own_owner_holds_what_the_log_holds) | The attempt that began a workflow holds it still, as the same epoch |
//! | T20 | [`t20_what_is_past_counts_as_absent_in_transactions`](tx_checks::t20_what_is_past_counts_as_absent_in_transactions) | What is past its retention counts as absent: answers from the log are gone, and the key may be used anew |
//! | T21 | [`t21_what_is_done_is_not_answered_again`](tx_checks::t21_what_is_done_is_not_answered_again) | Whoever answers what is done, or what the log holds, is told to roll back, and nothing changes |
//! | · | [`a_claim_without_an_answer_leaves_no_record`](tx_checks::a_claim_without_an_answer_leaves_no_record) | A claim that holds until its commit writes nothing before its answer: a commit without one leaves the effect alone |
//! | P1 | [`a_commit_keeps_claim_effect_and_answer`](tx_checks::a_commit_keeps_claim_effect_and_answer) | A commit keeps claim, effect and answer, and every repetition is given that answer |
//! | · | [`a_dropped_transaction_is_whole_or_nothing`](tx_checks::a_dropped_transaction_is_whole_or_nothing) | A transaction that is dropped at any await has left all of it, or nothing |
//! | · | [`a_duplicate_does_not_wait_for_ever`](tx_checks::a_duplicate_does_not_wait_for_ever) | A transaction that meets one under way ends: it is given that one's answer, is told that it is under way, or was faster |
//! | · | [`a_duplicate_takes_the_place_of_a_rollback`](tx_checks::a_duplicate_takes_the_place_of_a_rollback) | A transaction that meets one which is then rolled back has its own effect, or is told to come again and has it then |
//! | · | [`a_peek_makes_no_claim`](tx_checks::a_peek_makes_no_claim) | A look at what a claim would be answered makes none |
//! | P1 | [`a_rollback_leaves_nothing`](tx_checks::a_rollback_leaves_nothing) | A rollback leaves nothing, neither effect nor claim nor answer, however far the transaction was |
//! | T20, P1 | [`an_ask_past_its_retention_leaves_nothing`](tx_checks::an_ask_past_its_retention_leaves_nothing) | An attempt whose record would be past its retention leaves nothing, though it began in time: a purge may have been there in between |
//! | P2, P10 | [`answers_come_back_from_transactions`](tx_checks::answers_come_back_from_transactions) | Answers of every size and form come back as they were, from a transaction and from a workflow |
//! | · | [`any_history_of_transactions_is_answered_as_apply_says`](tx_checks::any_history_of_transactions_is_answered_as_apply_says) | Any history of transactions, committed or not, is answered and kept as `apply` says, and their effects with them |
//! | · | [`commits_outlive_a_restart`](tx_checks::commits_outlive_a_restart) | A restart forgets nothing that was committed |
//! | P1 | [`of_twenty_racing_transactions_one_has_its_effect`](tx_checks::of_twenty_racing_transactions_one_has_its_effect) | Of twenty transactions at once at a key one has its effect |
//! | P1 | [`two_racing_transactions_leave_one_effect`](tx_checks::two_racing_transactions_leave_one_effect) | Of two transactions at once at a key one has its effect, and both are given its answer |
//! | T6 | [`what_the_log_holds_is_finished_by_its_last_commit`](tx_checks::what_the_log_holds_is_finished_by_its_last_commit) | What the log holds runs without a lease until its last commit brings the answer, and not before |
//! | · | [`what_was_never_begun_is_gone`](tx_checks::what_was_never_begun_is_gone) | The answer of a workflow that was never begun, or was rolled back, has nowhere to go |
//!
//! Not checked here, as no store shows it by its port: that a connection may be cut around each statement, that a process
//! may be killed, and that the rows of older releases are read.

mod any_factory;
mod checks;
mod clock;
mod factory;
mod interrupted;
mod invocations;
mod random;
mod report;
pub mod store_checks;
mod subject;
mod timekeeper;
pub mod tx_checks;
mod tx_subject;
mod violation;

pub use self::any_factory::AnyFactory;
pub use self::clock::MovableClock;
pub use self::factory::Capabilities;
pub use self::factory::Factory;
pub use self::factory::TxFactory;
pub use self::report::Checking;
pub use self::report::Report;
pub use self::report::check;
pub use self::report::run;
pub use self::report::run_tx;
pub use self::violation::Violation;

/// Makes a test of everything that a [`Store`](crate::Store) promises: `conformance_tests!(factory)`, in a module of its
/// own. See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! conformance_tests {
    ($factory:expr) => {
        $crate::__conformance_checks! { tests $factory }
    };
}

/// Makes a test of everything that [`Transactions`](crate::Transactions) promise: `conformance_tx_tests!(factory)`, in a
/// module of its own. See [`conformance`](crate::conformance).
#[macro_export]
macro_rules! conformance_tx_tests {
    ($factory:expr) => {
        $crate::__conformance_checks! { tx tests $factory }
    };
}
