//! The table of answers, over HTTP and over gRPC.

use std::collections::BTreeSet;

use http::HeaderMap;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Directory;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::Tenants;

use super::answer;
use super::request;
use super::request_from;
use super::said;
use super::street;
use crate::helpers::clock;

const INSIDE: Option<&str> = Some("203.0.113.7");
const OUTSIDE: Option<&str> = Some("198.51.100.9");

/// Host, client address, and what is answered: status, code, and the status over gRPC.
const TABLE: [(&str, Option<&str>, u16, &str, &str); 27] = [
    ("nobody.bank.example", None, 404, "not-found", "5"),
    ("admin.bank.example", None, 404, "not-found", "5"),
    ("bank.example", None, 404, "not-found", "5"),
    ("BANK.example.:443", None, 404, "not-found", "5"),
    ("127.0.0.1", None, 404, "not-found", "5"),
    ("[::1]:443", None, 404, "not-found", "5"),
    ("a.active.bank.example", None, 404, "not-found", "5"),
    ("active.bank.example.evil.io", None, 404, "not-found", "5"),
    ("xn--80ak6aa92e.bank.example", None, 404, "not-found", "5"),
    ("closed.bank.example", None, 404, "not-found", "5"),
    ("office-closed.bank.example", INSIDE, 404, "not-found", "5"),
    ("office-closed.bank.example", OUTSIDE, 404, "not-found", "5"),
    ("office-closed.bank.example", None, 404, "not-found", "5"),
    ("", None, 400, "malformed", "3"),
    ("active.bank.example..", None, 400, "malformed", "3"),
    ("user@active.bank.example", None, 400, "malformed", "3"),
    (
        "office-active.bank.example",
        OUTSIDE,
        403,
        "address-refused",
        "7",
    ),
    (
        "office-active.bank.example",
        None,
        403,
        "address-refused",
        "7",
    ),
    (
        "office-suspended.bank.example",
        OUTSIDE,
        403,
        "address-refused",
        "7",
    ),
    (
        "office-closing.bank.example",
        OUTSIDE,
        403,
        "address-refused",
        "7",
    ),
    (
        "office-onboarding.bank.example",
        None,
        403,
        "address-refused",
        "7",
    ),
    (
        "suspended.bank.example",
        INSIDE,
        403,
        "tenant-suspended",
        "7",
    ),
    (
        "office-suspended.bank.example",
        INSIDE,
        403,
        "tenant-suspended",
        "7",
    ),
    (
        "onboarding.bank.example",
        OUTSIDE,
        503,
        "tenant-not-ready",
        "14",
    ),
    (
        "office-onboarding.bank.example",
        INSIDE,
        503,
        "tenant-not-ready",
        "14",
    ),
    ("active.bank.example", None, 200, "active false", ""),
    (
        "office-closing.bank.example",
        INSIDE,
        200,
        "office-closing false",
        "",
    ),
];

fn over_grpc(mut request: Request<()>, content_type: &'static str) -> Request<()> {
    let content_type = HeaderValue::from_static(content_type);
    request.headers_mut().insert(CONTENT_TYPE, content_type);
    request
}

fn instance_of(request: &Request<()>) -> String {
    let ctx = request.extensions().get::<InvocationContext>().unwrap();
    ctx.trace().current().to_string()
}

#[tokio::test]
async fn every_row_of_the_table_is_answered_over_http() {
    let directory = street().await.directory();
    for (host, from, status, code, _) in TABLE {
        let request = request_from("/commands/debit", host, from, 1);
        let response = answer(directory.clone(), request).await;
        let told = format!("{host} from {from:?}");
        assert_eq!(said(&response), (status, code.to_owned()), "{told}");
        let retry_after = response.headers().get(RETRY_AFTER);
        assert_eq!(retry_after.is_some(), status == 503, "{told}");
        if let Some(seconds) = retry_after {
            assert!(seconds.to_str().unwrap().parse::<u32>().unwrap() > 0);
        }
        if status != 200 {
            let content_type = &response.headers()[CONTENT_TYPE];
            assert_eq!(content_type, "application/problem+json", "{told}");
            assert_eq!(response.headers()["cache-control"], "no-store");
        }
    }
}

