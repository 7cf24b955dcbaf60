//! The life of a tenant: which command fits where, and what its events make of it.

mod changes;
mod follow;
mod onboarding;
mod store;

use core::fmt;

use proptest::collection::vec;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::ClientIp;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_tenancy_tree::CidrList;
use skeleton_tenancy_tree::EntryPoint;
use skeleton_tenancy_tree::Host;
use skeleton_tenancy_tree::IpRestriction;
use skeleton_tenancy_tree::Lockout;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::ResidencyLabel;
use skeleton_tenancy_tree::Resolved;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::Tenant;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantDirectory;
use skeleton_tenancy_tree::TenantError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantSlug;
use skeleton_tenancy_tree::TenantStatus;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::TenantVersion;
use skeleton_tenancy_tree::Tenants;

pub(crate) use self::store::Brittle;
use crate::helpers::happened;
use crate::helpers::inside;
use crate::helpers::tenant;
use crate::helpers::tenants;

/// What may happen next, by where a tenant stands.
const FITS: [(&str, &[&str]); 5] = [
    (
        "onboarding",
        &["tenant-activated", "tenant-closing", "ip-restriction-set"],
    ),
    (
        "active",
        &["tenant-suspended", "tenant-closing", "ip-restriction-set"],
    ),
    (
        "suspended",
        &["tenant-resumed", "tenant-closing", "ip-restriction-set"],
    ),
    ("closing", &["tenant-closed", "ip-restriction-set"]),
    ("closed", &[]),
];

fn fits(status: TenantStatus, event: &TenantEvent) -> bool {
    let status = status.to_string();
    let (_, names) = FITS.iter().find(|(name, _)| *name == status).unwrap();
    names.contains(&event.name())
}

fn commands() -> [TenantCommand; 6] {
    [
        TenantCommand::Activate,
        TenantCommand::Suspend,
        TenantCommand::Resume,
        TenantCommand::BeginClosing,
        TenantCommand::Close,
        restrict(only("10.0.0.0/8"), None, Lockout::Confirmed),
    ]
}

pub(crate) fn restrict(
    to: IpRestriction,
    asked_from: Option<&str>,
    lockout: Lockout,
) -> TenantCommand {
    let asked_from = asked_from.map(|text| ClientIp::new(text.parse().unwrap()));
    TenantCommand::RestrictIp {
        to,
        asked_from,
        lockout,
    }
}

pub(crate) fn only(range: &str) -> IpRestriction {
    IpRestriction::Only(CidrList::parse([range]).unwrap())
}

/// The birth of a tenant of that name.
pub(crate) fn birth_of(tenant: TenantId, slug: &str) -> TenantEvent {
    let slug: TenantSlug = slug.parse().unwrap();
    TenantEvent::Onboarded {
        tenant,
        entry_point: EntryPoint::of(&slug, &RootDomain::parse("bank.example").unwrap()),
        slug,
        kind: TenantKind::EXTERNAL,
        is_test: false,
        residency: Some(ResidencyLabel::parse("eu").unwrap()),
    }
}

/// The way of a tenant from its birth to a status.
pub(crate) fn way_of(tenant: TenantId, slug: &str, status: &str) -> Vec<TenantEvent> {
    let way = [
        birth_of(tenant, slug),
        TenantEvent::Activated { tenant },
        TenantEvent::Closing { tenant },
        TenantEvent::Closed { tenant },
    ];
    match status {
        "onboarding" => way[..1].to_vec(),
        "active" => way[..2].to_vec(),
        "suspended" => [&way[..2], &[TenantEvent::Suspended { tenant }]].concat(),
        "closing" => way[..3].to_vec(),
        "closed" => way.to_vec(),
        _ => panic!("a tenant is not {status}"),
    }
}

/// The birth of tenant 1.
fn birth() -> TenantEvent {
    birth_of(tenant(1), "acme")
}

/// What else can happen to tenant 1.
fn happenings() -> [TenantEvent; 8] {
    let tenant = tenant(1);
    let set = |restriction| TenantEvent::IpRestrictionSet {
        tenant,
        restriction,
    };
    [
        TenantEvent::Activated { tenant },
        TenantEvent::Suspended { tenant },
        TenantEvent::Resumed { tenant },
        TenantEvent::Closing { tenant },
        TenantEvent::Closed { tenant },
        set(only("10.0.0.0/8")),
        set(IpRestriction::Unrestricted),
        birth(),
    ]
}

