//! What an access token says: read and judged after the signature, written before it.

mod grants;
mod judge;
mod read;
mod write;

use skeleton_invocation_context::Identity;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::Timestamp;

use crate::client::ClientId;

pub use grants::grants_digest;

pub(crate) use judge::Expected;
pub(crate) use judge::SKEW;
pub(crate) use write::Payload;
pub(crate) use write::Times;

skeleton_invocation_context::ulid_id! {
    /// One token (claim `jti`).
    pub struct TokenId;
}

/// What a verified access token says. Made by [`Verifier`](crate::Verifier) alone.
#[derive(Clone, Debug)]
pub struct AccessClaims {
    pub(crate) identity: Identity,
    pub(crate) session: SessionId,
    pub(crate) client: ClientId,
    pub(crate) id: TokenId,
    pub(crate) issued_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}
