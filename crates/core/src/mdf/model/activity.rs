//! What the money is for.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::ids::ActivityId;

/// One activity: an event, a campaign, a training.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Activity {
    /// Its id, the same in every programme.
    pub id: ActivityId,
    /// Its kind, as the programme lists them, such as `webinar`.
    pub kind: String,
    /// Its first day.
    pub start: Date,
    /// Its last day.
    pub end: Date,
    /// Where it takes place.
    pub place: String,
    /// Whom it is for.
    pub audience: Audience,
    /// Its form, such as `in person`.
    pub form: String,
    /// Whether the partner sponsors somebody else's event.
    #[serde(default)]
    pub sponsoring: bool,
}

/// Whom an activity is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Those who would use the product.
    EndCustomers,
    /// Other partners.
    Partners,
    /// The partner's own people.
    OwnStaff,
}

/// What of an activity may not change unseen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The first or last day.
    Date,
    /// The place.
    Place,
    /// The audience.
    Audience,
    /// The form.
    Form,
    /// What it costs.
    Cost,
}

impl Change {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Change::Date => "date",
            Change::Place => "place",
            Change::Audience => "audience",
            Change::Form => "form",
            Change::Cost => "cost",
        }
    }
}

impl Activity {
    /// What differs from the activity that was approved.
    pub fn changes_from(&self, approved: &Activity) -> Vec<Change> {
        let dates = (self.start, self.end) != (approved.start, approved.end);
        let found = [
            (dates, Change::Date),
            (self.place != approved.place, Change::Place),
            (self.audience != approved.audience, Change::Audience),
            (self.form != approved.form, Change::Form),
        ];
        found.into_iter().filter_map(|(differs, change)| differs.then_some(change)).collect()
    }
}
