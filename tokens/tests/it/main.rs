//! The promises of `skeleton-tokens`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod attacks_claims;
#[cfg(test)]
mod attacks_form;
#[cfg(test)]
mod attacks_header;
#[cfg(test)]
mod attacks_layer;
#[cfg(test)]
mod attacks_parties;
#[cfg(test)]
mod attacks_signature;
#[cfg(test)]
mod door;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod issuing;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod ui;
