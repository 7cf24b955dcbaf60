//! The promises of `skeleton-pii-crypto`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod by_hand;
#[cfg(test)]
mod context;
#[cfg(test)]
mod envelopes;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod forgetting;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod model;
#[cfg(test)]
mod port;
#[cfg(test)]
mod races;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod swaps;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod values;
