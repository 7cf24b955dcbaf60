//! The promises of `skeleton-idempotency`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod accept;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod batch;
#[cfg(test)]
mod batch_in;
#[cfg(test)]
mod capture;
#[cfg(test)]
mod deaf;
#[cfg(test)]
mod detached;
#[cfg(test)]
mod door;
#[cfg(test)]
mod draft;
#[cfg(test)]
mod drain;
#[cfg(test)]
mod fingerprints;
#[cfg(test)]
mod guarded;
#[cfg(test)]
mod guarded_attacks;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod leases;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod optimistic;
#[cfg(test)]
mod readiness;
#[cfg(test)]
mod reconcile;
#[cfg(test)]
mod run;
#[cfg(test)]
mod script;
#[cfg(test)]
mod sleepers;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod store_down;
#[cfg(test)]
mod stream;
#[cfg(test)]
mod transaction;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod waiting;
#[cfg(test)]
mod window;
