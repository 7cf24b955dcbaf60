//! Tells whoever waits in this process that a run is over.

use skeleton_idempotency::IdempotencyKey;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

/// Keys that share the first bits of their address are told together.
const SHARDS: usize = 64;

type Address = [u8; 32];

#[derive(Debug)]
pub(super) struct Watch([Notify; SHARDS]);

impl Watch {
    pub(super) fn new() -> Self {
        Self(core::array::from_fn(|_| Notify::new()))
    }

    /// From now on.
    pub(super) fn ended(&self, key: &IdempotencyKey) -> Notified<'_> {
        self.shard(key.address()).notified()
    }

    pub(super) fn tell(&self, address: &Address) {
        self.shard(address).notify_waiters();
    }

    pub(super) fn tell_all(&self) {
        self.0.iter().for_each(Notify::notify_waiters);
    }

    fn shard(&self, [first, ..]: &Address) -> &Notify {
        let [shard, ..] = &self.0;
        self.0.get(usize::from(*first) % SHARDS).unwrap_or(shard)
    }
}

#[cfg(test)]
mod tests {
    use core::future::Future;
    use core::pin::pin;
    use core::task::Context;
    use core::task::Waker;

    use skeleton_idempotency::IdempotencyKey;

    use super::Watch;

    fn key(first: &str) -> IdempotencyKey {
        let address = format!("{first}{}", "0".repeat(62));
        format!("{address}.0.edge.-.transfer-money")
            .parse()
            .unwrap()
    }

    #[test]
    fn whoever_waits_is_told_even_before_it_was_polled_and_nobody_of_another_shard() {
        let watch = Watch::new();
        let (key, other) = (key("07"), key("08"));
        let mut cx = Context::from_waker(Waker::noop());
        let (mut told, mut untold) = (pin!(watch.ended(&key)), pin!(watch.ended(&other)));
        watch.tell(key.address());
        assert!(told.as_mut().poll(&mut cx).is_ready());
        assert!(untold.as_mut().poll(&mut cx).is_pending());
        let mut next = pin!(watch.ended(&key));
        assert!(next.as_mut().poll(&mut cx).is_pending());
        watch.tell_all();
        assert!(next.as_mut().poll(&mut cx).is_ready());
        assert!(untold.as_mut().poll(&mut cx).is_ready());
    }
}
