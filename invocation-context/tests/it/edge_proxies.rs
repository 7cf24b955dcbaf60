//! Forwarding headers: what proxies say about addresses, and what clients say.

use core::net::IpAddr;
use core::net::SocketAddr;

use skeleton_invocation_context::Access;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;

use crate::helpers::NOW;
use crate::helpers::headers;

const PROXY: &str = "10.0.0.1:443";
const STRANGER: &str = "198.51.100.1:443";
pub(crate) const CLIENT: &str = "203.0.113.7";
const LIST: &str = "x-forwarded-for";
const ELEMENTS: &str = "forwarded";

pub(crate) fn proxies() -> TrustedProxies {
    TrustedProxies::cidrs(["10.0.0.0/8", "2001:db8:ffff::/48"]).unwrap()
}

/// What an edge behind these proxies knows of the client's address.
pub(crate) fn client(
    proxies: TrustedProxies,
    peer: &str,
    lines: &[(&str, &[u8])],
) -> Result<Option<IpAddr>, Problem> {
    let edge = Edge::new(FixedClock::at(NOW), SeededIds::new(1), proxies);
    let peer: SocketAddr = peer.parse().unwrap();
    let ctx = edge.admit(&mut headers(lines), Some(peer))?;
    Ok(ip(&ctx))
}

fn ip(ctx: &InvocationContext) -> Option<IpAddr> {
    let Access::Unauthenticated(unknown) = ctx.access() else {
        panic!("nobody is known at the edge");
    };
    Some(unknown.provenance().client_ip()?.reveal())
}

/// The address behind a proxy that writes `X-Forwarded-For`.
fn listed(lines: &[&str]) -> Result<Option<IpAddr>, Problem> {
    let lines: Vec<_> = lines.iter().map(|line| (LIST, line.as_bytes())).collect();
    client(proxies(), PROXY, &lines)
}

/// The address behind a proxy that writes `Forwarded`.
pub(crate) fn forwarded(lines: &[&str]) -> Result<Option<IpAddr>, Problem> {
    let lines = lines.iter().map(|line| (ELEMENTS, line.as_bytes()));
    client(proxies().forwarded(), PROXY, &lines.collect::<Vec<_>>())
}

pub(crate) fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

fn refused(outcome: Result<Option<IpAddr>, Problem>, header: &str) {
    let problem = outcome.expect_err(header);
    assert_eq!(problem.kind(), ProblemKind::Malformed);
    let detail = format!("the header {header} is not valid");
    assert_eq!(problem.detail(), Some(detail.as_str()));
}

#[test]
fn attack_06_the_header_of_a_stranger_is_not_even_read() {
    let many = vec!["203.0.113.7"; 33].join(",");
    let long = "a".repeat(3_000);
    let values: [&[u8]; 5] = [
        b"203.0.113.7",
        b"10.0.0.9",
        b"\xff\xfe",
        many.as_bytes(),
        long.as_bytes(),
    ];
    for value in values {
        for of in [TrustedProxies::none(), proxies(), proxies().forwarded()] {
            let lines = [(LIST, value), (ELEMENTS, value), (LIST, value)];
            let known = client(of, STRANGER, &lines).unwrap();
            assert_eq!(known, address("198.51.100.1"));
        }
    }
}

#[test]
fn attack_06_a_forged_left_part_behind_two_proxies_gives_the_first_untrusted_address() {
    let forged = [
        "6.6.6.6",
        "10.0.0.9",
        "unknown",
        "6.6.6.6, 6.6.6.7",
        ",,",
        "a b",
    ];
    for left in forged {
        let line = format!("{left}, {CLIENT}, 10.0.0.2");
        assert_eq!(listed(&[&line]).unwrap(), address(CLIENT), "{line}");
    }
    for left in ["for=6.6.6.6", "for=10.0.0.9", "for=unknown", "by=x", "!?"] {
        let line = format!("{left}, for={CLIENT}, for=10.0.0.2");
        assert_eq!(forwarded(&[&line]).unwrap(), address(CLIENT), "{line}");
    }
}

#[test]
fn attack_06_a_quote_does_not_hide_who_wrote_it() {
    for left in ["\"", "6.6.6.6, \"", "\"a", "\\\"", "\"\\", "a\"b"] {
        let line = format!("{left}, {CLIENT}");
        assert_eq!(listed(&[&line]).unwrap(), address(CLIENT), "{line}");
        let lines = [left, CLIENT, "\"10.0.0.3\", 10.0.0.2"];
        assert_eq!(listed(&lines[..2]).unwrap(), address(CLIENT), "{left}");
        assert_eq!(listed(&lines).unwrap(), None, "a quoted address is none");
    }
}

