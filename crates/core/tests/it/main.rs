//! The pure core, tested from outside: charts, steps, policies, calendars, offers, ledger and history.
#![allow(clippy::unwrap_used)]

mod agreement_request;
mod approvals;
mod audit;
mod calendar;
mod charts;
mod close;
mod commitment_card;
mod effects;
mod family;
mod fold;
mod four_eyes;
mod funding;
mod journey;
mod ledger;
mod mdf;
mod moved;
mod offer;
mod people;
mod policy;
mod preflight;
mod pricing;
mod private_offer;
mod raise;
mod schedule;
mod statement;
mod step;
mod support;
