//! The command line: one file per command, data on standard output, words on standard error.

mod agreement;
mod approve;
mod archive;
mod audit;
mod backup;
mod calendar;
mod cancellation;
mod card;
mod chart;
mod close;
mod commitment;
mod connector;
mod decided;
mod demo;
mod exit;
mod failure;
mod fleet;
mod funding;
mod help;
mod inbox;
mod incident;
mod input;
mod ledger;
mod licence;
mod log;
mod notices;
mod offer;
mod output;
mod payment_request;
mod people;
mod policy;
mod pricebook;
mod printable;
mod rates;
mod recovery;
mod refund;
mod rehearsal;
mod request;
mod restore;
mod sandbox;
mod schedule;
mod serve;
mod session;
mod spend;
mod statement;
mod submit;
mod submit_each;
mod template;
mod token;
mod verify;
mod withheld;

use std::process::ExitCode;

use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

pub use exit::Exit;
pub use failure::Failure;
pub use output::{Color, Out};
pub use session::Globals;
use session::Session;

/// Private offers on the cloud marketplaces, run durably and provably.
#[derive(Debug, Parser)]
#[command(
    name = "entente",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "Exit codes: `entente help exit-codes`")]
struct Line {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the engine, its jobs and the server
    Serve(serve::Serve),
    /// Run the engine and its jobs without a server, beside others on the same database server
    Run(serve::Run),
    /// Show the processes that run the database, what each owns, and under which fences
    Fleet(fleet::Fleet),
    /// Launch seventeen private offers against the sandbox and watch them
    Demo(demo::Demo),
    /// Run the marketplaces' sandbox alone
    Sandbox(sandbox::Sandbox),
    /// Plan, create, show and change private offers
    #[command(subcommand)]
    Offer(offer::Offer),
    /// See agreements and their invoices, and ask to end one early
    #[command(subcommand)]
    Agreement(agreement::Agreement),
    /// Give money back on an invoice
    #[command(subcommand)]
    Refund(refund::Refund),
    /// Ask buyers for payments that their agreements allow
    #[command(subcommand)]
    PaymentRequest(payment_request::PaymentRequest),
    /// See and change requests to end agreements early
    #[command(subcommand)]
    Cancellation(cancellation::Cancellation),
    /// Keep what is known about buyers' commitments; each side sees its own cards
    #[command(subcommand)]
    Card(card::Card),
    /// List what waits for people
    Inbox(inbox::Inbox),
    /// Approve a revision of an offer, a refund or another request
    Approve(approve::Approve),
    /// Reject an offer, a refund or another request for good
    Reject(approve::Reject),
    /// Return an offer, a refund or another request for changes
    SendBack(approve::SendBack),
    /// See and settle what stands still
    #[command(subcommand)]
    Incident(incident::Incident),
    /// Check, draw and try charts
    #[command(subcommand)]
    Chart(chart::Chart),
    /// Show, try and change who must approve what
    #[command(subcommand)]
    Policy(policy::Policy),
    /// Import and show price books
    #[command(subcommand)]
    Pricebook(pricebook::Pricebook),
    /// Show templates and fill them
    #[command(subcommand)]
    Template(template::Template),
    /// Keep the list of approved licence texts
    #[command(subcommand)]
    Licence(licence::Licence),
    /// See and set what each connection may do
    #[command(subcommand)]
    Connector(connector::Connector),
    /// Check people, roles and delegations
    #[command(subcommand)]
    People(people::People),
    /// Make, list and revoke tokens by which programs speak for people over HTTP
    #[command(subcommand)]
    Token(token::Token),
    /// Show business calendars
    #[command(subcommand)]
    Calendar(calendar::Calendar),
    /// Take partners on, and keep their papers and bank details
    #[command(subcommand)]
    Partner(funding::partner::Partner),
    /// Import and show the packs of rules that programmes follow
    #[command(subcommand)]
    Programme(funding::programme::Programme),
    /// Import, approve and show the go-to-market plays that requests name
    #[command(subcommand)]
    Play(funding::play::Play),
    /// Show what budgets were, what they are expected to come to, and what was spent of them
    #[command(subcommand)]
    Budget(funding::budget::Budget),
    /// Give parts of budgets to be drawn on, change and close them
    #[command(subcommand)]
    Fund(funding::fund::Fund),
    /// Fill funds with what partners earn by their sales
    #[command(subcommand)]
    Accrual(funding::accrual::Accrual),
    /// Apply for what marketplaces pay towards marketing
    #[command(subcommand)]
    Funding(funding::grant::Funding),
    /// Bring in lists of what was granted and paid before, from CSV or XLSX
    #[command(subcommand)]
    Import(funding::import::Import),
    /// Ask for market development funds before the work begins
    #[command(subcommand)]
    Request(funding::request::Request),
    /// Claim what the work has cost, and claim money back
    #[command(subcommand)]
    Claim(funding::claim::Claim),
    /// Order from suppliers for a partner's activity, and match what they charge with what came
    #[command(subcommand)]
    Order(funding::order::Order),
    /// Pay what is owed to partners and suppliers
    #[command(subcommand)]
    Payout(funding::payout::Payout),
    /// Say what is needed of payees and withheld, country by country
    #[command(subcommand)]
    Tax(funding::tax::Tax),
    /// Hand proof of claims in, give it out, and check it
    #[command(subcommand)]
    Evidence(funding::evidence::Evidence),
    /// Take in what customers spend towards their commitments
    #[command(subcommand)]
    Spend(spend::Spend),
    /// Keep and show published exchange rates, by which spend in other currencies is converted
    #[command(subcommand)]
    Rates(rates::Command),
    /// Lift a rule that stands in the way of a request or a claim, for a while
    #[command(subcommand)]
    Exception(funding::exception::Exception),
    /// Look again at approvals that came very soon
    #[command(subcommand)]
    Review(funding::review::Review),
    /// Explain how the rules came to an amount or a refusal
    Explain(funding::explain::Explain),
    /// Show the accounts of funds, and verify the books
    #[command(subcommand)]
    Ledger(ledger::Ledger),
    /// Close months: posting rules, estimates, locked batches for the general ledger, and what it holds of them
    #[command(subcommand)]
    Close(close::Close),
    /// Follow what buyers have promised a cloud to spend: what is left, where it ends, what would close a gap
    #[command(subcommand)]
    Commitment(commitment::Commitment),
    /// Check that every run's history makes its stored state
    Verify(verify::Verify),
    /// Export history and verify it
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Verify a partner's statement, without an installation
    #[command(subcommand)]
    Statement(statement::Statement),
    /// Copy the database to a new file, while it is in use
    Backup(backup::Backup),
    /// Put a backup into the database's place, while nothing serves it
    Restore(restore::Restore),
    /// See and settle the read-back after a restore
    #[command(subcommand)]
    Recovery(recovery::Recovery),
    /// See, pause and start scheduled jobs
    #[command(subcommand)]
    Schedule(schedule::Schedule),
    /// See what people were told
    #[command(subcommand)]
    Notices(notices::Notices),
    /// Explain a command or a topic
    Help(help::Help),
}

