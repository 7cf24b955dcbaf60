//! Law 8: the dictionary is read as `sfv` reads it, and no bytes of a client reach a toggle of the edge.

use proptest::collection::vec;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use proptest::sample::select;
use sfv::BareItem;
use sfv::Dictionary;
use sfv::ListEntry;
use sfv::Parser;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::LogLevel;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::ToggleUnset;
use skeleton_invocation_context::Toggles;

use crate::edge_toggles::EDGE_FLAG;
use crate::edge_toggles::EDGE_RATE;
use crate::edge_toggles::FLAG;
use crate::edge_toggles::LEVEL;
use crate::edge_toggles::RATE;
use crate::edge_toggles::admit;
use crate::edge_toggles::door;
use crate::edge_toggles::refused;
use crate::helpers::headers;

/// What a hostile client might send: near-dictionaries of the declared names.
fn lines() -> impl Strategy<Value = String> {
    let names = [
        "flag",
        "rate",
        "level",
        "log-level",
        "edge-flag",
        "edge-rate",
        "t",
        "*a",
        "a_.",
        "A",
    ];
    let values = [
        "",
        "=?0",
        "=?1",
        "=1",
        "=-7",
        "=007",
        "=999999999999999",
        "=1000000000000000",
        "=\"debug\"",
        "=\"warn\"",
        "=\"a\\\\b\\\"\"",
        "=\"\"",
        "=1.5",
        "=token",
        "=()",
        "=:YQ==:",
        ";a",
        ";a=1",
        "=\"",
        "=",
    ];
    let separators = [",", ", ", " ,\t", "\t,  ", ",,", " ", ";"];
    let member = (
        select(names.to_vec()),
        select(values.to_vec()),
        select(separators.to_vec()),
    );
    let common = (select(names[..6].to_vec()), select(values[..10].to_vec()));
    let common = common.prop_map(|(name, value)| (name, value, ", "));
    let members = prop_oneof![4 => common, 1 => member];
    let members = members.prop_map(|(name, value, separator)| format!("{name}{value}{separator}"));
    let near = (vec(members, 0..8), any::<bool>()).prop_map(|(members, ends)| {
        let text = members.concat();
        if ends {
            text.trim_end_matches([',', ' ', '\t']).to_owned()
        } else {
            text
        }
    });
    prop_oneof![4 => near, 1 => "[ -~\t]{0,30}", 1 => "[a-z*?=1\", ;\\\\-]{0,20}"]
}

/// The members as `sfv` reads them; nothing if they are no toggles, or a key is repeated (of which `sfv` keeps the last).
fn reference(text: &str) -> Option<Vec<(String, BareItem)>> {
    let members: Dictionary = Parser::new(text).parse().ok()?;
    let mut is_quoted = false;
    let mut bytes = text.bytes();
    let mut commas = 0;
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if is_quoted => drop(bytes.next()),
            b'"' => is_quoted = !is_quoted,
            b',' if !is_quoted => commas += 1,
            _ => {}
        }
    }
    let is_repeated = !members.is_empty() && members.len() != commas + 1;
    let bare = members.into_iter().map(|(name, entry)| match entry {
        ListEntry::Item(item) if item.params.is_empty() => Some((name.into(), item.bare_item)),
        _ => None,
    });
    let bare = bare
        .collect::<Option<Vec<_>>>()
        .filter(|bare| bare.len() <= 32 && !is_repeated)?;
    let is_toggle = |item: &BareItem| {
        matches!(
            item,
            BareItem::Boolean(_) | BareItem::Integer(_) | BareItem::String(_)
        )
    };
    bare.iter().all(|(_, item)| is_toggle(item)).then_some(bare)
}

/// What the client sets of them; nothing if a toggle of its own cannot have the value.
fn expected(members: &[(String, BareItem)]) -> Option<Toggles> {
    let mut set = Toggles::none();
    for (name, item) in members {
        let number = || item.as_integer().map(i64::from);
        let level = || match item.as_string()?.as_str() {
            "debug" => Some(LogLevel::Debug),
            "warn" => Some(LogLevel::Warn),
            _ => None,
        };
        set = match name.as_str() {
            "flag" => set.with(&FLAG, &item.as_boolean()?).unwrap(),
            "rate" => set.with(&RATE, &number()?).unwrap(),
            "level" => set.with(&LEVEL, &level()?).unwrap(),
            _ => set,
        };
    }
    Some(set)
}

proptest! {
    #[test]
    fn law_08_the_parser_agrees_with_sfv_duplicates_aside(line in lines()) {
        let expected = reference(&line).and_then(|members| expected(&members));
        let read = admit(&[&line]).ok().map(|ctx| ctx.toggles().clone());
        prop_assert_eq!(read, expected);
    }

    #[test]
    fn law_08_a_toggle_of_the_edge_never_holds_what_a_client_sent(
        lines in vec(prop_oneof![lines().prop_map(String::into_bytes), vec(any::<u8>(), 0..40)], 1..3),
    ) {
        let legal = |line: &Vec<u8>| line.iter().copied().filter(|byte| !byte.is_ascii_control()).collect();
        let lines: Vec<Vec<u8>> = lines.iter().map(legal).collect();
        let lines: Vec<_> = lines.iter().map(|line| ("x-toggles", line.as_slice())).collect();
        match door().admit(&mut headers(&lines), None) {
            Ok(ctx) => {
                let toggles = ctx.toggles();
                prop_assert_eq!(toggles.try_get(&LOG_LEVEL), Err(ToggleUnset::Absent));
                prop_assert_eq!(toggles.try_get(&EDGE_FLAG), Err(ToggleUnset::Absent));
                prop_assert_eq!(toggles.try_get(&EDGE_RATE), Err(ToggleUnset::Absent));
                prop_assert!(toggles.iter().all(|(name, _)| ["flag", "rate", "level"].contains(&name)));
            }
            Err(problem) => prop_assert_eq!(problem.kind(), ProblemKind::Malformed),
        }
    }

    #[test]
    fn law_09_a_refusal_holds_no_byte_of_the_dictionary(secret in "[a-z]{12,20}") {
        let problem = refused(&[&format!("{secret}=\"{secret}")]);
        prop_assert!(!String::from_utf8(problem.to_json()).unwrap().contains(&secret));
    }
}
