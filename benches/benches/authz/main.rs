//! Who may do what, and where: beside the engines that a user would take instead, asked the same about the same world.

mod allow;
mod answers;
mod catalogue;
mod flat;
mod ours;
mod peers;
mod snapshots;
mod threads;
mod world;

use std::time::Duration;

use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;

fn config() -> Criterion {
    Criterion::default()
        .sample_size(50)
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(2))
}

criterion_group! {
    name = benches;
    config = config();
    targets = allow::allows_by_grants, allow::denies, flat::sweeps, flat::peers, threads::threads, answers::explanations,
        answers::lists, snapshots::snapshots, snapshots::moves, snapshots::bytes
}
criterion_main!(benches);
