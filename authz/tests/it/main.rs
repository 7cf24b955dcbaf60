//! The promises of `skeleton-authz`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod archived;
#[cfg(test)]
mod bank;
#[cfg(test)]
mod carried;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod extractors;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod http_layer;
#[cfg(test)]
mod impersonation;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod laws_of_answers;
#[cfg(test)]
mod lock;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod payloads;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod views;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod worlds;
