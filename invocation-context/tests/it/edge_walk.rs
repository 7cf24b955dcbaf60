//! Law 7: the walk equals a naive one, and no address left of an untrusted one is ever the client's.

use core::net::IpAddr;
use core::net::Ipv4Addr;
use core::net::Ipv6Addr;

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::sample::select;
use skeleton_invocation_context::ProblemKind;

use crate::edge_proxies::client;
use crate::edge_proxies::proxies;

const PROXY: IpAddr = IpAddr::V4(Ipv4Addr::new(10, 0, 0, 1));

/// What a proxy saw, or said.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Address(IpAddr),
    Nothing(&'static str),
}

fn is_trusted(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.octets()[0] == 10,
        IpAddr::V6(v6) => v6.segments()[..3] == [0x2001, 0xdb8, 0xffff],
    }
}

fn strangers() -> impl Strategy<Value = IpAddr> {
    let four = any::<[u8; 4]>().prop_map(|octets| IpAddr::from(Ipv4Addr::from(octets)));
    let six = any::<[u16; 8]>().prop_map(|segments| IpAddr::from(Ipv6Addr::from(segments)));
    let any_address = prop_oneof![four, six].prop_map(|address| address.to_canonical());
    any_address.prop_filter("a stranger", |address| !is_trusted(*address))
}

fn trusted() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        any::<[u8; 3]>().prop_map(|[a, b, c]| IpAddr::from([10, a, b, c])),
        any::<u16>().prop_map(|last| IpAddr::from([0x2001, 0xdb8, 0xffff, 0, 0, 0, 0, last])),
    ]
}

fn entries() -> impl Strategy<Value = Entry> {
    let garbage = ["unknown", "_x", "999.1.1.1", "a b", "1.2.3.4:", "[::1"];
    prop_oneof![
        4 => trusted().prop_map(Entry::Address),
        2 => strangers().prop_map(Entry::Address),
        1 => select(garbage.to_vec()).prop_map(Entry::Nothing),
    ]
}

/// One of the ways in which a proxy writes an address.
fn spelled(entry: Entry, way: u8) -> String {
    match (entry, way % 4) {
        (Entry::Nothing(text), _) => text.to_owned(),
        (Entry::Address(IpAddr::V4(v4)), 0) => format!("{v4}:65535"),
        (Entry::Address(IpAddr::V4(v4)), 1) => format!("[{}]:8", v4.to_ipv6_mapped()),
        (Entry::Address(IpAddr::V4(v4)), _) => v4.to_string(),
        (Entry::Address(IpAddr::V6(v6)), 0) => format!("[{v6}]:443"),
        (Entry::Address(IpAddr::V6(v6)), 1) => format!("[{v6}]:_x").to_uppercase(),
        (Entry::Address(IpAddr::V6(v6)), 2) => format!("[{v6}]"),
        (Entry::Address(IpAddr::V6(v6)), _) => v6.to_string(),
    }
}

/// The same as an element of RFC 7239.
fn element(text: &str, way: u8) -> String {
    match way % 3 {
        0 => format!("for=\"{text}\""),
        1 => format!("proto=https;For=\"{text}\";by=\"a,b\""),
        _ => format!("secret=\"for=6.6.6.6;\\\"\" ; FOR=\"{text}\""),
    }
}

/// The walk, written down without a loop over trust.
fn naive(entries: &[Entry]) -> Option<IpAddr> {
    let chain = core::iter::once(Entry::Address(PROXY)).chain(entries.iter().rev().copied());
    let chain: Vec<_> = chain.collect();
    let is_end = |entry: &Entry| match entry {
        Entry::Address(address) => !is_trusted(*address),
        Entry::Nothing(_) => true,
    };
    let end = chain.iter().position(is_end).unwrap_or(chain.len() - 1);
    match chain[end] {
        Entry::Address(address) => Some(address),
        Entry::Nothing(_) => None,
    }
}

