//! A contract and rules as small tables for a warehouse that holds the bill. `eligibility/warehouse/daily_sums.sql` joins them
//! with the charges and decides as [`judge`](super::eligibility::judge) does.

use jiff::civil::Date;

use super::{
    basis::word,
    eligibility::{Condition, Effect, Mark, Rule, Rules},
    model::{Accounts, Commitment},
};

/// The statement that makes daily sums, for DuckDB, Athena and BigQuery.
pub const DAILY_SUMS: &str = include_str!("../../../../eligibility/warehouse/daily_sums.sql");

/// Why a contract or rules cannot be tables.
#[derive(Debug, thiserror::Error)]
pub enum WarehouseError {
    /// Lists in a table are divided by `|`.
    #[error("`{0}` has a `|`, which divides lists in these tables; judge it with the program itself")]
    Divider(String),
    /// Nothing was known about the contract.
    #[error("no terms were known on {0}; name a later day")]
    NoTerms(Date),
    /// A table that cannot be written.
    #[error("the table cannot be written: {0}")]
    Csv(#[from] csv::Error),
}

/// Every mark, in the order of its columns.
pub const MARKS: [Mark; 8] = [
    Mark::RunsOnCloud,
    Mark::SoftwareAsService,
    Mark::OfferEnrolled,
    Mark::BoughtUnderAgreement,
    Mark::VendorOptedIn,
    Mark::OwnedByBuyer,
    Mark::ProfessionalServices,
    Mark::PublishedExclusion,
];

/// The tables as CSV, each with its name.
///
/// # Errors
/// When nothing was known on the day, or a name has a `|`.
pub fn tables(
    commitment: &Commitment,
    rules: &Rules,
    known_on: Date,
) -> Result<[(&'static str, String); 3], WarehouseError> {
    Ok([
        ("contract", contract(commitment, known_on)?),
        ("terms", terms(commitment, known_on)?),
        ("rules", rules_table(commitment, rules, known_on)?),
    ])
}

fn contract(commitment: &Commitment, known_on: Date) -> Result<String, WarehouseError> {
    let basis = &commitment.basis;
    let starts = commitment.starts(known_on).ok_or(WarehouseError::NoTerms(known_on))?;
    let accounts = match &commitment.accounts {
        Accounts::All => String::new(),
        Accounts::Only(accounts) => list(accounts.iter().cloned())?,
    };
    let header = [
        "commitment",
        "currency",
        "starts",
        "dated_by",
        "support",
        "tax",
        "credits",
        "savings_plan_fees",
        "reservation_fees",
        "refunds",
        "accounts",
    ];
    let row = vec![
        commitment.id.to_string(),
        commitment.currency.to_string(),
        starts.to_string(),
        word(&basis.dated_by),
        word(&basis.support),
        word(&basis.tax),
        word(&basis.credits),
        word(&basis.savings_plan_fees),
        word(&basis.reservation_fees),
        word(&basis.refunds),
        accounts,
    ];
    table(&header.map(str::to_owned), [row])
}

/// How much of a purchase counts, by the days of the charge.
fn terms(commitment: &Commitment, known_on: Date) -> Result<String, WarehouseError> {
    let known = commitment.versions().iter().filter(|terms| terms.known_from <= known_on);
    let mut begins: Vec<Date> = known.map(|terms| terms.valid_from).collect();
    begins.dedup();
    // What was in force first holds for the days before it, too.
    if let Some(first) = begins.first_mut() {
        *first = FIRST;
    }
    let ends = begins.iter().skip(1).map(|next| next.yesterday().unwrap_or(FIRST)).chain([LAST]);
    let mut rows = Vec::new();
    for (from, through) in begins.iter().zip(ends) {
        let terms = commitment.terms(through, known_on).ok_or(WarehouseError::NoTerms(known_on))?;
        let counts = terms.marketplace.counts.weight();
        let share = [counts.least, counts.most].map(|share| share.decimal().to_string());
        rows.push([from.to_string(), through.to_string()].into_iter().chain(share).collect());
    }
    table(&["from_day", "through_day", "counts_least", "counts_most"].map(str::to_owned), rows)
}

/// Days that every warehouse has.
const FIRST: Date = jiff::civil::date(1, 1, 1);
const LAST: Date = jiff::civil::date(9999, 12, 31);

fn rules_table(commitment: &Commitment, rules: &Rules, known_on: Date) -> Result<String, WarehouseError> {
    let plain = [
        "place",
        "rule",
        "precedence",
        "tests",
        "valid_from",
        "valid_through",
        "effect",
        "share",
        "before_commitment",
        "channels",
        "kinds",
        "frequencies",
        "pricing",
        "products",
        "accounts",
    ];
    let header: Vec<String> = plain.map(str::to_owned).into_iter().chain(MARKS.map(Mark::word)).collect();
    let about = |rule: &&Rule| rule.cloud.as_ref().is_none_or(|cloud| *cloud == commitment.cloud);
    let known = rules.iter().filter(|rule| rule.known_on(known_on)).filter(about);
    let mut rows = Vec::new();
    for (place, rule) in known.filter(|rule| rule.effect != Effect::Note).enumerate() {
        let (effect, share) = match rule.effect {
            Effect::CountsAt(share) => ("counts_at".to_owned(), share.decimal().to_string()),
            other => (word(&other), String::new()),
        };
        let day = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let mut row = vec![
            place.to_string(),
            rule.rule.to_string(),
            rule.precedence.to_string(),
            word(&rule.tests),
            day(rule.valid_from),
            day(rule.valid_through),
            effect,
            share,
            rule.when.before_commitment.to_string(),
        ];
        row.extend(lists(&rule.when)?);
        row.extend(MARKS.map(|mark| rule.when.marks.get(&mark).map(bool::to_string).unwrap_or_default()));
        rows.push(row);
    }
    table(&header, rows)
}

fn lists(when: &Condition) -> Result<[String; 6], WarehouseError> {
    Ok([
        list(when.channels.iter().map(word))?,
        list(when.kinds.iter().map(word))?,
        list(when.frequencies.iter().map(word))?,
        list(when.pricing.iter().map(word))?,
        list(when.products.iter().cloned())?,
        list(when.accounts.iter().cloned())?,
    ])
}

/// `|one|other|`; nothing where nothing is asked.
fn list(items: impl Iterator<Item = String>) -> Result<String, WarehouseError> {
    let items: Vec<String> = items.collect();
    if let Some(item) = items.iter().find(|item| item.contains('|')) {
        return Err(WarehouseError::Divider(item.clone()));
    }
    Ok(if items.is_empty() { String::new() } else { format!("|{}|", items.join("|")) })
}

fn table(header: &[String], rows: impl IntoIterator<Item = Vec<String>>) -> Result<String, WarehouseError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
