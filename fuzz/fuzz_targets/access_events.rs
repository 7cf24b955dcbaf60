//! Logs of rules, forged or decided: every process folds the same rules from them, the first word counts, and whoever asks
//! gets one answer, whatever way the question is put.
//!
//! An input is lines of JSON, or four bytes a step: what, and three numbers of which it is made.

#![no_main]

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessView;
use skeleton_authz::Decision;
use skeleton_authz::DenyReason;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Guardrail;
use skeleton_authz::GuardrailId;
use skeleton_authz::Impersonation;
use skeleton_authz::Reach;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_authz::TenantRole;
use skeleton_authz::Verdict;
use skeleton_authz::Window;
use skeleton_fuzz::NOW;
use skeleton_fuzz::rules;
use skeleton_fuzz::rules::ASKS;
use skeleton_fuzz::rules::World;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;

const ROLES: [&str; 6] = ["x-a", "x-b", "clerk", "biller", "tenant-admin", "nobody"];
const PERMISSIONS: [&str; 6] = [
    "invoice:read",
    "invoice:issue",
    "invoice:void",
    "grant:assign",
    "invoice:freeze",
    "\"\u{0}\u{202e}",
];

fuzz_target!(|bytes: &[u8]| {
    let mut events = Vec::new();
    if bytes.starts_with(b"{") {
        for line in bytes.split(|byte| *byte == b'\n') {
            events.extend(serde_json::from_slice::<AccessEvent>(line).ok());
        }
    } else {
        events.extend(bytes.chunks_exact(4).filter_map(event));
    }
    events.truncate(64);
    is_its_own_document(&events);
    let mut expected = Folded::default();
    events.iter().for_each(|event| expected.fold(event));
    let world = World::new();
    world.append(&events);
    let view = world.view();
    assert_eq!(Folded::of(&view), expected);
    folds_in_two_parts(&events, bytes.first().copied().unwrap_or(0), &expected);
    says_it_twice(&events, &expected);
    says_it_by_subject(&events, &expected);
    for number in 0..3 {
        answers_alike(&world.snapshot(rules::account(number)));
    }
});

/// One step, as the document that a log has of it.
fn event(step: &[u8]) -> Option<AccessEvent> {
    let [what, one, other, third] = *step else {
        return None;
    };
    let name = ROLES[usize::from(one) % ROLES.len()];
    let named = |bits: u8| -> Vec<&str> {
        let places = PERMISSIONS.iter().enumerate();
        let named = places.filter(|(place, _)| bits & (1 << place) != 0);
        named.map(|(_, name)| *name).collect()
    };
    let at = rules::container(other).to_string();
    let role = json!({ "name": name, "home": at, "policies": { "p": named(third) }, "extra": [] });
    let id = rules::grant_id(other).to_string();
    let forbids = match third {
        255 => json!("all-but-read"),
        _ => json!({ "permissions": named(third) }),
    };
    let admits = ["read-only", "all-but-sensitive"][usize::from(one) % 2];
    let (kind, data) = match what % 8 {
        0 => ("role-defined", json!({ "role": role })),
        1 => ("role-changed", json!({ "role": role })),
        2 => ("role-retired", json!({ "role": name })),
        3 => (
            "guardrail-set",
            json!({ "guardrail": { "id": id, "at": rules::container(one).to_string(), "forbids": forbids } }),
        ),
        4 => ("guardrail-lifted", json!({ "guardrail": id })),
        5 => {
            let to = Subject::Account(rules::account(third));
            let role = RoleName::parse(name).expect("a name");
            let at = rules::container(third / 3);
            let grant = Grant::new(rules::grant_id(other), to, role, at);
            let grant = grant
                .with_reach(reach(what / 8))
                .with_window(window(what / 24));
            return Some(AccessEvent::GrantGiven { grant });
        }
        6 => ("impersonation-set", json!({ "admits": admits })),
        _ => ("grant-taken", json!({ "grant": id })),
    };
    let read = serde_json::from_value(json!({ "type": kind, "data": data }));
    Some(read.expect("a document of an event"))
}

