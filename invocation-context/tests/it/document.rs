//! The document of an event's context is read strictly.

use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_assert_ne;
use proptest::proptest;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::EventContextError;

use crate::helpers::event_contexts;

const GOLDEN: &str = include_str!("../golden/event-v1-impersonating.json");
const ON_BEHALF: &str = include_str!("../golden/event-v1-on-behalf.json");
const ANONYMOUS: &str = include_str!("../golden/event-v1-anonymous.json");

fn refused(text: &str) -> bool {
    match EventContext::from_json(text) {
        Ok(_) => false,
        Err(EventContextError::Malformed(_)) => true,
        Err(error) => panic!("{error}"),
    }
}

/// Whether the document is refused with this value in this place.
fn refused_with(golden: &str, place: &str, value: Value) -> bool {
    let mut document: Value = serde_json::from_str(golden).unwrap();
    *document.pointer_mut(place).unwrap() = value;
    refused(&document.to_string())
}

/// Every place in the document that holds an object, the root included.
fn objects(value: &Value, place: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.push(place.to_owned());
            for (name, value) in members {
                objects(value, &format!("{place}/{name}"), found);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                objects(value, &format!("{place}/{at}"), found);
            }
        }
        _ => {}
    }
}

/// The document with one object written another way.
fn rewritten(
    document: &Value,
    place: &str,
    write: &dyn Fn(&Map<String, Value>) -> String,
) -> String {
    let mut document = document.clone();
    let object = document.pointer_mut(place).unwrap();
    let text = write(object.as_object().unwrap());
    *object = json!("the place");
    document.to_string().replace("\"the place\"", &text)
}

/// Every document that has one member less, one more, one twice, or a list in place of an object.
fn spoilt(document: &Value) -> Vec<String> {
    let (mut places, mut texts) = (Vec::new(), Vec::new());
    objects(document, "", &mut places);
    for place in &places {
        let members = document.pointer(place).unwrap().as_object().unwrap();
        texts.push(rewritten(document, place, &|members| {
            let mut members = members.clone();
            members.insert("unknown".to_owned(), Value::Null);
            Value::Object(members).to_string()
        }));
        texts.push(rewritten(document, place, &|members| {
            Value::Array(members.values().cloned().collect()).to_string()
        }));
        for (name, value) in members {
            texts.push(rewritten(document, place, &|members| {
                let mut members = members.clone();
                members.remove(name);
                Value::Object(members).to_string()
            }));
            texts.push(rewritten(document, place, &|members| {
                let object = Value::Object(members.clone()).to_string();
                let rest = object.strip_prefix('{').unwrap();
                format!("{{{}:{value},{rest}", json!(name))
            }));
        }
    }
    texts
}

#[test]
fn attack_16_a_member_less_or_more_or_twice_is_refused() {
    for golden in [GOLDEN, ON_BEHALF, ANONYMOUS] {
        let document: Value = serde_json::from_str(golden).unwrap();
        assert!(!refused(&document.to_string()));
        for text in spoilt(&document) {
            assert!(refused(&text), "{text}");
        }
    }
}

#[test]
fn attack_16_a_list_in_the_order_of_the_members_is_no_object() {
    let external = json!([
        "client",
        "01M83YEMHN2BKZNCV752KRQTVY",
        "01M83YEMHRMW96SB74TMCXA9MN"
    ]);
    let account = json!([
        "user",
        "01KGHF3N80T0AJRRW8HWMF0141",
        "01KE6P4YM0FSPTFB776BVFNQX7"
    ]);
    let lineage = json!(["01M83YEMJK1E0578998PMK4P7F", "01M83YEMJRR86GZ2KTQZSEJ6P7"]);
    assert!(refused_with(GOLDEN, "/trace/external", external));
    assert!(refused_with(GOLDEN, "/access/actor/impersonator", account));
    assert!(refused_with(GOLDEN, "/lineage", lineage));
    assert!(refused_with(
        GOLDEN,
        "/toggles/0",
        json!(["flag", "new-fees", true])
    ));
    assert!(refused_with(
        ANONYMOUS,
        "/access",
        json!(["unauthenticated", null])
    ));
}

#[test]
fn attack_16_unknown_tags_and_words_are_refused() {
    let places = [
        "/access/type",
        "/access/actor/type",
        "/access/actor/impersonator/type",
        "/access/authentication/type",
        "/access/authentication/assurance",
        "/trace/external/made-by",
        "/toggles/0/type",
    ];
    for place in places {
        let document: Value = serde_json::from_str(GOLDEN).unwrap();
        let word = document.pointer(place).unwrap().as_str().unwrap();
        let others = [
            json!("unknown"),
            json!(word.to_uppercase()),
            json!(""),
            json!(0),
            json!(1),
            json!(null),
            json!({ word: null }),
            json!([word]),
        ];
        for other in others {
            assert!(
                refused_with(GOLDEN, place, other.clone()),
                "{place} {other}"
            );
        }
    }
}

#[test]
fn attack_16_other_versions_are_refused() {
    for version in [
        json!(0),
        json!(2),
        json!(257),
        json!(-1),
        json!(1.0),
        json!("1"),
        json!(null),
    ] {
        assert!(refused_with(GOLDEN, "/version", version));
    }
}

