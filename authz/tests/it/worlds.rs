//! The worlds that models describe, as the real thing, and what is asked of them.

use serde_json::json;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::Attenuation;
use skeleton_authz::Authorized;
use skeleton_authz::Forbidden;
use skeleton_authz::Grant;
use skeleton_authz::Guardrail;
use skeleton_authz::GuardrailId;
use skeleton_authz::Impersonation;
use skeleton_authz::Missing;
use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::Refusal;
use skeleton_authz::ScopeFilter;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_authz::TenantRole;
use skeleton_authz::Window;
use skeleton_authz::skeleton::container;
use skeleton_authz::skeleton::decision;
use skeleton_authz::skeleton::grant;
use skeleton_authz::skeleton::member;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Agent;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Beneficiary;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Impersonated;
use skeleton_invocation_context::Impersonator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeEvent;

use crate::bank::Bank;
use crate::bank::account;
use crate::bank::customer;
use crate::drawing::TENANTS;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::container as container_id;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::recorded;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::helpers::with_token;
use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Model;
use crate::naive::Narrowing;
use crate::naive::When;

/// One permission, its type forgotten.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) name: &'static str,
    pub(crate) id: PermissionId,
    pub(crate) allows: fn(&Snapshot, Node<'_>) -> bool,
    pub(crate) require: fn(&Snapshot, ContainerId) -> Result<(), Refusal>,
    pub(crate) visible: for<'s> fn(&'s Snapshot) -> Result<ScopeFilter<'s>, Missing>,
}

macro_rules! asks {
    ($($permission:expr => $of:ty),+ $(,)?) => {
        [$(Ask {
            name: <$of as Permission>::NAME,
            id: <$of as Permission>::ID,
            allows: |snapshot, at| snapshot.allows($permission, at),
            require: |snapshot, at| {
                let proof: Authorized<'_, $of> = snapshot.require($permission, at)?;
                assert_eq!((proof.scope(), proof.record().verdict()), (at, "allow"));
                Ok(())
            },
            visible: |snapshot| snapshot.visible($permission),
        }),+]
    };
}

/// All permissions of the tests' product, and some of the skeleton's.
pub(crate) fn asks() -> [Ask; 13] {
    asks![
        account::Read => account::Read,
        account::Open => account::Open,
        account::TransferOwnership => account::TransferOwnership,
        account::Audit => account::Audit,
        account::Statement => account::Statement,
        account::Close => account::Close,
        customer::Read => customer::Read,
        customer::Erase => customer::Erase,
        decision::Explain => decision::Explain,
        member::Impersonate => member::Impersonate,
        grant::Assign => grant::Assign,
        grant::Revoke => grant::Revoke,
        container::Restore => container::Restore,
    ]
}

/// The caller as a context. The other account of a pair is at home in the next tenant.
pub(crate) fn ctx(caller: &Caller) -> InvocationContext<Authenticated> {
    claiming(caller, RoleAssignments::none())
}

/// The same with a session's credential that names these roles.
pub(crate) fn claiming(
    caller: &Caller,
    claims: RoleAssignments,
) -> InvocationContext<Authenticated> {
    testing::context()
        .acting(actor(caller))
        .assurance(caller.assurance)
        .authenticated_at(NOW.saturating_sub(caller.proof_age))
        .roles(claims)
        .build_authenticated()
}

fn actor(caller: &Caller) -> Actor {
    let at_home = |number, kind| Account::new(account_id(number), kind, tenant(caller.tenant));
    let next = caller.tenant % TENANTS + 1;
    let abroad = |number, kind| Account::new(account_id(number), kind, tenant(next));
    match caller.acting {
        Acting::Direct(own) => Actor::direct(at_home(own, AccountKind::User)),
        Acting::Impersonating { by, of } => {
            let by = Impersonator::new(abroad(by, AccountKind::User));
            let of = Impersonated::new(at_home(of, AccountKind::User));
            Actor::impersonating_across_tenants(by, of).unwrap()
        }
        Acting::OnBehalf { agent, of } => {
            let agent = Agent::new(abroad(agent, AccountKind::Service));
            let of = Beneficiary::new(at_home(of, AccountKind::User));
            Actor::on_behalf_across_tenants(agent, of).unwrap()
        }
    }
}

