//! `traceparent`: the parser agrees with one that splits at hyphens, and what it read it writes so that it reads the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use skeleton_invocation_context::TraceParent;

fuzz_target!(|text: &str| {
    let read = text.parse::<TraceParent>().ok();
    assert_eq!(read.map(|read| fields(&read)), naive(text));
    let Some(read) = read else { return };
    let written = read.to_string();
    assert_eq!(written.len(), 55);
    assert!(written.starts_with("00-"));
    assert_eq!(written.parse(), Ok(read));
    if text.starts_with("00") {
        assert_eq!(written[..53], text[..53]);
    }
});

type Fields = (u128, u64, bool, bool);

fn fields(read: &TraceParent) -> Fields {
    (
        u128::from_be_bytes(read.trace_id()),
        u64::from_be_bytes(read.parent_id()),
        read.is_sampled(),
        read.is_random(),
    )
}

fn naive(text: &str) -> Option<Fields> {
    let parts: Vec<_> = text.split('-').collect();
    let [version, trace_id, parent_id, flags, rest @ ..] = parts.as_slice() else {
        return None;
    };
    let is_hex = |part: &str, len: usize| {
        part.len() == len && part.chars().all(|char| "0123456789abcdef".contains(char))
    };
    let is_sound =
        is_hex(version, 2) && is_hex(trace_id, 32) && is_hex(parent_id, 16) && is_hex(flags, 2);
    if !is_sound || *version == "ff" || (*version == "00" && !rest.is_empty()) {
        return None;
    }
    let trace_id = u128::from_str_radix(trace_id, 16).ok()?;
    let parent_id = u64::from_str_radix(parent_id, 16).ok()?;
    let flags = u8::from_str_radix(flags, 16).ok()?;
    let is_nil = trace_id == 0 || parent_id == 0;
    (!is_nil).then_some((trace_id, parent_id, flags & 1 == 1, flags & 2 == 2))
}
