//! `entente cancellation`: requests to end agreements early, once they are made with `entente agreement cancel`.

use entente_core::context::agreement_cancellation::Cancellation as Asked;

use super::{
    exit::Exit,
    failure::Failure,
    request::{self, History, Label, List, Spoken, Withdraw},
    session::Session,
};
use crate::{authz::Action, decision};

/// See and change requests to end agreements early
#[derive(Debug, clap::Subcommand)]
pub enum Cancellation {
    /// List requests to end agreements early
    List(List),
    /// Show where a request stands, and who has agreed
    Show(Label),
    /// Show everything that happened to a request
    History(History),
    /// Take a request back before it is sent
    Withdraw(Withdraw),
}

impl Cancellation {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        match self {
            Cancellation::List(list) => request::list::<Asked>(session, list).await,
            Cancellation::Show(label) => request::show::<Asked>(session, &label).await,
            Cancellation::History(shown) => request::tell::<Asked>(session, &shown).await,
            Cancellation::Withdraw(withdraw) => request::withdraw::<Asked>(session, &withdraw).await,
        }
    }
}

impl Spoken for Asked {
    const KIND: &'static str = "cancellation";
    const SERIES: &'static str = decision::CANCELLATIONS;
    const ACTION: Action = Action::RequestCancellation;
    const COLUMNS: &'static [&'static str] = &["agreement", "reason"];

    fn columns(&self) -> Vec<String> {
        vec![self.agreement_id.clone(), self.reason.clone()]
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        vec![
            ("agreement", self.agreement_id.clone()),
            ("marketplace", self.marketplace.to_string()),
            ("reason", self.reason.clone()),
            ("description", self.description.clone().unwrap_or_default()),
        ]
    }
}
