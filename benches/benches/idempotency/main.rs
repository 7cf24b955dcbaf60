//! A retried invocation has its effect once: beside the layer that a user of axum would take instead, on the same routes.

mod attempt;
mod bytes;
mod counted;
mod doors;
mod duplicates;
mod requests;
mod transactions;
mod world;

use std::time::Duration;

use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;

fn config() -> Criterion {
    Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = benches;
    config = config();
    targets = duplicates::duplicates, bytes::bytes, attempt::attempts, requests::firsts, requests::replays,
        transactions::transactions
}
criterion_main!(benches);
