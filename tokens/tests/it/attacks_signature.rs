//! Attacks 12 and 42: signatures by loose rules, and what is printed.

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::scalar::Scalar;
use ed25519_dalek::Signature;
use ed25519_dalek::Verifier as _;

use crate::helpers::WAYNE_SEED;
use crate::helpers::claims;
use crate::helpers::draft;
use crate::helpers::header;
use crate::helpers::house;
use crate::helpers::join;
use crate::helpers::key;
use crate::helpers::message;

#[test]
fn attack_12_a_small_order_commitment_is_refused() {
    let house = house();
    let message = message(
        header(WAYNE_SEED).as_bytes(),
        claims().to_string().as_bytes(),
    );
    let signing = key(WAYNE_SEED);
    // R is the identity: S = k·a satisfies the equation without any nonce.
    let identity = CompressedEdwardsY([
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ]);
    let public = signing.verifying_key();
    let challenge = {
        use sha2::Digest;
        let hash = sha2::Sha512::new()
            .chain_update(identity.0)
            .chain_update(public.as_bytes())
            .chain_update(&message);
        Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
    };
    let response = challenge * signing.to_scalar();
    let signature = [identity.0, response.to_bytes()].concat();
    let loose = Signature::from_slice(&signature).unwrap();
    assert!(
        public.verify(message.as_bytes(), &loose).is_ok(),
        "the loose rules accept it"
    );
    assert_eq!(house.refusal(&join(&message, &signature)), "signature");
}

#[test]
fn attack_12_a_scalar_beyond_the_order_is_refused() {
    // The order of the base point, little-endian.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let house = house();
    let token = house.token();
    let (message, signature) = token.rsplit_once('.').unwrap();
    let mut signature = data_encoding::BASE64URL_NOPAD
        .decode(signature.as_bytes())
        .unwrap();
    let mut carry = 0_u16;
    for (byte, add) in signature[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert_eq!(house.refusal(&join(message, &signature)), "signature");
}

#[test]
fn attack_42_no_byte_of_a_token_is_printed() {
    let house = house();
    let token = house.issuer.issue(draft()).unwrap();
    let verified = house.verify(token.expose()).unwrap();
    let refused = house.verify(token.expose().split_at(1).1).unwrap_err();
    let printed = format!(
        "{token:?} {verified:?} {refused:?} {refused} {:?} {:?} {:?} {:?}",
        house.rings,
        house.verifier,
        house.issuer,
        skeleton_tokens::Credentials::Bearer(token.expose()),
    );
    for part in token.expose().split('.') {
        assert!(!printed.contains(part.split_at(12).0), "{printed}");
    }
}
