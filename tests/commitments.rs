//! Commitments end to end: entered from the command line, looked at by a real process of the program, with spend that is
//! imported, or put into the store as imports put it there.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod ground;
mod house;

#[path = "commitments/bills.rs"]
mod bills;
#[path = "commitments/buyers_apart.rs"]
mod buyers_apart;
#[path = "commitments/contracts.rs"]
mod contracts;
#[path = "commitments/desk.rs"]
mod desk;
#[path = "commitments/explain.rs"]
mod explain;
#[path = "commitments/from_a_bucket.rs"]
mod from_a_bucket;
#[path = "commitments/lines.rs"]
mod lines;
#[path = "commitments/over_http.rs"]
mod over_http;
#[path = "commitments/own_rules.rs"]
mod own_rules;
#[path = "commitments/paper.rs"]
mod paper;
#[path = "../crates/documents/tests/it/s3.rs"]
mod s3;

#[path = "commitments/rates.rs"]
mod rates;

#[path = "commitments/refusals.rs"]
mod refusals;
#[path = "commitments/round_trip.rs"]
mod round_trip;
#[path = "commitments/runs.rs"]
mod runs;
#[path = "commitments/true_of_the_data.rs"]
mod true_of_the_data;
#[path = "commitments/us11_burn_down.rs"]
mod us11_burn_down;
#[path = "commitments/us11_whole_bill.rs"]
mod us11_whole_bill;
#[path = "commitments/us12_changes.rs"]
mod us12_changes;
#[path = "commitments/us12_succession.rs"]
mod us12_succession;
