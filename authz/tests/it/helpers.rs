//! What many tests need: a world with a fixed clock, and a log of grants that can fail.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::Decision;
use skeleton_authz::Deny;
use skeleton_authz::Grant;
use skeleton_authz::GrantId;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::Snapshot;
use skeleton_authz::StandardRole;
use skeleton_authz::Subject;
use skeleton_invocation_context::Account;
use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::AccountKind;
use skeleton_invocation_context::Actor;
use skeleton_invocation_context::Agent;
use skeleton_invocation_context::ApiKeyHash;
use skeleton_invocation_context::Assurance;
use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::Authentication;
use skeleton_invocation_context::Beneficiary;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::CredentialId;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::Impersonated;
use skeleton_invocation_context::Impersonator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Mechanism;
use skeleton_invocation_context::RoleAssignments;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use crate::bank::Bank;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

/// The containers of tenant 1 as [`World::bank`] makes them. France and Germany lie in EU, Texas in US.
pub(crate) const EU: u64 = 1;
pub(crate) const FRANCE: u64 = 2;
pub(crate) const GERMANY: u64 = 3;
pub(crate) const US: u64 = 4;
pub(crate) const TEXAS: u64 = 5;
/// The one container of tenant 2 below its root.
pub(crate) const FOREIGN: u64 = 6;
/// A container that nobody has.
pub(crate) const NOWHERE: u64 = 99;

pub(crate) fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

pub(crate) fn tenant(number: u8) -> TenantId {
    TenantId::from_bytes([number; 16]).unwrap()
}

pub(crate) fn root(number: u8) -> ContainerId {
    ContainerId::root_of(tenant(number))
}

/// Never the root of a tenant of [`tenant`]: the first byte is zero.
pub(crate) fn container(number: u64) -> ContainerId {
    ContainerId::from_bytes((u128::from(number) + 1).to_be_bytes()).unwrap()
}

pub(crate) fn account(number: u8) -> AccountId {
    AccountId::from_bytes([0x40 + number; 16]).unwrap()
}

pub(crate) fn grant_id(number: u64) -> GrantId {
    GrantId::from_bytes((u128::from(number) + 1).to_be_bytes()).unwrap()
}

pub(crate) fn inside(number: u8) -> InTenant<'static> {
    InTenant::background(tenant(number), "test")
}

/// What the log keeps of an event that the tests made.
pub(crate) fn recorded(event: AccessEvent) -> Recorded<AccessEvent> {
    Recorded::new(event, NOW, Cause::of(inside(1)))
}

pub(crate) fn grant(number: u64, to: u8, role: StandardRole, at: ContainerId) -> Grant {
    let to = Subject::Account(account(to));
    Grant::new(grant_id(number), to, role.name(), at)
}

pub(crate) fn user(number: u8, home: u8) -> Account {
    Account::new(account(number), AccountKind::User, tenant(home))
}

pub(crate) fn ctx(actor: Actor) -> InvocationContext<Authenticated> {
    testing::context().acting(actor).build_authenticated()
}

/// A user of tenant 1, whose proof is of the weakest kind and fresh.
pub(crate) fn caller(number: u8) -> InvocationContext<Authenticated> {
    ctx(Actor::direct(user(number, 1)))
}

/// The same actor by a credential that lists what it may do: a user's personal access token, or a service's key.
pub(crate) fn with_token(
    actor: Actor,
    assurance: Assurance,
    authenticated_at: Timestamp,
    roles: RoleAssignments,
) -> InvocationContext<Authenticated> {
    let credential = CredentialId::from_bytes([9; 16]).unwrap();
    let hash = ApiKeyHash::new([8; 16]);
    let mechanism = match actor.authorizing_account().kind() {
        AccountKind::Service => Mechanism::ApiKey { credential, hash },
        _ => Mechanism::PersonalAccessToken { credential, hash },
    };
    let proof = Authentication::new(mechanism, assurance, authenticated_at);
    let anonymous = testing::context().anonymous().build();
    let known = anonymous.authenticated_as(Identity::new(actor, proof, roles));
    known.unwrap().authenticated().unwrap()
}

