//! The bank as its clients, its operators and its attackers see it.

#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod trace;
