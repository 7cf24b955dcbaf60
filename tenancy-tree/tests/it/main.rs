//! The promises of `skeleton-tenancy-tree`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod archive;
#[cfg(test)]
mod cidr;
#[cfg(test)]
mod columns;
#[cfg(test)]
mod following;
#[cfg(test)]
mod forest;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod growing;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod life;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod lost_answers;
#[cfg(test)]
mod members;
#[cfg(test)]
mod mended;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod names;
#[cfg(test)]
mod paths;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod proposals;
#[cfg(test)]
mod races;
#[cfg(test)]
mod rollup;
#[cfg(test)]
mod shuttle;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod sql;
#[cfg(test)]
mod stores;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod wire;