#[test]
fn attack_07_of_both_headers_only_the_set_one_is_read() {
    let lines: [(&str, &[u8]); 2] = [(LIST, b"203.0.113.7"), (ELEMENTS, b"for=203.0.113.8")];
    let list = client(proxies(), PROXY, &lines).unwrap();
    assert_eq!(list, address("203.0.113.7"));
    let elements = client(proxies().forwarded(), PROXY, &lines).unwrap();
    assert_eq!(elements, address("203.0.113.8"));
    // The other one may be as wrong as it likes.
    let other: [(&str, &[u8]); 2] = [(LIST, b"203.0.113.7"), (ELEMENTS, b"\xff")];
    assert_eq!(
        client(proxies(), PROXY, &other).unwrap(),
        address("203.0.113.7")
    );
    let only_other = client(proxies().forwarded(), PROXY, &other[..1]).unwrap();
    assert_eq!(only_other, address("10.0.0.1"));
}

#[test]
fn attack_07_an_entry_that_is_no_address_ends_the_walk_without_one() {
    let garbage = [
        "unknown",
        "_x",
        "_gazonk",
        "999.1.1.1",
        "1.2.3",
        "1.2.3.4.5",
        "127.1",
        "010.0.0.1",
        "0x7f.0.0.1",
        "10.0.0.1/8",
        "host.example",
        "fe80::1%eth0",
        "1.2.3.4:",
        "1.2.3.4:99999",
        "1.2.3.4:80:80",
        "1.2.3.4:_",
        "1.2.3.4:a",
        "[2001:db8::1",
        "2001:db8::1]",
        "[2001:db8::1]x",
        "[2001:db8::1]:",
        "[]",
        ":80",
        "203.0.113.7 10.0.0.2",
        "{1.2.3.4}",
    ];
    for entry in garbage {
        assert_eq!(listed(&[entry]).unwrap(), None, "{entry}");
        let behind = format!("6.6.6.6, {entry}, 10.0.0.2");
        assert_eq!(listed(&[&behind]).unwrap(), None, "{behind}");
        let quoted = format!("for=6.6.6.6, for=\"{entry}\", for=10.0.0.2");
        assert_eq!(forwarded(&[&quoted]).unwrap(), None, "{quoted}");
        let unread = format!("{entry}, {CLIENT}, 10.0.0.2");
        assert_eq!(listed(&[&unread]).unwrap(), address(CLIENT), "{unread}");
    }
}

#[test]
fn attack_07_a_port_is_digits_and_nothing_else() {
    for entry in ["203.0.113.7:+80", "[2001:db8:1::7]:+80"] {
        assert_eq!(listed(&[entry]).unwrap(), None, "{entry}");
    }
}

#[test]
fn attack_07_a_mapped_address_is_the_ipv4_address() {
    let mapped = "::ffff:203.0.113.7";
    for entry in [
        mapped.to_owned(),
        format!("[{mapped}]"),
        format!("[{mapped}]:80"),
    ] {
        assert_eq!(listed(&[&entry]).unwrap(), address(CLIENT));
        let element = format!("for=\"{entry}\"");
        assert_eq!(forwarded(&[&element]).unwrap(), address(CLIENT));
    }
    // A mapped proxy is the proxy: at the socket, and in the header.
    let line: [(&str, &[u8]); 1] = [(LIST, b"203.0.113.7, ::ffff:10.0.0.2")];
    let known = client(proxies(), "[::ffff:10.0.0.1]:443", &line).unwrap();
    assert_eq!(known, address(CLIENT));
    let alone = client(proxies(), "[::ffff:10.0.0.1]:443", &[]).unwrap();
    assert_eq!(alone, address("10.0.0.1"));
}

#[test]
fn attack_07_a_33rd_entry_is_refused_even_if_the_walk_would_not_reach_it() {
    let entries = |count| vec!["10.0.0.2"; count];
    let line = |count| format!("{},{CLIENT}", entries(count).join(","));
    assert_eq!(listed(&[&line(31)]).unwrap(), address(CLIENT));
    refused(listed(&[&line(32)]), LIST);
    refused(listed(&[&line(16), &line(15)]), LIST);
    refused(listed(&vec![CLIENT; 33]), LIST);
    let elements = |count| vec!["for=10.0.0.2"; count].join(",");
    assert_eq!(forwarded(&[&elements(32)]).unwrap(), address("10.0.0.2"));
    refused(forwarded(&[&elements(33)]), ELEMENTS);
    // Empty elements are none (RFC 9110, 5.6.1), as long as they are few.
    let gaps = format!(",, ,{CLIENT}, ,,10.0.0.2,");
    assert_eq!(listed(&[&gaps]).unwrap(), address(CLIENT));
    let gaps = format!(",, ,for={CLIENT}, ,,for=10.0.0.2,");
    assert_eq!(forwarded(&[&gaps]).unwrap(), address(CLIENT));
}

