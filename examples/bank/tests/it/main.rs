//! The bank as its clients, its operators and its attackers see it.

mod bad_input;
mod crash;
mod forget;
#[cfg(test)]
mod helpers;
mod isolation;
mod ports;
mod replay;
mod signals;
mod tour;
