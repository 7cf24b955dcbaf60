//! A vault whose process ends and starts again, and two processes on one file.

use std::path::Path;

use async_trait::async_trait;
use skeleton_pii_crypto::AuditQueue;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::Forget;
use skeleton_pii_crypto::Kek;
use skeleton_pii_crypto::KekError;
use skeleton_pii_crypto::KekProvider;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::Purpose;
use skeleton_pii_crypto::ReceiptSigner;
use skeleton_pii_crypto::RecordId;
use skeleton_pii_crypto::RevealAccess;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto::TenantVault;
use skeleton_pii_crypto::Vault;
use skeleton_pii_crypto_sqlx::SqliteKeyStore;

const TEST: Purpose = Purpose::declared("test");
const ROUNDS: u32 = 100;

#[derive(Clone, Debug, Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
}

/// A key that outlives the process, as a key file would.
struct OneKek;

#[async_trait]
impl KekProvider for OneKek {
    async fn current(&self, _: &TenantRef) -> Result<Kek, KekError> {
        Ok(Kek::new(1, [9; 32]))
    }

    async fn get(&self, _: &TenantRef, epoch: u32) -> Result<Option<Kek>, KekError> {
        Ok((epoch == 1).then(|| Kek::new(1, [9; 32])))
    }
}

async fn start(dir: &Path) -> (SqliteKeyStore, TenantVault) {
    let store = SqliteKeyStore::open(&dir.join("keys.db")).await.unwrap();
    let vault = Vault::builder()
        .store(store.clone())
        .keks(OneKek)
        .audit(AuditQueue::bounded(100_000))
        .signer(ReceiptSigner::from_seed(&[7; 32]))
        .build();
    (store, vault.tenant(TenantRef::parse("acme").unwrap()))
}

fn record() -> RecordId {
    RecordId::parse("record-1").unwrap()
}

fn access() -> RevealAccess {
    RevealAccess::new("steward", TEST, "run")
}

async fn seal(acme: &TenantVault, user: &str) -> Result<SealedUserRegistered, SealError> {
    let event = UserRegistered {
        user: SubjectId::parse(user)?,
        email: Pii::plain("ada@example.org".to_owned()),
    };
    let session = acme.session(KeySet::sealing(&event)?).await?;
    session.seal(&record(), event)
}

async fn reveal(
    acme: &TenantVault,
    sealed: &SealedUserRegistered,
) -> Result<Disclosure<String>, OpenError> {
    let session = acme.session(KeySet::opening(sealed).unwrap()).await?;
    let event = session.open(&record(), sealed.clone()).unwrap();
    event.email.reveal(&access())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sealed_and_what_was_forgotten_stays_so_over_restarts() {
    let dir = tempfile::tempdir().unwrap();
    let (store, acme) = start(dir.path()).await;
    let sealed = seal(&acme, "dora").await.unwrap();
    let others = seal(&acme, "emil").await.unwrap();
    store.close().await;

    let (store, acme) = start(dir.path()).await;
    let shown = reveal(&acme, &sealed).await.unwrap();
    assert!(matches!(shown, Disclosure::Clear(email) if *email == "ada@example.org"));
    let order = Forget::subject(SubjectId::parse("dora").unwrap(), &access());
    let receipt = acme.forget(order.clone()).await.unwrap();
    assert!(receipt.covers(&sealed.email.to_text()));
    store.close().await;

    let (_store, acme) = start(dir.path()).await;
    let shown = reveal(&acme, &sealed).await.unwrap();
    assert!(matches!(shown, Disclosure::Forgotten(fact) if fact.order() == receipt.order()));
    let refused = seal(&acme, "dora").await;
    assert!(matches!(refused, Err(SealError::Forgotten)), "{refused:?}");
    assert_eq!(acme.forget(order).await.unwrap(), receipt);
    let shown = reveal(&acme, &others).await.unwrap();
    assert!(matches!(shown, Disclosure::Clear(_)), "others stay");
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_05_a_key_is_made_or_its_person_forgotten_and_never_both() {
    let dir = tempfile::tempdir().unwrap();
    let (one, other) = (start(dir.path()).await.1, start(dir.path()).await.1);
    let key = ReceiptSigner::from_seed(&[7; 32]).verifying_key();
    for round in 0..ROUNDS {
        let user = format!("person-{round}");
        let order = Forget::subject(SubjectId::parse(&user).unwrap(), &access());
        let (sealed, receipt) = tokio::join!(seal(&one, &user), other.forget(order));
        let receipt = receipt.unwrap();
        match sealed {
            Ok(sealed) => {
                assert!(receipt.covers(&sealed.email.to_text()));
                let shown = reveal(&one, &sealed).await.unwrap();
                assert!(matches!(shown, Disclosure::Forgotten(_)), "{shown:?}");
            }
            Err(SealError::Forgotten) => {}
            Err(other) => panic!("{other:?}"),
        }
        let late = seal(&other, &user).await;
        assert!(matches!(late, Err(SealError::Forgotten)), "{late:?}");
    }
    let mut previous = None;
    let receipts = one.receipts().await.unwrap();
    assert_eq!(receipts.len(), usize::try_from(ROUNDS).unwrap());
    for receipt in &receipts {
        receipt.verify(&key, previous).unwrap();
        previous = Some(receipt);
    }
}
