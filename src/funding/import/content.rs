//! What a line says, as it is kept.

use entente_core::{
    context::funding::RequestPaper,
    ids::{FundId, PartyId},
    mdf::model::EarlierClaim,
    money::Money,
};
use entente_store::StoredLine;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::offers::DeskError;

/// What a line says.
pub(in crate::funding) enum Content {
    /// It was paid: what later claims are compared with.
    Paid {
        /// The claim.
        claim: Box<EarlierClaim>,
        /// The fund that has paid it; lines that an older program kept do not say it.
        fund: Option<FundId>,
    },
    /// It was granted: the request that is opened for it, and when it was asked for.
    Granted(Box<Granted>),
}

/// What was granted.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::funding) struct Granted {
    /// The request.
    pub(in crate::funding) request: Box<RequestPaper>,
    /// The day on which it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(in crate::funding) requested_on: Option<Date>,
}

/// As it is written: one of the first two.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paid: Option<Box<EarlierClaim>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    granted: Option<Box<Granted>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fund: Option<FundId>,
}

impl Content {
    /// What is kept.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub(super) fn text(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.form())
    }

    /// What two lines of one fund are compared by: everything but the fund.
    ///
    /// # Errors
    /// As [`Content::text`].
    pub(super) fn compared(&self) -> serde_json::Result<String> {
        serde_json::to_string(&Form { fund: None, ..self.form() })
    }

    fn form(&self) -> Form {
        match self {
            Content::Paid { claim, fund } => Form { paid: Some(claim.clone()), granted: None, fund: fund.clone() },
            Content::Granted(granted) => Form { paid: None, granted: Some(granted.clone()), fund: None },
        }
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// When it says nothing that is known.
    pub(in crate::funding) fn read(line: &StoredLine) -> Result<Content, DeskError> {
        let unreadable = |why: String| DeskError::Unreadable { what: named(line), why };
        let form: Form = serde_json::from_str(&line.content).map_err(|error| unreadable(error.to_string()))?;
        match (form.paid, form.granted) {
            (Some(claim), None) => Ok(Content::Paid { claim, fund: form.fund }),
            (None, Some(granted)) => Ok(Content::Granted(granted)),
            _ => Err(unreadable("it is neither paid nor granted".into())),
        }
    }

    /// Whose it is.
    pub(super) fn partner(&self) -> &PartyId {
        match self {
            Content::Paid { claim, .. } => &claim.partner,
            Content::Granted(granted) => &granted.request.partner,
        }
    }

    /// The fund, where it is said.
    pub(super) fn fund(&self) -> Option<&FundId> {
        match self {
            Content::Paid { fund, .. } => fund.as_ref(),
            Content::Granted(granted) => Some(&granted.request.fund),
        }
    }

    /// How much.
    pub(super) fn amount(&self) -> Money {
        match self {
            Content::Paid { claim, .. } => claim.amount,
            Content::Granted(granted) => granted.request.amount,
        }
    }

    /// The last day of its activity.
    pub(super) fn ended(&self) -> Date {
        match self {
            Content::Paid { claim, .. } => claim.ended,
            Content::Granted(granted) => granted.request.activity.end,
        }
    }

    /// The day on which it was asked for, where that is said.
    pub(super) fn requested_on(&self) -> Option<Date> {
        match self {
            Content::Paid { .. } => None,
            Content::Granted(granted) => granted.requested_on,
        }
    }

    /// What has become of it, in a word.
    pub(super) fn status(&self) -> &'static str {
        match self {
            Content::Paid { .. } => "paid",
            Content::Granted(_) => "granted",
        }
    }
}

/// How a line is named.
pub(super) fn named(line: &StoredLine) -> String {
    format!("row {} of import `{}`", line.line, line.import)
}
