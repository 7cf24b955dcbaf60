//! The promises of `skeleton-invocation-context`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod actors;
#[cfg(test)]
mod binary;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod context;
#[cfg(test)]
mod document;
#[cfg(test)]
mod edge;
#[cfg(test)]
mod edge_dictionary;
#[cfg(test)]
mod edge_forwarded;
#[cfg(test)]
mod edge_laws;
#[cfg(test)]
mod edge_locales;
#[cfg(test)]
mod edge_proxies;
#[cfg(test)]
mod edge_toggles;
#[cfg(test)]
mod edge_walk;
#[cfg(test)]
mod extractors;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod grpc;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod ids;
#[cfg(test)]
mod internal;
#[cfg(test)]
mod layer;
#[cfg(test)]
mod names;
#[cfg(test)]
mod problems;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod propagate;
#[cfg(test)]
mod propagate_calls;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod secrecy;
#[cfg(test)]
mod service;
#[cfg(test)]
mod span_fields;
#[cfg(test)]
mod span_layer;
#[cfg(test)]
mod spans;
#[cfg(test)]
mod testing_builder;
#[cfg(test)]
mod testing_kit;
#[cfg(test)]
mod time;
#[cfg(test)]
mod toggle_layer;
#[cfg(test)]
mod toggles;
#[cfg(test)]
mod trace_parent;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod wire_bodies;
#[cfg(test)]
mod wire_forged;
#[cfg(test)]
mod wire_laws;
#[cfg(test)]
mod wire_text;
