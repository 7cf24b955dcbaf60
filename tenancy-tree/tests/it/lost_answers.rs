//! Appends of which nobody knows how they ended: the future was dropped, or the store did not answer.

use std::sync::Arc;

use skeleton_invocation_context::ContainerId;
use skeleton_tenancy_tree::Forest;
use skeleton_tenancy_tree::TreeError;
use skeleton_tenancy_tree::TreeSnapshot;
use skeleton_tenancy_tree::TreeVersion;

use crate::answers::Answers;
use crate::growing::folded;
use crate::helpers::at_once;
use crate::helpers::container;
use crate::helpers::create;
use crate::helpers::forest;
use crate::helpers::inside;
use crate::helpers::tenant;
use crate::naive::Refused;
use crate::stores::Mood;
use crate::stores::Moody;
use crate::stores::dropped_after;

fn root() -> ContainerId {
    ContainerId::root_of(tenant(1))
}

/// A forest that knows one container, `a`, and the store below it.
fn planted() -> (Moody, Forest) {
    let store = Moody::default();
    let forest = forest(store.clone(), 1);
    at_once(forest.execute(inside(tenant(1)), create(container(1), root(), "a"))).unwrap();
    (store, forest)
}

/// What the store keeps is what readers see.
fn assert_seen(forest: &Forest, store: &Moody) {
    let seen = at_once(forest.snapshot(inside(tenant(1)))).unwrap();
    let whole = TreeSnapshot::of(&folded(&store.log(tenant(1))));
    assert_eq!(seen.version(), whole.version());
    assert_eq!(Answers::of(&seen), Answers::of(&whole));
}

#[test]
fn what_was_written_before_the_future_was_dropped_is_seen_by_the_next_reader() {
    let (store, forest) = planted();
    store.feel(Mood::WritesAndHangs);
    let t = inside(tenant(1));
    let command = create(container(2), root(), "b");
    assert!(dropped_after(3, forest.execute(t, command)).is_none());
    assert_eq!(store.log(tenant(1)).len(), 2);
    // Who never waits sees it as it was published last.
    assert_eq!(forest.published(tenant(1)).unwrap().version().get(), 1);
    assert_seen(&forest, &store);
    assert_eq!(forest.published(tenant(1)).unwrap().version().get(), 2);
    // Once that is settled, readers do not ask the store again.
    let reads = store.reads();
    assert_seen(&forest, &store);
    assert_eq!(store.reads(), reads);
}

#[test]
fn a_dropped_append_that_wrote_nothing_leaves_the_snapshot_as_it_is() {
    let (store, forest) = planted();
    let t = inside(tenant(1));
    let before = at_once(forest.snapshot(t)).unwrap();
    store.feel(Mood::HangsAndNeverWrites);
    let command = create(container(2), root(), "b");
    assert!(dropped_after(3, forest.execute(t, command.clone())).is_none());
    let after = at_once(forest.snapshot(t)).unwrap();
    assert!(Arc::ptr_eq(&before, &after));
    // The lock is free, and the same command is made.
    assert_eq!(
        at_once(forest.execute(t, command)).unwrap(),
        TreeVersion::new(2)
    );
    assert_seen(&forest, &store);
}

#[test]
fn the_next_command_is_decided_by_what_a_dropped_one_wrote() {
    let (store, forest) = planted();
    let t = inside(tenant(1));
    store.feel(Mood::WritesAndHangs);
    let command = create(container(2), root(), "b");
    assert!(dropped_after(3, forest.execute(t, command.clone())).is_none());
    let again = at_once(forest.execute(t, command)).map_err(Refused::from);
    assert_eq!(again, Err(Refused::IdTaken));
    let twin = at_once(forest.execute(t, create(container(3), root(), "b")));
    assert_eq!(twin.map_err(Refused::from), Err(Refused::NameTaken));
    assert_eq!(store.log(tenant(1)).len(), 2);
    assert_seen(&forest, &store);
}

