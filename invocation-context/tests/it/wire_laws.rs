//! Properties of the signed form.

use core::net::IpAddr;
use core::net::SocketAddr;
use core::time::Duration;

use http::HeaderMap;
use http::HeaderValue;
use proptest::array::uniform32;
use proptest::collection::btree_map;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Just;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::sample::Index;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::ApiKeyHash;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Child;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::CredentialId;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RequestedTenant;
use skeleton_invocation_context::RoleAssignment;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SealedContext;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::ToggleName;
use skeleton_invocation_context::ToggleValue;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::assert_forked_from;

use crate::helpers::NOW;
use crate::helpers::contexts;
use crate::helpers::edge;
use crate::helpers::impersonating;
use crate::helpers::mechanisms;
use crate::helpers::on_behalf;
use crate::helpers::steps;
use crate::wire::domain;
use crate::wire::domain_by;

fn locales() -> impl Strategy<Value = String> {
    "[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?"
}

fn accounts(nth: u128, kinds: &'static [AccountKind]) -> impl Strategy<Value = Account> {
    let id = any::<u128>().prop_map(move |random| random & !0b11 | nth);
    let parts = (
        id,
        1_u128..,
        option::of(locales()),
        any::<bool>(),
        any::<Index>(),
    );
    parts.prop_map(move |(id, tenant, locale, is_test, kind)| {
        let id = AccountId::from_bytes(id.to_be_bytes()).unwrap();
        let tenant = TenantId::from_bytes(tenant.to_be_bytes()).unwrap();
        let mut account = Account::new(id, *kind.get(kinds), tenant);
        if let Some(locale) = locale {
            account = account.with_locale(locale.parse().unwrap());
        }
        if is_test {
            account.into_test()
        } else {
            account
        }
    })
}

fn actors() -> impl Strategy<Value = Actor> {
    const USER: &[AccountKind] = &[AccountKind::User];
    const ANY: &[AccountKind] = &[AccountKind::User, AccountKind::Service];
    prop_oneof![
        accounts(1, ANY).prop_map(Actor::direct),
        (accounts(1, USER), accounts(2, USER)).prop_map(|(by, of)| impersonating(by, of)),
        (accounts(1, ANY), accounts(2, ANY)).prop_map(|(agent, of)| on_behalf(agent, of)),
    ]
}

fn proofs() -> impl Strategy<Value = Authentication> {
    let levels = [Assurance::Aal1, Assurance::Aal2, Assurance::Aal3];
    let at = (0..=Timestamp::MAX.as_millis()).prop_map(Timestamp::from_millis);
    let parts = (
        1_u128..,
        1_u128..,
        any::<[u8; 16]>(),
        any::<Index>(),
        any::<Index>(),
        at,
    );
    parts.prop_map(move |(session, credential, hash, kind, level, at)| {
        let mechanisms = mechanisms(
            SessionId::from_bytes(session.to_be_bytes()).unwrap(),
            CredentialId::from_bytes(credential.to_be_bytes()).unwrap(),
            ApiKeyHash::new(hash),
        );
        Authentication::new(kind.get(&mechanisms).clone(), *level.get(&levels), at)
    })
}

fn role_sets() -> impl Strategy<Value = RoleAssignments> {
    let assignment = ("[a-z0-9]{1,2}", 1_u128..).prop_map(|(role, scope)| {
        let scope = ContainerId::from_bytes(scope.to_be_bytes()).unwrap();
        RoleAssignment::new(RoleName::parse(&role).unwrap(), scope)
    });
    let listed = |assignments| RoleAssignments::listed(assignments).unwrap();
    prop_oneof![
        Just(RoleAssignments::none()),
        vec(assignment, 0..=256).prop_map(listed),
        (uniform32(any::<u8>()), any::<u32>())
            .prop_map(|(digest, count)| RoleAssignments::by_reference(digest, count)),
    ]
}

fn toggle_sets() -> impl Strategy<Value = Toggles> {
    let name = "[a-z0-9]([a-z0-9-]{0,4}[a-z0-9])?";
    let value = prop_oneof![
        any::<bool>().prop_map(ToggleValue::Flag),
        (-999_999_999_999_999_i64..=999_999_999_999_999).prop_map(ToggleValue::Integer),
        name.prop_map(|choice| ToggleValue::Choice(ToggleName::parse(&choice).unwrap())),
    ];
    btree_map(name, value, 0..=32).prop_map(|map| Toggles::new(map).unwrap())
}

