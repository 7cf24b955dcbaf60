//! The subject: the real thing, fed by its two streams and its tree's, asked through its public interface alone.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::json;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog as _;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::Decision;
use skeleton_authz::Forbidden;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Guardrail;
use skeleton_authz::GuardrailId;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::PermissionId;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_authz::TenantRole;
use skeleton_authz::Verdict;
use skeleton_authz::Window;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Agent;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Beneficiary;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeStore as _;
use skeleton_tenancy_tree::TreeVersion;

use crate::catalogue::Shop;
use crate::catalogue::asks;
use crate::world::Caller;
use crate::world::Fence;
use crate::world::Given;
use crate::world::NOW;
use crate::world::OwnRole;
use crate::world::Place;
use crate::world::Question;
use crate::world::Rules;
use crate::world::Tenant;
use crate::world::World;

pub(crate) struct Ours {
    tenants: Vec<TenantId>,
    forest: Forest,
    authorizer: Authorizer,
}

impl Ours {
    pub(crate) async fn of(world: &World) -> Self {
        let (trees, log) = (MemoryTrees::new(), MemoryAccessLog::new());
        for tenant in &world.tenants {
            plant(&trees, tenant).await;
            enact(&log, tenant).await;
        }
        let clock = FixedClock::at(NOW);
        let forest = Forest::open(trees, Limits::default(), clock.clone(), SeededIds::new(1));
        let views = AccessViews::open(log, clock.clone());
        let authorizer = Authorizer::new(Shop::catalogue(), forest.clone(), views, clock);
        let tenants: Vec<_> = world.tenants.iter().map(|tenant| tenant.id).collect();
        for tenant in &tenants {
            authorizer.load(inside(*tenant)).await.unwrap();
        }
        Self {
            tenants,
            forest,
            authorizer,
        }
    }

    /// The answers to all that one caller asks. Every way to ask gives the same, or the panic says which does not.
    pub(crate) fn answers(&self, caller: &Caller, questions: &[Question]) -> Vec<bool> {
        let snapshot = self.authorizer.snapshot(&self.ctx(caller)).unwrap();
        let asks = asks();
        let pairs: Vec<(PermissionId, ContainerId)> = questions
            .iter()
            .map(|question| (asks[question.ask].id, question.at))
            .collect();
        let mut batch = Vec::new();
        snapshot.batch(&pairs, &mut batch);
        let others = self.others(caller);
        let answer = |(question, verdict): (&Question, &Verdict)| {
            let ask = &asks[question.ask];
            let is_allowed = allows(&snapshot, *question);
            let required = (ask.require)(&snapshot, question.at);
            let explained = snapshot.explain(ask.id, question.at);
            let explained = matches!(explained, Decision::Allow(_));
            let batched = *verdict == Verdict::Allow;
            assert_eq!(
                [required, explained, batched],
                [is_allowed; 3],
                "require, explain, batch of {} at {} for {caller:?}",
                ask.name,
                question.at
            );
            for tree in &others {
                // A node of another tenant's tree is a forged one, even where that tree has the container.
                let foreign = tree.node(question.at);
                assert!(!foreign.is_some_and(|node| (ask.allows)(&snapshot, node)));
            }
            is_allowed
        };
        questions.iter().zip(&batch).map(answer).collect()
    }

    fn others(&self, caller: &Caller) -> Vec<Arc<TreeSnapshot>> {
        let others = self.tenants.iter().enumerate();
        let others = others.filter(|(number, _)| *number != caller.tenant);
        others
            .map(|(_, tenant)| self.forest.published(*tenant).unwrap())
            .collect()
    }

    fn ctx(&self, caller: &Caller) -> InvocationContext<Authenticated> {
        let here = self.tenants[caller.tenant];
        let next = self.tenants[(caller.tenant + 1) % self.tenants.len()];
        let user = |id| Account::new(id, AccountKind::User, here);
        let actor = match caller.agent_for {
            Some(beneficiary) => {
                let agent = Account::new(caller.account, AccountKind::Service, next);
                let (agent, beneficiary) = (Agent::new(agent), Beneficiary::new(user(beneficiary)));
                Actor::on_behalf_across_tenants(agent, beneficiary).unwrap()
            }
            None => Actor::direct(user(caller.account)),
        };
        let assurance = match caller.assurance {
            1 => Assurance::Aal1,
            _ => Assurance::Aal2,
        };
        testing::context()
            .acting(actor)
            .assurance(assurance)
            .build_authenticated()
    }
}

fn allows(snapshot: &Snapshot, question: Question) -> bool {
    let node = snapshot.tree().node(question.at);
    node.is_some_and(|node| (asks()[question.ask].allows)(snapshot, node))
}

fn inside(tenant: TenantId) -> InTenant<'static> {
    InTenant::background(tenant, "differential")
}

