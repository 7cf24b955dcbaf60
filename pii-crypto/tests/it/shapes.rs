//! What the derive macro writes, on several shapes.

use serde::Deserialize;
use serde::Serialize;
use serde_json::json;
use skeleton_pii_crypto::AsSubject;
use skeleton_pii_crypto::Field;
use skeleton_pii_crypto::IdError;
use skeleton_pii_crypto::KeySet;
use skeleton_pii_crypto::Padding;
use skeleton_pii_crypto::Pii;
use skeleton_pii_crypto::Protected;
use skeleton_pii_crypto::SealError;
use skeleton_pii_crypto::SealedEvent;
use skeleton_pii_crypto::SubjectId;

use crate::helpers::UserRegistered;
use crate::helpers::World;
use crate::helpers::access;
use crate::helpers::clear;
use crate::helpers::open;
use crate::helpers::record;
use crate::helpers::registered;
use crate::helpers::seal;
use crate::helpers::subject;
use crate::helpers::try_seal;

/// A number of the product's own, which becomes an id of a person.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct CustomerNumber(i64);

impl AsSubject for CustomerNumber {
    fn as_subject(&self) -> Result<SubjectId, IdError> {
        match self.0 {
            number if number < 0 => SubjectId::parse(""),
            number => SubjectId::parse(&format!("customer-{number}")),
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize, PartialEq)]
struct Address {
    street: String,
    lines: Vec<u8>,
}

/// Much at once: renamed, optional, listed, nested in clear, with a raw name.
#[derive(Clone, Debug, Protected)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[pii(event = "customer-moved-2")]
struct CustomerMoved {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    given_name: Option<Pii<String>>,
    #[pii(subject)]
    customer: CustomerNumber,
    #[serde(rename = "mail", alias = "e-mail")]
    #[pii(pad = "exact", category = "contact")]
    email_address: Pii<String>,
    tags: Vec<String>,
    address: Option<Address>,
    #[pii(pad = "bucket:8")]
    r#type: Option<Pii<u64>>,
    #[serde(default)]
    photo: Option<Pii<Vec<u8>>>,
}

fn moved(customer: i64) -> CustomerMoved {
    CustomerMoved {
        given_name: None,
        customer: CustomerNumber(customer),
        email_address: Pii::plain("ada@example.org".to_owned()),
        tags: vec!["a".to_owned(), "b".to_owned()],
        address: Some(Address {
            street: "Long".to_owned(),
            lines: vec![1, 2],
        }),
        r#type: Some(Pii::plain(7)),
        photo: None,
    }
}

#[test]
fn the_data_map_lists_every_personal_field() {
    let field = |tag, category, padding| Field {
        tag,
        subject: "customer",
        category,
        padding,
    };
    assert_eq!(
        CustomerMoved::FIELDS,
        [
            field("customer-moved-2/givenName", "general", Padding::Bucket(16)),
            field("customer-moved-2/mail", "contact", Padding::Exact),
            field("customer-moved-2/type", "general", Padding::Bucket(8)),
            field("customer-moved-2/photo", "general", Padding::DEFAULT),
        ]
    );
    assert_eq!(CustomerMoved::EVENT, "customer-moved-2");
    assert_eq!(UserRegistered::EVENT, "user-registered");
}

#[tokio::test]
async fn law_16_sealed_json_has_the_clear_shape_but_for_its_leaves() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", moved(7)).await;
    let mut json = serde_json::to_value(&sealed).unwrap();
    for leaf in ["mail", "type"] {
        let text = json[leaf].as_str().unwrap();
        assert!(text.starts_with("pii1:EQ"), "{text}");
        json[leaf] = "sealed".into();
    }
    assert_eq!(
        json,
        json!({
            "customer": 7,
            "mail": "sealed",
            "tags": ["a", "b"],
            "address": {"street": "Long", "lines": [1, 2]},
            "type": "sealed",
            "photo": null,
        })
    );
    let read = open(&world.acme(), "record-1", sealed).await;
    assert_eq!(read.tags, ["a", "b"]);
    assert_eq!(read.address, moved(7).address);
    assert_eq!(read.customer, CustomerNumber(7));
    assert!(read.given_name.is_none() && read.photo.is_none());
    assert_eq!(
        clear(read.email_address.reveal(&access())),
        "ada@example.org"
    );
}

#[tokio::test]
async fn a_sealed_event_keeps_the_order_of_its_fields() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", registered("dora", "a@b.org")).await;
    let text = serde_json::to_string(&sealed).unwrap();
    let mut rest = text.as_str();
    for name in ["user", "email", "phone", "passport", "plan"] {
        (_, rest) = rest.split_once(&format!("\"{name}\":")).unwrap();
    }
    assert_eq!(rest, "\"free\"}");
}

#[tokio::test]
async fn what_serde_is_told_of_the_event_holds_for_its_sealed_half() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", moved(7)).await;
    let json = serde_json::to_value(&sealed).unwrap();
    let read = |json| serde_json::from_value::<SealedCustomerMoved>(json);

    let mut other = json.clone();
    other["surplus"] = 1.into();
    assert!(read(other).is_err(), "deny_unknown_fields");

    let mut other = json.clone();
    let mail = other.as_object_mut().unwrap().remove("mail").unwrap();
    assert!(read(other.clone()).is_err(), "a sealed field is required");
    other["e-mail"] = mail;
    let aliased = open(&world.acme(), "record-1", read(other).unwrap()).await;
    assert_eq!(
        clear(aliased.email_address.reveal(&access())),
        "ada@example.org"
    );

    let mut other = json.clone();
    other["type"] = serde_json::Value::Null;
    let absent = open(&world.acme(), "record-1", read(other).unwrap()).await;
    assert!(absent.r#type.is_none(), "null is absence");

    let mut other = json;
    other["mail"] = serde_json::Value::Null;
    assert!(read(other).is_err(), "null is nothing else");
}

