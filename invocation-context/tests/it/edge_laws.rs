//! Properties of the edge, and the provenance that it keeps.

use core::net::IpAddr;
use core::net::Ipv4Addr;

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Provenance;
use skeleton_invocation_context::UserAgent;

use crate::helpers::ULID;
use crate::helpers::admit;

/// What the edge reads.
const READ: [&str; 4] = [
    "x-action-id",
    "x-invocation-id",
    "idempotency-key",
    "user-agent",
];

fn provenance(ctx: &InvocationContext) -> Provenance {
    let Access::Unauthenticated(unknown) = ctx.access() else {
        panic!("nobody is known at the edge");
    };
    unknown.provenance().clone()
}

fn agent(lines: &[&[u8]]) -> Option<UserAgent> {
    let lines: Vec<_> = lines.iter().map(|line| ("user-agent", *line)).collect();
    provenance(&admit(&lines).unwrap()).user_agent().cloned()
}

#[test]
fn attack_22_a_long_user_agent_is_cut_and_says_so() {
    let long = agent(&[&[b'a'; 65_536]]).unwrap();
    assert_eq!(long.reveal().len(), 512);
    assert!(long.is_cut());
    let full = agent(&[&[b'a'; 512]]).unwrap();
    assert_eq!(full.reveal().len(), 512);
    assert!(!full.is_cut());
}

#[test]
fn attack_22_a_user_agent_of_other_bytes_is_none() {
    assert_eq!(agent(&[b"curl/8 (a\tb)"]), None);
    assert_eq!(agent(&[b"curl/8 \xff"]), None);
    assert_eq!(agent(&["curl/8 é".as_bytes()]), None);
    assert_eq!(agent(&[b""]), None);
    assert_eq!(agent(&[b"one", b"two"]), None);
    assert_eq!(UserAgent::new("a\0b"), None);
    assert_eq!(UserAgent::new("a\u{7f}b"), None);
    assert_eq!(
        agent(&[b"curl/8 (x; y)"]).unwrap().reveal(),
        "curl/8 (x; y)"
    );
}

#[test]
fn attack_07_a_mapped_address_is_the_ipv4_address() {
    let mapped: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
    let plain: IpAddr = "10.0.0.1".parse().unwrap();
    assert_eq!(ClientIp::new(mapped), ClientIp::new(plain));
    assert_eq!(ClientIp::new(mapped).reveal(), plain);
    let six: IpAddr = "2001:db8::1".parse().unwrap();
    assert_eq!(ClientIp::new(six).reveal(), six);
}

fn other_headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let common = "(x-forwarded-for|forwarded|traceparent|tracestate|cookie|x-test|x-tenant-id)";
    let any_name = "[a-z][a-z0-9_-]{0,12}";
    let internal = "[Ss]keleton[-_][a-z]{0,8}";
    let name = proptest::prop_oneof![common, any_name, internal]
        .prop_filter("read by the edge", |name: &String| {
            !READ.contains(&name.as_str())
        });
    vec((name, "[ -~]{0,20}".prop_map(String::into_bytes)), 0..6)
}

proptest! {
    #[test]
    fn law_02_other_headers_change_nothing(
        others in other_headers(), names_itself: bool, agent: bool,
    ) {
        let mut lines: Vec<(&str, &[u8])> = Vec::new();
        if names_itself {
            lines.push(("idempotency-key", ULID.as_bytes()));
        }
        if agent {
            lines.push(("user-agent", b"curl/8"));
        }
        let plain = admit(&lines).unwrap();
        lines.extend(others.iter().map(|(name, value)| (name.as_str(), value.as_slice())));
        let ctx = admit(&lines).unwrap();
        prop_assert_eq!(EventContext::of(&ctx), EventContext::of(&plain));
        prop_assert_eq!(provenance(&ctx), provenance(&plain));
    }

    #[test]
    fn law_09_a_refusal_holds_no_byte_of_the_header(
        header in 0_usize..3, secret in "[!-~]{8,40}",
    ) {
        let value = format!("~{secret}");
        let problem = admit(&[(READ[header], value.as_bytes())]).expect_err("this is no id");
        let told = String::from_utf8(problem.to_json()).unwrap();
        prop_assert!(!told.contains(&secret));
        prop_assert!(!problem.to_string().contains(&secret));
        prop_assert_eq!(problem.status(), 400);
    }

    #[test]
    fn no_bytes_make_the_edge_panic(header in 0_usize..4, value in vec(any::<u8>(), 0..60)) {
        let legal: Vec<_> = value.into_iter().filter(|byte| *byte >= 32 && *byte != 127).collect();
        if let Ok(ctx) = admit(&[(READ[header], &legal)]) {
            prop_assert!(ctx.trace().parent().is_none());
        }
    }

    #[test]
    fn a_uuid_of_version_7_is_taken_bit_for_bit(random: u128) {
        let bits = random & !(0xf << 76) & !(0b11 << 62) | 7 << 76 | 0b10 << 62;
        let uuid = format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            bits >> 96, bits >> 80 & 0xffff, bits >> 64 & 0xffff, bits >> 48 & 0xffff, bits & 0xffff_ffff_ffff,
        );
        let ctx = admit(&[("idempotency-key", uuid.as_bytes())]).unwrap();
        let id = ctx.trace().external().invocation();
        prop_assert_eq!(u128::from_be_bytes(id.to_bytes()), bits);
    }

    #[test]
    fn addresses_are_canonical(octets: [u8; 4]) {
        let four = Ipv4Addr::from(octets);
        prop_assert_eq!(ClientIp::new(four.to_ipv6_mapped().into()).reveal(), IpAddr::V4(four));
    }
}