#[test]
fn attack_07_more_than_2_kib_are_refused() {
    let line = |len: usize| format!("{CLIENT}{}", " ".repeat(len - CLIENT.len()));
    let known = |len| listed(&[&line(len), "10.0.0.2"]);
    assert_eq!(known(2_000).unwrap(), address(CLIENT));
    refused(known(2_048), LIST);
    refused(listed(&[&line(2_049)]), LIST);
    refused(listed(&[&line(1_500), &line(1_500)]), LIST);
    let element = format!("for={CLIENT};x=\"{}\"", "a".repeat(2_048));
    refused(forwarded(&[&element]), ELEMENTS);
}

#[test]
fn exactly_2_kib_are_read() {
    let line = format!("{CLIENT},{:>1$}", "10.0.0.2", 2_048 - CLIENT.len() - 1);
    assert_eq!(line.len(), 2_048);
    assert_eq!(listed(&[&line]).unwrap(), address(CLIENT));
}

#[test]
fn several_lines_join_in_their_order() {
    assert_eq!(listed(&["6.6.6.6", CLIENT]).unwrap(), address(CLIENT));
    assert_eq!(listed(&[CLIENT, "10.0.0.2"]).unwrap(), address(CLIENT));
    let lines = ["6.6.6.6", CLIENT, "10.0.0.3, 10.0.0.2"];
    assert_eq!(listed(&lines).unwrap(), address(CLIENT));
    let elements = lines[..2].iter().map(|line| format!("for={line}"));
    let elements: Vec<_> = elements.collect();
    let lines: Vec<_> = elements.iter().map(String::as_str).collect();
    assert_eq!(forwarded(&lines).unwrap(), address(CLIENT));
}

#[test]
fn ports_and_brackets_are_stripped() {
    let (four, six) = (CLIENT, "2001:db8:1::7");
    let spellings = [
        (four, four.to_owned()),
        (four, format!("{four}:80")),
        (four, format!("{four}:_hidden.1-x")),
        (six, six.to_owned()),
        (six, "2001:0DB8:0001:0::7".to_owned()),
        (six, format!("[{six}]")),
        (six, format!("[{six}]:65535")),
        (six, format!("[{six}]:_x")),
    ];
    for (expected, entry) in spellings {
        assert_eq!(listed(&[&entry]).unwrap(), address(expected), "{entry}");
        let padded = format!("\t {entry}\t,10.0.0.2 ");
        assert_eq!(listed(&[&padded]).unwrap(), address(expected), "{entry}");
        let element = format!("for=\"{entry}\"");
        assert_eq!(
            forwarded(&[&element]).unwrap(),
            address(expected),
            "{element}"
        );
    }
}

#[test]
fn where_all_are_trusted_the_leftmost_is_the_client() {
    assert_eq!(
        listed(&["10.0.0.3, 10.0.0.2"]).unwrap(),
        address("10.0.0.3")
    );
    assert_eq!(forwarded(&["for=10.0.0.3"]).unwrap(), address("10.0.0.3"));
    for nothing in [&[][..], &[""], &[" ", ","]] {
        assert_eq!(listed(nothing).unwrap(), address("10.0.0.1"));
        assert_eq!(forwarded(nothing).unwrap(), address("10.0.0.1"));
    }
}

#[test]
fn without_a_peer_nobody_speaks_for_anybody() {
    let edge = Edge::new(FixedClock::at(NOW), SeededIds::new(1), proxies());
    let ctx = edge.admit(&mut headers(&[(LIST, b"203.0.113.7")]), None);
    assert_eq!(ip(&ctx.unwrap()), None);
}

#[test]
fn ranges_are_written_in_one_way() {
    for range in [
        "10.0.0.0/33",
        "10.0.0/8",
        "::ffff:10.0.0.0/104",
        "::ffff:10.0.0.1",
        "",
        "*",
    ] {
        assert!(TrustedProxies::cidrs([range]).is_err(), "{range:?}");
    }
    let exact = TrustedProxies::cidrs(["10.0.0.1", "2001:db8::1"]).unwrap();
    let known = |of: &TrustedProxies, peer| client(of.clone(), peer, &[(LIST, b"203.0.113.7")]);
    assert_eq!(known(&exact, PROXY).unwrap(), address(CLIENT));
    assert_eq!(known(&exact, "[2001:db8::1]:1").unwrap(), address(CLIENT));
    assert_eq!(known(&exact, "10.0.0.2:1").unwrap(), address("10.0.0.2"));
    let wide = TrustedProxies::cidrs(["10.9.9.9/8"]).unwrap();
    assert_eq!(known(&wide, PROXY).unwrap(), address(CLIENT));
    let everyone = TrustedProxies::cidrs(["::/0"]).unwrap();
    assert_eq!(known(&everyone, PROXY).unwrap(), address("10.0.0.1"));
}
