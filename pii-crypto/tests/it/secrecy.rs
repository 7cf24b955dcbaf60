//! Clear text in no output, and no text taken for what it is not.

use skeleton_pii_crypto::Detached;
use skeleton_pii_crypto::DevKek;
use skeleton_pii_crypto::Development;
use skeleton_pii_crypto::Disclosure;
use skeleton_pii_crypto::Forget;
use skeleton_pii_crypto::Kek;
use skeleton_pii_crypto::KekProvider;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::ReceiptSigner;
use skeleton_pii_crypto::SealedField;
use skeleton_pii_crypto::SubjectId;
use skeleton_pii_crypto::Vault;

use crate::helpers::SealedUserRegistered;
use crate::helpers::UserRegistered;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::forget;
use crate::helpers::open;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::seal;
use crate::helpers::subject;
use crate::helpers::tenant;

const CANARY: &str = "canary-7f3a@example.org";

#[tokio::test]
async fn attack_14_the_canary_is_in_no_output() {
    let world = World::new();
    let acme = world.acme();
    let event = registered("dora", CANARY);
    let mut said = vec![format!("{event:?} {:?}", event.email)];
    let keys = KeySet::sealing(&event).unwrap();
    said.push(format!("{keys:?}"));
    let session = acme.session(keys).await.unwrap();
    let sealed = session.seal(&record("record-1"), event.clone()).unwrap();
    said.push(format!("{session:?} {sealed:?}"));
    said.push(serde_json::to_string(&sealed).unwrap());
    let detached = sealed.detached_email(&record("record-1")).unwrap();
    said.push(format!("{detached:?}"));
    said.push(serde_json::to_string(&detached).unwrap());
    let opened = open(&acme, "record-1", sealed.clone()).await;
    said.push(format!("{opened:?}"));
    let disclosed = opened.email.reveal(&access()).unwrap();
    said.push(format!("{disclosed:?}"));
    if let Disclosure::Clear(value) = &disclosed {
        assert_eq!(value.as_str(), CANARY);
        said.push(format!("{value:?}"));
    }
    said.push(format!("{:?}", world.audit.drain()));
    let moved = open(&acme, "record-2", sealed.clone()).await;
    let error = moved.email.reveal(&access()).unwrap_err();
    said.push(format!("{error} {error:?}"));
    let over = registered("dora", &CANARY.repeat(4_000));
    let error = session.seal(&record("record-1"), over).unwrap_err();
    said.push(format!("{error} {error:?}"));
    let order = Forget::subject(subject("dora"), &access());
    said.push(format!("{order:?} {:?} {acme:?}", world.vault));
    let receipt = forget(&acme, "dora").await;
    said.push(format!("{receipt:?} {}", receipt.to_json()));
    let error = session.seal(&record("record-9"), event);
    said.push(format!("{error:?}"));
    for said in said {
        assert!(!said.contains("canary"), "{said}");
        assert!(!said.contains("7f3a"), "{said}");
    }
}

#[tokio::test]
async fn keys_are_in_no_output() {
    let kek = Kek::new(3, [0xab; 32]);
    let said = format!("{kek:?}");
    assert_eq!(said, "Kek { epoch: 3, .. }");
    let signer = ReceiptSigner::from_seed(&[0xab; 32]);
    assert_eq!(format!("{signer:?}"), "ReceiptSigner(..)");
    let builder = Vault::builder().signer(signer);
    assert_eq!(format!("{builder:?}"), "VaultBuilder(..)");
    let keks = DevKek::new(Development::i_accept_losing_every_key());
    let made = keks.current(&tenant("acme")).await.unwrap();
    assert_eq!(made.epoch(), 1);
    let said = format!("{keks:?}");
    assert!(said.contains("Kek { epoch: 1, .. }"), "{said}");
}

