//! Posting rules: which accounts of the general ledger each movement touches, as data.

use std::{collections::BTreeMap, fmt, str::FromStr};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::rules_check::check;
use crate::{
    context::funding::Treatment,
    ids::{FundId, LegalEntityId, PersonId, ProgrammeId},
    ledger::PostingAction,
    offer::{DocumentError, source},
};

/// The longest number of an account.
const ACCOUNT_MOST: usize = 32;

/// The number of an account of the general ledger, such as `2310`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct GlAccount(String);

/// A text is no number of an account.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no account of a general ledger; use 1 to {ACCOUNT_MOST} letters, digits, `.`, `-` and `_`, a letter or digit first"
)]
pub struct NotAnAccount(String);

impl GlAccount {
    /// The number as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for GlAccount {
    type Error = NotAnAccount;
    fn try_from(text: String) -> Result<GlAccount, NotAnAccount> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
        let begins = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        match begins && text.len() <= ACCOUNT_MOST && text.chars().all(allowed) {
            true => Ok(GlAccount(text)),
            false => Err(NotAnAccount(text.chars().take(40).collect())),
        }
    }
}

impl FromStr for GlAccount {
    type Err = NotAnAccount;
    fn from_str(text: &str) -> Result<GlAccount, NotAnAccount> {
        GlAccount::try_from(text.to_owned())
    }
}

impl From<GlAccount> for String {
    fn from(account: GlAccount) -> String {
        account.0
    }
}

impl fmt::Display for GlAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an account of the general ledger is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountClass {
    /// It lowers revenue.
    ContraRevenue,
    /// An expense.
    Expense,
    /// Paid before the service: an asset.
    Prepaid,
    /// Owed to partners, one by one.
    Liability,
    /// Owed by estimate at a month's end, and reversed.
    Accrued,
    /// To be had from partners.
    Receivable,
    /// Cash, or what clears with it.
    Cash,
}

impl AccountClass {
    /// The word under which it is written.
    pub fn word(self) -> &'static str {
        match self {
            AccountClass::ContraRevenue => "contra_revenue",
            AccountClass::Expense => "expense",
            AccountClass::Prepaid => "prepaid",
            AccountClass::Liability => "liability",
            AccountClass::Accrued => "accrued",
            AccountClass::Receivable => "receivable",
            AccountClass::Cash => "cash",
        }
    }
}

/// What something prepaid becomes once the service is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Becomes {
    /// It lowers revenue.
    ContraRevenue,
    /// It is an expense for a distinct service.
    Expense,
}

/// Why what a programme pays is an expense: a distinct service at fair value (ASC 606-10-32-25, 32-26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What is received that is distinct from what the vendor sells.
    pub distinct_service: String,
    /// How its fair value was estimated, and that what is paid does not exceed it.
    pub fair_value: String,
    /// Where that is kept: a file's hash, a contract or a memo.
    pub document: String,
    /// Who has decided.
    pub decided_by: PersonId,
    /// When.
    pub decided_on: Date,
}

/// How what a programme pays is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Treated {
    /// As it is paid.
    pub treatment: Treatment,
    /// The class of the account that bears the cost in the end.
    pub cost: AccountClass,
}

/// What a movement does in the general ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Booking {
    /// Nothing, for a reason.
    Memo(String),
    /// It debits an account and credits another.
    Accounts {
        /// The account that is debited.
        debit: GlAccount,
        /// The account that is credited.
        credit: GlAccount,
    },
}

/// How the movements of one programme, or of one of its funds, are booked by a legal entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// The programme.
    pub programme: ProgrammeId,
    /// The legal entity that books.
    pub entity: LegalEntityId,
    /// Only this fund of the programme.
    pub fund: Option<FundId>,
    /// How what it pays is treated.
    pub treated: Treated,
    /// Why that is an expense.
    pub evidence: Option<Evidence>,
    /// The account that bears the cost.
    pub cost: GlAccount,
    /// The account of what is owed by estimate.
    pub accrued: GlAccount,
    /// The cost centre; the fund's own where there is none.
    pub cost_centre: Option<String>,
    /// What each movement does. One that is not here cannot be closed.
    pub movements: BTreeMap<PostingAction, Booking>,
}

/// The rules that a month was closed by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulesPin {
    /// The name.
    pub name: String,
    /// The version.
    pub version: u32,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

/// A document of posting rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingRules {
    /// Its name, such as `acme-month-end`.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// What it is for, in a line.
    pub title: String,
    /// The legal entities that close by it, with the IANA zone in which their months begin and end.
    pub entities: BTreeMap<LegalEntityId, String>,
    /// What each account is.
    pub accounts: BTreeMap<GlAccount, AccountClass>,
    /// How programmes are booked.
    pub schemes: Vec<Scheme>,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

