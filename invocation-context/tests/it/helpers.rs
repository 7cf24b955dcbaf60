//! Known accounts, scripted ids, and contexts of every shape.

use core::num::NonZeroU128;
use std::collections::VecDeque;
use std::sync::Mutex;

use http::HeaderMap;
use http::HeaderName;
use http::HeaderValue;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Agent;
use skeleton_invocation_context::ApiKeyHash;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Beneficiary;
use skeleton_invocation_context::CredentialId;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::IdentityProviderId;
use skeleton_invocation_context::Impersonated;
use skeleton_invocation_context::Impersonator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::ToggleName;
use skeleton_invocation_context::ToggleValue;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;

/// 2026-11-23T10:15:00.120Z.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_120);
pub(crate) const ULID: &str = "01M83YEMHRMW96SB74TMCXA9MN";
pub(crate) const OTHER_ULID: &str = "01M83YEMHN2BKZNCV752KRQTVY";

/// Ids that were written down beforehand.
pub(crate) struct Scripted(Mutex<VecDeque<NonZeroU128>>);

impl Scripted {
    pub(crate) fn new<const N: usize>(texts: [&str; N]) -> Self {
        let bits = |text: &str| {
            let id: EventId = text.parse().unwrap();
            NonZeroU128::new(u128::from_be_bytes(id.to_bytes())).unwrap()
        };
        Self(Mutex::new(texts.map(bits).into()))
    }
}

impl IdGenerator for Scripted {
    fn next(&self, _at: Timestamp) -> NonZeroU128 {
        self.0.lock().unwrap().pop_front().unwrap()
    }
}

pub(crate) fn tenant(nth: u8) -> TenantId {
    TenantId::from_bytes([nth; 16]).unwrap()
}

pub(crate) fn account(nth: u8) -> AccountId {
    AccountId::from_bytes([nth; 16]).unwrap()
}

pub(crate) fn event(nth: u8) -> EventId {
    EventId::from_bytes([nth; 16]).unwrap()
}

pub(crate) fn user(nth: u8, of: u8) -> Account {
    Account::new(account(nth), AccountKind::User, tenant(of))
}

pub(crate) fn service(nth: u8, of: u8) -> Account {
    Account::new(account(nth), AccountKind::Service, tenant(of))
}

pub(crate) fn locale(text: &str) -> Locale {
    text.parse().unwrap()
}

pub(crate) fn proof(mechanism: Mechanism) -> Authentication {
    Authentication::new(mechanism, Assurance::Aal2, NOW)
}

pub(crate) fn identity(actor: Actor) -> Identity {
    Identity::new(actor, proof(Mechanism::Workload), RoleAssignments::none())
}

/// A context as the edge left it.
pub(crate) fn anonymous() -> InvocationContext {
    testing::context().at(NOW).build()
}

pub(crate) fn impersonating(by: Account, of: Account) -> Actor {
    Actor::impersonating_across_tenants(Impersonator::new(by), Impersonated::new(of)).unwrap()
}

pub(crate) fn on_behalf(agent: Account, of: Account) -> Actor {
    Actor::on_behalf_across_tenants(Agent::new(agent), Beneficiary::new(of)).unwrap()
}

/// One actor of each kind.
pub(crate) fn actors() -> [Actor; 3] {
    [
        Actor::direct(user(1, 1)),
        impersonating(user(2, 9), user(1, 1)),
        on_behalf(service(3, 9), user(1, 1)),
    ]
}

/// One mechanism of each kind.
pub(crate) fn mechanisms(
    session: SessionId,
    credential: CredentialId,
    hash: ApiKeyHash,
) -> [Mechanism; 5] {
    let provider = IdentityProviderId::from_bytes([7; 16]).unwrap();
    [
        Mechanism::Session { session },
        Mechanism::Federated { session, provider },
        Mechanism::ApiKey { credential, hash },
        Mechanism::PersonalAccessToken { credential, hash },
        Mechanism::Workload,
    ]
}

pub(crate) fn edge() -> Edge {
    Edge::new(
        FixedClock::at(NOW),
        SeededIds::new(5),
        TrustedProxies::none(),
    )
}

pub(crate) fn headers(lines: &[(&str, &[u8])]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_bytes(value).unwrap(),
        );
    }
    headers
}

/// What the edge makes of these header lines.
pub(crate) fn admit(lines: &[(&str, &[u8])]) -> Result<InvocationContext, Problem> {
    edge().admit(&mut headers(lines), None)
}

pub(crate) fn names() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?"
}

