//! Two changes that were decided side by side, each fine alone: of the two one is recorded, and the other asked again.
//!
//! What races is put in order here: a command is let in at its door, and processed when the test says so.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bank::domain::container::MoveContainer;
use bank::domain::rules::AssignRole;
use bank::domain::rules::RevokeRole;
use bank::domain::rules::RuleCommand;
use bank::domain::rules::RulesAsked;
use bank::locator::StreamLocator;
use bank::ports::envelope::Envelope;
use bank::ports::envelope::NewEvent;
use bank::ports::envelope::StreamId;
use bank::ports::event_store::AppendError;
use bank::ports::event_store::Completion;
use bank::ports::event_store::EventStore;
use bank::ports::event_store::Expect;
use bank::ports::event_store::Unit;
use bank::ports::replies::Replies;
use bank::processors;
use bank::processors::COMMAND_ACCEPTED;
use bank::processors::CommandAccepted;
use bank::processors::Containers;
use bank::processors::Processor;
use bank::processors::ProcessorError;
use bank::processors::Rules;
use bank::services::Services;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;
use skeleton_authz::AccessCommand;
use skeleton_authz::Authorized;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::Guarded;
use skeleton_authz::Permission;
use skeleton_authz::RoleSpec;
use skeleton_authz::Subject;
use skeleton_idempotency::IdempotencyKey;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::TenantKind;

use crate::helpers::Town;

type Caller = InvocationContext<Authenticated>;

/// Somebody of a tenant, as her door knows her: a new invocation each time.
fn caller(account: AccountId, tenant: TenantId) -> Caller {
    let seed = u64::from(account.to_bytes()[15]);
    let ctx = testing::context().seed(seed).user(account, tenant);
    ctx.build_authenticated()
}

fn role(name: &str) -> RoleName {
    RoleName::parse(name).unwrap()
}

fn grant(account: AccountId, name: &str, at: ContainerId) -> Grant {
    let id = GrantId::generate(&RandomIds, SystemClock.now());
    Grant::new(id, Subject::Account(account), role(name), at)
}

/// What the door decided about a command.
async fn decided<C: Guarded>(
    services: &Services,
    ctx: &Caller,
    command: &C,
) -> Authorized<'static, C::Needs> {
    let locator = StreamLocator::new(services.log.clone(), services.access.clone());
    let checked = services.authorizer.check(ctx, command, &locator).await;
    checked.unwrap()
}

/// A command that its door let in, as the log holds it.
fn let_in<P: Permission>(
    ctx: &Caller,
    name: &'static str,
    auth: &Authorized<'static, P>,
    payload: impl Serialize,
) -> (IdempotencyKey, Envelope) {
    let key = IdempotencyKey::of(ctx, &Operation::parse(name).unwrap()).unwrap();
    let data = CommandAccepted {
        operation: name.to_owned(),
        payload: serde_json::to_value(payload).unwrap(),
    };
    let now = SystemClock.now();
    let event = NewEvent {
        id: skeleton_invocation_context::EventId::generate(&RandomIds, now),
        kind: COMMAND_ACCEPTED.to_owned(),
        schema: 1,
        tenant: ctx.tenant(),
        container: Some(auth.scope()),
        at: now,
        key: Some(key.to_text()),
        decision: Some(auth.carry()),
        context: Some(EventContext::of(ctx)),
        reason: None,
        data: serde_json::to_value(data).unwrap(),
    };
    let envelope = Envelope {
        event,
        stream: StreamId::of("command", &key),
        version: 1,
        position: 1,
    };
    (key, envelope)
}

/// A change of the rules that its door let in.
async fn rule<C: RuleCommand>(
    services: &Services,
    ctx: &Caller,
    name: &'static str,
    command: C,
) -> Envelope {
    let auth = decided(services, ctx, &command).await;
    let asked = RulesAsked::decide(&command, auth.snapshot().unwrap()).unwrap();
    assert!(matches!(asked, RulesAsked::Decided { .. }), "{asked:?}");
    let_in(ctx, name, &auth, asked).1
}

/// Why the reaction is no; nothing if it is yes.
fn rejection(unit: &Unit) -> Option<String> {
    match &unit.completes {
        Some((_, Completion::Outcome(outcome))) => {
            let rejected = outcome.rejected.as_ref();
            rejected.map(|rejection| rejection.code.to_string())
        }
        other => panic!("{other:?}"),
    }
}

async fn react(processor: &impl Processor, event: &Envelope) -> Unit {
    processor.react(event).await.unwrap().unwrap()
}

