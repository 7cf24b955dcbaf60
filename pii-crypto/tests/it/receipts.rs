//! Receipts: evidence for anyone with the public key.

use data_encoding::BASE64URL_NOPAD;
use ed25519_dalek::Signature;
use ed25519_dalek::VerifyingKey;
use skeleton_pii_crypto::Forget;
use skeleton_pii_crypto::Reason;
use skeleton_pii_crypto::Receipt;
use skeleton_pii_crypto::ReceiptError;
use skeleton_pii_crypto::ReceiptSigner;
use skeleton_pii_crypto::StoredReceipt;
use skeleton_pii_crypto::Unavailable;

use crate::helpers::NOW;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::forget;
use crate::helpers::receipt_key;
use crate::helpers::registered;
use crate::helpers::seal;
use crate::helpers::subject;

async fn chain(world: &World, len: usize) -> Vec<Receipt> {
    for number in 0..len {
        let user = format!("person-{number}");
        seal(&world.acme(), "record-1", registered(&user, "a@b.org")).await;
        forget(&world.acme(), &user).await;
    }
    world.acme().receipts().await.unwrap()
}

/// Whether a chain is whole, from its first receipt on.
fn verify(chain: &[Receipt]) -> Result<(), ReceiptError> {
    let mut previous = None;
    for receipt in chain {
        receipt.verify(&receipt_key(), previous)?;
        previous = Some(receipt);
    }
    Ok(())
}

#[tokio::test]
async fn law_14_a_chain_verifies_and_no_rearranged_one_does() {
    let chain = chain(&World::new(), 5).await;
    assert_eq!(chain.len(), 5);
    assert_eq!(verify(&chain), Ok(()));
    let numbers: Vec<_> = chain.iter().map(Receipt::sequence).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    for at in 0..4 {
        let mut dropped = chain.clone();
        dropped.remove(at);
        assert_eq!(verify(&dropped), Err(ReceiptError::Chain), "without {at}");
        let mut moved = chain.clone();
        moved.swap(at, at + 1);
        assert_eq!(verify(&moved), Err(ReceiptError::Chain), "{at} moved");
        let mut twice = chain.clone();
        twice.insert(at, chain[at].clone());
        assert_eq!(verify(&twice), Err(ReceiptError::Chain), "{at} twice");
    }
}

#[tokio::test]
async fn law_14_a_receipt_with_any_byte_changed_does_not_verify() {
    let chain = chain(&World::new(), 2).await;
    let bytes = chain[1].to_bytes();
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            let Ok(read) = Receipt::from_bytes(&changed) else {
                continue;
            };
            let answer = read.verify(&receipt_key(), Some(&chain[0]));
            assert_eq!(answer, Err(ReceiptError::Signature), "byte {at}");
        }
    }
    assert_eq!(Receipt::from_bytes(&bytes).as_ref(), Ok(&chain[1]));
}

#[tokio::test]
async fn attack_26_a_receipt_signed_by_somebody_else_does_not_verify() {
    let receipt = chain(&World::new(), 1).await.remove(0);
    let other = ReceiptSigner::from_seed(&[8; 32]).verifying_key();
    assert_eq!(receipt.verify(&other, None), Err(ReceiptError::Signature));
    let no_point = [2; 32];
    let answer = receipt.verify(&no_point, None);
    assert_eq!(answer, Err(ReceiptError::Signature));
}

/// The signature is over the canonical bytes before it, and nothing of this crate is needed to check it.
#[tokio::test]
async fn anyone_can_check_a_receipt_without_this_crate() {
    let receipt = chain(&World::new(), 1).await.remove(0);
    let bytes = receipt.to_bytes();
    let (said, signature) = bytes.split_last_chunk::<64>().unwrap();
    let key = VerifyingKey::from_bytes(&receipt_key()).unwrap();
    key.verify_strict(said, &Signature::from_bytes(signature))
        .unwrap();
}

