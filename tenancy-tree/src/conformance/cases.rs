//! The cases, one function each. The macros call them; each panics with what the store did wrong.
#![expect(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "these are tests, exported: a panic is how they fail"
)]

use core::future::Future;
use core::num::NonZeroU32;
use core::pin::pin;
use core::task::Context;
use core::task::Waker;
use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::Timestamp;

use super::port::Port;
use super::port::onboarded;
use crate::forest::Forest;
use crate::in_tenant::InTenant;
use crate::recorded::Cause;
use crate::recorded::Recorded;
use crate::store::AppendError;
use crate::store::Head;
use crate::store::TenantStore;
use crate::store::TreeStore;
use crate::tenant::TenantEvent;
use crate::tenant::TenantVersion;
use crate::tree::Limits;

/// Every event comes back equal, with its time and its cause, in order.
pub async fn what_was_appended_is_read_as_it_was<P: Port>(port: P) {
    let t = inside(1);
    let events: Vec<_> = P::every(t.tenant())
        .into_iter()
        .map(|event| recorded(t, event))
        .collect();
    let version = port
        .append(t, 0, &events)
        .await
        .expect("an append to an empty stream");
    assert_eq!(
        version,
        length(&events),
        "the version is the length of the stream"
    );
    assert_eq!(all(&port, t).await, events);
}

/// An append at another version than the stream's is `Stale`, names the right one, and writes nothing.
pub async fn a_stale_append_writes_nothing<P: Port>(port: P) {
    let t = inside(1);
    let first = numbered::<P>(t, 0..3);
    port.append(t, 0, &first)
        .await
        .expect("an append to an empty stream");
    for expected in [0, 1, 2, 4, u64::MAX] {
        match port.append(t, expected, &numbered::<P>(t, 7..9)).await {
            Err(AppendError::Stale { actual }) => assert_eq!(actual, 3),
            other => panic!("an append at version {expected} of 3 answered {other:?}"),
        }
    }
    assert_eq!(all(&port, t).await, first);
}

/// Of a hundred appends at one version one wins, and only its events are there.
pub async fn of_a_hundred_racers_at_one_version_one_wins<P: Port>(port: P) {
    let t = inside(1);
    let port = Arc::new(port);
    let race = |number: u8| {
        let port = Arc::clone(&port);
        async move {
            let events = numbered::<P>(t, number..number + 1);
            (number, port.append(t, 0, &events).await)
        }
    };
    let racers: Vec<_> = (0..100).map(|number| tokio::spawn(race(number))).collect();
    let mut winners = Vec::new();
    for racer in racers {
        match racer.await.expect("a racer that does not panic") {
            (number, Ok(_)) => winners.push(number),
            (_, Err(AppendError::Stale { actual })) => assert_eq!(actual, 1),
            (_, Err(error)) => panic!("a racer was answered {error:?}"),
        }
    }
    let [winner] = *winners else {
        panic!("{} racers won", winners.len());
    };
    assert_eq!(all(&*port, t).await, numbered::<P>(t, winner..winner + 1));
}

