//! What many tests need: a vault over ports that can be watched, stopped and forged, and an event.

use serde_json::Value;
use serde_json::json;
use skeleton_pii_crypto::AuditQueue;
use skeleton_pii_crypto::Detached;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::Forget;
use skeleton_pii_crypto::Forgotten;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::Purpose;
use skeleton_pii_crypto::Receipt;
use skeleton_pii_crypto::ReceiptSigner;
use skeleton_pii_crypto::RecordId;
use skeleton_pii_crypto::RevealAccess;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::SealedEvent;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto::TenantVault;
use skeleton_pii_crypto::Unavailable;
use skeleton_pii_crypto::Vault;

pub(crate) use crate::fakes::Keks;
pub(crate) use crate::fakes::ManualTime;
pub(crate) use crate::fakes::Store;

pub(crate) const TEST: Purpose = Purpose::declared("test");
pub(crate) const NOW: u64 = 1_795_428_900_000;
pub(crate) const SEED: [u8; 32] = [7; 32];

/// Somebody registered.
#[derive(Clone, Debug, PartialEq, Protected)]
#[pii(event = "user-registered")]
pub(crate) struct UserRegistered {
    #[pii(subject)]
    pub(crate) user: SubjectId,
    #[pii(pad = "bucket:32")]
    pub(crate) email: Pii<String>,
    pub(crate) phone: Option<Pii<String>>,
    #[pii(category = "kyc")]
    pub(crate) passport: Pii<String>,
    pub(crate) plan: String,
}

pub(crate) fn registered(user: &str, email: &str) -> UserRegistered {
    UserRegistered {
        user: subject(user),
        email: Pii::plain(email.to_owned()),
        phone: Some(Pii::plain("+48 600 000 000".to_owned())),
        passport: Pii::plain("X1234567".to_owned()),
        plan: "free".to_owned(),
    }
}

pub(crate) fn subject(id: &str) -> SubjectId {
    id.parse().unwrap()
}

pub(crate) fn record(id: &str) -> RecordId {
    id.parse().unwrap()
}

pub(crate) fn tenant(id: &str) -> TenantRef {
    id.parse().unwrap()
}

pub(crate) fn access() -> RevealAccess {
    RevealAccess::new("steward", TEST, "invocation-1")
}

/// A vault, and everything under it.
pub(crate) struct World {
    pub(crate) vault: Vault,
    pub(crate) store: Store,
    pub(crate) keks: Keks,
    pub(crate) time: ManualTime,
    pub(crate) audit: AuditQueue,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::over(Store::default(), Keks::default(), ManualTime::default())
    }

    /// Another process on the same ports.
    pub(crate) fn again(&self) -> Self {
        Self::over(self.store.clone(), self.keks.clone(), self.time.clone())
    }

    pub(crate) fn over(store: Store, keks: Keks, time: ManualTime) -> Self {
        let audit = AuditQueue::bounded(1 << 20);
        Self {
            vault: vault(&store, &keks, &time, &audit),
            store,
            keks,
            time,
            audit,
        }
    }

    pub(crate) fn acme(&self) -> TenantVault {
        self.tenant("acme")
    }

    pub(crate) fn tenant(&self, id: &str) -> TenantVault {
        self.vault.tenant(tenant(id))
    }
}

pub(crate) fn vault(store: &Store, keks: &Keks, time: &ManualTime, audit: &AuditQueue) -> Vault {
    Vault::builder()
        .store(store.clone())
        .keks(keks.clone())
        .audit(audit.clone())
        .signer(ReceiptSigner::from_seed(&SEED))
        .time(time.clone())
        .build()
}

pub(crate) fn receipt_key() -> [u8; 32] {
    ReceiptSigner::from_seed(&SEED).verifying_key()
}

pub(crate) async fn seal<E: Protected>(vault: &TenantVault, at: &str, event: E) -> E::Sealed {
    try_seal(vault, at, event).await.unwrap()
}

pub(crate) async fn try_seal<E: Protected>(
    vault: &TenantVault,
    at: &str,
    event: E,
) -> Result<E::Sealed, SealError> {
    let session = vault.session(KeySet::sealing(&event)?).await?;
    session.seal(&record(at), event)
}

pub(crate) async fn open<S: SealedEvent>(vault: &TenantVault, at: &str, sealed: S) -> S::Clear {
    let keys = KeySet::opening(&sealed).unwrap();
    let session = vault.session(keys).await.unwrap();
    session.open(&record(at), sealed).unwrap()
}

pub(crate) async fn forget(vault: &TenantVault, user: &str) -> Receipt {
    let order = Forget::subject(subject(user), &access());
    vault.forget(order).await.unwrap()
}

/// The value in a session of its own.
pub(crate) async fn reveal(
    vault: &TenantVault,
    value: &Detached<String>,
) -> Result<Disclosure<String>, OpenError> {
    let session = vault.session(KeySet::detached(value)).await?;
    value.open(&session).reveal(&access())
}

pub(crate) fn clear(disclosed: Result<Disclosure<String>, OpenError>) -> String {
    match disclosed {
        Ok(Disclosure::Clear(value)) => value.into_inner(),
        other => panic!("{other:?} is not clear"),
    }
}

pub(crate) fn forgotten(disclosed: Result<Disclosure<String>, OpenError>) -> Forgotten {
    match disclosed {
        Ok(Disclosure::Forgotten(forgotten)) => forgotten,
        other => panic!("{other:?} is not forgotten"),
    }
}

/// A text at any place: what a writer of views could do.
pub(crate) fn placed(
    (user, category, at, tag): (&str, &str, &str, &str),
    sealed: &str,
) -> Result<Detached<String>, serde_json::Error> {
    serde_json::from_value(json!({
        "subject": user,
        "category": category,
        "record": at,
        "tag": tag,
        "sealed": sealed,
    }))
}

pub(crate) fn field<'v>(sealed: &'v Value, name: &str) -> &'v str {
    sealed[name].as_str().unwrap()
}

pub(crate) fn is_damaged<T>(answer: &Result<T, Unavailable>) -> bool {
    matches!(answer, Err(Unavailable::Damaged))
}
