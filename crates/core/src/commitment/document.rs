//! Commitments as people write them.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    amount::Amount,
    basis::{Basis, Cost, Discounts},
    marketplace::MarketplaceTerms,
    model::{
        Accounts, Buys, CarryOver, Cloud, Commitment, CommitmentId, Glide, Milestone, Period, Succession, Terms,
        TrueUp, days,
    },
    rates::{self, Conversion},
};
use crate::{
    ids::{LegalEntityId, PartyId},
    money::Currency,
    offer::{DocumentError, outline::Outline, source},
};

/// What a buyer has promised a cloud to spend.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Commitment")]
struct Document {
    /// Its id.
    commitment: CommitmentId,
    /// The contract's own number.
    #[schemars(length(min = 1))]
    contract: String,
    /// The buyer who committed.
    party: PartyId,
    /// The vendor's legal entity that follows it.
    legal_entity: LegalEntityId,
    /// Where the spend is due.
    cloud: Cloud,
    /// The currency of every amount.
    currency: Currency,
    /// The accounts whose spend counts; all that are billed to the buyer where it is left out.
    #[serde(default)]
    #[schemars(length(min = 1))]
    accounts: Option<Vec<String>>,
    /// On which basis spend is counted.
    basis: Basis,
    /// The commitment before it, and how this one takes its place.
    #[serde(default)]
    succession: Option<Succession>,
    /// What bills call it where they name the commitment programmes that could cover a charge.
    #[serde(default)]
    programs: BTreeSet<String>,
    /// Its terms, each version complete in itself.
    #[schemars(length(min = 1))]
    versions: Vec<TermsDocument>,
}

/// One version of the terms, complete in itself.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Terms")]
struct TermsDocument {
    /// From this day on it is in force.
    #[schemars(with = "String", extend("format" = "date"))]
    valid_from: Date,
    /// Since this day it is known here.
    #[schemars(with = "String", extend("format" = "date"))]
    known_from: Date,
    /// What changed, and where it is written.
    #[schemars(length(min = 1))]
    note: String,
    /// How spend is expected to come.
    glide: Glide,
    /// What comes from the marketplace.
    marketplace: MarketplaceTerms,
    /// How spend that was billed in other currencies is converted.
    #[serde(default)]
    conversions: Vec<Conversion>,
    /// The periods, one after the other without a gap.
    #[schemars(length(min = 1))]
    periods: Vec<PeriodDocument>,
}

/// A period.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Period")]
struct PeriodDocument {
    /// Its first day.
    #[schemars(with = "String", extend("format" = "date"))]
    from: Date,
    /// Its last day.
    #[schemars(with = "String", extend("format" = "date"))]
    through: Date,
    /// How much is to be spent within it.
    amount: Amount,
    /// What happens at its end to what is too much or too little.
    #[serde(default)]
    carry_over: CarryOver,
    /// When what lacks is due, and what the payment buys.
    true_up: TrueUp,
    /// Amounts due before its end, counted from its first day, earliest first.
    #[serde(default)]
    milestones: Vec<MilestoneDocument>,
}

/// An amount due before the end of a period.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Milestone")]
struct MilestoneDocument {
    /// Its name in the contract.
    name: String,
    /// Its last day, within the period.
    #[schemars(with = "String", extend("format" = "date"))]
    through: Date,
    /// How much is to be spent from the period's first day to then; less than the period's amount.
    amount: Amount,
    /// When what lacks is due, and what the payment buys.
    true_up: TrueUp,
}

/// The published JSON Schema of the document.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Document)
}

/// The longest period, in days.
const LONGEST: i64 = 3_660;

/// Which part of a document can lack which field.
const FIELDS: [(&str, &[&str]); 8] = [
    ("", &["commitment", "contract", "party", "legal_entity", "cloud", "currency", "basis", "versions"]),
    (
        "/basis",
        &[
            "cost",
            "discounts",
            "dated_by",
            "support",
            "tax",
            "credits",
            "savings_plan_fees",
            "reservation_fees",
            "refunds",
            "zone",
        ],
    ),
    ("/succession", &["to", "how"]),
    ("/versions/*", &["valid_from", "known_from", "note", "glide", "marketplace", "periods"]),
    ("/versions/*/marketplace", &["counts", "cap"]),
    ("/versions/*/conversions/*", &["from"]),
    ("/versions/*/periods/*", &["from", "through", "amount", "true_up"]),
    ("/versions/*/periods/*/milestones/*", &["name", "through", "amount", "true_up"]),
];

fn exists(pattern: &str) -> bool {
    let Some((part, field)) = pattern.rsplit_once('/') else { return pattern.is_empty() };
    if part.ends_with("/true_up") {
        return ["due", "buys"].contains(&field);
    }
    FIELDS.iter().any(|(known, fields)| *known == part && fields.contains(&field))
}

