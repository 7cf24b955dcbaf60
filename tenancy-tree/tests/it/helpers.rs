//! What many tests need: fixed times, seeded ids, a tenant, and a store that can fail.

use std::future::Future;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::Waker;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::Head;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Limits;
use skeleton_tenancy_tree::MemoryTenants;
use skeleton_tenancy_tree::MemoryTrees;
use skeleton_tenancy_tree::NewTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::RootDomain;
use skeleton_tenancy_tree::StoreError;
use skeleton_tenancy_tree::TenantEvent;
use skeleton_tenancy_tree::TenantKind;
use skeleton_tenancy_tree::TenantStore;
use skeleton_tenancy_tree::Tenants;
use skeleton_tenancy_tree::TreeCommand;
use skeleton_tenancy_tree::TreeEvent;
use skeleton_tenancy_tree::TreeStore;
use skeleton_tenancy_tree::TreeVersion;

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_428_900_000);

pub(crate) fn clock() -> FixedClock {
    FixedClock::at(NOW)
}

pub(crate) fn tenant(number: u8) -> TenantId {
    TenantId::from_bytes([number; 16]).unwrap()
}

/// Never the root of a tenant of [`tenant`]: the first byte is zero.
pub(crate) fn container(number: u64) -> ContainerId {
    ContainerId::from_bytes((u128::from(number) + 1).to_be_bytes()).unwrap()
}

pub(crate) fn account(number: u64) -> AccountId {
    AccountId::from_bytes((u128::from(number) + 1).to_be_bytes()).unwrap()
}

pub(crate) fn inside(tenant: TenantId) -> InTenant<'static> {
    InTenant::background(tenant, "test")
}

pub(crate) fn create(container: ContainerId, parent: ContainerId, name: &str) -> TreeCommand {
    TreeCommand::Create {
        container,
        parent,
        name: name.to_owned(),
    }
}

/// A move that nobody planned.
pub(crate) fn moving(container: ContainerId, to: ContainerId) -> TreeCommand {
    let planned_at = None;
    TreeCommand::Move {
        container,
        to,
        planned_at,
    }
}

pub(crate) fn created(container: ContainerId, parent: ContainerId, name: &str) -> TreeEvent {
    TreeEvent::Created {
        container,
        parent,
        name: name.to_owned(),
    }
}

pub(crate) fn recorded(number: u64, tenant: TenantId) -> Recorded<TreeEvent> {
    let event = created(
        container(number),
        ContainerId::root_of(tenant),
        &format!("c{number}"),
    );
    Recorded::new(event, NOW, Cause::of(inside(tenant)))
}

/// An event of tenant 1.
pub(crate) fn happened(event: TenantEvent) -> Recorded<TenantEvent> {
    Recorded::new(event, NOW, Cause::of(inside(tenant(1))))
}

pub(crate) fn forest(store: impl TreeStore, seed: u64) -> Forest {
    Forest::open(store, Limits::default(), clock(), SeededIds::new(seed))
}

pub(crate) fn new_tenant(slug: &str) -> NewTenant {
    NewTenant::new(slug.parse().unwrap(), TenantKind::EXTERNAL)
}

pub(crate) async fn tenants(store: impl TenantStore, seed: u64) -> Tenants {
    let root = RootDomain::parse("bank.example").unwrap();
    Tenants::open(store, root, clock(), SeededIds::new(seed))
        .await
        .unwrap()
}

pub(crate) async fn bank() -> Tenants {
    tenants(MemoryTenants::new(), 7).await
}

/// What a future answers that waits for nothing, as those over a store in memory.
pub(crate) fn at_once<F: Future>(future: F) -> F::Output {
    let mut idle = Context::from_waker(Waker::noop());
    match pin!(future).poll(&mut idle) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("it waits"),
    }
}

pub(crate) fn log_of(store: &MemoryTrees, tenant: TenantId) -> Vec<Recorded<TreeEvent>> {
    at_once(store.read(inside(tenant), TreeVersion::ZERO, NonZeroU32::MAX)).unwrap()
}

/// A store of trees that can be taken down, and that counts how often it is asked. Clones share all of it.
#[derive(Clone, Default)]
pub(crate) struct Fragile {
    trees: MemoryTrees,
    is_down: Arc<AtomicBool>,
    appends: Arc<AtomicU32>,
    rivals: Arc<AtomicU32>,
}

impl Fragile {
    pub(crate) fn take_down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    pub(crate) fn bring_up(&self) {
        self.is_down.store(false, Ordering::SeqCst);
    }

    /// Before each of the next `times` appends, somebody else appends an event.
    pub(crate) fn be_outrun(&self, times: u32) {
        self.rivals.store(times, Ordering::SeqCst);
    }

    pub(crate) fn appends(&self) -> u32 {
        self.appends.load(Ordering::SeqCst)
    }

    pub(crate) async fn log(&self, tenant: TenantId) -> Vec<Recorded<TreeEvent>> {
        let max = NonZeroU32::new(1_000_000).unwrap();
        self.trees
            .read(inside(tenant), TreeVersion::ZERO, max)
            .await
            .unwrap()
    }

    fn answer(&self) -> Result<(), StoreError> {
        if self.is_down.load(Ordering::SeqCst) {
            Err(StoreError::unavailable("the disk is gone"))
        } else {
            Ok(())
        }
    }
}

impl TreeStore for Fragile {
    async fn append(
        &self,
        t: InTenant<'_>,
        expected: TreeVersion,
        events: &[Recorded<TreeEvent>],
    ) -> Result<TreeVersion, AppendError> {
        self.answer()?;
        let nth = self.appends.fetch_add(1, Ordering::SeqCst);
        let is_outrun = self
            .rivals
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                left.checked_sub(1)
            });
        if is_outrun.is_ok() {
            let rival = recorded(1_000 + u64::from(nth), t.tenant());
            self.trees.append(t, expected, &[rival]).await?;
        }
        self.trees.append(t, expected, events).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: TreeVersion,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        self.answer()?;
        // Short pages, as a store may give them.
        let max = max.min(NonZeroU32::new(3).unwrap());
        self.trees.read(t, after, max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.answer()?;
        self.trees.heads(after).await
    }
}