fn hostile() -> impl Strategy<Value = String> {
    let pieces = [
        "for=6.6.6.6",
        "6.6.6.6",
        ";x=\"",
        "\"",
        "\\",
        "\\\"",
        ",",
        ";",
        "=",
        "for=",
        "[",
        "]:",
        "10.0.0.9",
        "unknown",
        " ",
        "for=\"6.6.6.6\"",
        "by=\"",
    ];
    let pieces = || vec(select(pieces.to_vec()), 0..5).prop_map(|pieces| pieces.concat());
    let opened = select(vec!["", ";x=\"", ";\"", ";x=\"\\", ";by=\"a\"\"", "\""]);
    let claim = (pieces(), opened).prop_map(|(rest, open)| format!("for=6.6.6.6{rest}{open}"));
    prop_oneof![pieces(), claim, "[ -~]{0,40}"]
}

fn known(name: &str, lines: &[String]) -> Result<Option<IpAddr>, ProblemKind> {
    let lines: Vec<_> = lines.iter().map(|line| (name, line.as_bytes())).collect();
    let proxies = match name {
        "forwarded" => proxies().forwarded(),
        _ => proxies(),
    };
    client(proxies, "10.0.0.1:443", &lines).map_err(|problem| problem.kind())
}

proptest! {
    #[test]
    fn law_07_the_walk_equals_a_naive_one(
        list in vec((entries(), any::<u8>()), 0..12), cuts in vec(any::<bool>(), 12),
    ) {
        let chain: Vec<_> = list.iter().map(|(entry, _)| *entry).collect();
        let texts: Vec<_> = list.iter().map(|(entry, way)| (spelled(*entry, *way), *way)).collect();
        let cut = |texts: Vec<String>| {
            let mut lines = vec![String::new()];
            for (text, cut) in texts.into_iter().zip(&cuts) {
                match lines.last_mut() {
                    Some(line) if !cut => *line = format!("{line} , {text}"),
                    _ => lines.push(text),
                }
            }
            lines
        };
        let plain = cut(texts.iter().map(|(text, _)| text.clone()).collect());
        prop_assert_eq!(known("x-forwarded-for", &plain), Ok(naive(&chain)));
        let quoted = cut(texts.iter().map(|(text, way)| element(text, *way)).collect());
        prop_assert_eq!(known("forwarded", &quoted), Ok(naive(&chain)));
    }

    #[test]
    fn law_07_nothing_left_of_an_untrusted_address_matters_in_a_list(
        left in hostile(), seen in strangers(), right in vec(trusted(), 0..3), way: u8, is_one_line: bool,
    ) {
        let seen_by_proxies = core::iter::once(seen).chain(right);
        let texts: Vec<_> = seen_by_proxies.map(|address| spelled(Entry::Address(address), way)).collect();
        let right = texts.join(", ");
        let lines = if is_one_line { vec![format!("{left}, {right}")] } else { vec![left, right] };
        prop_assert_eq!(known("x-forwarded-for", &lines), Ok(Some(seen)));
    }

    #[test]
    fn law_07_no_address_left_of_an_untrusted_one_is_the_clients(
        left in hostile(), seen in strangers(), right in vec(trusted(), 0..3), way: u8, is_one_line: bool,
    ) {
        let seen_by_proxies = core::iter::once(seen).chain(right);
        let spelled = |address| element(&spelled(Entry::Address(address), way), way / 4);
        let right = seen_by_proxies.map(spelled).collect::<Vec<_>>().join(", ");
        let lines = if is_one_line { vec![format!("{left}, {right}")] } else { vec![left, right] };
        // A quote that the client left open in the proxy's line may cost the address, but puts no other in its place.
        match known("forwarded", &lines) {
            Ok(None) => prop_assert!(is_one_line),
            Ok(address) => prop_assert_eq!(address, Some(seen)),
            Err(kind) => prop_assert_eq!((kind, is_one_line), (ProblemKind::Malformed, true)),
        }
    }

    #[test]
    fn law_07_a_stranger_is_the_client_whatever_it_sends(left in hostile(), seen in strangers()) {
        let peer = std::net::SocketAddr::new(seen, 443).to_string();
        for name in ["x-forwarded-for", "forwarded"] {
            let lines = [(name, left.as_bytes())];
            let known = client(proxies(), &peer, &lines).map_err(|problem| problem.kind());
            prop_assert_eq!(known, Ok(Some(seen)));
        }
    }
}
