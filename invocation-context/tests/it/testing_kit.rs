//! What the module for tests promises, and that its assertions fail when they should.

use core::num::NonZeroU128;
use core::time::Duration;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::panic::catch_unwind;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prop_assert_eq;
use proptest::proptest;
use skeleton_invocation_context::Access;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::ContextKey;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::SealedContext;
use skeleton_invocation_context::Step;
use skeleton_invocation_context::Timestamp;
use skeleton_invocation_context::TrustDomain;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::FixedClock;
use skeleton_invocation_context::testing::SeededIds;
use skeleton_invocation_context::testing::SteppingClock;
use skeleton_invocation_context::testing::assert_distinct_steps;
use skeleton_invocation_context::testing::assert_forked_from;
use skeleton_invocation_context::testing::assert_same_call;
use skeleton_invocation_context::testing::context;

use crate::helpers::NOW;
use crate::helpers::tenant;

pub(crate) fn panics(code: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(code)).is_err()
}

pub(crate) fn domain() -> TrustDomain {
    let key = ContextKey::new(*b"test", [7; 32]);
    TrustDomain::new("bank", FixedClock::at(NOW), key, []).unwrap()
}

pub(crate) fn user() -> InvocationContext {
    context().at(NOW).user_in(tenant(1)).build()
}

fn after(ctx: &InvocationContext, label: &Step, seed: u64) -> InvocationContext {
    ctx.child(label).unwrap().begin(&SeededIds::new(seed), NOW)
}

#[test]
fn a_stepping_clock_moves_by_one_step_whenever_it_is_asked() {
    let clock = SteppingClock::from(NOW, Duration::from_millis(250));
    let other = clock.clone();
    let shown = [clock.now(), other.now(), clock.now()].map(Timestamp::as_millis);
    let first = NOW.as_millis();
    assert_eq!(shown, [first, first + 250, first + 500]);
    let still = SteppingClock::from(NOW, Duration::ZERO);
    assert_eq!((still.now(), still.now()), (NOW, NOW));
}

#[test]
fn a_stepping_clock_never_goes_back() {
    for step in [
        Duration::from_secs(u64::MAX),
        Duration::from_millis(u64::MAX / 2),
    ] {
        let clock = SteppingClock::from(NOW, step);
        let mut last = clock.now();
        for _ in 0..4 {
            let next = clock.now();
            assert!(next >= last, "{step:?}");
            last = next;
        }
    }
}

#[test]
fn a_fixed_clock_stands_still_until_it_is_moved() {
    let clock = FixedClock::at(NOW);
    let other = clock.clone();
    assert_eq!((clock.now(), clock.now()), (NOW, NOW));
    clock.advance(Duration::from_secs(1));
    assert_eq!(other.now().as_millis(), NOW.as_millis() + 1_000);
    other.set(Timestamp::from_millis(5));
    assert_eq!(clock.now().as_millis(), 5);
    clock.advance(Duration::MAX);
    assert_eq!(clock.now(), Timestamp::MAX);
}

#[test]
fn the_ids_of_different_seeds_do_not_overlap() {
    let step = 0x9e37_79b9_7f4a_7c15_u64;
    let near = (0..200).chain([u64::MAX, u64::MAX - 1]);
    let along = (1..50_u64).map(|nth| nth.wrapping_mul(step));
    let mut seen: HashSet<NonZeroU128> = HashSet::new();
    for seed in near.chain(along) {
        let ids = SeededIds::new(seed);
        for _ in 0..200 {
            assert!(seen.insert(ids.next(NOW)), "seed {seed}");
        }
    }
}

#[test]
fn a_fork_is_told_from_what_is_none() {
    let parent = user();
    let child = after(&parent, &step!("debit"), 2);
    let grandchild = after(&child, &step!("notify"), 3);
    assert_forked_from(&child, &parent);
    assert_forked_from(&grandchild, &child);
    assert_forked_from(&child.clone().authenticated().unwrap(), &parent);
    let other = context().at(NOW).seed(9).user_in(tenant(1)).build();
    let item = parent.bulk_item(
        other.trace().external().invocation(),
        other.trace().current(),
    );
    let wrong = [
        (&parent, &parent),
        (&parent, &child),
        (&grandchild, &parent),
        (&child, &child),
        (&other, &parent),
        (&after(&other, &step!("debit"), 2), &parent),
        (&after(&parent, &step!("debit"), 3), &grandchild),
        // An item is no step further, and another invocation.
        (&item.unwrap(), &parent),
    ];
    for (nth, (child, parent)) in wrong.into_iter().enumerate() {
        assert!(panics(|| assert_forked_from(child, parent)), "pair {nth}");
    }
}

