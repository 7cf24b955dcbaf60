//! What a catalogue must hold to compile. Everything here runs while compiling only.

use super::Definition;
use super::Retired;
use super::StandardPolicy;
use super::StandardRole;
use crate::skeleton;

/// Stops the compiler unless bits, names and references of a catalogue fit together.
pub const fn check(
    resources: &[&[Definition]],
    policies: &[StandardPolicy],
    roles: &[StandardRole],
    retired: &[Retired],
) {
    bits_are_used_once(resources);
    names_are_used_once(resources);
    what_is_retired_stays_so(resources, retired);
    policies_are_whole(policies, resources);
    roles_are_whole(roles, policies);
}

/// Stops the compiler unless the skeleton's own bits fit together.
pub(crate) const fn check_skeleton(resources: &[&[Definition]]) {
    bits_are_used_once(resources);
}

const fn bits_are_used_once(resources: &[&[Definition]]) {
    let mut used = [0_u128; 8];
    let mut rest = resources;
    while let [resource, others @ ..] = rest {
        let mut permissions: &[Definition] = resource;
        while let [permission, tail @ ..] = permissions {
            used = with(used, permission.id().bit());
            permissions = tail;
        }
        rest = others;
    }
}

const fn with(used: [u128; 8], bit: u16) -> [u128; 8] {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = used;
    let word = match bit / 128 {
        0 => &mut a,
        1 => &mut b,
        2 => &mut c,
        3 => &mut d,
        4 => &mut e,
        5 => &mut f,
        6 => &mut g,
        _ => &mut h,
    };
    let mask = 1_u128 << (bit % 128);
    assert!(*word & mask == 0, "two permissions have the same bit");
    *word |= mask;
    [a, b, c, d, e, f, g, h]
}

const fn names_are_used_once(resources: &[&[Definition]]) {
    let mut rest = resources;
    while let [resource, others @ ..] = rest {
        let mut permissions: &[Definition] = resource;
        while let [permission, tail @ ..] = permissions {
            assert!(
                !holds_name(tail, permission),
                "two permissions have the same name"
            );
            assert!(
                !holds_name_of(others, permission),
                "two permissions have the same name"
            );
            assert!(
                !holds_name_of(skeleton::RESOURCES, permission),
                "a permission has the name of one of the skeleton's"
            );
            permissions = tail;
        }
        rest = others;
    }
}

const fn what_is_retired_stays_so(resources: &[&[Definition]], retired: &[Retired]) {
    let mut rest = retired;
    while let [gone, others @ ..] = rest {
        let mut other = others;
        while let [next, tail @ ..] = other {
            assert!(
                gone.id().bit() != next.id().bit() && !same(gone.name(), next.name()),
                "a permission is retired once"
            );
            other = tail;
        }
        let mut tables = resources;
        while let [table, tail @ ..] = tables {
            let mut permissions: &[Definition] = table;
            while let [living, left @ ..] = permissions {
                assert!(
                    gone.id().bit() != living.id().bit(),
                    "the bit of a retired permission is never used again"
                );
                assert!(
                    !same(gone.name(), living.name()),
                    "the name of a retired permission is never used again"
                );
                permissions = left;
            }
            tables = tail;
        }
        rest = others;
    }
}

const fn policies_are_whole(policies: &[StandardPolicy], resources: &[&[Definition]]) {
    let mut rest = policies;
    while let [policy, others @ ..] = rest {
        let mut other = others;
        while let [next, tail @ ..] = other {
            assert!(
                !same(policy.as_str(), next.as_str()),
                "two policies have the same name"
            );
            other = tail;
        }
        let mut permissions = policy.permissions();
        while let [permission, tail @ ..] = permissions {
            assert!(
                declares(resources, permission) || declares(skeleton::RESOURCES, permission),
                "a policy holds a permission of another catalogue"
            );
            permissions = tail;
        }
        rest = others;
    }
}

const fn roles_are_whole(roles: &[StandardRole], policies: &[StandardPolicy]) {
    let mut rest = roles;
    while let [role, others @ ..] = rest {
        let mut other = others;
        while let [next, tail @ ..] = other {
            assert!(
                !same(role.as_str(), next.as_str()),
                "two roles have the same name"
            );
            other = tail;
        }
        let mut bundled = role.policies();
        while let [policy, tail @ ..] = bundled {
            assert!(
                is_among(policies, policy),
                "a role bundles a policy of another catalogue"
            );
            bundled = tail;
        }
        rest = others;
    }
}

const fn declares(resources: &[&[Definition]], permission: &Definition) -> bool {
    let mut rest = resources;
    while let [table, others @ ..] = rest {
        let mut permissions: &[Definition] = table;
        while let [known, tail @ ..] = permissions {
            if known.id().bit() == permission.id().bit() {
                return same(known.name(), permission.name());
            }
            permissions = tail;
        }
        rest = others;
    }
    false
}

const fn holds_name(table: &[Definition], permission: &Definition) -> bool {
    let mut rest = table;
    while let [known, tail @ ..] = rest {
        if same(known.name(), permission.name()) {
            return true;
        }
        rest = tail;
    }
    false
}

const fn holds_name_of(tables: &[&[Definition]], permission: &Definition) -> bool {
    let mut rest = tables;
    while let [table, others @ ..] = rest {
        if shares_resource(table, permission) && holds_name(table, permission) {
            return true;
        }
        rest = others;
    }
    false
}

const fn shares_resource(table: &[Definition], permission: &Definition) -> bool {
    matches!(table, [first, ..] if same(first.resource(), permission.resource()))
}

const fn is_among(policies: &[StandardPolicy], policy: &StandardPolicy) -> bool {
    let mut rest = policies;
    while let [known, tail @ ..] = rest {
        if same(known.as_str(), policy.as_str()) {
            return holds_alike(known.permissions(), policy.permissions());
        }
        rest = tail;
    }
    false
}

const fn holds_alike(one: &[Definition], other: &[Definition]) -> bool {
    let (mut one, mut other) = (one, other);
    while let ([a, one_tail @ ..], [b, other_tail @ ..]) = (one, other) {
        if a.id().bit() != b.id().bit() || !same(a.name(), b.name()) {
            return false;
        }
        (one, other) = (one_tail, other_tail);
    }
    one.is_empty() && other.is_empty()
}

const fn same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    while let ([a, one_tail @ ..], [b, other_tail @ ..]) = (one, other) {
        if *a != *b {
            return false;
        }
        (one, other) = (one_tail, other_tail);
    }
    true
}
