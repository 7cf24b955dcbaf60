//! Texts that were damaged, cut or made up.

use data_encoding::BASE64URL_NOPAD;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::proptest;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::OpenError;
use skeleton_pii_crypto::TenantVault;

use crate::helpers::World;
use crate::helpers::field;
use crate::helpers::forget;
use crate::helpers::forgotten;
use crate::helpers::open;
use crate::helpers::placed;
use crate::helpers::registered;
use crate::helpers::reveal;
use crate::helpers::seal;

const PLACE: (&str, &str, &str, &str) = ("dora", "general", "record-1", "user-registered/email");

async fn email_of(vault: &TenantVault, user: &str) -> String {
    let sealed = seal(vault, "record-1", registered(user, "ada@example.org")).await;
    let json = serde_json::to_value(&sealed).unwrap();
    field(&json, "email").to_owned()
}

fn bytes(text: &str) -> Vec<u8> {
    let encoded = text.strip_prefix("pii1:").unwrap();
    BASE64URL_NOPAD.decode(encoded.as_bytes()).unwrap()
}

fn text(bytes: &[u8]) -> String {
    format!("pii1:{}", BASE64URL_NOPAD.encode(bytes))
}

#[tokio::test]
async fn law_02_each_bit_flipped_is_an_error_of_its_kind() {
    let world = World::new();
    let acme = world.acme();
    let good = bytes(&email_of(&acme, "dora").await);
    let mut kinds = [0; 3];
    for bit in 0..good.len() * 8 {
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        let Ok(value) = placed(PLACE, &text(&bad)) else {
            assert!(bit < 16, "only header and flags are checked before the key");
            kinds[0] += 1;
            continue;
        };
        let answer = reveal(&acme, &value).await;
        if (16..144).contains(&bit) {
            assert!(matches!(answer, Err(OpenError::WrongContext)), "bit {bit}");
            kinds[1] += 1;
        } else {
            assert!(matches!(answer, Err(OpenError::Tampered)), "bit {bit}");
            kinds[2] += 1;
        }
    }
    assert_eq!(
        kinds,
        [14, 128, (good.len() - 18) * 8 + 2],
        "of the flags of a text, two flips give known ones: content 1 to 0, and the padding bit"
    );
}

#[tokio::test]
async fn attack_23_each_shorter_or_longer_text_is_an_error() {
    let world = World::new();
    let acme = world.acme();
    let good = email_of(&acme, "dora").await;
    for len in 0..good.len() {
        let (cut, _) = good.split_at(len);
        if let Ok(value) = placed(PLACE, cut) {
            let answer = reveal(&acme, &value).await;
            assert!(matches!(answer, Err(OpenError::Tampered)), "{len}");
        }
    }
    let longer = text(&[&bytes(&good)[..], &[0]].concat());
    let answer = reveal(&acme, &placed(PLACE, &longer).unwrap()).await;
    assert!(matches!(answer, Err(OpenError::Tampered)));
    assert!(placed(PLACE, &text(&vec![0x11; 67_643])).is_err());
    assert!(placed(PLACE, &"pii1:".repeat(1_000_000)).is_err());
}

/// An error of the reader repeats nothing of what it read.
#[test]
fn attack_14_a_text_of_no_known_form_is_refused_without_being_repeated() {
    for bad in ["canary", "", "pii1:", "pii2:AAAA", "pii1:canary"] {
        let error = placed(PLACE, bad).unwrap_err().to_string();
        assert!(error.contains("known format"), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn attack_12_damage_of_a_living_persons_value_is_never_shown_as_forgotten() {
    let world = World::new();
    let acme = world.acme();
    let good = email_of(&acme, "dora").await;
    let other = email_of(&acme, "emil").await;
    forget(&acme, "emil").await;
    let dead = bytes(&other);
    // The header of a destroyed key of somebody else, before a body of dora's.
    let mut feigned = bytes(&good);
    feigned[..18].copy_from_slice(&dead[..18]);
    for bad in [text(&feigned), other.clone()] {
        let answer = reveal(&acme, &placed(PLACE, &bad).unwrap()).await;
        assert!(matches!(answer, Err(OpenError::WrongContext)), "{answer:?}");
    }
    let place = ("emil", "general", "record-1", "user-registered/email");
    forgotten(reveal(&acme, &placed(place, &other).unwrap()).await);
    // Emil's header under another category, and a living person's text at Emil's place.
    let place = ("emil", "kyc", "record-1", "user-registered/email");
    let answer = reveal(&acme, &placed(place, &other).unwrap()).await;
    assert!(matches!(answer, Err(OpenError::WrongContext)), "{answer:?}");
    let place = ("emil", "general", "record-1", "user-registered/email");
    let answer = reveal(&acme, &placed(place, &good).unwrap()).await;
    assert!(matches!(answer, Err(OpenError::WrongContext)), "{answer:?}");
}

#[tokio::test]
async fn attack_16_equal_values_differ_and_values_of_a_class_are_of_equal_length() {
    let world = World::new();
    let acme = world.acme();
    let mut texts = Vec::new();
    for len in [0, 1, 15, 31, 31, 31] {
        let event = registered("dora", &"x".repeat(len));
        let sealed = seal(&acme, "record-1", event).await;
        texts.push(sealed.email.to_text());
    }
    let lengths: Vec<_> = texts.iter().map(|text| bytes(text).len()).collect();
    assert_eq!(lengths, [46 + 32; 6]);
    let longer = seal(&acme, "record-1", registered("dora", &"x".repeat(32))).await;
    assert_eq!(bytes(&longer.email.to_text()).len(), 46 + 64);
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), 6, "law 5: no two are equal");
}

proptest! {
    /// Bytes under a live key's header, sealed by nobody: refused and never a panic.
    #[test]
    fn law_12_what_nobody_sealed_opens_nowhere(
        flags in 0_u8..8,
        body in proptest::collection::vec(any::<u8>(), 0..120),
        gone in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let acme = world.acme();
            let mut made_up = bytes(&email_of(&acme, "dora").await);
            made_up.truncate(18);
            made_up[1] = flags;
            made_up.extend(&body);
            if gone {
                forget(&acme, "dora").await;
            }
            if let Ok(value) = placed(PLACE, &text(&made_up)) {
                let answer = reveal(&acme, &value).await;
                let is_clear = matches!(answer, Ok(Disclosure::Clear(_)));
                prop_assert!(!is_clear);
                prop_assert!(gone || matches!(answer, Err(OpenError::Tampered)));
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn law_13_the_text_form_goes_round() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let json = serde_json::to_string(&sealed).unwrap();
    let read: crate::helpers::SealedUserRegistered = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert!(read.email == sealed.email && read.email != read.passport);
    let event = open(&world.acme(), "record-1", read).await;
    assert_eq!(event.plan, "free");

    let detached = sealed
        .detached_email(&crate::helpers::record("record-1"))
        .unwrap();
    let json = serde_json::to_string(&detached).unwrap();
    let read: skeleton_pii_crypto::Detached<String> = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), json);
    assert_eq!(
        (read.subject().as_str(), read.category()),
        ("dora", "general")
    );
}
