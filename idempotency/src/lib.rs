#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod answer;
mod answered;
mod ask;
mod attempt;
#[cfg(feature = "axum-08")]
mod axum;
mod batch;
#[cfg(feature = "conformance")]
pub mod conformance;
#[cfg(feature = "tower")]
mod driver;
mod engine;
mod execution;
#[cfg(test)]
mod explorer;
mod fingerprint;
mod inbox;
mod key;
mod machine;
#[cfg(feature = "tower")]
mod maintenance;
#[cfg(feature = "memory")]
mod memory;
mod observe;
mod outcome;
mod payload;
mod policy;
mod problem;
mod record;
mod refused;
#[cfg(feature = "tower")]
mod run;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
mod tower;
#[cfg(all(feature = "tower", feature = "tracing"))]
mod traced;
mod verbs;
mod window;

pub use answer::Answer;
pub use answer::AnswerError;
pub use answer::MAX_BODY;
pub use answered::Answered;
pub use answered::Source;
pub use ask::Ask;
pub use ask::Fence;
pub use ask::Grant;
pub use ask::Hold;
pub use ask::Mode;
pub use ask::Owner;
pub use attempt::Action;
pub use attempt::Actions;
pub use attempt::Attempt;
pub use attempt::Event;
pub use attempt::Refusal;
pub use attempt::Resolution;
pub use attempt::Terms;
pub use attempt::step;
pub use batch::BatchError;
pub use batch::BatchInError;
pub use batch::Item;
#[cfg(feature = "tower")]
pub use driver::Drained;
#[cfg(feature = "tower")]
pub use driver::Limits;
#[cfg(feature = "tower")]
pub use driver::Tracker;
pub use engine::BuildError;
pub use engine::Engine;
pub use engine::EngineBuilder;
pub use engine::NoMode;
pub use engine::Policies;
pub use engine::PolicyOf;
pub use execution::AcceptError;
pub use execution::Accepted;
pub use execution::Execution;
pub use execution::Scope;
pub use execution::TransactionError;
pub use execution::Work;
pub use fingerprint::Canonical;
pub use fingerprint::Fingerprint;
pub use fingerprint::FingerprintKeys;
pub use fingerprint::JsonError;
pub use inbox::Inbox;
pub use inbox::InboxError;
pub use inbox::Seen;
pub use key::DerivedKey;
pub use key::IdempotencyKey;
pub use key::KeyError;
pub use machine::apply;
pub use machine::sweep;
#[cfg(feature = "tower")]
pub use maintenance::maintenance;
#[cfg(feature = "memory")]
pub use memory::Capacity;
#[cfg(feature = "memory")]
pub use memory::MemoryError;
#[cfg(feature = "memory")]
pub use memory::MemoryStore;
pub use observe::AttemptResult;
pub use observe::Observe;
pub use observe::Signal;
pub use observe::StoreVerb;
pub use outcome::End;
pub use outcome::Outcome;
pub use payload::Payload;
pub use policy::Anonymous;
pub use policy::PayloadForm;
pub use policy::Policy;
pub use policy::PolicyError;
pub use policy::Reconcile;
pub use policy::Reconstruct;
pub use policy::RequestParts;
pub use record::Held;
pub use record::Record;
pub use record::State;
pub use refused::Refused;
pub use store::CommitError;
pub use store::DynError;
pub use store::DynStore;
pub use store::InTransaction;
pub use store::OnlyInTransaction;
pub use store::Store;
pub use store::Swept;
pub use store::Transactions;
pub use store::TxStore;
#[cfg(feature = "tower")]
pub use tower::GuardedBody;
#[cfg(feature = "tower")]
pub use tower::IdempotencyLayer;
#[cfg(feature = "tower")]
pub use tower::IdempotencyService;
#[cfg(feature = "tower")]
pub use tower::REPLAYED;
#[cfg(feature = "tower")]
pub use tower::ReplayAs;
pub use verbs::Beat;
pub use verbs::Claim;
pub use verbs::Completed;
pub use verbs::Conclusion;
pub use verbs::Found;
pub use verbs::NoEffect;
pub use verbs::Reconciled;
pub use verbs::Released;
pub use verbs::Reply;
pub use verbs::Verb;
pub use window::Window;
