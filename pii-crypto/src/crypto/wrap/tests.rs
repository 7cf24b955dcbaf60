use data_encoding::HEXLOWER;

use super::Kek;
use super::Owner;
use super::WRAP;
use super::aad;
use super::cipher;
use super::unwrap;
use super::wrap;
use crate::crypto::keys::Dek;
use xaes_256_gcm::aead::Aead;
use xaes_256_gcm::aead::Payload;

fn kek() -> Kek {
    Kek::new(3, [9; 32])
}

fn dek(fill: u8) -> Dek {
    Dek([fill; 32].into())
}

fn owner(commitment: &[u8; 32]) -> Owner<'_> {
    Owner {
        tenant: "acme",
        subject: "dora",
        category: "general",
        generation: 1,
        commitment,
    }
}

/// The two of C2SP's `XAES-256-GCM.md`.
#[test]
fn the_cipher_agrees_with_c2sp() {
    let nonce = b"ABCDEFGHIJKLMNOPQRSTUVWX";
    let seal = |fill: u8, aad: &[u8]| {
        let msg = b"XAES-256-GCM";
        let sealed = cipher(&Kek::new(1, [fill; 32])).encrypt(nonce.into(), Payload { msg, aad });
        HEXLOWER.encode(&sealed.unwrap())
    };
    assert_eq!(
        seal(1, b""),
        "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"
    );
    assert_eq!(
        seal(3, b"c2sp.org/XAES-256-GCM"),
        "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d"
    );
}

#[test]
fn attack_02_a_wrap_opens_for_its_owner_alone() {
    let dek = dek(5);
    let (commitment, other) = (dek.commitment(), [1; 32]);
    let wrapped = wrap(&kek(), &owner(&commitment), &dek, [2; 24]).unwrap();
    let opened = unwrap(&kek(), &owner(&commitment), &wrapped).unwrap();
    assert_eq!(*opened.0, *dek.0);
    let others: [fn(&mut Owner<'_>); 4] = [
        |owner| owner.tenant = "other",
        |owner| owner.subject = "other",
        |owner| owner.category = "other",
        |owner| owner.generation = 2,
    ];
    for change in others {
        let mut owner = owner(&commitment);
        change(&mut owner);
        assert!(unwrap(&kek(), &owner, &wrapped).is_err());
    }
    assert!(unwrap(&kek(), &owner(&other), &wrapped).is_err());
    assert!(unwrap(&Kek::new(3, [8; 32]), &owner(&commitment), &wrapped).is_err());
}

#[test]
fn a_wrap_with_any_bit_changed_opens_nothing() {
    let dek = dek(5);
    let commitment = dek.commitment();
    let wrapped = wrap(&kek(), &owner(&commitment), &dek, [2; 24]).unwrap();
    for bit in 0..WRAP * 8 {
        let mut changed = wrapped;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            unwrap(&kek(), &owner(&commitment), &changed).is_err(),
            "{bit}"
        );
    }
}

/// The key inside is not the one that the row commits to in full, though the half that is authenticated agrees.
#[test]
fn attack_11_a_wrapped_key_is_held_to_its_commitment() {
    let dek = dek(5);
    let mut commitment = dek.commitment();
    commitment[31] ^= 1;
    let owner = owner(&commitment);
    let wrapped = wrap(&kek(), &owner, &dek, [2; 24]).unwrap();
    let sealed = &wrapped[29..];
    let payload = Payload {
        msg: sealed,
        aad: &aad(&wrapped[..5], &owner),
    };
    assert!(cipher(&kek()).decrypt(&[2; 24].into(), payload).is_ok());
    assert!(unwrap(&kek(), &owner, &wrapped).is_err());
}
