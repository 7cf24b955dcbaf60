#![forbid(unsafe_code)]
#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod authenticator;
mod claims;
mod client;
mod compact;
mod draft;
mod issuer;
mod json;
mod key;
mod kind;
mod lifetime;
mod names;
mod problem;
mod proof;
mod refused;
mod signed;
mod verifier;

#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
pub mod tower;

pub use authenticator::Authenticator;
pub use authenticator::Credentials;
pub use claims::AccessClaims;
pub use claims::TokenId;
pub use claims::grants_digest;
pub use client::ClientId;
pub use client::ClientIdError;
pub use draft::AccessTokenDraft;
pub use draft::Missing;
pub use draft::WithAudience;
pub use draft::WithClient;
pub use draft::WithProof;
pub use draft::WithSession;
pub use issuer::IssueError;
pub use issuer::IssueErrorKind;
pub use issuer::Issuer;
pub use key::KeyError;
pub use key::KeyRings;
pub use key::KeyScope;
pub use key::PublicKeys;
pub use kind::AccessToken;
pub use kind::TokenKind;
pub use lifetime::LifetimeError;
pub use lifetime::TokenLifetime;
pub use names::IssuerNames;
pub use proof::Acr;
pub use proof::Amr;
pub use refused::Refused;
pub use signed::SignedToken;
#[cfg(feature = "tower")]
pub use tower::AuthenticationLayer;
pub use verifier::Verified;
pub use verifier::Verifier;