/// A user of tenant 1 acts as another one of it.
pub(crate) fn impersonating(by: u8, of: u8) -> Actor {
    let (by, of) = (user(by, 1), user(of, 1));
    Actor::impersonating(Impersonator::new(by), Impersonated::new(of)).unwrap()
}

/// A service acts for a user of tenant 1.
pub(crate) fn on_behalf(agent: u8, home: u8, of: u8) -> Actor {
    let agent = Account::new(account(agent), AccountKind::Service, tenant(home));
    let (agent, of) = (Agent::new(agent), Beneficiary::new(user(of, 1)));
    Actor::on_behalf_across_tenants(agent, of).unwrap()
}

pub(crate) fn denied(decision: Decision) -> Deny {
    match decision {
        Decision::Deny(deny) => deny,
        Decision::Allow(allow) => panic!("allowed by {allow:?}"),
    }
}

/// Trees and grants in memory, and a clock that stands at [`NOW`].
pub(crate) struct World {
    trees: MemoryTrees,
    pub(crate) forest: Forest,
    pub(crate) log: Fragile,
    pub(crate) views: AccessViews,
    pub(crate) clock: FixedClock,
    pub(crate) authorizer: Authorizer,
}

impl World {
    pub(crate) fn new() -> Self {
        let clock = FixedClock::at(NOW);
        let ids = SeededIds::new(3);
        let trees = MemoryTrees::new();
        let forest = Forest::open(trees.clone(), Limits::default(), clock.clone(), ids);
        let log = Fragile::default();
        let views = AccessViews::open(log.clone(), clock.clone());
        let authorizer = Authorizer::new(
            Bank::catalogue(),
            forest.clone(),
            views.clone(),
            clock.clone(),
        );
        Self {
            trees,
            forest,
            log,
            views,
            clock,
            authorizer,
        }
    }

    /// Two tenants, the second with a container of its own.
    pub(crate) async fn bank() -> Self {
        let world = Self::new();
        world.grow(1, EU, root(1)).await;
        world.grow(1, FRANCE, container(EU)).await;
        world.grow(1, GERMANY, container(EU)).await;
        world.grow(1, US, root(1)).await;
        world.grow(1, TEXAS, container(US)).await;
        world.grow(2, FOREIGN, root(2)).await;
        world
    }

    pub(crate) async fn grow(&self, tenant: u8, number: u64, parent: ContainerId) {
        let command = TreeCommand::Create {
            container: container(number),
            parent,
            name: format!("c{number}"),
        };
        self.forest.execute(inside(tenant), command).await.unwrap();
    }

    /// Begins the tree of a tenant behind the back of the forest.
    pub(crate) async fn plant(&self, tenant: u8, events: impl IntoIterator<Item = TreeEvent>) {
        let cause = Cause::of(inside(tenant));
        let events: Vec<_> = events
            .into_iter()
            .map(|event| Recorded::new(event, NOW, cause.clone()))
            .collect();
        let appended = self
            .trees
            .append(inside(tenant), TreeVersion::ZERO, &events);
        appended.await.unwrap();
    }

    /// Appends to the streams of a tenant behind the back of the views.
    pub(crate) async fn enact(&self, tenant: u8, events: impl IntoIterator<Item = AccessEvent>) {
        let events: Vec<_> = events.into_iter().map(recorded).collect();
        for stream in AccessStream::ALL {
            let of = |event: &&Recorded<AccessEvent>| event.event().stream() == stream;
            let own: Vec<_> = events.iter().filter(of).cloned().collect();
            let version = self.log.version(tenant).await;
            let appended = self.log.log.append(inside(tenant), stream, version, &own);
            appended.await.unwrap();
        }
    }

    /// Records a grant in the stream of tenant 1.
    pub(crate) async fn give(&self, grant: Grant) {
        self.views.provision(inside(1), grant).await.unwrap();
    }

    pub(crate) async fn take(&self, number: u64) {
        let withdrawn = self.views.withdraw(inside(1), grant_id(number));
        withdrawn.await.unwrap();
    }

