//! The same engine behind other doors: one invocation from a bus, or the items of a bulk request.

mod batch;

use core::future::Future;

use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::InvocationContext;
use skeleton_invocation_context::Operation;
use skeleton_invocation_context::Problem;

use crate::answer::Answer;
use crate::answer::AnswerError;
use crate::answered::Answered;
use crate::answered::Source;
use crate::ask::Mode;
use crate::driver::Left;
use crate::driver::Told;
use crate::driver::detached;
use crate::driver::run_one;
use crate::engine::Engine;
use crate::execution::Execution;
use crate::outcome::End;
use crate::payload::Payload;
use crate::policy::Policy;
use crate::refused::Refused;
use crate::store::Store;

impl<S: Store> Engine<S> {
    /// Runs an invocation that did not come over HTTP: a message, a timer, an item. `work` runs if nobody did it before,
    /// in a task that goes on when the caller is dropped; else the recorded answer is given.
    ///
    /// What `work` answers is judged as an HTTP answer is: by what it declares, else by its status. A problem is an answer of
    /// its status, and is recorded if that is final.
    ///
    /// # Errors
    ///
    /// The problem that `work` ended with, or why there is no answer.
    pub async fn run<'p, A, W, F, T>(
        &self,
        ctx: &InvocationContext<A>,
        operation: &Operation,
        payload: impl Into<Payload<'p>>,
        work: W,
    ) -> Result<Answered, Problem>
    where
        A: AccessKind,
        W: FnOnce(Execution) -> F + Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
        T: Into<Answered> + 'static,
    {
        let instance = ctx.trace().current();
        let once = self.begin(ctx, operation, payload);
        let once = once.map_err(|refused| Problem::from(refused).with_instance(instance))?;
        let ran = self.carry_out(once, work).await;
        ran.map_err(|problem| match problem.instance() {
            Some(_) => problem,
            None => problem.with_instance(instance),
        })
    }

    /// Runs what is prepared already.
    async fn carry_out<W, F, T>(&self, once: Execution, work: W) -> Result<Answered, Problem>
    where
        W: FnOnce(Execution) -> F + Send + 'static,
        F: Future<Output = Result<T, Problem>> + Send + 'static,
        T: Into<Answered> + 'static,
    {
        let engine = self.clone();
        let ran = detached(async move {
            let (policy, status_only) = (once.policy().clone(), once.is_status_only());
            let work = move |once: Execution| async move {
                let mode = once.mode();
                let ended = work(once).await.map(Into::into);
                (end_of(&ended, mode, &policy), ended)
            };
            let mut result = None;
            run_one(engine.parts(), once, work, |told| {
                result = Some(told);
                core::future::ready(())
            })
            .await;
            match result {
                // A transaction gives replays of its own.
                Some(Told::First(Ok(answered))) if answered.source() == Source::Replay => {
                    Ok(Answered::replay(shown(answered.into_answer(), status_only)))
                }
                Some(Told::First(ended)) => ended,
                Some(Told::Replay(answer)) => Ok(Answered::replay(shown(answer, status_only))),
                Some(Told::Refused(refused)) => Err(refused.into()),
                None => Err(Refused::Unavailable.into()),
            }
        });
        ran.await
            .unwrap_or_else(|| Err(Refused::Unavailable.into()))
    }
}

impl Left for Result<Answered, Problem> {
    fn is_replay(&self) -> bool {
        self.as_ref()
            .is_ok_and(|answered| answered.source() == Source::Replay)
    }
}

/// Whoever may have guessed the key sees the status alone.
fn shown(answer: Answer, status_only: bool) -> Answer {
    if status_only {
        Answer::new(answer.status()).map_or(answer, |bare| bare.without_body())
    } else {
        answer
    }
}

fn end_of(ended: &Result<Answered, Problem>, mode: Mode, policy: &Policy) -> End {
    match ended {
        // The transaction has recorded it, and nothing else is to be told to a store.
        Ok(answered) if answered.source() != Source::Handler => {
            End::Answer(answered.kept().clone())
        }
        Ok(answered) if mode != Mode::Transactional => {
            let status = policy.classify(answered.answer().status());
            End::of(mode, answered.outcome(), status, answered.kept().clone())
        }
        Err(problem) if mode != Mode::Transactional => {
            let status = policy.classify(problem.status());
            match Answer::of_problem(problem) {
                Ok(answer) => End::of(mode, None, status, answer),
                Err(_) => End::Doubt,
            }
        }
        Ok(_) | Err(_) => End::Doubt,
    }
}

impl Answer {
    /// A problem as an answer that is kept.
    fn of_problem(problem: &Problem) -> Result<Self, AnswerError> {
        Self::new(problem.status())?
            .with_field("content-type", "application/problem+json")?
            .with_field("cache-control", "no-store")?
            .with_body(problem.to_json())
    }
}
