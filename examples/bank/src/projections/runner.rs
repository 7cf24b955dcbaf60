//! Keeps the views of one tenant up to date.

use core::time::Duration;

use skeleton_invocation_context::TenantId;
use skeleton_tenancy_tree::InTenant;
use tokio::sync::watch;

use super::rows::rows;
use crate::adapters::in_process::InProcessBus;
use crate::ports::bus::Bus;
use crate::ports::event_store::AppendError;
use crate::ports::event_store::Checkpoint;
use crate::ports::event_store::EventStore;
use crate::ports::event_store::StoreError;

/// The consumer under whose name the views' checkpoint is kept.
const CONSUMER: &str = "views";
const PAGE: u32 = 256;
const PAUSE: Duration = Duration::from_millis(200);

/// Projects the log of one tenant until the future is dropped, and announces on `views` how far it has come.
///
/// The rows of a page commit together with the checkpoint.
pub async fn run<S: EventStore>(
    store: S,
    log: InProcessBus,
    views: InProcessBus,
    tenant: TenantId,
) {
    let t = InTenant::background(tenant, CONSUMER);
    let mut news = log.listen(tenant);
    loop {
        if project(&store, &views, t, &mut news).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Waits until the views of a tenant have seen `position`; false if that takes longer than `patience`.
pub async fn seen(
    views: &InProcessBus,
    tenant: TenantId,
    position: u64,
    patience: Duration,
) -> bool {
    let mut news = views.listen(tenant);
    let has_come = news.wait_for(|seen| *seen >= position);
    tokio::time::timeout(patience, has_come)
        .await
        .is_ok_and(|seen| seen.is_ok())
}

async fn project<S: EventStore>(
    store: &S,
    views: &InProcessBus,
    t: InTenant<'_>,
    news: &mut watch::Receiver<u64>,
) -> Result<(), AppendError> {
    let mut seen = store.checkpoint(t, CONSUMER).await?;
    views.announce(t.tenant(), seen);
    loop {
        let page = store.log(t, seen, PAGE).await?;
        if let Some(last) = page.last().map(|event| event.position) {
            let changes = page.iter().map(rows).collect::<Result<Vec<_>, _>>();
            let changes = changes.map_err(|error| StoreError::Corrupt(error.into()))?;
            let checkpoint = Checkpoint {
                consumer: CONSUMER,
                from: seen,
                to: last,
            };
            store.project(t, checkpoint, changes.concat()).await?;
            seen = last;
            views.announce(t.tenant(), seen);
        } else if news.wait_for(|announced| *announced > seen).await.is_err() {
            return Ok(());
        }
    }
}