    pub(crate) async fn snapshot(&self, ctx: &InvocationContext<Authenticated>) -> Snapshot {
        self.authorizer.load(InTenant::of(ctx)).await.unwrap();
        self.authorizer.snapshot(ctx).unwrap()
    }
}

/// A log of grants that can be taken down or outrun, and that counts how often it is asked. Clones share all of it.
#[derive(Clone, Default)]
pub(crate) struct Fragile {
    pub(crate) log: MemoryAccessLog,
    is_down: Arc<AtomicBool>,
    reads: Arc<AtomicU32>,
    appends: Arc<AtomicU32>,
    rivals: Arc<AtomicU32>,
    rival: Arc<Mutex<Option<AccessEvent>>>,
}

impl Fragile {
    pub(crate) fn take_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    pub(crate) fn bring_up(&self) {
        self.is_down.store(false, Ordering::SeqCst);
    }

    /// Before each of the next `times` appends, somebody else gives a grant at the root.
    pub(crate) fn be_outrun(&self, times: u32) {
        self.rivals.store(times, Ordering::SeqCst);
    }

    /// Before the next append to that event's stream, somebody else records it.
    pub(crate) fn be_outrun_by(&self, rival: AccessEvent) {
        *self.rival.lock().unwrap() = Some(rival);
    }

    pub(crate) fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }

    pub(crate) fn appends(&self) -> u32 {
        self.appends.load(Ordering::SeqCst)
    }

    pub(crate) async fn recorded(&self, tenant: u8) -> Vec<Recorded<AccessEvent>> {
        self.recorded_of(tenant, AccessStream::Grants).await
    }

    /// How long both streams are.
    pub(crate) async fn version(&self, tenant: u8) -> AccessVersion {
        let length = async |stream| self.recorded_of(tenant, stream).await.len() as u64;
        let roles = length(AccessStream::Roles).await;
        AccessVersion::new(roles, length(AccessStream::Grants).await)
    }

    pub(crate) async fn recorded_of(
        &self,
        tenant: u8,
        stream: AccessStream,
    ) -> Vec<Recorded<AccessEvent>> {
        let max = NonZeroU32::new(1_000_000).unwrap();
        let all = self.log.read(inside(tenant), stream, 0, max);
        all.await.unwrap()
    }

    fn rival_of(&self, stream: AccessStream) -> Option<AccessEvent> {
        let mut rival = self.rival.lock().unwrap();
        rival.take_if(|rival| rival.stream() == stream)
    }

    fn answer(&self) -> Result<(), StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreError::unavailable("the disk is gone"))
        } else {
            Ok(())
        }
    }
}

impl AccessLog for Fragile {
    async fn append(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        expected: AccessVersion,
        events: &[Recorded<AccessEvent>],
    ) -> Result<u64, AppendError> {
        tokio::task::yield_now().await;
        self.answer()?;
        let nth = u64::from(self.appends.fetch_add(1, Ordering::SeqCst));
        let is_outrun = self
            .rivals
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if is_outrun.is_ok() {
            let rival = grant(
                10_000 + nth,
                9,
                crate::bank::Clerk,
                ContainerId::root_of(t.tenant()),
            );
            let event = AccessEvent::GrantGiven { grant: rival };
            let rival = [Recorded::new(event, NOW, Cause::of(t))];
            let stream = AccessStream::Grants;
            self.log.append(t, stream, expected, &rival).await?;
        }
        if let Some(event) = self.rival_of(stream) {
            let rival = [Recorded::new(event, NOW, Cause::of(inside(1)))];
            self.log.append(t, stream, expected, &rival).await?;
        }
        self.log.append(t, stream, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        after: u64,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<AccessEvent>>, StoreError> {
        tokio::task::yield_now().await;
        self.answer()?;
        self.reads.fetch_add(1, Ordering::SeqCst);
        // Short pages, as a store may give them.
        let max = max.min(NonZeroU32::new(3).unwrap());
        self.log.read(t, stream, after, max).await
    }
}
