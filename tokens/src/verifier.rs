//! Verifies tokens, in memory and without waiting.

use core::fmt;
use core::marker::PhantomData;
use std::sync::Arc;

use skeleton_invocation_context::Clock;
use skeleton_invocation_context::Identity;
use skeleton_invocation_context::SessionId;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use crate::claims::Expected;
use crate::claims::TokenId;
use crate::client::ClientId;
use crate::compact::Compact;
use crate::key::PublicKey;
use crate::key::PublicKeys;
use crate::kind::AccessToken;
use crate::kind::TokenKind;
use crate::names::IssuerNames;
use crate::refused::Code;
use crate::refused::Refused;

/// Verifies tokens of kind `K`. Cheap to clone; a verification awaits nothing and asks nobody.
pub struct Verifier<K: TokenKind> {
    shared: Arc<Shared>,
    kind: PhantomData<fn() -> K>,
}

struct Shared {
    keys: PublicKeys,
    names: IssuerNames,
    audience: Box<str>,
    clock: Arc<dyn Clock>,
}

impl<K: TokenKind> Verifier<K> {
    /// A verifier of tokens for `audience`, this service's own name, signed by one of `keys`.
    #[must_use]
    pub fn new(
        keys: PublicKeys,
        names: IssuerNames,
        audience: &str,
        clock: impl Clock + 'static,
    ) -> Self {
        let shared = Shared {
            keys,
            names,
            audience: audience.into(),
            clock: Arc::new(clock),
        };
        Self {
            shared: Arc::new(shared),
            kind: PhantomData,
        }
    }

    /// Verifies a token shown at the door of `tenant`. The only way to a [`Verified`].
    ///
    /// In order: shape; header against the two templates of the kind; key by `kid`; signature over the
    /// received bytes. Only then is the payload decoded, read strictly, and judged: issuer of the key's
    /// scope, tenant, audience, life, the key's beginning, `nbf` and `iat` at most 30 s ahead, `exp` at
    /// most 30 s past.
    ///
    /// # Errors
    ///
    /// [`Refused`], which says nothing to the caller. No input makes it panic.
    ///
    /// # Security
    ///
    /// RFC 8725: one algorithm, decided by the key and not by the token; `verify_strict` of
    /// `ed25519-dalek`; explicit types; issuer and audience always checked.
    pub fn verify(&self, token: &str, tenant: TenantId) -> Result<Verified<K>, Refused> {
        let compact = Compact::split(token)?;
        let kid = compact.kid(K::TYP)?;
        let key = self
            .shared
            .keys
            .find(kid)
            .ok_or_else(|| self.without_key(tenant))?;
        if !key.has_signed(compact.signed(), &compact.signature()?) {
            return Err(Code::Signature.into());
        }
        let payload = compact.payload()?;
        let claims = K::accept(&payload, &self.expected(tenant, &key))?;
        Ok(Verified {
            claims: Arc::new(claims),
        })
    }

    /// The names of the issuers that it accepts.
    #[must_use]
    pub fn names(&self) -> &IssuerNames {
        &self.shared.names
    }

    fn expected<'a>(&'a self, tenant: TenantId, key: &'a PublicKey) -> Expected<'a> {
        Expected {
            tenant,
            audience: &self.shared.audience,
            names: &self.shared.names,
            key,
            max: K::MAX,
            now: self.shared.clock.now().as_secs(),
        }
    }

    /// An unknown key is the token's fault only if another key could have signed for the tenant.
    fn without_key(&self, tenant: TenantId) -> Code {
        if self.shared.keys.has_key_for(tenant) {
            Code::Key
        } else {
            Code::KeysUnavailable
        }
    }
}

impl<K: TokenKind> Clone for Verifier<K> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            kind: PhantomData,
        }
    }
}

impl<K: TokenKind> fmt::Debug for Verifier<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("typ", &K::TYP)
            .field("audience", &self.shared.audience)
            .finish_non_exhaustive()
    }
}

/// A token of kind `K` that was verified. What was verified stays fixed for the whole invocation.
///
/// # Security
///
/// Only [`Verifier::verify`] makes one:
///
/// ```compile_fail
/// use skeleton_tokens::{AccessClaims, AccessToken, Verified};
/// fn forged(claims: std::sync::Arc<AccessClaims>) -> Verified<AccessToken> {
///     Verified { claims }
/// }
/// ```
pub struct Verified<K: TokenKind> {
    claims: Arc<K::Claims>,
}

impl Verified<AccessToken> {
    /// Who calls: the account, its proof and its roles.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.claims.identity.clone()
    }

    /// The session at the client (claim `sid`).
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.claims.session
    }

    /// The program that asked for the token (claim `client_id`).
    #[must_use]
    pub fn client(&self) -> &ClientId {
        &self.claims.client
    }

    /// The id of the token (claim `jti`).
    #[must_use]
    pub fn id(&self) -> TokenId {
        self.claims.id
    }

    /// The instant at which it was issued (claim `iat`), in whole seconds.
    #[must_use]
    pub fn issued_at(&self) -> Timestamp {
        self.claims.issued_at
    }

    /// The instant from which it is no longer good (claim `exp`), in whole seconds.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.claims.expires_at
    }
}

impl<K: TokenKind> Clone for Verified<K> {
    fn clone(&self) -> Self {
        Self {
            claims: Arc::clone(&self.claims),
        }
    }
}

impl<K: TokenKind> fmt::Debug for Verified<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Verified({})", K::TYP)
    }
}
