//! A log and a key store as version 1 wrote them: they are read for ever.

use async_trait::async_trait;
use data_encoding::HEXLOWER;
use serde_json::Value;
use serde_json::json;
use skeleton_pii_crypto::AuditQueue;
use skeleton_pii_crypto::Change;
use skeleton_pii_crypto::Committed;
use skeleton_pii_crypto::Kek;
use skeleton_pii_crypto::KekError;
use skeleton_pii_crypto::KekProvider;
use skeleton_pii_crypto::KeyStore;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::Receipt;
use skeleton_pii_crypto::ReceiptSigner;
use skeleton_pii_crypto::Rows;
use skeleton_pii_crypto::StoreError;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::StoredRow;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::TenantRef;
use skeleton_pii_crypto::TenantVault;
use skeleton_pii_crypto::Vault;

use crate::helpers::access;
use crate::helpers::clear;
use crate::helpers::forgotten;
use crate::helpers::open;
use crate::helpers::placed;
use crate::helpers::reveal;

const TENANT: &str = "01JD9Q5T8N6ZK3V4W2X1Y0ABCD";
const SUBJECT: &str = "01JD9Q5T8N6ZK3V4W2X1Y0EFGH";
const RECORD: &str = "01JD9Q5T8N6ZK3V4W2X1Y0JKMN";

/// The event of the published vectors.
#[derive(Protected)]
#[pii(event = "user-registered")]
struct UserRegistered {
    #[pii(subject)]
    user: SubjectId,
    email: Pii<String>,
    #[pii(pad = "bucket:32")]
    city: Pii<String>,
    #[pii(pad = "bucket:1024")]
    balance: Pii<i64>,
    plan: String,
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/v1.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

/// The rows of the file, as a store of that time would give them.
struct Kept {
    row: usize,
}

#[async_trait]
impl KeyStore for Kept {
    async fn read(&self, tenant: &TenantRef, subjects: &[SubjectId]) -> Result<Rows, StoreError> {
        assert_eq!((tenant.as_str(), subjects[0].as_str()), (TENANT, SUBJECT));
        let vectors = vectors();
        let secret = &vectors["wraps"][1];
        let commitment = commitment(&bytes(&secret["dek"]));
        let row = &vectors["rows"][self.row];
        Ok(Rows {
            tenant: Some([commitment, bytes(&secret["wrapped"])].concat()),
            rows: vec![Some(StoredRow {
                version: row["version"].as_u64().unwrap(),
                body: bytes(&row["stored"]),
            })],
            head: None,
        })
    }

    async fn commit(&self, _: &TenantRef, _: Change) -> Result<Committed, StoreError> {
        Err(StoreError::unavailable("reading writes nothing"))
    }

    async fn receipts(&self, _: &TenantRef, _: u64) -> Result<Vec<StoredReceipt>, StoreError> {
        let kept = |vector: &Value| StoredReceipt {
            sequence: vector["sequence"].as_u64().unwrap(),
            body: bytes(&vector["bytes"]),
        };
        let vectors = vectors();
        Ok(vectors["receipts"]
            .as_array()
            .unwrap()
            .iter()
            .map(kept)
            .collect())
    }
}

/// What a row says of a key: HKDF-SHA256 of it.
fn commitment(key: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 32];
    hkdf::Hkdf::<sha2::Sha256>::new(None, key)
        .expand(b"pii-crypto/1 key-id", &mut out)
        .unwrap();
    out
}

struct OneKek;

#[async_trait]
impl KekProvider for OneKek {
    async fn current(&self, _: &TenantRef) -> Result<Kek, KekError> {
        Err(KekError::unavailable("nothing is wrapped"))
    }

    async fn get(&self, _: &TenantRef, epoch: u32) -> Result<Option<Kek>, KekError> {
        let key = bytes(&vectors()["wraps"][0]["kek"]);
        Ok(Some(Kek::new(epoch, key.try_into().unwrap())))
    }
}

fn vault(row: usize) -> TenantVault {
    Vault::builder()
        .store(Kept { row })
        .keks(OneKek)
        .audit(AuditQueue::bounded(100))
        .signer(ReceiptSigner::from_seed(&[1; 32]))
        .build()
        .tenant(TENANT.parse().unwrap())
}

fn event() -> SealedUserRegistered {
    let envelopes = &vectors()["envelopes"];
    serde_json::from_value(json!({
        "user": SUBJECT,
        "email": envelopes[0]["sealed"],
        "city": envelopes[4]["sealed"],
        "balance": envelopes[7]["sealed"],
        "plan": "free",
    }))
    .unwrap()
}

#[tokio::test]
async fn what_version_1_sealed_is_opened() {
    let read = open(&vault(0), RECORD, event()).await;
    assert_eq!(clear(read.email.reveal(&access())), "ada@example.org");
    assert_eq!(clear(read.city.reveal(&access())), "Łódź, 東京");
    let balance = read.balance.reveal(&access()).unwrap();
    assert!(
        matches!(balance, skeleton_pii_crypto::Disclosure::Clear(balance) if *balance == i64::MIN)
    );
    assert_eq!((read.plan.as_str(), read.user.as_str()), ("free", SUBJECT));
    let kyc = vectors()["envelopes"][8]["sealed"].clone();
    let place = (SUBJECT, "kyc", RECORD, "user-registered/email");
    let kyc = placed(place, kyc.as_str().unwrap()).unwrap();
    assert_eq!(clear(reveal(&vault(0), &kyc).await), "X1234567");
}

#[tokio::test]
async fn what_version_1_forgot_stays_forgotten() {
    let read = open(&vault(1), RECORD, event()).await;
    let fact = forgotten(read.email.reveal(&access()));
    let receipts = vault(1).receipts().await.unwrap();
    assert_eq!(fact.order(), receipts[0].order());
    assert_eq!(fact.at_millis(), receipts[0].forgotten_at_millis());
    assert!(receipts[0].covers(&event().email.to_text()));
    assert!(!receipts[1].covers(&event().email.to_text()));
    let key = bytes(&vectors()["receipts"][0]["verifying-key"])
        .try_into()
        .unwrap();
    assert_eq!(
        receipts.first().map(|first| first.verify(&key, None)),
        Some(Ok(()))
    );
    assert_eq!(
        Receipt::verify(&receipts[1], &key, Some(&receipts[0])),
        Ok(())
    );
}

#[tokio::test]
async fn what_version_1_wrote_is_written_again_to_the_byte() {
    let json = serde_json::to_value(event()).unwrap();
    let sealed = serde_json::from_value::<SealedUserRegistered>(json.clone()).unwrap();
    assert_eq!(serde_json::to_value(sealed).unwrap(), json);
    assert_eq!(
        json["email"],
        "pii1:EQVMbJcATOS9wb2fdTfZT9ZnoKGio6SlpqeoqaqrIVAYmN3QMU66EZh2eDY7oaoIOv4CCHI59rbx0t77oMM"
    );
}
