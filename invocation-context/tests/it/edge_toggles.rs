//! `X-Toggles`: what a client may set, what it may only wish for, and what is no dictionary.

use skeleton_invocation_context::Edge;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::LogLevel;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::ToggleRegistry;
use skeleton_invocation_context::ToggleUnset;
use skeleton_invocation_context::Toggles;

use crate::helpers::edge;
use crate::helpers::headers;

pub(crate) const FLAG: ToggleKey<bool> = ToggleKey::client_allowed("flag", false);
pub(crate) const RATE: ToggleKey<i64> = ToggleKey::client_allowed("rate", 5);
pub(crate) const LEVEL: ToggleKey<LogLevel> = ToggleKey::client_allowed("level", LogLevel::Info);
pub(crate) const EDGE_FLAG: ToggleKey<bool> = ToggleKey::edge_only("edge-flag", false);
pub(crate) const EDGE_RATE: ToggleKey<i64> = ToggleKey::edge_only("edge-rate", 5);

pub(crate) fn door() -> Edge {
    edge()
        .with_toggle(&FLAG)
        .and_then(|edge| edge.with_toggle(&RATE))
        .and_then(|edge| edge.with_toggle(&LEVEL))
        .and_then(|edge| edge.with_toggle(&EDGE_FLAG))
        .and_then(|edge| edge.with_toggle(&EDGE_RATE))
        .unwrap()
}

pub(crate) fn admit(lines: &[&str]) -> Result<InvocationContext, Problem> {
    let lines = lines.iter().map(|line| ("x-toggles", line.as_bytes()));
    door().admit(&mut headers(&lines.collect::<Vec<_>>()), None)
}

fn set(line: &str) -> Toggles {
    admit(&[line]).unwrap().toggles().clone()
}

pub(crate) fn refused(lines: &[&str]) -> Problem {
    let problem = admit(lines).expect_err(lines[0]);
    assert_eq!(problem.kind(), ProblemKind::Malformed, "{lines:?}");
    assert_eq!(problem.detail(), Some("the header x-toggles is not valid"));
    problem
}

#[test]
fn a_client_sets_the_toggles_that_are_its_to_set() {
    let toggles = set("flag, rate=-42 ,\tlevel=\"debug\"");
    assert_eq!(toggles.try_get(&FLAG), Ok(true));
    assert_eq!(toggles.try_get(&RATE), Ok(-42));
    assert_eq!(toggles.try_get(&LEVEL), Ok(LogLevel::Debug));
    assert_eq!(set("flag=?0").try_get(&FLAG), Ok(false));
    assert_eq!(set("flag=?1").try_get(&FLAG), Ok(true));
    assert_eq!(set("rate=0007").try_get(&RATE), Ok(7));
    assert_eq!(set("rate=-0").try_get(&RATE), Ok(0));
    for number in [999_999_999_999_999_i64, -999_999_999_999_999] {
        assert_eq!(set(&format!("rate={number}")).try_get(&RATE), Ok(number));
    }
    for nothing in ["", " ", "   "] {
        assert!(set(nothing).is_empty());
    }
    assert!(admit(&[]).unwrap().toggles().is_empty());
}

#[test]
fn attack_10_a_toggle_that_is_not_the_clients_is_not_applied() {
    let plain = EventContext::of(&admit(&[]).unwrap());
    let values = [
        "",
        "=?0",
        "=1",
        "=-5",
        "=\"debug\"",
        "=\"trace\"",
        "=\"No name!\"",
        "=\"\"",
    ];
    for name in [
        "log-level",
        "edge-flag",
        "edge-rate",
        "undeclared",
        "*",
        "a_b",
        "a.b",
    ] {
        for value in values {
            let ctx = admit(&[&format!("{name}{value}")]).unwrap();
            assert_eq!(EventContext::of(&ctx), plain, "{name}{value}");
            assert_eq!(ctx.toggles().try_get(&LOG_LEVEL), Err(ToggleUnset::Absent));
        }
    }
}

#[test]
fn attack_10_the_answers_to_edge_only_and_undeclared_toggles_do_not_differ() {
    let values = [
        "=1.5",
        "=(1)",
        "=token",
        "=\"debug",
        ";a=1",
        "=1234567890123456",
        "=?2",
        ",",
        "=",
    ];
    for value in values {
        let answer = |name: &str| refused(&[&format!("{name}{value}")]).to_json();
        let unheard = answer("undeclared");
        for name in [
            "log-level",
            "edge-flag",
            "edge-rate",
            "flag",
            "rate",
            "level",
        ] {
            assert_eq!(answer(name), unheard, "{name}{value}");
        }
    }
}

