#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![expect(
    clippy::exhaustive_enums,
    clippy::exhaustive_structs,
    reason = "an application: nobody builds on its types"
)]

pub mod adapters;
pub mod audit;
pub mod catalogue;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod edge;
pub mod files;
pub mod ids;
pub mod locator;
pub mod metering;
pub mod money;
mod onboarding;
pub mod outcome;
pub mod personal;
pub mod ports;
pub mod processors;
pub mod projections;
pub mod seed;
pub mod services;
pub mod supervisor;
pub mod tour;
pub mod wiring;

/// The example of the repository's README, which is a test this way.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub mod readme {}
