//! The hop half: unsigned bytes open nothing but the genuine hop; signed ones open exactly if a naive reader takes them, and
//! are written again to the byte.

#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use skeleton_fuzz::KEY_ID;
use skeleton_fuzz::domain;
use skeleton_fuzz::signed;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::context;

/// One domain and the halves of one call.
static GENUINE: LazyLock<(TrustDomain, String, String, [u8; 16])> = LazyLock::new(|| {
    let domain = domain();
    let ctx: InvocationContext = context().at(skeleton_fuzz::NOW).build();
    let child = ctx.child(step!("debit")).expect("one step");
    let sealed = domain.seal(&child).expect("a domain that signs");
    let bytes = URL_SAFE_NO_PAD.decode(sealed.context()).expect("base64");
    let tag = bytes[bytes.len() - 16..].try_into().expect("a tag");
    (
        domain,
        sealed.context().to_owned(),
        sealed.hop().to_owned(),
        tag,
    )
});

fuzz_target!(|bytes: &[u8]| {
    let Some((mode, rest)) = bytes.split_first() else {
        return;
    };
    match mode % 3 {
        0 => unsigned(rest),
        1 => framed(rest),
        _ => forged(rest),
    }
});

/// Any text at all in place of the genuine hop.
fn unsigned(bytes: &[u8]) {
    let (domain, context, hop, _) = &*GENUINE;
    let Ok(text) = core::str::from_utf8(bytes) else {
        return;
    };
    assert_eq!(domain.receive(context, text).is_ok(), text == hop);
    // A context half is not a hop half, nor the other way about.
    assert!(domain.receive(text, hop).is_err() || text == context);
}

/// Bytes of the right form under a tag of the fuzzer's own.
fn framed(bytes: &[u8]) {
    let (domain, context, hop, _) = &*GENUINE;
    let text = URL_SAFE_NO_PAD.encode(bytes);
    assert_eq!(domain.receive(context, &text).is_ok(), text == *hop);
}

/// Everything after the key's id, rightly signed.
fn forged(bytes: &[u8]) {
    let (domain, context, _, tag) = &*GENUINE;
    let mut hop = vec![1];
    hop.extend(KEY_ID);
    hop.extend(bytes);
    let (text, _) = signed("skeleton-hop/1", tag, hop);
    let child = domain.receive(context, &text);
    let Some((caller, path)) = naive(bytes) else {
        assert!(child.is_err());
        return;
    };
    let child = child.expect("a hop that a naive reader takes");
    assert_eq!(child.caller().to_bytes(), caller);
    assert_eq!(child.step().as_str(), path);
    let sealed = domain.seal(&child).expect("a seal that is good");
    assert_eq!(
        (sealed.context(), sealed.hop()),
        (context.as_str(), text.as_str())
    );
}

fn naive(bytes: &[u8]) -> Option<([u8; 16], &str)> {
    let (caller, rest) = bytes.split_first_chunk::<16>()?;
    let (length, path) = rest.split_first()?;
    let path = core::str::from_utf8(path).ok()?;
    let labels: Vec<_> = path.split('/').collect();
    let are_labels = labels.len() <= 16 && labels.iter().all(|label| is_label(label));
    let is_sound = path.len() == usize::from(*length) && path.len() <= 192 && are_labels;
    (is_sound && *caller != [0; 16]).then_some((*caller, path))
}

fn is_label(label: &str) -> bool {
    let (name, items) = label
        .split_once('.')
        .map_or((label, None), |(n, i)| (n, Some(i)));
    let is_item = |item: &str| {
        let is_short = item == "0" || !item.starts_with('0');
        let are_digits = !item.is_empty() && item.bytes().all(|byte| byte.is_ascii_digit());
        is_short && are_digits && item.len() <= 10 && item.parse::<u64>().unwrap() <= 0xffff_ffff
    };
    let legal = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    !name.is_empty()
        && label.len() <= 32
        && name.bytes().all(legal)
        && !name.starts_with('-')
        && !name.ends_with('-')
        && items.is_none_or(|items| items.split('.').all(is_item))
}
