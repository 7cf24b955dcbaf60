//! What the two ports have in common.

use core::fmt;
use core::future::Future;
use core::num::NonZeroU32;

use skeleton_invocation_context::AccountId;
use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::TenantId;

use crate::in_tenant::InTenant;
use crate::recorded::Recorded;
use crate::store::AppendError;
use crate::store::Head;
use crate::store::StoreError;
use crate::store::TenantStore;
use crate::store::TreeStore;
use crate::tenant::CidrList;
use crate::tenant::EntryPoint;
use crate::tenant::IpRestriction;
use crate::tenant::RootDomain;
use crate::tenant::TenantEvent;
use crate::tenant::TenantKind;
use crate::tenant::TenantVersion;
use crate::tree::TreeEvent;
use crate::tree::TreeVersion;

/// One stream of events per tenant: what the suites see of a store.
pub trait Port: Send + Sync + 'static {
    /// What is kept.
    type Event: Clone + PartialEq + fmt::Debug + Send + Sync;

    /// Appends all of `events` if the stream is at `expected`, else nothing.
    fn append(
        &self,
        t: InTenant<'_>,
        expected: u64,
        events: &[Recorded<Self::Event>],
    ) -> impl Future<Output = Result<u64, AppendError>> + Send;

    /// At most `max` events after a version.
    fn read(
        &self,
        t: InTenant<'_>,
        after: u64,
        max: NonZeroU32,
    ) -> impl Future<Output = Result<Vec<Recorded<Self::Event>>, StoreError>> + Send;

    /// The lengths of some of the streams after a tenant.
    fn heads(
        &self,
        after: Option<TenantId>,
    ) -> impl Future<Output = Result<Vec<Head>, StoreError>> + Send;

    /// One event of every kind there is.
    fn every(tenant: TenantId) -> Vec<Self::Event>;

    /// An event that differs from that of every other number.
    fn numbered(tenant: TenantId, number: u8) -> Self::Event;
}

/// A [`TreeStore`] under test.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "it is made by the suite's macro")]
pub struct TreePort<S>(pub S);

/// A [`TenantStore`] under test.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "it is made by the suite's macro")]
pub struct TenantPort<S>(pub S);

impl<S: TreeStore> Port for TreePort<S> {
    type Event = TreeEvent;

    async fn append(
        &self,
        t: InTenant<'_>,
        expected: u64,
        events: &[Recorded<TreeEvent>],
    ) -> Result<u64, AppendError> {
        let expected = TreeVersion::new(expected);
        self.0
            .append(t, expected, events)
            .await
            .map(TreeVersion::get)
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: u64,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TreeEvent>>, StoreError> {
        self.0.read(t, TreeVersion::new(after), max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.0.heads(after).await
    }

    fn every(tenant: TenantId) -> Vec<TreeEvent> {
        let root = ContainerId::root_of(tenant);
        let (Some(container), Some(account)) = (container(1), account(2)) else {
            return Vec::new();
        };
        vec![
            Self::numbered(tenant, 1),
            TreeEvent::Renamed {
                container,
                name: "\u{661}\u{1f3e6} \"quoted\" ' \\".to_owned(),
            },
            TreeEvent::Moved {
                container,
                from: root,
                to: container,
            },
            TreeEvent::Archived { container },
            TreeEvent::Restored { container },
            TreeEvent::AccountPlaced { account, container },
            TreeEvent::AccountRemoved { account, container },
        ]
    }

    fn numbered(tenant: TenantId, number: u8) -> TreeEvent {
        let root = ContainerId::root_of(tenant);
        TreeEvent::Created {
            container: container(number).unwrap_or(root),
            parent: root,
            name: format!("number {number}"),
        }
    }
}

impl<S: TenantStore> Port for TenantPort<S> {
    type Event = TenantEvent;

    async fn append(
        &self,
        t: InTenant<'_>,
        expected: u64,
        events: &[Recorded<TenantEvent>],
    ) -> Result<u64, AppendError> {
        let expected = TenantVersion::new(expected);
        self.0
            .append(t, expected, events)
            .await
            .map(TenantVersion::get)
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        after: u64,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<TenantEvent>>, StoreError> {
        self.0.read(t, TenantVersion::new(after), max).await
    }

    async fn heads(&self, after: Option<TenantId>) -> Result<Vec<Head>, StoreError> {
        self.0.heads(after).await
    }

    fn every(tenant: TenantId) -> Vec<TenantEvent> {
        let only = CidrList::parse(["10.0.0.0/8", "2001:db8::/32"]).map(IpRestriction::Only);
        vec![
            TenantEvent::Activated { tenant },
            TenantEvent::Suspended { tenant },
            TenantEvent::Resumed { tenant },
            TenantEvent::Closing { tenant },
            TenantEvent::Closed { tenant },
            TenantEvent::IpRestrictionSet {
                tenant,
                restriction: only.unwrap_or_default(),
            },
        ]
    }

    fn numbered(tenant: TenantId, number: u8) -> TenantEvent {
        let range = CidrList::parse([format!("10.0.0.{number}")]).map(IpRestriction::Only);
        TenantEvent::IpRestrictionSet {
            tenant,
            restriction: range.unwrap_or_default(),
        }
    }
}

/// The birth of a tenant under a slug.
pub(super) fn onboarded(tenant: TenantId, slug: &str) -> Option<TenantEvent> {
    let (slug, root) = (slug.parse().ok()?, RootDomain::parse("bank.example").ok()?);
    let entry_point = EntryPoint::of(&slug, &root);
    Some(TenantEvent::Onboarded {
        tenant,
        slug,
        kind: TenantKind::EXTERNAL,
        is_test: false,
        entry_point,
        residency: None,
    })
}

fn container(number: u8) -> Option<ContainerId> {
    ContainerId::from_bytes([number; 16]).ok()
}

fn account(number: u8) -> Option<AccountId> {
    AccountId::from_bytes([number; 16]).ok()
}
