//! What every event store, bus and reply port promises, on the embedded ones.

use std::sync::Arc;

use bank::adapters::in_process::InProcessBus;
use bank::adapters::in_process::InProcessReplies;
use bank::adapters::platform::AccessStreams;
use bank::adapters::platform::TenantStream;
use bank::adapters::platform::TreeStream;
use bank::adapters::sqlite::SqliteLog;
use bank::ports::bus::Bus;
use bank::ports::envelope::NewEvent;
use bank::ports::envelope::StreamId;
use bank::ports::event_store::AppendError;
use bank::ports::event_store::Checkpoint;
use bank::ports::event_store::EventStore;
use bank::ports::event_store::Expect;
use bank::ports::event_store::StoreError;
use bank::ports::event_store::Unit;
use bank::ports::replies::Replies;
use serde_json::json;
use skeleton_authz::AccessEvent;
use skeleton_authz::AccessLog;
use skeleton_authz::AccessStream;
use skeleton_authz::AccessVersion;
use skeleton_authz::GrantId;
use skeleton_idempotency::Answer;
use skeleton_idempotency::IdempotencyKey;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::IdGenerator;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::RoleName;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::testing::context;
use skeleton_tenancy_tree::AppendError::Stale;
use skeleton_tenancy_tree::Cause;
use skeleton_tenancy_tree::InTenant;
use skeleton_tenancy_tree::Recorded;
use skeleton_tenancy_tree::conformance::Kept;
use tempfile::TempDir;

/// The log as the store of trees and of tenants passes the suites of that room, each test on files of its own.
mod trees {
    use super::*;

    skeleton_tenancy_tree::tree_store_suite!(|| async {
        let (dir, log) = fresh();
        Kept::new(TreeStream::new(log, ids()), dir)
    });
}

mod tenants {
    use super::*;

    skeleton_tenancy_tree::tenant_store_suite!(|| async {
        let (dir, log) = fresh();
        Kept::new(TenantStream::new(log, ids()), dir)
    });
}

fn fresh() -> (TempDir, SqliteLog) {
    let dir = tempfile::tempdir().unwrap();
    let log = SqliteLog::in_dir(dir.path(), InProcessBus::default());
    (dir, log)
}

fn ids() -> Arc<dyn IdGenerator> {
    Arc::new(RandomIds)
}

fn tenant() -> TenantId {
    TenantId::generate(&RandomIds, SystemClock.now())
}

fn event(tenant: TenantId, number: u64) -> NewEvent {
    NewEvent {
        id: EventId::generate(&RandomIds, SystemClock.now()),
        kind: "counted".to_owned(),
        schema: 1,
        tenant,
        container: None,
        at: SystemClock.now(),
        key: None,
        decision: None,
        context: None,
        reason: None,
        data: json!({ "number": number }),
    }
}

