//! Slugs, hosts, root domains.

use proptest::collection::vec;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::ResidencyLabel;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::SlugError;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;

#[test]
fn a_slug_has_3_to_40_characters_of_its_alphabet() {
    let longest = "a".repeat(40);
    for slug in ["abc", "a-b", "0-9", "a1-b2", "ab-c--d", &longest] {
        assert_eq!(TenantSlug::parse(slug).unwrap().as_str(), slug);
    }
    for slug in ["", "ab", &"a".repeat(41)] {
        assert_eq!(TenantSlug::parse(slug), Err(SlugError::Length), "{slug}");
    }
    for slug in [
        "Acme", "ac me", "-acme", "acme-", "ac_me", "ac.me", "äcme", "acme\0",
    ] {
        assert_eq!(TenantSlug::parse(slug), Err(SlugError::Alphabet), "{slug}");
    }
}

#[test]
fn attack_08_reserved_and_encoded_slugs_are_none() {
    for slug in ["admin", "www", "api", "login", "auth", "status", "wpad"] {
        assert_eq!(TenantSlug::parse(slug), Err(SlugError::Reserved));
    }
    for slug in ["xn--80ak6aa92e", "ab--cd", "a1--", "xn--"] {
        assert_eq!(TenantSlug::parse(slug), Err(SlugError::Alphabet), "{slug}");
    }
    for slug in ["admins", "my-admin", "xn-acme", "xnx--acme"] {
        assert!(TenantSlug::parse(slug).is_ok(), "{slug}");
    }
}

#[test]
fn a_slug_is_shown_as_it_was_written() {
    let slug: TenantSlug = "acme".parse().unwrap();
    assert_eq!(slug.to_string(), "acme");
    assert_eq!(format!("{slug:>6}"), "  acme");
    assert_eq!("Acme".parse::<TenantSlug>(), Err(SlugError::Alphabet));
}

#[test]
fn a_host_loses_its_port_its_last_dot_and_its_case() {
    for text in [
        "acme.bank.example",
        "ACME.Bank.example",
        "acme.bank.example.",
        "acme.bank.example:8443",
        "acme.bank.example:",
        "acme.bank.example.:1",
    ] {
        assert_eq!(Host::parse(text).unwrap().as_str(), "acme.bank.example");
    }
}

#[test]
fn attack_06_an_address_is_a_host_of_its_own() {
    let cases = [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("2130706433", "2130706433"),
        ("0x7f.1", "0x7f.1"),
        ("[::1]", "[::1]"),
        ("[::1]:80", "[::1]"),
        ("[2001:DB8::1]:443", "[2001:db8::1]"),
        ("[::ffff:127.0.0.1]", "[::ffff:127.0.0.1]"),
    ];
    for (text, canonical) in cases {
        assert_eq!(Host::parse(text).unwrap().as_str(), canonical);
    }
}

