#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod answer;
#[cfg(feature = "axum-08")]
mod axum;
mod engine;
mod execution;
mod fingerprint;
mod key;
mod problem;
mod record;
mod store;
#[cfg(feature = "tower")]
mod tower;
mod window;

pub use answer::Answer;
pub use answer::AnswerError;
pub use answer::MAX_BODY;
pub use engine::Engine;
pub use engine::EngineBuilder;
pub use engine::NoMode;
pub use engine::Refused;
pub use execution::AcceptError;
pub use execution::Accepted;
pub use execution::Execution;
pub use execution::Scope;
pub use execution::Work;
pub use fingerprint::Fingerprint;
pub use fingerprint::FingerprintKeys;
pub use fingerprint::JsonError;
pub use key::IdempotencyKey;
pub use key::KeyError;
pub use record::Ask;
pub use record::Claim;
pub use record::Completed;
pub use record::Fence;
pub use record::Grant;
pub use record::Hold;
pub use record::Mode;
pub use record::Owner;
pub use record::Record;
pub use record::Reply;
pub use record::State;
pub use record::Verb;
pub use record::apply;
pub use store::CommitError;
pub use store::Transactions;
pub use store::TxStore;
#[cfg(feature = "tower")]
pub use tower::IdempotencyLayer;
#[cfg(feature = "tower")]
pub use tower::IdempotencyService;
#[cfg(feature = "tower")]
pub use tower::REPLAYED;
pub use window::Window;
