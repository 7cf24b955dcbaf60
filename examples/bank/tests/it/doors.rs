//! Tenants come into being over HTTP, and each says from where it may be entered.

use serde_json::json;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Subject;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::IpRestriction;
use skeleton_tenancy_tree::Lockout;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::TenantCommand;
use skeleton_tenancy_tree::TenantKind;

use bank::seed::Person;
use bank::seed::stranger;
use bank::tour::client::Call;

use crate::helpers::Town;
use crate::helpers::balance;
use crate::helpers::command;
use crate::helpers::files_with;
use crate::helpers::masked;
use crate::helpers::new_account;

fn new_tenant() -> TenantId {
    TenantId::generate(&RandomIds, SystemClock.now())
}

fn onboard(tenant: TenantId, slug: &str) -> Call {
    onboard_for(tenant, slug, &stranger("ivy", "initech"))
}

fn onboard_for(tenant: TenantId, slug: &str, first: &Person) -> Call {
    let administrator =
        json!({ "account": first.account, "identifier": first.email, "password": first.password });
    let payload = json!({ "tenant": tenant, "slug": slug, "administrator": administrator });
    command("onboard-tenant", &payload)
}

/// Whether somebody can log in where she belongs.
async fn log_in(town: &Town, who: &Person) -> u16 {
    let payload = json!({ "identifier": who.email, "password": who.password });
    let answer = town.at(who.slug).send(&command("log-in", &payload)).await;
    answer.unwrap().status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tenant_has_an_administrator_and_its_secrets_are_in_no_file() {
    let town = Town::new().await;
    let olga = town.logged_in(&town.world.olga).await;
    let (tenant, ivy) = (new_tenant(), stranger("ivy", "initech"));
    let call = onboard_for(tenant, "initech", &ivy);
    let first = olga.send(&call).await.unwrap();
    assert_eq!(first.body["outcome"], "done", "{}", first.text);
    // She administers it: she makes containers, and gives roles to others.
    let hers = town.logged_in(&ivy).await;
    let root = ContainerId::root_of(tenant);
    let branch = ContainerId::generate(&RandomIds, SystemClock.now());
    let payload = json!({ "container": branch, "parent": root, "name": "HQ" });
    let second = stranger("sam", "initech").account;
    let grant = GrantId::generate(&RandomIds, SystemClock.now());
    let give =
        json!({ "grant": grant, "account": second, "role": "tenant-admin", "container": branch });
    for call in [
        command("create-container", &payload),
        command("assign-role", &give),
    ] {
        let answer = hers.send(&call).await.unwrap();
        assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    }
    let view = town.bank.services().access.published(tenant).unwrap();
    assert_eq!(view.grants_of(ivy.account).len(), 1);
    // Asked again, under the same key or another one, it is as it was ordered, and nothing more is given.
    let replayed = olga.send(&call).await.unwrap();
    assert!(replayed.replayed && replayed.text == first.text);
    let again = onboard_for(tenant, "initech", &ivy);
    let again = olga.send(&again).await.unwrap();
    assert_eq!(again.body["outcome"], "done", "{}", again.text);
    let view = town.bank.services().access.published(tenant).unwrap();
    assert_eq!(view.grants().count(), 2);
    for secret in [&ivy.password, &ivy.email] {
        let holding = files_with(town.dir(), secret.as_bytes());
        assert_eq!(holding, Vec::<String>::new());
    }
    let account = ivy.account.to_string();
    assert_ne!(files_with(town.dir(), account.as_bytes()).len(), 0);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_06_nobody_becomes_administrator_where_others_live() {
    let town = Town::new().await;
    let (acme, globex) = (town.world.acme.tenant, town.world.globex.tenant);
    let olga = town.logged_in(&town.world.olga).await;
    let mole = stranger("mole", "acme");
    let order = onboard_for(acme, "acme", &mole);
    let refused = olga.send(&order).await.unwrap();
    assert_eq!(refused.body["code"], "id-taken", "{}", refused.text);
    // A customer who gives the vendor's role within its own tenant gets into no other one, and no further at home.
    let operator = [("operator", ContainerId::root_of(acme))];
    let eve = town.newcomer("eve", &operator).await;
    let eve = town.logged_in(&eve).await;
    let spy = stranger("spy", "globex");
    for order in [
        onboard_for(globex, "globex", &spy),
        onboard_for(acme, "acme", &mole),
    ] {
        let refused = eve.send(&order).await.unwrap();
        assert_eq!(refused.body["code"], "only-the-house", "{}", refused.text);
    }
    assert_eq!(
        [log_in(&town, &mole).await, log_in(&town, &spy).await],
        [401; 2]
    );
    for (tenant, who) in [(acme, &mole), (globex, &spy)] {
        let view = town.bank.services().access.published(tenant).unwrap();
        assert!(view.grants_of(who.account).is_empty());
    }
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_cannot_be_read_says_nothing_of_its_secrets() {
    let town = Town::new().await;
    let olga = town.logged_in(&town.world.olga).await;
    let before = town.events(town.world.house).await;
    let ivy = stranger("ivy", "initech");
    let (mut no_address, mut no_password) = (ivy.clone(), ivy.clone());
    no_address.email = "ivy".to_owned();
    no_password.password = String::new();
    for who in [no_address, no_password] {
        let order = onboard_for(new_tenant(), "initech", &who);
        let answer = olga.send(&order).await.unwrap();
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(!answer.text.contains(&ivy.password), "{}", answer.text);
    }
    assert_eq!(town.events(town.world.house).await, before);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_tenants_subdomain_answers_at_once() {
    let town = Town::new().await;
    let olga = town.logged_in(&town.world.olga).await;
    let door = town.at("initech");
    let unknown = door.send(&balance(new_account())).await.unwrap();
    assert_eq!(
        (unknown.status, &unknown.body["code"]),
        (404, &json!("not-found"))
    );
    let call = onboard(new_tenant(), "initech");
    let first = olga.send(&call).await.unwrap();
    assert_eq!(first.body["outcome"], "done", "{}", first.text);
    // A tenant's door, which knows nobody yet.
    let answer = door.send(&balance(new_account())).await.unwrap();
    assert_eq!(
        (answer.status, &answer.body["code"]),
        (401, &json!("unauthenticated"))
    );
    let again = olga.send(&call).await.unwrap();
    assert!(again.replayed && again.text == first.text);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_onboarding_that_was_cut_off_is_finished_by_the_next_try() {
    let town = Town::new().await;
    let olga = town.logged_in(&town.world.olga).await;
    // As a process leaves it that dies between the new tenant's file and the order's outcome.
    let (tenant, slug) = (new_tenant(), "initech");
    let new = NewTenant::new(slug.parse().unwrap(), TenantKind::EXTERNAL).with_id(tenant);
    town.bank.services().tenants.onboard(new).await.unwrap();
    let ivy = stranger("ivy", slug);
    let order = onboard_for(tenant, slug, &ivy);
    let answer = olga.send(&order).await.unwrap();
    assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    assert_eq!(log_in(&town, &ivy).await, 200);
    let view = town.bank.services().access.published(tenant).unwrap();
    assert_eq!(view.grants_of(ivy.account).len(), 1);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_given_once_and_never_to_whoever_may_not_ask() {
    let town = Town::new().await;
    let olga = town.logged_in(&town.world.olga).await;
    let taken = olga.send(&onboard(new_tenant(), "acme")).await.unwrap();
    assert_eq!(
        (&taken.body["outcome"], &taken.body["code"]),
        (&json!("rejected"), &json!("slug-taken"))
    );
    let same_id = olga
        .send(&onboard(town.world.globex.tenant, "fresh"))
        .await
        .unwrap();
    assert_eq!(same_id.body["code"], "id-taken");
    for slug in ["admin", "xn--80ak6aa92e", "A", "a.b", ""] {
        let malformed = olga.send(&onboard(new_tenant(), slug)).await.unwrap();
        assert_eq!(
            (malformed.status, &malformed.body["code"]),
            (400, &json!("malformed")),
            "{slug}"
        );
    }
    let ines = town.logged_in(&town.world.ines).await;
    assert_eq!(
        ines.send(&onboard(new_tenant(), "fresh"))
            .await
            .unwrap()
            .status,
        403
    );
    // Whatever role a customer hands out within its own tenant.
    let acme = town.world.acme.tenant;
    let to = Subject::Account(town.world.ines.account);
    let id = GrantId::generate(&RandomIds, SystemClock.now());
    let role = RoleName::parse("operator").unwrap();
    let grant = Grant::new(id, to, role, ContainerId::root_of(acme));
    let t = InTenant::background(acme, "test");
    town.bank
        .services()
        .access
        .provision(t, grant)
        .await
        .unwrap();
    let refused = ines.send(&onboard(new_tenant(), "fresh")).await.unwrap();
    assert_eq!(refused.body["code"], "only-the-house", "{}", refused.text);
    assert_eq!(
        town.at("fresh")
            .send(&balance(new_account()))
            .await
            .unwrap()
            .status,
        404
    );
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_outside_the_ranges_nobody_gets_as_far_as_a_credential() {
    let town = Town::new().await;
    let (hal, cy) = (
        town.logged_in(&town.world.hal).await,
        town.logged_in(&town.world.cy).await,
    );
    let elsewhere = json!({ "only": ["203.0.113.0/24"] });
    let careless = command("restrict-ip-range", &json!({ "to": elsewhere }));
    let answer = hal.send(&careless).await.unwrap();
    assert_eq!(answer.body["code"], "would-lock-out", "{}", answer.text);
    let here = json!({ "to": { "only": ["127.0.0.0/8", "::1"] } });
    let answer = hal
        .send(&command("restrict-ip-range", &here))
        .await
        .unwrap();
    assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    assert_eq!(cy.send(&balance(new_account())).await.unwrap().status, 404);

    let confirmed = json!({ "to": elsewhere, "confirm-lockout": true });
    let answer = hal
        .send(&command("restrict-ip-range", &confirmed))
        .await
        .unwrap();
    assert_eq!(answer.body["outcome"], "done", "{}", answer.text);
    let door = town.at("globex");
    let log_in = command(
        "log-in",
        &json!({ "identifier": "cy@globex.example", "password": "x" }),
    );
    let mut bodies = Vec::new();
    for answer in [
        cy.send(&balance(new_account())).await.unwrap(),
        door.with_token("a.b.c")
            .send(&balance(new_account()))
            .await
            .unwrap(),
        door.send(&log_in).await.unwrap(),
    ] {
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (403, &json!("address-refused"))
        );
        bodies.push(masked(&answer));
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    // Another tenant's door is as open as before.
    let ada = town.ada().await;
    assert_eq!(ada.send(&balance(new_account())).await.unwrap().status, 404);

    // The vendor opens it again; a restart would not have.
    let globex = town.world.globex.tenant;
    let t = InTenant::background(globex, "test");
    let lift = TenantCommand::RestrictIp {
        to: IpRestriction::Unrestricted,
        asked_from: None,
        lockout: Lockout::Confirmed,
    };
    town.bank
        .services()
        .tenants
        .execute(t, &lift)
        .await
        .unwrap();
    assert_eq!(cy.send(&balance(new_account())).await.unwrap().status, 404);
    town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_is_none_is_malformed_and_changes_nothing() {
    let town = Town::new().await;
    let hal = town.logged_in(&town.world.hal).await;
    let many: Vec<_> = (0..257)
        .map(|number| format!("10.0.{}.{}", number / 256, number % 256))
        .collect();
    for to in [
        json!({ "only": [] }),
        json!({ "only": ["10.0.0.0/33"] }),
        json!({ "only": many }),
        json!({ "only": "10.0.0.0/8" }),
        json!("open"),
        json!(null),
    ] {
        let call = command(
            "restrict-ip-range",
            &json!({ "to": to, "confirm-lockout": true }),
        );
        let answer = hal.send(&call).await.unwrap();
        assert_eq!(
            (answer.status, &answer.body["code"]),
            (400, &json!("malformed")),
            "{to}"
        );
    }
    let globex = town.world.globex.tenant;
    let tenant = skeleton_tenancy_tree::TenantDirectory::by_id(
        &town.bank.services().tenants.directory(),
        globex,
    );
    assert_eq!(
        *tenant.unwrap().ip_restriction(),
        IpRestriction::Unrestricted
    );
    town.stop().await;
}
