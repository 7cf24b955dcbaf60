//! What a store needs done now and then.

use core::time::Duration;
use std::sync::Arc;

use crate::store::Store;
use crate::store::Swept;

/// How many records one pass looks after.
const PER_PASS: u32 = 500;
/// How long it rests when there is nothing more to do.
const REST: Duration = Duration::from_secs(30);

/// Sweeps a store for as long as it is polled: purges what is past its retention, and finds the attempts of which nobody
/// knows. Spawn it once per process; two do no harm.
///
/// `seen` is told what every pass did. A purged doubt (`forgotten`) is one that nobody ever looked at.
pub async fn maintenance<S: Store>(
    store: S,
    seen: Arc<dyn Fn(Result<Swept, S::Error>) + Send + Sync>,
) {
    loop {
        let swept = store.sweep(PER_PASS).await;
        let is_more = swept
            .as_ref()
            .is_ok_and(|swept| swept.purged + swept.doubted >= u64::from(PER_PASS));
        seen(swept);
        if is_more {
            tokio::task::yield_now().await;
        } else {
            tokio::time::sleep(REST).await;
        }
    }
}