fn unit(tenant: TenantId, stream: &str, expect: Expect, count: u64) -> Unit {
    let events = (0..count).map(|number| event(tenant, number)).collect();
    Unit::to(StreamId::of("test", stream), expect).with_events(events)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_is_all_or_nothing_and_positions_have_no_gap() {
    let dir = tempfile::tempdir().unwrap();
    let (log, tenant) = (
        SqliteLog::in_dir(dir.path(), InProcessBus::default()),
        tenant(),
    );
    log.open(tenant).await.unwrap();
    let tasks: Vec<_> = (0..200_u64)
        .map(|turn| {
            let log = log.clone();
            tokio::spawn(async move {
                let t = InTenant::background(tenant, "test");
                // Every fourth names a version that the stream does not have; its group must not suffer.
                let expect = if turn % 4 == 0 {
                    Expect::At(9)
                } else {
                    Expect::Any
                };
                let appended = log
                    .append(t, unit(tenant, &turn.to_string(), expect, 2))
                    .await;
                assert_eq!(appended.is_ok(), turn % 4 != 0, "{appended:?}");
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let t = InTenant::background(tenant, "test");
    let events = log.log(t, 0, 10_000).await.unwrap();
    let positions: Vec<_> = events.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=300).collect::<Vec<_>>());
    // The events of one append stand together.
    for pair in events.chunks(2) {
        assert_eq!((pair[0].version, pair[1].version), (1, 2));
        assert_eq!(pair[0].stream, pair[1].stream);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_appends_that_expect_one_version_one_wins() {
    let dir = tempfile::tempdir().unwrap();
    let (log, tenant) = (
        SqliteLog::in_dir(dir.path(), InProcessBus::default()),
        tenant(),
    );
    log.open(tenant).await.unwrap();
    let tasks: Vec<_> = (0..64)
        .map(|_| {
            let log = log.clone();
            let t = InTenant::background(tenant, "test");
            tokio::spawn(async move { log.append(t, unit(tenant, "one", Expect::At(0), 1)).await })
        })
        .collect();
    let mut won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => won += 1,
            Err(AppendError::Conflict { actual }) => assert_eq!(actual, 1),
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_happens_only_if_what_it_rests_on_is_as_it_was() {
    let (_dir, log) = fresh();
    let tenant = tenant();
    log.open(tenant).await.unwrap();
    let t = InTenant::background(tenant, "test");
    let base = || StreamId::of("test", "base");
    let resting =
        |versions: Vec<(StreamId, u64)>| unit(tenant, "top", Expect::Any, 1).resting_on(versions);
    let two = unit(tenant, "base", Expect::At(0), 2);
    log.append(t, two).await.unwrap();
    for wrong in [0, 1, 3] {
        let appended = log.append(t, resting(vec![(base(), wrong)])).await;
        assert!(
            matches!(appended, Err(AppendError::Conflict { actual: 2 })),
            "{wrong}: {appended:?}"
        );
    }
    let never = StreamId::of("test", "never");
    let one_of_two = log.append(t, resting(vec![(base(), 2), (never.clone(), 1)]));
    assert!(matches!(
        one_of_two.await,
        Err(AppendError::Conflict { actual: 0 })
    ));
    assert_eq!(log.log(t, 0, 10).await.unwrap().len(), 2);
    let both = resting(vec![(base(), 2), (never, 0)]);
    log.append(t, both).await.unwrap();
    assert_eq!(log.log(t, 0, 10).await.unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_07_rules_are_appended_only_if_both_their_streams_are_as_expected() {
    let (_dir, log) = fresh();
    let (streams, tenant) = (AccessStreams::new(log, ids()), tenant());
    let t = InTenant::background(tenant, "test");
    let now = SystemClock.now();
    let recorded = |event| [Recorded::new(event, now, Cause::of(t))];
    let taken = recorded(AccessEvent::GrantTaken {
        grant: GrantId::generate(&RandomIds, now),
    });
    let retired = recorded(AccessEvent::RoleRetired {
        role: RoleName::parse("x-boss").unwrap(),
    });
    let append = |stream, (roles, grants), events| {
        let expected = AccessVersion::new(roles, grants);
        AccessLog::append(&streams, t, stream, expected, events)
    };
    let (roles, grants) = (AccessStream::Roles, AccessStream::Grants);
    assert_eq!(append(grants, (0, 0), &taken).await.unwrap(), 1);
    // Decided beside it, on the rules as they were before.
    let beside = append(roles, (0, 0), &retired).await;
    assert!(matches!(beside, Err(Stale { actual: 1 })), "{beside:?}");
    assert_eq!(append(roles, (0, 1), &retired).await.unwrap(), 1);
    let beside = append(grants, (0, 1), &taken).await;
    assert!(matches!(beside, Err(Stale { actual: 1 })), "{beside:?}");
    assert_eq!(append(grants, (1, 1), &taken).await.unwrap(), 2);
    let most = core::num::NonZeroU32::MAX;
    for (stream, held) in [(roles, 1), (grants, 2)] {
        let read = AccessLog::read(&streams, t, stream, 0, most).await;
        assert_eq!(read.unwrap().len(), held);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_moves_only_from_where_its_consumer_stands() {
    let dir = tempfile::tempdir().unwrap();
    let (log, tenant) = (
        SqliteLog::in_dir(dir.path(), InProcessBus::default()),
        tenant(),
    );
    log.open(tenant).await.unwrap();
    let t = InTenant::background(tenant, "test");
    let at = |from, to| Checkpoint {
        consumer: "c",
        from,
        to,
    };
    log.project(t, at(0, 5), Vec::new()).await.unwrap();
    assert_eq!(log.checkpoint(t, "c").await.unwrap(), 5);
    for (from, to) in [(0, 6), (4, 6), (6, 7)] {
        let fenced = log.project(t, at(from, to), Vec::new()).await;
        assert!(
            matches!(fenced, Err(AppendError::Fenced)),
            "{from}: {fenced:?}"
        );
        let seen = Unit {
            seen: Some(at(from, to)),
            ..unit(tenant, "s", Expect::Any, 1)
        };
        assert!(matches!(
            log.append(t, seen).await,
            Err(AppendError::Fenced)
        ));
    }
    assert_eq!(
        log.log(t, 0, 10).await.unwrap().len(),
        0,
        "a fenced append wrote something"
    );
    log.project(t, at(5, 6), Vec::new()).await.unwrap();
    assert_eq!(log.checkpoint(t, "another").await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_without_a_file_has_no_log() {
    let dir = tempfile::tempdir().unwrap();
    let log = SqliteLog::in_dir(dir.path(), InProcessBus::default());
    let (known, unknown) = (tenant(), tenant());
    log.open(known).await.unwrap();
    let t = InTenant::background(unknown, "test");
    assert!(matches!(
        log.log(t, 0, 1).await,
        Err(StoreError::NoSuchTenant)
    ));
    let appended = log.append(t, unit(unknown, "s", Expect::Any, 1)).await;
    assert!(matches!(
        appended,
        Err(AppendError::Store(StoreError::NoSuchTenant))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_to_no_stream_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (log, tenant) = (
        SqliteLog::in_dir(dir.path(), InProcessBus::default()),
        tenant(),
    );
    log.open(tenant).await.unwrap();
    let nowhere = Unit::to(StreamId::default(), Expect::Any).with_events(vec![event(tenant, 1)]);
    let t = InTenant::background(tenant, "test");
    assert!(matches!(
        log.append(t, nowhere).await,
        Err(AppendError::Store(_))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_the_process_forgot_it() {
    let dir = tempfile::tempdir().unwrap();
    let tenant = tenant();
    let t = InTenant::background(tenant, "test");
    for turn in 1..=3 {
        // Neither closed nor flushed: as after a crash.
        let log = SqliteLog::in_dir(dir.path(), InProcessBus::default());
        assert_eq!(log.open_all().await.unwrap().len(), usize::from(turn > 1));
        log.open(tenant).await.unwrap();
        log.append(t, unit(tenant, "s", Expect::At(turn - 1), 1))
            .await
            .unwrap();
        assert_eq!(log.log(t, 0, 10).await.unwrap().len() as u64, turn);
    }
}

#[tokio::test]
async fn a_bus_tells_latecomers_the_last_position_and_never_goes_back() {
    let (bus, tenant) = (InProcessBus::default(), tenant());
    bus.announce(tenant, 5);
    let mut late = bus.listen(tenant);
    assert_eq!(*late.wait_for(|position| *position >= 5).await.unwrap(), 5);
    bus.announce(tenant, 3);
    assert_eq!(*bus.listen(tenant).borrow(), 5);
    assert_eq!(*bus.listen(self::tenant()).borrow(), 0);
}

#[tokio::test]
async fn a_reply_reaches_everybody_who_waits_for_its_key_and_nobody_else() {
    let replies = InProcessReplies::default();
    let key = |ctx: &skeleton_invocation_context::InvocationContext<_>| {
        IdempotencyKey::of(ctx, &operation!("test")).unwrap()
    };
    let (one, other) = (context().user_in(tenant()), context().user_in(tenant()));
    let (one, other) = (
        key(&one.build_authenticated()),
        key(&other.build_authenticated()),
    );
    let (first, second, elsewhere) = (
        replies.subscribe(&one),
        replies.subscribe(&one),
        replies.subscribe(&other),
    );
    let answer = Answer::json(200, &json!({ "outcome": "done" })).unwrap();
    replies.publish(&one, &answer);
    assert_eq!(
        (first.await, second.await),
        (Some(answer.clone()), Some(answer))
    );
    assert_eq!(replies.waiting(), 1);
    drop(elsewhere);
    assert_eq!(replies.waiting(), 0);
}