async fn append(store: &impl TenantStore, at: u64, events: &[Recorded<TenantEvent>]) {
    let expected = TenantVersion::new(at);
    store
        .append(inside(tenant(1)), expected, events)
        .await
        .unwrap();
}

/// A house in which tenant 1 stands there.
pub(crate) async fn house_with(status: &str) -> Tenants {
    let store = MemoryTenants::new();
    let way = way_of(tenant(1), "acme", status);
    let way: Vec<_> = way.into_iter().map(happened).collect();
    append(&store, 0, &way).await;
    tenants(store, 1).await
}

fn the_one(house: &Tenants) -> Tenant {
    Tenant::clone(&house.directory().by_id(tenant(1)).unwrap())
}

#[tokio::test]
async fn every_command_is_decided_by_where_the_tenant_stands() {
    for (status, names) in FITS {
        let tenant = the_one(&house_with(status).await);
        assert_eq!(tenant.status().to_string(), status);
        let mut decided = Vec::new();
        for command in commands() {
            match tenant.decide(&command) {
                Ok(event) => decided.push(event.name()),
                Err(TenantError::NotNow { is }) => assert_eq!(is, tenant.status()),
                Err(error) => panic!("{status}, {command:?}: {error:?}"),
            }
        }
        assert_eq!(decided, names, "{status}");
    }
}

#[tokio::test]
async fn a_command_makes_the_event_of_its_name_in_its_tenant() {
    let expected = happenings();
    for (command, event) in commands().into_iter().zip(expected) {
        let status = FITS
            .iter()
            .find(|(_, names)| names.contains(&event.name()))
            .unwrap();
        let tenant = the_one(&house_with(status.0).await);
        assert_eq!(tenant.decide(&command).unwrap(), event);
    }
}

#[tokio::test]
async fn a_refusal_says_where_the_tenant_stands() {
    let tenant = the_one(&house_with("closing").await);
    let error = tenant.decide(&TenantCommand::Suspend).unwrap_err();
    assert_eq!(error.to_string(), "the tenant is closing");
}

#[tokio::test]
async fn a_status_is_as_old_as_its_event() {
    let (store, mut since) = (MemoryTenants::new(), Vec::new());
    let way_to = |status| way_of(tenant(1), "acme", status);
    let way = [
        &way_to("suspended")[..],
        &happenings()[2..3],
        &way_to("closed")[2..],
    ]
    .concat();
    for (event, at) in way.into_iter().zip(0_u64..) {
        append(&store, at, &[recorded(event, 1_000 * (at + 1))]).await;
        since.push(the_one(&tenants(store.clone(), 1).await).status());
    }
    let at = Timestamp::from_millis;
    let expected = [
        TenantStatus::Onboarding,
        TenantStatus::Active,
        TenantStatus::Suspended { since: at(3_000) },
        TenantStatus::Active,
        TenantStatus::Closing { since: at(5_000) },
        TenantStatus::Closed { since: at(6_000) },
    ];
    assert_eq!(since, expected);
}

/// What the events that fit make of a tenant.
#[derive(Debug, PartialEq)]
struct Naive {
    status: TenantStatus,
    ip: IpRestriction,
    version: u64,
}

impl Naive {
    const BORN: Self = Self {
        status: TenantStatus::Onboarding,
        ip: IpRestriction::Unrestricted,
        version: 1,
    };

    fn of(tenant: &Tenant) -> Self {
        Self {
            status: tenant.status(),
            ip: tenant.ip_restriction().clone(),
            version: tenant.version().get(),
        }
    }