#[tokio::test]
async fn every_row_of_the_table_is_answered_over_grpc() {
    let directory = street().await.directory();
    for (host, from, status, code, grpc) in TABLE {
        for content_type in ["application/grpc", "application/grpc+proto"] {
            let request = request_from("/bank.Accounts/Debit", host, from, 1);
            let request = over_grpc(request, content_type);
            let response = answer(directory.clone(), request).await;
            // Trailers only: a status of HTTP that succeeded, and no body.
            assert_eq!(response.status(), 200);
            let told = response.headers().get("grpc-status");
            let told = told.map_or("", |value| value.to_str().unwrap());
            assert_eq!(told, grpc, "{host} from {from:?}");
            if status != 200 {
                assert_eq!(response.headers()[CONTENT_TYPE], "application/grpc");
                let message = response.headers()["grpc-message"].to_str().unwrap();
                assert!(message.starts_with(code), "{message}");
                assert_eq!(response.body(), "");
            }
        }
    }
}

#[tokio::test]
async fn what_only_looks_like_grpc_is_answered_over_http() {
    let directory = street().await.directory();
    for content_type in ["application/grpc-web", "application/json", "grpc"] {
        let request = request_from("/", "closed.bank.example", None, 1);
        let response = answer(directory.clone(), over_grpc(request, content_type)).await;
        assert_eq!(said(&response), (404, "not-found".to_owned()));
    }
}

/// An answer without what is drawn anew for every invocation.
fn masked(response: Response<String>, instance: &str) -> (u16, HeaderMap, String) {
    let (parts, body) = response.into_parts();
    let body = body.replace(instance, "");
    (parts.status.as_u16(), parts.headers, body)
}

async fn answers_of_404(content_type: Option<&'static str>) -> Vec<(u16, HeaderMap, String)> {
    let directory = street().await.directory();
    let (mut answers, mut instances) = (Vec::new(), BTreeSet::new());
    let rows = TABLE.iter().filter(|(_, _, status, _, _)| *status == 404);
    let froms = [None, INSIDE, OUTSIDE];
    for ((host, ..), from) in rows.flat_map(|row| froms.map(|from| (row, from))) {
        let seed = instances.len() as u64;
        let mut request = request_from("/commands/debit", host, from, seed);
        if let Some(content_type) = content_type {
            request = over_grpc(request, content_type);
        }
        let instance = instance_of(&request);
        let response = answer(directory.clone(), request).await;
        answers.push(masked(response, &instance));
        instances.insert(instance);
    }
    assert_eq!(answers.len(), instances.len());
    answers
}

#[tokio::test]
async fn attack_06_every_404_is_one_answer_to_the_byte() {
    for content_type in [None, Some("application/grpc")] {
        let answers = answers_of_404(content_type).await;
        assert_eq!(answers.len(), 39);
        for answer in &answers {
            assert_eq!(answer, &answers[0]);
        }
    }
}

#[tokio::test]
async fn a_404_says_nothing_but_that() {
    let answers = answers_of_404(None).await;
    let (status, headers, body) = &answers[0];
    assert_eq!(*status, 404);
    let mut names: Vec<_> = headers.keys().map(|name| name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["cache-control", "content-type"]);
    let document: serde_json::Value = serde_json::from_str(body).unwrap();
    let members = document.as_object().unwrap();
    let mut members: Vec<_> = members.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["code", "instance", "status", "title", "type"]);
}

#[tokio::test]
async fn a_refusal_repeats_nothing_that_came_from_outside() {
    let directory = street().await.directory();
    for (host, from, status, ..) in TABLE {
        if status == 200 || host.is_empty() {
            continue;
        }
        let request = request_from("/commands/debit", host, from, 1);
        let response = answer(directory.clone(), request).await;
        for secret in [host, "198.51.100", "203.0.113", "bank.example", "debit"] {
            assert!(!response.body().contains(secret), "{host}: {secret}");
        }
    }
}

fn never_loaded() -> Directory {
    let root = RootDomain::parse("bank.example").unwrap();
    Tenants::unloaded(MemoryTenants::new(), root, clock(), SeededIds::new(1)).directory()
}

#[tokio::test]
async fn a_directory_that_was_never_loaded_asks_everybody_to_come_again() {
    for host in ["acme.bank.example", "bank.example", "127.0.0.1", "x.y.z"] {
        let http = request("/", &[host.as_bytes()]);
        let response = answer(never_loaded(), http).await;
        assert_eq!(said(&response), (503, "tenant-not-ready".to_owned()));
        assert_eq!(response.headers()[RETRY_AFTER], "5");
        let grpc = over_grpc(request("/", &[host.as_bytes()]), "application/grpc");
        let response = answer(never_loaded(), grpc).await;
        assert_eq!(response.headers()["grpc-status"], "14");
    }
    let malformed = answer(never_loaded(), request("/", &[b"a b"])).await;
    assert_eq!(said(&malformed), (400, "malformed".to_owned()));
}
