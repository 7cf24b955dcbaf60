//! The gate: who enters which tenant, decided by a plain function.

use std::sync::Arc;

use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::CidrList;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::IpRestriction;
use skeleton_tenancy_tree::Lockout;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::Refusal;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::Tenant;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantGate;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::Tenants;

use crate::helpers::bank;
use crate::helpers::happened;
use crate::helpers::inside;
use crate::helpers::new_tenant;
use crate::helpers::tenant;
use crate::helpers::tenants;
use crate::life::only;
use crate::life::restrict;
use crate::life::way_of;

/// What a client or a message is answered by where the tenant stands.
const ANSWERS: [(&str, Option<Refusal>); 5] = [
    ("onboarding", Some(Refusal::NotReady)),
    ("active", None),
    ("suspended", Some(Refusal::Suspended)),
    ("closing", None),
    ("closed", Some(Refusal::Unknown)),
];
/// Two addresses of the office, and of nobody else.
const INSIDE: [&str; 4] = [
    "203.0.113.7",
    "::ffff:203.0.113.255",
    "2001:db8::1",
    "2001:db8:ffff::",
];
const OUTSIDE: [&str; 5] = [
    "203.0.112.255",
    "203.0.114.0",
    "::ffff:203.0.114.0",
    "2001:db9::",
    "::cb00:7107",
];

fn office() -> IpRestriction {
    IpRestriction::Only(CidrList::parse(["203.0.113.0/24", "2001:db8::/32"]).unwrap())
}

/// Per status a tenant that is called by it, and one more whose name begins with `office-` and that is entered from
/// there only. Numbers of tenants count from 1, and from 11.
pub(crate) async fn street() -> Tenants {
    let store = MemoryTenants::new();
    for ((status, _), number) in ANSWERS.iter().zip(1_u8..) {
        let (open, closed) = (tenant(number), tenant(10 + number));
        let mut restricted = way_of(closed, &format!("office-{status}"), status);
        let event = TenantEvent::IpRestrictionSet {
            tenant: closed,
            restriction: office(),
        };
        restricted.insert(1, event);
        for (id, way) in [(open, way_of(open, status, status)), (closed, restricted)] {
            let way: Vec<_> = way.into_iter().map(happened).collect();
            let t = inside(id);
            store.append(t, TenantVersion::ZERO, &way).await.unwrap();
        }
    }
    tenants(store, 1).await
}

pub(crate) fn ip(text: &str) -> ClientIp {
    ClientIp::new(text.parse().unwrap())
}

fn enter<D: TenantDirectory>(
    gate: &TenantGate<D>,
    slug: &str,
    from: Option<&str>,
) -> Result<TenantId, Refusal> {
    let host = format!("{slug}.bank.example");
    let from = from.map(ip);
    let resolved = gate.admit(Some(&host), from.as_ref())?;
    assert_eq!(resolved.tenant().slug().as_str(), slug);
    Ok(resolved.tenant().id())
}

fn expected(refusal: Option<Refusal>, id: TenantId) -> Result<TenantId, Refusal> {
    refusal.map_or(Ok(id), Err)
}

#[tokio::test]
async fn every_status_has_its_answer_for_clients_and_for_messages() {
    let gate = TenantGate::new(street().await.directory());
    for ((status, refusal), number) in ANSWERS.into_iter().zip(1..) {
        let own = expected(refusal, tenant(number));
        for from in [None, Some(INSIDE[0]), Some(OUTSIDE[0])] {
            assert_eq!(enter(&gate, status, from), own, "{status} from {from:?}");
        }
        let message = gate.admit_id(tenant(number));
        let message = message.map(|resolved| resolved.tenant().id());
        assert_eq!(message, own, "{status}");
    }
    assert_eq!(gate.admit_id(tenant(99)), Err(Refusal::Unknown));
}