fn reach(number: u8) -> Reach {
    [Reach::SelfAndBelow, Reach::BelowOnly, Reach::SelfOnly][usize::from(number) % 3]
}

fn window(number: u8) -> Window {
    let soon = Timestamp::from_millis(NOW.as_millis() + 1);
    let window = match number % 4 {
        0 => Ok(Window::ALWAYS),
        1 => Window::new(Some(NOW), None),
        2 => Window::new(None, Some(NOW)),
        _ => Window::new(Some(soon), None),
    };
    window.expect("a window that holds an instant")
}

/// What the events mean, told again with plain sets.
#[derive(Debug, Default, PartialEq)]
struct Folded {
    lengths: [u64; 2],
    grants: BTreeMap<GrantId, Grant>,
    roles: BTreeMap<RoleName, TenantRole>,
    guardrails: BTreeMap<GuardrailId, Guardrail>,
    impersonation: Impersonation,
    gone: Gone,
}

#[derive(Debug, Default)]
struct Gone {
    grants: BTreeSet<GrantId>,
    roles: BTreeSet<RoleName>,
    guardrails: BTreeSet<GuardrailId>,
}

/// No view shows what is gone: it only stays away.
impl PartialEq for Gone {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Folded {
    fn of(view: &AccessView) -> Self {
        let lengths = AccessStream::ALL.map(|stream| view.version().of(stream));
        let grants = view.grants().map(|grant| (grant.id(), grant.clone()));
        let roles = view.roles().map(|role| (*role.name(), role.clone()));
        let guardrails = view.guardrails().map(|held| (held.id(), held.clone()));
        let folded = Self {
            lengths,
            grants: grants.collect(),
            roles: roles.collect(),
            guardrails: guardrails.collect(),
            impersonation: view.impersonation(),
            gone: Gone::default(),
        };
        for (id, grant) in &folded.grants {
            assert_eq!(view.grant(*id), Some(grant));
            let Subject::Account(account) = grant.to() else {
                continue;
            };
            let held = view.grants_of(account);
            assert!(held.iter().any(|held| **held == *grant));
            assert!(held.is_sorted_by(|one, next| one.id() < next.id()));
        }
        folded
    }

