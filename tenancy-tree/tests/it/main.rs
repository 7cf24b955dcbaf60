//! The promises of `skeleton-tenancy-tree`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod forest;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod hosts;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod snapshot;
#[cfg(test)]
mod tenants;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod wire;
