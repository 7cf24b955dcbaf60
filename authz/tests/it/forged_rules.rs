//! Streams that no command could have made: the fold takes them all, the first word counts, and nothing is used twice.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::sample::select;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessView;
use skeleton_authz::AccessViews;
use skeleton_authz::Forbidden;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Guardrail;
use skeleton_authz::GuardrailId;
use skeleton_authz::Impersonation;
use skeleton_authz::TenantRole;
use skeleton_invocation_context::RoleName;

use crate::authors::OTHER;
use crate::authors::defined;
use crate::authors::guardrail_id;
use crate::authors::name;
use crate::authors::named;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::World;
use crate::helpers::account;
use crate::helpers::container;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::worlds::block_on;
use crate::worlds::tenant_role;

/// What the events mean, told again with plain sets.
#[derive(Debug, Default, PartialEq)]
struct Folded {
    versions: (u64, u64),
    grants: BTreeMap<GrantId, Grant>,
    taken: BTreeSet<GrantId>,
    roles: BTreeMap<RoleName, TenantRole>,
    retired: BTreeSet<RoleName>,
    guardrails: BTreeMap<GuardrailId, Guardrail>,
    lifted: BTreeSet<GuardrailId>,
    impersonation: Impersonation,
}

impl Folded {
    fn fold(&mut self, event: &AccessEvent) {
        match event {
            AccessEvent::GrantGiven { .. } | AccessEvent::GrantTaken { .. } => self.versions.1 += 1,
            _ => self.versions.0 += 1,
        }
        match event {
            AccessEvent::GrantGiven { grant } if !self.taken.contains(&grant.id()) => {
                self.grants
                    .entry(grant.id())
                    .or_insert_with(|| grant.clone());
            }
            AccessEvent::GrantTaken { grant } if self.grants.remove(grant).is_some() => {
                self.taken.insert(*grant);
            }
            AccessEvent::RoleDefined { role } if !self.retired.contains(role.name()) => {
                self.roles
                    .entry(*role.name())
                    .or_insert_with(|| role.clone());
            }
            AccessEvent::RoleChanged { role } => {
                let held = self.roles.get_mut(role.name());
                if let Some(held) = held.filter(|held| held.home() == role.home()) {
                    *held = role.clone();
                }
            }
            AccessEvent::RoleRetired { role } if self.roles.remove(role).is_some() => {
                self.retired.insert(*role);
            }
            AccessEvent::GuardrailSet { guardrail } if !self.lifted.contains(&guardrail.id()) => {
                let held = self.guardrails.entry(guardrail.id());
                held.or_insert_with(|| guardrail.clone());
            }
            AccessEvent::GuardrailLifted { guardrail }
                if self.guardrails.remove(guardrail).is_some() =>
            {
                self.lifted.insert(*guardrail);
            }
            AccessEvent::ImpersonationSet { admits } => self.impersonation = *admits,
            _ => {}
        }
    }

    /// What a view shows.
    fn shown(&self) -> Shown {
        (
            self.versions,
            self.grants.values().cloned().collect(),
            self.roles.values().cloned().collect(),
            self.guardrails.values().cloned().collect(),
            self.impersonation,
        )
    }
}

type Shown = (
    (u64, u64),
    Vec<Grant>,
    Vec<TenantRole>,
    Vec<Guardrail>,
    Impersonation,
);

fn shown(view: &AccessView) -> Shown {
    let versions = (view.version().roles(), view.version().grants());
    let mut grants: Vec<Grant> = view.grants().cloned().collect();
    grants.sort_by_key(Grant::id);
    for grant in &grants {
        assert_eq!(view.grant(grant.id()), Some(grant));
    }
    let of: BTreeSet<GrantId> = (0..3)
        .flat_map(|number| view.grants_of(account(number)))
        .map(|grant| grant.id())
        .collect();
    assert_eq!(of, grants.iter().map(Grant::id).collect());
    let roles: Vec<TenantRole> = view.roles().cloned().collect();
    for role in &roles {
        assert_eq!(view.role(role.name()), Some(role));
    }
    let guardrails: Vec<Guardrail> = view.guardrails().cloned().collect();
    for guardrail in &guardrails {
        assert_eq!(view.guardrail(guardrail.id()), Some(guardrail));
    }
    (versions, grants, roles, guardrails, view.impersonation())
}

