//! The key: its vectors, its text, and that no two invocations share one.

use proptest::prelude::*;
use sha2::Digest;
use sha2::Sha256;
use skeleton_idempotency::IdempotencyKey;
use skeleton_idempotency::KeyError;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Agent;
use skeleton_invocation_context::Beneficiary;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::Impersonated;
use skeleton_invocation_context::Impersonator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::context;

use crate::helpers::acme;
use crate::helpers::alice;
use crate::helpers::alice_calls;
use crate::helpers::invocation;
use crate::helpers::key_of;
use crate::helpers::now;
use crate::helpers::transfer;

fn user(id: AccountId, tenant: TenantId) -> Account {
    Account::new(id, AccountKind::User, tenant)
}

fn step_into(ctx: &InvocationContext, step: &Step) -> InvocationContext {
    ctx.child(step).unwrap().begin(&SeededIds::new(9), now())
}

#[test]
fn a_direct_invocation_has_the_published_address() {
    let key = key_of(&alice_calls().build());
    assert_eq!(
        key.to_string(),
        "391b8a4868c5527dc7f8b4273aa41116d3717518f3504e28ecf743aa8504d115"
    );
    assert_eq!(key.day(), 20_780);
    assert_eq!(key.tenant(), Some(acme()));
    assert!(!key.is_in_flow());
}

#[test]
fn an_impersonated_call_within_a_flow_has_the_published_address() {
    let staff = user(
        "01KGHF3N80T0AJRRW8HWMF0141".parse().unwrap(),
        "01KE6P4YM0FSPTFB776BVFNQX7".parse().unwrap(),
    );
    let actor = Actor::impersonating_across_tenants(
        Impersonator::new(staff),
        Impersonated::new(user(alice(), acme())),
    );
    let ctx = context()
        .acting(actor.unwrap())
        .invocation(invocation())
        .build();
    let key = key_of(&step_into(&ctx, &step!("debit")));
    assert_eq!(
        key.to_string(),
        "5a9a7e5f1113fcf5d1a03cff9c074ce61a50a0281ae4919b413d902840b36248"
    );
    assert_eq!(key.day(), 20_780);
    assert!(key.is_in_flow());
}

/// The bytes of the specification, one after the other.
#[test]
fn an_address_is_the_digest_of_the_published_bytes() {
    let agent: AccountId = "01KGHF3N80T0AJRRW8HWMF0141".parse().unwrap();
    let account = |id| user(id, acme());
    let cases = [
        (1_u8, alice(), Actor::direct(account(alice()))),
        (
            2,
            agent,
            Actor::impersonating(
                Impersonator::new(account(agent)),
                Impersonated::new(account(alice())),
            )
            .unwrap(),
        ),
        (
            3,
            agent,
            Actor::on_behalf(
                Agent::new(account(agent)),
                Beneficiary::new(account(alice())),
            )
            .unwrap(),
        ),
    ];
    for (caller, accountable, actor) in cases {
        let edge = context().acting(actor).invocation(invocation()).build();
        let flow = step_into(&step_into(&edge, &step!("debit")), &step!("notify"));
        for (ctx, path) in [(edge, ""), (flow, "debit/notify")] {
            let mut bytes = b"skeleton-idempotency/1\x00\x01".to_vec();
            bytes.extend(acme().to_bytes());
            bytes.push(caller);
            bytes.extend(accountable.to_bytes());
            bytes.extend(alice().to_bytes());
            bytes.extend(invocation().to_bytes());
            bytes.extend([0, u8::try_from(path.len()).unwrap()]);
            bytes.extend(path.as_bytes());
            assert_eq!(
                key_of(&ctx).address().as_slice(),
                Sha256::digest(&bytes).as_slice()
            );
        }
    }
}

#[test]
fn an_agent_on_behalf_of_a_user_has_keys_of_its_own() {
    let agent = user("01KGHF3N80T0AJRRW8HWMF0141".parse().unwrap(), acme());
    let pair = (
        Agent::new(agent.clone()),
        Beneficiary::new(user(alice(), acme())),
    );
    let on_behalf = Actor::on_behalf(pair.0, pair.1).unwrap();
    let pair = (
        Impersonator::new(agent),
        Impersonated::new(user(alice(), acme())),
    );
    let impersonating = Actor::impersonating(pair.0, pair.1).unwrap();
    let key = |actor| key_of(&context().acting(actor).invocation(invocation()).build());
    assert_ne!(key(on_behalf).address(), key(impersonating).address());
}

#[test]
fn an_invocation_that_the_client_did_not_name_has_no_key() {
    let ctx = alice_calls().made_by(MadeBy::Edge).build();
    assert_eq!(
        IdempotencyKey::of(&ctx, &transfer()),
        Err(KeyError::Missing)
    );
}

#[test]
fn an_anonymous_invocation_has_no_key() {
    let ctx = context()
        .anonymous()
        .requesting(acme())
        .invocation(invocation())
        .build();
    assert_eq!(
        IdempotencyKey::of(&ctx, &transfer()),
        Err(KeyError::Anonymous)
    );
}

