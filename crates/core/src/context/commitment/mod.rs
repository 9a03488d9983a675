//! The context of the `commitment` workflow: what a buyer has promised a cloud to spend, as people wrote it down, and what was
//! seen of it day by day.

mod apply;
mod data;
mod due;
mod face;
mod look;
mod plan;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use data::{Ending, Revision, SpendImported};
pub use face::CommitmentContext;
pub use look::{Look, Outlook};
pub use plan::Plan;

use super::FieldError;
use crate::{
    commitment::{Alert, Amount, Commitment, Spell, Statement},
    ids::{CommitmentId, PartyId, PersonId},
    offer::DocumentError,
};

/// The name of its workflow, which is that of its context type as well.
pub const COMMITMENT: &str = "commitment";

/// The kind of key under which the run of a commitment is found.
pub const COMMITMENT_KEY: &str = "commitment";

/// The kind of key under which the commitments of a buyer are found.
pub const COMMITMENT_PARTY_KEY: &str = "commitment.party";

/// The activity that looks at what was spent, and at what is to be told.
pub const LOOK_AT_COMMITMENT: &str = "commitment.look";

/// The file's name in errors about a document that is kept here.
const KEPT: &str = "the document";

/// Everything that the run of a commitment knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// The run's readable name.
    pub label: String,
    /// The commitment.
    pub commitment: CommitmentId,
    /// The buyer.
    pub party: PartyId,
    /// Its documents as people wrote them, oldest first; never empty. A revision adds one, and none is ever changed.
    pub documents: Vec<Written>,
    /// What the cloud said remains, in the order in which it was typed in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<Stated>,
    /// What-ifs that somebody keeps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub plans: Vec<Plan>,
    /// The alerts that were told, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Alert>,
    /// Those of them that the last look has brought.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub news: Vec<Alert>,
    /// Since when each thing that was told holds, and the last day on which it did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spells: Vec<Spell>,
    /// What the last look has found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub look: Option<Look>,
    /// When it was looked at last, whether or not anything could be found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_at: Option<Timestamp>,
    /// Why the last look has found nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Trouble>,
    /// How a person said that it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ending: Option<Ended>,
}

/// A document as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The document.
    pub text: String,
    /// Why it was revised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// A statement of the cloud as somebody typed it in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// The statement.
    pub statement: Statement,
    /// Who typed it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

/// Why a look has found nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trouble {
    /// What was wrong.
    pub message: String,
    /// Whether the look before had not met the same.
    pub new: bool,
}

/// That a person said that it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    /// What it went into, where it was rolled over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<CommitmentId>,
    /// Why.
    pub reason: String,
    /// Who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<PersonId>,
    /// When.
    pub at: Timestamp,
}

impl Contract {
    /// Its document as it stands.
    ///
    /// # Errors
    /// When a kept document cannot be read, which is checked before it is kept.
    pub fn commitment(&self) -> Result<Commitment, DocumentError> {
        Commitment::from_yaml(KEPT, self.documents.last().map_or("", |written| written.text.as_str()))
    }

    /// Its document as it stood at the end of a day, so that what was told then can be told again.
    ///
    /// # Errors
    /// As [`Contract::commitment`].
    pub fn commitment_known_on(&self, day: jiff::civil::Date) -> Result<Commitment, DocumentError> {
        let newest = self.commitment()?;
        let known = |written: &&Written| newest.day_of(written.at) <= day;
        let written = self.documents.iter().rev().find(known).or_else(|| self.documents.first());
        written.map_or(Ok(newest.clone()), |written| Commitment::from_yaml(KEPT, &written.text))
    }

    /// The cloud's last statement, by the day that it is of; of the same day the one that was typed in last.
    pub fn last_statement(&self) -> Option<&Stated> {
        self.statements.iter().max_by_key(|stated| (stated.statement.as_of, stated.at))
    }

    /// The last statement that was known at the end of a day, of that day or of one before it.
    pub fn statement_known_on(
        &self,
        commitment: &Commitment,
        as_of: jiff::civil::Date,
        known_on: jiff::civil::Date,
    ) -> Option<&Stated> {
        let known = |stated: &&Stated| stated.statement.as_of <= as_of && commitment.day_of(stated.at) <= known_on;
        self.statements.iter().filter(known).max_by_key(|stated| (stated.statement.as_of, stated.at))
    }

    /// What its notices tell.
    fn notice(&self) -> Value {
        let commitment = self.commitment().ok();
        let told: Vec<String> = self.news.iter().map(Alert::to_string).collect();
        let lacking = self.look.as_ref().filter(|look| look.outlook == Outlook::Shortfall);
        let shown = |amount: Amount| match commitment.as_ref().map(|commitment| amount.money(commitment.currency)) {
            Some(Ok(money)) => money.to_string(),
            _ => amount.to_string(),
        };
        json!({
            "label": self.label,
            "what": format!("commitment `{}`", self.commitment),
            "party": self.party,
            "legal_entity": commitment.as_ref().map(|commitment| &commitment.legal_entity),
            "cloud": commitment.as_ref().map(|commitment| &commitment.cloud),
            "summary": told.join("; "),
            "lacks": lacking.map(|look| match look.remaining {
                lacks if lacks.least == lacks.most => shown(lacks.least),
                lacks => format!("{} to {}", shown(lacks.least), shown(lacks.most)),
            }),
            "payment_due": lacking.and_then(|look| look.settles_on),
            "alerts": self.news,
            "message": self.trouble.as_ref().map(|trouble| &trouble.message),
            "reason": self.ending.as_ref().map(|ending| &ending.reason),
        })
    }
}

/// Why a document may not take the place of another in the same run: it is about something else, or it takes back what was
/// agreed. Terms that were wrong are corrected by a version that is known from a later day.
///
/// # Errors
/// With the field that is wrong.
pub fn revises(new: &Commitment, old: &Commitment) -> Result<(), FieldError> {
    let refuse = |field: &str, message: String| Err(FieldError { field: field.to_owned(), message });
    let same = [
        ("/commitment", new.id == old.id),
        ("/party", new.party == old.party),
        ("/legal_entity", new.legal_entity == old.legal_entity),
        ("/cloud", new.cloud == old.cloud),
        ("/currency", new.currency == old.currency),
    ];
    if let Some((field, _)) = same.into_iter().find(|(_, same)| !same) {
        return refuse(field, "is another one; what a commitment is about stays, so create another one instead".into());
    }
    let differences = new.basis.differences(&old.basis);
    if !differences.is_empty() {
        let message =
            format!("is another one ({}); spend that was taken in would no longer fit it", differences.join("; "));
        return refuse("/basis", message);
    }
    match old.versions().iter().find(|terms| !new.versions().contains(terms)) {
        Some(gone) => refuse(
            "/versions",
            format!(
                "leaves out or changes the terms that are valid from {} and known from {}; keep them and add a version",
                gone.valid_from, gone.known_from
            ),
        ),
        None => Ok(()),
    }
}