/// Events from small pools, so that everything happens twice, too late and out of order. A role may have the name of a
/// standard one.
fn events() -> impl Strategy<Value = AccessEvent> {
    let role = || select(vec!["x-one", "x-two", "clerk"]);
    let at = || select(vec![root(1), container(EU), root(2)]);
    let holds = || {
        select(vec![
            &["account:read", "account:open"][..],
            &["account:gone"][..],
            &[][..],
        ])
    };
    let made = move || {
        (role(), at(), holds()).prop_map(|(name, home, holds)| tenant_role(name, home, holds))
    };
    let number = || 0_u64..4;
    let forbids = || {
        prop_oneof![
            Just(Forbidden::AllButRead),
            Just(Forbidden::Permissions(vec!["account:open".to_owned()])),
            Just(Forbidden::Permissions(Vec::new())),
        ]
    };
    prop_oneof![
        3 => (number(), 0_u8..3, role(), at()).prop_map(|(number, to, role, at)| AccessEvent::GrantGiven {
            grant: named(number, to, role, at),
        }),
        2 => number().prop_map(|number| AccessEvent::GrantTaken { grant: grant_id(number) }),
        2 => made().prop_map(|role| AccessEvent::RoleDefined { role }),
        2 => made().prop_map(|role| AccessEvent::RoleChanged { role }),
        1 => role().prop_map(|role| AccessEvent::RoleRetired { role: name(role) }),
        2 => (number(), at(), forbids()).prop_map(|(number, at, forbids)| AccessEvent::GuardrailSet {
            guardrail: Guardrail::new(guardrail_id(number), at, forbids),
        }),
        1 => select(vec![Impersonation::ReadOnly, Impersonation::AllButSensitive])
            .prop_map(|admits| AccessEvent::ImpersonationSet { admits }),
        1 => number().prop_map(|number| AccessEvent::GuardrailLifted { guardrail: guardrail_id(number) }),
    ]
}

proptest! {
    #[test]
    fn any_stream_is_folded_alike_whenever_it_is_read(events in vec(events(), 0..24)) {
        block_on(async {
            let world = World::new();
            let mut folded = Folded::default();
            world.views.load(inside(1)).await.unwrap();
            for event in &events {
                world.enact(1, [event.clone()]).await;
                folded.fold(event);
                // One view reads event by event.
                let view = world.views.load(inside(1)).await.unwrap();
                prop_assert_eq!(shown(&view), folded.shown());
            }
            // Another one all at once.
            let late = AccessViews::open(world.log.clone(), world.clock.clone());
            let view = late.load(inside(1)).await.unwrap();
            prop_assert_eq!(shown(&view), folded.shown());
            prop_assert_eq!(view.tenant(), tenant(1));
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn a_forged_role_with_a_standard_name_changes_no_standard_role() {
    let world = World::bank().await;
    let all = ["account:open", "account:close", "customer:erase"];
    world
        .enact(1, [defined(tenant_role("clerk", root(1), &all))])
        .await;
    world
        .give(named(1, OTHER, "clerk", container(FRANCE)))
        .await;
    let snapshot = world.snapshot(&crate::authors::strong(OTHER)).await;
    let effective = snapshot.effective(container(FRANCE));
    let clerk = crate::bank::Bank::catalogue();
    let clerk = clerk.role(&crate::bank::Clerk.name()).unwrap();
    assert_eq!(&effective.allowed, clerk.permissions());
}

#[tokio::test]
async fn a_role_keeps_its_home_whatever_a_change_says() {
    let world = World::bank().await;
    let role = |home, holds: &[&str]| tenant_role("x-one", home, holds);
    let events = [
        defined(role(container(FRANCE), &["account:read"])),
        AccessEvent::RoleChanged {
            role: role(root(1), &["account:read", "account:open"]),
        },
    ];
    world.enact(1, events).await;
    let view = world.views.load(inside(1)).await.unwrap();
    let held = view.role(&name("x-one")).unwrap();
    assert_eq!(
        (held.home(), held.permissions().count()),
        (container(FRANCE), 1)
    );
    assert_eq!(view.version().roles(), 2);
}
