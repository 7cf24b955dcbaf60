//! Puts a vault together. Nothing has a default: each part is somebody's decision.

use core::fmt;
use std::sync::Arc;

use crate::audit::AuditSink;
use crate::coordinates::TenantRef;
use crate::kek::KekProvider;
use crate::receipt::ReceiptSigner;
use crate::store::KeyStore;
use crate::time::SystemTime;
use crate::time::TimeSource;
use crate::vault::TenantVault;

/// Seals, opens and forgets, for every tenant of one store. Cheap to clone.
#[derive(Clone)]
pub struct Vault(pub(super) Arc<Parts>);

pub(super) struct Parts {
    pub(super) store: Arc<dyn KeyStore>,
    pub(super) keks: Arc<dyn KekProvider>,
    pub(super) audit: Arc<dyn AuditSink>,
    pub(super) signer: ReceiptSigner,
    pub(super) time: Arc<dyn TimeSource>,
}

impl Vault {
    /// Begins a vault: name its store, its key-encryption keys, its audit and its signer.
    ///
    /// ```compile_fail
    /// let vault = skeleton_pii_crypto::Vault::builder().build();
    /// ```
    ///
    /// ```compile_fail
    /// # use skeleton_pii_crypto::{AuditSink, KekProvider, KeyStore, ReceiptSigner, Vault};
    /// fn unaudited(store: impl KeyStore, keks: impl KekProvider, signer: ReceiptSigner) -> Vault {
    ///     Vault::builder().store(store).keks(keks).signer(signer).build()
    /// }
    /// ```
    ///
    /// ```compile_fail
    /// # use skeleton_pii_crypto::{AuditSink, KekProvider, KeyStore, ReceiptSigner, Vault};
    /// fn unsigned(store: impl KeyStore, keks: impl KekProvider, audit: impl AuditSink) -> Vault {
    ///     Vault::builder().store(store).keks(keks).audit(audit).build()
    /// }
    /// ```
    #[must_use]
    pub fn builder() -> VaultBuilder<(), (), (), ()> {
        VaultBuilder {
            store: (),
            keks: (),
            audit: (),
            signer: (),
            time: None,
        }
    }

    /// The vault of one tenant: the only source of sessions.
    #[must_use]
    pub fn tenant(&self, tenant: TenantRef) -> TenantVault {
        TenantVault::new(self.clone(), tenant)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

/// A vault that lacks the parts whose place is `()`.
pub struct VaultBuilder<S, K, A, R> {
    store: S,
    keks: K,
    audit: A,
    signer: R,
    time: Option<Arc<dyn TimeSource>>,
}

impl<K, A, R> VaultBuilder<(), K, A, R> {
    /// Where rows and receipts are kept.
    #[must_use]
    pub fn store(self, store: impl KeyStore) -> VaultBuilder<Arc<dyn KeyStore>, K, A, R> {
        let Self {
            keks,
            audit,
            signer,
            time,
            ..
        } = self;
        VaultBuilder {
            store: Arc::new(store),
            keks,
            audit,
            signer,
            time,
        }
    }
}

impl<S, A, R> VaultBuilder<S, (), A, R> {
    /// Where key-encryption keys come from.
    #[must_use]
    pub fn keks(self, keks: impl KekProvider) -> VaultBuilder<S, Arc<dyn KekProvider>, A, R> {
        let Self {
            store,
            audit,
            signer,
            time,
            ..
        } = self;
        VaultBuilder {
            store,
            keks: Arc::new(keks),
            audit,
            signer,
            time,
        }
    }
}

impl<S, K, R> VaultBuilder<S, K, (), R> {
    /// Who is told of every reveal.
    #[must_use]
    pub fn audit(self, audit: impl AuditSink) -> VaultBuilder<S, K, Arc<dyn AuditSink>, R> {
        let Self {
            store,
            keks,
            signer,
            time,
            ..
        } = self;
        VaultBuilder {
            store,
            keks,
            audit: Arc::new(audit),
            signer,
            time,
        }
    }
}

impl<S, K, A> VaultBuilder<S, K, A, ()> {
    /// Who signs the receipts.
    #[must_use]
    pub fn signer(self, signer: ReceiptSigner) -> VaultBuilder<S, K, A, ReceiptSigner> {
        let Self {
            store,
            keks,
            audit,
            time,
            ..
        } = self;
        VaultBuilder {
            store,
            keks,
            audit,
            signer,
            time,
        }
    }
}

impl<S, K, A, R> VaultBuilder<S, K, A, R> {
    /// Other clocks than the operating system's.
    #[must_use]
    pub fn time(self, time: impl TimeSource) -> Self {
        Self {
            time: Some(Arc::new(time)),
            ..self
        }
    }
}

impl VaultBuilder<Arc<dyn KeyStore>, Arc<dyn KekProvider>, Arc<dyn AuditSink>, ReceiptSigner> {
    /// The vault.
    #[must_use]
    pub fn build(self) -> Vault {
        let Self {
            store,
            keks,
            audit,
            signer,
            time,
        } = self;
        let time = time.unwrap_or_else(|| Arc::new(SystemTime::start()));
        Vault(Arc::new(Parts {
            store,
            keks,
            audit,
            signer,
            time,
        }))
    }
}

impl<S, K, A, R> fmt::Debug for VaultBuilder<S, K, A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultBuilder(..)")
    }
}
