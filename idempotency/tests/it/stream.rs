//! Bodies that do not say how long they are: they pass while they are made, and their end waits for the record.

use core::time::Duration;

use axum::body::Bytes;
use axum::http::Response;
use http_body::Body;
use http_body_util::BodyExt;
use proptest::prelude::*;
use skeleton_idempotency::GuardedBody;
use skeleton_idempotency::MAX_BODY;
use skeleton_idempotency::Mode;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use tokio::time::advance;
use tokio::time::timeout;
use tower::ServiceExt;

use crate::script::Gate;
use crate::script::Piece;
use crate::script::Script;
use crate::script::data;
use crate::script::trailers;
use crate::script::until;
use crate::stage::Door;
use crate::stage::Seen;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::read;
use crate::stage::send;

fn streams(stage: &Stage, mode: Mode, pieces: Vec<Piece>) -> Door {
    stage.door(mode, move |_| {
        let pieces = pieces.clone();
        async move { Response::new(Script::unknown(pieces)) }
    })
}

async fn next(response: &mut Response<GuardedBody<Script>>) -> Bytes {
    response
        .body_mut()
        .frame()
        .await
        .unwrap()
        .unwrap()
        .into_data()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn frames_pass_before_the_handler_ends_and_the_last_one_waits_for_the_record() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let pieces = vec![
        data("a"),
        data("b"),
        Piece::Waits(gate.clone()),
        data("c"),
        data("d"),
    ];
    let door = streams(&stage, Mode::AtMostOnce, pieces);
    stage.faults().hold(StoreCall::Complete, Moment::Before);
    let mut response = door.clone().oneshot(call(1, "{}")).await.unwrap();
    assert_eq!(next(&mut response).await, "a");
    gate.open();
    assert_eq!(next(&mut response).await, "b");
    assert_eq!(next(&mut response).await, "c");
    until(|| stage.faults().calls(StoreCall::Complete) == 1).await;
    let last = timeout(Duration::from_secs(1), next(&mut response)).await;
    assert!(last.is_err(), "the last frame left before the record");
    stage.faults().let_go();
    assert_eq!(next(&mut response).await, "d");
    assert!(response.body_mut().frame().await.is_none());
    let again = send(&door, call(1, "{}")).await;
    assert_eq!(again.gist(), (200, b"abcd".as_slice(), Some("true")));
}

#[tokio::test(start_paused = true)]
async fn law_02_whoever_saw_the_end_of_a_stream_can_replay_it() {
    for pieces in [
        vec![],
        vec![data("")],
        vec![data("a")],
        vec![data("a"), data(""), data("b")],
        vec![data("a"), trailers(&[("grpc-status", "0")])],
        vec![trailers(&[("grpc-status", "5")])],
        vec![data(vec![1; MAX_BODY - 1]), data("a")],
    ] {
        let stage = Stage::new();
        let door = streams(&stage, Mode::Resumable, pieces);
        let first = send(&door, call(1, "{}")).await;
        let again = send(&door, call(1, "{}")).await;
        assert_eq!((first.broke, first.replayed()), (false, None));
        assert_eq!(again.replayed(), Some("true"));
        assert_eq!((first.body, first.trailers), (again.body, again.trailers));
    }
}

#[tokio::test(start_paused = true)]
async fn attack_18_a_stream_past_the_cap_leaves_a_tombstone_and_arrives_whole() {
    let stage = Stage::new();
    let door = streams(
        &stage,
        Mode::AtMostOnce,
        vec![data(vec![1; MAX_BODY]), data("a"), data("b")],
    );
    let first = send(&door, call(1, "{}")).await;
    assert_eq!((first.body.len(), first.broke), (MAX_BODY + 2, false));
    let again = send(&door, call(1, "{}")).await;
    assert_eq!(again.gist(), (200, b"".as_slice(), Some("body-omitted")));
}

