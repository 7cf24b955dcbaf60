//! Every check by its name, once: the tests and the report are made of these lists.

/// The tests of a store, or the rows of its report.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_checks {
    ($then:ident $factory:expr) => {
        $crate::__conformance_checks! { @$then store_checks, $factory;
            answers_of_every_form_come_back,
            answers_of_every_size_come_back,
            callers_clocks_make_no_difference,
            other_keys_are_other_records,
            t03_the_first_claim_is_granted,
            t05_its_own_owner_is_granted_again,
            t06_a_lease_lasts_to_the_millisecond,
            t06_a_live_lease_makes_others_wait,
            t07_a_resumable_claim_is_taken_over,
            t08_a_lapsed_at_most_once_claim_is_in_doubt,
            t14_what_was_given_back_may_begin_anew,
            t15_a_late_copy_is_fenced,
            t17_what_is_done_does_not_change,
            t19_only_a_doubt_is_settled,
            t19_what_never_happened_may_run,
            t19_what_was_found_done_is_replayed,
            a_dropped_answer_is_kept_or_not,
            a_dropped_claim_was_made_or_not,
            a_dropped_heartbeat_was_made_or_not,
            a_dropped_reconciliation_was_made_or_not,
            a_dropped_release_was_made_or_not,
            a_dropped_sweep_loses_nothing,
            a_dropped_takeover_was_made_or_not,
            t09_a_heartbeat_extends_the_lease,
            t09_a_late_heartbeat_holds_what_nobody_took,
            t10_a_late_owner_ends_the_doubt,
            t10_an_answer_is_kept,
            t11_a_doubt_at_most_once_stays,
            t12_a_doubt_resumable_cuts_the_lease_short,
            t13_a_release_frees_the_key,
            t16_a_stale_end_is_fenced,
            t16_a_stale_heartbeat_is_lost,
            t16_a_stale_release_is_fenced,
            what_was_never_claimed_has_no_end,
            any_history_is_answered_as_apply_says,
            t04_the_operation_is_compared_after_every_verb,
            t04_the_payload_is_compared_after_every_verb,
            t16_a_fence_of_another_payload_is_shown_nothing,
            of_a_hundred_racers_one_runs,
            racers_on_short_leases_have_epochs_of_their_own,
            a_restart_forgets_nothing,
            the_epoch_outlives_release_and_restart,
            a_claim_past_its_retention_is_refused,
            a_sweep_keeps_to_its_limit,
            t08_a_sweep_finds_the_doubts,
            t20_a_sweep_purges_what_is_past,
            t20_a_sweep_spares_what_is_alive,
            t20_what_is_past_counts_as_absent,
            a_doubt_and_a_takeover_wake_who_waits,
            a_release_wakes_who_waits,
            an_answer_wakes_who_waits,
            no_wake_up_is_lost,
            nobody_waits_for_what_is_over,
        }
    };
    (tx $then:ident $factory:expr) => {
        $crate::__conformance_checks! { @$then tx_checks, $factory;
            a_claim_without_an_answer_leaves_no_record,
            a_commit_keeps_claim_effect_and_answer,
            a_dropped_transaction_is_whole_or_nothing,
            a_peek_makes_no_claim,
            a_rollback_leaves_nothing,
            answers_come_back_from_transactions,
            commits_outlive_a_restart,
            any_history_of_transactions_is_answered_as_apply_says,
            a_duplicate_does_not_wait_for_ever,
            a_duplicate_takes_the_place_of_a_rollback,
            of_twenty_racing_transactions_one_has_its_effect,
            t21_what_is_done_is_not_answered_again,
            two_racing_transactions_leave_one_effect,
            an_ask_past_its_retention_leaves_nothing,
            t04_payload_and_operation_are_compared,
            t05_its_own_owner_holds_what_the_log_holds,
            t20_what_is_past_counts_as_absent_in_transactions,
            what_the_log_holds_is_finished_by_its_last_commit,
            what_was_never_begun_is_gone,
        }
    };
    (@tests store_checks, $factory:expr; $($check:ident,)+) => { $(
        #[::tokio::test(flavor = "multi_thread")]
        async fn $check() -> ::core::result::Result<(), $crate::conformance::Violation> {
            $crate::conformance::check(&$factory, ::core::stringify!($check)).await
        }
    )+ };
    (@tests tx_checks, $factory:expr; $($check:ident,)+) => { $(
        #[::tokio::test(flavor = "multi_thread")]
        async fn $check() -> ::core::result::Result<(), $crate::conformance::Violation> {
            $crate::conformance::tx_checks::$check(&$factory).await
        }
    )+ };
    (@names $checks:ident, $factory:expr; $($check:ident,)+) => {
        [$(::core::stringify!($check),)+]
    };
    (@found $checks:ident, $asked:expr; $($check:ident,)+) => {{
        let (factory, name) = $asked;
        match name {
            $(::core::stringify!($check) => {
                ::std::boxed::Box::pin($crate::conformance::$checks::$check(factory))
            })+
            name => ::std::boxed::Box::pin(::core::future::ready(::core::result::Result::Err(
                $crate::conformance::Violation::no_such_check(name),
            ))),
        }
    }};
    (@report $checks:ident, $factory:expr; $($check:ident,)+) => {{
        let mut report = $crate::conformance::Report::default();
        $(
            let kept = ::std::boxed::Box::pin($crate::conformance::$checks::$check($factory)).await;
            report.add(::core::stringify!($check), kept);
        )+
        report
    }};
}