fn recorded<E>(tenant: TenantId, events: impl IntoIterator<Item = E>) -> Vec<Recorded<E>> {
    let cause = Cause::of(inside(tenant));
    let record = |event| Recorded::new(event, NOW, cause.clone());
    events.into_iter().map(record).collect()
}

async fn plant(trees: &MemoryTrees, tenant: &Tenant) {
    let below = || tenant.places.iter().enumerate().skip(1);
    let created = below().map(|(number, place)| TreeEvent::Created {
        container: place.id,
        parent: place.moved_from.or(place.parent).unwrap(),
        name: format!("c{number}"),
    });
    let moved = below().filter_map(|(_, place)| moved(place));
    // Each was archived once. What is not so any more was restored.
    let archived = below().map(|(_, place)| TreeEvent::Archived {
        container: place.id,
    });
    let restored = below().filter(|(_, place)| !place.is_archived);
    let restored = restored.map(|(_, place)| TreeEvent::Restored {
        container: place.id,
    });
    let events = recorded(
        tenant.id,
        created.chain(moved).chain(archived).chain(restored),
    );
    let appended = trees.append(inside(tenant.id), TreeVersion::ZERO, &events);
    appended.await.unwrap();
}

fn moved(place: &Place) -> Option<TreeEvent> {
    Some(TreeEvent::Moved {
        container: place.id,
        from: place.moved_from?,
        to: place.parent?,
    })
}

/// What was so once comes first, each with its end, and then what is so.
async fn enact(log: &MemoryAccessLog, tenant: &Tenant) {
    let mut events = Numbers::default().events(&tenant.past);
    let ended: Vec<_> = events.iter().map(end).collect();
    events.extend(ended);
    let mut numbers = Numbers::from(&tenant.past);
    events.extend(numbers.events(&tenant.rules));
    let mut streams: HashMap<AccessStream, Vec<AccessEvent>> = HashMap::new();
    for event in events {
        streams.entry(event.stream()).or_default().push(event);
    }
    let mut roles = 0;
    for stream in AccessStream::ALL {
        let events = streams.remove(&stream).unwrap_or_default();
        let events = recorded(tenant.id, events);
        let version = AccessVersion::new(roles, 0);
        let appended = log.append(inside(tenant.id), stream, version, &events);
        roles = appended.await.unwrap();
    }
}

fn end(event: &AccessEvent) -> AccessEvent {
    match event {
        AccessEvent::RoleDefined { role } => AccessEvent::RoleRetired { role: *role.name() },
        AccessEvent::GuardrailSet { guardrail } => AccessEvent::GuardrailLifted {
            guardrail: guardrail.id(),
        },
        AccessEvent::GrantGiven { grant } => AccessEvent::GrantTaken { grant: grant.id() },
        other => panic!("{other:?} has no end"),
    }
}

/// Ids count from the first in every tenant: the same ones are used in all of them.
#[derive(Default)]
struct Numbers {
    grants: usize,
    fences: usize,
}

impl Numbers {
    fn from(past: &Rules) -> Self {
        Self {
            grants: past.grants.len(),
            fences: past.fences.len(),
        }
    }

    fn events(&mut self, rules: &Rules) -> Vec<AccessEvent> {
        let roles = rules
            .roles
            .iter()
            .map(|own| AccessEvent::RoleDefined { role: role(own) });
        let fences = rules.fences.iter().map(|fence| {
            self.fences += 1;
            AccessEvent::GuardrailSet {
                guardrail: guardrail(self.fences, fence),
            }
        });
        let grants = rules.grants.iter().map(|given| {
            self.grants += 1;
            AccessEvent::GrantGiven {
                grant: grant(self.grants, given),
            }
        });
        roles.chain(fences).chain(grants).collect()
    }
}

/// A half of what it holds comes from a policy.
fn role(own: &OwnRole) -> TenantRole {
    let (bundled, extra) = own.holds.split_at(own.holds.len() / 2);
    let role = json!({
        "name": own.name,
        "home": own.home,
        "policies": { "bundled": bundled },
        "extra": extra,
    });
    serde_json::from_value(role).unwrap()
}

fn guardrail(number: usize, Fence { at, forbids }: &Fence) -> Guardrail {
    let id = GuardrailId::from_bytes((number as u128).to_be_bytes()).unwrap();
    let forbids = match forbids {
        Some(named) => {
            let named = named.iter().map(|name| (*name).to_owned());
            Forbidden::Permissions(named.collect())
        }
        None => Forbidden::AllButRead,
    };
    Guardrail::new(id, *at, forbids)
}

fn grant(number: usize, given: &Given) -> Grant {
    let id = GrantId::from_bytes((number as u128).to_be_bytes()).unwrap();
    let role = RoleName::parse(given.role).unwrap();
    Grant::new(id, Subject::Account(given.to), role, given.at)
        .with_reach(given.reach)
        .with_window(Window::new(given.from, given.until).unwrap())
}
