//! The command line as people and scripts use it: the real binary against a folder of its own.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed")]

#[path = "cli/after_sale.rs"]
mod after_sale;
#[path = "cli/amendments.rs"]
mod amendments;
#[path = "cli/authority.rs"]
mod authority;
#[path = "cli/bad_input.rs"]
mod bad_input;
#[path = "cli/cancellations.rs"]
mod cancellations;
#[path = "cli/counted.rs"]
mod counted;
#[path = "cli/decided_by_itself.rs"]
mod decided_by_itself;
#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/doors.rs"]
mod doors;
#[path = "cli/exit_codes.rs"]
mod exit_codes;
#[path = "cli/four_eyes.rs"]
mod four_eyes;
#[path = "cli/funding.rs"]
mod funding;
#[path = "cli/history.rs"]
mod history;
#[path = "cli/imports.rs"]
mod imports;
#[path = "cli/installation.rs"]
mod installation;
#[path = "cli/keys.rs"]
mod keys;
#[path = "cli/migrations.rs"]
mod migrations;
#[path = "cli/month_end.rs"]
mod month_end;
#[path = "cli/offers.rs"]
mod offers;
#[path = "cli/office_hours.rs"]
mod office_hours;
#[path = "cli/output.rs"]
mod output;
#[path = "cli/past.rs"]
mod past;
#[path = "cli/payments.rs"]
mod payments;
#[path = "cli/plans.rs"]
mod plans;
#[path = "cli/policies.rs"]
mod policies;
#[path = "house/proof.rs"]
mod proof;
#[path = "cli/read_only.rs"]
mod read_only;
#[path = "cli/refunds.rs"]
mod refunds;
#[path = "cli/safety.rs"]
mod safety;
#[path = "cli/sandbox.rs"]
mod sandbox;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/statements.rs"]
mod statements;
#[path = "cli/told.rs"]
mod told;
#[path = "cli/tour.rs"]
mod tour;
#[path = "cli/twice.rs"]
mod twice;
#[path = "cli/us01_template_to_active.rs"]
mod us01_template_to_active;
#[path = "cli/us08_approval_matrix.rs"]
mod us08_approval_matrix;
#[path = "cli/us10_five_thousand.rs"]
mod us10_five_thousand;
#[path = "cli/us10_what_if.rs"]
mod us10_what_if;
#[path = "cli/us15_amounts.rs"]
mod us15_amounts;
#[path = "cli/us15_people_who_left.rs"]
mod us15_people_who_left;
#[path = "cli/us17_from_request_to_payout.rs"]
mod us17_from_request_to_payout;
#[path = "cli/us17_out_of_turn.rs"]
mod us17_out_of_turn;
#[path = "cli/us18_statement.rs"]
mod us18_statement;
#[path = "cli/us19_shared_fund.rs"]
mod us19_shared_fund;
#[path = "cli/withheld.rs"]
mod withheld;
#[path = "cli/withheld_by_hand.rs"]
mod withheld_by_hand;
