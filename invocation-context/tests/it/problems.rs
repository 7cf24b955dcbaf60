//! Refusals, and the operation that a request names.

use core::time::Duration;

use http::Request;
use http::Response;
use http::header::CACHE_CONTROL;
use http::header::CONTENT_TYPE;
use http::header::RETRY_AFTER;
use http::header::WWW_AUTHENTICATE;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::problem::TYPE_BASE;

use crate::helpers::anonymous;

fn document(problem: &Problem) -> Value {
    serde_json::from_slice(&problem.to_json()).unwrap()
}

#[test]
fn the_table_of_answers_holds() {
    let table: Vec<_> = ProblemKind::ALL
        .iter()
        .map(|kind| (kind.status(), kind.suffix()))
        .collect();
    let expected = [
        (400, "malformed"),
        (401, "unauthenticated"),
        (401, "step-up-required"),
        (403, "permission-denied"),
        (404, "not-found"),
        (409, "invocation-in-progress"),
        (409, "outcome-unknown"),
        (412, "idempotency-key-expired"),
        (413, "too-large"),
        (422, "idempotency-key-reused"),
        (429, "rate-limited"),
        (500, "misconfigured"),
        (503, "unavailable"),
    ];
    assert_eq!(table, expected);
}

#[test]
fn the_type_of_every_kind_leads_to_its_section() {
    let sections = include_str!("../../src/problem.rs");
    for kind in ProblemKind::ALL {
        let heading = format!("//! ## {}\n//! {}. ", kind.suffix(), kind.status());
        assert!(sections.contains(&heading), "{kind:?}");
        let document = document(&Problem::new(*kind));
        assert_eq!(document["type"], format!("{TYPE_BASE}{}", kind.suffix()));
    }
}

#[test]
fn a_bare_problem_says_what_its_kind_says() {
    let document = document(&Problem::new(ProblemKind::NotFound));
    let expected = json!({
        "type": format!("{TYPE_BASE}not-found"), "title": "Not found", "status": 404, "code": "not-found",
    });
    assert_eq!(document, expected);
}

#[test]
fn everything_that_was_said_is_in_the_document() {
    let instance = anonymous().trace().current();
    let problem = Problem::new(ProblemKind::Unavailable)
        .with_code("tenant-not-ready")
        .with_detail("the tenant is being made")
        .with_instance(instance)
        .with_member("window", 7)
        .with_member("window", 8);
    let expected = json!({
        "type": format!("{TYPE_BASE}unavailable"), "title": "Temporarily unavailable", "status": 503,
        "code": "tenant-not-ready", "detail": "the tenant is being made",
        "instance": instance.to_string(), "window": 8,
    });
    assert_eq!(document(&problem), expected);
    assert_eq!(
        problem.to_string(),
        "tenant-not-ready: the tenant is being made"
    );
}

#[test]
fn a_member_never_replaces_one_of_the_documents_own() {
    let instance = anonymous().trace().current();
    let plain = Problem::new(ProblemKind::PermissionDenied)
        .with_detail("no")
        .with_instance(instance);
    let names = ["type", "title", "status", "code", "detail", "instance"];
    let claimed = names.into_iter().fold(plain.clone(), |problem, name| {
        problem.with_member(name, "forged")
    });
    assert_eq!(document(&claimed), document(&plain));
}

#[test]
fn at_most_16_members_are_added() {
    let names: Vec<&'static str> = "a b c d e f g h i j k l m n o p q".split(' ').collect();
    let problem = names
        .iter()
        .fold(Problem::new(ProblemKind::Malformed), |problem, name| {
            problem.with_member(name, true)
        });
    let document = document(&problem);
    assert!(document.get("p").is_some() && document.get("q").is_none());
}

#[test]
fn waiting_times_are_rounded_up_to_whole_seconds() {
    let secs = |wait| {
        Problem::new(ProblemKind::RateLimited)
            .with_retry_after(wait)
            .retry_after_secs()
    };
    assert_eq!(secs(Duration::ZERO), Some(1));
    assert_eq!(secs(Duration::from_millis(1)), Some(1));
    assert_eq!(secs(Duration::from_millis(1_001)), Some(2));
    assert_eq!(secs(Duration::from_secs(60)), Some(60));
    assert_eq!(
        Problem::new(ProblemKind::RateLimited).retry_after_secs(),
        None
    );
}

#[test]
fn over_http_a_problem_is_a_problem_document() {
    for kind in ProblemKind::ALL {
        let problem = Problem::new(*kind);
        let json = problem.to_json();
        let response: Response<Vec<u8>> = problem.into_http();
        assert_eq!(response.status().as_u16(), kind.status());
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[CACHE_CONTROL], "no-store");
        assert!(!response.headers().contains_key(RETRY_AFTER));
        assert_eq!(response.into_body(), json);
    }
}

#[test]
fn challenge_and_waiting_time_are_headers() {
    let response: Response<String> = Problem::new(ProblemKind::Unauthenticated)
        .with_challenge("Bearer")
        .with_retry_after(Duration::from_secs(3))
        .into_http();
    assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
    assert_eq!(response.headers()[RETRY_AFTER], "3");
}

#[test]
fn the_last_segment_of_the_path_names_the_operation() {
    let of = |path: &str| {
        let (parts, ()) = Request::builder().uri(path).body(()).unwrap().into_parts();
        Operation::of(&parts)
    };
    assert_eq!(of("/commands/debit"), Some(operation!("debit")));
    assert_eq!(of("/debit?operation=credit"), Some(operation!("debit")));
    assert_eq!(of("https://bank.example/debit"), Some(operation!("debit")));
    for path in [
        "/",
        "/debit/",
        "/commands/Debit",
        "/commands/%64ebit",
        "/a.b",
    ] {
        assert_eq!(of(path), None, "{path}");
    }
}

#[test]
fn what_a_layer_named_is_the_operation() {
    let mut request = Request::builder().uri("/commands/debit").body(()).unwrap();
    request.extensions_mut().insert(operation!("credit"));
    let named = Operation::of_request(&request);
    assert_eq!(named, Some(operation!("credit")));
}

#[test]
fn over_grpc_the_method_in_kebab_case_names_the_operation() {
    let of = |content_type: &str, path: &str| {
        let request = Request::builder()
            .uri(path)
            .header("content-type", content_type);
        Operation::of_request(&request.body(()).unwrap())
    };
    let debit = Some(operation!("debit-account"));
    assert_eq!(of("application/grpc", "/bank.Ledger/DebitAccount"), debit);
    assert_eq!(
        of("application/grpc+proto", "/bank.Ledger/debitAccount"),
        debit
    );
    assert_eq!(of("application/json", "/bank.Ledger/DebitAccount"), None);
    assert_eq!(of("application/grpcx", "/bank.Ledger/DebitAccount"), None);
    assert_eq!(of("application/grpc", "/bank.Ledger/Debit_Account"), None);
}
