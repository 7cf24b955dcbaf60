//! Key rings: the private halves, and who may sign with them.

use core::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use ed25519_dalek::Signer;
use ed25519_dalek::SigningKey;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;
use zeroize::Zeroizing;

use super::KeyScope;
use super::Kid;
use super::PublicKey;
use super::PublicKeys;
use super::published::Published;

/// Why a ring has no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The operating system gave no randomness.
    #[error("the operating system gave no randomness for a key")]
    NoRandomness,
}

/// The keys that sign, one ring per [`KeyScope`]. Cheap to clone: clones share the rings.
///
/// # Security
///
/// The keys live in this process and as long as it: after a restart every scope gets a new key, and
/// tokens signed before are refused. Two processes do not accept each other's tokens. Private keys are
/// zeroed when the last clone is dropped, and never printed.
#[derive(Clone)]
pub struct KeyRings {
    shared: Arc<Shared>,
}

struct Shared {
    clock: Arc<dyn Clock>,
    /// Held by whoever adds a key, so that two callers of `ensure` make one key.
    adding: Mutex<()>,
    signers: Published<KeyScope, Arc<Signing>>,
    public: PublicKeys,
}

/// The key that signs for a scope.
pub(crate) struct Signing {
    key: SigningKey,
    kid: Kid,
    scope: KeyScope,
}

impl Signing {
    pub(crate) const fn kid(&self) -> Kid {
        self.kid
    }

    pub(crate) const fn scope(&self) -> KeyScope {
        self.scope
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

impl KeyRings {
    /// Rings whose keys live as long as this process. No scope has a key yet.
    #[must_use]
    pub fn in_process(clock: impl Clock + 'static) -> Self {
        let shared = Shared {
            clock: Arc::new(clock),
            adding: Mutex::new(()),
            signers: Published::new(),
            public: PublicKeys::empty(),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Sees to it that `scope` has a key: makes an Ed25519 key from the randomness of the operating
    /// system unless there is one. The key is public before it signs.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoRandomness`].
    #[expect(
        clippy::unused_async,
        reason = "the call awaits wherever a ring is not in memory"
    )]
    pub async fn ensure(&self, scope: KeyScope) -> Result<(), KeyError> {
        let _adding = self
            .shared
            .adding
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if self.shared.signers.get(&scope).is_some() {
            return Ok(());
        }
        let mut seed = Zeroizing::new([0_u8; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| KeyError::NoRandomness)?;
        self.add(scope, &seed, self.shared.clock.now());
        Ok(())
    }

    /// The public halves: a view that follows these rings.
    #[must_use]
    pub fn public(&self) -> PublicKeys {
        self.shared.public.clone()
    }

    /// The key that signs for `tenant`: its own ring's, else the global one's.
    pub(crate) fn signing_for(&self, tenant: TenantId) -> Option<Arc<Signing>> {
        let own = self.shared.signers.get(&KeyScope::Tenant(tenant));
        own.or_else(|| self.shared.signers.get(&KeyScope::Global))
    }

    pub(crate) fn add(&self, scope: KeyScope, seed: &[u8; 32], active_from: Timestamp) {
        let key = SigningKey::from_bytes(seed);
        let public = PublicKey::new(key.verifying_key(), scope, active_from);
        let kid = public.kid();
        self.shared.public.add(public);
        self.shared
            .signers
            .insert(&scope, &Arc::new(Signing { key, kid, scope }));
    }
}

impl fmt::Debug for KeyRings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyRings(..)")
    }
}
