//! An invocation that is one append: claim, events and answer are committed together.

use bank::adapters::in_process::InProcessBus;
use bank::adapters::sqlite::SqliteLog;
use bank::adapters::sqlite::TenantLog;
use bank::ports::envelope::NewEvent;
use bank::ports::envelope::StreamId;
use bank::ports::event_store::EventStore;
use bank::ports::event_store::Expect;
use serde_json::json;
use skeleton_idempotency::Answer;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Engine;
use skeleton_idempotency::FingerprintKeys;
use skeleton_idempotency::Source;
use skeleton_invocation_context::Clock;
use skeleton_invocation_context::EventId;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::ProblemKind;
use skeleton_invocation_context::RandomIds;
use skeleton_invocation_context::SystemClock;
use skeleton_invocation_context::TenantId;
use skeleton_invocation_context::operation;
use skeleton_invocation_context::testing::context;
use skeleton_tenancy_tree::InTenant;

struct Counter {
    log: TenantLog,
    store: SqliteLog,
    engine: Engine,
    ctx: InvocationContext,
    tenant: TenantId,
    _dir: tempfile::TempDir,
}

impl Counter {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteLog::in_dir(dir.path(), InProcessBus::default());
        let now = SystemClock.now();
        let tenant = TenantId::generate(&RandomIds, now);
        let keys = FingerprintKeys::new([7; 32]);
        Self {
            log: store.open(tenant).await.unwrap(),
            store,
            engine: Engine::in_transactions(keys, SystemClock).build().unwrap(),
            ctx: context().user_in(tenant).at(now).build(),
            tenant,
            _dir: dir,
        }
    }

    /// Counts, if the stream is as it must be.
    async fn count(&self, payload: &[u8], expect: Expect) -> Result<Answered, Problem> {
        let counted = operation!("count");
        let once = self.engine.begin(&self.ctx, &counted, payload);
        let once = once.map_err(Problem::from)?;
        let tenant = self.tenant;
        let counted = once.transaction(&self.log, |mut unit| {
            Box::pin(async move {
                unit.to = StreamId::of("counter", "one");
                unit.expect = expect;
                unit.events = vec![event(tenant)];
                Ok::<_, Problem>(Answer::json(200, &json!({ "counted": true }))?)
            })
        });
        Ok(counted.await?)
    }

    async fn events(&self) -> usize {
        let t = InTenant::background(self.tenant, "test");
        self.store.log(t, 0, 100).await.unwrap().len()
    }
}

fn event(tenant: TenantId) -> NewEvent {
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
        data: json!({}),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_committed_with_its_event_and_given_again() {
    let counter = Counter::new().await;
    let first = counter.count(b"{}", Expect::Any).await.unwrap();
    assert_eq!(first.source(), Source::Recorded);
    let again = counter.count(b"{}", Expect::Any).await.unwrap();
    assert_eq!(
        (again.source(), again.answer()),
        (Source::Replay, first.answer())
    );
    let other = counter.count(b"[]", Expect::Any).await.unwrap_err();
    assert_eq!(other.kind(), ProblemKind::IdempotencyKeyReused);
    assert_eq!(counter.events().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_append_that_fails_records_no_answer() {
    let counter = Counter::new().await;
    let refused = counter.count(b"{}", Expect::At(7)).await.unwrap_err();
    assert_eq!(refused.kind(), ProblemKind::Unavailable);
    assert_eq!(counter.events().await, 0);
    let first = counter.count(b"{}", Expect::At(0)).await.unwrap();
    assert_eq!(first.source(), Source::Recorded);
    assert_eq!(counter.events().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_counts_and_all_have_its_answer() {
    let counter = std::sync::Arc::new(Counter::new().await);
    let mut tasks = Vec::new();
    for _ in 0..32 {
        let counter = std::sync::Arc::clone(&counter);
        tasks.push(tokio::spawn(async move {
            counter.count(b"{}", Expect::Any).await
        }));
    }
    let mut fresh = 0;
    for task in tasks {
        let answered = task.await.unwrap().unwrap();
        assert_eq!(answered.answer().status(), 200);
        fresh += usize::from(answered.source() == Source::Recorded);
    }
    assert_eq!((fresh, counter.events().await), (1, 1));
}