#[tokio::test]
async fn a_message_comes_from_no_address_and_is_not_asked_for_one() {
    let gate = TenantGate::new(street().await.directory());
    for ((status, refusal), number) in ANSWERS.into_iter().zip(11..) {
        let message = gate.admit_id(tenant(number));
        let message = message.map(|resolved| resolved.tenant().id());
        assert_eq!(message, expected(refusal, tenant(number)), "{status}");
    }
}

#[tokio::test]
async fn a_restricted_tenant_is_entered_from_its_ranges_only() {
    let gate = TenantGate::new(street().await.directory());
    for from in INSIDE {
        assert_eq!(enter(&gate, "office-active", Some(from)), Ok(tenant(12)));
    }
    for from in OUTSIDE {
        let refused = enter(&gate, "office-active", Some(from));
        assert_eq!(refused, Err(Refusal::AddressRefused), "{from}");
    }
}

#[tokio::test]
async fn an_unknown_address_is_refused_where_addresses_count() {
    let gate = TenantGate::new(street().await.directory());
    let refused = enter(&gate, "office-active", None);
    assert_eq!(refused, Err(Refusal::AddressRefused));
    assert_eq!(enter(&gate, "active", None), Ok(tenant(2)));
}

#[tokio::test]
async fn who_may_not_enter_learns_nothing_of_the_status() {
    let gate = TenantGate::new(street().await.directory());
    for ((status, refusal), number) in ANSWERS.into_iter().zip(11..) {
        let slug = format!("office-{status}");
        let known = enter(&gate, &slug, Some(INSIDE[0]));
        assert_eq!(known, expected(refusal, tenant(number)), "{status}");
        let stranger = match status {
            "closed" => Refusal::Unknown,
            _ => Refusal::AddressRefused,
        };
        for from in [None, Some(OUTSIDE[0])] {
            assert_eq!(enter(&gate, &slug, from), Err(stranger), "{status}");
        }
    }
}

#[tokio::test]
async fn attack_06_what_is_no_tenants_host_is_unknown_or_malformed() {
    let gate = TenantGate::new(street().await.directory());
    let admit = |host| gate.admit(host, None).unwrap_err();
    for host in [
        "active.bank.example.evil.io",
        "a.active.bank.example",
        "127.0.0.1",
        "[::1]",
        "active",
        "bank",
        "xactive.bank.example",
        "active.bank.example.bank.example",
    ] {
        assert_eq!(admit(Some(host)), Refusal::Unknown, "{host}");
    }
    for host in ["bank.example", "BANK.example.:80"] {
        assert_eq!(admit(Some(host)), Refusal::Apex, "{host}");
    }
    let long = format!("{}active.bank.example", "a.".repeat(120));
    for host in [
        "",
        "active.bank.example..",
        ".active.bank.example",
        "user@active.bank.example",
        "active.bank.example\0",
        "active.bank.example, active.bank.example",
        &long,
    ] {
        assert_eq!(admit(Some(host)), Refusal::Malformed, "{host}");
    }
    assert_eq!(admit(None), Refusal::Malformed);
    for host in ["ACTIVE.Bank.Example", "active.bank.example.:8443"] {
        let found = gate.admit(Some(host), None).unwrap();
        assert_eq!(found.tenant().id(), tenant(2), "{host}");
    }
}

/// A directory of one's own that has nobody and needs no loading.
#[derive(Clone)]
struct Nobody;

impl TenantDirectory for Nobody {
    fn by_host(&self, _: &Host) -> Resolved {
        Resolved::Unknown
    }

    fn by_id(&self, _: TenantId) -> Option<Arc<Tenant>> {
        None
    }
}

#[test]
fn a_directory_that_does_not_load_is_always_ready() {
    let gate = TenantGate::new(Nobody);
    assert_eq!(enter(&gate, "acme", None), Err(Refusal::Unknown));
    assert_eq!(gate.admit_id(tenant(1)), Err(Refusal::Unknown));
}