#[tokio::test(start_paused = true)]
async fn attack_18_a_stream_that_breaks_breaks_for_its_caller_and_leaves_a_tombstone() {
    for before in 0..6 {
        let stage = Stage::new();
        let mut pieces = vec![data("x"); before];
        pieces.push(Piece::Breaks);
        let door = streams(&stage, Mode::AtMostOnce, pieces);
        let first = send(&door, call(1, "{}")).await;
        assert!(first.broke, "{before}: {first:?}");
        let again = send(&door, call(1, "{}")).await;
        assert_eq!(again.gist(), (200, b"".as_slice(), Some("body-omitted")));
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_caller_leaves_is_made_to_its_end_and_recorded() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let mut pieces = vec![data("a"), Piece::Waits(gate.clone())];
    pieces.extend(vec![data("b"); 20]);
    let door = streams(&stage, Mode::AtMostOnce, pieces);
    let response = door.clone().oneshot(call(1, "{}")).await.unwrap();
    drop(response);
    gate.open();
    until(|| stage.tracker.running() == 0).await;
    let again = send(&door, call(1, "{}")).await;
    assert_eq!((again.body.len(), again.replayed()), (21, Some("true")));
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_record_cannot_be_made_does_not_end_well() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let stage = Stage::new();
        let door = streams(&stage, mode, vec![data("a"), data("b")]);
        stage.faults().fail_all(StoreCall::Complete, Moment::Before);
        let first = send(&door, call(1, "{}")).await;
        assert!(
            first.broke,
            "whoever saw success could not replay it: {first:?}"
        );
        assert_eq!(first.body, "a");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_whose_handler_panics_breaks_off() {
    let (stage, gate) = (Stage::new(), Gate::default());
    let door = streams(
        &stage,
        Mode::Resumable,
        vec![data("a"), data("b"), Piece::Waits(gate)],
    );
    let response = door.clone().oneshot(call(1, "{}")).await.unwrap();
    let reading = tokio::spawn(read(response));
    // The longest run ends it.
    advance(Duration::from_secs(15 * 60)).await;
    assert!(reading.await.unwrap().broke);
}

/// A caller who reads nothing holds up her own answer, and not a place that others need.
#[tokio::test(start_paused = true)]
async fn attack_14_a_caller_who_does_not_read_keeps_no_place_for_ever() {
    let stage = Stage::new();
    let door = streams(&stage, Mode::AtMostOnce, vec![data("x"); 20]);
    let unread = door.clone().oneshot(call(1, "{}")).await.unwrap();
    let freed = async {
        while stage.tracker.running() > 0 {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    };
    // Twice the longest run.
    let freed = timeout(Duration::from_secs(30 * 60), freed).await;
    assert!(
        freed.is_ok(),
        "it still holds a place after twice the longest run"
    );
    drop(unread);
}

/// The same at the very end: the record is made, and only the last frames wait.
#[tokio::test(start_paused = true)]
async fn attack_14_a_caller_who_does_not_read_the_end_keeps_no_place_for_ever() {
    let stage = Stage::new();
    let door = streams(&stage, Mode::AtMostOnce, vec![data("x"); 5]);
    let unread = door.clone().oneshot(call(1, "{}")).await.unwrap();
    until(|| stage.faults().calls(StoreCall::Complete) == 1).await;
    let freed = async {
        while stage.tracker.running() > 0 {
            tokio::time::sleep(Duration::from_secs(60)).await;
        }
    };
    let freed = timeout(Duration::from_secs(30 * 60), freed).await;
    assert!(
        freed.is_ok(),
        "it still holds a place after twice the longest run"
    );
    drop(unread);
}

#[tokio::test(start_paused = true)]
async fn a_stream_does_not_claim_to_be_at_its_end() {
    let stage = Stage::new();
    let door = streams(&stage, Mode::AtMostOnce, vec![data("a")]);
    let response = door.oneshot(call(1, "{}")).await.unwrap();
    assert!(!response.body().is_end_stream());
    assert_eq!(response.body().size_hint().exact(), None);
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        6 => prop::collection::vec(any::<u8>(), 0..40).prop_map(data),
        1 => Just(data(vec![7; MAX_BODY / 2])),
    ]
}

async fn both(says_length: bool, pieces: Vec<Piece>) -> (Seen, Seen) {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, move |_| {
        let pieces = pieces.clone();
        async move {
            Response::new(if says_length {
                Script::known(pieces)
            } else {
                Script::unknown(pieces)
            })
        }
    });
    (
        send(&door, call(1, "{}")).await,
        send(&door, call(1, "{}")).await,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// P10, attack 18: whatever the frames, a replay is the first answer, or says that it has no body.
    #[test]
    fn law_10_a_replay_is_the_first_answer_or_a_tombstone(
        says_length in any::<bool>(),
        mut pieces in prop::collection::vec(piece(), 0..8),
        ends_in_trailers in any::<bool>(),
        breaks_at in prop::option::of(0_usize..9),
    ) {
        if ends_in_trailers {
            pieces.push(trailers(&[("grpc-status", "0"), ("grpc-message", "ok")]));
        }
        if let Some(at) = breaks_at {
            pieces.insert(at.min(pieces.len()), Piece::Breaks);
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let (first, again) = runtime.block_on(both(says_length, pieces));
        prop_assert_eq!(first.broke, breaks_at.is_some());
        prop_assert_eq!((again.status, again.broke), (200, false));
        let is_tombstone = first.broke || first.body.len() > MAX_BODY;
        if is_tombstone {
            prop_assert_eq!(again.gist(), (200, b"".as_slice(), Some("body-omitted")));
            prop_assert!(again.trailers.is_none());
        } else {
            prop_assert_eq!(again.replayed(), Some("true"));
            prop_assert_eq!((first.body, first.trailers), (again.body, again.trailers));
        }
    }
}
