//! The cast: two tenants with two branches each, the vendor's own, and the people in them.

use core::fmt;

use serde_json::json;
use skeleton_authn::Email;
use skeleton_authn::NewAccount;
use skeleton_authn::Password;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Subject;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::TenantKind;

use crate::demo::DemoError;
use crate::wiring::Bank;

/// Why the platform acts while nobody asks: what jobs without a caller are recorded under.
const REASON: &str = "seed";

/// The tenants and their people.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct World {
    /// The tenant with the accounts of the tour.
    pub acme: Acme,
    /// Another tenant.
    pub globex: Globex,
    /// Account manager at EU.
    pub ada: Person,
    /// Auditor of all of acme, who reads the bills of Global too.
    pub bo: Person,
    /// Data steward at Global.
    pub dana: Person,
    /// Administrator of acme.
    pub ines: Person,
    /// Teller at Retail, account manager at Wholesale, in globex.
    pub cy: Person,
    /// Administrator of globex.
    pub hal: Person,
    /// The vendor's own tenant.
    pub house: TenantId,
    /// Operator of the vendor, at home in its own tenant.
    pub olga: Person,
}

/// acme's containers, as far as the tour names them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Acme {
    /// The tenant.
    pub tenant: TenantId,
    /// Below the root.
    pub global: ContainerId,
    /// Below Global.
    pub eu: ContainerId,
    /// Below EU.
    pub france: ContainerId,
    /// Below Global.
    pub us: ContainerId,
    /// Below US.
    pub texas: ContainerId,
}

/// globex's containers, as far as grants name them.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Globex {
    /// The tenant.
    pub tenant: TenantId,
    /// Below HQ.
    pub retail: ContainerId,
    /// Below HQ.
    pub wholesale: ContainerId,
}

/// Somebody who can log in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Person {
    /// At whose door.
    pub slug: &'static str,
    /// The account.
    pub account: AccountId,
    /// The name to log in with.
    pub email: String,
    /// The password, drawn for this run.
    pub password: String,
}

impl fmt::Display for Acme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Global > EU > France | US > Texas")
    }
}

impl fmt::Display for Globex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HQ > Retail > North | Wholesale > Export")
    }
}

/// Onboards the tenants with their trees, people and grants.
///
/// # Errors
///
/// What an engine answers.
pub async fn plant(bank: &Bank) -> Result<World, DemoError> {
    let house = bank
        .onboard(NewTenant::new("house".parse()?, TenantKind::INTERNAL))
        .await?;
    let acme = plant_acme(bank).await?;
    let globex = plant_globex(bank).await?;
    let root = ContainerId::root_of;
    // Entries that belong to no scope, such as log-ins, are the tenant's own: who reads all of them reads at the root.
    let bo_holds = [
        ("auditor", root(acme.tenant)),
        ("billing-reader", acme.global),
    ];
    let cy_holds = [
        ("teller", globex.retail),
        ("account-manager", globex.wholesale),
    ];
    let at_acme = ("acme", acme.tenant);
    let at_globex = ("globex", globex.tenant);
    let admin = |tenant| [("tenant-admin", root(tenant))];
    Ok(World {
        ada: person(bank, "ada", at_acme, &[("account-manager", acme.eu)]).await?,
        bo: person(bank, "bo", at_acme, &bo_holds).await?,
        dana: person(bank, "dana", at_acme, &[("data-steward", acme.global)]).await?,
        ines: person(bank, "ines", at_acme, &admin(acme.tenant)).await?,
        cy: person(bank, "cy", at_globex, &cy_holds).await?,
        hal: person(bank, "hal", at_globex, &admin(globex.tenant)).await?,
        olga: person(bank, "olga", ("house", house), &[("operator", root(house))]).await?,
        house,
        acme,
        globex,
    })
}

async fn plant_acme(bank: &Bank) -> Result<Acme, DemoError> {
    let tenant = bank
        .onboard(NewTenant::new("acme".parse()?, TenantKind::EXTERNAL))
        .await?;
    let forest = &bank.services().forest;
    let t = InTenant::background(tenant, REASON);
    let global = forest
        .create(t, ContainerId::root_of(tenant), "Global")
        .await?;
    let eu = forest.create(t, global, "EU").await?;
    let france = forest.create(t, eu, "France").await?;
    let us = forest.create(t, global, "US").await?;
    let texas = forest.create(t, us, "Texas").await?;
    Ok(Acme {
        tenant,
        global,
        eu,
        france,
        us,
        texas,
    })
}

async fn plant_globex(bank: &Bank) -> Result<Globex, DemoError> {
    let tenant = bank
        .onboard(NewTenant::new("globex".parse()?, TenantKind::EXTERNAL))
        .await?;
    let forest = &bank.services().forest;
    let t = InTenant::background(tenant, REASON);
    let hq = forest.create(t, ContainerId::root_of(tenant), "HQ").await?;
    let retail = forest.create(t, hq, "Retail").await?;
    forest.create(t, retail, "North").await?;
    let wholesale = forest.create(t, hq, "Wholesale").await?;
    forest.create(t, wholesale, "Export").await?;
    Ok(Globex {
        tenant,
        retail,
        wholesale,
    })
}

/// Somebody of a tenant who can log in and holds these roles.
///
/// # Errors
///
/// What an engine answers.
pub async fn person(
    bank: &Bank,
    name: &str,
    (slug, tenant): (&'static str, TenantId),
    holds: &[(&str, ContainerId)],
) -> Result<Person, DemoError> {
    let services = bank.services();
    let person = stranger(name, slug);
    let account = person.account;
    let new = NewAccount::new(
        account,
        AccountKind::User,
        Email::parse(&person.email)?,
        Password::new(&person.password)?,
    );
    services.authn.create_account(tenant, new).await?;
    let t = InTenant::background(tenant, REASON);
    let created = json!({ "account": account, "kind": "user" });
    bank.record_member(t, account, "account-created", created)
        .await?;
    for (role, at) in holds {
        let id = GrantId::generate(&*services.ids, services.clock.now());
        let grant = Grant::new(id, Subject::Account(account), RoleName::parse(role)?, *at);
        services.access.provision(t, grant).await?;
    }
    Ok(person)
}

/// Somebody of whom nobody knows yet, with all that is needed to become known to a tenant.
#[must_use]
pub fn stranger(name: &str, slug: &'static str) -> Person {
    let draw = || AccountId::generate(&RandomIds, SystemClock.now());
    Person {
        slug,
        account: draw(),
        email: format!("{name}@{slug}.example"),
        password: draw().to_string(),
    }
}