/// Runs the command line of this process.
pub async fn main() -> ExitCode {
    let matches = Line::command().get_matches();
    let mut line = Line::from_arg_matches(&matches).unwrap_or_else(|error| error.format(&mut Line::command()).exit());
    line.globals.command = given(&matches);
    let out = line.globals.out();
    let stops_itself =
        matches!(line.command, Command::Serve(_) | Command::Run(_) | Command::Sandbox(_) | Command::Demo(_));
    let level = match (line.globals.quiet, stops_itself) {
        (true, _) => "error",
        // The pool's own words on connections that broke say what the runner tells of the outage.
        (false, true) => "warn,entente=info,sqlx_core::pool=error",
        (false, false) => "warn,sqlx_core::pool=error",
    };
    log::start(level, out.has_color());
    let answer = tokio::select! {
        answer = run(line) => answer,
        () = interrupted(), if !stops_itself => Ok(Exit::Interrupted),
    };
    match answer {
        Ok(exit) => exit.into(),
        Err(failure) => {
            out.fail(&failure);
            failure.exit.into()
        }
    }
}

/// The words of the command that is given.
fn given(mut matches: &ArgMatches) -> String {
    let mut words = Vec::new();
    while let Some((word, inner)) = matches.subcommand() {
        words.push(word);
        matches = inner;
    }
    words.join(" ")
}

/// Ctrl-C ends a command at once: what it has stored is stored, and the rest was not begun.
async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