#[test]
fn a_retry_is_told_from_another_call() {
    let first = user();
    let name = first.trace().external().invocation();
    let like = |seed| {
        context()
            .at(NOW)
            .seed(1)
            .user_in(tenant(1))
            .seed(seed)
            .invocation(name)
    };
    let retry = like(7).build();
    assert_same_call(&first, &retry);
    assert_same_call(
        &after(&first, &step!("debit"), 2),
        &after(&retry, &step!("debit"), 3),
    );
    let wrong = [
        (
            first.clone(),
            context()
                .at(NOW)
                .user_in(tenant(1))
                .invocation(name)
                .seed(7)
                .user_in(tenant(1))
                .build(),
        ),
        (
            first.clone(),
            context().at(NOW).seed(7).user_in(tenant(1)).build(),
        ),
        (first.clone(), like(7).anonymous().build()),
        (first.clone(), after(&retry, &step!("debit"), 2)),
        (
            after(&first, &step!("debit"), 2),
            after(&retry, &step!("credit"), 2),
        ),
        (
            after(&first, &step!("debit").item(1).unwrap(), 2),
            after(&retry, &step!("debit").item(2).unwrap(), 2),
        ),
    ];
    for (nth, (one, other)) in wrong.iter().enumerate() {
        assert!(panics(|| assert_same_call(one, other)), "pair {nth}");
    }
}

#[test]
fn siblings_are_told_from_one_call_made_twice() {
    let parent = user();
    let [debit, credit] = [step!("debit"), step!("credit")].map(|step| after(&parent, &step, 2));
    assert_distinct_steps([&parent, &debit, &credit]);
    assert_distinct_steps::<Access>([]);
    let again = after(&parent, &step!("debit"), 3);
    assert!(panics(|| assert_distinct_steps([&debit, &credit, &again])));
    assert!(panics(|| assert_distinct_steps([&parent, &parent])));
    let elsewhere = after(&context().seed(9).at(NOW).build(), &step!("debit"), 3);
    assert_distinct_steps([&debit, &elsewhere]);
}

#[test]
fn a_context_is_either_of_one_call_with_another_or_distinct_from_it() {
    let one = user();
    let name = one.trace().external().invocation();
    let other = context()
        .at(NOW)
        .seed(7)
        .user_in(tenant(2))
        .invocation(name)
        .build();
    let is_same = !panics(|| assert_same_call(&one, &other));
    let are_distinct = !panics(|| assert_distinct_steps([&one, &other]));
    assert!(
        is_same != are_distinct,
        "same: {is_same}, distinct: {are_distinct}"
    );
}

fn bytes(sealed: &SealedContext) -> (Vec<u8>, Vec<u8>) {
    let decode = |text| URL_SAFE_NO_PAD.decode(text).unwrap();
    (decode(sealed.context()), decode(sealed.hop()))
}

#[test]
fn each_bit_of_both_halves_is_flipped_and_only_that_one() {
    let domain = domain();
    let sealed = domain.seal(&user().child(step!("debit")).unwrap()).unwrap();
    let (context, hop) = bytes(&sealed);
    let (all, bits) = (
        [&context[..], &hop].concat(),
        (context.len() + hop.len()) * 8,
    );
    let mut seen = HashSet::new();
    for bit in 0..bits {
        let flipped = sealed.with_flipped_bit(bit);
        let (other_context, other_hop) = bytes(&flipped);
        assert_eq!(
            (other_context.len(), other_hop.len()),
            (context.len(), hop.len())
        );
        let other = [other_context, other_hop].concat();
        let changed = all
            .iter()
            .zip(&other)
            .map(|(one, other)| (one ^ other).count_ones());
        assert_eq!(changed.sum::<u32>(), 1, "bit {bit}");
        assert_ne!(all[bit / 8], other[bit / 8], "bit {bit}");
        assert!(seen.insert(other), "bit {bit}");
        assert!(
            domain.receive(flipped.context(), flipped.hop()).is_err(),
            "bit {bit}"
        );
    }
    let (around, first) = (sealed.with_flipped_bit(bits), sealed.with_flipped_bit(0));
    assert_eq!(
        (around.context(), around.hop()),
        (first.context(), first.hop())
    );
    let back = first.with_flipped_bit(0);
    assert!(domain.receive(back.context(), back.hop()).is_ok());
}

#[test]
fn halves_of_two_calls_are_exchanged_as_they_are() {
    let domain = domain();
    let of = |seed| {
        let ctx = context().at(NOW).seed(seed).build();
        domain.seal(&ctx.child(step!("debit")).unwrap()).unwrap()
    };
    let (one, other) = (of(1), of(2));
    let mixed = one.with_hop_of(&other);
    assert_eq!((mixed.context(), mixed.hop()), (one.context(), other.hop()));
    assert!(domain.receive(mixed.context(), mixed.hop()).is_err());
}

proptest! {
    #[test]
    fn seeded_ids_hold_the_time_and_differ(seed: u64, millis in 0..=Timestamp::MAX.as_millis()) {
        let at = Timestamp::from_millis(millis);
        let ids = SeededIds::new(seed);
        let drawn: HashSet<_> = (0..20).map(|_| ids.next(at)).collect();
        prop_assert_eq!(drawn.len(), 20);
        for id in drawn {
            prop_assert_eq!(u64::try_from(id.get() >> 80).unwrap(), millis);
        }
    }
}