#[test]
fn attack_16_traces_that_cannot_be_are_refused() {
    let cases = [
        ("/trace/parent-id", json!(null)),
        ("/trace/current-id", json!("01M83YEMJF3HCVMBEYGD2RQZPG")),
        ("/trace/originating-id", json!("00000000000000000000000000")),
        ("/trace/originating-id", json!("8ZZZZZZZZZZZZZZZZZZZZZZZZZ")),
        ("/trace/originating-id", json!(null)),
        ("/trace/step", json!("Debit")),
        ("/trace/step", json!("/debit")),
        ("/trace/step", json!("debit//notify")),
        ("/trace/step", json!("debit.")),
        ("/trace/step", json!("debit.07")),
        ("/trace/step", json!("debit.+7")),
        ("/trace/step", json!("debit.4294967296")),
        ("/trace/step", json!(".7")),
        ("/trace/step", json!("a".repeat(33))),
        ("/trace/step", json!(["a"; 17].join("/"))),
        ("/trace/step", json!(["a".repeat(32).as_str(); 6].join("/"))),
    ];
    for (place, value) in cases {
        assert!(
            refused_with(GOLDEN, place, value.clone()),
            "{place} {value}"
        );
    }
}

#[test]
fn attack_16_values_that_cannot_be_are_refused() {
    let id = "01M83YEMJV1PBWVJ1G26P8XZGJ";
    let toggle = json!({ "type": "flag", "name": "a", "value": true });
    let cases = [
        ("/trace/sampled", json!("true")),
        ("/access/actor/impersonated/type", json!("service")),
        (
            "/access/actor/impersonated/id",
            json!("01KGHF3N80T0AJRRW8HWMF0141"),
        ),
        (
            "/access/authentication/authenticated-at",
            json!("2026-11-23 10:02:11Z"),
        ),
        (
            "/access/authentication/authenticated-at",
            json!(1_795_428_900),
        ),
        ("/toggles", json!([toggle, toggle])),
        ("/toggles", json!(null)),
        ("/toggles", json!({})),
        ("/toggles/0/name", json!("New fees")),
        ("/toggles/0/value", json!(1)),
        ("/locale", json!("english")),
        ("/locale", json!("")),
        ("/test", json!(null)),
        ("/lineage/parent-id", json!(null)),
        ("/sealed-provenance", json!("a".repeat(1_025))),
        ("/sealed-provenance", json!(id.as_bytes())),
    ];
    for (place, value) in cases {
        assert!(
            refused_with(GOLDEN, place, value.clone()),
            "{place} {value}"
        );
    }
    for hash in [
        "",
        "00",
        "000102030405060708090A0B0C0D0E0F",
        "+00102030405060708090a0b0c0d0e0f",
    ] {
        assert!(refused_with(
            ON_BEHALF,
            "/access/authentication/hash",
            json!(hash)
        ));
    }
    for value in [json!(1.5), json!(1_000_000_000_000_000_i64), json!("7")] {
        assert!(refused_with(ON_BEHALF, "/toggles/2/value", value));
    }
}

#[test]
fn attack_16_text_around_the_document_is_refused() {
    assert!(refused(&format!("{GOLDEN}{GOLDEN}")));
    assert!(refused(&format!("{GOLDEN}x")));
    assert!(refused(&format!("{GOLDEN}\0")));
    assert!(refused(&format!("\u{feff}{GOLDEN}")));
    assert!(refused(""));
    assert!(refused("null"));
    assert!(refused(&"[".repeat(10_000)));
    assert!(!refused(&format!("\n {GOLDEN} \n")));
}

#[test]
fn attack_16_more_than_16_kib_is_refused_unread() {
    let padded = |len: usize| format!("{GOLDEN}{}", " ".repeat(len - GOLDEN.len()));
    assert!(EventContext::from_json(&padded(16_384)).is_ok());
    for len in [16_385, 17 * 1_024] {
        let outcome = EventContext::from_json(&padded(len));
        assert!(matches!(outcome, Err(EventContextError::TooLarge)));
    }
}

#[test]
fn an_event_that_holds_the_document_reads_it_as_strictly() {
    let document: Value = serde_json::from_str(GOLDEN).unwrap();
    let context: EventContext = serde_json::from_value(document.clone()).unwrap();
    assert_eq!(context, EventContext::from_json(GOLDEN).unwrap());
    for text in spoilt(&document) {
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            let repeated = value == document;
            assert!(repeated || serde_json::from_value::<EventContext>(value).is_err());
        }
    }
}

proptest! {
    #[test]
    fn law_06_a_document_reads_back_as_what_was_written(context in event_contexts()) {
        let text = serde_json::to_string(&context).unwrap();
        prop_assert!(text.len() <= EventContext::MAX_JSON_BYTES);
        let read = EventContext::from_json(&text).unwrap();
        prop_assert_eq!(&read, &context);
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), text);
    }

    #[test]
    fn law_06_no_member_is_dropped_added_or_repeated(context in event_contexts()) {
        let document = serde_json::to_value(&context).unwrap();
        for text in spoilt(&document) {
            prop_assert!(refused(&text), "{}", text);
        }
    }

    #[test]
    fn law_06_every_beginning_of_a_document_is_refused(context in event_contexts(), at: proptest::sample::Index) {
        let text = serde_json::to_string(&context).unwrap();
        let cut = at.index(text.len());
        prop_assert_ne!(cut, text.len());
        prop_assert!(refused(text.split_at(cut).0));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,64}", at: proptest::sample::Index) {
        let place = at.index(GOLDEN.len());
        let (before, after) = GOLDEN.split_at(place);
        let mixed = format!("{before}{text}{after}");
        if let Ok(context) = EventContext::from_json(&mixed) {
            prop_assert!(serde_json::to_string(&context).is_ok());
        }
    }
}