fn toggle_values() -> impl Strategy<Value = ToggleValue> {
    prop_oneof![
        any::<bool>().prop_map(ToggleValue::Flag),
        (-999_999_999_999_999_i64..=999_999_999_999_999).prop_map(ToggleValue::Integer),
        names().prop_map(|name| ToggleValue::Choice(ToggleName::parse(&name).unwrap())),
    ]
}

pub(crate) fn toggles() -> impl Strategy<Value = Toggles> {
    btree_map(names(), toggle_values(), 0..6).prop_map(|map| Toggles::new(map).unwrap())
}

pub(crate) fn steps() -> impl Strategy<Value = Step> {
    let plain = names().prop_map(|name| Step::parse(&name).unwrap());
    let items = vec(any::<u32>(), 0..3);
    (plain, items).prop_filter_map("a label of at most 32 bytes", |(plain, items)| {
        items
            .into_iter()
            .try_fold(plain, |step, item| step.item(item).ok())
    })
}

fn locales() -> impl Strategy<Value = Locale> {
    let text = "[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?";
    text.prop_map(|text| text.parse().unwrap())
}

fn identities() -> impl Strategy<Value = Identity> {
    let account = |nth: u8| {
        let parts = (option::of(locales()), any::<bool>(), 1_u8..4);
        parts.prop_map(move |(locale, is_test, of)| {
            let account = user(nth, of);
            let account = match locale {
                Some(locale) => account.with_locale(locale),
                None => account,
            };
            if is_test {
                account.into_test()
            } else {
                account
            }
        })
    };
    let actor = (account(1), account(2), 0..3).prop_map(|(one, other, kind)| match kind {
        0 => Actor::direct(one),
        1 => impersonating(one, other),
        _ => on_behalf(one, other),
    });
    let assurance = prop_oneof![
        Just(Assurance::Aal1),
        Just(Assurance::Aal2),
        Just(Assurance::Aal3)
    ];
    let at = (0..=Timestamp::MAX.as_millis()).prop_map(Timestamp::from_millis);
    let ids = (1_u8.., 1_u8.., any::<[u8; 16]>(), 0_usize..5);
    (actor, assurance, at, ids).prop_map(|(actor, assurance, at, ids)| {
        let (session, credential, hash, kind) = ids;
        let mechanism = mechanisms(
            SessionId::from_bytes([session; 16]).unwrap(),
            CredentialId::from_bytes([credential; 16]).unwrap(),
            ApiKeyHash::new(hash),
        )[kind]
            .clone();
        let proof = Authentication::new(mechanism, assurance, at);
        Identity::new(actor, proof, RoleAssignments::none())
    })
}

/// Contexts at the edge: known and unknown callers, with and without a tenant asked for.
pub(crate) fn edge_contexts() -> impl Strategy<Value = InvocationContext> {
    let requested = option::of((1_u8.., any::<bool>()));
    let parts = (
        any::<u64>(),
        option::of(identities()),
        toggles(),
        requested,
        any::<bool>(),
    );
    parts.prop_map(|(seed, who, toggles, requested, asks)| {
        let ctx = testing::context()
            .at(NOW)
            .seed(seed)
            .toggles(toggles)
            .build();
        match (who, requested) {
            (Some(who), _) => {
                let wanted = RequestedTenant::new(who.actor().effective_account().tenant());
                let ctx = if asks {
                    ctx.requesting(wanted).unwrap()
                } else {
                    ctx
                };
                ctx.authenticated_as(who).unwrap()
            }
            (None, Some((nth, is_test))) => {
                let wanted = RequestedTenant::new(tenant(nth));
                let wanted = if is_test { wanted.as_test() } else { wanted };
                ctx.requesting(wanted).unwrap()
            }
            (None, None) => ctx,
        }
    })
}

/// Contexts some hops away from the edge, too.
pub(crate) fn contexts() -> impl Strategy<Value = InvocationContext> {
    (edge_contexts(), vec(steps(), 0..4), any::<u64>()).prop_map(|(ctx, steps, seed)| {
        let ids = SeededIds::new(seed);
        steps
            .iter()
            .fold(ctx, |ctx, step| ctx.child(step).unwrap().begin(&ids, NOW))
    })
}

/// What events carry of all these contexts, at each place of a chain of events.
pub(crate) fn event_contexts() -> impl Strategy<Value = EventContext> {
    (contexts(), 0_u8..3).prop_map(|(ctx, chain)| {
        let first = EventContext::of(&ctx);
        match chain {
            0 => first,
            1 => first.clone().caused_by(event(1), &first),
            _ => {
                let second = first.clone().caused_by(event(1), &first);
                first.caused_by(event(2), &second)
            }
        }
    })
}
