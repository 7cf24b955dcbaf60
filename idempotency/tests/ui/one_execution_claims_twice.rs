use skeleton_idempotency::Accepted;
use skeleton_idempotency::Execution;
use skeleton_idempotency::Transactions;

async fn twice<S: Transactions<Vec<u8>>>(once: Execution, store: S) -> [Option<Accepted>; 2] {
    let first = once.accept(&store, |_tx| Box::pin(async { Ok::<_, ()>(()) }));
    let second = once.accept(&store, |_tx| Box::pin(async { Ok::<_, ()>(()) }));
    [first.await.ok(), second.await.ok()]
}

fn main() {}