#[test]
fn a_text_that_is_not_the_one_text_of_a_key_is_none() {
    let text = key_of(&alice_calls().build()).to_text();
    let parts: Vec<&str> = text.split('.').collect();
    let with = |at: usize, part: &str| {
        let mut parts = parts.clone();
        parts[at] = part;
        parts.join(".")
    };
    let millis = parts[1];
    let bad = [
        String::new(),
        parts[..4].join("."),
        format!("{text}."),
        with(0, &parts[0].to_uppercase()),
        with(0, parts[0].get(2..).unwrap()),
        with(1, &format!("0{millis}")),
        with(1, &format!("+{millis}")),
        with(1, "18446744073709551616"),
        with(1, "18446744073709551615"),
        with(2, "path"),
        with(3, &parts[3].to_lowercase()),
        with(3, ""),
        with(4, "Transfer"),
    ];
    for text in bad {
        assert_eq!(
            text.parse::<IdempotencyKey>(),
            Err(KeyError::Malformed),
            "{text}"
        );
    }
}

#[test]
fn a_digit_in_the_place_of_another_is_another_key() {
    let key = key_of(&alice_calls().build());
    let other = key
        .to_text()
        .replacen('3', "4", 1)
        .parse::<IdempotencyKey>()
        .unwrap();
    assert_ne!(key, other);
}

/// Everything that makes an address.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Who {
    tenant: TenantId,
    effective: AccountId,
    /// Another account that acts, and whether it impersonates.
    by: Option<(AccountId, bool)>,
    invocation: ExternalInvocationId,
    path: Vec<String>,
}

impl Who {
    fn context(&self) -> InvocationContext {
        let effective = user(self.effective, self.tenant);
        let actor = match self.by {
            None => Actor::direct(effective),
            Some((id, true)) => Actor::impersonating(
                Impersonator::new(user(id, self.tenant)),
                Impersonated::new(effective),
            )
            .unwrap(),
            Some((id, false)) => Actor::on_behalf(
                Agent::new(user(id, self.tenant)),
                Beneficiary::new(effective),
            )
            .unwrap(),
        };
        let ctx = context().acting(actor).invocation(self.invocation).build();
        self.path.iter().fold(ctx, |ctx, label| {
            step_into(&ctx, &Step::parse(label).unwrap())
        })
    }
}

/// Ids from a small set, so that parts of two tuples often agree.
fn bytes() -> impl Strategy<Value = [u8; 16]> {
    (1_u8..4, 0_u8..2).prop_map(|(last, first)| {
        let mut bytes = [0x11; 16];
        (bytes[0], bytes[15]) = (first, last);
        bytes
    })
}

fn who() -> impl Strategy<Value = Who> {
    let path = proptest::collection::vec("[a-b]{1,2}", 0..4);
    (
        bytes(),
        bytes(),
        proptest::option::of((bytes(), any::<bool>())),
        bytes(),
        path,
    )
        .prop_map(|(tenant, effective, by, invocation, path)| Who {
            tenant: TenantId::from_bytes(tenant).unwrap(),
            effective: AccountId::from_bytes(effective).unwrap(),
            by: by
                .filter(|(id, _)| *id != effective)
                .map(|(id, kind)| (AccountId::from_bytes(id).unwrap(), kind)),
            invocation: ExternalInvocationId::from_bytes(invocation).unwrap(),
            path,
        })
}

proptest! {
    /// P6, attack 2: two addresses are equal exactly if everything in them is.
    #[test]
    fn law_06_addresses_are_injective(one in who(), other in who()) {
        let (a, b) = (key_of(&one.context()), key_of(&other.context()));
        prop_assert_eq!(one == other, a.address() == b.address());
        let again = key_of(&one.context());
        prop_assert_eq!(a.address(), again.address());
    }

    #[test]
    fn a_key_reads_back_from_its_text(who in who(), name in "[a-z][a-z0-9]{0,20}(-[a-z0-9]{1,8}){0,3}") {
        let operation = Operation::parse(&name).unwrap();
        let key = IdempotencyKey::of(&who.context(), &operation).unwrap();
        prop_assert_eq!(key.to_text().parse::<IdempotencyKey>().unwrap(), key);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,120}") {
        if let Ok(key) = text.parse::<IdempotencyKey>() {
            prop_assert_eq!(key.to_text(), text);
        }
    }

    /// P8: how the invocation came here is not in the key.
    #[test]
    fn law_08_trace_and_hop_do_not_change_the_key(seed in any::<u64>()) {
        let one = key_of(&alice_calls().build());
        let other = key_of(&alice_calls().seed(seed).build());
        prop_assert_eq!(one, other);
    }
}

#[test]
fn the_operation_is_in_the_key_but_not_in_the_address() {
    let ctx = alice_calls().build();
    let one = IdempotencyKey::of(&ctx, &operation!("open-account")).unwrap();
    let other = IdempotencyKey::of(&ctx, &operation!("close-account")).unwrap();
    assert_eq!(one.address(), other.address());
    assert_ne!(one, other);
}