    fn see(&mut self, recorded: &Recorded<TenantEvent>) {
        let since = recorded.at();
        self.version += 1;
        if !fits(self.status, recorded.event()) {
            return;
        }
        match recorded.event() {
            TenantEvent::Suspended { .. } => self.status = TenantStatus::Suspended { since },
            TenantEvent::Closing { .. } => self.status = TenantStatus::Closing { since },
            TenantEvent::Closed { .. } => self.status = TenantStatus::Closed { since },
            TenantEvent::IpRestrictionSet { restriction, .. } => self.ip = restriction.clone(),
            _ => self.status = TenantStatus::Active,
        }
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(future)
}

fn recorded(event: TenantEvent, at: u64) -> Recorded<TenantEvent> {
    let at = Timestamp::from_millis(at);
    Recorded::new(event, at, happened(birth()).cause().clone())
}

/// The tenant after each event, as one instance sees it that reads them one by one.
async fn lived(store: &MemoryTenants, log: &[Recorded<TenantEvent>]) -> Vec<Tenant> {
    append(store, 0, &[happened(birth())]).await;
    let house = tenants(store.clone(), 1).await;
    let mut ages = vec![the_one(&house)];
    for (recorded, at) in log.iter().zip(1_u64..) {
        append(store, at, core::slice::from_ref(recorded)).await;
        let tenant = house.catch_up(inside(tenant(1))).await.unwrap();
        ages.push(Tenant::clone(&tenant));
    }
    ages
}

fn unchanged(tenant: &Tenant) -> impl PartialEq + fmt::Debug {
    let label = tenant.residency().map(ToString::to_string);
    let names = (tenant.slug().clone(), tenant.entry_point().clone(), label);
    (
        tenant.id(),
        names,
        tenant.kind().clone(),
        tenant.is_test(),
        tenant.root(),
    )
}

proptest! {
    #[test]
    fn law_03_replicas_of_one_tenants_log_are_equal(
        steps in vec((0..8_usize, 0..100_u64), 0..24),
    ) {
        let log: Vec<_> = steps.iter().map(|(kind, at)| recorded(happenings()[*kind].clone(), *at)).collect();
        block_on(async {
            let store = MemoryTenants::new();
            let ages = lived(&store, &log).await;
            let house = tenants(store, 2).await;
            let Resolved::Tenant(found) = house.directory().by_host(&Host::parse("acme.bank.example").unwrap()) else {
                panic!("a tenant is not lost");
            };
            prop_assert_eq!(&the_one(&house), ages.last().unwrap());
            prop_assert_eq!(&*found, ages.last().unwrap());
            prop_assert_eq!(found.version().get(), log.len() as u64 + 1);
            for (before, after) in ages.iter().zip(&ages[1..]) {
                prop_assert_eq!(unchanged(before), unchanged(after));
                if matches!(before.status(), TenantStatus::Closed { .. }) {
                    prop_assert_eq!(before.status(), after.status());
                    prop_assert_eq!(before.ip_restriction(), after.ip_restriction());
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_fits_is_folded_as_the_model_says_and_births_and_what_follows_the_end_change_nothing(
        steps in vec((0..8_usize, 0..100_u64), 0..32),
    ) {
        let (mut naive, mut log, mut expected) = (Naive::BORN, Vec::new(), Vec::new());
        for (kind, at) in steps {
            let recorded = recorded(happenings()[kind].clone(), at);
            let is_closed = matches!(naive.status, TenantStatus::Closed { .. });
            if is_closed || kind == 7 || fits(naive.status, recorded.event()) {
                naive.see(&recorded);
                expected.push(Naive { ip: naive.ip.clone(), ..naive });
                log.push(recorded);
            }
        }
        let ages = block_on(lived(&MemoryTenants::new(), &log));
        prop_assert!(ages[1..].iter().map(Naive::of).eq(expected));
    }

    #[test]
    fn what_is_decided_fits(steps in vec(0..6_usize, 0..24)) {
        block_on(async {
            let house = house_with("onboarding").await;
            for step in steps {
                let (before, command) = (the_one(&house), &commands()[step]);
                let decided = before.decide(command);
                let answer = house.execute(inside(tenant(1)), command).await;
                match (decided, answer) {
                    (Ok(event), Ok(after)) => {
                        let mut naive = Naive::of(&before);
                        naive.see(&happened(event));
                        prop_assert_eq!(Naive::of(&after), naive);
                    }
                    (Err(_), Err(_)) => prop_assert_eq!(&the_one(&house), &before),
                    (decided, answer) => panic!("{decided:?} against {answer:?}"),
                }
            }
            Ok(())
        })?;
    }
}
