use skeleton_idempotency::Answer;
use skeleton_idempotency::Execution;
use skeleton_idempotency::MemoryStore;

fn moves(once: Execution, store: MemoryStore, answer: Answer) {
    let _done = once.transaction(&store, |_tx: skeleton_idempotency::Scope<'_, '_, Vec<u8>>| {
        let answer = answer.clone();
        Box::pin(async move { Ok::<_, ()>(answer) })
    });
}

fn main() {}
