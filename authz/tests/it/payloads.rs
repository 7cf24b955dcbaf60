//! The payload on its way through the layer: read once, read whole, and handed on as it came.

use std::sync::atomic::Ordering;

use axum::body::Body;
use http::Request;
use skeleton_invocation_context::testing;

use crate::doors::Endless;
use crate::doors::bank;
use crate::doors::in_container;
use crate::doors::refused;
use crate::helpers::FRANCE;
use crate::helpers::TEXAS;
use crate::helpers::account as account_id;
use crate::helpers::caller;
use crate::helpers::container;

const MIB: usize = 1024 * 1024;

#[tokio::test]
async fn an_allowed_payload_reaches_the_handler_byte_by_byte() {
    let (_world, door) = bank().await;
    let odd = format!("\n  {{ \"container\" :\t\"{}\" }} ", container(FRANCE));
    let answer = door.send(&caller(1), "open-account", odd.clone()).await;
    assert_eq!(
        (answer.status, answer.text(), door.calls()),
        (200, odd.as_str(), 1)
    );
    let record = answer.record.unwrap();
    assert_eq!(
        (record.permission(), record.verdict()),
        ("account:open", "allow")
    );
    assert_eq!(
        (record.scope(), record.effective()),
        (Some(container(FRANCE)), account_id(1))
    );
}

#[tokio::test]
async fn attack_02_the_scope_is_the_payloads_whatever_else_the_request_says() {
    let (_world, door) = bank().await;
    let request = Request::post(format!(
        "/{}/open-account?container={}",
        container(FRANCE),
        container(FRANCE)
    ))
    .header("x-container", container(FRANCE).to_string())
    .extension(caller(1).into_access())
    .body(Body::from(in_container(container(TEXAS))))
    .unwrap();
    assert_eq!((door.ask(request).await.status, door.calls()), (404, 0));
    let (one, other) = (container(FRANCE), container(TEXAS));
    let doubled = format!(r#"{{"container":"{one}","container":"{other}"}}"#);
    assert_eq!(refused(&door, "open-account", doubled).await.status, 400);
    let second = format!(r#"{{"container":"{one}"}} {{"container":"{other}"}}"#);
    assert_eq!(refused(&door, "open-account", second).await.status, 400);
}

#[tokio::test]
async fn a_public_operation_needs_nobody_and_keeps_its_body() {
    let (_world, door) = bank().await;
    let anonymous = testing::context().anonymous().build();
    let answer = door.send(&anonymous, "log-in", "not json").await;
    assert_eq!(
        (answer.status, answer.text(), door.calls()),
        (200, "not json", 1)
    );
    assert!(answer.record.is_none());
}

#[tokio::test]
async fn an_anonymous_caller_is_refused_before_the_body_is_read() {
    let (_world, door) = bank().await;
    let anonymous = testing::context().anonymous().build();
    let (body, polls) = Endless::breaking_after(usize::MAX);
    let answer = door.send(&anonymous, "open-account", body).await;
    assert_eq!((answer.status, door.calls()), (401, 0));
    assert_eq!(answer.headers["www-authenticate"], "Bearer");
    assert_eq!(polls.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_payload_of_a_mebibyte_passes_and_one_byte_more_does_not() {
    let (_world, door) = bank().await;
    let json = in_container(container(FRANCE));
    let padded = |size: usize| format!("{json}{}", " ".repeat(size - json.len()));
    let answer = door.send(&caller(1), "open-account", padded(MIB)).await;
    assert_eq!((answer.status, answer.body.len()), (200, MIB));
    let answer = refused(&door, "open-account", padded(MIB + 1)).await;
    assert_eq!(
        (answer.status, answer.json()["code"].as_str()),
        (413, Some("too-large"))
    );
    assert!(answer.record.is_none());
}

#[tokio::test]
async fn an_endless_payload_is_read_no_further_than_the_limit() {
    let (_world, door) = bank().await;
    let (body, polls) = Endless::breaking_after(usize::MAX);
    assert_eq!(refused(&door, "open-account", body).await.status, 413);
    assert_eq!(polls.load(Ordering::SeqCst), MIB / Endless::CHUNK + 1);
}

#[tokio::test]
async fn a_payload_that_cannot_be_read_is_malformed() {
    let (_world, door) = bank().await;
    let (breaking, _) = Endless::breaking_after(2);
    assert_eq!(refused(&door, "open-account", breaking).await.status, 400);
    let (id, extra) = (container(FRANCE), r#","is-admin":true"#);
    let bodies = [
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
        "{".to_owned(),
        r#"{"container":"not-an-id"}"#.to_owned(),
        r#"{"container":"00000000000000000000000000"}"#.to_owned(),
        format!(r#"{{"container":"{id}"{extra}}}"#),
        "[".repeat(10_000),
    ];
    for body in bodies {
        let answer = refused(&door, "open-account", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.record.is_none(), "nothing was decided");
    }
}
