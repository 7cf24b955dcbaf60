//! Each mistake is found by the check that is named for it, and each check finds at least one.

use skeleton_idempotency::conformance::check;
use skeleton_idempotency::conformance::run;
use skeleton_idempotency::conformance::store_checks;

use crate::mistaken::With;

macro_rules! mistakes {
    ($($mistake:ident => $check:ident,)+) => {
        /// What a store may do wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Mistake { None, $($mistake,)+ }

        /// Every check that found a mistake.
        const FOUND_BY: &[&str] = &[$(stringify!($check),)+];

        $(
            #[expect(non_snake_case, reason = "the test is named after the mistake")]
            #[tokio::test]
            async fn $mistake() {
                let kept = check(&With(Mistake::None), stringify!($check)).await;
                assert_eq!(kept, Ok(()));
                let found = check(&With(Mistake::$mistake), stringify!($check)).await;
                assert!(found.is_err(), "nobody has found it");
            }
        )+
    };
}

mistakes! {
    CountsEpochsFromZero => t03_the_first_claim_is_granted,
    ForgetsTheTenant => other_keys_are_other_records,
    ForgetsThePayload => t04_the_payload_is_compared_after_every_verb,
    ForgetsThePayloadOnHeartbeats => t04_the_payload_is_compared_after_every_verb,
    ForgetsTheOperation => t04_the_operation_is_compared_after_every_verb,
    TakesTheOwnOwnerForAStranger => t05_its_own_owner_is_granted_again,
    GrantsOverLiveLeases => t06_a_live_lease_makes_others_wait,
    EndsLeasesTooLate => t06_a_lease_lasts_to_the_millisecond,
    NeverTakesOver => t07_a_resumable_claim_is_taken_over,
    TakesOverAtMostOnce => t08_a_lapsed_at_most_once_claim_is_in_doubt,
    FindsNoDoubts => t08_a_sweep_finds_the_doubts,
    ShortensLeases => t09_a_heartbeat_extends_the_lease,
    LosesLateHeartbeats => t09_a_late_heartbeat_holds_what_nobody_took,
    RefusesLateAnswers => t10_an_answer_is_kept,
    RefusesLateOwners => t10_a_late_owner_ends_the_doubt,
    ReleasesDoubts => t11_a_doubt_at_most_once_stays,
    LeavesLeasesAsTheyAre => t12_a_doubt_resumable_cuts_the_lease_short,
    ForgetsReleases => t13_a_release_frees_the_key,
    ReopensReleases => t13_a_release_frees_the_key,
    ComparesWhatWasReleased => t14_what_was_given_back_may_begin_anew,
    GrantsLateCopies => t15_a_late_copy_is_fenced,
    ForgetsTheFenceOnHeartbeats => t16_a_stale_heartbeat_is_lost,
    ForgetsTheFenceOnAnswers => t16_a_stale_end_is_fenced,
    ForgetsTheFenceOnReleases => t16_a_stale_release_is_fenced,
    ShowsAnswersToOtherPayloads => t16_a_fence_of_another_payload_is_shown_nothing,
    OverwritesAnswers => t17_what_is_done_does_not_change,
    ReconcilesAnyEpoch => t19_what_was_found_done_is_replayed,
    BelievesNothingTooEarly => t19_what_never_happened_may_run,
    ReconcilesWhatRuns => t19_only_a_doubt_is_settled,
    PurgesTooEarly => t20_a_sweep_spares_what_is_alive,
    PurgesLiveLeases => t20_a_sweep_spares_what_is_alive,
    PurgesNothing => t20_a_sweep_purges_what_is_past,
    CountsWhatIsPast => t20_what_is_past_counts_as_absent,
    GrantsPastRetention => a_claim_past_its_retention_is_refused,
    SweepsWithoutLimit => a_sweep_keeps_to_its_limit,
    MakesRecordsOfNothing => what_was_never_claimed_has_no_end,
    BelievesCallersClocks => callers_clocks_make_no_difference,
    CutsBodies => answers_of_every_size_come_back,
    DropsTrailers => answers_of_every_form_come_back,
    KeepsRepeatedFieldsOnce => answers_of_every_form_come_back,
    TakesTombstonesForEmptyBodies => answers_of_every_form_come_back,
    ReadsThenWrites => of_a_hundred_racers_one_runs,
    ForgetsEpochsOnRelease => the_epoch_outlives_release_and_restart,
    ForgetsEpochsWhenRestarted => the_epoch_outlives_release_and_restart,
    ForgetsDoubtsWhenRestarted => a_restart_forgets_nothing,
    ClaimsInTwo => a_dropped_claim_was_made_or_not,
    TakesOverInTwo => a_dropped_takeover_was_made_or_not,
    BeatsInTwo => a_dropped_heartbeat_was_made_or_not,
    AnswersInTwo => a_dropped_answer_is_kept_or_not,
    ReleasesInTwo => a_dropped_release_was_made_or_not,
    ReconcilesInTwo => a_dropped_reconciliation_was_made_or_not,
    SweepsInTwo => a_dropped_sweep_loses_nothing,
    SleepsOn => an_answer_wakes_who_waits,
    WakesNobodyOnAnswers => an_answer_wakes_who_waits,
    WakesNobodyOnRelease => a_release_wakes_who_waits,
    WakesNobodyOnDoubt => a_doubt_and_a_takeover_wake_who_waits,
    WaitsForTheNextChange => nobody_waits_for_what_is_over,
    SubscribesTooLate => no_wake_up_is_lost,
    ForgetsEpochsPastRetention => any_history_is_answered_as_apply_says,
}

/// Two checks that see the same mistakes.
#[tokio::test]
async fn claims_that_read_and_then_write_give_epochs_twice() {
    let racers = store_checks::racers_on_short_leases_have_epochs_of_their_own;
    assert!(racers(&With(Mistake::ReadsThenWrites)).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_without_a_mistake_keeps_all_and_every_check_has_found_one() {
    let report = run(&With(Mistake::None)).await;
    assert_eq!(report.violations().collect::<Vec<_>>(), []);
    let idle = report
        .checks()
        .filter(|check| !FOUND_BY.contains(check))
        .collect::<Vec<_>>();
    assert_eq!(idle, ["racers_on_short_leases_have_epochs_of_their_own"]);
}
