//! Attacks on the door in front of an effect that lives elsewhere.

use axum::http::HeaderMap;
use axum::http::HeaderValue;
use http_body_util::Full;
use skeleton_idempotency::Anonymous;
use skeleton_idempotency::Capacity;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use skeleton_idempotency::RequestParts;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing::context;

use crate::helpers::ALICE;
use crate::helpers::acme;
use crate::helpers::alice_calls;
use crate::helpers::invocation;
use crate::script::Count;
use crate::stage::Stage;
use crate::stage::by;
use crate::stage::call;
use crate::stage::ok;
use crate::stage::send;

const MIB: usize = 1024 * 1024;

fn nobody() -> InvocationContext {
    context()
        .anonymous()
        .requesting(acme())
        .invocation(invocation())
        .build()
}

#[tokio::test(start_paused = true)]
async fn attack_01_the_key_of_somebody_else_runs_by_itself() {
    let (stage, runs) = (Stage::new(), Count::default());
    let counted = runs.clone();
    let door = stage.door(Mode::AtMostOnce, move |_| {
        let run = counted.add();
        async move { ok(format!("secret {run}")) }
    });
    let bob = "01KGHF3N80T0AJRRW8HWMF0141".parse().unwrap();
    let globex = "01KE6P4YM0FSPTFB776BVFNQX7".parse().unwrap();
    let callers = [
        alice_calls(),
        alice_calls().user(bob, acme()),
        alice_calls().user(ALICE.parse().unwrap(), globex),
        alice_calls().impersonated_by(bob),
        alice_calls().on_behalf_by(bob),
    ];
    for (number, caller) in (1..).zip(callers) {
        let seen = send(&door, by(caller.build(), "{}")).await;
        let own = format!("secret {number}");
        assert_eq!(seen.gist(), (200, own.as_bytes(), None));
    }
}

#[tokio::test(start_paused = true)]
async fn attack_04_whoever_guesses_a_key_of_nobodys_sees_the_status_alone() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let stage = Stage::new();
        let policy = Policy::new(mode).with_anonymous(Anonymous::StatusOnly);
        let door = stage.door(policy, |_| async {
            let mut response = ok("secret");
            response
                .headers_mut()
                .insert("location", HeaderValue::from_static("/secret"));
            response
        });
        let first = send(&door, by(nobody(), "{}")).await;
        assert_eq!(
            (first.status, first.body.as_ref()),
            (200, b"secret".as_slice())
        );
        let guess = send(&door, by(nobody(), "{}")).await;
        assert_eq!(guess.gist(), (200, b"".as_slice(), Some("body-omitted")));
        assert_eq!(guess.field("location"), None);
        // Whoever is known has keys of her own.
        let known = send(&door, by(alice_calls().build(), "{}")).await;
        assert_eq!(known.gist(), (200, b"secret".as_slice(), None));
        let again = send(&door, by(alice_calls().build(), "{}")).await;
        assert_eq!(again.gist(), (200, b"secret".as_slice(), Some("true")));
    }
}

#[tokio::test(start_paused = true)]
async fn attack_04_callers_that_a_secret_tells_apart_do_not_meet() {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "a policy's binding has this form"
    )]
    fn bind(_: &InvocationContext, parts: &RequestParts<'_>) -> Option<[u8; 32]> {
        let secret = parts.headers()?.get("x-device")?.as_bytes();
        let mut binding = [0; 32];
        binding.get_mut(..secret.len())?.copy_from_slice(secret);
        Some(binding)
    }
    let stage = Stage::new();
    let policy = Policy::new(Mode::AtMostOnce).with_anonymous(Anonymous::Bound(bind));
    let runs = Count::default();
    let door = stage.door(policy, move |_| {
        let run = runs.add();
        async move { ok(format!("secret {run}")) }
    });
    let from = |device: &'static str| {
        let mut request = by(nobody(), "{}");
        request
            .headers_mut()
            .insert("x-device", HeaderValue::from_static(device));
        request
    };
    assert_eq!(
        send(&door, from("a")).await.gist(),
        (200, b"secret 1".as_slice(), None)
    );
    assert_eq!(
        send(&door, from("b")).await.gist(),
        (200, b"secret 2".as_slice(), None)
    );
    let again = send(&door, from("a")).await;
    assert_eq!(again.gist(), (200, b"secret 1".as_slice(), Some("true")));
    assert!(send(&door, by(nobody(), "{}")).await.is(400, "malformed"));
    let strict = stage.door(Mode::AtMostOnce, |_| async { ok("never") });
    assert!(
        send(&strict, by(nobody(), "{}"))
            .await
            .is(500, "misconfigured")
    );
}

#[tokio::test(start_paused = true)]
async fn attack_11_a_payload_over_one_mebibyte_is_too_large_and_claims_nothing() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async { ok("") });
    let payload = |bytes: usize| format!("\"{}\"", "a".repeat(bytes - 2));
    assert!(
        send(&door, call(1, &payload(MIB + 1)))
            .await
            .is(413, "too-large")
    );
    assert!(stage.store.inner().is_empty());
    assert_eq!(send(&door, call(1, &payload(MIB))).await.status, 200);
}

