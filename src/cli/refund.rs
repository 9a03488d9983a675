//! `entente refund`: money that goes back to a buyer on one invoice.

use entente_core::{context::billing_adjustment::Refund as Asked, money::Money};
use entente_port::AdjustmentReason;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    request::{self, Asking, History, Label, List, Spoken, Withdraw},
    session::Session,
    submit::Sending,
};
use crate::{authz::Action, decision};

/// Give money back on an invoice
#[derive(Debug, clap::Subcommand)]
pub enum Refund {
    /// Ask for a refund; finance decides
    Create(Create),
    /// List refunds
    List(List),
    /// Show where a refund stands, and who has agreed
    Show(Label),
    /// Show everything that happened to a refund
    History(History),
    /// Change a refund that was returned, and ask again
    Revise(Revise),
    /// Take a refund back before it is sent
    Withdraw(Withdraw),
}

/// Ask for a refund; finance decides
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The marketplace's id of the agreement
    agreement: String,
    /// The marketplace's id of the invoice
    #[arg(long, value_name = "ID")]
    invoice: String,
    /// How much, before tax, such as "120.00 USD"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Money,
    /// Why: incorrect_terms, incorrect_metering, test, bought_elsewhere, unintended_renewal, buyer_dissatisfied or other
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: String,
    /// What the marketplace is told about it
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    description: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// Change a refund that was returned, and ask again
///
/// What is not named stays as it is.
#[derive(Debug, clap::Args)]
pub struct Revise {
    #[command(flatten)]
    label: Label,
    /// The marketplace's id of the invoice
    #[arg(long, value_name = "ID")]
    invoice: Option<String>,
    /// How much, before tax, such as "120.00 USD"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Option<Money>,
    /// Why, as in `refund create`
    #[arg(long, value_name = "REASON", value_parser = reason)]
    reason: Option<String>,
    /// What approvers should know; it is not sent
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    justification: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

/// One of the reasons that every marketplace knows.
fn reason(text: &str) -> Result<String, String> {
    let words =
        AdjustmentReason::ALL.iter().filter_map(|reason| Some(serde_json::to_value(reason).ok()?.as_str()?.to_owned()));
    input::one_of(text, words)
}

impl Refund {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        match self {
            Refund::Create(create) => create.run(session).await,
            Refund::List(list) => request::list::<Asked>(session, list).await,
            Refund::Show(label) => request::show::<Asked>(session, &label).await,
            Refund::History(shown) => request::tell::<Asked>(session, &shown).await,
            Refund::Revise(revise) => revise.run(session).await,
            Refund::Withdraw(withdraw) => request::withdraw::<Asked>(session, &withdraw).await,
        }
    }
}

impl Create {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let desk = session.desk();
        let whose = desk.whose(&self.agreement, self.asking.connector.as_deref()).await?;
        let asked = Asked {
            marketplace: whose.connection.marketplace.id(),
            legal_entity: whose.home.legal_entity.clone(),
            agreement_id: self.agreement,
            invoice_id: self.invoice,
            amount: self.amount,
            reason: self.reason,
            description: self.description,
            justification: self.asking.justification.clone(),
        };
        request::ask(session, &self.asking, &whose, &asked).await
    }
}

impl Revise {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let before = request::find::<Asked>(session, &self.label.label).await?.request.ask;
        let asked = Asked {
            invoice_id: self.invoice.unwrap_or(before.invoice_id),
            amount: self.amount.unwrap_or(before.amount),
            reason: self.reason.unwrap_or(before.reason),
            justification: self.justification.or(before.justification),
            ..before
        };
        request::revise(session, &self.label, &self.sending, &asked).await
    }
}

impl Spoken for Asked {
    const KIND: &'static str = "refund";
    const SERIES: &'static str = decision::REFUNDS;
    const ACTION: Action = Action::RequestRefund;
    const COLUMNS: &'static [&'static str] = &["amount", "invoice", "agreement", "reason"];

    fn columns(&self) -> Vec<String> {
        vec![self.amount.to_string(), self.invoice_id.clone(), self.agreement_id.clone(), self.reason.clone()]
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("amount", self.amount.to_string()),
            ("invoice", self.invoice_id.clone()),
            ("agreement", self.agreement_id.clone()),
            ("marketplace", self.marketplace.to_string()),
            ("reason", self.reason.clone()),
            ("description", self.description.clone().unwrap_or_default()),
        ]
    }
}
