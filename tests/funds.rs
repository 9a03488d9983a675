//! Market development funds on either store: messages are put into inboxes directly, as fast as the store takes them, and
//! real processes of the program work on them.
//!
//! Tests are named by the row of the fault matrix that they prove. The suite `server` runs them once more on PostgreSQL.
#![cfg(all(unix, debug_assertions))]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails there")]

mod ground;
mod house;

#[path = "funds/bank.rs"]
mod bank;
#[path = "crash/draw.rs"]
mod draw;
#[path = "funds/handed_in.rs"]
mod handed_in;
#[path = "funds/papers.rs"]
mod papers;
#[path = "funds/vendor.rs"]
mod vendor;
#[path = "../crates/documents/tests/it/workbook.rs"]
mod workbook;

#[path = "funds/accrual.rs"]
mod accrual;
#[path = "funds/advances.rs"]
mod advances;
#[path = "funds/afterwards.rs"]
mod afterwards;
#[path = "funds/amendments.rs"]
mod amendments;
#[path = "funds/amounts.rs"]
mod amounts;
#[path = "funds/apart.rs"]
mod apart;
#[path = "funds/bad_papers.rs"]
mod bad_papers;
#[path = "funds/bank_details.rs"]
mod bank_details;
#[path = "funds/beside.rs"]
mod beside;
#[path = "funds/budgets.rs"]
mod budgets;
#[path = "funds/caps.rs"]
mod caps;
#[path = "funds/cards.rs"]
mod cards;
#[path = "funds/cards_apart.rs"]
mod cards_apart;
#[path = "funds/disputes.rs"]
mod disputes;
#[path = "funds/exceptions.rs"]
mod exceptions;
#[path = "funds/explained.rs"]
mod explained;
#[path = "funds/imports.rs"]
mod imports;
#[path = "funds/in_kind.rs"]
mod in_kind;
#[path = "funds/joint.rs"]
mod joint;
#[path = "funds/kept.rs"]
mod kept;
#[path = "funds/last_moment.rs"]
mod last_moment;
#[path = "funds/last_of_a_fund.rs"]
mod last_of_a_fund;
#[path = "funds/leavers.rs"]
mod leavers;
#[path = "funds/locks.rs"]
mod locks;
#[path = "funds/month_end.rs"]
mod month_end;
#[path = "funds/orders.rs"]
mod orders;
#[path = "funds/orders_killed.rs"]
mod orders_killed;
#[path = "funds/partners_apart.rs"]
mod partners_apart;
#[path = "funds/plays.rs"]
mod plays;
#[path = "funds/races.rs"]
mod races;
#[path = "funds/rehearsed.rs"]
mod rehearsed;
#[path = "funds/returns.rs"]
mod returns;
#[path = "funds/reviews.rs"]
mod reviews;
#[path = "funds/same_proof.rs"]
mod same_proof;
#[path = "funds/skips.rs"]
mod skips;
#[path = "funds/sweeps.rs"]
mod sweeps;
#[path = "funds/taxes.rs"]
mod taxes;
#[path = "funds/told.rs"]
mod told;
#[path = "funds/us15_fund_over.rs"]
mod us15_fund_over;
#[path = "funds/us17_came_twice.rs"]
mod us17_came_twice;
#[path = "funds/us17_clawback.rs"]
mod us17_clawback;
#[path = "funds/us17_killed_payouts.rs"]
mod us17_killed_payouts;
#[path = "funds/vault.rs"]
mod vault;
#[path = "funds/votes.rs"]
mod votes;
