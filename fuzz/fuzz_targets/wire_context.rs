//! The context half: nothing unsigned opens. What opens is passed on to the byte, survives its JSON form, and is refused once
//! a byte is cut or added under a right tag.

#![no_main]

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use skeleton_fuzz::KEY_ID;
use skeleton_fuzz::NOW;
use skeleton_fuzz::context_head;
use skeleton_fuzz::domain;
use skeleton_fuzz::signed;
use skeleton_invocation_context::Child;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::SeededIds;

const CALLER: [u8; 16] = [9; 16];

static DOMAIN: LazyLock<TrustDomain> = LazyLock::new(domain);

fuzz_target!(|bytes: &[u8]| {
    let Some((mode, rest)) = bytes.split_first() else {
        return;
    };
    match mode % 3 {
        0 => unsigned(rest),
        1 => forged_frame(rest),
        _ => forged_body(rest, usize::from(*mode)),
    }
});

/// The right form under whatever tag the fuzzer wrote: nobody guesses 16 bytes.
fn unsigned(bytes: &[u8]) {
    let mut context = context_head();
    context.extend(bytes);
    let context = URL_SAFE_NO_PAD.encode(context);
    let tag = bytes.last_chunk::<16>().copied().unwrap_or_default();
    assert!(DOMAIN.receive(&context, &hop_of(&tag)).is_err());
    if let Ok(text) = core::str::from_utf8(bytes) {
        assert!(DOMAIN.receive(text, &hop_of(&tag)).is_err());
    }
}

/// Everything of the half but the tag: version, key and expiry, too.
fn forged_frame(bytes: &[u8]) {
    let Ok(child) = opened(bytes) else { return };
    let (head, body) = bytes.split_at(11);
    assert_eq!((head[0], &head[1..5]), (1, &KEY_ID[..]));
    let expires_at = head[5..]
        .iter()
        .fold(0, |millis, byte| millis << 8 | u64::from(*byte));
    let now = NOW.as_millis();
    assert!((now - 5_000..=now + 900_000).contains(&expires_at));
    assert!(!body.is_empty());
    told(&child);
}

/// A body of the fuzzer's under a head that is good.
fn forged_body(body: &[u8], at: usize) {
    let of = |body: &[u8]| [context_head(), body.to_vec()].concat();
    let Ok(child) = opened(&of(body)) else { return };
    told(&child);
    let (context, tag) = signed("skeleton-context/1", &[], of(body));
    let sealed = DOMAIN.seal(&child).expect("a seal that is good");
    assert_eq!(
        (sealed.context(), sealed.hop()),
        (context.as_str(), hop_of(&tag).as_str())
    );
    assert!(opened(&of(&body[..at % body.len()])).is_err());
    assert!(opened(&of(&[body, &[at as u8]].concat())).is_err());
}

/// What both halves open to, when the fuzzer's is rightly signed.
fn opened(context: &[u8]) -> Result<Child, skeleton_invocation_context::ReceiveError> {
    let (context, tag) = signed("skeleton-context/1", &[], context.to_vec());
    DOMAIN.receive(&context, &hop_of(&tag))
}

fn hop_of(tag: &[u8; 16]) -> String {
    let mut hop = vec![1];
    hop.extend(KEY_ID);
    hop.extend(CALLER);
    hop.push(5);
    hop.extend(b"debit");
    signed("skeleton-hop/1", tag, hop).0
}

/// What was opened is a context like any other: forked, it is an event's document and comes back from it.
fn told(child: &Child) {
    let ctx = child.clone().begin(&SeededIds::new(1), NOW);
    if ctx.trace().originating() == ctx.trace().current() {
        return;
    }
    let event = EventContext::of(&ctx);
    let written = serde_json::to_string(&event).expect("a document");
    assert_eq!(
        EventContext::from_json(&written).expect("its own document"),
        event
    );
    assert_eq!(ctx.trace().parent().expect("the caller").to_bytes(), CALLER);
    if let Ok(known) = ctx.clone().authenticated() {
        let effective = known.actor().effective_account();
        assert_eq!(
            (known.tenant(), known.is_test()),
            (effective.tenant(), effective.is_test())
        );
    }
    let further = ctx
        .child(step!("further"))
        .expect("two steps")
        .begin(&SeededIds::new(2), NOW);
    assert_eq!(further.namespace(), ctx.namespace());
    assert_eq!(further.toggles(), ctx.toggles());
}