#[test]
fn attack_06_a_host_of_illegal_bytes_is_none() {
    let texts = [
        "",
        ".",
        ":80",
        "a..b",
        ".a",
        "acme.bank.example..",
        "acme bank",
        "acme\u{0}",
        "münchen.example",
        "acme\u{212a}.example",
        "acme\u{3002}bank.example",
        "acme\t",
        " acme",
        "acme\r\nhost: globex",
        "acme%2ebank.example",
        "acme\\bank.example",
        "acme?bank.example",
        "acme#bank.example",
        "http://acme.bank.example",
        "acme.bank.example/",
        "*.bank.example",
        "-a.example",
        "a-.example",
        "a/b",
        "user@acme.bank.example",
        "user:secret@acme.bank.example",
        "acme.bank.example@evil.io",
        "acme:port",
        "acme:123456",
        "acme:80:80",
        "acme:+80",
        "acme:-1",
        "acme: 80",
        "acme:80.",
        "[::1",
        "::1",
        "[::1]x",
        "[zz]",
        "[::1].",
        "x[::1]",
        "[[::1]]",
        "[::1]]",
        "[::1%eth0]",
        "]",
        "[",
        "a,b",
    ];
    for text in texts {
        assert!(Host::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn attack_06_a_host_has_at_most_253_bytes_and_a_label_63() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "b".repeat(61));
    assert_eq!(longest.len(), 253);
    for text in [
        longest.clone(),
        format!("{longest}."),
        format!("{longest}:65535"),
        format!("{longest}.:65535"),
    ] {
        assert_eq!(Host::parse(&text).unwrap().as_str(), longest);
    }
    for text in [
        format!("{longest}b"),
        format!("{longest}b."),
        format!("{longest}.."),
        "a".repeat(64),
        format!("{}.example", "a".repeat(64)),
        format!("[{}]", ":".repeat(252)),
        "a.".repeat(1 << 20),
    ] {
        assert!(Host::parse(&text).is_err(), "{}", text.len());
    }
}

#[test]
fn an_entry_point_is_its_host_and_no_other() {
    let root = RootDomain::parse("Bank.Example").unwrap();
    let entry_point = EntryPoint::of(&"acme".parse().unwrap(), &root);
    assert_eq!(entry_point.host(), "acme.bank.example");
    assert_eq!(entry_point.to_string(), "https://acme.bank.example");
    assert!(entry_point.is(&Host::parse("ACME.bank.example.:443").unwrap()));
    for text in [
        "bank.example",
        "a.acme.bank.example",
        "acme.bank.example.evil.io",
        "xacme.bank.example",
        "acme",
    ] {
        assert!(!entry_point.is(&Host::parse(text).unwrap()), "{text}");
        assert_eq!(root.is(&Host::parse(text).unwrap()), text == "bank.example");
    }
}

#[test]
fn a_root_domain_names_no_port_and_is_no_address() {
    assert_eq!(
        RootDomain::parse("Bank.Example.").unwrap().as_str(),
        "bank.example"
    );
    for text in ["bank.example:80", "[::1]", "", "bank..example"] {
        assert!(RootDomain::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_kind_and_a_residency_are_labels_of_the_product() {
    assert_eq!(TenantKind::parse("external").unwrap(), TenantKind::EXTERNAL);
    assert_eq!(TenantKind::parse("internal").unwrap(), TenantKind::INTERNAL);
    for text in ["a", "eu-west-1", &"a".repeat(32)] {
        assert_eq!(TenantKind::parse(text).unwrap().as_str(), text);
        assert_eq!(ResidencyLabel::parse(text).unwrap().to_string(), text);
    }
    for text in [
        "",
        "Partner",
        "-a",
        "a-",
        "a b",
        "a_b",
        "é",
        &"a".repeat(33),
    ] {
        assert!(TenantKind::parse(text).is_err(), "{text:?}");
        assert!(ResidencyLabel::parse(text).is_err(), "{text:?}");
    }
}

/// Bytes that hosts are made of, and some that they are not.
const BYTES: &[u8; 20] = b"aZ09-_.:[]@/ ,%fx\0\x7f\xc3";

proptest! {
    #[test]
    fn a_host_is_canonical_or_none(picks in vec(0..BYTES.len(), 0..24), any: String) {
        let bytes: Vec<_> = picks.iter().map(|at| BYTES[*at]).collect();
        for text in [String::from_utf8_lossy(&bytes).into_owned(), any] {
            let Ok(host) = Host::parse(&text) else {
                continue;
            };
            let canonical = host.as_str();
            prop_assert_eq!(&Host::parse(canonical).unwrap(), &host);
            prop_assert!((1..=253).contains(&canonical.len()));
            prop_assert!(canonical.is_ascii() && canonical == canonical.to_ascii_lowercase());
            prop_assert!(!canonical.ends_with('.') && !canonical.contains([' ', '@', '/', ',', '%', '\0']));
            let lower = text.to_ascii_lowercase();
            let rest = lower.strip_prefix(canonical).unwrap();
            let port = rest.strip_prefix('.').unwrap_or(rest);
            prop_assert!(port.is_empty() || port.strip_prefix(':').unwrap().bytes().all(|byte| byte.is_ascii_digit()));
        }
    }

    #[test]
    fn a_slug_is_what_the_rule_says(text in "[a-z0-9-]{0,44}|[a-zA-Z_.-]{2,5}|xn--[a-z]{3}|[a-z]{2}--[a-z]{1}") {
        let inner = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let ends = [text.bytes().next(), text.bytes().last()].contains(&Some(b'-'));
        let is_slug = (3..=40).contains(&text.len()) && inner && !ends && text.get(2..4) != Some("--");
        match TenantSlug::parse(&text) {
            Ok(slug) => prop_assert!(is_slug && slug.as_str() == text),
            Err(error) => prop_assert_eq!(is_slug, error == SlugError::Reserved),
        }
    }

    #[test]
    fn a_slug_is_a_label_of_a_host_as_it_stands(text in "[a-z0-9-]{1,44}") {
        if let Ok(slug) = TenantSlug::parse(&text) {
            let host = Host::parse(slug.as_str()).unwrap();
            prop_assert_eq!(host.as_str(), text);
        }
    }

    #[test]
    fn upper_case_and_ports_change_no_host(port in any::<u16>(), upper in any::<u32>()) {
        let mixed = "acme-0.bank.example".bytes().zip(0..);
        let mixed = mixed.map(|(byte, at)| if upper >> at & 1 == 1 { byte.to_ascii_uppercase() } else { byte });
        let text = format!("{}:{port}", String::from_utf8(mixed.collect()).unwrap());
        let host = Host::parse(&text).unwrap();
        prop_assert_eq!(host.as_str(), "acme-0.bank.example");
    }
}