/// The caller's context, with what its token lists if it has one.
pub(crate) fn ctx_in(model: &Model, caller: &Caller) -> InvocationContext<Authenticated> {
    let Some(listed) = &caller.ceiling else {
        return ctx(caller);
    };
    let listed = listed
        .iter()
        .map(|(role, at)| RoleAssignment::new(RoleName::parse(role).unwrap(), id_of(model, *at)));
    let roles = RoleAssignments::listed(listed).unwrap();
    let authenticated_at = NOW.saturating_sub(caller.proof_age);
    with_token(actor(caller), caller.assurance, authenticated_at, roles)
}

pub(crate) fn id_of(model: &Model, place: usize) -> ContainerId {
    match model.places[place].parent {
        None => root(model.places[place].tenant),
        Some(_) => container_id(place as u64),
    }
}

pub(crate) fn window(when: When) -> Window {
    let soon = Timestamp::from_millis(NOW.as_millis() + 1);
    let early = Timestamp::from_millis(NOW.as_millis() - 9);
    let (from, until) = match when {
        When::Always => (None, None),
        When::FromNow => (Some(NOW), None),
        When::UntilNow => (Some(early), Some(NOW)),
        When::UntilSoon => (None, Some(soon)),
        When::Later => (Some(soon), None),
        When::Past => (None, Some(early)),
    };
    Window::new(from, until).unwrap()
}

/// The grant with that place in the list.
pub(crate) fn grant_of(model: &Model, number: usize) -> Grant {
    let given = &model.grants[number];
    let role = RoleName::parse(given.role).unwrap();
    let to = Subject::Account(account_id(given.to));
    Grant::new(grant_id(number as u64), to, role, id_of(model, given.at))
        .with_reach(given.reach)
        .with_window(window(given.when))
}

pub(crate) fn guardrail_id(number: u64) -> GuardrailId {
    GuardrailId::from_bytes((u128::from(number) + 1).to_be_bytes()).unwrap()
}

fn guardrail_of(model: &Model, number: usize) -> Guardrail {
    let fence = &model.fences[number];
    let forbids = match &fence.forbids {
        Some(named) => {
            Forbidden::Permissions(named.iter().map(|name| (*name).to_owned()).collect())
        }
        None => Forbidden::AllButRead,
    };
    Guardrail::new(guardrail_id(number as u64), id_of(model, fence.at), forbids)
}

/// A role as a stream keeps it. Its permissions come one half from a policy.
pub(crate) fn tenant_role(name: &str, home: ContainerId, holds: &[&str]) -> TenantRole {
    let (bundled, extra) = holds.split_at(holds.len() / 2);
    let policies = json!({ "some": bundled });
    let role = json!({ "name": name, "home": home, "policies": policies, "extra": extra });
    serde_json::from_value(role).unwrap()
}

/// What a tenant's stream of roles and guardrails says.
pub(crate) fn rules_of(model: &Model, stream: u8) -> Vec<AccessEvent> {
    let own = model.own.iter().filter(|own| own.stream == stream);
    let own = own.map(|own| AccessEvent::RoleDefined {
        role: tenant_role(own.name, id_of(model, own.home), &own.holds),
    });
    let fences = (0..model.fences.len()).filter(|number| model.fences[*number].stream == stream);
    let fences = fences.map(|number| AccessEvent::GuardrailSet {
        guardrail: guardrail_of(model, number),
    });
    let is_wide = model.wide.contains(&stream);
    let wide = is_wide.then_some(AccessEvent::ImpersonationSet {
        admits: Impersonation::AllButSensitive,
    });
    own.chain(fences).chain(wide).collect()
}

