//! Who may hash now, who may wait, and who is turned away.

use core::sync::atomic::AtomicUsize;
use core::sync::atomic::Ordering;
use core::time::Duration;
use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Permits to hash, and a bounded queue before them.
pub(super) struct Queue {
    permits: Arc<Semaphore>,
    waiting: AtomicUsize,
    max_waiting: usize,
}

/// Nobody was let in.
#[derive(Debug)]
pub(super) struct Full;

impl Queue {
    pub(super) fn new(permits: usize) -> Self {
        let permits = permits.min(Semaphore::MAX_PERMITS);
        Self {
            permits: Arc::new(Semaphore::new(permits)),
            waiting: AtomicUsize::new(0),
            max_waiting: permits.saturating_mul(PLACES_PER_PERMIT),
        }
    }

    /// Waits for a permit: not behind more than four others per permit, and not longer than a second.
    pub(super) async fn enter(&self) -> Result<OwnedSemaphorePermit, Full> {
        if let Ok(permit) = Arc::clone(&self.permits).try_acquire_owned() {
            return Ok(permit);
        }
        let _place = self.line_up()?;
        let permit = timeout(LONGEST_WAIT, Arc::clone(&self.permits).acquire_owned()).await;
        permit.map_err(|_| Full)?.map_err(|_| Full)
    }

    #[cfg(test)]
    pub(super) fn is_idle(&self, permits: usize) -> bool {
        self.permits.available_permits() == permits && self.waiting.load(Ordering::Acquire) == 0
    }

    fn line_up(&self) -> Result<Place<'_>, Full> {
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let place = Place(&self.waiting);
        if before < self.max_waiting {
            Ok(place)
        } else {
            Err(Full)
        }
    }
}

/// A place in the queue, given up when dropped: also by a caller who went away.
struct Place<'q>(&'q AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

const PLACES_PER_PERMIT: usize = 4;
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(1);
