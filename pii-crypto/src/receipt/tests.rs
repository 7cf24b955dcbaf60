use proptest::collection::vec;
use proptest::prelude::any;
use proptest::prop_assert_eq;
use proptest::proptest;

use super::Receipt;
use super::ReceiptError;
use super::ReceiptSigner;
use super::Statement;
use crate::row::DeadKey;

fn signed(tenant: &str, sequence: u64, previous: [u8; 32], actor: &str) -> Receipt {
    let statement = Statement {
        tenant: &tenant.parse().unwrap(),
        sequence,
        previous,
        order: &"order".parse().unwrap(),
        subject_pseudonym: [4; 32],
        forgotten_at: 9,
        reason: "erasure-request",
        actor,
        destroyed: vec![DeadKey {
            category: "general".to_owned(),
            generation: 1,
            commitment: [6; 32],
        }],
    };
    Receipt::sign(&signer(), statement)
}

fn signer() -> ReceiptSigner {
    ReceiptSigner::from_seed(&[7; 32])
}

#[test]
fn attack_26_a_receipt_follows_one_receipt_alone() {
    let key = signer().verifying_key();
    let first = signed("acme", 1, [0; 32], "steward");
    let digest = first.digest();
    let check = |receipt: Receipt| receipt.verify(&key, Some(&first));
    assert_eq!(first.verify(&key, None), Ok(()));
    assert_eq!(check(signed("acme", 2, digest, "steward")), Ok(()));
    let chain = Err(ReceiptError::Chain);
    assert_eq!(check(first.clone()), chain);
    assert_eq!(check(signed("acme", 3, digest, "steward")), chain);
    assert_eq!(check(signed("acme", 1, digest, "steward")), chain);
    assert_eq!(check(signed("acme", 2, [0; 32], "steward")), chain);
    assert_eq!(check(signed("other", 2, digest, "steward")), chain);
    let second = signed("acme", 2, digest, "steward");
    assert_eq!(second.verify(&key, None), chain);
}

/// Nothing follows it, and nobody falls over it.
#[test]
fn attack_23_a_receipt_with_the_last_number_is_followed_by_none() {
    let key = signer().verifying_key();
    let last = signed("acme", u64::MAX, [0; 32], "steward");
    for sequence in [0, 1, u64::MAX] {
        let next = signed("acme", sequence, last.digest(), "steward");
        assert_eq!(next.verify(&key, Some(&last)), Err(ReceiptError::Chain));
    }
}

#[test]
fn attack_23_the_longest_id_of_an_actor_leaves_the_receipt_readable() {
    for actor in ["x".repeat(70_000), "ł".repeat(70_000), "東".repeat(70_000)] {
        let receipt = signed("acme", 1, [0; 32], &actor);
        let read = Receipt::from_bytes(&receipt.to_bytes()).unwrap();
        assert_eq!(read, receipt);
        assert_eq!(read.verify(&signer().verifying_key(), None), Ok(()));
        assert!(actor.starts_with(&read.actor) && read.actor.len() > 250);
    }
    assert_eq!(signed("acme", 1, [0; 32], "steward").actor, "steward");
}

#[test]
fn no_byte_of_a_receipt_can_be_left_out_or_added() {
    let bytes = signed("acme", 1, [0; 32], "steward").to_bytes();
    for len in 0..bytes.len() {
        assert_eq!(
            Receipt::from_bytes(&bytes[..len]),
            Err(ReceiptError::Malformed),
            "{len}"
        );
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(Receipt::from_bytes(&longer), Err(ReceiptError::Malformed));
}

proptest! {
    #[test]
    fn law_12_reading_a_receipt_is_total_and_exact(tail in vec(any::<u8>(), 0..200), cut in 0_usize..300) {
        let bytes = signed("acme", 1, [0; 32], "steward").to_bytes();
        let bytes: Vec<u8> = bytes.into_iter().take(cut).chain(tail).collect();
        if let Ok(receipt) = Receipt::from_bytes(&bytes) {
            prop_assert_eq!(receipt.to_bytes(), bytes);
        }
    }
}
