//! What a store means: `apply`, over histories.

use core::time::Duration;

use proptest::prelude::*;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Ask;
use skeleton_idempotency::Claim;
use skeleton_idempotency::Completed;
use skeleton_idempotency::Fence;
use skeleton_idempotency::Hold;
use skeleton_idempotency::Record;
use skeleton_idempotency::Reply;
use skeleton_idempotency::State;
use skeleton_idempotency::Verb;
use skeleton_idempotency::apply;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::operation;

use crate::helpers::alice_calls;
use crate::helpers::answer;
use crate::helpers::ask;
use crate::helpers::now;
use crate::helpers::transfer;

fn claim(record: Option<Record>, ask: &Ask, at: Timestamp) -> (Option<Record>, Claim) {
    match apply(record, &Verb::Claim(ask, Hold::Log), at) {
        (record, Reply::Claim(claim)) => (record, claim),
        (_, other) => panic!("a claim was answered {other:?}"),
    }
}

fn complete(
    record: Option<Record>,
    ask: &Ask,
    answer: &Answer,
    at: Timestamp,
) -> (Option<Record>, Completed) {
    match apply(record, &Verb::Complete(ask.key(), Fence::Log, answer), at) {
        (record, Reply::Completed(completed)) => (record, completed),
        (_, other) => panic!("a completion was answered {other:?}"),
    }
}

fn attempt(operation: &Operation, payload: &str) -> Ask {
    ask(&alice_calls().build(), operation, payload)
}

#[test]
fn the_first_claim_is_granted_and_the_second_waits() {
    let (first, second) = (attempt(&transfer(), "1"), attempt(&transfer(), "1"));
    let (record, granted) = claim(None, &first, now());
    let Claim::Granted(grant) = granted else {
        panic!("{granted:?}")
    };
    assert_eq!((grant.epoch(), grant.owner()), (1, first.owner()));
    let (record, waits) = claim(record, &second, now());
    assert_eq!(waits, Claim::Running);
    assert_eq!(
        record.unwrap().state,
        State::HeldByLog {
            owner: first.owner()
        }
    );
}

#[test]
fn its_own_owner_is_granted_again() {
    let first = attempt(&transfer(), "1");
    let (record, granted) = claim(None, &first, now());
    let (again, granted_again) = claim(record.clone(), &first, now());
    assert_eq!(granted, granted_again);
    assert_eq!(record, again);
}

#[test]
fn attack_03_another_payload_or_operation_is_a_mismatch_before_and_after() {
    let first = attempt(&transfer(), "1");
    let (running, _granted) = claim(None, &first, now());
    let (done, stored) = complete(running.clone(), &first, &answer("secret"), now());
    assert_eq!(stored, Completed::Stored);
    for record in [running, done] {
        for other in [
            attempt(&transfer(), "2"),
            attempt(&operation!("close-account"), "1"),
        ] {
            let (kept, reply) = claim(record.clone(), &other, now());
            assert_eq!(reply, Claim::Mismatch);
            assert_eq!(kept, record);
        }
    }
}

#[test]
fn an_answer_needs_a_claim_and_the_first_one_stays() {
    let first = attempt(&transfer(), "1");
    assert_eq!(
        complete(None, &first, &answer("a"), now()),
        (None, Completed::Gone)
    );
    let (record, _granted) = claim(None, &first, now());
    let (record, stored) = complete(record, &first, &answer("a"), now());
    assert_eq!(stored, Completed::Stored);
    let (record, late) = complete(record, &first, &answer("b"), now());
    assert_eq!(late, Completed::AlreadyDone);
    assert_eq!(claim(record, &first, now()).1, Claim::Done(answer("a")));
}

#[test]
fn a_record_past_its_retention_is_as_if_it_were_not_there() {
    let first = attempt(&transfer(), "1");
    let (record, _granted) = claim(None, &first, now());
    let end = first.expires_at();
    let before = Timestamp::from_millis(end.as_millis() - 1);
    let second = attempt(&transfer(), "2");
    assert_eq!(claim(record.clone(), &second, before).1, Claim::Mismatch);
    assert_eq!(
        complete(record.clone(), &first, &answer("a"), end),
        (record.clone(), Completed::Gone)
    );
    // The second is as late as the record: two such attempts must not both run.
    assert_eq!(
        claim(record.clone(), &second, end),
        (record.clone(), Claim::Expired)
    );
    assert_eq!(claim(None, &second, end), (None, Claim::Expired));
    let mut past = record.unwrap();
    past.expires_at = before;
    let (_, granted) = claim(Some(past), &second, before);
    let Claim::Granted(grant) = granted else {
        panic!("{granted:?}")
    };
    assert_eq!((grant.epoch(), grant.owner()), (2, second.owner()));
}

#[derive(Clone, Debug)]
enum Step {
    Claim(usize),
    Complete(u8),
    Wait(u64),
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0_usize..6).prop_map(Step::Claim),
        2 => any::<u8>().prop_map(Step::Complete),
        1 => (0_u64..40_000_000).prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 0..40)
}

proptest! {
    /// P3, P4, P5, P12: over any history, done never changes, epochs grow, and no mismatch and no finished key runs.
    #[test]
    fn laws_03_04_05_12_hold_over_any_history(history in history()) {
        let attempts: Vec<Ask> = ["1", "1", "1", "2", "2", "[1]"].iter().map(|payload| attempt(&transfer(), payload)).collect();
        let (mut record, mut at) = (None::<Record>, now());
        for step in history {
            let before = record.clone().filter(|held| held.expires_at > at);
            match step {
                Step::Wait(millis) => { at = at.saturating_add(Duration::from_millis(millis)); }
                Step::Complete(body) => {
                    record = complete(record, &attempts[0], &answer(&body.to_string()), at).0;
                }
                Step::Claim(number) => {
                    let ask = &attempts[number];
                    let epoch = record.as_ref().map_or(0, |held| held.epoch);
                    let (after, reply) = claim(record.clone(), ask, at);
                    if ask.expires_at() <= at {
                        prop_assert_eq!((&after, &reply), (&record, &Claim::Expired));
                        continue;
                    }
                    let after = after.unwrap();
                    prop_assert!(after.epoch >= epoch);
                    if let Some(held) = &before {
                        prop_assert_eq!(&after, held);
                        let is_same = held.fingerprint == *ask.fingerprint();
                        prop_assert_eq!(!is_same, reply == Claim::Mismatch);
                    }
                    if let Claim::Granted(grant) = &reply {
                        prop_assert_eq!(grant.epoch(), after.epoch);
                        prop_assert_eq!(&after.state, &State::HeldByLog { owner: ask.owner() });
                        prop_assert!(before.is_some() || after.epoch == epoch + 1);
                    } else {
                        prop_assert!(before.is_some());
                    }
                    record = Some(after);
                }
            }
            if let Some(State::Done { .. }) = before.as_ref().map(|held| &held.state) {
                let still = record.as_ref().filter(|held| held.expires_at > at);
                prop_assert!(still.is_none() || still == before.as_ref());
            }
        }
    }
}
