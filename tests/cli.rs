//! The command line as people and scripts use it: the real binary against a folder of its own.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "cli/authority.rs"]
mod authority;
#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/exit_codes.rs"]
mod exit_codes;
#[path = "cli/history.rs"]
mod history;
#[path = "cli/installation.rs"]
mod installation;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/offers.rs"]
mod offers;
#[path = "cli/output.rs"]
mod output;
#[path = "cli/policies.rs"]
mod policies;
#[path = "cli/sandbox.rs"]
mod sandbox;
#[path = "cli/us01_template_to_active.rs"]
mod us01_template_to_active;
#[path = "cli/us08_approval_matrix.rs"]
mod us08_approval_matrix;
#[path = "cli/us10_what_if.rs"]
mod us10_what_if;
