//! Random models, and random callers.

use std::time::Duration;

use proptest::arbitrary::any;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Just;
use proptest::prelude::ProptestConfig;
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::sample::select;
use proptest::sample::subsequence;
use skeleton_authz::Reach;
use skeleton_invocation_context::Assurance;

use crate::naive::Acting;
use crate::naive::Caller;
use crate::naive::Fence;
use crate::naive::Given;
use crate::naive::Model;
use crate::naive::Narrowing;
use crate::naive::OWN;
use crate::naive::OwnRole;
use crate::naive::Place;
use crate::naive::ROLES;
use crate::naive::When;

pub(crate) const TENANTS: u8 = 3;
pub(crate) const ACCOUNTS: u8 = 3;

/// What tenants put into their own roles, and what guardrails forbid. The last one is in no catalogue.
const PERMISSIONS: [&str; 13] = [
    "account:read",
    "account:open",
    "account:transfer-ownership",
    "account:audit",
    "account:statement",
    "account:close",
    "customer:read",
    "customer:erase",
    "decision:explain",
    "member:impersonate",
    "grant:assign",
    "grant:revoke",
    "account:gone",
];

/// What a grant is drawn as: stream, account, role, container, reach, window.
pub(crate) type Drawn = (u8, u8, &'static str, Index, Reach, When);

/// What rules are drawn as: own roles and guardrails.
pub(crate) type DrawnRules = (Vec<DrawnRole>, Vec<DrawnFence>);

type DrawnRole = (u8, &'static str, Index, Vec<&'static str>);

type DrawnFence = (u8, Index, Option<Vec<&'static str>>);

/// A quarter of the cases: for what asks more of each.
pub(crate) fn fewer() -> ProptestConfig {
    ProptestConfig::with_cases(ProptestConfig::default().cases / 4)
}

pub(crate) fn reach() -> impl Strategy<Value = Reach> {
    prop_oneof![
        2 => Just(Reach::SelfAndBelow),
        1 => Just(Reach::BelowOnly),
        1 => Just(Reach::SelfOnly),
    ]
}

pub(crate) fn when() -> impl Strategy<Value = When> {
    prop_oneof![
        4 => Just(When::Always),
        1 => Just(When::FromNow),
        1 => Just(When::UntilNow),
        1 => Just(When::UntilSoon),
        1 => Just(When::Later),
        1 => Just(When::Past),
    ]
}

/// The name of a standard role, or of a tenant's own.
pub(crate) fn role() -> impl Strategy<Value = &'static str> {
    let standard = (0..ROLES.len()).prop_map(|number| ROLES[number].0);
    prop_oneof![3 => standard, 2 => select(&OWN[..])]
}

/// Mostly one of a few, so that whoever gives a role often holds it.
pub(crate) fn common_role() -> impl Strategy<Value = &'static str> {
    let common = select(vec!["clerk", "steward", OWN[0], OWN[1]]);
    prop_oneof![4 => common, 1 => role()]
}

pub(crate) fn some_permissions() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(PERMISSIONS.to_vec(), 0..6)
}

pub(crate) fn givens(most: usize) -> impl Strategy<Value = Vec<Drawn>> {
    vec(
        (
            1..=TENANTS,
            0..ACCOUNTS,
            role(),
            any::<Index>(),
            reach(),
            when(),
        ),
        0..=most,
    )
}

/// Own roles and guardrails.
pub(crate) fn rules() -> impl Strategy<Value = DrawnRules> {
    let name = select(&OWN[..3]);
    let role = (1..=TENANTS, name, any::<Index>(), some_permissions());
    let forbids = prop_oneof![6 => some_permissions().prop_map(Some), 1 => Just(None)];
    let fence = (1..=TENANTS, any::<Index>(), forbids);
    (vec(role, 0..10), vec(fence, 0..4))
}

/// Worlds of three tenants, nested a few levels deep, with everything in them that rules know.
pub(crate) fn models() -> impl Strategy<Value = Model> {
    drawn(16, givens(14))
}

/// The same with so many grants for the first account of the first tenant that they are searched, not scanned.
fn crowded() -> impl Strategy<Value = Model> {
    let crowd = vec(
        (role(), any::<Index>(), reach(), when())
            .prop_map(|(role, at, reach, when)| (1, 0, role, at, reach, when)),
        20..60,
    );
    let all = (givens(14), crowd).prop_map(|(mut all, crowd)| {
        all.extend(crowd);
        all
    });
    drawn(32, all)
}

fn drawn(places: usize, grants: impl Strategy<Value = Vec<Drawn>>) -> impl Strategy<Value = Model> {
    let archived = prop_oneof![7 => Just(false), 1 => Just(true)];
    let place = (1..=TENANTS, any::<Index>(), archived);
    let wide = subsequence((1..=TENANTS).collect::<Vec<_>>(), 0..=usize::from(TENANTS));
    (vec(place, 0..places), rules(), wide, grants).prop_map(|(below, rules, wide, grants)| {
        let roots = (1..=TENANTS).map(|tenant| Place {
            tenant,
            parent: None,
            is_archived: false,
        });
        let mut model = Model {
            places: roots.collect(),
            grants: Vec::new(),
            own: Vec::new(),
            fences: Vec::new(),
            wide,
        };
        for (tenant, parent, is_archived) in below {
            let parent = Some(within(&model, tenant, parent));
            model.places.push(Place {
                tenant,
                parent,
                is_archived,
            });
        }
        rule(&mut model, rules);
        let grants = grants.into_iter().map(|drawn| placed(&model, drawn));
        model.grants = grants.collect();
        model
    })
}