#[test]
fn an_append_that_failed_after_it_wrote_is_unavailable_and_then_seen() {
    let (store, forest) = planted();
    let t = inside(tenant(1));
    store.feel(Mood::WritesAndFails);
    let command = create(container(2), root(), "b");
    let lost = at_once(forest.execute(t, command.clone()));
    assert!(matches!(lost, Err(TreeError::Unavailable(_))));
    assert_eq!(store.log(tenant(1)).len(), 2);
    assert_seen(&forest, &store);
    let again = at_once(forest.execute(t, command)).map_err(Refused::from);
    assert_eq!(again, Err(Refused::IdTaken));
}

#[test]
fn an_append_that_failed_before_it_wrote_can_be_tried_again() {
    let (store, forest) = planted();
    let t = inside(tenant(1));
    store.feel(Mood::FailsAndNeverWrites);
    let command = create(container(2), root(), "b");
    let lost = at_once(forest.execute(t, command.clone()));
    assert!(matches!(lost, Err(TreeError::Unavailable(_))));
    assert_seen(&forest, &store);
    assert_eq!(
        at_once(forest.execute(t, command)).unwrap(),
        TreeVersion::new(2)
    );
    assert_seen(&forest, &store);
}

/// While the store can neither say how the append ended nor be read, who may wait is not told an old truth.
#[test]
fn a_lost_answer_and_a_store_that_cannot_be_read_never_show_the_future_or_hide_it_for_good() {
    let (store, forest) = planted();
    let t = inside(tenant(1));
    store.feel(Mood::WritesAndFails);
    store.hide(&[tenant(1)], false);
    assert!(at_once(forest.execute(t, create(container(2), root(), "b"))).is_err());
    assert!(at_once(forest.catch_up(t)).is_err());
    assert_eq!(forest.published(tenant(1)).unwrap().version().get(), 1);
    store.hide(&[], false);
    assert_seen(&forest, &store);
    assert_eq!(forest.published(tenant(1)).unwrap().version().get(), 2);
}

/// Every point at which the call can be abandoned, with a tail of others' events to read on the way.
#[test]
fn a_call_may_be_dropped_anywhere() {
    let (mut abandoned, mut written) = (0, 0);
    for polls in 0..60 {
        let (store, ours) = planted();
        let theirs = forest(store.clone(), 2);
        let t = inside(tenant(1));
        for number in 10..15 {
            let command = create(container(number), root(), &format!("c{number}"));
            at_once(theirs.execute(t, command)).unwrap();
        }
        store.make_wait(1);
        let command = create(container(2), root(), "b");
        let answer = dropped_after(polls, ours.execute(t, command.clone()));
        store.make_wait(0);
        let log = store.log(tenant(1));
        let is_written = log.len() == 7;
        abandoned += u32::from(answer.is_none());
        written += u32::from(answer.is_none() && is_written);
        // Who was not told of an append may lack others' events, and never their own.
        if is_written {
            assert_seen(&ours, &store);
        }
        let again = at_once(ours.execute(t, command)).map_err(Refused::from);
        let expected = if is_written {
            Err(Refused::IdTaken)
        } else {
            Ok(TreeVersion::new(7))
        };
        assert_eq!(again, expected, "dropped after {polls} polls");
        at_once(ours.catch_up(t)).unwrap();
        assert_seen(&ours, &store);
        assert_eq!(store.log(tenant(1)).len(), 7);
    }
    // The last one is not abandoned, and in some the append had already happened.
    assert!(
        abandoned > 5 && abandoned < 60 && written > 0,
        "{abandoned} {written}"
    );
}

/// The same for a first look at a tree: whoever asks next reads on where it was left.
#[test]
fn a_first_look_may_be_dropped_anywhere() {
    for polls in 0..40 {
        let (store, _) = planted();
        let t = inside(tenant(1));
        let fresh = forest(store.clone(), 2);
        store.make_wait(1);
        let _abandoned = dropped_after(polls, fresh.snapshot(t));
        store.make_wait(0);
        assert_seen(&fresh, &store);
    }
}
