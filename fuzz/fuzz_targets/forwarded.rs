//! Forwarding headers: whatever a client wrote, the first untrusted address from the right is the client's, or none is known.

#![no_main]

use core::net::IpAddr;
use core::net::Ipv4Addr;
use core::net::SocketAddr;
use std::sync::LazyLock;

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use skeleton_fuzz::NOW;
use skeleton_fuzz::append;
use skeleton_fuzz::client_ip;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;

static EDGES: LazyLock<[Edge; 2]> = LazyLock::new(|| {
    let trusted = || TrustedProxies::cidrs(["10.0.0.0/8", "2001:db8:ffff::/48"]).expect("ranges");
    [trusted(), trusted().forwarded()]
        .map(|proxies| Edge::new(FixedClock::at(NOW), SeededIds::new(1), proxies))
});
const MAX_BYTES: usize = 2 * 1024;
const MAX_ENTRIES: usize = 32;
const NAMES: [&str; 2] = ["x-forwarded-for", "forwarded"];

fuzz_target!(|bytes: &[u8]| {
    let Some((mode, rest)) = bytes.split_first() else {
        return;
    };
    match mode % 4 {
        0 => behind_proxies(0, mode >> 2, rest),
        1 => behind_proxies(1, mode >> 2, rest),
        2 => free_list(mode >> 2, rest),
        _ => free_elements(rest),
    }
});

/// What the edge says: a refusal, no address, or one.
fn outcome(which: usize, headers: &mut HeaderMap, peer: &str) -> Result<Option<String>, ()> {
    let peer: SocketAddr = format!("{peer}:443").parse().expect("an address");
    match EDGES[which].admit(headers, Some(peer)) {
        Ok(ctx) => Ok(client_ip(&ctx)),
        Err(problem) => {
            assert_eq!(problem.status(), 400);
            Err(())
        }
    }
}

/// The bytes are the client's; the proxies add what they saw, to its line or below it.
fn behind_proxies(which: usize, shape: u8, bytes: &[u8]) {
    let client = ["203.0.113.7", "2001:db8:1::7"][usize::from(shape & 1)];
    let proxies = ["10.0.0.2", "2001:db8:ffff::3"];
    let seen = core::iter::once(client)
        .chain(proxies)
        .take(1 + usize::from(shape >> 1 & 3) % 3);
    let added: Vec<_> = seen
        .map(|address| entry(which, address, shape >> 3 & 1 == 1))
        .collect();
    let added = added.join(", ");
    let mut headers = HeaderMap::new();
    let is_one_line = shape >> 4 & 1 == 1;
    let lines = if is_one_line {
        vec![[bytes, b", ", added.as_bytes()].concat()]
    } else {
        vec![bytes.to_vec(), added.into_bytes()]
    };
    if !lines
        .iter()
        .all(|line| append(&mut headers, NAMES[which], line))
    {
        return;
    }
    let told = outcome(which, &mut headers, "10.0.0.1");
    let right = Ok(Some(client.to_owned()));
    match limit(&lines) {
        Limit::Kept if which == 0 || !is_one_line => assert_eq!(told, right),
        Limit::Exceeded => assert_eq!(told, Err(())),
        // A quote that the client left open in the proxy's line may cost the address, but puts no other in its place.
        _ => assert!(matches!(&told, Ok(None) | Err(())) || told == right),
    }
}

/// Whether lines are short, few and ASCII. Between the two: elements that are empty or quoted may count or not.
enum Limit {
    Kept,
    Unclear,
    Exceeded,
}

fn limit(lines: &[Vec<u8>]) -> Limit {
    let bytes: usize = lines.iter().map(Vec::len).sum();
    let is_text = lines.iter().all(|line| line.is_ascii());
    let parts: Vec<_> = lines
        .iter()
        .flat_map(|line| line.split(|byte| *byte == b','))
        .collect();
    let filled = parts
        .iter()
        .filter(|part| !part.trim_ascii().is_empty())
        .count();
    let are_quoted = lines.iter().any(|line| line.contains(&b'"'));
    if !is_text || bytes > MAX_BYTES || (filled > MAX_ENTRIES && !are_quoted) {
        Limit::Exceeded
    } else if parts.len() > MAX_ENTRIES || bytes + lines.len() > MAX_BYTES {
        Limit::Unclear
    } else {
        Limit::Kept
    }
}

/// The entry of a proxy that saw this address.
fn entry(which: usize, address: &str, has_port: bool) -> String {
    let host = if address.contains(':') {
        format!("[{address}]")
    } else {
        address.to_owned()
    };
    let node = if has_port {
        format!("{host}:4711")
    } else {
        host
    };
    let is_token = !node.contains(':');
    match which {
        0 => node,
        _ if is_token => format!("for={node};proto=https"),
        _ => format!("proto=https;For=\"{node}\""),
    }
}

