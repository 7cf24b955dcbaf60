//! The bus announces how far a log has grown, at least once. What was missed is read from the log.

use skeleton_invocation_context::TenantId;
use tokio::sync::watch;

/// Announces positions.
pub trait Bus: Clone + Send + Sync + 'static {
    /// Tells everybody who listens that the tenant's log has grown to `position`.
    fn announce(&self, tenant: TenantId, position: u64);

    /// Listens to a tenant's log. What was announced last is seen at once.
    fn listen(&self, tenant: TenantId) -> watch::Receiver<u64>;
}