#[test]
fn attack_11_repeated_keys_and_other_types_are_refused() {
    let texts = [
        "flag, flag",
        "flag=?0, rate=1, flag=?1",
        "undeclared, undeclared",
        "log-level, log-level",
        "a_b, a_b",
        "log-level=\"No name\", log-level=\"No name\"",
        "undeclared=\"No name\", undeclared",
        "rate=1.5",
        "rate=1.",
        "rate=1e3",
        "rate=.5",
        "rate=",
        "rate=-",
        "rate=--1",
        "rate=+1",
        "rate=1234567890123456",
        "rate=-1234567890123456",
        "rate=0000000000000001",
        "flag=(?1)",
        "rate=(1 2)",
        "flag=()",
        "flag;a",
        "flag=?1;a=1",
        "rate=1;a",
        "level=\"info\";q",
        "level=info",
        "level=*",
        "level='info'",
        "level=:aW5mbw==:",
        "level=%\"info\"",
        "rate=@1",
        "flag=true",
        "flag=?",
        "flag=?2",
        "flag=?10",
        "flag=1",
    ];
    for text in texts {
        refused(&[text]);
    }
}

#[test]
fn attack_11_what_is_no_dictionary_is_refused() {
    let texts = [
        "flag,",
        "flag, ",
        "flag,,rate=1",
        ",flag",
        ",",
        "flag;",
        "flag rate",
        "flag=?1 ?0",
        "level=\"info",
        "level=info\"",
        "level=\"in\\fo\"",
        "level=\"info\\\"",
        "level=\"in\tfo\"",
        "level=\"info\"\"\"",
        "Flag",
        "FLAG=?1",
        "1flag",
        "-flag",
        "_flag",
        "flag =?1",
        "flag= ?1",
        "\tflag",
        "\"flag\"",
        "=?1",
        "(flag)",
        "flag\u{e9}",
        "level=\"\u{e9}\"",
        "flag&rate=1",
        "*;a",
    ];
    for text in texts {
        refused(&[text]);
    }
    assert_eq!(set("flag\t").try_get(&FLAG), Ok(true));
}

#[test]
fn attack_11_a_value_that_the_clients_own_toggle_cannot_have_is_refused() {
    let texts = [
        "flag=1",
        "flag=0",
        "flag=\"true\"",
        "rate",
        "rate=?1",
        "rate=\"5\"",
        "level",
        "level=?0",
        "level=1",
        "level=\"verbose\"",
        "level=\"DEBUG\"",
        "level=\"\"",
        "level=\"debug \"",
        "level=\"a name no toggle has\"",
        "flag, rate=?1",
        "undeclared, level=\"verbose\"",
    ];
    for text in texts {
        refused(&[text]);
    }
}

#[test]
fn attack_11_of_a_toggle_of_the_edge_a_wrong_value_is_a_wish_like_any_other() {
    for text in [
        "log-level=1",
        "log-level=\"verbose\"",
        "log-level",
        "edge-flag=\"on\"",
        "edge-rate=?1",
    ] {
        let line = format!("{text}, flag");
        let toggles = set(&line);
        assert_eq!((toggles.len(), toggles.get(&FLAG)), (1, true), "{line}");
    }
}

#[test]
fn attack_11_a_33rd_member_is_refused_whoever_may_set_it() {
    let line = |count: u8| {
        let members = (0..count).map(|nth| format!("t{nth}=?1"));
        members.collect::<Vec<_>>().join(",")
    };
    assert!(set(&line(32)).is_empty());
    refused(&[&line(33)]);
    let own = format!("{},flag", line(31));
    assert_eq!(set(&own).try_get(&FLAG), Ok(true));
    refused(&[&format!("{own},rate=1")]);
    // Names that no toggle has are members, too.
    let odd = |count: usize| {
        (0..count)
            .map(|nth| format!("a_{nth}"))
            .collect::<Vec<_>>()
            .join(",")
    };
    assert!(set(&odd(32)).is_empty());
    refused(&[&odd(33)]);
}

#[test]
fn attack_11_a_second_line_is_refused_even_if_it_is_equal_or_empty() {
    refused(&["flag", "rate=1"]);
    refused(&["flag", "flag"]);
    refused(&["flag", ""]);
    refused(&["", ""]);
    refused(&["undeclared", "log-level=\"debug\""]);
}

#[test]
fn an_edge_knows_the_toggles_of_its_last_registry() {
    let admit = |edge: Edge| edge.admit(&mut headers(&[("x-toggles", b"flag=1")]), None);
    assert!(admit(edge()).unwrap().toggles().is_empty());
    assert!(admit(door()).is_err());
    assert!(admit(door().with_toggles(ToggleRegistry::new())).is_ok());
    assert!(door().with_toggle(&FLAG).is_err());
    assert!(edge().with_toggle(&LOG_LEVEL).is_err());
}