fn addresses() -> impl Strategy<Value = Option<SocketAddr>> {
    let v4 = any::<[u8; 4]>().prop_map(IpAddr::from);
    let v6 = any::<[u8; 16]>().prop_map(IpAddr::from);
    let mapped = any::<[u8; 4]>()
        .prop_map(|octets| IpAddr::V6(core::net::Ipv4Addr::from(octets).to_ipv6_mapped()));
    option::of(prop_oneof![v4, v6, mapped].prop_map(|ip| SocketAddr::new(ip, 50_000)))
}

/// What an edge may know of a request before it knows who calls.
fn unknown() -> impl Strategy<Value = InvocationContext> {
    let parts = (
        option::of(locales()),
        option::of(locales()),
        option::of(1_u128..),
        addresses(),
    );
    (parts, toggle_sets()).prop_map(|((asked, browser, id, peer), toggles)| {
        let mut headers = HeaderMap::new();
        let id = id.map(|id| ExternalInvocationId::from_bytes(id.to_be_bytes()).unwrap());
        for (name, value) in [
            ("x-locale", asked),
            ("accept-language", browser),
            ("x-invocation-id", id.map(|id| id.to_string())),
        ] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::try_from(value).unwrap());
            }
        }
        let ctx = edge().admit(&mut headers, peer).unwrap();
        ctx.with_toggles(toggles).unwrap()
    })
}

/// Every context that an edge may seal.
fn edge_contexts() -> impl Strategy<Value = InvocationContext> {
    let who = option::of((actors(), proofs(), role_sets()));
    let door = option::of((1_u128.., any::<bool>()));
    (unknown(), who, door).prop_map(|(ctx, who, door)| {
        let who = who.map(|(actor, proof, roles)| Identity::new(actor, proof, roles));
        let of_account = who
            .as_ref()
            .map(|who| who.actor().effective_account().tenant());
        let ctx = match door {
            None => ctx,
            Some((tenant, is_test)) => {
                let tenant = TenantId::from_bytes(tenant.to_be_bytes()).unwrap();
                let wanted = RequestedTenant::new(of_account.unwrap_or(tenant));
                ctx.requesting(if is_test { wanted.as_test() } else { wanted })
                    .unwrap()
            }
        };
        match who {
            Some(who) => ctx.authenticated_as(who).unwrap(),
            None => ctx,
        }
    })
}

/// All that is to arrive as it was sent: everything but this hop's ids and path, and the user agent.
pub(crate) fn said<A: AccessKind>(ctx: &InvocationContext<A>) -> impl PartialEq + core::fmt::Debug {
    let (known, provenance, requested) = match ctx.access().to_access() {
        Access::Authenticated(known) => {
            let proof = known.authentication().clone();
            let who = (known.actor().clone(), proof, known.roles().clone());
            (Some(who), known.provenance().clone(), known.requested())
        }
        Access::Unauthenticated(unknown) => {
            (None, unknown.provenance().clone(), unknown.requested())
        }
    };
    let (trace, ip) = (ctx.trace(), provenance.client_ip().map(|ip| ip.reveal()));
    (
        (known, ip, requested, ctx.is_test(), ctx.namespace()),
        (ctx.toggles().clone(), ctx.locale()),
        (*trace.external(), trace.originating(), trace.is_sampled()),
    )
}

fn large() -> TrustDomain {
    domain().with_max_bytes(TrustDomain::MAX_BYTES)
}

/// One half touched: where, and what comes there.
fn touched(sealed: &SealedContext, half: bool, change: impl FnOnce(&mut Vec<u8>)) -> [String; 2] {
    let mut halves = [sealed.context(), sealed.hop()].map(|text| text.as_bytes().to_vec());
    change(&mut halves[usize::from(half)]);
    halves.map(|bytes| String::from_utf8(bytes).unwrap())
}

