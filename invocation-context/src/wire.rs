//! The signed form of a context between services: two short headers under one message authentication code each.
//!
//! Two, because one part must not change on the way and the other must. The context half is sealed once, at the edge,
//! and forwarded as it came; the hop half is written anew for every call. The tag of the hop covers the tag of the
//! context, so halves of two invocations do not fit together.
//!
//! ```text
//! skeleton-context   version=1 (1) | key id (4) | expires-at ms (6) | body: postcard (..) | tag (16)
//! skeleton-hop       version=1 (1) | key id (4) | caller's id (16) | path length (1) | path (..) | tag (16)
//! ```
//!
//! Both are base64url without padding (RFC 4648, 5), integers big-endian. A tag is the left 16 bytes of HMAC-SHA-256
//! (RFC 2104) over `label | 0 | audience length | audience | (context tag, in the hop) | every byte before the tag`,
//! where the labels are `skeleton-context/1` and `skeleton-hop/1` and the audience is the name of the trust domain.

mod body;
mod cell;
mod domain;
mod error;
mod frame;
#[cfg(feature = "tower")]
pub(crate) mod headers;
mod key;

pub(crate) use cell::Sealing;
pub use domain::SealedContext;
pub use domain::TrustDomain;
pub use error::ReceiveError;
pub use error::SealError;
pub use error::TrustDomainError;
pub use key::ContextKey;