/// A container of a tenant.
pub(crate) fn within(model: &Model, tenant: u8, at: Index) -> usize {
    let is_own = |place: &usize| model.places[*place].tenant == tenant;
    let own: Vec<usize> = (0..model.places.len()).filter(is_own).collect();
    *at.get(&own)
}

/// Three in four point into the tenant in whose stream they stand, the others anywhere.
fn mostly_within(model: &Model, tenant: u8, at: Index) -> usize {
    if at.index(4) == 0 {
        at.index(model.places.len())
    } else {
        within(model, tenant, at)
    }
}

pub(crate) fn placed(model: &Model, drawn: Drawn) -> Given {
    let (stream, to, role, at, reach, when) = drawn;
    Given {
        stream,
        to,
        role,
        at: mostly_within(model, stream, at),
        reach,
        when,
    }
}

/// Adds own roles and guardrails.
pub(crate) fn rule(model: &mut Model, (own, fences): DrawnRules) {
    for (stream, name, home, holds) in own {
        let home = mostly_within(model, stream, home);
        model.own.push(OwnRole {
            stream,
            name,
            home,
            holds,
        });
    }
    for drawn in fences {
        let fence = fenced(model, drawn);
        model.fences.push(fence);
    }
}

pub(crate) fn fenced(model: &Model, (stream, at, forbids): DrawnFence) -> Fence {
    let at = mostly_within(model, stream, at);
    Fence {
        stream,
        at,
        forbids,
    }
}

fn pairs() -> impl Strategy<Value = (u8, u8)> {
    (0..ACCOUNTS, 1..ACCOUNTS).prop_map(|(one, step)| (one, (one + step) % ACCOUNTS))
}

/// Whoever calls, in a session.
pub(crate) fn sessions() -> impl Strategy<Value = Caller> {
    let acting = prop_oneof![
        3 => (0..ACCOUNTS).prop_map(Acting::Direct),
        2 => pairs().prop_map(|(by, of)| Acting::Impersonating { by, of }),
        1 => pairs().prop_map(|(agent, of)| Acting::OnBehalf { agent, of }),
    ];
    proven(1..=TENANTS, acting)
}

fn proven(
    tenant: impl Strategy<Value = u8>,
    acting: impl Strategy<Value = Acting>,
) -> impl Strategy<Value = Caller> {
    let assurance = select(vec![Assurance::Aal1, Assurance::Aal2, Assurance::Aal3]);
    let age = select(vec![0_u64, 60_000, 60_001, 300_000, 300_001]);
    (tenant, acting, assurance, age).prop_map(|(tenant, acting, assurance, age)| Caller {
        tenant,
        acting,
        assurance,
        proof_age: Duration::from_millis(age),
        ceiling: None,
        narrowed: Vec::new(),
    })
}

/// A list of roles in containers by their numbers; they wrap around a model's.
fn listed() -> impl Strategy<Value = Option<Vec<(&'static str, usize)>>> {
    option::weighted(0.3, vec((role(), 0_usize..48), 0..8))
}

/// Whoever calls, by a session or a personal access token. The places of a token are [`fitted`] to a model.
fn callers() -> impl Strategy<Value = Caller> {
    (sessions(), listed()).prop_map(|(caller, ceiling)| Caller { ceiling, ..caller })
}

/// Those for whom [`crowded`] worlds are crowded.
fn crowds() -> impl Strategy<Value = Caller> {
    let acting = prop_oneof![
        3 => Just(Acting::Direct(0)),
        2 => Just(Acting::Impersonating { by: 1, of: 0 }),
        1 => Just(Acting::Impersonating { by: 0, of: 1 }),
        1 => Just(Acting::OnBehalf { agent: 0, of: 2 }),
    ];
    let ceiling = option::weighted(0.3, vec((role(), 0_usize..48), 10..30));
    (proven(Just(1), acting), ceiling).prop_map(|(caller, ceiling)| Caller { ceiling, ..caller })
}

pub(crate) fn narrowings() -> impl Strategy<Value = Narrowing> {
    let only = option::of(subsequence(PERMISSIONS.to_vec(), 3..PERMISSIONS.len()));
    let is_over = option::weighted(0.3, any::<bool>());
    (only, option::of(0_usize..48), is_over).prop_map(|(only, below, is_over)| Narrowing {
        only,
        below,
        is_over,
    })
}

/// A world, and who asks in it.
pub(crate) fn cases() -> impl Strategy<Value = (Model, Caller)> {
    asked_by(models(), callers())
}

/// A crowded world, and who finds it so.
pub(crate) fn crowded_cases() -> impl Strategy<Value = (Model, Caller)> {
    asked_by(crowded(), crowds())
}

/// A model with a caller whose places are the model's.
fn asked_by(
    models: impl Strategy<Value = Model>,
    callers: impl Strategy<Value = Caller>,
) -> impl Strategy<Value = (Model, Caller)> {
    (models, callers).prop_map(|(model, caller)| {
        let caller = fitted(&model, caller);
        (model, caller)
    })
}

fn fitted(model: &Model, caller: Caller) -> Caller {
    let count = model.places.len();
    let fit = |listed: Vec<(&'static str, usize)>| {
        let listed = listed.into_iter();
        listed.map(|(role, at)| (role, at % count)).collect()
    };
    let ceiling = caller.ceiling.map(fit);
    Caller { ceiling, ..caller }
}

pub(crate) fn fit(model: &Model, narrowing: Narrowing) -> Narrowing {
    let below = narrowing.below.map(|at| at % model.places.len());
    Narrowing { below, ..narrowing }
}
