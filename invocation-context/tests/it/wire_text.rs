//! The two halves as text: size, alphabet, padding, over HTTP and over gRPC.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::Response;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SealError;
use skeleton_invocation_context::SealedContext;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;

use crate::helpers::NOW;
use crate::helpers::tenant;
use crate::wire::NAME;
use crate::wire::answer_around;
use crate::wire::domain;
use crate::wire::refused;
use crate::wire::refused_lines;
use crate::wire::rich;
use crate::wire::sealed;
use crate::wire::sealed_in;

const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const GRPC: (&str, &str) = ("content-type", "application/grpc");

/// Calls whose halves end at every place of a group of base64.
fn of_every_length() -> Vec<SealedContext> {
    let contexts = ["t", "tt", "ttt"].map(|name| {
        let toggles = [(name, skeleton_invocation_context::ToggleValue::Flag(true))];
        let toggles = skeleton_invocation_context::Toggles::new(toggles).unwrap();
        testing::context().at(NOW).toggles(toggles).build()
    });
    let steps = ["a", "ab", "abc"].map(|label| Step::parse(label).unwrap());
    let calls = contexts.iter().zip(&steps);
    calls
        .map(|(ctx, step)| domain().seal(&ctx.child(step).unwrap()).unwrap())
        .collect()
}

/// The same bytes with other values in the bits that no byte uses.
fn loosened(text: &str) -> Vec<String> {
    let loose = match text.len() % 4 {
        2 => 16,
        3 => 4,
        _ => return Vec::new(),
    };
    let (head, last) = text.split_at(text.len() - 1);
    let digit = DIGITS.find(last).unwrap();
    (digit + 1..digit + loose)
        .map(|other| format!("{head}{}", char::from(DIGITS.as_bytes()[other])))
        .collect()
}

#[test]
fn attack_05_loose_trailing_bits_are_refused() {
    let mut count = 0;
    for sealed in of_every_length() {
        for context in loosened(sealed.context()) {
            assert_eq!(refused(&domain(), &context, sealed.hop()), "encoding");
            count += 1;
        }
        for hop in loosened(sealed.hop()) {
            assert_eq!(refused(&domain(), sealed.context(), &hop), "encoding");
            count += 1;
        }
    }
    assert_eq!(count, 2 * (15 + 3));
}

#[test]
fn attack_05_padding_is_refused() {
    for sealed in of_every_length() {
        let (context, hop) = (sealed.context(), sealed.hop());
        for padding in ["=", "==", "===", "===="] {
            let padded = format!("{context}{padding}");
            assert_eq!(refused(&domain(), &padded, hop), "encoding");
            let padded = format!("{hop}{padding}");
            assert_eq!(refused(&domain(), context, &padded), "encoding");
        }
    }
}

#[test]
fn attack_05_another_alphabet_is_refused() {
    let seed = (1..).find(|seed| {
        let sealed = sealed_in(&domain(), &rich(*seed));
        [sealed.context(), sealed.hop()]
            .iter()
            .all(|text| text.contains(['-', '_']))
    });
    let sealed = sealed_in(&domain(), &rich(seed.unwrap()));
    let other = |text: &str| text.replace('-', "+").replace('_', "/");
    let (context, hop) = (other(sealed.context()), other(sealed.hop()));
    assert_eq!(refused(&domain(), &context, sealed.hop()), "encoding");
    assert_eq!(refused(&domain(), sealed.context(), &hop), "encoding");
    for strange in [" ", "\t", ".", "%", "~", "!"] {
        let (head, tail) = sealed.context().split_at(8);
        let inside = format!("{head}{strange}{tail}");
        assert_eq!(refused(&domain(), &inside, sealed.hop()), "encoding");
    }
}

#[test]
fn attack_05_nine_kibibytes_are_refused_before_they_are_decoded() {
    let large = TrustDomain::with_max_bytes(domain(), usize::MAX);
    for filling in ["A", "!", "="] {
        let long = filling.repeat(9 * 1_024);
        for domain in [domain(), large.clone()] {
            assert_eq!(refused(&domain, &long, sealed().hop()), "length");
            assert_eq!(refused(&domain, sealed().context(), &long), "length");
            let half = filling.repeat(4_608);
            assert_eq!(refused(&domain, &half, &half), "length");
            let lines = [
                GRPC,
                ("skeleton-context-bin", &*long),
                ("skeleton-hop-bin", ""),
            ];
            assert_eq!(refused_over_grpc(&domain, &lines), "length");
        }
    }
}

