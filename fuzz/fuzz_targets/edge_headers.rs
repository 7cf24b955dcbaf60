//! The door as a whole: each header is judged by itself, the same bytes give the same context, and no header that is not the
//! client's to write has any effect.

#![no_main]

use std::sync::LazyLock;

use http::HeaderMap;
use libfuzzer_sys::fuzz_target;
use skeleton_fuzz::NOW;
use skeleton_fuzz::append;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::EventContext;
use skeleton_invocation_context::ExternalInvocationId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::Locale;
use skeleton_invocation_context::MadeBy;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::ToggleRegistry;
use skeleton_invocation_context::TraceParent;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;

const FLAG: ToggleKey<bool> = ToggleKey::client_allowed("a", false);
/// What the edge reads of a client; the first five have one line.
const READ: [&str; 8] = [
    "x-action-id",
    "x-invocation-id",
    "idempotency-key",
    "x-toggles",
    "x-locale",
    "accept-language",
    "user-agent",
    "traceparent",
];
/// What it does not read, or removes.
const UNREAD: [&str; 8] = [
    "skeleton-context",
    "skeleton_hop",
    "skeleton-",
    "x-tenant-id",
    "x-originating-id",
    "x-forwarded-for",
    "forwarded",
    "tracestate",
];

static TOGGLES: LazyLock<ToggleRegistry> =
    LazyLock::new(|| ToggleRegistry::new().declare(&FLAG).expect("a name"));

fuzz_target!(|bytes: &[u8]| {
    let (mut read, mut all) = (HeaderMap::new(), HeaderMap::new());
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some((which, value)) = line.split_first() else {
            continue;
        };
        let which = usize::from(*which) % 16;
        if let Some(name) = READ.get(which) {
            append(&mut read, name, value);
            append(&mut all, name, value);
        } else {
            append(&mut all, UNREAD[which - 8], value);
        }
    }
    let told = admit(&mut all);
    assert!(
        !all.keys()
            .any(|name| name.as_str().replace('_', "-").starts_with("skeleton-"))
    );
    let singles = READ.map(|name| alone(&read, name));
    match (&told, admit(&mut read)) {
        (Ok(ctx), Ok(other)) => {
            assert_eq!(EventContext::of(ctx), EventContext::of(&other));
            assert_eq!(
                format!("{:?}", ctx.access()),
                format!("{:?}", other.access())
            );
            assert_eq!(ctx.link(), other.link());
            begun(ctx, &read);
        }
        (Err(problem), Err(other)) => assert_eq!(*problem, other),
        (one, other) => panic!("{one:?} against {other:?}"),
    }
    // Each line is good by itself, and the two names of the invocation agree.
    let named = [
        single(&read, READ[1]).and_then(ulid),
        single(&read, READ[2]).and_then(key),
    ];
    let differ = matches!(named, [Some(one), Some(other)] if one != other);
    assert_eq!(told.is_ok(), !differ && singles.iter().all(Result::is_ok));
});

fn admit(headers: &mut HeaderMap) -> Result<InvocationContext, Problem> {
    Edge::new(
        FixedClock::at(NOW),
        SeededIds::new(1),
        TrustedProxies::none(),
    )
    .with_toggles(TOGGLES.clone())
    .admit(headers, None)
}

/// What the edge says of this header's lines alone.
fn alone(headers: &HeaderMap, name: &'static str) -> Result<InvocationContext, Problem> {
    let mut only = HeaderMap::new();
    for line in headers.get_all(name) {
        append(&mut only, name, line.as_bytes());
    }
    let told = admit(&mut only);
    let lines: Vec<_> = headers.get_all(name).iter().collect();
    let is_strict = READ[..5].contains(&name);
    let is_refused = match lines.as_slice() {
        [] => false,
        [line] if is_strict => !line.to_str().is_ok_and(|text| is_sound(name, text, &told)),
        _ => is_strict,
    };
    assert_eq!(told.is_err(), is_refused, "{name}: {lines:?}");
    if let Err(problem) = &told {
        let detail = format!("the header {name} is not valid");
        assert_eq!(
            (problem.status(), problem.detail()),
            (400, Some(detail.as_str()))
        );
    }
    told
}