/// Pages of any size concatenate to the log: versions are dense.
pub async fn pages_concatenate_to_the_log<P: Port>(port: P) {
    let t = inside(1);
    let events = numbered::<P>(t, 0..10);
    for (expected, event) in (0..).zip(events.chunks(1)) {
        let version = port
            .append(t, expected, event)
            .await
            .expect("an append at the head");
        assert_eq!(version, expected + 1);
    }
    for size in 1..=11 {
        let mut read = Vec::new();
        loop {
            let max = NonZeroU32::new(size).unwrap_or(NonZeroU32::MIN);
            let page = port.read(t, length(&read), max).await.expect("a page");
            assert!(
                length(&page) <= u64::from(size),
                "a page has more events than asked for"
            );
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        assert_eq!(read, events, "pages of {size}");
    }
    let beyond = port
        .read(t, u64::MAX, NonZeroU32::MAX)
        .await
        .expect("a page beyond the end");
    assert!(beyond.is_empty());
}

/// An append whose future is dropped, at whatever point, is there as a whole or not at all.
pub async fn an_append_is_all_or_nothing_though_its_future_is_dropped<P: Port>(port: P) {
    for (number, polls) in (1_u8..).zip(0..8_u8) {
        let t = inside(number);
        let events = numbered::<P>(t, 0..3);
        {
            let mut append = pin!(port.append(t, 0, &events));
            for _ in 0..polls {
                let mut idle = Context::from_waker(Waker::noop());
                if append.as_mut().poll(&mut idle).is_ready() {
                    break;
                }
                tokio::task::yield_now().await;
            }
        }
        let first = all(&port, t).await;
        assert!(
            first.is_empty() || first == events,
            "{} of 3 events are there",
            first.len()
        );
        // What was dropped may still be under way in the store; an append at the version that was read settles it.
        match port
            .append(t, length(&first), &numbered::<P>(t, 5..6))
            .await
        {
            Ok(_) => assert_eq!(all(&port, t).await.len(), first.len() + 1),
            Err(AppendError::Stale { actual }) => assert_eq!(actual, 3),
            Err(error) => panic!("an append after a dropped one answered {error:?}"),
        }
    }
}

/// The same ids in two tenants are two streams.
pub async fn equal_ids_in_two_tenants_never_meet<P: Port>(port: P) {
    let (one, other) = (inside(1), inside(2));
    let events = numbered::<P>(one, 0..2);
    port.append(one, 0, &events)
        .await
        .expect("an append to an empty stream");
    assert!(all(&port, other).await.is_empty());
    let same = P::numbered(one.tenant(), 0);
    let same = [recorded(other, same)];
    let version = port
        .append(other, 0, &same)
        .await
        .expect("an append to the other stream");
    assert_eq!(version, 1);
    assert_eq!(
        (all(&port, one).await, all(&port, other).await),
        (events, same.to_vec())
    );
}

/// The table of heads has every stream that has events, once, in the order of tenants, with its length.
pub async fn heads_name_every_stream_once_and_in_order<P: Port>(port: P) {
    assert!(
        port.heads(None)
            .await
            .expect("heads of an empty store")
            .is_empty()
    );
    for number in [9, 3, 7] {
        let t = inside(number);
        let events = numbered::<P>(t, 0..number);
        port.append(t, 0, &events)
            .await
            .expect("an append to an empty stream");
    }
    let (mut heads, mut after) = (Vec::new(), None);
    loop {
        let page = port.heads(after).await.expect("a page of heads");
        let Some(last) = page.last() else { break };
        after = Some(last.tenant());
        heads.extend(page);
    }
    let expected = [3, 7, 9].map(|number: u8| Head::new(tenant(number), number.into()));
    assert_eq!(heads, expected);
}

/// A store whose server does not answer says so: it is not an empty one.
pub async fn a_store_that_is_down_is_unavailable_and_not_empty<P: Port>(port: P) {
    let t = inside(1);
    assert!(port.read(t, 0, NonZeroU32::MAX).await.is_err());
    assert!(port.heads(None).await.is_err());
    let append = port.append(t, 0, &numbered::<P>(t, 0..1)).await;
    assert!(
        matches!(append, Err(AppendError::Unavailable(_))),
        "{append:?}"
    );
}

/// What one process commits, another one that is never notified sees after one look at the heads.
pub async fn every_commit_reaches_a_follower_that_nobody_notifies<S: TreeStore>(store: S) {
    let store = Arc::new(store);
    let open = || {
        Forest::open(
            Arc::clone(&store),
            Limits::default(),
            SystemClock,
            RandomIds,
        )
    };
    let (writer, follower) = (open(), open());
    let t = inside(1);
    follower.snapshot(t).await.expect("an empty tree");
    for number in 0..20 {
        let root = ContainerId::root_of(t.tenant());
        let name = format!("number {number}");
        let container = writer.create(t, root, &name).await.expect("a container");
        assert_eq!(
            follower.catch_up_all().await.expect("a look at the heads"),
            1
        );
        let seen = follower.published(t.tenant()).expect("a tree");
        assert!(
            seen.node(container).is_some(),
            "container {number} did not reach the follower"
        );
    }
    assert_eq!(
        follower.catch_up_all().await.expect("a look at the heads"),
        0
    );
}

/// Of two tenants that are given one entry point at once one is, and the other one is not there at all.
pub async fn of_two_onboardings_of_one_slug_one_wins<S: TenantStore>(store: S) {
    let store = Arc::new(store);
    for round in 0..20_u8 {
        let slug = format!("slug-{round}");
        let onboard = |number: u8| {
            let (store, slug) = (Arc::clone(&store), slug.clone());
            tokio::spawn(async move { give(&*store, inside(number), &slug).await })
        };
        let both = [onboard(100 + round), onboard(200 + round)];
        let mut won = 0;
        for racer in both {
            match racer.await.expect("a racer that does not panic") {
                Ok(_) => won += 1,
                Err(AppendError::Taken) => {}
                Err(error) => panic!("a racer was answered {error:?}"),
            }
        }
        assert_eq!(won, 1, "of two onboardings of one slug {won} won");
        let mut lengths = Vec::new();
        for number in [100 + round, 200 + round] {
            let stream = store
                .read(inside(number), TenantVersion::ZERO, NonZeroU32::MAX)
                .await;
            lengths.push(stream.expect("a stream").len());
        }
        lengths.sort_unstable();
        assert_eq!(lengths, [0, 1]);
    }
}

/// An entry point that a tenant was given is no other tenant's, whatever became of the first one.
pub async fn the_slug_of_a_closed_tenant_stays_taken<S: TenantStore>(store: S) {
    let t = inside(1);
    give(&store, t, "gone").await.expect("an onboarding");
    let tenant = t.tenant();
    let end = [
        TenantEvent::Closing { tenant },
        TenantEvent::Closed { tenant },
    ];
    let end = end.map(|event| recorded(t, event));
    store
        .append(t, TenantVersion::new(1), &end)
        .await
        .expect("an end");
    let again = give(&store, inside(2), "gone").await;
    assert!(matches!(again, Err(AppendError::Taken)), "{again:?}");
    assert!(give(&store, inside(2), "fresh").await.is_ok());
}

async fn give<S: TenantStore>(
    store: &S,
    t: InTenant<'_>,
    slug: &str,
) -> Result<TenantVersion, AppendError> {
    let event = onboarded(t.tenant(), slug).expect("a slug");
    store
        .append(t, TenantVersion::ZERO, &[recorded(t, event)])
        .await
}

async fn all<P: Port>(port: &P, t: InTenant<'_>) -> Vec<Recorded<P::Event>> {
    port.read(t, 0, NonZeroU32::MAX).await.expect("a stream")
}

fn numbered<P: Port>(t: InTenant<'_>, numbers: core::ops::Range<u8>) -> Vec<Recorded<P::Event>> {
    numbers
        .map(|number| recorded(t, P::numbered(t.tenant(), number)))
        .collect()
}

fn recorded<E>(t: InTenant<'_>, event: E) -> Recorded<E> {
    Recorded::new(
        event,
        Timestamp::from_millis(1_795_428_900_123),
        Cause::of(t),
    )
}

fn inside(number: u8) -> InTenant<'static> {
    InTenant::background(tenant(number), "conformance")
}

fn tenant(number: u8) -> TenantId {
    TenantId::from_bytes([number.max(1); 16]).expect("an id that is not nil")
}

fn length<T>(events: &[T]) -> u64 {
    u64::try_from(events.len()).unwrap_or(u64::MAX)
}