#[test]
fn attack_05_the_limit_is_of_both_halves_and_exact() {
    let sealed = sealed();
    let both = sealed.context().len() + sealed.hop().len();
    let exact = domain().with_max_bytes(both);
    assert!(exact.receive(sealed.context(), sealed.hop()).is_ok());
    let smaller = domain().with_max_bytes(both - 1);
    assert_eq!(refused(&smaller, sealed.context(), sealed.hop()), "length");
}

/// A context whose list of roles needs about 17 bytes and the name for each.
fn with_roles(count: u8) -> InvocationContext {
    let roles = (1..=count).map(|nth| {
        let scope = ContainerId::from_bytes([nth; 16]).unwrap();
        RoleAssignment::new(RoleName::parse("account-manager").unwrap(), scope)
    });
    let roles = RoleAssignments::listed(roles).unwrap();
    testing::context()
        .at(NOW)
        .user_in(tenant(1))
        .roles(roles)
        .build()
}

#[test]
fn what_is_too_large_is_not_sealed_and_never_cut() {
    let seal = |domain: &TrustDomain, count| {
        let child = with_roles(count).child(step!("debit")).unwrap();
        domain.seal(&child)
    };
    assert!(seal(&domain(), 30).is_ok());
    let error = seal(&domain(), 100).expect_err("3 KiB of roles");
    assert_eq!(error, SealError::TooLarge { max: 2_048 });
    let large = domain().with_max_bytes(usize::MAX);
    let sealed = seal(&large, 100).unwrap();
    assert!(large.receive(sealed.context(), sealed.hop()).is_ok());
    assert_eq!(refused(&domain(), sealed.context(), sealed.hop()), "length");
    let error = seal(&large, 255).expect_err("over 8 KiB of roles");
    assert_eq!(error, SealError::TooLarge { max: 8_192 });
    let ctx = with_roles(100);
    let child = ctx.child(step!("debit")).unwrap();
    assert!(domain().seal(&child).is_err());
    assert!(large.seal(&child).is_ok(), "a refusal spoils nothing");
}

/// The reason for which a call over gRPC is refused: one answer for all.
#[track_caller]
fn refused_over_grpc(domain: &TrustDomain, lines: &[(&str, &str)]) -> String {
    let never = |_| panic!("the handler was called");
    let absent = answer_around(domain, &[GRPC], never);
    let (answer, log) = testing::capture_logs(|| answer_around(domain, lines, never));
    assert_eq!((answer.status(), &**answer.body()), (absent.status(), ""));
    assert_eq!(answer.headers(), absent.headers());
    assert_eq!(answer.headers()["grpc-status"], "16");
    let (_, reason) = log.split_once("reason=\"").unwrap();
    reason.split('"').next().unwrap().to_owned()
}

#[test]
fn binary_metadata_is_read_with_and_without_padding() {
    for sealed in of_every_length() {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let (context, hop) = (bytes(sealed.context()), bytes(sealed.hop()));
        for encode in [
            |b: &[u8]| STANDARD.encode(b),
            |b: &[u8]| STANDARD_NO_PAD.encode(b),
        ] {
            for content_type in [
                "application/grpc",
                "application/grpc+proto",
                "application/grpc;x=y",
            ] {
                let (context, hop) = (encode(&context), encode(&hop));
                let lines = [
                    ("content-type", content_type),
                    ("skeleton-context-bin", &context),
                    ("skeleton-hop-bin", &hop),
                ];
                let answer = answer_around(&domain(), &lines, |request| {
                    let ctx: &InvocationContext = request.extensions().get().unwrap();
                    Response::new(ctx.trace().originating().to_string())
                });
                assert_eq!(answer.body().len(), 26);
            }
        }
    }
}