pub(crate) async fn build(model: &Model) -> World {
    let numbers: Vec<usize> = (0..model.grants.len()).collect();
    build_in(model, &numbers).await
}

/// The world that the model describes, its grants recorded in the order of the numbers.
pub(crate) async fn build_in(model: &Model, numbers: &[usize]) -> World {
    let world = World::new();
    for number in 1..=TENANTS {
        let own = |place: &usize| model.places[*place].tenant == number;
        let places: Vec<usize> = (0..model.places.len()).filter(own).collect();
        let created = places.iter().filter_map(|place| {
            let parent = id_of(model, model.places[*place].parent?);
            let (container, name) = (id_of(model, *place), format!("c{place}"));
            Some(TreeEvent::Created {
                container,
                parent,
                name,
            })
        });
        let archived = places
            .iter()
            .filter(|place| model.places[**place].is_archived);
        let archived = archived.map(|place| TreeEvent::Archived {
            container: id_of(model, *place),
        });
        world.plant(number, created.chain(archived)).await;
        world.enact(number, rules_of(model, number)).await;
        let given = numbers
            .iter()
            .filter(|given| model.grants[**given].stream == number);
        let given = given.map(|given| AccessEvent::GrantGiven {
            grant: grant_of(model, *given),
        });
        world.enact(number, given).await;
    }
    world
}

/// Appends one grant of the model behind the back of the views.
pub(crate) async fn record(world: &World, model: &Model, number: usize) {
    let stream = model.grants[number].stream;
    let version = world.log.version(stream).await;
    let grant = grant_of(model, number);
    let events = [recorded(AccessEvent::GrantGiven { grant })];
    let appended = world
        .log
        .log
        .append(inside(stream), AccessStream::Grants, version, &events);
    appended.await.unwrap();
}

/// The caller's snapshot, narrowed as it says.
pub(crate) async fn taken_in(world: &World, model: &Model, caller: &Caller) -> Snapshot {
    let whole = world.snapshot(&ctx_in(model, caller)).await;
    let narrowings = caller.narrowed.iter();
    narrowings.fold(whole, |snapshot, to| {
        snapshot.attenuate(&attenuation(model, to))
    })
}

pub(crate) fn attenuation(model: &Model, to: &Narrowing) -> Attenuation {
    let mut made = Attenuation::new();
    if let Some(only) = &to.only {
        let catalogue = Bank::catalogue();
        let known = only
            .iter()
            .filter_map(|name| catalogue.permission_named(name));
        made = made.permissions(known.map(|known| known.id()).collect());
    }
    if let Some(below) = to.below {
        made = made.below(id_of(model, below));
    }
    match to.is_over {
        Some(true) => made.until(NOW),
        Some(false) => made.until(Timestamp::from_millis(NOW.as_millis() + 1)),
        None => made,
    }
}

/// The world of a model, and the caller's snapshot of it.
pub(crate) fn taken(model: &Model, caller: &Caller) -> (World, Snapshot) {
    block_on(async {
        let world = build(model).await;
        let snapshot = taken_in(&world, model, caller).await;
        (world, snapshot)
    })
}

/// Every answer of a snapshot about the containers of all tenants: a row per container, seeing last.
pub(crate) fn answers(snapshot: &Snapshot, model: &Model) -> Vec<Vec<bool>> {
    let row = |place| {
        let id = id_of(model, place);
        let node = snapshot.tree().node(id);
        let allows = |ask: Ask| node.is_some_and(|node| (ask.allows)(snapshot, node));
        let mut row = asks().map(allows).to_vec();
        row.push(snapshot.sees(id));
        row
    };
    (0..model.places.len()).map(row).collect()
}

/// The same answers by the model.
pub(crate) fn expected(model: &Model, caller: &Caller) -> Vec<Vec<bool>> {
    let row = |place| {
        let mut row = asks()
            .map(|ask| model.allows(caller, ask.name, place))
            .to_vec();
        row.push(model.sees(caller, place));
        row
    };
    (0..model.places.len()).map(row).collect()
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}
