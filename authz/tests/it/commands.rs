//! Random commands: what people might ask of a tenant's rules.

use proptest::arbitrary::any;
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::sample::select;
use proptest::sample::subsequence;
use skeleton_authz::AccessCommand;
use skeleton_authz::Grant;
use skeleton_authz::Reach;
use skeleton_authz::Subject;

use crate::authors::name;
use crate::authors::spec;
use crate::drawing::ACCOUNTS;
use crate::drawing::common_role;
use crate::drawing::reach;
use crate::drawing::when;
use crate::drawing::within;
use crate::helpers::account as account_id;
use crate::helpers::grant_id;
use crate::naive::Model;
use crate::naive::OWN;
use crate::naive::When;
use crate::worlds::guardrail_id;
use crate::worlds::id_of;
use crate::worlds::window;

/// What authors put into roles and guardrails: some of what stewards hold too.
const PERMISSIONS: [&str; 11] = [
    "account:read",
    "account:open",
    "account:audit",
    "customer:erase",
    "grant:read",
    "grant:assign",
    "grant:revoke",
    "role:define",
    "role:retire",
    "guardrail:set",
    "member:impersonate",
];

const POLICIES: [&str; 4] = [
    "account-reading",
    "customer-care",
    "governing",
    "overruling",
];

/// Grants of authors are numbered from here.
pub(crate) const FIRST: u64 = 1_000;

/// A command, its containers and ids still to be found in the world.
#[derive(Clone, Debug)]
pub(crate) enum Drawn {
    Define(&'static str, Index, Vec<&'static str>, Vec<&'static str>),
    Change(&'static str, Vec<&'static str>, Vec<&'static str>),
    Retire(&'static str),
    Assign(u8, &'static str, Index, Reach, When),
    Revoke(Index, bool),
    Fence(Index, Vec<&'static str>),
    Lift(Index),
}

pub(crate) fn commands() -> impl Strategy<Value = Drawn> {
    let holds = || {
        let permissions = subsequence(PERMISSIONS.to_vec(), 0..3);
        let policies = prop_oneof![
            3 => subsequence(POLICIES.to_vec(), 0..1),
            1 => subsequence(POLICIES.to_vec(), 1..2),
        ];
        (policies, permissions)
    };
    let name = || select(&OWN[..]);
    let at = any::<Index>;
    prop_oneof![
        3 => (name(), at(), holds()).prop_map(|(name, home, (policies, permissions))| {
            Drawn::Define(name, home, policies, permissions)
        }),
        3 => (name(), holds()).prop_map(|(name, (policies, permissions))| {
            Drawn::Change(name, policies, permissions)
        }),
        1 => name().prop_map(Drawn::Retire),
        8 => (0..ACCOUNTS, common_role(), at(), reach(), when()).prop_map(|(to, role, at, reach, when)| {
            Drawn::Assign(to, role, at, reach, when)
        }),
        2 => (at(), any::<bool>()).prop_map(|(grant, cascade)| Drawn::Revoke(grant, cascade)),
        1 => (at(), subsequence(PERMISSIONS.to_vec(), 1..4)).prop_map(|(at, forbids)| Drawn::Fence(at, forbids)),
        1 => at().prop_map(Drawn::Lift),
    ]
}

/// The command of somebody in a tenant of the model; `fresh` numbers what it makes. One in so many containers is of any
/// tenant, the others are its own.
pub(crate) fn found(
    model: &Model,
    (tenant, strays): (u8, usize),
    drawn: &Drawn,
    fresh: u64,
) -> AccessCommand {
    let place = |at: &Index| match at.index(strays) {
        0 => id_of(model, at.index(model.places.len())),
        _ => id_of(model, within(model, tenant, *at)),
    };
    match drawn {
        Drawn::Define(own, home, policies, permissions) => AccessCommand::DefineRole {
            name: name(own),
            home: place(home),
            holds: spec(policies, permissions),
        },
        Drawn::Change(own, policies, permissions) => AccessCommand::ChangeRole {
            name: name(own),
            holds: spec(policies, permissions),
        },
        Drawn::Retire(own) => AccessCommand::RetireRole { name: name(own) },
        Drawn::Assign(to, role, at, reach, when) => {
            let to = Subject::Account(account_id(*to));
            let grant = Grant::new(grant_id(FIRST + fresh), to, name(role), place(at))
                .with_reach(*reach)
                .with_window(window(*when));
            AccessCommand::Assign { grant }
        }
        Drawn::Revoke(grant, cascade) => {
            let old = model.grants.len() as u64;
            let number = grant.index(usize::try_from(old + fresh).unwrap() + 1) as u64;
            let number = if number < old {
                number
            } else {
                FIRST + number - old
            };
            AccessCommand::Revoke {
                grant: grant_id(number),
                cascade: *cascade,
            }
        }
        Drawn::Fence(at, forbids) => AccessCommand::SetGuardrail {
            guardrail: guardrail_id(FIRST + fresh),
            at: place(at),
            forbids: forbids.iter().map(|name| (*name).to_owned()).collect(),
        },
        Drawn::Lift(fence) => AccessCommand::LiftGuardrail {
            guardrail: guardrail_id(fence.index(model.fences.len() + 1) as u64),
        },
    }
}
