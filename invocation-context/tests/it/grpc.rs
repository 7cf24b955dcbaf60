//! Requests and answers of tonic.

use http::HeaderMap;
use http::Response;
use http_body_util::BodyExt as _;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Child;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemBody;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::assert_forked_from;
use skeleton_invocation_context::testing::assert_same_call;
use skeleton_invocation_context::tonic::RequestExt as _;
use tonic::Code;
use tonic::Request;
use tonic::Status;
use tonic::body::Body;

use crate::helpers::NOW;
use crate::helpers::anonymous;
use crate::helpers::headers;
use crate::helpers::identity;
use crate::helpers::tenant;
use crate::helpers::user;
use crate::wire::at_once;

fn request(ctx: Option<InvocationContext>) -> Request<()> {
    let mut request = Request::new(());
    if let Some(ctx) = ctx {
        request.extensions_mut().insert(ctx);
    }
    request
}

fn known() -> InvocationContext {
    let who = identity(Actor::direct(user(1, 1)));
    anonymous().authenticated_as(who).unwrap()
}

fn over_grpc() -> HeaderMap {
    headers(&[("content-type", b"application/grpc")])
}

#[test]
fn attack_23_without_a_layer_a_request_has_no_context() {
    let any = request(None).invocation_context().expect_err("no layer");
    let authenticated = request(None).authenticated_context().expect_err("no layer");
    for status in [any, authenticated] {
        assert_eq!(status.code(), Code::Internal);
        for layer in ["ContextLayer", "InternalContextLayer"] {
            assert!(status.message().contains(layer), "{status}");
        }
    }
}

#[test]
fn who_is_unknown_is_not_authenticated() {
    let request = request(Some(anonymous()));
    let ctx = request.invocation_context().unwrap();
    assert!(ctx.authenticated().is_err());
    let status = request
        .authenticated_context()
        .expect_err("nobody is known");
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.message(), "unauthenticated");
}

#[test]
fn who_is_known_is_found() {
    let request = request(Some(known()));
    let ctx = request.authenticated_context().unwrap();
    assert_eq!(ctx.tenant(), tenant(1));
    let again = request.invocation_context().unwrap();
    assert_eq!(again.trace(), ctx.trace());
}

#[test]
fn a_child_of_any_access_is_attached_to_a_request() {
    let ctx = known().authenticated().unwrap();
    let mut request = request(None);
    let child = ctx.child(step!("debit")).unwrap();
    child.clone().attach_to(&mut request);
    let attached: Child = request.extensions().get().cloned().unwrap();
    let hops = [
        attached.begin(&SeededIds::new(1), NOW),
        child.into_access().begin(&SeededIds::new(2), NOW),
    ];
    assert_same_call(&hops[0], &hops[1]);
    for hop in hops {
        assert_forked_from(&hop, &ctx);
    }
}

#[test]
fn the_table_of_codes_holds() {
    let table = ProblemKind::ALL.iter().map(|kind| {
        let status = Status::from(Problem::new(*kind));
        assert_eq!(status.message(), kind.suffix());
        (kind.suffix(), status.code())
    });
    let expected = [
        ("malformed", Code::InvalidArgument),
        ("unauthenticated", Code::Unauthenticated),
        ("step-up-required", Code::Unauthenticated),
        ("permission-denied", Code::PermissionDenied),
        ("not-found", Code::NotFound),
        ("invocation-in-progress", Code::Aborted),
        ("outcome-unknown", Code::Aborted),
        ("idempotency-key-expired", Code::FailedPrecondition),
        ("too-large", Code::ResourceExhausted),
        ("idempotency-key-reused", Code::FailedPrecondition),
        ("rate-limited", Code::ResourceExhausted),
        ("misconfigured", Code::Internal),
        ("unavailable", Code::Unavailable),
    ];
    assert_eq!(table.collect::<Vec<_>>(), expected);
}

#[test]
fn a_status_says_code_and_detail() {
    let problem = Problem::new(ProblemKind::Malformed)
        .with_code("bad-amount")
        .with_detail("the amount is negative");
    let status = Status::from(problem);
    assert_eq!(status.message(), "bad-amount: the amount is negative");
}

#[test]
fn attack_23_problems_over_grpc_have_only_trailers() {
    for kind in ProblemKind::ALL {
        let problem = Problem::new(*kind).with_challenge("Bearer");
        let answer: Response<String> = problem.clone().answer_to(&over_grpc());
        assert_eq!(
            (answer.status().as_u16(), answer.body().as_str()),
            (200, "")
        );
        assert_eq!(answer.headers()["content-type"], "application/grpc");
        let code = i32::from(Status::from(problem.clone()).code());
        assert_eq!(answer.headers()["grpc-status"], code.to_string());
        let answer: Response<String> = problem.answer_to(&HeaderMap::new());
        assert_eq!(answer.status().as_u16(), kind.status());
        assert!(!answer.headers().contains_key("grpc-status"));
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
}

#[test]
fn the_content_type_decides_the_language_of_the_answer() {
    for (content_type, is_grpc) in [
        ("application/grpc", true),
        ("application/grpc+proto", true),
        ("application/grpc;charset=utf-8", true),
        ("application/grpc-web", false),
        ("application/grpc-web+proto", false),
        ("application/grpcish", false),
        ("application/json", false),
        ("text/plain; a=application/grpc", false),
    ] {
        let request = headers(&[("content-type", content_type.as_bytes())]);
        let answer: Response<String> = Problem::new(ProblemKind::NotFound).answer_to(&request);
        assert_eq!(
            answer.headers().contains_key("grpc-status"),
            is_grpc,
            "{content_type}"
        );
    }
}

/// What a client of gRPC is told.
fn message(detail: &str) -> String {
    let problem = Problem::new(ProblemKind::Malformed).with_detail(detail.to_owned());
    let answer: Response<String> = problem.answer_to(&over_grpc());
    answer.headers()["grpc-message"]
        .to_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_message_is_percent_encoded() {
    for (detail, encoded) in [
        ("100% sure", "100%25 sure"),
        ("é", "%C3%A9"),
        ("a\r\nb", "a%0D%0Ab"),
        ("\0\u{7f}", "%00%7F"),
        ("~ \"x\"", "~ \"x\""),
        ("%41", "%2541"),
    ] {
        assert_eq!(
            message(detail),
            format!("malformed: {encoded}"),
            "{detail:?}"
        );
    }
}

proptest! {
    #[test]
    fn tonic_reads_every_answer_as_it_was_meant(detail in "(?s).{0,40}") {
        let problem = Problem::new(ProblemKind::Unavailable).with_detail(detail);
        let expected = Status::from(problem.clone());
        let answer: Response<String> = problem.answer_to(&over_grpc());
        let read = Status::from_header_map(answer.headers()).unwrap();
        prop_assert_eq!(read.code(), expected.code());
        // Whitespace at the ends of a header's value is not part of it.
        prop_assert!(expected.message().trim_end_matches(' ') == read.message().trim_end_matches(' '));
    }
}

#[test]
fn tonics_body_holds_a_document_or_nothing() {
    let read = |body: Body| at_once(body.collect()).unwrap().to_bytes().to_vec();
    assert_eq!(read(Body::from_problem_json(Vec::new())), b"");
    assert_eq!(read(Body::from_problem_json(b"{}".to_vec())), b"{}");
    let refused: Response<Body> = Problem::new(ProblemKind::NotFound).answer_to(&over_grpc());
    assert_eq!(read(refused.into_body()), b"");
}
