//! The trees of tenants, beside what a service would walk, look up or rebuild instead.

mod ancestry;
mod hosts;
mod memory;
mod moves;
mod readers;
mod sums;
mod world;

use std::time::Duration;

use criterion::Criterion;
use criterion::criterion_group;
use criterion::criterion_main;

fn config() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3))
}

criterion_group! {
    name = benches;
    config = config();
    targets = memory::bytes, ancestry::covers, ancestry::ancestry, ancestry::nodes, ancestry::walks, hosts::hosts,
        moves::moves, moves::creates, readers::readers, sums::folds, sums::rollups
}
criterion_main!(benches);
