//! Races on the real views, forests and authorizers, over stores that give way at every step. Shuttle picks the order;
//! the seed is fixed, so that what is found once is found again.

mod changes;
mod snapshots;

use core::num::NonZeroU32;

use shuttle::Config;
use shuttle::Runner;
use shuttle::future::block_on;
use shuttle::future::yield_now;
use shuttle::scheduler::RandomScheduler;
use skeleton_authz::AccessCommand;
use skeleton_authz::AccessError;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::AccessViews;
use skeleton_authz::Authorizer;
use skeleton_authz::Grant;
use skeleton_authz::MemoryAccessLog;
use skeleton_authz::RuleError;
use skeleton_authz::Snapshot;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

use crate::authors::ADMIN;
use crate::authors::STEWARD;
use crate::authors::strong;
use crate::bank::Admin;
use crate::bank::Bank;
use crate::bank::Clerk;
use crate::bank::Steward;
use crate::helpers::EU;
use crate::helpers::FRANCE;
use crate::helpers::NOW;
use crate::helpers::US;
use crate::helpers::container;
use crate::helpers::grant;
use crate::helpers::inside;
use crate::helpers::recorded;
use crate::helpers::root;
use crate::helpers::tenant;

/// Pages of a few events, so that others come in between.
const SHORT: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);
const ALL: NonZeroU32 = NonZeroU32::MAX;

/// Runs a scene in so many orders.
fn in_every_order<F: Future<Output = ()> + 'static>(orders: usize, scene: fn() -> F) {
    let mut config = Config::new();
    // Unoptimized futures are large.
    config.stack_size = 1 << 20;
    let scheduler = RandomScheduler::new_from_seed(2026, orders);
    Runner::new(scheduler, config).run(move || block_on(scene()));
}

/// A store that lets others go first, before and after everything it does. Clones share all of it.
#[derive(Clone, Default)]
struct Yielding<S>(S);

impl AccessLog for Yielding<MemoryAccessLog> {
    async fn append(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        expected: AccessVersion,
        events: &[Recorded<AccessEvent>],
    ) -> Result<u64, AppendError> {
        yield_now().await;
        let answer = self.0.append(t, stream, expected, events).await;
        yield_now().await;
        answer
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        after: u64,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<AccessEvent>>, StoreError> {
        yield_now().await;
        let answer = self.0.read(t, stream, after, max.min(SHORT)).await;
        yield_now().await;
        answer
    }
}

impl TreeStore for Yielding<MemoryTrees> {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        yield_now().await;
        let answer = self.0.append(t, expected, events).await;
        yield_now().await;
        answer
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        yield_now().await;
        let answer = self.0.read(t, after, max.min(SHORT)).await;
        yield_now().await;
        answer
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        yield_now().await;
        let answer = self.0.heads(after).await;
        yield_now().await;
        answer
    }
}

/// The durable part of a house. EU and US lie below the root of tenant 1, France in EU; an administrator holds the root,
/// a steward EU.
#[derive(Clone, Default)]
struct House {
    trees: Yielding<MemoryTrees>,
    log: Yielding<MemoryAccessLog>,
}

impl House {
    async fn governed() -> Self {
        let house = Self::default();
        let below = [(EU, root(1)), (US, root(1)), (FRANCE, container(EU))];
        let created = below.map(|(number, parent)| {
            let event = TreeEvent::Created {
                container: container(number),
                parent,
                name: format!("c{number}"),
            };
            Recorded::new(event, NOW, Cause::of(inside(1)))
        });
        let (trees, start) = (&house.trees.0, TreeVersion::ZERO);
        trees.append(inside(1), start, &created).await.unwrap();
        house
            .give([
                grant(900, ADMIN, Admin, root(1)),
                grant(901, STEWARD, Steward, container(EU)),
                grant(902, STEWARD, Clerk, container(EU)),
            ])
            .await;
        house
    }

    /// Records grants behind everybody's back.
    async fn give(&self, grants: impl IntoIterator<Item = Grant>) {
        let given = grants
            .into_iter()
            .map(|grant| recorded(AccessEvent::GrantGiven { grant }));
        let given: Vec<_> = given.collect();
        let held = self.recorded(AccessStream::Grants).await.len() as u64;
        let held = AccessVersion::new(0, held);
        let appended = self
            .log
            .0
            .append(inside(1), AccessStream::Grants, held, &given);
        appended.await.unwrap();
    }

    async fn recorded(&self, stream: AccessStream) -> Vec<AccessEvent> {
        let all = self.log.0.read(inside(1), stream, 0, ALL).await.unwrap();
        all.iter()
            .map(|recorded| recorded.event().clone())
            .collect()
    }

    /// A process that has read all there is.
    async fn process(&self) -> Process {
        let clock = FixedClock::at(NOW);
        let (trees, ids) = (self.trees.clone(), SeededIds::new(1));
        let forest = Forest::open(trees, Limits::default(), clock.clone(), ids);
        let views = AccessViews::open(self.log.clone(), clock.clone());
        let (catalogue, access) = (Bank::catalogue(), views.clone());
        let authorizer = Authorizer::new(catalogue, forest.clone(), access, clock);
        authorizer.load(inside(1)).await.unwrap();
        Process {
            forest,
            views,
            authorizer,
        }
    }
}

/// One process of it. Clones are the same one.
#[derive(Clone)]
struct Process {
    forest: Forest,
    views: AccessViews,
    authorizer: Authorizer,
}

impl Process {
    async fn ask(&self, author: u8, command: &AccessCommand) -> Result<AccessVersion, RuleError> {
        self.authorizer.execute(&strong(author), command).await
    }

    /// Asks until nobody is faster.
    async fn insist(&self, author: u8, command: AccessCommand) -> AccessVersion {
        loop {
            match self.ask(author, &command).await {
                Ok(version) => return version,
                Err(RuleError::Access(AccessError::Stale)) => yield_now().await,
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    /// Moves France until nobody is faster.
    async fn put(&self, to: ContainerId) -> TreeVersion {
        let command = TreeCommand::Move {
            container: container(FRANCE),
            to,
            planned_at: None,
        };
        loop {
            match self.forest.execute(inside(1), command.clone()).await {
                Ok(version) => return version,
                Err(TreeError::Stale { .. }) => yield_now().await,
                Err(other) => panic!("{other:?}"),
            }
        }
    }

    fn snapshot(&self, of: u8) -> Snapshot {
        self.authorizer.snapshot(&strong(of)).unwrap()
    }

    /// What is published of the rules.
    fn version(&self) -> AccessVersion {
        self.views.published(tenant(1)).unwrap().version()
    }
}
