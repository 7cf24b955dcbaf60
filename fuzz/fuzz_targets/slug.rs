//! Slugs: the rule by itself, and what is a slug is a label of a host as it stands.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::SlugError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantSlug;

/// What was reserved when this was written: the list only grows.
const RESERVED: [&str; 30] = [
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "billing",
    "blog",
    "cdn",
    "docs",
    "edge",
    "ftp",
    "help",
    "imap",
    "internal",
    "login",
    "mail",
    "mta",
    "pop",
    "root",
    "security",
    "smtp",
    "sso",
    "static",
    "status",
    "support",
    "system",
    "www",
    "wpad",
];

fuzz_target!(|text: &str| {
    let json = serde_json::to_string(text).expect("a text");
    let read = serde_json::from_str::<TenantSlug>(&json);
    match TenantSlug::parse(text) {
        Ok(slug) => {
            assert!(is_shaped(text) && !RESERVED.contains(&text));
            assert_eq!((slug.as_str(), slug.to_string().as_str()), (text, text));
            assert_eq!(text.parse(), Ok(slug.clone()));
            assert_eq!(serde_json::to_string(&slug).expect("a text"), json);
            is_an_entry_point(&slug);
            assert_eq!(read.expect("a slug"), slug);
        }
        Err(SlugError::Reserved) => {
            assert!(is_shaped(text) && read.is_err());
            // What was given before it was reserved is still read from a log.
            assert_eq!(of_a_log(text).expect("a slug").as_str(), text);
        }
        Err(SlugError::Length) => {
            assert!(!(3..=40).contains(&text.len()));
            assert!(read.is_err());
        }
        Err(_) => assert!(!is_shaped(text) && read.is_err() && of_a_log(text).is_none()),
    }
});

fn is_shaped(text: &str) -> bool {
    let letter = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit();
    let chars: Vec<_> = text.chars().collect();
    (3..=40).contains(&chars.len())
        && chars.iter().all(|char| letter(*char) || *char == '-')
        && letter(chars[0])
        && letter(chars[chars.len() - 1])
        && chars[2..].iter().take(2).collect::<String>() != "--"
}

fn of_a_log(text: &str) -> Option<TenantSlug> {
    let document = json!({ "type": "tenant-onboarded", "data": {
        "tenant": "01KE6P4YM0FSPTFB776BVFNQX7", "slug": text, "kind": "external", "is-test": false,
        "entry-point": "acme.bank.example",
    } });
    match serde_json::from_value(document).ok()? {
        TenantEvent::Onboarded { slug, .. } => Some(slug),
        _ => None,
    }
}

fn is_an_entry_point(slug: &TenantSlug) {
    let root = RootDomain::parse("bank.example").expect("a domain");
    let entry_point = EntryPoint::of(slug, &root);
    let host = Host::parse(entry_point.host()).expect("a host");
    assert!(entry_point.is(&host) && !root.is(&host));
    assert_eq!(host.as_str(), format!("{slug}.bank.example"));
}
