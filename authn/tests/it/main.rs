//! The promises of `skeleton-authn`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod log_in;
#[cfg(test)]
mod model;
#[cfg(test)]
mod pool;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod ui;
