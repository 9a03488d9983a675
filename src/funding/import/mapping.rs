//! How a spreadsheet is read: which column says what, in which notation, and what its words mean here.

use std::collections::BTreeMap;

use entente_core::{
    ids::{FundId, PartyId, ProgrammeId},
    mdf::model::{Audience, Goal},
    money::Currency,
    settings::{self, SettingsError},
};
use entente_spreadsheet::{DateForm, DecimalMark};
use serde::Deserialize;

/// A mapping to begin with, with comments.
pub const TEMPLATE: &str = include_str!("../../../examples/funding/import/mapping.yaml");

/// How a spreadsheet is read.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The name of the list. Within it a reference names one line for ever.
    pub list: String,
    /// The sheet of an XLSX; the first where it is not given.
    #[serde(default)]
    pub sheet: Option<String>,
    /// The row with the headings.
    #[serde(default = "first")]
    pub heading_row: u64,
    decimal_mark: Mark,
    dates: Form,
    /// Which column says what, by its heading.
    pub columns: Columns,
    /// What the words in the column `status` mean.
    pub statuses: BTreeMap<String, Status>,
    /// Partners, by what the list calls them.
    #[serde(default)]
    pub partners: BTreeMap<String, PartyId>,
    /// Funds, by what the list calls them.
    #[serde(default)]
    pub funds: BTreeMap<String, FundId>,
    /// Kinds of activities, by what the list calls them.
    #[serde(default)]
    pub activities: BTreeMap<String, String>,
    /// What the list does not say.
    #[serde(default)]
    pub otherwise: Otherwise,
}

fn first() -> u64 {
    1
}

#[derive(Debug, Clone, Copy, Deserialize)]
enum Mark {
    #[serde(rename = ".")]
    Point,
    #[serde(rename = ",")]
    Comma,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
}

/// What has become of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It was granted, and nothing of it was claimed.
    Granted,
    /// It was claimed, and not paid: refused, as nothing is paid that was not approved here.
    Unpaid,
    /// It was paid.
    Paid,
    /// Nothing came or will come of it.
    Over,
}

/// The headings of columns.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// What names the line in its list.
    pub reference: String,
    /// What has become of it.
    pub status: String,
    /// The partner.
    pub partner: String,
    /// The fund.
    #[serde(default)]
    pub fund: Option<String>,
    /// The currency of all amounts of the line.
    #[serde(default)]
    pub currency: Option<String>,
    /// What was granted.
    #[serde(default)]
    pub granted: Option<String>,
    /// What was paid.
    #[serde(default)]
    pub paid: Option<String>,
    /// What the activity was to cost as a whole.
    #[serde(default)]
    pub cost: Option<String>,
    /// The kind of activity.
    #[serde(default)]
    pub activity: Option<String>,
    /// What names the activity, where several lines are about one.
    #[serde(default)]
    pub activity_id: Option<String>,
    /// Its first day.
    #[serde(default)]
    pub start: Option<String>,
    /// Its last day.
    pub end: String,
    /// Where it took place.
    #[serde(default)]
    pub place: Option<String>,
    /// The day on which it was asked for.
    #[serde(default)]
    pub requested_on: Option<String>,
    /// The number of the invoice.
    #[serde(default)]
    pub invoice_number: Option<String>,
    /// Its date.
    #[serde(default)]
    pub invoice_date: Option<String>,
    /// Its total.
    #[serde(default)]
    pub invoice_total: Option<String>,
    /// How much of it was claimed; all where it is not given.
    #[serde(default)]
    pub invoice_claimed: Option<String>,
    /// Who wrote it.
    #[serde(default)]
    pub supplier: Option<String>,
    /// The tax id of who wrote it.
    #[serde(default)]
    pub supplier_tax_id: Option<String>,
}

/// What holds for every line that does not say it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Otherwise {
    /// The currency.
    #[serde(default)]
    pub currency: Option<Currency>,
    /// The fund.
    #[serde(default)]
    pub fund: Option<FundId>,
    /// The programme, of funds that are not known here.
    #[serde(default)]
    pub programme: Option<ProgrammeId>,
    /// Where activities took place.
    #[serde(default)]
    pub place: Option<String>,
    /// Whom activities were for.
    #[serde(default)]
    pub audience: Option<Audience>,
    /// The form of activities.
    #[serde(default)]
    pub form: Option<String>,
    /// The play that granted activities belong to, as rules Q3 and Q12 ask for one.
    #[serde(default)]
    pub play: Option<String>,
    /// What granted activities were to bring.
    #[serde(default)]
    pub goals: Vec<Goal>,
    /// Whom they addressed, in words.
    #[serde(default)]
    pub target_audience: String,
}

impl Mapping {
    /// Reads a mapping.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, has an unknown key, or lacks one.
    pub fn read(file: &str, text: &str) -> Result<Mapping, SettingsError> {
        settings::read(file, text)
    }

    /// The decimal mark of amounts that are texts.
    pub fn decimal_mark(&self) -> DecimalMark {
        match self.decimal_mark {
            Mark::Point => DecimalMark::Point,
            Mark::Comma => DecimalMark::Comma,
        }
    }

    /// The form of days that are texts.
    pub fn date_form(&self) -> DateForm {
        match self.dates {
            Form::YearMonthDay => DateForm::YearMonthDay,
            Form::DayMonthYear => DateForm::DayMonthYear,
            Form::MonthDayYear => DateForm::MonthDayYear,
        }
    }
}
