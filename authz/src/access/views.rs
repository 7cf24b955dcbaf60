//! The published views of all tenants.

use core::fmt;
use core::num::NonZeroU32;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;
use tokio::sync::Mutex;

use super::AccessEvent;
use super::AccessLog;
use super::AccessStream;
use super::AccessVersion;
use super::AccessView;
use super::ErasedAccessLog;
use super::Guardrail;
use crate::grant::Grant;
use crate::grant::GrantId;

/// How often an append is tried again after somebody else was faster.
const TRIES: u32 = 3;
const PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(1_023);

/// Why a change of rules was not recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    /// The rules kept changing.
    #[error("the rules keep changing")]
    Stale,
    /// The log of rules cannot be had.
    #[error("the rules are unavailable")]
    Unavailable(#[source] StoreError),
}

/// The rules of all tenants: loaded once, published wait-free. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct AccessViews(Arc<Shared>);

struct Shared {
    log: Box<dyn ErasedAccessLog>,
    clock: Box<dyn Clock>,
    slots: ArcSwap<HashMap<TenantId, Arc<Slot>>>,
}

struct Slot {
    published: ArcSwapOption<AccessView>,
    folding: Mutex<AccessView>,
    /// An append may have become durable and was not folded: whoever waited for it has gone, or was told of a failure.
    is_unsettled: AtomicBool,
}

/// Marks a slot unless the append that it watches is folded.
struct Watch<'s> {
    slot: &'s Slot,
    is_settled: bool,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.slot.is_unsettled.store(true, Ordering::Release);
        }
    }
}

impl AccessViews {
    /// The rules that `log` keeps. Nothing is read until a tenant is asked for.
    #[must_use]
    pub fn open(log: impl AccessLog, clock: impl Clock + 'static) -> Self {
        let (log, clock) = (Box::new(log), Box::new(clock));
        Self(Arc::new(Shared {
            log,
            clock,
            slots: ArcSwap::default(),
        }))
    }

    /// The view of a tenant as it was last published; nothing if it was never loaded.
    #[must_use]
    pub fn published(&self, tenant: TenantId) -> Option<Arc<AccessView>> {
        self.0
            .slots
            .load()
            .get(&tenant)
            .and_then(|slot| slot.published.load_full())
    }

    /// Whether everything that this process appended is published; not after an append whose answer was lost.
    pub(crate) fn is_settled(&self, tenant: TenantId) -> bool {
        let slots = self.0.slots.load();
        let slot = slots.get(&tenant);
        slot.is_some_and(|slot| !slot.is_unsettled.load(Ordering::Acquire))
    }

    /// Reads on what the log holds of a tenant, and publishes it.
    ///
    /// # Errors
    ///
    /// [`AccessError::Unavailable`] if the log cannot be had.
    pub async fn load(&self, t: InTenant<'_>) -> Result<Arc<AccessView>, AccessError> {
        let slot = self.slot(t.tenant());
        let mut view = slot.folding.lock().await;
        self.read_on(t, &mut view, &slot).await?;
        Ok(slot
            .published
            .load_full()
            .unwrap_or_else(|| Arc::new(view.clone())))
    }

    /// Records a grant that has no author: for onboarding and seeding by the platform itself.
    ///
    /// # Security
    ///
    /// Nothing is checked: who calls this decides. Keep it away from everything that people ask for.
    ///
    /// # Errors
    ///
    /// [`AccessError`] if the log cannot be had or keeps changing.
    pub async fn provision(
        &self,
        t: InTenant<'_>,
        grant: Grant,
    ) -> Result<AccessVersion, AccessError> {
        self.record(t, AccessEvent::GrantGiven { grant }).await
    }

    /// Records, without an author, that a grant is taken back.
    ///
    /// # Errors
    ///
    /// [`AccessError`] if the log cannot be had or keeps changing.
    pub async fn withdraw(
        &self,
        t: InTenant<'_>,
        grant: GrantId,
    ) -> Result<AccessVersion, AccessError> {
        self.record(t, AccessEvent::GrantTaken { grant }).await
    }

    /// Records, without an author, that a guardrail is set: for a tenant that closes, at its root.
    ///
    /// # Errors
    ///
    /// [`AccessError`] if the log cannot be had or keeps changing.
    pub async fn fence(
        &self,
        t: InTenant<'_>,
        guardrail: Guardrail,
    ) -> Result<AccessVersion, AccessError> {
        self.record(t, AccessEvent::GuardrailSet { guardrail })
            .await
    }

