//! What the log holds of an invocation, and what it never holds.

use core::convert::Infallible;
use core::future::ready;
use core::net::SocketAddr;

use http::Extensions;
use http::Request;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ApiKeyHash;
use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::CredentialId;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::Provenance;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::ToggleName;
use skeleton_invocation_context::ToggleUnset;
use skeleton_invocation_context::ToggleValue;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::UserAgent;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::capture_logs;
use skeleton_invocation_context::tower::ContextLayer;
use skeleton_invocation_context::tower::InternalContextLayer;
use skeleton_invocation_context::tower::PropagateLayer;
use skeleton_invocation_context::tower::SpanLayer;
use tower::Layer;
use tower::ServiceExt;
use tower::service_fn;

use crate::helpers::NOW;
use crate::helpers::ULID;
use crate::helpers::actors;
use crate::helpers::edge;
use crate::helpers::headers;
use crate::helpers::mechanisms;
use crate::helpers::proof;
use crate::sealing::received;
use crate::wire::Answer;
use crate::wire::at_once;
use crate::wire::domain;

const IP: &str = "203.0.113.177";
const AGENT: &str = "Secret-Agent/9.9";
const SESSION: &str = "01M83XP8JTCDYP17J6FBD6F7W1";
const ROLE: &str = "secret-keeper";

/// Every spelling of what is secret: text, octets, hexadecimal digits; the key is 32 times `a7`.
const SECRETS: [&str; 12] = [
    IP,
    "203, 0, 113",
    "cb0071b1",
    "cb00:71b1",
    AGENT,
    "secret",
    SESSION,
    "199, 199",
    "c7c7",
    "167, 167",
    "a7a7",
    "unheard",
];

#[track_caller]
fn searched(log: &str) {
    let log = log.to_lowercase();
    for secret in SECRETS {
        assert!(!log.contains(&secret.to_lowercase()), "{secret}: {log}");
    }
}

fn peer(extensions: &Extensions) -> Option<SocketAddr> {
    extensions.get().copied()
}

/// A context whose every secret is one of [`SECRETS`].
pub(crate) fn secretive(who: Option<Identity>) -> InvocationContext {
    let unknown_choice = ToggleValue::Choice(ToggleName::parse("unheard").unwrap());
    let toggles = Toggles::new([("log-level", unknown_choice)]).unwrap();
    let provenance = Provenance::new(
        Some(ClientIp::new(IP.parse().unwrap())),
        UserAgent::new(AGENT),
    );
    let ctx = testing::context()
        .at(NOW)
        .toggles(toggles)
        .provenance(provenance)
        .build();
    match who {
        Some(who) => ctx.authenticated_as(who).unwrap(),
        None => ctx,
    }
}

/// One identity for each actor and each mechanism.
fn identities() -> Vec<Identity> {
    let session: SessionId = SESSION.parse().unwrap();
    let credential = CredentialId::from_bytes([5; 16]).unwrap();
    let scope = ContainerId::from_bytes([0xC7; 16]).unwrap();
    let role = RoleAssignment::new(RoleName::parse(ROLE).unwrap(), scope);
    let roles = RoleAssignments::listed([role]).unwrap();
    let of = |actor: Actor| {
        let mechanisms = mechanisms(session, credential, ApiKeyHash::new([0xC7; 16]));
        mechanisms.map(|mechanism| Identity::new(actor.clone(), proof(mechanism), roles.clone()))
    };
    actors().map(of).into_iter().flatten().collect()
}

/// Runs everything that logs around this context: its span, a call to a service, and a call that is refused there.
fn everything(ctx: &InvocationContext) {
    let door = SpanLayer::new().layer(service_fn(|request: Request<()>| {
        let ctx: &InvocationContext = request.extensions().get().unwrap();
        ctx.record(&ctx.span());
        let _default = ctx.toggles().get(&LOG_LEVEL);
        ready(Ok::<_, Infallible>(Answer::default()))
    }));
    let mut request = Request::builder().uri("http://ledger/").body(()).unwrap();
    request.extensions_mut().insert(ctx.clone());
    at_once(door.clone().oneshot(request.clone())).unwrap();
    request.extensions_mut().remove::<InvocationContext>();
    let service = InternalContextLayer::new(domain(), SeededIds::new(9)).layer(door);
    let client = PropagateLayer::new(domain())
        .only_to(["ledger"])
        .layer(service.clone());
    assert!(
        at_once(client.clone().oneshot(request.clone())).is_err(),
        "no child"
    );
    ctx.child(step!("debit")).unwrap().attach(&mut request);
    assert_eq!(at_once(client.oneshot(request)).unwrap().status(), 200);
    let sealed = domain().seal(&ctx.child(step!("debit")).unwrap()).unwrap();
    for bit in [0, 8, 100, 1_000] {
        let flipped = sealed.with_flipped_bit(bit);
        let mut request = Request::new(());
        let lines = [
            ("skeleton-context", flipped.context().as_bytes()),
            ("skeleton-hop", flipped.hop().as_bytes()),
            ("user-agent", AGENT.as_bytes()),
        ];
        *request.headers_mut() = headers(&lines);
        assert_eq!(
            at_once(service.clone().oneshot(request)).unwrap().status(),
            401
        );
    }
}

