//! What a [`TxStore`](crate::TxStore) and its [`Transactions`](crate::Transactions) promise. Each check fails with what the store did wrong.
#![expect(
    clippy::missing_errors_doc,
    reason = "all of them fail with what the store did wrong"
)]

mod commits;
mod histories;
mod meetings;
mod workflows;

pub use self::commits::a_claim_without_an_answer_leaves_no_record;
pub use self::commits::a_commit_keeps_claim_effect_and_answer;
pub use self::commits::a_dropped_transaction_is_whole_or_nothing;
pub use self::commits::a_peek_makes_no_claim;
pub use self::commits::a_rollback_leaves_nothing;
pub use self::commits::answers_come_back_from_transactions;
pub use self::commits::commits_outlive_a_restart;
pub use self::histories::any_history_of_transactions_is_answered_as_apply_says;
pub use self::meetings::a_duplicate_does_not_wait_for_ever;
pub use self::meetings::a_duplicate_takes_the_place_of_a_rollback;
pub use self::meetings::of_twenty_racing_transactions_one_has_its_effect;
pub use self::meetings::t21_what_is_done_is_not_answered_again;
pub use self::meetings::two_racing_transactions_leave_one_effect;
pub use self::workflows::an_ask_past_its_retention_leaves_nothing;
pub use self::workflows::t04_payload_and_operation_are_compared;
pub use self::workflows::t05_its_own_owner_holds_what_the_log_holds;
pub use self::workflows::t20_what_is_past_counts_as_absent_in_transactions;
pub use self::workflows::what_the_log_holds_is_finished_by_its_last_commit;
pub use self::workflows::what_was_never_begun_is_gone;