#[test]
fn attack_02_over_grpc_anything_but_one_binary_line_of_each_is_refused() {
    let (domain, sealed) = (domain(), sealed());
    let binary = |text: &str| STANDARD.encode(URL_SAFE_NO_PAD.decode(text).unwrap());
    let (context, hop) = (binary(sealed.context()), binary(sealed.hop()));
    let (c, h) = (
        ("skeleton-context-bin", &*context),
        ("skeleton-hop-bin", &*hop),
    );
    let text = [
        ("skeleton-context", sealed.context()),
        ("skeleton-hop", sealed.hop()),
    ];
    for lines in [
        &[GRPC][..],
        &[GRPC, c],
        &[GRPC, h],
        &[GRPC, c, c, h],
        &[GRPC, c, h, h],
        &[GRPC, text[0], text[1]],
        &[GRPC, c, h, text[0]],
        &[GRPC, c, h, text[1]],
        &[GRPC, c, text[1]],
    ] {
        assert_eq!(refused_over_grpc(&domain, lines), "lines", "{lines:?}");
    }
    let joined = format!("{context},{context}");
    let lines = [GRPC, ("skeleton-context-bin", &*joined), h];
    assert_eq!(refused_over_grpc(&domain, &lines), "encoding");
}

#[test]
fn attack_05_binary_metadata_of_loose_bits_or_url_alphabet_is_refused() {
    let binary = |text: &str| text.replace('-', "+").replace('_', "/");
    for sealed in of_every_length() {
        let hop = binary(sealed.hop());
        for context in loosened(sealed.context()) {
            let lines = [
                GRPC,
                ("skeleton-context-bin", &*binary(&context)),
                ("skeleton-hop-bin", &*hop),
            ];
            assert_eq!(refused_over_grpc(&domain(), &lines), "encoding");
        }
    }
    let lines = [
        GRPC,
        ("skeleton-context-bin", "-_-_"),
        ("skeleton-hop-bin", "AAAA"),
    ];
    assert_eq!(refused_over_grpc(&domain(), &lines), "encoding");
}

#[test]
fn a_content_type_that_only_begins_like_grpc_is_http() {
    let sealed = sealed();
    for content_type in [
        "application/grpc-web",
        "application/grpcx",
        "application/json",
    ] {
        let lines = [
            ("content-type", content_type),
            ("skeleton-context-bin", sealed.context()),
            ("skeleton-hop-bin", sealed.hop()),
        ];
        assert_eq!(refused_lines(&domain(), &lines), "lines");
    }
}

/// What a service without keys answers to these lines.
fn without_keys(lines: &[(&str, &str)]) -> Response<String> {
    let keyless = TrustDomain::without_keys(NAME, FixedClock::at(NOW)).unwrap();
    answer_around(&keyless, lines, |_| panic!("the handler was called"))
}

#[test]
fn without_keys_a_call_is_answered_503() {
    let sealed = sealed();
    let answer = without_keys(&[
        ("skeleton-context", sealed.context()),
        ("skeleton-hop", sealed.hop()),
    ]);
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let error = TrustDomain::without_keys(NAME, FixedClock::at(NOW)).unwrap();
    let error = error
        .receive(sealed.context(), sealed.hop())
        .expect_err("no keys");
    assert_eq!(Problem::from(error).kind(), ProblemKind::Unavailable);
    let child = rich(1).child(step!("debit")).unwrap();
    let keyless = TrustDomain::without_keys(NAME, FixedClock::at(NOW)).unwrap();
    assert_eq!(keyless.seal(&child).expect_err("no key"), SealError::NoKey);
}

/// Nobody can tell a good call from a bad one without keys: whatever comes in is answered 503.
#[test]
fn without_keys_whatever_comes_in_is_answered_503() {
    let long = "A".repeat(9_000);
    let (c, h) = ("skeleton-context", "skeleton-hop");
    for lines in [
        &[][..],
        &[(c, "AAAA")],
        &[(c, "AAAA"), (c, "AAAA"), (h, "AAAA")],
        &[(c, "!"), (h, "!")],
        &[(c, &*long), (h, "AAAA")],
    ] {
        assert_eq!(without_keys(lines).status(), 503, "{lines:?}");
    }
    let (c, h) = ("skeleton-context-bin", "skeleton-hop-bin");
    for lines in [
        &[GRPC][..],
        &[GRPC, (c, "!"), (h, "!")],
        &[GRPC, (c, &*long), (h, "AAAA")],
    ] {
        assert_eq!(
            without_keys(lines).headers()["grpc-status"],
            "14",
            "{lines:?}"
        );
    }
}
