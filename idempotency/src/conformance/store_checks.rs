//! What a [`Store`](crate::Store) promises. Each check fails with what the store did wrong.
#![expect(
    clippy::missing_errors_doc,
    reason = "all of them fail with what the store did wrong"
)]

mod answers;
mod claims;
mod doubts;
mod dropped;
mod ends;
mod histories;
mod payloads;
mod races;
mod restarts;
mod retention;
mod waiting;

pub use self::answers::answers_of_every_form_come_back;
pub use self::answers::answers_of_every_size_come_back;
pub use self::claims::callers_clocks_make_no_difference;
pub use self::claims::other_keys_are_other_records;
pub use self::claims::t03_the_first_claim_is_granted;
pub use self::claims::t05_its_own_owner_is_granted_again;
pub use self::claims::t06_a_lease_lasts_to_the_millisecond;
pub use self::claims::t06_a_live_lease_makes_others_wait;
pub use self::claims::t07_a_resumable_claim_is_taken_over;
pub use self::claims::t08_a_lapsed_at_most_once_claim_is_in_doubt;
pub use self::claims::t14_what_was_given_back_may_begin_anew;
pub use self::claims::t15_a_late_copy_is_fenced;
pub use self::claims::t17_what_is_done_does_not_change;
pub use self::doubts::t19_only_a_doubt_is_settled;
pub use self::doubts::t19_what_never_happened_may_run;
pub use self::doubts::t19_what_was_found_done_is_replayed;
pub use self::dropped::a_dropped_answer_is_kept_or_not;
pub use self::dropped::a_dropped_claim_was_made_or_not;
pub use self::dropped::a_dropped_heartbeat_was_made_or_not;
pub use self::dropped::a_dropped_reconciliation_was_made_or_not;
pub use self::dropped::a_dropped_release_was_made_or_not;
pub use self::dropped::a_dropped_sweep_loses_nothing;
pub use self::dropped::a_dropped_takeover_was_made_or_not;
pub use self::ends::t09_a_heartbeat_extends_the_lease;
pub use self::ends::t09_a_late_heartbeat_holds_what_nobody_took;
pub use self::ends::t10_a_late_owner_ends_the_doubt;
pub use self::ends::t10_an_answer_is_kept;
pub use self::ends::t11_a_doubt_at_most_once_stays;
pub use self::ends::t12_a_doubt_resumable_cuts_the_lease_short;
pub use self::ends::t13_a_release_frees_the_key;
pub use self::ends::t16_a_stale_end_is_fenced;
pub use self::ends::t16_a_stale_heartbeat_is_lost;
pub use self::ends::t16_a_stale_release_is_fenced;
pub use self::ends::what_was_never_claimed_has_no_end;
pub use self::histories::any_history_is_answered_as_apply_says;
pub use self::payloads::t04_the_operation_is_compared_after_every_verb;
pub use self::payloads::t04_the_payload_is_compared_after_every_verb;
pub use self::payloads::t16_a_fence_of_another_payload_is_shown_nothing;
pub use self::races::of_a_hundred_racers_one_runs;
pub use self::races::racers_on_short_leases_have_epochs_of_their_own;
pub use self::restarts::a_restart_forgets_nothing;
pub use self::restarts::the_epoch_outlives_release_and_restart;
pub use self::retention::a_claim_past_its_retention_is_refused;
pub use self::retention::a_sweep_keeps_to_its_limit;
pub use self::retention::t08_a_sweep_finds_the_doubts;
pub use self::retention::t20_a_sweep_purges_what_is_past;
pub use self::retention::t20_a_sweep_spares_what_is_alive;
pub use self::retention::t20_what_is_past_counts_as_absent;
pub use self::waiting::a_doubt_and_a_takeover_wake_who_waits;
pub use self::waiting::a_release_wakes_who_waits;
pub use self::waiting::an_answer_wakes_who_waits;
pub use self::waiting::no_wake_up_is_lost;
pub use self::waiting::nobody_waits_for_what_is_over;