    fn fold(&mut self, event: &AccessEvent) {
        self.lengths[usize::from(event.stream() == AccessStream::Grants)] += 1;
        match event {
            AccessEvent::GrantGiven { grant } if !self.gone.grants.contains(&grant.id()) => {
                self.grants.entry(grant.id()).or_insert(grant.clone());
            }
            AccessEvent::GrantTaken { grant } if self.grants.remove(grant).is_some() => {
                self.gone.grants.insert(*grant);
            }
            AccessEvent::RoleDefined { role } if !self.gone.roles.contains(role.name()) => {
                self.roles.entry(*role.name()).or_insert(role.clone());
            }
            AccessEvent::RoleChanged { role } => {
                let held = self.roles.get_mut(role.name());
                if let Some(held) = held.filter(|held| held.home() == role.home()) {
                    *held = role.clone();
                }
            }
            AccessEvent::RoleRetired { role } if self.roles.remove(role).is_some() => {
                self.gone.roles.insert(*role);
            }
            AccessEvent::GuardrailSet { guardrail } => {
                let id = guardrail.id();
                if !self.gone.guardrails.contains(&id) {
                    self.guardrails.entry(id).or_insert(guardrail.clone());
                }
            }
            AccessEvent::GuardrailLifted { guardrail }
                if self.guardrails.remove(guardrail).is_some() =>
            {
                self.gone.guardrails.insert(*guardrail);
            }
            AccessEvent::ImpersonationSet { admits } => self.impersonation = *admits,
            _ => {}
        }
    }
}

fn is_its_own_document(events: &[AccessEvent]) {
    for event in events {
        let written = serde_json::to_string(event).expect("a document");
        let read: AccessEvent = serde_json::from_str(&written).expect("its own document");
        assert_eq!(&read, event);
        let document: Value = serde_json::from_str(&written).expect("JSON");
        assert_eq!(document["type"], event.name());
        assert_eq!(
            event.stream() == AccessStream::Grants,
            event.name().starts_with("grant-")
        );
    }
}

/// Whoever read a part holds that still, and who reads on has all of it.
fn folds_in_two_parts(events: &[AccessEvent], cut: u8, expected: &Folded) {
    let (early, late) = events.split_at(events.len() * usize::from(cut) / 255);
    let world = World::new();
    world.append(early);
    let held = world.view();
    let before = Folded::of(&held);
    world.append(late);
    assert_eq!(&Folded::of(&world.view()), expected);
    assert_eq!(Folded::of(&held), before);
}

/// An event that comes again at once changes only the version.
fn says_it_twice(events: &[AccessEvent], expected: &Folded) {
    let twice: Vec<_> = events.iter().flat_map(|event| [event, event]).collect();
    let world = World::new();
    world.append(twice);
    let mut folded = Folded::of(&world.view());
    assert_eq!(folded.lengths, expected.lengths.map(|length| 2 * length));
    folded.lengths = expected.lengths;
    assert_eq!(&folded, expected);
}

/// Only events about the same thing have an order.
fn says_it_by_subject(events: &[AccessEvent], expected: &Folded) {
    let mut sorted: Vec<_> = events.iter().collect();
    sorted.sort_by_key(|event| match event {
        AccessEvent::GrantGiven { grant } => grant.id().to_string(),
        AccessEvent::GrantTaken { grant } => grant.to_string(),
        AccessEvent::RoleDefined { role } | AccessEvent::RoleChanged { role } => {
            format!("role {}", role.name())
        }
        AccessEvent::RoleRetired { role } => format!("role {role}"),
        AccessEvent::ImpersonationSet { .. } => "impersonation".to_owned(),
        AccessEvent::GuardrailSet { guardrail } => format!("rail {}", guardrail.id()),
        AccessEvent::GuardrailLifted { guardrail } => format!("rail {guardrail}"),
        _ => String::new(),
    });
    let world = World::new();
    world.append(sorted);
    assert_eq!(&Folded::of(&world.view()), expected);
}

/// A batch, everything at a place, a list, and now and then a reason say the same.
fn answers_alike(snapshot: &Snapshot) {
    let lists = ASKS.map(|(_, visible)| visible(snapshot).expect("a permission of the shop"));
    let mut verdicts = Vec::new();
    for number in 0..=rules::CONTAINERS + 1 {
        let at = rules::container(number);
        let node = snapshot.tree().node(at);
        let effective = snapshot.effective(at);
        snapshot.batch(&ASKS.map(|(permission, _)| (permission, at)), &mut verdicts);
        for (place, (permission, _)) in ASKS.into_iter().enumerate() {
            let is_allowed = effective.allowed.contains(permission);
            let is_step_up = effective.step_up.contains(permission);
            let verdict = verdicts[place];
            assert_eq!(verdict == Verdict::Allow, is_allowed);
            assert_eq!(verdict == Verdict::StepUp, is_step_up);
            let is_listed = node.is_some_and(|node| lists[place].contains(node));
            assert_eq!(is_listed, is_allowed);
            // Reasons take long: each tries what would help.
            if place == usize::from(number) % ASKS.len() {
                explains(snapshot.explain(permission, at), is_allowed, is_step_up);
            }
        }
    }
}

fn explains(decision: Decision, is_allowed: bool, is_step_up: bool) {
    let document = decision.to_json();
    let read: Value = serde_json::from_str(&document.to_string()).expect("JSON");
    assert_eq!(read, document);
    match decision {
        Decision::Allow(_) => assert!(is_allowed),
        Decision::Deny(deny) => {
            assert!(!is_allowed);
            let lacks_proof = matches!(deny.reason, DenyReason::StepUp { .. });
            assert_eq!(lacks_proof, is_step_up);
        }
    }
}
