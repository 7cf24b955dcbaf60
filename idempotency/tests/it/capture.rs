//! What is kept of an answer: bodies that say how long they are.

use core::time::Duration;

use async_trait::async_trait;
use axum::body::Bytes;
use axum::http::HeaderValue;
use axum::http::Response;
use http_body::Body;
use skeleton_idempotency::Answer;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::MAX_BODY;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use skeleton_idempotency::PolicyError;
use skeleton_idempotency::Reconstruct;
use skeleton_idempotency::ReplayAs;
use skeleton_idempotency::Signal;
use skeleton_idempotency::testing::Moment;
use skeleton_idempotency::testing::StoreCall;
use tower::ServiceExt;

use crate::helpers::answer;
use crate::script::Count;
use crate::script::Piece;
use crate::script::Script;
use crate::script::data;
use crate::script::trailers;
use crate::script::until;
use crate::stage::Seen;
use crate::stage::Stage;
use crate::stage::call;
use crate::stage::ok;
use crate::stage::send;
use crate::stage::sending;

/// What the first caller and a repetition see of an answer of these pieces.
async fn twice(pieces: Vec<Piece>) -> (Seen, Seen) {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, move |_| {
        let pieces = pieces.clone();
        async move {
            let mut response = Response::new(Script::known(pieces));
            response
                .headers_mut()
                .insert("etag", HeaderValue::from_static("1"));
            response
        }
    });
    (
        send(&door, call(1, "{}")).await,
        send(&door, call(1, "{}")).await,
    )
}

#[tokio::test(start_paused = true)]
async fn law_02_frames_of_a_known_length_are_replayed_as_one_body() {
    for pieces in [
        vec![],
        vec![data("")],
        vec![data("a")],
        vec![data(""), data("a"), data(""), data("bc"), data("")],
        vec![data(vec![7; MAX_BODY - 1]), data("a")],
    ] {
        let (first, again) = twice(pieces).await;
        assert!(!first.broke && !again.broke);
        assert_eq!(first.body, again.body);
        assert_eq!(again.replayed(), Some("true"));
        assert_eq!(again.field("etag"), Some("1"));
    }
}

#[tokio::test(start_paused = true)]
async fn trailers_that_may_be_kept_are_replayed_after_the_body() {
    let sent = trailers(&[("grpc-status", "0"), ("x-sum", "7"), ("set-cookie", "a")]);
    for pieces in [vec![data("a"), sent.clone()], vec![sent]] {
        let (first, again) = twice(pieces).await;
        assert_eq!(first.trailers.unwrap().len(), 3);
        let replayed = again.trailers.unwrap();
        assert_eq!(
            (replayed.len(), &replayed["grpc-status"]),
            (1, &HeaderValue::from(0))
        );
        assert_eq!(again.body, first.body);
    }
}

#[tokio::test(start_paused = true)]
async fn attack_18_an_answer_past_the_cap_is_sent_whole_and_replayed_without_its_body() {
    let (first, again) = twice(vec![data(vec![1; MAX_BODY]), data("a")]).await;
    assert_eq!(
        (first.body.len(), first.replayed(), first.broke),
        (MAX_BODY + 1, None, false)
    );
    assert_eq!(again.gist(), (200, b"".as_slice(), Some("body-omitted")));
    assert_eq!(again.field("etag"), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn law_02_an_answer_past_the_cap_leaves_after_its_record() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async { ok(vec![1; MAX_BODY + 1]) });
    stage.faults().hold(StoreCall::Complete, Moment::Before);
    let first = sending(&door, call(1, "{}"));
    until(|| stage.faults().calls(StoreCall::Complete) == 1).await;
    tokio::task::yield_now().await;
    assert!(!first.is_finished());
    stage.faults().let_go();
    assert_eq!(first.await.unwrap().body.len(), MAX_BODY + 1);
    let record = send(&door, call(1, "{}")).await;
    assert_eq!(record.replayed(), Some("body-omitted"));
    assert_eq!(stage.signals.count(|heard| *heard == Signal::Tombstone), 1);
}

#[tokio::test(start_paused = true)]
async fn attack_18_a_body_that_breaks_is_never_replayed_cut() {
    let pieces = vec![data("ab"), data("cd"), Piece::Breaks];
    let (first, again) = twice(pieces).await;
    assert!(first.broke);
    assert_eq!(again.gist(), (200, b"".as_slice(), Some("body-omitted")));
}

struct Anew(Count);

