//! What a client may send, and what the edge makes of it.

use core::net::SocketAddr;

use http::HeaderMap;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::Toggles;

use crate::helpers::NOW;
use crate::helpers::OTHER_ULID;
use crate::helpers::ULID;
use crate::helpers::admit;
use crate::helpers::edge;
use crate::helpers::headers;

const ID_HEADERS: [&str; 3] = ["x-action-id", "x-invocation-id", "idempotency-key"];
/// The UUID of version 7 whose bits are those of `V7_ULID`.
const V7: &str = "01920b2e-5f3a-7c4d-9e8f-0123456789ab";
const V7_ULID: &str = "01J85JWQSTFH6SX3R14D2PF2DB";

fn refused(outcome: Result<InvocationContext, Problem>, header: &str) {
    let problem = outcome.expect_err(header);
    assert_eq!(problem.kind(), ProblemKind::Malformed);
    assert_eq!(problem.status(), 400);
    let detail = problem.detail().unwrap();
    assert_eq!(detail, format!("the header {header} is not valid"));
    assert!(problem.instance().is_some());
}

fn external(lines: &[(&str, &[u8])]) -> (String, MadeBy) {
    let ctx = admit(lines).unwrap();
    let external = ctx.trace().external();
    (external.invocation().to_string(), external.made_by())
}

fn key(value: &str) -> Result<InvocationContext, Problem> {
    admit(&[("idempotency-key", value.as_bytes())])
}

#[test]
fn attack_01_internal_headers_are_removed() {
    let lines: Vec<(&str, &[u8])> = vec![
        ("skeleton-context", b"AAAA"),
        ("Skeleton_Hop", b"AAAA"),
        ("skeleton-context-bin", b"AAAA"),
        ("skeleton-context", b"a second line"),
        ("SKELETON-", b"x"),
        ("skeleton_", b"x"),
        ("skeleton-tenant", b"x"),
        ("skeleton", b"kept"),
        ("skeletons-closet", b"kept"),
        ("x-skeleton-context", b"kept"),
        ("accept", b"kept"),
    ];
    let mut headers = headers(&lines);
    edge().admit(&mut headers, None).unwrap();
    let mut left: Vec<_> = headers.keys().map(http::HeaderName::as_str).collect();
    left.sort_unstable();
    assert_eq!(
        left,
        [
            "accept",
            "skeleton",
            "skeletons-closet",
            "x-skeleton-context"
        ]
    );
}

#[test]
fn attack_01_internal_headers_are_removed_from_a_refused_request_too() {
    let mut headers = headers(&[("skeleton-hop", b"AAAA"), ("x-action-id", b"no")]);
    assert!(edge().admit(&mut headers, None).is_err());
    assert!(!headers.contains_key("skeleton-hop"));
}

#[test]
fn attack_08_texts_that_name_no_id_are_refused_in_every_header() {
    let texts: [&[u8]; 11] = [
        b"8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        b"00000000000000000000000000",
        b"01M83YEMHRMW96SB74TMCXA9M",
        b"01M83YEMHRMW96SB74TMCXA9MNN",
        b"01M83YEMHRMW96SB74TMCXA9MU",
        b"01M83YEMHRMW96SB74TMCXA9M\xff",
        b"01M83YEMHRMW96SB74TMCXA9\xc3\xa9",
        b"01M83YEMHRMW96SB74TMCXA9M\t",
        b" 1M83YEMHRMW96SB74TMCXA9MN",
        b"",
        b"\"\"",
    ];
    for header in ID_HEADERS {
        for text in texts {
            refused(admit(&[(header, text)]), header);
        }
        let lower = ULID.to_lowercase();
        assert!(admit(&[(header, lower.as_bytes())]).is_ok());
    }
}

#[test]
fn attack_08_lower_case_names_the_same_invocation() {
    let lower = ULID.to_lowercase();
    for header in ["x-invocation-id", "idempotency-key"] {
        let read = external(&[(header, lower.as_bytes())]);
        assert_eq!(read, (ULID.to_owned(), MadeBy::Client));
    }
}

#[test]
fn attack_09_two_names_of_one_invocation_must_agree() {
    let both = |id: &str, key: &str| {
        admit(&[
            ("x-invocation-id", id.as_bytes()),
            ("idempotency-key", key.as_bytes()),
        ])
    };
    refused(both(ULID, OTHER_ULID), "idempotency-key");
    refused(both(ULID, V7), "idempotency-key");
    refused(both(ULID, "garbage"), "idempotency-key");
    refused(both("garbage", ULID), "x-invocation-id");
    assert!(both(ULID, ULID).is_ok());
    assert!(both(ULID, &format!("\"{}\"", ULID.to_lowercase())).is_ok());
    assert!(both(V7_ULID, V7).is_ok());
}

#[test]
fn attack_09_quoted_and_bare_keys_are_equal() {
    let read = |value: &str| external(&[("idempotency-key", value.as_bytes())]);
    assert_eq!(read(ULID), (ULID.to_owned(), MadeBy::Client));
    assert_eq!(read(&format!("\"{ULID}\"")), read(ULID));
    assert_eq!(read(V7), (V7_ULID.to_owned(), MadeBy::Client));
    assert_eq!(read(&V7.to_uppercase()), read(V7));
    assert_eq!(read(&format!("\"{V7}\"")), read(V7));
}

