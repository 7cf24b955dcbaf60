use proptest::prelude::*;
use serde_json::Value;

use super::Json;
use super::parse_object;
use super::push_text;

#[test]
fn integers_are_whole_and_below_2_to_the_53() {
    let of = |number: &str| match parse_object(format!("{{\"x\":{number}}}").as_bytes()) {
        Ok(object) => object.get("x").unwrap().as_integer(),
        Err(_) => panic!("{number} is a number"),
    };
    assert_eq!(of("0"), Some(0));
    assert_eq!(of("9007199254740991"), Some((1 << 53) - 1));
    for other in [
        "9007199254740992",
        "1.0",
        "1e0",
        "-1",
        "-0",
        "1E+2",
        "99999999999999999999999",
    ] {
        assert_eq!(of(other), None, "{other}");
    }
}

#[test]
fn escapes_are_read_and_surrogates_come_in_pairs() {
    let object = parse_object(br#"{"x":"\"\\\/\b\f\n\r\t\u0041\ud83d\ude00z"}"#).unwrap();
    assert_eq!(
        object.get("x").unwrap().as_text(),
        Some("\"\\/\u{8}\u{c}\n\r\tA\u{1f600}z")
    );
    for bad in [
        r#"{"x":"\ud83d"}"#,
        r#"{"x":"\ud83d\n"}"#,
        r#"{"x":"\q"}"#,
        r#"{"x":"\u12"}"#,
        r#"{"x":"\u+123"}"#,
    ] {
        assert!(parse_object(bad.as_bytes()).is_err(), "{bad}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(object) = parse_object(&bytes) {
            let oracle: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert!(agrees(&Json::Object(object), &oracle));
        }
    }

    #[test]
    fn what_looks_like_json_is_read_as_the_oracle_reads_it(text in r#"\{("[a-c\\u0x]{0,6}" ?: ?([-+0-9.eE]{1,6}|true|null|"[^"]{0,5}"|\[1,? ?\]|\{\}),? ?){0,4}\}"#) {
        if let Ok(object) = parse_object(text.as_bytes()) {
            let oracle: Value = serde_json::from_str(&text).unwrap();
            prop_assert!(agrees(&Json::Object(object), &oracle));
        }
    }

    #[test]
    fn what_the_oracle_writes_is_read(value in document(4)) {
        let text = Value::from(serde_json::Map::from_iter([("x".to_owned(), value)])).to_string();
        let oracle: Value = serde_json::from_str(&text).unwrap();
        let object = parse_object(text.as_bytes());
        prop_assert!(object.is_ok(), "{}", text);
        prop_assert!(agrees(&Json::Object(object.unwrap()), &oracle));
    }

    #[test]
    fn written_text_is_read_back(text in any::<String>()) {
        prop_assume!(text.len() <= 2_048);
        let mut json = "{\"x\":".to_owned();
        push_text(&mut json, &text);
        json.push('}');
        let oracle: Value = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(oracle["x"].as_str(), Some(&*text));
        let object = parse_object(json.as_bytes()).unwrap();
        prop_assert_eq!(object.get("x").unwrap().as_text(), Some(&*text));
    }
}

fn document(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[^\0]{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(depth, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::btree_map("[^\0]{0,8}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn agrees(read: &Json<'_>, oracle: &Value) -> bool {
    match (read, oracle) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(one), Value::Bool(other)) => one == other,
        (Json::Integer(one), Value::Number(other)) => other.as_u64() == Some(*one),
        (Json::Number, Value::Number(other)) => {
            other.as_u64().is_none_or(|number| number >= 1 << 53)
        }
        (Json::Text(one), Value::String(other)) => one == other,
        (Json::List(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| agrees(one, other))
        }
        (Json::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|own| agrees(value, own)))
        }
        _ => false,
    }
}
