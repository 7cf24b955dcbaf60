//! Personal data: a vault per tenant, with its keys in a file of their own beside the log.

use core::fmt;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use skeleton_invocation_context::Authenticated;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::InvocationId;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::TenantId;
use skeleton_pii_crypto::AsSubject;
use skeleton_pii_crypto::AuditRefused;
use skeleton_pii_crypto::AuditSink;
use skeleton_pii_crypto::Detached;
use skeleton_pii_crypto::DevKek;
use skeleton_pii_crypto::Development;
use skeleton_pii_crypto::Disclosed;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::IdError;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Purpose;
use skeleton_pii_crypto::ReceiptSigner;
use skeleton_pii_crypto::RevealAccess;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantVault;
use skeleton_pii_crypto::Vault;
use skeleton_pii_crypto_sqlx::SqliteKeyStore;

use crate::adapters::sqlite::SqliteLog;
use crate::audit::AuditEntry;
use crate::ids::CustomerId;
use crate::services::Services;

/// What a name is revealed for when somebody asks who a customer is.
const CUSTOMER_CARE: Purpose = Purpose::declared("customer-care");
/// What a name is revealed for when the log is replayed.
const REPLAY: Purpose = Purpose::declared("replay");

impl AsSubject for CustomerId {
    fn as_subject(&self) -> Result<SubjectId, IdError> {
        SubjectId::parse(&self.to_string())
    }
}

/// The vaults of all tenants. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Vaults(Arc<Shared>);

struct Shared {
    dir: PathBuf,
    signer: ReceiptSigner,
    reveals: RevealAudit,
    open: RwLock<HashMap<TenantId, (TenantVault, SqliteKeyStore)>>,
}

impl Vaults {
    /// Vaults with their files of keys in `dir`. Receipts are signed with a key drawn for this run.
    ///
    /// # Errors
    ///
    /// This machine has no randomness to give.
    pub fn in_dir(dir: &Path, log: SqliteLog) -> Result<Self, getrandom::Error> {
        let mut seed = [0_u8; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self(Arc::new(Shared {
            dir: dir.to_owned(),
            signer: ReceiptSigner::from_seed(&seed),
            reveals: RevealAudit(log),
            open: RwLock::default(),
        })))
    }

    /// Opens the tenant's file of keys, and makes it if it does not exist.
    ///
    /// # Errors
    ///
    /// [`skeleton_pii_crypto_sqlx::OpenError`] if the file cannot be opened.
    pub async fn open(&self, tenant: TenantId) -> Result<(), skeleton_pii_crypto_sqlx::OpenError> {
        let file = self.0.dir.join(format!("{tenant}.keys.db"));
        let store = SqliteKeyStore::open(&file).await?;
        let vault = Vault::builder()
            .store(store.clone())
            // The bank's directory ends with its process, and so may the keys to its keys.
            .keks(DevKek::new(Development::i_accept_losing_every_key()))
            .audit(self.0.reveals.clone())
            .signer(self.0.signer.clone())
            .build();
        let mut open = self.0.open.write().unwrap_or_else(PoisonError::into_inner);
        open.entry(tenant)
            .or_insert((vault.tenant(tenant.into()), store));
        Ok(())
    }

    /// The vault of a tenant; none if its file was not opened.
    #[must_use]
    pub fn of(&self, tenant: TenantId) -> Option<TenantVault> {
        let open = self.0.open.read().unwrap_or_else(PoisonError::into_inner);
        open.get(&tenant).map(|(vault, _)| vault.clone())
    }

    /// The public half of the key that signs receipts.
    #[must_use]
    pub fn receipt_key(&self) -> [u8; 32] {
        self.0.signer.verifying_key()
    }

    /// Closes every file of keys.
    pub async fn close(&self) {
        let stores: Vec<_> = {
            let mut open = self.0.open.write().unwrap_or_else(PoisonError::into_inner);
            open.drain().map(|(_, (_, store))| store).collect()
        };
        for store in stores {
            store.close().await;
        }
    }
}

impl fmt::Debug for Vaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vaults").finish_non_exhaustive()
    }
}

/// Notes every reveal in the audit of the tenant whose data it is. If it cannot be noted, nothing is revealed.
///
/// The note is committed before the answer is given: the invocation's own entry waits behind it in the same queue.
#[derive(Clone)]
struct RevealAudit(SqliteLog);

impl AuditSink for RevealAudit {
    fn record(&self, disclosed: &Disclosed) -> Result<(), AuditRefused> {
        let refused = |_| AuditRefused::default();
        let tenant: TenantId = disclosed
            .tenant
            .as_str()
            .parse()
            .map_err(|_| AuditRefused::default())?;
        let log = self.0.tenant(tenant).map_err(refused)?;
        log.note(AuditEntry::Disclosure(disclosed.into()))
            .map_err(refused)
    }
}

/// A customer's name as the caller may see it; nothing once the customer is forgotten.
///
/// # Errors
///
/// 503 if the keys or the audit cannot be had, 500 if the value is damaged: neither is ever shown as forgotten.
pub async fn reveal_name(
    services: &Services,
    ctx: &InvocationContext<Authenticated>,
    sealed: &Detached<String>,
) -> Result<Option<String>, Problem> {
    let access = RevealAccess::of(ctx, CUSTOMER_CARE);
    let revealed = reveal(&services.vaults, ctx.tenant(), sealed, &access).await;
    revealed.map_err(|error| {
        let kind = match error {
            OpenError::Unavailable(_) => ProblemKind::Unavailable,
            _ => ProblemKind::Misconfigured,
        };
        Problem::new(kind).with_instance(ctx.trace().current())
    })
}

/// A customer's name in a replay of the log.
///
/// # Errors
///
/// [`OpenError`] if the keys cannot be had or the value is damaged.
pub async fn reveal_for_replay(
    services: &Services,
    tenant: TenantId,
    sealed: &Detached<String>,
) -> Result<Option<String>, OpenError> {
    let run = InvocationId::generate(&*services.ids, services.clock.now());
    let access = RevealAccess::new(services.identity.account().id(), REPLAY, run);
    reveal(&services.vaults, tenant, sealed, &access).await
}

async fn reveal(
    vaults: &Vaults,
    tenant: TenantId,
    sealed: &Detached<String>,
    access: &RevealAccess,
) -> Result<Option<String>, OpenError> {
    let vault = vaults.of(tenant).ok_or(OpenError::KeyMissing)?;
    let session = vault.session(KeySet::detached(sealed)).await?;
    match sealed.open(&session).reveal(access)? {
        Disclosure::Clear(name) => Ok(Some(name.into_inner())),
        Disclosure::Forgotten(_) => Ok(None),
    }
}
