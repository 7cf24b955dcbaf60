//! The items of a bulk request: a key each.

use core::future::Future;
use std::collections::HashMap;
use std::sync::Arc;

use skeleton_invocation_context::AccessKind;
use skeleton_invocation_context::Problem;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::answered::Answered;
use crate::batch::BatchError;
use crate::batch::Item;
use crate::batch::check;
use crate::engine::Engine;
use crate::execution::Execution;
use crate::payload::Payload;
use crate::refused::Refused;
use crate::store::Store;

/// How many items run at a time.
const AT_A_TIME: usize = 8;

impl<S: Store> Engine<S> {
    /// Runs the items of a bulk request, eight at a time, each under its own key: what was done before is answered from its
    /// record, the rest runs. The answers come in the order of the items.
    ///
    /// Items are independent of each other. Of two with one key the second one follows the first. An `Idempotency-Key` on the
    /// whole request means nothing: refuse it.
    ///
    /// # Errors
    ///
    /// [`BatchError`] if there are too many or too large ones: nothing is tried then.
    pub async fn batch<A, T, W, F, R>(
        &self,
        items: Vec<Item<A, T>>,
        work: W,
    ) -> Result<Vec<Result<Answered, Problem>>, BatchError>
    where
        A: AccessKind,
        T: Send + 'static,
        W: Fn(Execution, T) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<R, Problem>> + Send + 'static,
        R: Into<Answered> + 'static,
    {
        check(&items)?;
        let slots = Arc::new(Semaphore::new(AT_A_TIME));
        let mut queues = Queues::default();
        let mut answers: Vec<Option<Result<Answered, Problem>>> = Vec::new();
        for (position, item) in items.into_iter().enumerate() {
            answers.push(None);
            let instance = item.ctx.trace().current();
            match self.begin(&item.ctx, &item.operation, Payload::from(&item.payload)) {
                Ok(once) => queues.push(position, once, (item.what, instance)),
                Err(refused) => {
                    let problem = Problem::from(refused).with_instance(instance);
                    if let Some(place) = answers.get_mut(position) {
                        *place = Some(Err(problem));
                    }
                }
            }
        }
        let mut running = JoinSet::new();
        for queue in queues.in_order() {
            let (engine, slots, work) = (self.clone(), Arc::clone(&slots), work.clone());
            running.spawn(async move {
                let mut done = Vec::new();
                let Ok(_slot) = slots.acquire().await else {
                    return done;
                };
                for (position, once, (what, instance)) in queue {
                    let work = work.clone();
                    let ran = engine.carry_out(once, move |once| work(once, what)).await;
                    done.push((
                        position,
                        ran.map_err(|problem| problem.with_instance(instance)),
                    ));
                }
                done
            });
        }
        while let Some(done) = running.join_next().await {
            for (position, answer) in done.unwrap_or_default() {
                if let Some(place) = answers.get_mut(position) {
                    *place = Some(answer);
                }
            }
        }
        let lost = || Err(Refused::Unavailable.into());
        Ok(answers
            .into_iter()
            .map(|answer| answer.unwrap_or_else(lost))
            .collect())
    }
}

type Queued<W> = (usize, Execution, W);

/// The items by their keys: those of one key one after the other.
struct Queues<W> {
    by_address: HashMap<[u8; 32], Vec<Queued<W>>>,
}

impl<W> Default for Queues<W> {
    fn default() -> Self {
        Self {
            by_address: HashMap::new(),
        }
    }
}

impl<W> Queues<W> {
    fn push(&mut self, position: usize, once: Execution, with: W) {
        let address = *once.key().address();
        self.by_address
            .entry(address)
            .or_default()
            .push((position, once, with));
    }

    /// In the order of their addresses: two requests with the same items take them in the same order.
    fn in_order(self) -> Vec<Vec<Queued<W>>> {
        let mut queues: Vec<_> = self.by_address.into_iter().collect();
        queues.sort_unstable_by_key(|(address, _)| *address);
        queues.into_iter().map(|(_, queue)| queue).collect()
    }
}