proptest! {
    #[test]
    fn law_01_what_is_opened_is_what_was_sealed(ctx in edge_contexts(), step in steps()) {
        let child = ctx.child(&step).unwrap();
        let sealed = large().seal(&child).unwrap();
        let opened = large().receive(sealed.context(), sealed.hop()).unwrap();
        prop_assert_eq!(opened.caller(), child.caller());
        prop_assert_eq!(opened.step(), child.step());
        let received = opened.begin(&SeededIds::new(3), NOW);
        prop_assert_eq!(said(&received), said(&ctx));
        assert_forked_from(&received, &ctx);
        let agent = match received.access() {
            Access::Authenticated(known) => known.provenance().user_agent().cloned(),
            Access::Unauthenticated(unknown) => unknown.provenance().user_agent().cloned(),
        };
        prop_assert_eq!(agent, None);
    }

    #[test]
    fn law_01_any_changed_byte_is_refused(
        ctx in contexts(), step in steps(), half: bool, at: Index, byte in 0x20_u8..0x7f,
    ) {
        let sealed = large().seal(&ctx.child(&step).unwrap()).unwrap();
        let [context, hop] = touched(&sealed, half, |text| {
            let at = at.index(text.len());
            text[at] = if text[at] == byte { b'~' } else { byte };
        });
        prop_assert!(large().receive(&context, &hop).is_err());
    }

    #[test]
    fn law_01_any_cut_or_extension_is_refused(
        ctx in contexts(), step in steps(), half: bool, at: Index, more in "[A-Za-z0-9_-]{1,8}",
    ) {
        let sealed = large().seal(&ctx.child(&step).unwrap()).unwrap();
        let cut = touched(&sealed, half, |text| text.truncate(at.index(text.len())));
        let inside = touched(&sealed, half, |text| {
            let at = at.index(text.len());
            text.splice(at..at, more.bytes());
        });
        let behind = touched(&sealed, half, |text| text.extend_from_slice(more.as_bytes()));
        for [context, hop] in [cut, inside, behind] {
            prop_assert!(large().receive(&context, &hop).is_err());
        }
    }

    #[test]
    fn law_01_no_text_makes_the_receiver_panic(context in ".{0,80}", hop in "[A-Za-z0-9_-]{0,400}") {
        prop_assert!(large().receive(&context, &hop).is_err());
        prop_assert!(large().receive(&hop, &context).is_err());
    }

    #[test]
    fn law_03_a_hop_changes_parent_current_and_path_only(
        ctx in contexts(), step in steps(), seed: u64,
    ) {
        let child: Child = ctx.child(&step).unwrap();
        let next = child.begin(&SeededIds::new(seed), NOW);
        assert_forked_from(&next, &ctx);
        prop_assert_eq!(said(&next), said(&ctx));
        let (old, new) = (ctx.trace().step().as_str(), next.trace().step().as_str());
        let expected = if old.is_empty() { step.as_str().to_owned() } else { format!("{old}/{}", step.as_str()) };
        prop_assert_eq!(new, expected);
    }

    #[test]
    fn law_03_any_number_of_hops_keeps_the_bytes(
        ctx in edge_contexts(), hops in vec((steps(), 0_u64..5), 1..8), seed: u64,
    ) {
        let ids = SeededIds::new(seed);
        let (mut at, mut bytes) = (ctx.clone(), None);
        for (step, late) in hops {
            // Each service has a domain and a clock of its own.
            let clock = FixedClock::at(NOW.saturating_add(Duration::from_secs(late)));
            let service = domain_by(&clock).with_max_bytes(TrustDomain::MAX_BYTES);
            let Ok(child) = at.child(&step) else { break };
            let Ok(sealed) = service.seal(&child) else { panic!("too large") };
            let first = bytes.get_or_insert_with(|| sealed.context().to_owned());
            prop_assert_eq!(&*first, sealed.context());
            let next = service.receive(sealed.context(), sealed.hop()).unwrap().begin(&ids, NOW);
            assert_forked_from(&next, &at);
            prop_assert_eq!(said(&next), said(&ctx));
            at = next;
        }
    }

    #[test]
    fn law_09_a_receive_error_is_one_problem_without_a_byte_of_the_input(
        context in "[!-~]{8,60}", hop in "[!-~]{8,60}",
    ) {
        let error = domain().receive(&context, &hop).expect_err("no call");
        let problem = Problem::from(error);
        let expected = Problem::new(ProblemKind::Unauthenticated).with_challenge("Skeleton-Context");
        prop_assert_eq!(&problem, &expected);
        let told = String::from_utf8(problem.to_json()).unwrap();
        for shown in [told, problem.to_string(), error.to_string(), format!("{error:?}")] {
            prop_assert!(!shown.contains(&context) && !shown.contains(&hop));
        }
    }
}
