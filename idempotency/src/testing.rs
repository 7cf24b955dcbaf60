//! A store that fails when it is told to, an observer that remembers, and a clock that follows the runtime's. For tests only.
//!
//! A test that pauses tokio's time decides with them what happens when, and waits for nothing:
//!
//! ```
//! use core::time::Duration;
//! use skeleton_idempotency::testing::FaultStore;
//! use skeleton_idempotency::testing::Moment;
//! use skeleton_idempotency::testing::Recorder;
//! use skeleton_idempotency::testing::StoreCall;
//! use skeleton_idempotency::testing::TokioClock;
//! # #[cfg(feature = "memory")]
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use skeleton_idempotency::Capacity;
//! use skeleton_idempotency::Engine;
//! use skeleton_idempotency::FingerprintKeys;
//! use skeleton_idempotency::MemoryStore;
//! use skeleton_idempotency::Mode;
//! use skeleton_invocation_context::Timestamp;
//!
//! let clock = TokioClock::starting_at(Timestamp::from_millis(1_800_000_000_000));
//! let store = FaultStore::new(MemoryStore::new(Capacity::mib(1), clock));
//! let signals = Recorder::default();
//! let engine = Engine::builder(store.clone(), FingerprintKeys::new([7; 32]), clock)
//!     .mode(Mode::AtMostOnce)
//!     .observer(signals.clone())
//!     .build()?;
//! // The first record is kept, but nobody hears of it.
//! store.faults().fail_next(StoreCall::Complete, Moment::After);
//! # drop(engine);
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "memory"))]
//! # fn main() {}
//! ```

mod clock;
mod fault_store;
mod faults;
mod recorder;

pub use self::clock::TokioClock;
pub use self::fault_store::FaultError;
pub use self::fault_store::FaultStore;
pub use self::faults::Faults;
pub use self::faults::Moment;
pub use self::faults::StoreCall;
pub use self::recorder::Recorder;

/// The proof of a handler that declared that nothing happened: for tests of stores, which need no handler.
#[must_use]
pub const fn no_effect() -> crate::NoEffect {
    crate::NoEffect(())
}