async fn run(line: Line) -> Result<Exit, Failure> {
    let globals = &line.globals;
    match line.command {
        Command::Serve(serve) => serve.run(globals).await,
        Command::Run(run) => run.run(globals).await,
        Command::Fleet(fleet) => fleet.run(globals).await,
        Command::Sandbox(sandbox) => sandbox.run(globals).await,
        Command::Offer(offer) => offer.run(globals).await,
        Command::Agreement(agreement) => agreement.run(&Session::open(globals).await?).await,
        Command::Refund(refund) => refund.run(&Session::open(globals).await?).await,
        Command::PaymentRequest(payment) => payment.run(&Session::open(globals).await?).await,
        Command::Cancellation(cancellation) => cancellation.run(&Session::open(globals).await?).await,
        Command::Card(card) => card.run(globals).await,
        Command::Inbox(inbox) => inbox.run(globals).await,
        Command::Approve(vote) => vote.run(globals).await,
        Command::Reject(vote) => vote.run(globals).await,
        Command::SendBack(vote) => vote.run(globals).await,
        Command::Incident(incident) => incident.run(globals).await,
        Command::Chart(chart) => chart.run(globals).await,
        Command::Policy(policy) => policy.run(globals).await,
        Command::Pricebook(pricebook) => pricebook.run(globals).await,
        Command::Template(template) => template.run(globals),
        Command::Licence(licence) => licence.run(globals).await,
        Command::Connector(connector) => connector.run(globals).await,
        Command::People(people) => people.run(globals).await,
        Command::Token(token) => token.run(globals).await,
        Command::Calendar(calendar) => calendar.run(globals).await,
        Command::Partner(partner) => partner.run(globals).await,
        Command::Programme(programme) => programme.run(globals).await,
        Command::Play(play) => play.run(globals).await,
        Command::Budget(budget) => budget.run(globals).await,
        Command::Fund(fund) => fund.run(globals).await,
        Command::Accrual(accrual) => accrual.run(globals).await,
        Command::Funding(funding) => funding.run(globals).await,
        Command::Import(import) => import.run(globals).await,
        Command::Request(request) => request.run(globals).await,
        Command::Claim(claim) => claim.run(globals).await,
        Command::Order(order) => order.run(globals).await,
        Command::Payout(payout) => payout.run(globals).await,
        Command::Tax(tax) => tax.run(globals).await,
        Command::Evidence(evidence) => evidence.run(globals).await,
        Command::Spend(spend) => spend.run(globals).await,
        Command::Rates(rates) => rates.run(globals).await,
        Command::Exception(exception) => exception.run(globals).await,
        Command::Review(review) => review.run(globals).await,
        Command::Explain(explain) => explain.run(globals).await,
        Command::Ledger(ledger) => ledger.run(globals).await,
        Command::Close(close) => close.run(globals).await,
        Command::Commitment(commitment) => commitment.run(globals).await,
        Command::Verify(verify) => verify.run(globals).await,
        Command::Audit(audit) => audit.run(globals).await,
        Command::Statement(statement) => statement.run(globals).await,
        Command::Backup(backup) => backup.run(globals).await,
        Command::Restore(restore) => restore.run(globals).await,
        Command::Recovery(recovery) => recovery.run(globals).await,
        Command::Schedule(schedule) => schedule.run(globals).await,
        Command::Notices(notices) => notices.run(globals).await,
        Command::Demo(demo) => demo.run().await,
        Command::Help(help) => help.run(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authz::{open_to_buyers, open_to_partners};

    #[test]
    fn what_is_open_to_people_of_partners_and_buyers_is_a_command_each() {
        for words in open_to_partners().chain(open_to_buyers()) {
            let mut command = &Line::command();
            for word in words.split(' ') {
                command = command.find_subcommand(word).unwrap_or_else(|| panic!("there is no `{words}`"));
            }
            assert!(!command.has_subcommands(), "`{words}` is several commands; name each of them");
        }
    }

    #[test]
    fn a_command_is_known_by_its_words_whatever_stands_between_them() {
        let matches = Line::command()
            .try_get_matches_from(["entente", "--json", "claim", "--actor", "pia", "show", "CLM-2027-00001"])
            .expect("a command");
        assert_eq!(given(&matches), "claim show");
    }
}
