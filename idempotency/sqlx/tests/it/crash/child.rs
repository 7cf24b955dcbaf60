//! The process that is killed, and what it does: the same code that a retry runs.

use std::io::Write;
use std::path::Path;

use skeleton_idempotency::Answer;
use skeleton_idempotency::Answered;
use skeleton_idempotency::Engine;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Limits;
use skeleton_idempotency::Mode;
use skeleton_idempotency::Policy;
use skeleton_idempotency_sqlx::SqliteStore;
use skeleton_invocation_context::Problem;
use skeleton_invocation_context::step;
use skeleton_invocation_context::testing::FixedClock;
use sqlx::Connection;
use sqlx::SqliteConnection;

use super::plan::LEASE;
use super::plan::Plan;
use super::plan::Point;
use super::plan::Work;
use super::plan::bank;
use super::plan::mails;
use super::plan::partner;
use super::stopping::Stopping;
use super::stopping::say;
use crate::helpers::MADE;
use crate::helpers::answer;
use crate::helpers::effect;
use crate::helpers::execution;
use crate::helpers::invocation;
use crate::helpers::keys;
use crate::helpers::options;
use crate::helpers::run;
use crate::helpers::tenant;
use crate::helpers::transfer;

/// The name under which the test binary finds the process.
pub(super) const NAME: &str = "crash::child::the_process_that_is_killed";

#[test]
#[ignore = "the tests of `crash` start it with a plan"]
fn the_process_that_is_killed() {
    let Some(plan) = Plan::of_this_process() else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(follow(plan));
}

async fn follow(plan: Plan) {
    let store = SqliteStore::open(bank(&plan.dir), FixedClock::at(MADE))
        .await
        .unwrap();
    let store = Stopping {
        store,
        stop: plan.stop,
    };
    match plan.work {
        Work::Of(mode) => drop(invoke(&store, &FixedClock::at(MADE), mode, &plan.dir).await),
        Work::Workflow => workflow(&store).await,
        Work::Many => many(&store).await,
    }
}

/// One invocation by a fresh engine, as the client sends it every time.
pub(super) async fn invoke(
    store: &Stopping,
    clock: &FixedClock,
    mode: Mode,
    dir: &Path,
) -> Result<Answered, Problem> {
    let engine = Engine::builder(store.clone(), keys(), clock.clone())
        .mode(Policy::new(mode).with_lease(LEASE))
        .limits(Limits::default().with_patience(std::time::Duration::ZERO))
        .build()
        .unwrap();
    let (store, dir) = (store.clone(), dir.to_owned());
    let work = move |once: Execution| async move {
        match mode {
            Mode::Transactional => transact(&store, once, "moved").await,
            Mode::Resumable => resume(&store, &once, &dir).await.map(Answered::from),
            _ => mail(&store, &once, &dir).await.map(Answered::from),
        }
    };
    let ctx = invocation(tenant(), 1);
    Box::pin(engine.run(&ctx, &transfer(), b"1", work)).await
}

/// An answer that says which grant it is of.
fn answer_of(once: &Execution) -> Result<Answer, Problem> {
    let epoch = once.epoch().unwrap_or_default();
    Ok(Answer::new(200)?.with_body(epoch.to_string().into_bytes())?)
}

async fn transact(store: &Stopping, once: Execution, what: &str) -> Result<Answered, Problem> {
    let answer = answer_of(&once)?;
    let (at, answer) = (store, &answer);
    let done = once.transaction(store, |mut tx| {
        Box::pin(async move {
            at.at(Point::Working).await;
            effect(&mut tx, what).await;
            at.at(Point::Worked).await;
            Ok::<_, Problem>(answer.clone())
        })
    });
    Ok(done.await?)
}

/// The partner recognises the key of the step, and counts how often it was called.
async fn resume(store: &Stopping, once: &Execution, dir: &Path) -> Result<Answer, Problem> {
    store.at(Point::Working).await;
    let mut partner = SqliteConnection::connect_with(&options(&partner(dir)))
        .await
        .unwrap();
    let key = once.derive(&step!("charge")).to_string();
    for insert in [
        "INSERT INTO call VALUES (?1)",
        "INSERT OR IGNORE INTO charge VALUES (?1)",
    ] {
        let insert = sqlx::query(insert).bind(&key);
        insert.execute(&mut partner).await.unwrap();
    }
    store.at(Point::Worked).await;
    answer_of(once)
}

/// Whoever sends a mail cannot take it back.
async fn mail(store: &Stopping, once: &Execution, dir: &Path) -> Result<Answer, Problem> {
    store.at(Point::Working).await;
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(mails(dir))
        .unwrap();
    writeln!(file, "{}", once.key()).unwrap();
    store.at(Point::Worked).await;
    answer_of(once)
}

pub(super) async fn make_partner(dir: &Path) {
    let mut partner = SqliteConnection::connect_with(&options(&partner(dir)))
        .await
        .unwrap();
    run(
        &mut partner,
        "CREATE TABLE call (key TEXT NOT NULL) STRICT; CREATE TABLE charge (key TEXT PRIMARY KEY) STRICT",
    )
    .await;
    partner.close().await.unwrap();
}

async fn workflow(store: &Stopping) {
    let accepted = execution(1, &transfer(), "1").accept(store, |mut tx| {
        Box::pin(async move {
            effect(&mut tx, "begun").await;
            store.at(Point::Worked).await;
            Ok::<_, String>(())
        })
    });
    drop(accepted.await.unwrap());
}

/// Says after each one whether it was the first.
async fn many(store: &Stopping) {
    for number in 0..Plan::MANY {
        let once = execution(number, &transfer(), "1");
        let what = number.to_string();
        let ended = once.transaction(store, |mut tx| {
            let what = &what;
            Box::pin(async move {
                effect(&mut tx, what).await;
                Ok::<_, String>(answer("moved"))
            })
        });
        say(&format!("{:?}", ended.await.unwrap().source()));
    }
    store.at(Point::Ended).await;
}
