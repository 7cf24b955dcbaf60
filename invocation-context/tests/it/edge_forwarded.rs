//! `Forwarded` to the letter of RFC 7239, and what a client writes in front of it.

use skeleton_invocation_context::ProblemKind;

use crate::edge_proxies::CLIENT;
use crate::edge_proxies::address;
use crate::edge_proxies::forwarded;

#[test]
fn attack_06_an_open_quote_does_not_swallow_what_the_proxy_wrote() {
    let seen = [
        format!("for={CLIENT}"),
        "for=\"[2001:db8:1::7]:80\"".to_owned(),
    ];
    let forged = [
        "for=6.6.6.6;x=\"",
        "for=6.6.6.6;x=\"\\",
        "x=1;for=6.6.6.6;\"",
        "for=6.6.6.6;by=\"a\"\"",
        "for=\"6.6.6.6\";x=a\"",
        "for=6.6.6.6;x=\"a,b\";y=\"",
        "for=6.6.6.6;secret=\"\\\"",
    ];
    for left in forged {
        for right in &seen {
            let line = format!("{left}, {right}");
            let known = [forwarded(&[&line]), forwarded(&[left, right])];
            for known in known {
                assert_ne!(known.ok().flatten(), address("6.6.6.6"), "{line}");
            }
        }
    }
}

#[test]
fn elements_are_read_as_rfc_7239_writes_them() {
    let four = [
        "for=203.0.113.7",
        "For=203.0.113.7;proto=https;by=10.0.0.1",
        "proto=https;by=\"[2001:db8::1]:80\";FOR=\"203.0.113.7:47011\"",
        "for=\"203.0\\.113.7\"",
        "for=203.0.113.7;secret=\"a,b;for=6.6.6.6,\\\"for=6.6.6.6\"",
        "by=\"for=6.6.6.6\";for=203.0.113.7",
        "forged=6.6.6.6;for=203.0.113.7",
        "for=6.6.6.6;x=\"a,b\" , for=203.0.113.7",
    ];
    for line in four {
        assert_eq!(forwarded(&[line]).unwrap(), address(CLIENT), "{line}");
    }
    let six = "For=\"[2001:db8:cafe::17]:4711\"";
    assert_eq!(forwarded(&[six]).unwrap(), address("2001:db8:cafe::17"));
}

#[test]
fn an_element_may_hold_empty_pairs() {
    for line in [
        "for=203.0.113.7;",
        ";for=203.0.113.7",
        "for=203.0.113.7;;proto=http",
    ] {
        assert_eq!(forwarded(&[line]).unwrap(), address(CLIENT), "{line}");
    }
}

#[test]
fn an_element_without_exactly_one_sound_for_ends_the_walk_without_an_address() {
    let elements = [
        "for=203.0.113.7;for=203.0.113.7",
        "for=203.0.113.7;proto=http;For=6.6.6.6",
        "by=203.0.113.7",
        "proto=https",
        "for",
        "for=",
        "for=\"\"",
        "203.0.113.7",
        "for=\"203.0.113.7\"x",
        "for=x\"203.0.113.7\"",
        "for=\"203.0.113.7",
        "for==203.0.113.7",
        "xfor=203.0.113.7",
    ];
    for element in elements {
        let line = format!("for=6.6.6.6, {element}");
        // An open quote may be refused altogether.
        let known = forwarded(&[&line]).or_else(|problem| match problem.kind() {
            ProblemKind::Malformed => Ok(None),
            _ => Err(problem),
        });
        assert_eq!(known.unwrap(), None, "{line}");
    }
}
