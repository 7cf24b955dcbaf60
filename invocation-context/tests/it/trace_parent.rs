//! `traceparent`: what is read, what is written, and that an inbound one is a link at most.

use core::num::NonZeroU128;

use proptest::option;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_assert;
use proptest::prop_assert_eq;
use proptest::prop_oneof;
use proptest::proptest;
use skeleton_invocation_context::ActionId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::TraceParent;
use skeleton_invocation_context::step;

use crate::helpers::NOW;
use crate::helpers::admit;
use crate::helpers::anonymous;
use crate::helpers::contexts;

const SAMPLE: &str = "00-01a207e7524f1c59ba2dde83458bfed0-cdc83011ac8efe12-03";
const TRACE: &str = "01a207e7524f1c59ba2dde83458bfed0";
const PARENT: &str = "cdc83011ac8efe12";

fn read(text: &str) -> Option<TraceParent> {
    text.parse().ok()
}

#[test]
fn the_sample_of_the_design_is_read_and_written() {
    let sample = read(SAMPLE).unwrap();
    assert_eq!(sample.to_string(), SAMPLE);
    assert!(sample.is_sampled() && sample.is_random());
    // The originating id of the sample, and the last 8 bytes of its current one.
    let originating: ActionId = "01M83YEMJF3HCVMBEYGD2RQZPG".parse().unwrap();
    let current: ActionId = "01M83YEMJV1PBWVJ1G26P8XZGJ".parse().unwrap();
    assert_eq!(sample.trace_id(), originating.to_bytes());
    assert_eq!(sample.parent_id(), current.to_bytes()[8..]);
}

#[test]
fn flags_that_are_not_known_are_dropped() {
    for (flags, sampled, random) in [
        ("00", false, false),
        ("01", true, false),
        ("02", false, true),
        ("03", true, true),
        ("fc", false, false),
        ("ff", true, true),
    ] {
        let parent = read(&format!("00-{TRACE}-{PARENT}-{flags}")).unwrap();
        assert_eq!((parent.is_sampled(), parent.is_random()), (sampled, random));
        assert!(parent.to_string().starts_with("00-"));
        assert_eq!(read(&parent.to_string()), Some(parent));
    }
}

#[test]
fn a_later_version_is_read_as_far_as_it_is_known() {
    for version in ["01", "cc", "fe"] {
        for tail in ["", "-", "-what-the-future-will-be-like", "-00"] {
            let text = format!("{version}-{TRACE}-{PARENT}-03{tail}");
            assert_eq!(read(&text), read(SAMPLE), "{text}");
        }
        for tail in [".what", "0", " ", "_"] {
            let text = format!("{version}-{TRACE}-{PARENT}-03{tail}");
            assert_eq!(read(&text), None, "{text}");
        }
    }
}

/// What is no `traceparent`, by the suite of the standard and by what the design names.
fn broken() -> Vec<String> {
    let zero = |digits: usize| "0".repeat(digits);
    let mut broken: Vec<String> = ["", "-", "---", "00", "00-", "00---", "\0", "é", "0é-"]
        .map(str::to_owned)
        .into();
    broken.extend([
        format!("ff-{TRACE}-{PARENT}-03"),
        format!("ff-{TRACE}-{PARENT}-03-x"),
        format!("00-{TRACE}-{PARENT}-03-"),
        format!("00-{TRACE}-{PARENT}-03-what"),
        format!("00-{TRACE}-{PARENT}-03."),
        format!("00-{}-{PARENT}-03", zero(32)),
        format!("00-{TRACE}-{}-03", zero(16)),
        format!("00-{}-{PARENT}-03", TRACE.get(1..).unwrap()),
        format!("00-{TRACE}0-{PARENT}-03"),
        format!("00-{TRACE}-{}-03", PARENT.get(1..).unwrap()),
        format!("00-{TRACE}-{PARENT}0-03"),
        format!("00-{TRACE}-{PARENT}-3"),
        format!("00-{TRACE}-{PARENT}-003"),
        format!("00-{TRACE}-{PARENT}-"),
        format!("00-{TRACE}-{PARENT}"),
        format!("0-{TRACE}-{PARENT}-03"),
        format!("000-{TRACE}-{PARENT}-03"),
        format!("-{TRACE}-{PARENT}-03"),
        format!("00-{}-{PARENT}-03", TRACE.to_uppercase()),
        format!("00-{TRACE}-{}-03", PARENT.to_uppercase()),
        format!("00-{TRACE}-{PARENT}-0A"),
        format!("CC-{TRACE}-{PARENT}-03"),
        format!("0x-{TRACE}-{PARENT}-03"),
        format!("00-{TRACE}-{PARENT}-0x"),
        format!("00_{TRACE}_{PARENT}_03"),
        format!(" {SAMPLE}"),
        format!("{SAMPLE} "),
        format!("{SAMPLE}\n"),
        format!("{SAMPLE},{SAMPLE}"),
        format!("00-+{}-{PARENT}-03", TRACE.get(1..).unwrap()),
        SAMPLE.replace("8bfed0", "8bfé"),
    ]);
    broken
}

