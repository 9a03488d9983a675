//! `entente offer clone`: a new document out of an offer that exists.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::cli::{exit::Exit, failure::Failure, input, session::Session};

/// Make a new document out of an offer
///
/// Prints the document, ready to be edited and created. Ids in other systems belong to one offer and are not taken over.
#[derive(Debug, clap::Args)]
pub struct Clone {
    /// The offer, such as OFR-2026-00042
    label: String,
    /// The new offer's own reference
    #[arg(long, value_name = "TEXT")]
    reference: String,
    /// The account that may accept it; may be given several times
    #[arg(long, value_name = "ID")]
    account: Vec<String>,
    /// The last day to accept it
    #[arg(long, value_name = "DAY")]
    expires_on: Option<Date>,
    /// An id in another system, such as crm_opportunity=006Hs00000AbCdE; may be given several times
    #[arg(long = "ref", value_name = "SYSTEM=ID", value_parser = input::pair)]
    refs: Vec<(String, String)>,
}

impl Clone {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        let mut offer = stored.offer.offer;
        offer.reference = self.reference;
        offer.external_refs = self.refs.into_iter().collect::<BTreeMap<_, _>>();
        if !self.account.is_empty() {
            offer.buyer.accounts = self.account;
        }
        if let Some(day) = self.expires_on {
            offer.expires_on = day;
        }
        // What is printed must be readable again, so it is read before it is printed.
        let offer = entente_core::offer::Offer::from_json(&offer.to_json())
            .map_err(|error| Failure::usage(format!("the new document would not be readable: {error}")))?;
        if session.out.is_json() {
            session.out.json(&offer.to_json())?;
        } else {
            let text = serde_saphyr::to_string(&offer).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
            session.out.data(text.trim_end());
        }
        Ok(Exit::Ok)
    }
}