#[test]
fn every_refusal_is_a_problem() {
    let rows = [
        (Refusal::Malformed, ProblemKind::Malformed, "malformed"),
        (Refusal::Apex, ProblemKind::NotFound, "not-found"),
        (Refusal::Unknown, ProblemKind::NotFound, "not-found"),
        (
            Refusal::AddressRefused,
            ProblemKind::PermissionDenied,
            "address-refused",
        ),
        (
            Refusal::Suspended,
            ProblemKind::PermissionDenied,
            "tenant-suspended",
        ),
        (
            Refusal::NotReady,
            ProblemKind::Unavailable,
            "tenant-not-ready",
        ),
    ];
    for (refusal, kind, code) in rows {
        let problem = Problem::from(refusal);
        assert_eq!((problem.kind(), problem.code()), (kind, code));
        let waits = problem.retry_after_secs().is_some();
        assert_eq!(waits, refusal == Refusal::NotReady);
    }
    let (apex, unknown) = (
        Problem::from(Refusal::Apex),
        Problem::from(Refusal::Unknown),
    );
    assert_eq!(apex.to_json(), unknown.to_json());
}

#[tokio::test]
async fn nobody_shuts_themselves_out_unasked() {
    use Lockout::Confirmed;
    use Lockout::Refuse;
    let (inside_office, outside) = (Some(INSIDE[1]), Some(OUTSIDE[0]));
    let cases = [
        (inside_office, Refuse, true),
        (outside, Refuse, false),
        (None, Refuse, false),
        (inside_office, Confirmed, true),
        (outside, Confirmed, true),
        (None, Confirmed, true),
    ];
    for (asked_from, lockout, is_set) in cases {
        let house = bank().await;
        let acme = house.onboard(new_tenant("acme")).await.unwrap();
        let (t, gate) = (inside(acme.id()), TenantGate::new(house.directory()));
        let command = restrict(office(), asked_from, lockout);
        let answer = house.execute(t, &command).await;
        match answer {
            Ok(after) => assert!(is_set && *after.ip_restriction() == office()),
            Err(error) => {
                assert!(!is_set && matches!(error, TenantError::WouldLockOut));
                assert_eq!(*house.directory().by_id(acme.id()).unwrap(), acme);
            }
        }
        let stranger = enter(&gate, "acme", outside);
        assert_eq!(stranger.is_err(), is_set);
        assert_eq!(enter(&gate, "acme", inside_office), Ok(acme.id()));
    }
}

#[tokio::test]
async fn a_restriction_is_replaced_and_lifted_as_a_whole() {
    let house = bank().await;
    let acme = house.onboard(new_tenant("acme")).await.unwrap();
    let (t, gate) = (inside(acme.id()), TenantGate::new(house.directory()));
    let home = restrict(only("192.0.2.0/24"), Some("192.0.2.1"), Lockout::Refuse);
    house.execute(t, &home).await.unwrap();
    let refused = enter(&gate, "acme", Some(INSIDE[0]));
    assert_eq!(refused, Err(Refusal::AddressRefused));
    let office = restrict(office(), Some(INSIDE[0]), Lockout::Refuse);
    house.execute(t, &office).await.unwrap();
    let refused = enter(&gate, "acme", Some("192.0.2.1"));
    assert_eq!(refused, Err(Refusal::AddressRefused));
    // Whoever lifts it is let in afterwards, wherever they are.
    let lift = restrict(IpRestriction::Unrestricted, None, Lockout::Refuse);
    house.execute(t, &lift).await.unwrap();
    assert_eq!(enter(&gate, "acme", None), Ok(acme.id()));
}

#[tokio::test]
async fn who_was_let_in_keeps_the_tenant_as_it_was() {
    let house = street().await;
    let gate = TenantGate::new(house.directory());
    let entered = gate.admit(Some("active.bank.example"), None).unwrap();
    let restrict = restrict(office(), None, Lockout::Confirmed);
    house.execute(inside(tenant(2)), &restrict).await.unwrap();
    let before = entered.tenant().ip_restriction();
    assert_eq!(*before, IpRestriction::Unrestricted);
    assert_eq!(
        gate.admit(Some("active.bank.example"), None),
        Err(Refusal::AddressRefused)
    );
}