impl PostingRules {
    /// Reads a document. The first defect is returned with file, line, column and field, and with what to write instead.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, names what it does not have, or treats a programme as an expense without
    /// the evidence.
    pub fn from_yaml(file: &str, text: &str) -> Result<PostingRules, DocumentError> {
        let (document, outline) = source::read::<Document>(file, text, &|field| FIELDS.contains(&field))?;
        check(document, hex::encode(Sha256::digest(text.as_bytes()))).map_err(|(field, message)| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(&field),
            field,
            message,
        })
    }

    /// How a legal entity books a fund of a programme; what is said of the fund goes before what is said of its programme.
    pub fn scheme(&self, entity: &LegalEntityId, programme: &ProgrammeId, fund: &str) -> Option<&Scheme> {
        let of = |scheme: &&Scheme| scheme.entity == *entity && scheme.programme == *programme;
        let own = |scheme: &&Scheme| scheme.fund.as_ref().is_some_and(|own| own.as_str() == fund);
        let mine = || self.schemes.iter().filter(of);
        mine().find(own).or_else(|| mine().find(|scheme| scheme.fund.is_none()))
    }

    /// What an account is.
    pub fn class(&self, account: &GlAccount) -> Option<AccountClass> {
        self.accounts.get(account).copied()
    }

    /// What a batch pins of it.
    pub fn pin(&self) -> RulesPin {
        RulesPin { name: self.name.clone(), version: self.version, sha256: self.sha256.clone() }
    }

    /// Movements that the ledger knows and that some programme does not map: closing refuses once one of them happens.
    pub fn unmapped(&self) -> Vec<(&Scheme, PostingAction)> {
        let missing = |scheme: &Scheme, action: &PostingAction| !scheme.movements.contains_key(action);
        let of = |scheme| PostingAction::ALL.into_iter().filter(move |action| missing(scheme, action));
        self.schemes.iter().flat_map(|scheme| of(scheme).map(move |action| (scheme, action))).collect()
    }
}

/// The fields of the document, as patterns.
const FIELDS: [&str; 34] = [
    "",
    "/rules",
    "/version",
    "/title",
    "/entities",
    "/entities/*",
    "/entities/*/zone",
    "/accounts",
    "/accounts/*",
    "/accounts/*/class",
    "/accounts/*/title",
    "/movements",
    "/movements/*",
    "/movements/*/debit",
    "/movements/*/credit",
    "/movements/*/memo",
    "/programmes",
    "/programmes/*",
    "/programmes/*/programme",
    "/programmes/*/entity",
    "/programmes/*/fund",
    "/programmes/*/treatment",
    "/programmes/*/becomes",
    "/programmes/*/evidence",
    "/programmes/*/evidence/distinct_service",
    "/programmes/*/evidence/fair_value",
    "/programmes/*/evidence/document",
    "/programmes/*/evidence/decided_by",
    "/programmes/*/evidence/decided_on",
    "/programmes/*/cost",
    "/programmes/*/accrued",
    "/programmes/*/cost_centre",
    "/programmes/*/movements",
    "/programmes/*/movements/*",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    pub(super) rules: String,
    pub(super) version: u32,
    pub(super) title: String,
    pub(super) entities: BTreeMap<String, EntityRow>,
    pub(super) accounts: BTreeMap<String, AccountRow>,
    #[serde(default)]
    pub(super) movements: BTreeMap<String, BookingRow>,
    pub(super) programmes: Vec<SchemeRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EntityRow {
    pub(super) zone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountRow {
    pub(super) class: AccountClass,
    pub(super) title: String,
}

/// What a movement does: it debits and credits, or it is a memo with its reason.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BookingRow {
    #[serde(default)]
    pub(super) debit: Option<String>,
    #[serde(default)]
    pub(super) credit: Option<String>,
    #[serde(default)]
    pub(super) memo: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SchemeRow {
    pub(super) programme: ProgrammeId,
    pub(super) entity: LegalEntityId,
    #[serde(default)]
    pub(super) fund: Option<FundId>,
    pub(super) treatment: Treatment,
    #[serde(default)]
    pub(super) becomes: Option<Becomes>,
    #[serde(default)]
    pub(super) evidence: Option<Evidence>,
    pub(super) cost: GlAccount,
    pub(super) accrued: GlAccount,
    #[serde(default)]
    pub(super) cost_centre: Option<String>,
    #[serde(default)]
    pub(super) movements: BTreeMap<String, BookingRow>,
}