/// As [`capture_logs`], of code that ran before: another thread that meets an event first would else hide it.
pub(crate) fn logs(code: impl Fn()) -> String {
    code();
    capture_logs(code).1
}

#[test]
fn attack_21_no_log_of_any_access_holds_a_secret() {
    let known = identities().into_iter().map(Some);
    for who in known.chain([None]) {
        let ctx = secretive(who);
        let log = logs(|| everything(&ctx));
        searched(&log);
        let sealed = domain().seal(&ctx.child(step!("debit")).unwrap()).unwrap();
        for half in [sealed.context(), sealed.hop()] {
            assert!(!log.contains(half.get(20..40).unwrap()), "{log}");
        }
        assert_eq!(log.matches("context.refused").count(), 4, "{log}");
        assert_eq!(log.matches("span invocation ").count(), 4, "{log}");
        assert_eq!(log.matches("toggle.unreadable").count(), 2, "{log}");
    }
}

#[test]
fn attack_21_a_refusal_at_the_edge_logs_no_header() {
    for name in [
        "x-action-id",
        "x-invocation-id",
        "idempotency-key",
        "x-toggles",
        "x-locale",
    ] {
        let log = logs(|| {
            let never = service_fn(async |_: Request<()>| -> Result<Answer, Infallible> {
                panic!("the handler was called")
            });
            let mut request = Request::new(());
            let bad = format!("{AGENT} {IP} {SESSION}");
            *request.headers_mut() =
                headers(&[(name, bad.as_bytes()), ("user-agent", AGENT.as_bytes())]);
            let address: SocketAddr = format!("{IP}:1").parse().unwrap();
            request.extensions_mut().insert(address);
            let door = ContextLayer::new(edge(), peer).layer(SpanLayer::new().layer(never));
            assert_eq!(at_once(door.oneshot(request)).unwrap().status(), 400);
        });
        searched(&log);
        assert_eq!(log.matches("context.refused").count(), 1, "{log}");
        assert!(log.contains("reason=\"malformed\""), "{log}");
        assert!(!log.contains("span invocation"), "{log}");
    }
}

#[test]
fn stripped_headers_are_counted_and_not_shown() {
    let log = logs(|| {
        let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(Answer::default())));
        let mut request = Request::new(());
        let lines: [(&str, &[u8]); 2] = [
            ("skeleton-context", b"unheard"),
            ("skeleton_hop", b"unheard"),
        ];
        *request.headers_mut() = headers(&lines);
        at_once(
            ContextLayer::new(edge(), peer)
                .layer(inner)
                .oneshot(request),
        )
        .unwrap();
    });
    searched(&log);
    let line = log
        .lines()
        .find(|line| line.contains("context.headers_stripped"));
    assert!(line.unwrap().contains("count=2"), "{log}");
}

#[test]
fn attack_12_an_unreadable_toggle_is_reported_without_its_value() {
    let ctx = received(&domain(), &secretive(None));
    let log = logs(|| {
        assert_eq!(ctx.toggles().get(&LOG_LEVEL), *LOG_LEVEL.default());
        let unset = ctx.toggles().try_get(&LOG_LEVEL);
        assert_eq!(unset, Err(ToggleUnset::Unreadable));
    });
    assert_eq!(log.matches("toggle.unreadable").count(), 2, "{log}");
    assert!(log.contains("log-level"), "{log}");
    searched(&log);
    let log = logs(|| {
        let absent = testing::context().at(NOW).build();
        assert_eq!(
            absent.toggles().try_get(&LOG_LEVEL),
            Err(ToggleUnset::Absent)
        );
    });
    assert!(!log.contains("toggle.unreadable"), "{log}");
}

#[test]
fn a_request_without_a_context_has_no_span() {
    let log = logs(|| {
        let inner = service_fn(|_: Request<()>| ready(Ok::<_, Infallible>(ULID)));
        let answer = at_once(SpanLayer::new().layer(inner).oneshot(Request::new(())));
        assert_eq!(answer.unwrap(), ULID);
    });
    assert_eq!(log, "");
}