fn is_conflict<T: core::fmt::Debug>(appended: &Result<T, AppendError>) {
    assert!(
        matches!(appended, Err(AppendError::Conflict { .. })),
        "{appended:?}"
    );
}

/// mia, who administers Global and wants what is in Texas, and bob, who administers EU and keeps its accounts.
struct Race {
    town: Town,
    mia: AccountId,
    bob: AccountId,
}

impl Race {
    async fn new() -> Self {
        let town = Town::new().await;
        let acme = town.world.acme;
        let mia = town.newcomer("mia", &[("tenant-admin", acme.global)]).await;
        let at_eu = [("tenant-admin", acme.eu), ("teller", acme.eu)];
        let bob = town.newcomer("bob", &at_eu).await;
        let (mia, bob) = (mia.account, bob.account);
        Self { town, mia, bob }
    }

    fn services(&self) -> &Services {
        self.town.bank.services()
    }

    fn t(&self) -> InTenant<'static> {
        InTenant::background(self.town.world.acme.tenant, "test")
    }

    /// mia moves Texas to where she is given a role at this very moment.
    async fn relocation(&self) -> Envelope {
        let acme = self.town.world.acme;
        let ctx = caller(self.mia, acme.tenant);
        let command = MoveContainer {
            container: acme.texas,
            to: acme.eu,
        };
        let auth = decided(self.services(), &ctx, &command).await;
        let_in(&ctx, "move-container", &auth, command).1
    }

    /// bob gives mia a role at EU, and knows nothing of Texas.
    async fn assignment(&self) -> Envelope {
        let acme = self.town.world.acme;
        let ctx = caller(self.bob, acme.tenant);
        let command = AssignRole {
            grant: GrantId::generate(&RandomIds, SystemClock.now()),
            account: self.mia,
            role: role("teller"),
            container: acme.eu,
            reach: skeleton_authz::Reach::default(),
            from: None,
            until: None,
        };
        rule(self.services(), &ctx, "assign-role", command).await
    }

    /// Whether mia may keep accounts in Texas.
    fn has_gained(&self) -> bool {
        let acme = self.town.world.acme;
        let snapshot = self
            .services()
            .authorizer
            .snapshot(&caller(self.mia, acme.tenant));
        let snapshot = snapshot.unwrap();
        let texas = snapshot.tree().node(acme.texas).unwrap();
        snapshot.allows(bank::catalogue::account::Deposit, texas)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_06_a_move_does_not_follow_a_role_that_was_given_after_it_was_decided() {
    let race = Race::new().await;
    let (services, t) = (race.services(), race.t());
    let containers = Containers::new(services.clone());
    let rules = Rules::new(services.clone());
    let (relocation, assignment) = (race.relocation().await, race.assignment().await);
    // Processed before the role is given, committed after it.
    let moved = react(&containers, &relocation).await;
    assert_eq!(rejection(&moved), None);
    let given = react(&rules, &assignment).await;
    assert_eq!(rejection(&given), None);
    services.log.append(t, given).await.unwrap();
    rules.committed(t).await.unwrap();
    is_conflict(&services.log.append(t, moved).await);
    // Processed again, as its runner does after a conflict.
    let again = react(&containers, &relocation).await;
    assert_eq!(rejection(&again).unwrap(), "rules-changed");
    services.log.append(t, again).await.unwrap();
    containers.committed(t).await.unwrap();
    assert!(!race.has_gained());
    race.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_06_a_role_is_not_given_over_what_moved_in_after_it_was_decided() {
    let race = Race::new().await;
    let (services, t) = (race.services(), race.t());
    let containers = Containers::new(services.clone());
    let rules = Rules::new(services.clone());
    let (relocation, assignment) = (race.relocation().await, race.assignment().await);
    let given = react(&rules, &assignment).await;
    assert_eq!(rejection(&given), None);
    let moved = react(&containers, &relocation).await;
    services.log.append(t, moved).await.unwrap();
    containers.committed(t).await.unwrap();
    is_conflict(&services.log.append(t, given).await);
    let again = react(&rules, &assignment).await;
    assert_eq!(rejection(&again).unwrap(), "tree-changed");
    services.log.append(t, again).await.unwrap();
    rules.committed(t).await.unwrap();
    assert!(!race.has_gained());
    race.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_07_one_grant_and_one_role_do_not_take_the_last_two_administrators_together() {
    let race = Race::new().await;
    let (services, t) = (race.services(), race.t());
    let acme = race.town.world.acme;
    let root = ContainerId::root_of(acme.tenant);
    let ines = race.town.world.ines.account;
    let boss = race.town.newcomer("boss", &[]).await.account;
    let powers = ["grant:assign", "grant:revoke", "role:retire"];
    let holds = RoleSpec {
        policies: Vec::new(),
        permissions: powers.map(str::to_owned).to_vec(),
    };
    let hers = caller(ines, acme.tenant);
    let define = AccessCommand::DefineRole {
        name: role("x-boss"),
        home: root,
        holds,
    };
    services.authorizer.execute(&hers, &define).await.unwrap();
    let given = grant(boss, "x-boss", root);
    let give = AccessCommand::Assign { grant: given };
    services.authorizer.execute(&hers, &give).await.unwrap();

    // The boss takes her grant, which leaves his role; she retires his role, which leaves her grant.
    let view = services.access.published(acme.tenant).unwrap();
    let command = RevokeRole {
        grant: view.grants_of(ines)[0].id(),
        cascade: false,
    };
    let ctx = caller(boss, acme.tenant);
    let revocation = rule(services, &ctx, "revoke-role", command).await;
    let rules = Rules::new(services.clone());
    let taken = react(&rules, &revocation).await;
    assert_eq!(rejection(&taken), None);
    let retire = AccessCommand::RetireRole {
        name: role("x-boss"),
    };
    services.authorizer.execute(&hers, &retire).await.unwrap();
    is_conflict(&services.log.append(t, taken).await);
    let again = react(&rules, &revocation).await;
    assert_eq!(rejection(&again).unwrap(), "rules-changed");
    let left = services.access.load(t).await.unwrap();
    assert_eq!(left.grants_of(ines).len(), 1);
    race.town.stop().await;
}

/// A processor of containers between whose reaction and its commit the rules change, once.
struct Overtaken {
    containers: Containers,
    services: Services,
    grant: Grant,
    is_over: AtomicBool,
}

impl Processor for Overtaken {
    const CONSUMER: &'static str = Containers::CONSUMER;

    async fn react(&self, event: &Envelope) -> Result<Option<Unit>, ProcessorError> {
        let unit = self.containers.react(event).await?;
        if unit.is_some() && !self.is_over.swap(true, Ordering::SeqCst) {
            let t = InTenant::background(event.event.tenant, "test");
            let given = self.services.access.provision(t, self.grant.clone()).await;
            given.map_err(ProcessorError::unavailable)?;
        }
        Ok(unit)
    }

    async fn committed(&self, t: InTenant<'_>) -> Result<(), ProcessorError> {
        self.containers.committed(t).await
    }
}

/// A tenant in which nothing is processed unless the test does it.
async fn quiet(services: &Services) -> TenantId {
    let new = NewTenant::new("quiet".parse().unwrap(), TenantKind::EXTERNAL);
    services.tenants.onboard(new).await.unwrap().id()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_processor_that_was_overtaken_rejects_the_command_and_goes_on() {
    let town = Town::new().await;
    let services = town.bank.services();
    let tenant = quiet(services).await;
    let t = InTenant::background(tenant, "test");
    let root = ContainerId::root_of(tenant);
    let one = services.forest.create(t, root, "one").await.unwrap();
    let other = services.forest.create(t, root, "other").await.unwrap();
    let account = AccountId::generate(&RandomIds, SystemClock.now());
    let admin = grant(account, "tenant-admin", root);
    services.access.provision(t, admin).await.unwrap();

    let mut keys = Vec::new();
    for turn in 0..2 {
        let ctx = testing::context().seed(turn).user(account, tenant);
        let ctx = ctx.build_authenticated();
        let command = MoveContainer {
            container: one,
            to: other,
        };
        let auth = decided(services, &ctx, &command).await;
        let (key, envelope) = let_in(&ctx, "move-container", &auth, command);
        let unit = Unit::to(envelope.stream, Expect::At(0)).with_events(vec![envelope.event]);
        services.log.append(t, unit).await.unwrap();
        keys.push(key);
    }
    let waiting: Vec<_> = keys
        .iter()
        .map(|key| services.replies.subscribe(key))
        .collect();
    let overtaken = Overtaken {
        containers: Containers::new(services.clone()),
        services: services.clone(),
        grant: grant(account, "auditor", root),
        is_over: AtomicBool::new(false),
    };
    let (log, bus) = (services.log.clone(), services.bus.clone());
    let replies = services.replies.clone();
    let running = tokio::spawn(processors::run(overtaken, log, bus, replies, tenant));
    for reply in waiting {
        let answer = tokio::time::timeout(Duration::from_secs(10), reply).await;
        let body: Value = serde_json::from_slice(answer.unwrap().unwrap().body()).unwrap();
        // The second was decided before the change too.
        assert_eq!(body["code"], json!("rules-changed"), "{body}");
    }
    running.abort();
    town.stop().await;
}