#[tokio::test(start_paused = true)]
async fn attack_12_cookies_are_never_replayed_and_replays_never_forged() {
    for mode in [Mode::Resumable, Mode::AtMostOnce] {
        let stage = Stage::new();
        let door = stage.door(mode, |_| async {
            let mut response = ok("body");
            for (name, value) in [
                ("set-cookie", "session=secret"),
                ("www-authenticate", "Bearer"),
                ("authorization", "secret"),
                ("retry-after", "1"),
                ("connection", "close"),
                ("x-request-id", "7"),
                ("idempotency-replayed", "true"),
                ("idempotency-replayed", "body-omitted"),
                ("etag", "\"1\""),
            ] {
                response
                    .headers_mut()
                    .append(name, HeaderValue::from_static(value));
            }
            response
        });
        let first = send(&door, call(1, "{}")).await;
        assert_eq!(first.replayed(), None);
        assert_eq!(first.field("set-cookie"), Some("session=secret"));
        let again = send(&door, call(1, "{}")).await;
        let names: Vec<_> = again.headers.keys().map(|name| name.as_str()).collect();
        assert_eq!(names, ["etag", "idempotency-replayed"]);
        assert_eq!(again.replayed(), Some("true"));
        assert_eq!(
            again.headers.get_all("idempotency-replayed").iter().count(),
            1
        );
    }
}

#[tokio::test(start_paused = true)]
async fn attack_12_a_failure_forges_no_replay_either() {
    let stage = Stage::new();
    let door = stage.door(Mode::Resumable, |_| async {
        let mut response = crate::stage::of_status(500, "");
        response
            .headers_mut()
            .insert("idempotency-replayed", HeaderValue::from_static("true"));
        response
    });
    assert_eq!(send(&door, call(1, "{}")).await.replayed(), None);
}

#[tokio::test(start_paused = true)]
async fn attack_17_a_field_that_is_more_than_visible_ascii_is_not_replayed() {
    let stage = Stage::new();
    let door = stage.door(Mode::AtMostOnce, |_| async {
        let mut response = ok("");
        // A line cannot be split by what stands in a header; the rest of what is not plain is left out.
        assert!(HeaderValue::from_bytes(b"/a\r\nset-cookie: b").is_err());
        for (name, value) in [
            ("location", b"/a\tb".as_slice()),
            ("etag", b"\"\xe9\""),
            ("link", b"<a>"),
        ] {
            let value = HeaderValue::from_bytes(value).unwrap();
            response.headers_mut().insert(name, value);
        }
        response
    });
    send(&door, call(1, "{}")).await;
    let again = send(&door, call(1, "{}")).await;
    let names: Vec<_> = again.headers.keys().map(|name| name.as_str()).collect();
    assert_eq!(names, ["link", "idempotency-replayed"]);
}

#[tokio::test(start_paused = true)]
async fn attack_15_a_full_store_refuses_and_forgets_nobody() {
    let (stage, runs) = (
        Stage::of_capacity(Capacity::bytes(256 * 1024)),
        Count::default(),
    );
    let counted = runs.clone();
    let door = stage.door(Mode::AtMostOnce, move |_| {
        counted.add();
        async { ok("kept") }
    });
    let mut kept = Vec::new();
    for number in 1..=2_000 {
        let seen = send(&door, call(number, "{}")).await;
        match seen.status {
            200 => kept.push(number),
            _ => assert!(seen.is(503, "unavailable"), "{seen:?}"),
        }
    }
    assert!((500..1_500).contains(&kept.len()), "{}", kept.len());
    assert_eq!(runs.get(), kept.len());
    let mut whole = 0;
    for number in kept {
        let again = send(&door, call(number, "{}")).await;
        assert!(
            matches!(again.replayed(), Some("true" | "body-omitted")),
            "{number}: {again:?}"
        );
        whole += usize::from(again.replayed() == Some("true"));
    }
    assert!(whole > 500, "{whole}");
}

#[tokio::test(start_paused = true)]
async fn attack_22_neither_debug_nor_signals_tell_a_secret() {
    let stage = Stage::new();
    let engine = stage.engine(Mode::AtMostOnce);
    let door = crate::stage::door(&engine, |_| async { ok("answer-secret") });
    let mut headers = HeaderMap::new();
    headers.insert("authorization", HeaderValue::from_static("header-secret"));
    for payload in [r#"{"iban":"payload-secret"}"#, r#"{"iban":"other-secret"}"#] {
        let mut request = call(1, payload).map(|body| Full::clone(&body));
        request.headers_mut().extend(headers.clone());
        send(&door, request).await;
    }
    let told = format!(
        "{:?} {engine:?} {:?} {:?} {:?}",
        stage.signals.heard(),
        stage.store,
        stage.tracker,
        stage.store.faults(),
    );
    for secret in ["secret", ALICE, "01M83Y", "payload", "header"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    assert!(told.contains("transfer-money"));
}