#[tokio::test]
async fn each_personal_field_can_be_taken_out_on_its_own() {
    let world = World::new();
    let sealed = seal(&world.acme(), "record-1", moved(7)).await;
    let at = record("record-1");
    assert!(sealed.detached_given_name(&at).unwrap().is_none());
    assert!(sealed.detached_photo(&at).unwrap().is_none());
    let number = sealed.detached_type(&at).unwrap().unwrap();
    assert_eq!(number.category(), "general");
    let mail = sealed.detached_email_address(&at).unwrap();
    assert_eq!(mail.category(), "contact");
    assert_eq!(mail.subject().as_str(), "customer-7");
    assert_eq!(
        clear(crate::helpers::reveal(&world.acme(), &mail).await),
        "ada@example.org"
    );
}

#[tokio::test]
async fn a_person_without_a_canonical_id_is_an_error_everywhere() {
    let world = World::new();
    let acme = world.acme();
    let sealed = seal(&acme, "record-1", moved(7)).await;
    let answer = try_seal(&acme, "record-1", moved(-1)).await;
    assert!(matches!(answer, Err(SealError::Subject(_))), "{answer:?}");
    let mut json = serde_json::to_value(&sealed).unwrap();
    json["customer"] = (-1).into();
    let nobody: SealedCustomerMoved = serde_json::from_value(json).unwrap();
    assert!(SealedEvent::subject(&nobody).is_err());
    assert!(KeySet::opening(&nobody).is_err());
    assert!(nobody.detached_email_address(&record("r")).is_err());
    assert!(nobody.detached_photo(&record("r")).is_err());
    let session = acme
        .session(KeySet::opening(&sealed).unwrap())
        .await
        .unwrap();
    assert!(session.open(&record("record-1"), nobody).is_err());
}

/// An event without a personal field is one all the same: it may get some later.
#[tokio::test]
async fn an_event_without_personal_fields_is_sealed_as_it_is() {
    #[derive(Clone, Debug, PartialEq, Protected)]
    #[pii(event = "user-left")]
    struct UserLeft {
        #[pii(subject)]
        user: SubjectId,
        plan: String,
    }
    let world = World::new();
    let event = UserLeft {
        user: subject("dora"),
        plan: "free".to_owned(),
    };
    assert!(UserLeft::FIELDS.is_empty());
    let sealed = seal(&world.acme(), "record-1", event.clone()).await;
    let json = serde_json::to_value(&sealed).unwrap();
    assert_eq!(json, json!({"user": "dora", "plan": "free"}));
    assert_eq!(open(&world.acme(), "record-1", sealed).await, event);
    assert_eq!(
        world.store.row("acme", "dora").await,
        None,
        "no key for nothing"
    );
}

#[tokio::test]
async fn the_kebab_case_of_an_event_is_the_tag_of_its_fields() {
    #[derive(Protected)]
    #[serde(rename_all = "kebab-case")]
    #[pii(event = "e")]
    struct Kebab {
        #[pii(subject)]
        the_user: SubjectId,
        full_name: Pii<String>,
    }
    assert_eq!(Kebab::FIELDS[0].tag, "e/full-name");
    assert_eq!(Kebab::FIELDS[0].subject, "the_user");
    let world = World::new();
    let event = Kebab {
        the_user: subject("dora"),
        full_name: Pii::plain("Dora".to_owned()),
    };
    let sealed = seal(&world.acme(), "record-1", event).await;
    let json = serde_json::to_value(&sealed).unwrap();
    assert_eq!(json["the-user"], "dora");
    assert!(json["full-name"].is_string());
}

/// A raw name is a name: the `r#` is Rust's, and stands in no tag, type or method.
#[tokio::test]
async fn raw_names_are_read_without_their_prefix() {
    #[derive(Protected)]
    #[pii(event = "e")]
    struct r#Raw {
        #[pii(subject)]
        r#for: SubjectId,
        r#loop: Pii<String>,
    }
    assert_eq!(Raw::FIELDS[0].tag, "e/loop");
    assert_eq!(Raw::FIELDS[0].subject, "for");
    let world = World::new();
    let event = Raw {
        r#for: subject("dora"),
        r#loop: Pii::plain("round".to_owned()),
    };
    let sealed: SealedRaw = seal(&world.acme(), "record-1", event).await;
    let value = sealed.detached_loop(&record("record-1")).unwrap();
    let shown = crate::helpers::reveal(&world.acme(), &value).await;
    assert_eq!(clear(shown), "round");
}

/// Commands come in clear: the clear half can be read by serde as well.
#[test]
fn a_command_is_read_in_clear() {
    #[derive(Debug, Deserialize, Protected)]
    #[serde(rename_all = "kebab-case", deny_unknown_fields)]
    #[pii(event = "register")]
    struct Register {
        #[pii(subject)]
        user: SubjectId,
        full_name: Pii<String>,
        phone: Option<Pii<u64>>,
    }
    let read: Register =
        serde_json::from_value(json!({"user": "dora", "full-name": "Dora"})).unwrap();
    assert_eq!(clear(read.full_name.reveal(&access())), "Dora");
    assert_eq!(read.user, subject("dora"));
    assert!(read.phone.is_none());
}
