//! The promises of `skeleton-idempotency-sqlx`, on real SQLite files.

#[cfg(test)]
mod accept;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod histories;
#[cfg(test)]
mod rows;
#[cfg(test)]
mod sweep;
#[cfg(test)]
mod transactions;
