//! Entente: private offers on the cloud marketplaces, run durably and provably.
//!
//! The binary is thin; this library holds the runner, the activities and the commands.
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod activities;
pub mod agreements;
pub mod api;
pub mod app;
pub mod audit;
pub mod authz;
pub mod busy;
pub mod cards;
pub mod cli;
pub mod close;
pub mod commitments;
pub mod config;
pub mod connectors;
pub mod database;
pub mod decision;
pub mod demo;
pub mod fleet;
pub mod funding;
pub mod jobs;
pub mod ledger;
pub mod next;
pub mod notices;
pub mod observe;
pub mod offers;
pub mod rates;
pub mod restore;
pub mod runner;
pub mod sandbox_clock;
pub mod schedule;
pub mod service;
pub mod spend;
pub mod submit;
pub mod tokens;
pub mod withheld;
pub mod workflows;
pub mod world;
