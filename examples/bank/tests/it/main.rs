//! The bank as its clients, its operators and its attackers see it.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod billing;
#[cfg(test)]
mod branches;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod bulk_whole;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod coverage;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod disconnect;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod duplicates;
#[cfg(test)]
mod forget;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod organisation;
#[cfg(test)]
mod ports;
#[cfg(test)]
mod races;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod rights;
#[cfg(test)]
mod signals;
#[cfg(test)]
mod three_doors;
#[cfg(test)]
mod tour;
#[cfg(test)]
mod trace;
#[cfg(test)]
mod transactional;
#[cfg(test)]
mod two_by_two;
#[cfg(test)]
mod wire;
