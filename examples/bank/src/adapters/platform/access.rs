//! The rules of tenants: two streams per tenant.

use core::num::NonZeroU32;
use std::sync::Arc;

use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_invocation_context::IdGenerator;
use skeleton_tenancy_tree::AppendError;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::StoreError;

use super::RoomStream;
use super::parts;
use crate::adapters::sqlite::SqliteLog;

/// The rules of every tenant on the bank's log.
#[derive(Clone, Debug)]
pub struct AccessStreams {
    roles: RoomStream,
    grants: RoomStream,
}

impl AccessStreams {
    /// The streams `roles/{tenant}` and `grants/{tenant}` of `log`.
    #[must_use]
    pub fn new(log: SqliteLog, ids: Arc<dyn IdGenerator>) -> Self {
        let stream = |stream: AccessStream, log, ids| RoomStream {
            log,
            ids,
            kind: stream.name(),
        };
        Self {
            roles: stream(AccessStream::Roles, log.clone(), Arc::clone(&ids)),
            grants: stream(AccessStream::Grants, log, ids),
        }
    }

    const fn stream(&self, stream: AccessStream) -> &RoomStream {
        match stream {
            AccessStream::Roles => &self.roles,
            AccessStream::Grants => &self.grants,
        }
    }
}

impl AccessLog for AccessStreams {
    async fn append(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        expected: AccessVersion,
        events: &[Recorded<AccessEvent>],
    ) -> Result<u64, AppendError> {
        let other = other_than(stream);
        let rests_on = vec![(self.stream(other).of(t), expected.of(other))];
        let (to, at) = (self.stream(stream), expected.of(stream));
        to.append_resting_on(t, at, parts(events), rests_on).await
    }

    async fn read(
        &self,
        t: InTenant<'_>,
        stream: AccessStream,
        after: u64,
        max: NonZeroU32,
    ) -> Result<Vec<Recorded<AccessEvent>>, StoreError> {
        let events = self.stream(stream).read(t, after, max.get()).await?;
        Ok(events
            .into_iter()
            .map(|(event, at, cause)| Recorded::new(event, at, cause))
            .collect())
    }
}

const fn other_than(stream: AccessStream) -> AccessStream {
    match stream {
        AccessStream::Roles => AccessStream::Grants,
        AccessStream::Grants => AccessStream::Roles,
    }
}
