//! The stores of this crate pass the suites that every store must pass, and stores with a mistake do not.

#[cfg(test)]
mod ledger;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod mistaken;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod tampering;
#[cfg(test)]
mod tx_mistakes;
