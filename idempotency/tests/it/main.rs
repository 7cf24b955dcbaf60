//! The promises of `skeleton-idempotency`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod accept;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod door;
#[cfg(test)]
mod fingerprints;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod optimistic;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod window;
