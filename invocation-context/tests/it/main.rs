//! The promises of `skeleton-invocation-context`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod actors;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod context;
#[cfg(test)]
mod document;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod edge_laws;
#[cfg(test)]
mod extractors;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod ids;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod names;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod service;
#[cfg(test)]
mod time;
#[cfg(test)]
mod toggles;
#[cfg(test)]
mod ui;
