//! Random worlds of three tenants, as models and as the real thing.

use std::time::Duration;

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use proptest::sample::Index;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::Authorized;
use skeleton_authz::Grant;
use skeleton_authz::GrantsVersion;
use skeleton_authz::Permission;
use skeleton_authz::PermissionId;
use skeleton_authz::Reach;
use skeleton_authz::Recorded;
use skeleton_authz::Refusal;
use skeleton_authz::Snapshot;
use skeleton_authz::Subject;
use skeleton_authz::Window;
use skeleton_authz::skeleton::decision;
use skeleton_authz::skeleton::grant;
use skeleton_authz::skeleton::member;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Agent;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Beneficiary;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::Impersonated;
use skeleton_invocation_context::Impersonator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::Node;
use skeleton_tenancy_tree::TreeCommand;

use crate::bank::account;
use crate::bank::customer;
use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::account as account_id;
use crate::helpers::container;
use crate::helpers::grant_id;
use crate::helpers::inside;
use crate::helpers::root;
use crate::helpers::tenant;
use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Given;
use crate::naive::Model;
use crate::naive::Place;
use crate::naive::ROLES;
use crate::naive::When;

pub(crate) const TENANTS: u8 = 3;
const ACCOUNTS: u8 = 3;

/// One permission, its type forgotten.
#[derive(Clone, Copy)]
pub(crate) struct Ask {
    pub(crate) name: &'static str,
    pub(crate) id: PermissionId,
    pub(crate) allows: fn(&Snapshot, Node<'_>) -> bool,
    pub(crate) require: fn(&Snapshot, ContainerId) -> Result<(), Refusal>,
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
        }),+]
    };
}

/// All permissions of the tests' product, and some of the skeleton's.
pub(crate) fn asks() -> [Ask; 11] {
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
    ]
}

/// What a grant is drawn as: stream, account, role, container, reach, window.
pub(crate) type Drawn = (u8, u8, usize, Index, Reach, When);

fn reach() -> impl Strategy<Value = Reach> {
    prop_oneof![
        Just(Reach::SelfAndBelow),
        Just(Reach::BelowOnly),
        Just(Reach::SelfOnly),
    ]
}

fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        4 => Just(When::Always),
        1 => Just(When::FromNow),
        1 => Just(When::UntilNow),
        1 => Just(When::UntilSoon),
        1 => Just(When::Later),
        1 => Just(When::Past),
    ]
}

pub(crate) fn givens(most: usize) -> impl Strategy<Value = Vec<Drawn>> {
    let role = 0..ROLES.len();
    let place = any::<Index>();
    vec(
        (1..=TENANTS, 0..ACCOUNTS, role, place, reach(), when()),
        0..=most,
    )
}

pub(crate) fn models() -> impl Strategy<Value = Model> {
    let place = (1..=TENANTS, any::<Index>());
    (vec(place, 0..16), givens(14)).prop_map(|(below, grants)| {
        let roots = (1..=TENANTS).map(|tenant| Place {
            tenant,
            parent: None,
        });
        let mut places: Vec<Place> = roots.collect();
        for (tenant, parent) in below {
            let is_own = |at: &usize| places[*at].tenant == tenant;
            let own: Vec<usize> = (0..places.len()).filter(is_own).collect();
            let parent = Some(*parent.get(&own));
            places.push(Place { tenant, parent });
        }
        let bare = Model {
            places,
            grants: Vec::new(),
        };
        let grants = grants.into_iter().map(|drawn| placed(&bare, drawn));
        Model {
            grants: grants.collect(),
            ..bare
        }
    })
}

/// Three in four grants point into the tenant in whose stream they stand, the others anywhere.
pub(crate) fn placed(model: &Model, drawn: Drawn) -> Given {
    let (stream, to, role, at, reach, when) = drawn;
    let is_stray = at.index(4) == 0;
    let fits = |place: &usize| is_stray || model.places[*place].tenant == stream;
    let candidates: Vec<usize> = (0..model.places.len()).filter(fits).collect();
    Given {
        stream,
        to,
        role,
        at: *at.get(&candidates),
        reach,
        when,
    }
}

