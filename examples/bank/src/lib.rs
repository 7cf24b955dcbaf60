#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod adapters;
pub mod audit;
pub mod catalogue;
pub mod cli;
pub mod demo;
pub mod domain;
pub mod edge;
pub mod files;
pub mod ids;
pub mod money;
pub mod outcome;
mod personal;
pub mod ports;
pub mod processors;
pub mod projections;
pub mod seed;
pub mod services;
pub mod tour;
pub mod wiring;