#[async_trait]
impl Reconstruct for Anew {
    async fn reconstruct(&self, key: &IdempotencyKey, kept: &Answer) -> Option<Answer> {
        assert!(kept.is_tombstone() && kept.status() == 200);
        assert_eq!(key.operation().as_str(), "transfer-money");
        // The second time it cannot be made.
        (self.0.add() == 1).then(|| answer("made anew"))
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_was_not_kept_is_made_anew_by_whoever_can() {
    let (stage, made) = (Stage::new(), Count::default());
    let policy = Policy::new(Mode::AtMostOnce).with_reconstruct(Anew(made.clone()));
    let door = stage.door(policy, |_| async { ok(vec![1; MAX_BODY + 1]) });
    send(&door, call(1, "{}")).await;
    let again = send(&door, call(1, "{}")).await;
    assert_eq!(again.gist(), (200, b"made anew".as_slice(), Some("true")));
    let again = send(&door, call(1, "{}")).await;
    assert_eq!(again.gist(), (200, b"".as_slice(), Some("body-omitted")));
    // What was kept whole needs nobody.
    let whole = stage.door(
        Policy::new(Mode::AtMostOnce).with_reconstruct(Anew(made.clone())),
        |_| async { ok("small") },
    );
    send(&whole, call(2, "{}")).await;
    assert_eq!(
        send(&whole, call(2, "{}")).await.gist(),
        (200, b"small".as_slice(), Some("true"))
    );
    assert_eq!(made.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_shown_once() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let stage = Stage::new();
        let door = stage.door(mode, |_| async {
            let mut response = ok("secret");
            response
                .extensions_mut()
                .insert(ReplayAs(answer("shown before")));
            response
        });
        let first = send(&door, call(1, "{}")).await;
        assert_eq!(first.gist(), (200, b"secret".as_slice(), None));
        let again = send(&door, call(1, "{}")).await;
        assert_eq!(
            again.gist(),
            (200, b"shown before".as_slice(), Some("true"))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_secret_is_shown_once_even_to_whoever_waited() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mut response = ok("secret");
        response
            .extensions_mut()
            .insert(ReplayAs(answer("shown before")));
        response
    });
    let all = [(); 4].map(|()| sending(&door, call(1, "{}")));
    let mut secrets = 0;
    for seen in all {
        let seen = seen.await.unwrap();
        secrets += usize::from(seen.body == "secret");
        assert_eq!(seen.replayed().is_none(), seen.body == "secret");
    }
    assert_eq!(secrets, 1);
}

#[tokio::test(start_paused = true)]
async fn the_fields_of_the_policy_are_kept_too() {
    let stage = Stage::new();
    let policy = Policy::new(Mode::AtMostOnce).with_field("x-own");
    let door = stage.door(policy, |_| async {
        let mut response = ok("");
        for (name, value) in [("x-own", "1"), ("x-own", "2"), ("x-other", "3")] {
            response
                .headers_mut()
                .append(name, HeaderValue::from_static(value));
        }
        response
    });
    send(&door, call(1, "{}")).await;
    let again = send(&door, call(1, "{}")).await;
    let own: Vec<_> = again.headers.get_all("x-own").iter().collect();
    assert_eq!(own, ["1", "2"]);
    assert_eq!(again.field("x-other"), None);
}

#[tokio::test(start_paused = true)]
async fn attack_12_no_policy_may_keep_cookies_or_credentials() {
    for name in [
        "set-cookie",
        "authorization",
        "connection",
        "idempotency-replayed",
        "X-Own",
    ] {
        let policy = Policy::new(Mode::AtMostOnce).with_field(name);
        let refused = Stage::new().building(policy).build().err();
        assert_eq!(refused, Some(PolicyError::Field(name)));
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_replayed_says_how_long_it_is() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async {
        ok(Bytes::from_static(b"four"))
    });
    send(&door, call(1, "{}")).await;
    let again = door.oneshot(call(1, "{}")).await.unwrap();
    assert_eq!(again.body().size_hint().exact(), Some(4));
    assert!(!again.body().is_end_stream());
}

/// The bytes of a body that is packed are nothing without the name of the packing.
#[tokio::test(start_paused = true)]
async fn law_02_a_packed_body_is_replayed_as_what_it_is() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async {
        let mut response = ok(vec![0x1f, 0x8b]);
        response
            .headers_mut()
            .insert("content-encoding", HeaderValue::from_static("gzip"));
        response
    });
    send(&door, call(1, "{}")).await;
    let again = send(&door, call(1, "{}")).await;
    let is_whole = again.replayed() == Some("true");
    assert_eq!(
        again.field("content-encoding").is_some(),
        is_whole,
        "{again:?}"
    );
}