fn is_sound(name: &str, text: &str, told: &Result<InvocationContext, Problem>) -> bool {
    match name {
        "x-action-id" | "x-invocation-id" => ulid(text).is_some(),
        "idempotency-key" => key(text).is_some(),
        "x-locale" => text.parse::<Locale>().is_ok(),
        // Another target asks what a dictionary is.
        _ => told.is_ok(),
    }
}

fn single<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut lines = headers.get_all(name).iter();
    let only = lines.next().filter(|_| lines.next().is_none())?;
    only.to_str().ok()
}

fn ulid(text: &str) -> Option<u128> {
    let id: ExternalInvocationId = text.parse().ok()?;
    Some(u128::from_be_bytes(id.to_bytes()))
}

fn key(text: &str) -> Option<u128> {
    let is_quoted = text.len() >= 2 && text.starts_with('"') && text.ends_with('"');
    let inner = if is_quoted {
        &text[1..text.len() - 1]
    } else {
        text
    };
    ulid(inner).or_else(|| {
        let is_shaped = inner.len() == 36
            && inner.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                14 => byte == b'7',
                19 => b"89abAB".contains(&byte),
                _ => byte.is_ascii_hexdigit(),
            });
        is_shaped.then(|| u128::from_str_radix(&inner.replace('-', ""), 16).unwrap())
    })
}

/// The context of a request that was let in.
fn begun(ctx: &InvocationContext, headers: &HeaderMap) {
    let trace = ctx.trace();
    assert_eq!(
        (trace.parent(), trace.current()),
        (None, trace.originating())
    );
    assert!(trace.step().is_empty() && !ctx.is_test() && ctx.requested_tenant().is_none());
    let named = single(headers, READ[1]).and_then(ulid);
    let named = named.or_else(|| single(headers, READ[2]).and_then(key));
    let external = trace.external();
    match named {
        Some(bits) => {
            assert_eq!(external.invocation().to_bytes(), bits.to_be_bytes());
            assert_eq!(external.made_by(), MadeBy::Client);
        }
        None => assert_eq!(external.made_by(), MadeBy::Edge),
    }
    assert!(ctx.toggles().try_get(&LOG_LEVEL).is_err());
    assert!(ctx.toggles().iter().all(|(name, _)| name == FLAG.name()));
    let link = single(headers, "traceparent").and_then(|text| text.parse::<TraceParent>().ok());
    assert_eq!(ctx.link(), link);
    let asked = single(headers, "x-locale").and_then(|text| text.parse::<Locale>().ok());
    assert_eq!(ctx.locale(), asked.or_else(|| browser(headers)));
}

/// The first of the best among the first sixteen entries.
fn browser(headers: &HeaderMap) -> Option<Locale> {
    let lines = headers
        .get_all("accept-language")
        .iter()
        .filter_map(|line| line.to_str().ok());
    let joined: Vec<_> = lines.collect();
    let joined = joined.join(",");
    let mut usable: Vec<(u32, Locale)> = Vec::new();
    for entry in joined.split(',').take(16) {
        let parts: Vec<_> = entry
            .split(';')
            .map(|part| part.trim_matches([' ', '\t']))
            .collect();
        let weight = match parts.as_slice() {
            [_] => Some(1_000),
            [_, weight] => thousandths(weight),
            _ => None,
        };
        if let (Ok(locale), Some(weight @ 1..)) = (parts[0].parse(), weight) {
            usable.push((weight, locale));
        }
    }
    let best = usable.iter().map(|(weight, _)| *weight).max()?;
    usable
        .iter()
        .find(|(weight, _)| *weight == best)
        .map(|(_, locale)| *locale)
}

fn thousandths(parameter: &str) -> Option<u32> {
    let (name, value) = parameter.split_once('=')?;
    let value = value.trim_matches([' ', '\t']);
    let is_q = name.trim_matches([' ', '\t']).eq_ignore_ascii_case("q");
    let is_short = value.len() <= 5 && value.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_shaped = matches!(value.as_bytes(), [b'0' | b'1'] | [b'0' | b'1', b'.', ..]);
    let number: f64 = value.parse().ok()?;
    (is_q && is_short && is_shaped && number <= 1.0).then(|| (number * 1_000.0).round() as u32)
}
