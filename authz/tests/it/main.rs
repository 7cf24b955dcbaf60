//! The promises of `skeleton-authz`, each under the number of the attack or law that it answers.

#[cfg(test)]
mod archived;
#[cfg(test)]
mod authors;
#[cfg(test)]
mod bank;
#[cfg(test)]
mod carried;
#[cfg(test)]
mod cascade;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod covered;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod crowds;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod defining;
#[cfg(test)]
mod doors;
#[cfg(test)]
mod drawing;
#[cfg(test)]
mod escalation;
#[cfg(test)]
mod extractors;
#[cfg(test)]
mod foreign_rules;
#[cfg(test)]
mod forged_rules;
#[cfg(test)]
mod frozen;
#[cfg(test)]
mod giving;
#[cfg(test)]
mod growing;
#[cfg(test)]
mod grpc_layer;
#[cfg(test)]
mod guardrails;
#[cfg(test)]
mod helpers;
#[cfg(test)]
mod http_layer;
#[cfg(test)]
mod impersonation;
#[cfg(test)]
mod interleaved;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod isolation_of_rules;
#[cfg(test)]
mod last_admin;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod laws_of_answers;
#[cfg(test)]
mod laws_of_lists;
#[cfg(test)]
mod lock;
#[cfg(test)]
mod minimised;
#[cfg(test)]
mod moves;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod others;
#[cfg(test)]
mod own_roles;
#[cfg(test)]
mod payloads;
#[cfg(test)]
mod racing;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod remedies;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod sql;
#[cfg(test)]
mod traced;
#[cfg(test)]
mod ui;
#[cfg(test)]
mod views;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod wire_of_rules;
#[cfg(test)]
mod worlds;
