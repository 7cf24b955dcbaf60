//! Slugs, hosts, root domains.

use proptest::proptest;
use skeleton_tenancy_tree::Host;
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
    for slug in ["admin", "www", "api", "login"] {
        assert_eq!(TenantSlug::parse(slug), Err(SlugError::Reserved));
    }
    assert_eq!(
        TenantSlug::parse("xn--80ak6aa92e"),
        Err(SlugError::Alphabet)
    );
    assert_eq!(TenantSlug::parse("ab--cd"), Err(SlugError::Alphabet));
}

#[test]
fn a_host_loses_its_port_its_last_dot_and_its_case() {
    for text in [
        "ACME.Bank.example",
        "acme.bank.example.",
        "acme.bank.example:8443",
        "acme.bank.example.:1",
    ] {
        assert_eq!(Host::parse(text).unwrap().as_str(), "acme.bank.example");
    }
    assert_eq!(Host::parse("[::1]:80").unwrap().as_str(), "[::1]");
    assert_eq!(Host::parse("127.0.0.1").unwrap().as_str(), "127.0.0.1");
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
        "-a.example",
        "a-.example",
        "a/b",
        "user@acme.bank.example",
        "acme:port",
        "acme:123456",
        "acme:80:80",
        "[::1",
        "::1",
        "[::1]x",
        "[zz]",
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
    assert!(Host::parse(&longest).is_ok());
    assert!(Host::parse(&format!("{longest}.")).is_ok());
    assert!(Host::parse(&format!("{longest}b")).is_err());
    assert!(Host::parse(&"a".repeat(64)).is_err());
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
fn a_kind_of_tenants_is_a_label() {
    assert_eq!(TenantKind::parse("external").unwrap(), TenantKind::EXTERNAL);
    for text in ["", "Partner", "-a", "a-", "a b", &"a".repeat(33)] {
        assert!(TenantKind::parse(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_host_is_canonical_or_none(text in "\\PC{0,40}") {
        if let Ok(host) = Host::parse(&text) {
            assert_eq!(Host::parse(host.as_str()).unwrap(), host);
        }
    }

    #[test]
    fn a_slug_is_a_label_of_a_host_as_it_stands(text in "[a-z0-9-]{1,44}") {
        if let Ok(slug) = TenantSlug::parse(&text) {
            assert_eq!(Host::parse(slug.as_str()).unwrap().as_str(), text);
        }
    }
}