impl Commitment {
    /// Reads a commitment. The first defect is returned with file, line, column and field, and with what to write instead.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, a field is missing, unknown or of another type, or the dates and amounts
    /// contradict each other.
    pub fn from_yaml(file: &str, text: &str) -> Result<Commitment, DocumentError> {
        let (document, outline) = source::read::<Document>(file, text, &exists)?;
        document.read(&Refuse { file, outline })
    }

    /// Reads a commitment that is new, or whose terms are. Beside what [`Commitment::from_yaml`] refuses, which also reads what was kept
    /// long ago, it refuses what cannot be meant.
    ///
    /// # Errors
    /// As [`Commitment::from_yaml`], and when the cloud is none of `clouds`, an account is named twice, the cost is never after discounts, or
    /// an amount has more decimals than its currency.
    pub fn from_new_yaml(file: &str, text: &str, clouds: &BTreeSet<String>) -> Result<Commitment, DocumentError> {
        let (document, outline) = source::read::<Document>(file, text, &exists)?;
        let refuse = Refuse { file, outline };
        document.is_meant(&refuse, clouds)?;
        document.read(&refuse)
    }
}

impl Document {
    /// Refuses what can be read, and cannot be meant.
    fn is_meant(&self, refuse: &Refuse<'_>, clouds: &BTreeSet<String>) -> Result<(), DocumentError> {
        if !clouds.contains(self.cloud.as_str()) {
            let known = clouds.iter().map(|cloud| format!("`{cloud}`")).collect::<Vec<_>>().join(", ");
            let message = format!("`{}` is no cloud whose bills are known; write one of {known}", self.cloud);
            return Err(refuse.at("/cloud", message));
        }
        let accounts = self.accounts.as_deref().unwrap_or_default();
        for (at, account) in accounts.iter().enumerate() {
            if accounts.iter().take(at).any(|before| before == account) {
                return Err(
                    refuse.at(&format!("/accounts/{at}"), format!("names `{account}` twice; keep one of the two"))
                );
            }
        }
        if self.basis.cost == Cost::List && self.basis.discounts == Discounts::After {
            let message = "is `after`, and list prices are before discounts; write `before`, or another `cost`";
            return Err(refuse.at("/basis/discounts", message));
        }
        for (version, terms) in self.versions.iter().enumerate() {
            for (period, written) in terms.periods.iter().enumerate() {
                let at = format!("/versions/{version}/periods/{period}");
                self.is_payable(written.amount, refuse, &format!("{at}/amount"))?;
                for (milestone, written) in written.milestones.iter().enumerate() {
                    self.is_payable(written.amount, refuse, &format!("{at}/milestones/{milestone}/amount"))?;
                }
            }
        }
        Ok(())
    }

    fn is_payable(&self, amount: Amount, refuse: &Refuse<'_>, at: &str) -> Result<(), DocumentError> {
        match amount.is_payable(self.currency) {
            true => Ok(()),
            false => {
                let (currency, decimals) = (self.currency, self.currency.decimals());
                let message = format!("is {amount}, and {currency} has {decimals} decimals; write what is agreed");
                Err(refuse.at(at, message))
            }
        }
    }

    fn read(self, refuse: &Refuse<'_>) -> Result<Commitment, DocumentError> {
        let document = self;
        if TimeZone::get(&document.basis.zone).is_err() {
            let zone = document.basis.zone;
            let message = format!("`{zone}` is not an IANA zone; write a name such as `America/Los_Angeles`");
            return Err(refuse.at("/basis/zone", message));
        }
        if document.contract.trim().is_empty() {
            return Err(refuse.at("/contract", "is empty; write the contract's number"));
        }
        if document.succession.as_ref().is_some_and(|succession| succession.to == document.commitment) {
            return Err(refuse.at("/succession/to", "names this commitment itself; name the one before it"));
        }
        if document.accounts.as_ref().is_some_and(Vec::is_empty) {
            return Err(refuse.at("/accounts", "is empty; leave it out where every account counts"));
        }
        if document.versions.is_empty() {
            return Err(refuse.at("/versions", "is empty; write the terms that were signed"));
        }
        let mut versions = Vec::new();
        for (at, terms) in document.versions.into_iter().enumerate() {
            versions.push(terms.read(document.currency, refuse, &format!("/versions/{at}"))?);
        }
        versions.sort_by_key(|terms| (terms.valid_from, terms.known_from));
        let twice =
            |pair: &[Terms]| matches!(pair, [a, b] if (a.valid_from, a.known_from) == (b.valid_from, b.known_from));
        if versions.windows(2).any(twice) {
            let message = "has two versions that are valid and known from the same days; keep one of the two";
            return Err(refuse.at("/versions", message));
        }
        Ok(Commitment {
            id: document.commitment,
            contract: document.contract,
            party: document.party,
            legal_entity: document.legal_entity,
            cloud: document.cloud,
            currency: document.currency,
            accounts: document
                .accounts
                .map_or(Accounts::All, |accounts| Accounts::Only(accounts.into_iter().collect())),
            basis: document.basis,
            succession: document.succession,
            programs: document.programs,
            versions,
        })
    }
}