#[test]
fn what_is_no_traceparent_is_refused() {
    for text in broken() {
        assert_eq!(read(&text), None, "{text:?}");
    }
}

#[test]
fn attack_20_an_inbound_trace_is_a_link_at_most() {
    let link = |lines: &[&str]| {
        let lines: Vec<_> = lines
            .iter()
            .map(|line| ("traceparent", line.as_bytes()))
            .collect();
        let ctx = admit(&lines).unwrap();
        assert_ne!(
            ctx.trace().originating().to_bytes(),
            read(SAMPLE).unwrap().trace_id()
        );
        assert!(ctx.trace().parent().is_none());
        assert_eq!(ctx.trace(), admit(&[]).unwrap().trace());
        ctx.link()
    };
    assert_eq!(link(&[SAMPLE]), read(SAMPLE));
    assert_eq!(link(&[]), None);
    assert_eq!(link(&[SAMPLE, SAMPLE]), None);
    assert_eq!(link(&[SAMPLE, "ff"]), None);
    for text in broken() {
        let is_line = text.bytes().all(|byte| byte >= b' ');
        if is_line && text.trim() == text {
            assert_eq!(link(&[&text]), None, "{text:?}");
        }
    }
    let unsampled = format!("00-{TRACE}-{PARENT}-00");
    let ctx = admit(&[("traceparent", unsampled.as_bytes())]).unwrap();
    assert!(
        ctx.trace().is_sampled(),
        "the client does not decide what is kept"
    );
}

/// Always the same id, whose last 8 bytes are zero.
struct Even;

impl IdGenerator for Even {
    fn next(&self, _: Timestamp) -> NonZeroU128 {
        NonZeroU128::new(1 << 64).unwrap()
    }
}

#[test]
fn no_id_makes_a_parent_of_zero() {
    let ctx = anonymous().child(step!("debit")).unwrap().begin(&Even, NOW);
    let parent = TraceParent::of(ctx.trace());
    assert_ne!(parent.parent_id(), [0; 8]);
    assert_eq!(read(&parent.to_string()), Some(parent));
}

/// The ids and flags of a `traceparent`, by splitting it.
fn model(text: &str) -> Option<(String, String, bool, bool)> {
    let parts: Vec<_> = text.splitn(5, '-').collect();
    let [version, trace, parent, flags, rest @ ..] = &parts[..] else {
        return None;
    };
    let is_hex = |part: &str, digits: usize| {
        part.chars().count() == digits && part.chars().all(|c| "0123456789abcdef".contains(c))
    };
    let is_nil = |part: &str| part.chars().all(|c| c == '0');
    let is_sound =
        is_hex(version, 2) && is_hex(trace, 32) && is_hex(parent, 16) && is_hex(flags, 2);
    let is_known = *version != "ff" && (*version != "00" || rest.is_empty());
    if !is_sound || !is_known || is_nil(trace) || is_nil(parent) {
        return None;
    }
    let flags = flags.chars().nth(1).unwrap().to_digit(16).unwrap();
    Some((
        trace.to_string(),
        parent.to_string(),
        flags % 2 == 1,
        flags / 2 % 2 == 1,
    ))
}

/// Texts that are nearly right, or right.
fn nearly() -> impl Strategy<Value = String> {
    let version = prop_oneof!["00", "[0-9a-f]{2}", "ff", "[0-9a-fA-Fg]{1,3}"];
    let trace = prop_oneof!["[0-9a-f]{32}", "0{32}", "[0-9a-fA-F]{31,33}", "0{31}[01]"];
    let parent = prop_oneof!["[0-9a-f]{16}", "0{16}", "[0-9a-fA-F]{15,17}", "0{15}[01]"];
    let flags = prop_oneof!["[0-9a-f]{2}", "[0-9a-fA-F]{1,3}"];
    let tail = option::weighted(0.3, "[-.0]?.{0,4}");
    let parts = (version, trace, parent, flags, tail);
    parts.prop_map(|(version, trace, parent, flags, tail)| {
        format!(
            "{version}-{trace}-{parent}-{flags}{}",
            tail.unwrap_or_default()
        )
    })
}

fn told(parent: TraceParent) -> (String, String, bool, bool) {
    let trace = u128::from_be_bytes(parent.trace_id());
    let id = u64::from_be_bytes(parent.parent_id());
    (
        format!("{trace:032x}"),
        format!("{id:016x}"),
        parent.is_sampled(),
        parent.is_random(),
    )
}

proptest! {
    #[test]
    fn the_reader_agrees_with_a_naive_model(text in prop_oneof![4 => nearly(), 1 => any::<String>()]) {
        prop_assert_eq!(read(&text).map(told), model(&text));
    }

    #[test]
    fn what_is_written_is_read_and_says_the_trace(ctx in contexts()) {
        let parent = TraceParent::of(ctx.trace());
        prop_assert_eq!(read(&parent.to_string()), Some(parent));
        prop_assert_eq!(parent.to_string().len(), 55);
        prop_assert_eq!(parent.trace_id(), ctx.trace().originating().to_bytes());
        prop_assert_eq!(&parent.parent_id()[..], &ctx.trace().current().to_bytes()[8..]);
        prop_assert!(parent.is_random() && parent.is_sampled());
    }
}
