//! Public keys: looked up by `kid` when verifying, listed as a JWKS for others.

use core::fmt;
use std::sync::Arc;

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::Signature;
use ed25519_dalek::VerifyingKey;
use sha2::Digest;
use sha2::Sha256;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use super::KeyScope;
use super::published::Published;

/// The RFC 7638 SHA-256 thumbprint of a key: its name on the wire, unique over all tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Kid([u8; 32]);

impl Kid {
    pub(crate) fn of(key: &VerifyingKey) -> Self {
        let x = BASE64URL_NOPAD.encode(key.as_bytes());
        let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        Self(Sha256::digest(members.as_bytes()).into())
    }

    pub(crate) const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Kid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64URL_NOPAD.encode(&self.0))
    }
}

/// The public half of a key, with what it may be used for.
#[derive(Debug)]
pub(crate) struct PublicKey {
    kid: Kid,
    scope: KeyScope,
    active_from: Timestamp,
    key: VerifyingKey,
}

impl PublicKey {
    pub(super) fn new(key: VerifyingKey, scope: KeyScope, active_from: Timestamp) -> Self {
        Self {
            kid: Kid::of(&key),
            scope,
            active_from,
            key,
        }
    }

    pub(crate) const fn kid(&self) -> Kid {
        self.kid
    }

    pub(crate) const fn scope(&self) -> KeyScope {
        self.scope
    }

    pub(crate) const fn active_from(&self) -> Timestamp {
        self.active_from
    }

    /// Whether `signature` is this key's over `message`, by the strict rules: no small-order point, no
    /// other encoding, no other scalar.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.key
            .verify_strict(message, &Signature::from_bytes(signature))
            .is_ok()
    }

    fn jwk(&self) -> String {
        let x = BASE64URL_NOPAD.encode(self.key.as_bytes());
        let kid = self.kid;
        format!(
            r#"{{"alg":"EdDSA","crv":"Ed25519","kid":"{kid}","kty":"OKP","use":"sig","x":"{x}"}}"#
        )
    }
}

/// The public halves of all rings: a view that follows them. Cheap to clone, and read without waiting.
#[derive(Clone)]
pub struct PublicKeys {
    shared: Arc<Shared>,
}

struct Shared {
    by_kid: Published<Kid, Arc<PublicKey>>,
    by_scope: Published<KeyScope, Arc<[Arc<PublicKey>]>>,
}

impl PublicKeys {
    pub(super) fn empty() -> Self {
        let shared = Shared {
            by_kid: Published::new(),
            by_scope: Published::new(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The key document of a scope (RFC 7517), for `/.well-known/jwks.json` on the issuer's host.
    ///
    /// Keys are sorted by `kid` and members have a fixed order: equal rings give equal bytes. A scope
    /// without a ring gives an empty set. Its media type is `application/jwk-set+json`.
    #[must_use]
    pub fn jwks(&self, scope: KeyScope) -> String {
        let mut keys = self.of_scope(scope).to_vec();
        keys.sort_by_key(|key| key.kid.to_string());
        let listed: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
        format!(r#"{{"keys":[{}]}}"#, listed.join(","))
    }

    /// Whether a key is published that may sign for `tenant`.
    #[must_use]
    pub fn has_key_for(&self, tenant: TenantId) -> bool {
        [KeyScope::Tenant(tenant), KeyScope::Global]
            .into_iter()
            .any(|scope| self.shared.by_scope.get(&scope).is_some())
    }

    pub(crate) fn find(&self, kid: Kid) -> Option<Arc<PublicKey>> {
        self.shared.by_kid.get(&kid)
    }

    pub(super) fn add(&self, key: PublicKey) {
        let key = Arc::new(key);
        let mut ring = self.of_scope(key.scope).to_vec();
        ring.push(Arc::clone(&key));
        self.shared.by_scope.insert(&key.scope, &ring.into());
        self.shared.by_kid.insert(&key.kid, &key);
    }

    fn of_scope(&self, scope: KeyScope) -> Arc<[Arc<PublicKey>]> {
        self.shared.by_scope.get(&scope).unwrap_or_default()
    }
}

impl fmt::Debug for PublicKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PublicKeys(..)")
    }
}
