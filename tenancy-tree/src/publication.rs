//! How a version of something immutable becomes visible: readers never wait, and versions never go back.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use tokio::sync::Notify;

/// What is replaced as a whole, and says which of two is later.
pub(crate) trait Versioned: Send + Sync {
    fn version(&self) -> u64;
}

/// Where the current value is. A parameter, so that tests can watch every order of loads and stores.
pub(crate) trait Cell<T>: Send + Sync {
    fn empty() -> Self;
    fn load(&self) -> Option<Arc<T>>;
    fn read<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R>;
    fn store(&self, value: Arc<T>);
}

impl<T: Send + Sync> Cell<T> for ArcSwapOption<T> {
    fn empty() -> Self {
        Self::empty()
    }

    fn load(&self) -> Option<Arc<T>> {
        self.load_full()
    }

    fn read<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        Self::load(self).as_deref().map(read)
    }

    fn store(&self, value: Arc<T>) {
        Self::store(self, Some(value));
    }
}

/// The current version, for readers that do not wait and for those that do.
pub(crate) struct Publication<T, C = ArcSwapOption<T>> {
    current: C,
    changed: Notify,
    kind: core::marker::PhantomData<fn() -> T>,
}

impl<T: Versioned, C: Cell<T>> Publication<T, C> {
    pub(crate) fn empty() -> Self {
        Self {
            current: C::empty(),
            changed: Notify::new(),
            kind: core::marker::PhantomData,
        }
    }

    /// The current value; nothing before the first one.
    pub(crate) fn load(&self) -> Option<Arc<T>> {
        self.current.load()
    }

    /// Reads the current value; nothing before the first one. Counts no reference, so readers on many cores share no
    /// cache line that any of them writes.
    pub(crate) fn read<R>(&self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.current.read(read)
    }

    /// Makes `value` the current one, unless that has its version or a later one. One writer at a time: the caller
    /// holds the lock under which `value` was made, after it became durable.
    pub(crate) fn publish(&self, value: Arc<T>) {
        let held = self.current.load();
        if held.is_none_or(|held| held.version() < value.version()) {
            self.current.store(value);
            self.changed.notify_waiters();
        }
    }

    /// The first value seen that has `version` or a later one.
    pub(crate) async fn at_least(&self, version: u64) -> Arc<T> {
        loop {
            // Listen first: what is published between the look and the wait wakes this reader.
            let changed = self.changed.notified();
            let mut changed = core::pin::pin!(changed);
            changed.as_mut().enable();
            match self.load() {
                Some(value) if value.version() >= version => return value,
                _ => changed.await,
            }
        }
    }
}

#[cfg(test)]
mod tests;