#[tokio::test]
async fn a_receipt_says_what_was_done_and_names_nobody() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", registered("dora", "canary@b.org")).await;
    world.time.advance(core::time::Duration::from_millis(250));
    let order = Forget::subject(subject("dora"), &access()).reason(Reason::declared("court-order"));
    let receipt = acme.forget(order).await.unwrap();
    assert_eq!(receipt.forgotten_at_millis(), NOW + 250);
    assert_eq!(receipt.destroyed(), 2);
    let json = receipt.to_json();
    assert_eq!(json["kind"], "forgotten");
    assert_eq!(json["tenant"], "acme");
    assert_eq!(json["sequence"], 1);
    assert_eq!(json["reason"], "court-order");
    assert_eq!(json["order"], receipt.order().as_str());
    assert_eq!(json["forgotten-at-millis"], NOW + 250);
    assert_eq!(json["destroyed"][0]["category"], "general");
    assert_eq!(json["destroyed"][1]["category"], "kyc");
    assert_eq!(json["destroyed"][1]["generation"], 1);
    let encoded = json["receipt"].as_str().unwrap();
    let bytes = BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap();
    assert_eq!(bytes, receipt.to_bytes());
    let envelope = sealed.email.to_text();
    let envelope = BASE64URL_NOPAD.decode(envelope.trim_start_matches("pii1:").as_bytes());
    let key_id = data_encoding::HEXLOWER.encode(&envelope.unwrap()[2..18]);
    assert_eq!(json["destroyed"][0]["key-id"], key_id);
    for said in [
        json.to_string(),
        format!("{receipt:?}"),
        String::from_utf8_lossy(&bytes).into(),
    ] {
        assert!(!said.contains("dora") && !said.contains("canary"), "{said}");
    }
}

#[tokio::test]
async fn a_pseudonym_is_the_tenants_own() {
    let world = World::new();
    let mut pseudonyms = Vec::new();
    for (tenant, user) in [("acme", "dora"), ("acme", "emil"), ("bolt", "dora")] {
        let receipt = forget(&world.tenant(tenant), user).await;
        pseudonyms.push(receipt.to_json()["subject-pseudonym"].to_string());
    }
    pseudonyms.sort();
    pseudonyms.dedup();
    assert_eq!(pseudonyms.len(), 3);
}

#[tokio::test]
async fn a_receipt_covers_what_was_sealed_under_its_keys_alone() {
    let world = World::new();
    let acme = world.acme();
    let dora = seal(&acme, "record-1", registered("dora", "a@b.org")).await;
    let emil = seal(&acme, "record-1", registered("emil", "a@b.org")).await;
    let receipt = forget(&acme, "dora").await;
    assert!(receipt.covers(&dora.email.to_text()));
    assert!(receipt.covers(&dora.passport.to_text()));
    assert!(!receipt.covers(&emil.email.to_text()));
    assert!(!receipt.covers("pii1:"));
    assert!(!receipt.covers("canary"));
}

#[tokio::test]
async fn attack_26_a_chain_whose_head_is_no_receipt_takes_no_further_one() {
    let last = Receipt::from_bytes(&with_sequence(&chain(&World::new(), 1).await[0], u64::MAX));
    let last = last.unwrap().to_bytes();
    let first = chain(&World::new(), 1).await[0].to_bytes();
    let foreign = forget(&World::new().tenant("bolt"), "dora").await;
    for (sequence, body) in [
        (1, vec![1, 2, 3]),
        (1, Vec::new()),
        (u64::MAX, last),
        (2, first),
        (1, foreign.to_bytes()),
    ] {
        let world = World::new();
        seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
        world.store.forge_head(StoredReceipt { sequence, body });
        let order = Forget::subject(subject("dora"), &access());
        let answer = world.acme().forget(order).await;
        assert!(matches!(answer, Err(Unavailable::Damaged)), "{answer:?}");
    }
}

fn with_sequence(receipt: &Receipt, sequence: u64) -> Vec<u8> {
    let mut bytes = receipt.to_bytes();
    let at = b"pii-crypto/1 receipt".len() + 2 + "acme".len();
    bytes[at..at + 8].copy_from_slice(&sequence.to_be_bytes());
    bytes
}