struct Refuse<'a> {
    file: &'a str,
    outline: Outline,
}

impl Refuse<'_> {
    fn at(&self, field: &str, message: impl Into<String>) -> DocumentError {
        DocumentError {
            file: self.file.to_owned(),
            place: self.outline.place_of(field),
            field: field.to_owned(),
            message: message.into(),
        }
    }
}

impl TermsDocument {
    fn read(self, currency: Currency, refuse: &Refuse<'_>, at: &str) -> Result<Terms, DocumentError> {
        if self.note.trim().is_empty() {
            return Err(refuse.at(&format!("{at}/note"), "is empty; say where these terms are written"));
        }
        let sound = |weight: &u32| (1..=1_000).contains(weight);
        if matches!(&self.glide, Glide::Seasonal(weights) if !weights.iter().all(sound)) {
            let message = "has a weight out of bounds; write twelve whole numbers from 1 to 1000";
            return Err(refuse.at(&format!("{at}/glide"), message));
        }
        if self.periods.is_empty() {
            return Err(refuse.at(&format!("{at}/periods"), "is empty; write at least one period"));
        }
        let mut periods: Vec<Period> = Vec::new();
        for (n, period) in self.periods.into_iter().enumerate() {
            let at = format!("{at}/periods/{n}");
            let expected = periods.last().and_then(|before| before.through.checked_add(1.day()).ok());
            if let Some(expected) = expected.filter(|day| *day != period.from) {
                let message = format!("leaves a gap or overlaps: the period before ends the day before {expected}");
                return Err(refuse.at(&format!("{at}/from"), message));
            }
            periods.push(period.read(refuse, &at)?);
        }
        if periods.last().is_some_and(|last| last.true_up.buys == Buys::CarryOver) {
            let message = "buys what may be spent in the next period, and there is none; write `nothing` or `credit`";
            return Err(refuse.at(&format!("{at}/periods/{}/true_up/buys", periods.len() - 1), message));
        }
        rates::check(&self.conversions, currency)
            .map_err(|error| refuse.at(&format!("{at}/conversions{}", error.field), error.message))?;
        Ok(Terms {
            valid_from: self.valid_from,
            known_from: self.known_from,
            note: self.note,
            periods,
            glide: self.glide,
            marketplace: self.marketplace,
            conversions: self.conversions,
        })
    }
}

impl PeriodDocument {
    fn read(self, refuse: &Refuse<'_>, at: &str) -> Result<Period, DocumentError> {
        if self.through < self.from {
            return Err(refuse.at(&format!("{at}/through"), "comes before `from`; write the period's last day"));
        }
        if days(self.from, self.through) > LONGEST {
            return Err(refuse.at(&format!("{at}/through"), "makes the period longer than ten years; split it"));
        }
        if self.amount <= Amount::ZERO {
            return Err(refuse.at(&format!("{at}/amount"), "is not positive; write what is to be spent"));
        }
        paid_after(self.true_up, self.through, refuse, at)?;
        let mut milestones: Vec<Milestone> = Vec::new();
        for (n, written) in self.milestones.into_iter().enumerate() {
            let at = format!("{at}/milestones/{n}");
            let earlier = milestones.last().map(|before| (before.through, before.amount));
            let (day, amount) = earlier.unwrap_or((self.from, Amount::ZERO));
            if written.through <= day || written.through >= self.through {
                let message = format!("is not within the period, or not after {day}; milestones go up in time");
                return Err(refuse.at(&format!("{at}/through"), message));
            }
            if written.amount <= amount || written.amount >= self.amount {
                let message = format!("is not between {amount} and {}: amounts count from the first day", self.amount);
                return Err(refuse.at(&format!("{at}/amount"), message));
            }
            paid_after(written.true_up, written.through, refuse, &at)?;
            milestones.push(Milestone {
                name: written.name,
                through: written.through,
                amount: written.amount,
                true_up: written.true_up,
            });
        }
        Ok(Period {
            from: self.from,
            through: self.through,
            amount: self.amount,
            carry_over: self.carry_over,
            true_up: self.true_up,
            milestones,
        })
    }
}

fn paid_after(true_up: TrueUp, through: Date, refuse: &Refuse<'_>, at: &str) -> Result<(), DocumentError> {
    if true_up.due < through {
        return Err(
            refuse.at(&format!("{at}/true_up/due"), format!("comes before {through}; what lacks is not known yet"))
        );
    }
    if true_up.credit_through.is_some_and(|through| through < true_up.due) {
        return Err(refuse.at(&format!("{at}/true_up/credit_through"), "comes before the payment that buys the credit"));
    }
    Ok(())
}