#[test]
fn attack_09_keys_of_another_form_are_refused() {
    let forms = [
        format!("\"{ULID}\";a=1"),
        format!("{ULID};a=1"),
        format!("\"{ULID}\", \"{ULID}\""),
        format!("{ULID},{ULID}"),
        format!("(\"{ULID}\")"),
        format!(":{ULID}:"),
        format!("\"{ULID}"),
        format!("{ULID}\""),
        format!("\"\"{ULID}\"\""),
        format!("\" {ULID}\""),
        format!("\"\\{ULID}\""),
        format!("'{ULID}'"),
        "\"".to_owned(),
    ];
    for form in forms {
        refused(key(&form), "idempotency-key");
    }
}

#[test]
fn attack_09_of_uuids_only_version_7_is_a_key() {
    let uuids = [
        "01920b2e-5f3a-4c4d-9e8f-0123456789ab", // version 4
        "01920b2e-5f3a-1c4d-9e8f-0123456789ab", // version 1
        "01920b2e-5f3a-8c4d-9e8f-0123456789ab", // version 8
        "01920b2e-5f3a-7c4d-0e8f-0123456789ab", // another variant
        "01920b2e-5f3a-7c4d-ce8f-0123456789ab", // another variant
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "01920b2e5f3a7c4d9e8f0123456789ab",
        "{01920b2e-5f3a-7c4d-9e8f-0123456789ab}",
        "urn:uuid:01920b2e-5f3a-7c4d-9e8f-0123456789ab",
        "01920b2e-5f3a-7c4d-9e8f-0123456789a",
        "01920b2e-5f3a-7c4d-9e8f-0123456789abc",
        "01920b2e-5f3a-7c4d-9e8f-0123456789ag",
        "01920b2e-5f3a-7c4d-9e8f-0123456789ab-",
        "01920b2e-5f3a-7c4d-9e8f",
        "01920b2e5-f3a-7c4d-9e8f-0123456789ab",
        "+1920b2e-5f3a-7c4d-9e8f-0123456789ab",
    ];
    for uuid in uuids {
        refused(key(uuid), "idempotency-key");
    }
    refused(
        admit(&[("x-invocation-id", V7.as_bytes())]),
        "x-invocation-id",
    );
    refused(admit(&[("x-action-id", V7.as_bytes())]), "x-action-id");
}

#[test]
fn a_second_line_of_an_id_header_is_refused_even_if_it_is_equal() {
    for header in ID_HEADERS {
        let line = (header, ULID.as_bytes());
        refused(admit(&[line, line]), header);
    }
}

#[test]
fn absent_ids_are_made_at_the_edge_and_marked() {
    let ctx = admit(&[]).unwrap();
    let external = ctx.trace().external();
    assert_eq!(external.made_by(), MadeBy::Edge);
    assert_eq!(external.invocation().created_at(), NOW);
    let ctx = admit(&[("x-action-id", ULID.as_bytes())]).unwrap();
    assert_eq!(ctx.trace().external().action().to_string(), ULID);
    assert_eq!(ctx.trace().external().made_by(), MadeBy::Edge);
}

#[test]
fn the_trace_begins_here() {
    let ctx = admit(&[("x-invocation-id", ULID.as_bytes())]).unwrap();
    let trace = ctx.trace();
    assert_eq!(trace.originating(), trace.current());
    assert_eq!(trace.current().created_at(), NOW);
    assert_eq!(trace.parent(), None);
    assert!(trace.step().is_empty() && trace.is_sampled());
}

#[test]
fn a_retry_keeps_its_external_id_and_has_another_originating_one() {
    let edge = edge();
    let admit = || {
        let mut headers = headers(&[("idempotency-key", ULID.as_bytes())]);
        edge.admit(&mut headers, None).unwrap()
    };
    let (one, other) = (admit(), admit());
    let invocation = |ctx: &InvocationContext| ctx.trace().external().invocation();
    assert_eq!(invocation(&one), invocation(&other));
    assert_ne!(one.trace().originating(), other.trace().originating());
}

#[test]
fn attack_06_forwarding_headers_are_not_read() {
    let mut headers = headers(&[
        ("x-forwarded-for", b"198.51.100.9"),
        ("forwarded", b"for=198.51.100.9"),
        ("x-real-ip", b"198.51.100.9"),
    ]);
    let peer: SocketAddr = "[::ffff:10.0.0.1]:443".parse().unwrap();
    let ctx = edge().admit(&mut headers, Some(peer)).unwrap();
    let Access::Unauthenticated(unknown) = ctx.access() else {
        panic!("nobody is known at the edge");
    };
    let ip = unknown.provenance().client_ip().unwrap().reveal();
    assert_eq!(ip.to_string(), "10.0.0.1");
}

#[test]
fn attack_15_headers_that_claim_who_calls_are_not_read() {
    let mut claims = headers(&[
        ("x-test", b"true"),
        ("x-tenant-id", ULID.as_bytes()),
        ("x-account-id", ULID.as_bytes()),
        ("x-roles", b"admin"),
        ("x-originating-id", ULID.as_bytes()),
        ("x-parent-id", ULID.as_bytes()),
        (
            "traceparent",
            b"00-01a207e7524f1c59ba2dde83458bfed0-cdc83011ac8efe12-00",
        ),
        ("authorization", b"Bearer x"),
        ("host", b"acme.bank.example"),
    ]);
    let ctx = edge().admit(&mut claims, None).unwrap();
    let plain = edge().admit(&mut HeaderMap::new(), None).unwrap();
    assert_eq!(ctx.trace(), plain.trace());
    assert!(matches!(ctx.access(), Access::Unauthenticated(_)));
    assert_eq!(ctx.requested_tenant(), None);
    assert_eq!(ctx.toggles(), &Toggles::none());
    assert!(!ctx.is_test());
}
