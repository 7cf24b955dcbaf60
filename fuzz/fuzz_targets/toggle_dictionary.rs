//! `X-Toggles`: the edge takes exactly what `sfv` takes, but for repeated keys and what no toggle holds; a client's word sets
//! the toggles that are the client's, and is a wish for the others.

#![no_main]

use core::pin::pin;
use core::task::Context;
use core::task::Poll;
use core::task::Waker;
use std::convert::Infallible;
use std::future::Future;
use std::future::Ready;
use std::future::ready;
use std::sync::LazyLock;

use http::HeaderMap;
use http::Request;
use http::Response;
use libfuzzer_sys::fuzz_target;
use skeleton_fuzz::NOW;
use skeleton_fuzz::append;
use skeleton_fuzz::dictionary::Member;
use skeleton_fuzz::dictionary::read;
use skeleton_invocation_context::Edge;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::LOG_LEVEL;
use skeleton_invocation_context::ToggleChoice;
use skeleton_invocation_context::ToggleKey;
use skeleton_invocation_context::ToggleType;
use skeleton_invocation_context::Toggles;
use skeleton_invocation_context::TrustedProxies;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::tower::ToggleLayer;
use tower::Layer as _;
use tower::Service;

#[derive(Clone, Debug, PartialEq)]
enum Fees {
    Old,
    New,
}

impl ToggleChoice for Fees {
    const CHOICES: &'static [(&'static str, Self)] = &[("old", Self::Old), ("new", Self::New)];

    fn name(&self) -> &'static str {
        if *self == Self::Old { "old" } else { "new" }
    }
}

const FLAG: ToggleKey<bool> = ToggleKey::client_allowed("a", false);
const RATE: ToggleKey<i64> = ToggleKey::client_allowed("b", 0);
const FEES: ToggleKey<Fees> = ToggleKey::client_allowed("c", Fees::Old);
const EDGE_FLAG: ToggleKey<bool> = ToggleKey::edge_only("d", false);
const EDGE_RATE: ToggleKey<i64> = ToggleKey::edge_only("e-0", 0);

static EDGE: LazyLock<Edge> = LazyLock::new(|| {
    Edge::new(
        FixedClock::at(NOW),
        SeededIds::new(1),
        TrustedProxies::none(),
    )
    .with_toggle(&FLAG)
    .and_then(|edge| edge.with_toggle(&RATE))
    .and_then(|edge| edge.with_toggle(&FEES))
    .and_then(|edge| edge.with_toggle(&EDGE_FLAG))
    .and_then(|edge| edge.with_toggle(&EDGE_RATE))
    .expect("five names")
});

static GRANTS_ALL: LazyLock<ToggleLayer> = LazyLock::new(|| {
    ToggleLayer::new()
        .when(&EDGE_FLAG, |_, wish| wish)
        .when(&EDGE_RATE, |_, wish| wish)
        .when(&LOG_LEVEL, |_, wish| wish)
});

fuzz_target!(|bytes: &[u8]| {
    let mut headers = HeaderMap::new();
    if !append(&mut headers, "x-toggles", bytes) {
        return;
    }
    let admitted = EDGE.admit(&mut headers, None);
    let expected = read(bytes).and_then(|members| expected(&members));
    let Some((set, granted)) = expected else {
        let problem = admitted.expect_err("sfv refuses");
        assert_eq!(problem.status(), 400);
        assert_eq!(problem.detail(), Some("the header x-toggles is not valid"));
        return;
    };
    let ctx = admitted.expect("sfv takes it");
    assert_eq!(*ctx.toggles(), set);
    assert!(ctx.toggles().try_get(&EDGE_FLAG).is_err());
    assert!(ctx.toggles().try_get(&EDGE_RATE).is_err());
    assert!(ctx.toggles().try_get(&LOG_LEVEL).is_err());
    assert_eq!(behind_the_layer(ctx), granted);
});

/// What the client set, and what holds once every wish is granted; nothing if a toggle of the client has another type.
fn expected(members: &[(String, Member)]) -> Option<(Toggles, Toggles)> {
    let mut set = Toggles::none();
    for (name, value) in members {
        set = match name.as_str() {
            "a" => with(&set, &FLAG, flag(value)?),
            "b" => with(&set, &RATE, integer(value)?),
            "c" => with(&set, &FEES, choice(value)?),
            _ => set,
        };
    }
    let mut granted = set.clone();
    for (name, value) in members {
        granted = match (name.as_str(), flag(value), integer(value), choice(value)) {
            ("d", Some(flag), _, _) => with(&granted, &EDGE_FLAG, flag),
            ("e-0", _, Some(number), _) => with(&granted, &EDGE_RATE, number),
            ("log-level", _, _, Some(level)) => with(&granted, &LOG_LEVEL, level),
            _ => granted,
        };
    }
    Some((set, granted))
}

fn with<T: ToggleType>(toggles: &Toggles, key: &ToggleKey<T>, value: T) -> Toggles {
    toggles.with(key, &value).expect("one of six toggles")
}

fn flag(value: &Member) -> Option<bool> {
    match value {
        Member::Flag(flag) => Some(*flag),
        _ => None,
    }
}

fn integer(value: &Member) -> Option<i64> {
    match value {
        Member::Integer(number) => Some(*number),
        _ => None,
    }
}

fn choice<T: ToggleChoice>(value: &Member) -> Option<T> {
    let Member::Text(text) = value else {
        return None;
    };
    let mut choices = T::CHOICES.iter();
    choices
        .find(|(name, _)| name == text)
        .map(|(_, value)| value.clone())
}

/// The toggles that a handler sees.
fn behind_the_layer(ctx: InvocationContext) -> Toggles {
    let mut request = Request::new(());
    request.extensions_mut().insert(ctx);
    let mut seen = None;
    let handler = Handler(&mut seen);
    let mut answer = pin!(GRANTS_ALL.layer(handler).call(request));
    let polled = answer
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(Ok(answer)) if answer.status() == 200));
    seen.expect("the handler was called")
}

struct Handler<'s>(&'s mut Option<Toggles>);

impl Service<Request<()>> for Handler<'_> {
    type Response = Response<String>;
    type Error = Infallible;
    type Future = Ready<Result<Response<String>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let ctx = request.extensions().get::<InvocationContext>();
        *self.0 = ctx.map(|ctx| ctx.toggles().clone());
        ready(Ok(Response::default()))
    }
}