    /// Records one event whatever the version is, tried again if another process is faster.
    async fn record(
        &self,
        t: InTenant<'_>,
        event: AccessEvent,
    ) -> Result<AccessVersion, AccessError> {
        let slot = self.slot(t.tenant());
        let mut view = slot.folding.lock().await;
        if slot.published.load().is_none() {
            self.read_on(t, &mut view, &slot).await?;
        }
        for _ in 0..TRIES {
            let expected = view.version();
            let events = core::slice::from_ref(&event);
            match self
                .append_to(t, (&mut view, &slot), expected, events)
                .await
            {
                Err(AccessError::Stale) => {}
                ended => return ended,
            }
        }
        Err(AccessError::Stale)
    }

    /// Appends events of one stream at a version, and publishes what they make. If either stream has moved on, nothing
    /// is written and what moved it is read.
    pub(crate) async fn append(
        &self,
        t: InTenant<'_>,
        expected: AccessVersion,
        events: &[AccessEvent],
    ) -> Result<AccessVersion, AccessError> {
        let slot = self.slot(t.tenant());
        let mut view = slot.folding.lock().await;
        self.append_to(t, (&mut view, &slot), expected, events)
            .await
    }

    async fn append_to(
        &self,
        t: InTenant<'_>,
        (view, slot): (&mut AccessView, &Slot),
        expected: AccessVersion,
        events: &[AccessEvent],
    ) -> Result<AccessVersion, AccessError> {
        let Some(stream) = events.first().map(AccessEvent::stream) else {
            return Ok(view.version());
        };
        let (at, cause) = (self.0.clock.now(), Cause::of(t));
        let record = |event: &AccessEvent| Recorded::new(event.clone(), at, cause.clone());
        let events: Vec<_> = events.iter().map(record).collect();
        let mut watch = Watch {
            slot,
            is_settled: false,
        };
        let ended = match self.0.log.append(t, stream, expected, &events).await {
            Ok(_) if view.version() == expected => {
                events.iter().for_each(|event| view.apply(event));
                slot.publish(view);
                Ok(view.version())
            }
            Ok(_) => {
                self.read_on(t, view, slot).await?;
                Ok(view.version())
            }
            Err(AppendError::Unavailable(error)) => return Err(AccessError::Unavailable(error)),
            Err(_) => {
                self.read_on(t, view, slot).await?;
                Err(AccessError::Stale)
            }
        };
        watch.is_settled = true;
        ended
    }

    async fn read_on(
        &self,
        t: InTenant<'_>,
        view: &mut AccessView,
        slot: &Slot,
    ) -> Result<(), AccessError> {
        for stream in AccessStream::ALL {
            loop {
                let after = view.version().of(stream);
                let page = self.0.log.read(t, stream, after, PAGE).await;
                let page = page.map_err(AccessError::Unavailable)?;
                if page.is_empty() {
                    break;
                }
                page.iter().for_each(|recorded| view.apply(recorded));
            }
        }
        slot.publish(view);
        slot.is_unsettled.store(false, Ordering::Release);
        Ok(())
    }

    fn slot(&self, tenant: TenantId) -> Arc<Slot> {
        if let Some(slot) = self.0.slots.load().get(&tenant) {
            return Arc::clone(slot);
        }
        let fresh = Arc::new(Slot {
            published: ArcSwapOption::empty(),
            folding: Mutex::new(AccessView::empty(tenant)),
            is_unsettled: AtomicBool::new(false),
        });
        self.0.slots.rcu(|slots| {
            let mut slots = HashMap::clone(slots);
            slots.entry(tenant).or_insert_with(|| Arc::clone(&fresh));
            slots
        });
        self.0.slots.load().get(&tenant).map_or(fresh, Arc::clone)
    }
}

impl Slot {
    /// Publishes a view, unless that version or a later one is. Called by whoever holds the lock.
    fn publish(&self, view: &AccessView) {
        let held = self.published.load();
        let is_later = |held: &Arc<AccessView>| view.version().is_after(held.version());
        if held.as_ref().is_none_or(is_later) {
            self.published.store(Some(Arc::new(view.clone())));
        }
    }
}

impl fmt::Debug for AccessViews {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenants = self.0.slots.load().len();
        f.debug_struct("AccessViews")
            .field("tenants", &tenants)
            .finish_non_exhaustive()
    }
}
