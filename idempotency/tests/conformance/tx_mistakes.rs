//! Each mistake of a store of transactions is found by the check that is named for it, and each check finds at least one.

use skeleton_idempotency::conformance::run_tx;
use skeleton_idempotency::conformance::tx_checks;

use crate::ledger::Ledgers;
use crate::ledger::Meeting;

macro_rules! mistakes {
    ($($mistake:ident => $check:ident,)+) => {
        /// What a store of transactions may do wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum TxMistake { None, $($mistake,)+ }

        /// Every check that found a mistake.
        const FOUND_BY: &[&str] = &[$(stringify!($check),)+];

        $(
            #[expect(non_snake_case, reason = "the test is named after the mistake")]
            #[tokio::test]
            async fn $mistake() {
                let ledgers = |mistake| Ledgers(Meeting::Optimistic, mistake);
                let kept = tx_checks::$check(&ledgers(TxMistake::None)).await;
                assert_eq!(kept, Ok(()));
                let found = tx_checks::$check(&ledgers(TxMistake::$mistake)).await;
                assert!(found.is_err(), "nobody has found it");
            }
        )+
    };
}

mistakes! {
    ForgetsTheRecord => a_commit_keeps_claim_effect_and_answer,
    HasEffectsAtOnce => a_rollback_leaves_nothing,
    WritesClaimsAtOnce => a_claim_without_an_answer_leaves_no_record,
    ClaimsWhenItPeeks => a_peek_makes_no_claim,
    DropsTrailers => answers_come_back_from_transactions,
    CommitsInTwo => a_dropped_transaction_is_whole_or_nothing,
    ForgetsWorkflowsWhenRestarted => commits_outlive_a_restart,
    LetsBothWin => two_racing_transactions_leave_one_effect,
    SaysThatTheLoserWon => of_twenty_racing_transactions_one_has_its_effect,
    WaitsForEver => a_duplicate_does_not_wait_for_ever,
    RemembersRollbacks => a_duplicate_takes_the_place_of_a_rollback,
    AnswersTwice => t21_what_is_done_is_not_answered_again,
    HoldsWorkflowsForAMinute => what_the_log_holds_is_finished_by_its_last_commit,
    TakesTheOwnOwnerForAStranger => t05_its_own_owner_holds_what_the_log_holds,
    CompletesWhatNeverBegan => what_was_never_begun_is_gone,
    ForgetsThePayload => t04_payload_and_operation_are_compared,
    AnswersPastRetention => an_ask_past_its_retention_leaves_nothing,
    CountsWhatIsPast => t20_what_is_past_counts_as_absent_in_transactions,
    ForgetsEpochsPastRetention => any_history_of_transactions_is_answered_as_apply_says,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_without_a_mistake_keeps_all_and_every_check_has_found_one() {
    let report = run_tx(&Ledgers(Meeting::Optimistic, TxMistake::None)).await;
    assert_eq!(report.violations().collect::<Vec<_>>(), []);
    let idle = report.checks().filter(|check| !FOUND_BY.contains(check));
    assert_eq!(idle.collect::<Vec<_>>(), [""; 0]);
}