/// Lines of `X-Forwarded-For` from a proxy or a stranger, against a model that only splits.
fn free_list(shape: u8, bytes: &[u8]) {
    let peer = [
        "10.0.0.1",
        "[::ffff:10.0.0.1]",
        "[2001:db8:ffff::9]",
        "198.51.100.1",
    ][usize::from(shape & 3)];
    let lines: Vec<_> = bytes
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    let mut headers = HeaderMap::new();
    if !lines
        .iter()
        .all(|line| append(&mut headers, NAMES[0], line))
    {
        return;
    }
    let told = outcome(0, &mut headers, peer);
    let peer: SocketAddr = format!("{peer}:443").parse().expect("an address");
    let peer = peer.ip().to_canonical();
    let as_text = |ip: Option<IpAddr>| ip.map(|ip| ip.to_string());
    match limit(&lines) {
        _ if !is_trusted(peer) => assert_eq!(told, Ok(as_text(Some(peer)))),
        Limit::Kept => assert_eq!(told, Ok(as_text(walk(peer, &list(&lines))))),
        Limit::Exceeded if !bytes.contains(&b'"') => assert_eq!(told, Err(())),
        Limit::Exceeded | Limit::Unclear => {}
    }
}

fn is_trusted(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.octets()[0] == 10,
        IpAddr::V6(v6) => v6.segments()[..3] == [0x2001, 0xdb8, 0xffff],
    }
}

fn walk(peer: IpAddr, entries: &[Option<IpAddr>]) -> Option<IpAddr> {
    let chain = core::iter::once(Some(peer)).chain(entries.iter().rev().copied());
    let mut last = None;
    for address in chain {
        last = Some(address?);
        if !is_trusted(address?) {
            return last;
        }
    }
    last
}

fn list(lines: &[Vec<u8>]) -> Vec<Option<IpAddr>> {
    let joined = lines.join(&b',');
    let text = String::from_utf8_lossy(&joined);
    let entries = text
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty());
    entries.map(address).collect()
}

fn address(text: &str) -> Option<IpAddr> {
    let parse = |text: &str| {
        text.parse::<IpAddr>()
            .ok()
            .map(|address| address.to_canonical())
    };
    if let Some(inner) = text.strip_prefix('[') {
        let (inner, rest) = inner.split_once(']')?;
        let is_sound = rest.is_empty() || rest.strip_prefix(':').is_some_and(is_port);
        return parse(inner).filter(|_| is_sound);
    }
    if let Some((host, port)) = text.rsplit_once(':')
        && host.parse::<Ipv4Addr>().is_ok()
        && is_port(port)
    {
        return parse(host);
    }
    parse(text)
}

fn is_port(text: &str) -> bool {
    let obfuscated = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let are_digits = !text.is_empty() && text.chars().all(|char| char.is_ascii_digit());
    let is_obfuscated = text
        .strip_prefix('_')
        .is_some_and(|t| !t.is_empty() && t.chars().all(obfuscated));
    (are_digits && text.parse::<u16>().is_ok()) || is_obfuscated
}

/// One line of `Forwarded` that is right to the letter of RFC 7239, against a reader of its grammar.
fn free_elements(bytes: &[u8]) {
    let Some(elements) = str::from_utf8(bytes).ok().and_then(Grammar::read) else {
        return;
    };
    let entries: Vec<_> = elements.iter().map(|pairs| of_element(pairs)).collect();
    let mut headers = HeaderMap::new();
    if !append(&mut headers, NAMES[1], bytes) || !bytes.is_ascii() {
        return;
    }
    let peer = IpAddr::from([10, 0, 0, 1]);
    let told = outcome(1, &mut headers, "10.0.0.1");
    match limit(&[bytes.to_vec()]) {
        Limit::Kept => assert_eq!(told, Ok(walk(peer, &entries).map(|ip| ip.to_string()))),
        Limit::Exceeded => assert_eq!(told, Err(())),
        Limit::Unclear => {}
    }
}

fn of_element(pairs: &[(String, String)]) -> Option<IpAddr> {
    let mut nodes = pairs
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("for"));
    let (_, node) = nodes.next()?;
    nodes.next().is_none().then(|| address(node))?
}

/// `forwarded-element = [ forwarded-pair ] *( ";" [ forwarded-pair ] )`, in a list of RFC 9110.
struct Grammar<'t>(&'t [u8]);

impl Grammar<'_> {
    fn read(text: &str) -> Option<Vec<Vec<(String, String)>>> {
        let mut grammar = Grammar(text.as_bytes());
        let mut elements = Vec::new();
        loop {
            grammar.spaces();
            let before = grammar.0.len();
            let element = grammar.element()?;
            if grammar.0.len() < before {
                elements.push(element);
            }
            grammar.spaces();
            match grammar.next() {
                Some(b',') => {}
                None => return Some(elements),
                Some(_) => return None,
            }
        }
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn spaces(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }

    fn element(&mut self) -> Option<Vec<(String, String)>> {
        let mut pairs = Vec::new();
        loop {
            if let Some(name) = self.token() {
                let equals = self.next()?;
                let value = if self.0.first() == Some(&b'"') {
                    self.quoted()
                } else {
                    self.token()
                };
                pairs.push((name, value.filter(|_| equals == b'=')?));
            }
            match self.0.first() {
                Some(b';') => self.next(),
                _ => return Some(pairs),
            };
        }
    }

    fn token(&mut self) -> Option<String> {
        let is_tchar =
            |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let count = self.0.iter().take_while(|byte| is_tchar(byte)).count();
        let (token, rest) = self.0.split_at(count);
        self.0 = rest;
        (count > 0).then(|| String::from_utf8_lossy(token).into_owned())
    }

    fn quoted(&mut self) -> Option<String> {
        let mut text = String::new();
        self.next();
        loop {
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => text.push(char::from(self.next()?)),
                byte => text.push(char::from(byte)),
            }
        }
    }
}