/// A reader's complaint would stand in a log.
#[test]
fn attack_14_what_is_read_wrongly_is_not_repeated() {
    let errors = [
        serde_json::from_str::<Pii<u32>>("\"canary\"").unwrap_err(),
        serde_json::from_str::<Pii<u8>>("1795428900").unwrap_err(),
        serde_json::from_str::<Pii<bool>>("\"canary\"").unwrap_err(),
        serde_json::from_str::<Pii<String>>("1795428900").unwrap_err(),
        serde_json::from_str::<SealedField<String>>("1795428900").unwrap_err(),
        serde_json::from_str::<SealedField<String>>("\"canary\"").unwrap_err(),
        serde_json::from_str::<SealedField<String>>("[\"canary\"]").unwrap_err(),
        serde_json::from_str::<Detached<String>>("\"canary\"").unwrap_err(),
        serde_json::from_str::<Detached<String>>("{\"canary\": 1}").unwrap_err(),
        serde_json::from_str::<Detached<String>>("{\"subject\": 1795428900}").unwrap_err(),
        serde_json::from_str::<SubjectId>("1795428900").unwrap_err(),
    ];
    for error in errors {
        let said = format!("{error} {error:?}");
        assert!(
            !said.contains("canary") && !said.contains("1795428900"),
            "{said}"
        );
    }
}

#[test]
fn attack_13_a_text_that_looks_sealed_is_refused_as_clear_input() {
    let refused = serde_json::from_str::<Pii<String>>("\"pii1:AAAA\"").unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("a sealed value where a clear one"),
        "{refused}"
    );
    assert!(serde_json::from_str::<Pii<String>>("\"pii1:\"").is_err());
    for clear in ["\"pii1\"", "\"PII1:AAAA\"", "\"my pii1:AAAA\"", "\"\""] {
        let value: Pii<String> = serde_json::from_str(clear).unwrap();
        assert_eq!(format!("{value:?}"), "Pii(plain)");
    }
}

#[tokio::test]
async fn attack_13_a_clear_text_is_refused_where_a_sealed_one_stands() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let mut json = serde_json::to_value(&sealed).unwrap();
    json["email"] = CANARY.into();
    let error = serde_json::from_value::<SealedUserRegistered>(json).unwrap_err();
    assert!(!error.to_string().contains("canary"), "{error}");
}

#[tokio::test]
async fn values_compare_without_being_decrypted() {
    let world = World::new();
    let acme = world.acme();
    let plain = |text: &str| Pii::plain(text.to_owned());
    assert_eq!(plain("ada"), plain("ada"));
    assert_ne!(plain("ada"), plain("bob"));
    assert_ne!(plain("ada"), plain("adam"));
    assert_eq!(Pii::plain(vec![1_u8]), Pii::plain(vec![1_u8]));
    assert_ne!(Pii::plain(vec![1_u8]), Pii::plain(vec![2_u8]));
    assert_ne!(Pii::plain(true), Pii::plain(false));
    assert_ne!(Pii::plain(1_i32), Pii::plain(2_i32));
    let event = registered("dora", CANARY);
    let sealed = seal(&acme, "record-1", event.clone()).await;
    let again = seal(&acme, "record-1", event.clone()).await;
    let one: UserRegistered = open(&acme, "record-1", sealed.clone()).await;
    let other = open(&acme, "record-1", sealed).await;
    assert_eq!(one, other, "the same envelopes");
    assert_eq!(one, one.clone());
    let again = open(&acme, "record-1", again).await;
    assert_ne!(one.email, again.email, "equal values, other envelopes");
    assert_ne!(one.email, event.email, "sealed is not plain");
    assert!(world.audit.drain().is_empty());
    assert_eq!(format!("{:?}", one.email), "Pii(sealed)");
}

#[tokio::test]
async fn attack_18_no_address_is_an_id() {
    for text in [
        "ada@example.org",
        "",
        "a b",
        "a.b",
        "ł",
        "a/b",
        &"x".repeat(65),
    ] {
        assert!(text.parse::<SubjectId>().is_err());
        let json = serde_json::to_string(text).unwrap();
        let error = serde_json::from_str::<skeleton_pii_crypto::RecordId>(&json).unwrap_err();
        assert!(!error.to_string().contains("ada"), "{error}");
    }
    assert_eq!(subject(&"x".repeat(64)).as_str().len(), 64);
    let json = serde_json::to_string(&tenant("aZ0_-")).unwrap();
    assert_eq!(json, "\"aZ0_-\"");
    assert_eq!(
        serde_json::from_str::<skeleton_pii_crypto::TenantRef>(&json).unwrap(),
        tenant("aZ0_-")
    );
    let placed = crate::helpers::placed(("ada@x.org", "general", "r", "t"), "pii1:");
    let placed: Result<Detached<String>, _> = placed;
    assert!(!placed.unwrap_err().to_string().contains("ada"));
}