pub(crate) fn callers() -> impl Strategy<Value = Caller> {
    let pair = || (0..ACCOUNTS, 1..ACCOUNTS).prop_map(|(one, step)| (one, (one + step) % ACCOUNTS));
    let acting = prop_oneof![
        3 => (0..ACCOUNTS).prop_map(Acting::Direct),
        2 => pair().prop_map(|(by, of)| Acting::Impersonating { by, of }),
        1 => pair().prop_map(|(agent, of)| Acting::OnBehalf { agent, of }),
    ];
    let assurance = prop_oneof![
        Just(Assurance::Aal1),
        Just(Assurance::Aal2),
        Just(Assurance::Aal3),
    ];
    let age = prop_oneof![
        Just(0_u64),
        Just(60_000),
        Just(60_001),
        Just(300_000),
        Just(300_001),
    ];
    (1..=TENANTS, acting, assurance, age).prop_map(|(tenant, acting, assurance, age)| Caller {
        tenant,
        acting,
        assurance,
        proof_age: Duration::from_millis(age),
    })
}

/// The caller as a context. The other account of a pair is at home in the next tenant.
pub(crate) fn ctx(caller: &Caller) -> InvocationContext<Authenticated> {
    claiming(caller, RoleAssignments::none())
}

/// The same with a credential that names these roles.
pub(crate) fn claiming(
    caller: &Caller,
    claims: RoleAssignments,
) -> InvocationContext<Authenticated> {
    let at_home = |number, kind| Account::new(account_id(number), kind, tenant(caller.tenant));
    let next = caller.tenant % TENANTS + 1;
    let abroad = |number, kind| Account::new(account_id(number), kind, tenant(next));
    let actor = match caller.acting {
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
    };
    testing::context()
        .acting(actor)
        .assurance(caller.assurance)
        .authenticated_at(NOW.saturating_sub(caller.proof_age))
        .roles(claims)
        .build_authenticated()
}

pub(crate) fn id_of(model: &Model, place: usize) -> ContainerId {
    match model.places[place].parent {
        None => root(model.places[place].tenant),
        Some(_) => container(place as u64),
    }
}

fn window(when: When) -> Window {
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
    let role = RoleName::parse(ROLES[given.role].0).unwrap();
    let to = Subject::Account(account_id(given.to));
    Grant::new(grant_id(number as u64), to, role, id_of(model, given.at))
        .with_reach(given.reach)
        .with_window(window(given.when))
}

pub(crate) async fn build(model: &Model) -> World {
    let numbers: Vec<usize> = (0..model.grants.len()).collect();
    build_in(model, &numbers).await
}

/// The world that the model describes, its grants recorded in the order of the numbers.
pub(crate) async fn build_in(model: &Model, numbers: &[usize]) -> World {
    let world = World::new();
    for (number, place) in model.places.iter().enumerate() {
        if let Some(parent) = place.parent {
            let command = TreeCommand::Create {
                container: container(number as u64),
                parent: id_of(model, parent),
                name: format!("c{number}"),
            };
            let t = inside(place.tenant);
            world.forest.execute(t, command).await.unwrap();
        }
    }
    for number in numbers {
        record(&world, model, *number).await;
    }
    world
}

/// Appends one grant of the model behind the back of the views.
pub(crate) async fn record(world: &World, model: &Model, number: usize) {
    let stream = model.grants[number].stream;
    let version = GrantsVersion::new(world.log.recorded(stream).await.len() as u64);
    let grant = grant_of(model, number);
    let events = [Recorded::new(AccessEvent::GrantGiven { grant }, NOW)];
    let appended = world.log.log.append(inside(stream), version, &events);
    appended.await.unwrap();
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
