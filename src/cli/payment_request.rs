//! `entente payment-request`: payments that buyers are asked for under terms of their agreements.

use entente_core::{context::agreement_payment_request::PaymentRequest as Asked, money::Money};
use entente_port::PaymentTerm;

use super::{
    exit::Exit,
    failure::Failure,
    input,
    request::{self, Asking, History, Label, List, Spoken, Withdraw},
    session::Session,
    submit::Sending,
};
use crate::{agreements::Whose, authz::Action, decision, offers::DeskError};

/// Ask buyers for payments that their agreements allow
#[derive(Debug, clap::Subcommand)]
pub enum PaymentRequest {
    /// Ask for a payment; finance decides, then the buyer
    Create(Create),
    /// List requests for payments
    List(List),
    /// Show where a request stands, and who has agreed
    Show(Label),
    /// Show everything that happened to a request
    History(History),
    /// Change a request that was returned, and ask again
    Revise(Revise),
    /// Take a request back, as long as the buyer has not answered it
    Cancel(Withdraw),
}

/// Ask for a payment; finance decides, then the buyer
#[derive(Debug, clap::Args)]
pub struct Create {
    /// The marketplace's id of the agreement
    agreement: String,
    /// How much, before tax, such as "120.00 USD"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Money,
    /// What the buyer reads first, on one line
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    name: String,
    /// The marketplace's id of the payment term, where the agreement has more than one
    #[arg(long, value_name = "ID")]
    term: Option<String>,
    /// What else the buyer is told about it
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    description: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

/// Change a request that was returned, and ask again
///
/// What is not named stays as it is.
#[derive(Debug, clap::Args)]
pub struct Revise {
    #[command(flatten)]
    label: Label,
    /// How much, before tax, such as "120.00 USD"
    #[arg(long, value_name = "AMOUNT", value_parser = input::money)]
    amount: Option<Money>,
    /// What the buyer reads first, on one line
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    name: Option<String>,
    /// What else the buyer is told about it
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    description: Option<String>,
    /// What approvers should know; it is not sent
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    justification: Option<String>,
    #[command(flatten)]
    sending: Sending,
}

impl PaymentRequest {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        match self {
            PaymentRequest::Create(create) => create.run(session).await,
            PaymentRequest::List(list) => request::list::<Asked>(session, list).await,
            PaymentRequest::Show(label) => request::show::<Asked>(session, &label).await,
            PaymentRequest::History(shown) => request::tell::<Asked>(session, &shown).await,
            PaymentRequest::Revise(revise) => revise.run(session).await,
            PaymentRequest::Cancel(withdraw) => request::withdraw::<Asked>(session, &withdraw).await,
        }
    }
}

impl Create {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let desk = session.desk();
        let whose = desk.whose(&self.agreement, self.asking.connector.as_deref()).await?;
        let term_id = match self.term {
            Some(term) => term,
            None => the_term(&whose, &self.agreement).await?,
        };
        let asked = Asked {
            marketplace: whose.connection.marketplace.id(),
            legal_entity: whose.home.legal_entity.clone(),
            agreement_id: self.agreement,
            term_id,
            name: self.name,
            amount: self.amount,
            description: self.description,
            justification: self.asking.justification.clone(),
        };
        request::ask(session, &self.asking, &whose, &asked).await
    }
}

/// The only payment term of an agreement.
async fn the_term(whose: &Whose<'_>, agreement: &str) -> Result<String, Failure> {
    let terms = whose.connection.marketplace.payment_terms(agreement).await.map_err(DeskError::Marketplace)?;
    match terms.as_slice() {
        [PaymentTerm { id, .. }] => Ok(id.clone()),
        [] => {
            let message = format!("agreement `{agreement}` has no term under which payments may be asked for");
            Err(Failure::usage(format!("{message} (field `/term_id`)")).hint("nothing was written"))
        }
        several => {
            let names: Vec<String> = several.iter().map(|term| format!("`{}` up to {}", term.id, term.most)).collect();
            let message = format!("agreement `{agreement}` has several payment terms: {}", names.join(", "));
            Err(Failure::usage(message).hint("choose one with --term"))
        }
    }
}

impl Revise {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let before = request::find::<Asked>(session, &self.label.label).await?.request.ask;
        let asked = Asked {
            amount: self.amount.unwrap_or(before.amount),
            name: self.name.unwrap_or(before.name),
            description: self.description.or(before.description),
            justification: self.justification.or(before.justification),
            ..before
        };
        request::revise(session, &self.label, &self.sending, &asked).await
    }
}

impl Spoken for Asked {
    const KIND: &'static str = "payment request";
    const SERIES: &'static str = decision::PAYMENTS;
    const ACTION: Action = Action::RequestPayment;
    const COLUMNS: &'static [&'static str] = &["amount", "name", "agreement"];

    fn columns(&self) -> Vec<String> {
        vec![self.amount.to_string(), self.name.clone(), self.agreement_id.clone()]
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("amount", self.amount.to_string()),
            ("name", self.name.clone()),
            ("agreement", self.agreement_id.clone()),
            ("term", self.term_id.clone()),
            ("marketplace", self.marketplace.to_string()),
            ("description", self.description.clone().unwrap_or_default()),
        ]
    }
}
