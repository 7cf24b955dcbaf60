//! Follows what other processes append.

use core::time::Duration;
use std::sync::Arc;

use super::Forest;
use crate::in_tenant::InTenant;
use crate::snapshot::TreeSnapshot;
use crate::store::StoreError;
use crate::tree::TreeError;
use crate::tree::TreeVersion;

/// On whose account trees are read when nobody asked.
const REASON: &str = "follow";
/// How long a reader that waits for a version lets pass before it asks the store again.
const RETRY: Duration = Duration::from_millis(50);

impl Forest {
    /// The tree of a tenant at `version` or later, such as an event or a caller named it; waits `within` at most.
    ///
    /// It needs a tokio runtime whose timer is enabled.
    ///
    /// # Errors
    ///
    /// [`TreeError::Unavailable`] if the version was not to be had in time.
    pub async fn at_least(
        &self,
        t: InTenant<'_>,
        version: TreeVersion,
        within: Duration,
    ) -> Result<Arc<TreeSnapshot>, TreeError> {
        let slot = self.slot(t.tenant());
        let waiting = async {
            loop {
                let published = self.published(t.tenant());
                if let Some(seen) = published.filter(|tree| tree.version() >= version) {
                    return seen;
                }
                if let Ok(tree) = self.catch_up(t).await
                    && tree.version() >= version
                {
                    return tree;
                }
                let seen = slot.publication.at_least(version.get());
                if let Ok(seen) = tokio::time::timeout(RETRY, seen).await {
                    return seen;
                }
            }
        };
        let late =
            |_| TreeError::Unavailable(StoreError::unavailable("the version did not come in time"));
        tokio::time::timeout(within, waiting).await.map_err(late)
    }

    /// Follows the store for ever: every so often, trees that are loaded fold what other processes appended. Spawn it
    /// once.
    ///
    /// A round that fails is made up for by the next one; [`Forest::catch_up_all`] is one round, for whoever wants to
    /// know. It needs a tokio runtime whose timer is enabled.
    pub async fn follow(self, every: Duration) {
        loop {
            let _made_up_for = self.catch_up_all().await;
            tokio::time::sleep(every).await;
        }
    }

    /// Catches up every loaded tree that is behind the table of heads; how many there were. Trees that nobody asked
    /// for stay unloaded.
    ///
    /// # Errors
    ///
    /// [`TreeError::Unavailable`] if the heads or a tail cannot be read; the other tails are read all the same.
    pub async fn catch_up_all(&self) -> Result<usize, TreeError> {
        let (mut after, mut caught_up, mut failed) = (None, 0, None);
        loop {
            let heads = self.store().heads(after).await;
            let heads = heads.map_err(TreeError::Unavailable)?;
            let Some(last) = heads.last() else {
                return failed.map_or(Ok(caught_up), Err);
            };
            after = Some(last.tenant());
            for head in &heads {
                let held = self.published(head.tenant());
                if held.is_none_or(|held| held.version().get() >= head.version()) {
                    continue;
                }
                let t = InTenant::background(head.tenant(), REASON);
                match self.catch_up(t).await {
                    Ok(_) => caught_up += 1,
                    Err(error) => failed = Some(error),
                }
            }
        }
    }
}
