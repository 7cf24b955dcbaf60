//! Documents of version 1 as they were written once. The files are never edited.

use serde_json::Value;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ApiKeyHash;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::EventAccess;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::ToggleName;
use skeleton_invocation_context::ToggleValue;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::FixedClock;

use crate::helpers::NOW;
use crate::helpers::Scripted;
use crate::helpers::headers;
use crate::helpers::impersonating;
use crate::helpers::locale;
use crate::helpers::on_behalf;

const ORIGINATING: &str = "01M83YEMJF3HCVMBEYGD2RQZPG";
const CURRENT: &str = "01M83YEMJV1PBWVJ1G26P8XZGJ";
const ACTION: &str = "01M83YEMHN2BKZNCV752KRQTVY";
const INVOCATION: &str = "01M83YEMHRMW96SB74TMCXA9MN";
const FIRST_EVENT: &str = "01M83YEMJK1E0578998PMK4P7F";
const LAST_EVENT: &str = "01M83YEMJRR86GZ2KTQZSEJ6P7";
const STAFF: [&str; 2] = ["01KGHF3N80T0AJRRW8HWMF0141", "01KE6P4YM0FSPTFB776BVFNQX7"];
const CUSTOMER: [&str; 2] = ["01KJMJK4P0H88HDF0Q6A7QPXKP", "01KERPXZM0WQ0S6RPTBK0KV9CA"];
const RECORD: &str = "01M83XP8JTCDYP17J6FBD6F7W1";

const IMPERSONATING: &str = include_str!("../golden/event-v1-impersonating.json");
const ON_BEHALF: &str = include_str!("../golden/event-v1-on-behalf.json");
const ANONYMOUS: &str = include_str!("../golden/event-v1-anonymous.json");
const SESSION: &str = include_str!("../golden/event-v1-direct-session.json");
const TOKEN: &str = include_str!("../golden/event-v1-direct-personal-access-token.json");
const WORKLOAD: &str = include_str!("../golden/event-v1-direct-workload.json");

fn account([id, tenant]: [&str; 2], kind: AccountKind) -> Account {
    Account::new(id.parse().unwrap(), kind, tenant.parse().unwrap())
}

fn customer() -> Account {
    account(CUSTOMER, AccountKind::User)
}

fn admitted() -> InvocationContext {
    let ids = Scripted::new([ORIGINATING]);
    let edge = Edge::new(FixedClock::at(NOW), ids, TrustedProxies::none());
    let lines: [(&str, &[u8]); 2] = [
        ("x-action-id", ACTION.as_bytes()),
        ("x-invocation-id", INVOCATION.as_bytes()),
    ];
    edge.admit(&mut headers(&lines), None).unwrap()
}

fn identity(actor: Actor, mechanism: Mechanism, assurance: Assurance) -> Identity {
    let at = "2026-11-23T10:02:11.418Z".parse().unwrap();
    let proof = Authentication::new(mechanism, assurance, at);
    Identity::new(actor, proof, RoleAssignments::none())
}

fn toggles<const N: usize>(held: [(&str, ToggleValue); N]) -> Toggles {
    Toggles::new(held.map(|(name, value)| (name.to_owned(), value))).unwrap()
}

fn read(golden: &str) -> EventContext {
    EventContext::from_json(golden).unwrap()
}

/// Writing gives the golden document, and reading it gives the context back.
fn is_written(context: &EventContext, golden: &str) {
    let written = serde_json::to_value(context).unwrap();
    let golden_value: Value = serde_json::from_str(golden).unwrap();
    assert_eq!(written, golden_value);
    assert_eq!(&read(golden), context);
}

#[test]
fn a_user_whom_the_staff_impersonates() {
    let user = customer().with_locale(locale("en-GB"));
    let actor = impersonating(account(STAFF, AccountKind::User), user);
    let mechanism = Mechanism::Federated {
        session: RECORD.parse().unwrap(),
        provider: "01KE953T000Y3JZ5G0CEY6FEMM".parse().unwrap(),
    };
    let ctx = admitted()
        .authenticated_as(identity(actor, mechanism, Assurance::Aal2))
        .unwrap()
        .with_toggles(toggles([("new-fees", ToggleValue::Flag(true))]))
        .unwrap();
    let hop = ctx.child(&step!("debit")).unwrap();
    let hop = hop.begin(&Scripted::new([CURRENT]), NOW);
    let (first, last) = (FIRST_EVENT.parse().unwrap(), LAST_EVENT.parse().unwrap());
    let before = EventContext::of(&ctx).caused_by(first, &EventContext::of(&ctx));
    is_written(
        &EventContext::of(&hop).caused_by(last, &before),
        IMPERSONATING,
    );
}

#[test]
fn a_service_on_behalf_of_a_user() {
    let user = customer().with_locale(locale("zh-Hant-TW")).into_test();
    let actor = on_behalf(account(STAFF, AccountKind::Service), user);
    let hash = ApiKeyHash::new(core::array::from_fn(|at| u8::try_from(at).unwrap()));
    let credential = RECORD.parse().unwrap();
    let mechanism = Mechanism::ApiKey { credential, hash };
    let held = toggles([
        ("rate", ToggleValue::Integer(-999_999_999_999_999)),
        ("new-fees", ToggleValue::Flag(false)),
        (
            "fees",
            ToggleValue::Choice(ToggleName::parse("per-item").unwrap()),
        ),
    ]);
    let ctx = admitted()
        .authenticated_as(identity(actor, mechanism, Assurance::Aal1))
        .unwrap()
        .with_toggles(held)
        .unwrap();
    let ids = Scripted::new([CURRENT, LAST_EVENT]);
    let debit = step!("debit").item(7).unwrap();
    let ctx = [debit, step!("notify")]
        .iter()
        .fold(ctx, |ctx, step| ctx.child(step).unwrap().begin(&ids, NOW));
    is_written(&EventContext::of(&ctx), ON_BEHALF);
}

#[test]
fn an_unknown_caller_at_the_door_of_a_test_tenant() {
    let ids = Scripted::new([ORIGINATING, ACTION, INVOCATION]);
    let edge = Edge::new(FixedClock::at(NOW), ids, TrustedProxies::none());
    let ctx = edge.admit(&mut headers(&[]), None).unwrap();
    let door = RequestedTenant::new(CUSTOMER[1].parse().unwrap()).as_test();
    is_written(&EventContext::of(&ctx.requesting(door).unwrap()), ANONYMOUS);
}

#[test]
fn every_other_mechanism_reads_as_it_was_written() {
    let session = Mechanism::Session {
        session: RECORD.parse().unwrap(),
    };
    let token = Mechanism::PersonalAccessToken {
        credential: RECORD.parse().unwrap(),
        hash: ApiKeyHash::new([0xff; 16]),
    };
    let cases = [
        (SESSION, session, Assurance::Aal3),
        (TOKEN, token, Assurance::Aal1),
        (WORKLOAD, Mechanism::Workload, Assurance::Aal2),
    ];
    for (golden, mechanism, assurance) in cases {
        let context = read(golden);
        let who = identity(Actor::direct(customer()), mechanism, assurance);
        let expected = EventAccess::Authenticated {
            actor: who.actor().clone(),
            authentication: who.authentication().clone(),
        };
        assert_eq!(context.access(), &expected);
        let external = context.trace().external();
        assert_eq!(external.made_by(), MadeBy::Service);
        let lineage = context.lineage().unwrap();
        assert_eq!(lineage.originating().to_string(), FIRST_EVENT);
        is_written(&context, golden);
    }
}
