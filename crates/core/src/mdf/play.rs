//! Go-to-market plays: what a programme wants done, approved once, for requests to name.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::model::{ApprovedPlay, Goal};
use crate::{
    context::{FieldError, agreement_request::filled},
    ids::{PersonId, PlayId, ProgrammeId},
    money::Money,
    offer::{DocumentError, source},
};

/// A version of a play. It is never changed; another version takes its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// Its id, which requests name.
    pub play: PlayId,
    /// Its version, from 1.
    pub version: u32,
    /// What it is, in a line.
    pub title: String,
    /// The programmes that it is for.
    pub programmes: BTreeSet<ProgrammeId>,
    /// The kinds of activities that it consists of.
    pub activities: BTreeSet<String>,
    /// The figures that every request for it aims at.
    pub goals: Vec<Goal>,
    /// How its success is measured.
    #[serde(default)]
    pub kpis: Vec<Kpi>,
    /// What is done, in order.
    pub steps: Vec<String>,
    /// What all its requests may be granted together.
    pub budget: Money,
    /// Requests below it need nobody's approval, where the pack has rule Q12.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pre_approved_below: Option<Money>,
    /// Its first day, by that of the activity.
    pub from: Date,
    /// Its last day.
    pub until: Date,
}

/// A figure that tells how well a play works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    /// What is counted or measured, such as `meetings`.
    pub name: String,
    /// In what, such as `people`, `EUR` or `percent`.
    pub unit: String,
    /// How much of it is aimed at.
    pub target: i64,
}

impl Play {
    /// Reads a play. The first defect is returned with its place in the file.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, lacks a field or has an unknown one, or contradicts itself.
    pub fn from_yaml(file: &str, text: &str) -> Result<Play, DocumentError> {
        let (play, outline) = source::read::<Play>(file, text, &|_| true)?;
        play.check().map_err(|defect| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(&defect.field),
            field: defect.field,
            message: defect.message,
        })?;
        Ok(play)
    }

    fn check(&self) -> Result<(), FieldError> {
        let check = |holds: bool, field: &str, message: &str| match holds {
            true => Ok(()),
            false => Err(FieldError { field: field.to_owned(), message: message.to_owned() }),
        };
        check(!self.play.as_str().contains('@'), "/play", "has an `@`, which stands before versions; rename it")?;
        check(self.version > 0, "/version", "begins at 1; write a whole number from 1")?;
        filled("/title", &self.title)?;
        check(!self.programmes.is_empty(), "/programmes", "names none; say for which programmes it is")?;
        check(!self.activities.is_empty(), "/activities", "names none; list the kinds of activities")?;
        check(!self.goals.is_empty(), "/goals", "names none; say what every request aims at")?;
        for (at, goal) in self.goals.iter().enumerate() {
            filled(&format!("/goals/{at}/name"), &goal.name)?;
            check(goal.target > 0, &format!("/goals/{at}/target"), "aims at nothing; write a number above 0")?;
        }
        for (at, kpi) in self.kpis.iter().enumerate() {
            filled(&format!("/kpis/{at}/name"), &kpi.name)?;
            filled(&format!("/kpis/{at}/unit"), &kpi.unit)?;
        }
        check(!self.steps.is_empty(), "/steps", "names none; say what is done, in order")?;
        check(self.budget.minor > 0, "/budget", "is nothing; write an amount of more than zero")?;
        if let Some(below) = self.pre_approved_below {
            let field = "/pre_approved_below";
            check(below.minor > 0, field, "approves nothing beforehand; leave it out")?;
            check(below.currency == self.budget.currency, field, "is not in the currency of the budget")?;
        }
        check(self.from <= self.until, "/until", "lies before the first day; correct one of them")
    }

    /// Its id and version, such as `cloud-migration@1`.
    pub fn named(&self) -> String {
        format!("{}@{}", self.play, self.version)
    }

    /// Whether it is in force on a day.
    pub fn covers(&self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }

    /// What the rules have to know of it once somebody has approved it.
    pub fn approved(&self, text: &str, by: PersonId, granted: Money) -> ApprovedPlay {
        ApprovedPlay {
            play: self.play.clone(),
            version: self.version,
            sha256: hex::encode(Sha256::digest(text.as_bytes())),
            approved_by: by,
            programmes: self.programmes.clone(),
            activities: self.activities.clone(),
            goals: self.goals.iter().map(|goal| goal.name.clone()).collect(),
            budget: self.budget,
            granted,
            pre_approved_below: self.pre_approved_below,
            from: self.from,
            until: self.until,
        }
    }
}
