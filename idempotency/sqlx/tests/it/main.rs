//! The promises of `skeleton-idempotency-sqlx`, on real SQLite files.

#[cfg(test)]
mod accept;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod doubtful;
#[cfg(test)]
mod execution;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod inbox;
#[cfg(test)]
mod interrupted;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod store;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod transactions;
#[cfg(test)]
mod waiting;
