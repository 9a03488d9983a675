//! What Microsoft says about commitments: `lots`, what remains of them, and `events`, what was drawn down.

use std::{
    fs::File,
    io::{BufReader, Read},
};

use entente_core::commitment::Amount;
use entente_core::commitment::eligibility::{Channel, ChargeKind, Frequency};
use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Number;

use crate::{
    Class, Shape, SpendError, Wanted,
    charge::Charge,
    clouds::{Clouds, Whose},
    days::{self, Days, When},
    decimal,
    quarantine::{self, Quarantine, Reason},
    read::{Out, Progress},
    shape, table,
};

/// What Microsoft says remains of a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Its id.
    pub id: String,
    /// Its status, as it is written.
    pub status: String,
    /// What was committed.
    pub original: Amount,
    /// What remained at the last invoice.
    pub closed: Amount,
    /// Its first day, in the contract's zone.
    pub starts: Option<Date>,
    /// When it ends.
    pub expires: Option<Date>,
}

/// The most bytes of a response: one is read as a whole.
const RESPONSE_MOST: u64 = 32 * 1024 * 1024;
const COMMITMENT: &str = "ConsumptionCommitment";

/// A response, as it came or in an envelope that has it as its body.
#[derive(Deserialize)]
#[serde(untagged)]
enum Response {
    Enveloped { body: Values },
    Plain(Values),
}

#[derive(Deserialize)]
struct Values {
    value: Vec<Item>,
    #[serde(rename = "nextLink")]
    next: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(default)]
    id: String,
    #[serde(rename = "type", default)]
    kind: String,
    properties: Properties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Properties {
    #[serde(alias = "lotSource")]
    source: Option<String>,
    status: Option<String>,
    original_amount: Option<Money>,
    closed_balance: Option<Money>,
    start_date: Option<String>,
    expiration_date: Option<String>,
    transaction_date: Option<String>,
    event_type: Option<String>,
    charges: Option<Money>,
}

#[derive(Deserialize)]
struct Money {
    currency: Option<String>,
    value: Option<Number>,
}

fn values(source: impl Read) -> Result<Vec<Item>, SpendError> {
    let damaged = |error: serde_json::Error| SpendError::Damaged(format!("no list of lots or events: {error}"));
    let source = table::utf8(source.take(RESPONSE_MOST))?;
    let response: Response = serde_json::from_reader(source).map_err(damaged)?;
    let (Response::Enveloped { body: Values { value, next } } | Response::Plain(Values { value, next })) = response;
    match next.is_none_or(|next| next.is_empty()) {
        true => Ok(value),
        false => Err(SpendError::GoesOn),
    }
}

/// Whether a response has lots or events.
pub(crate) fn shape(source: impl Read) -> Result<Shape, SpendError> {
    let values = values(source)?;
    let kind = values.first().map(|item| item.kind.to_ascii_lowercase()).unwrap_or_default();
    match kind.rsplit('/').next() {
        Some("lots") => Ok(Shape::MaccLots),
        Some("events") => Ok(Shape::MaccEvents),
        _ => Err(SpendError::Damaged("its items are neither lots nor events of Microsoft.Consumption".into())),
    }
}

type Bad = (Reason, &'static str, String);

/// Reads lots or events; a response is one portion.
pub(crate) fn read<E: From<SpendError>>(file: &File, wanted: &Wanted, out: &mut Out<'_, E>) -> Result<(), E> {
    let values = values(BufReader::new(shape::rewound(file)?))?;
    let mut days = Days::new(&wanted.zone)?;
    let (mut classes, mut quarantine) = (Vec::new(), Quarantine::default());
    // Only Microsoft's interface answers so.
    let microsoft = Clouds::of(&wanted.cloud).whose("Microsoft") == Whose::Wanted;
    for (row, item) in (1_u64..).zip(&values) {
        if row <= out.after {
            continue;
        }
        let read = match out.sniffed.shape {
            _ if !microsoft => Err((Reason::OtherCloud, "type", item.kind.clone())),
            Shape::MaccLots => lot(item, wanted, &mut days).map(|lot| out.totals.lots.push(lot)),
            _ => event(item, wanted, &mut days, row).map(|class| classes.push(class)),
        };
        if let Err((reason, column, field)) = read {
            quarantine.put(reason, column, row, || field.into_bytes());
        }
    }
    let rows = values.len() as u64;
    out.totals.rows = rows;
    out.hand_over(rows, classes, Vec::new(), &mut quarantine)?;
    (out.progress)(Progress { rows, done: rows, of: rows });
    Ok(())
}

fn lot(item: &Item, wanted: &Wanted, days: &mut Days) -> Result<Lot, Bad> {
    let of = &item.properties;
    commitment(of)?;
    let mut day = |text: &Option<String>, column| match days.read(text.as_deref().unwrap_or_default().as_bytes()) {
        When::At(moment) => Ok(days::date(moment.local)),
        When::Unknown => Ok(None),
        When::Bad => Err((Reason::NotADate, column, text.clone().unwrap_or_default())),
    };
    Ok(Lot {
        id: item.id.clone(),
        status: of.status.clone().unwrap_or_default(),
        original: amount(money(of.original_amount.as_ref(), "originalAmount", wanted)?, "originalAmount")?,
        closed: amount(money(of.closed_balance.as_ref(), "closedBalance", wanted)?, "closedBalance")?,
        starts: day(&of.start_date, "startDate")?,
        expires: day(&of.expiration_date, "expirationDate")?,
    })
}

/// Credits have lots and events of their own.
fn commitment(of: &Properties) -> Result<(), Bad> {
    match &of.source {
        Some(source) if !source.eq_ignore_ascii_case(COMMITMENT) => Err((Reason::NotSpend, "source", source.clone())),
        _ => Ok(()),
    }
}

/// An event tells what was drawn down, not by what: its product is the commitment itself.
fn event(item: &Item, wanted: &Wanted, days: &mut Days, row: u64) -> Result<Class, Bad> {
    let of = &item.properties;
    commitment(of)?;
    let kind = of.event_type.clone().unwrap_or_default();
    match kind.to_ascii_lowercase().as_str() {
        "settledcharges" => {}
        "pendingcharges" | "pendingadjustments" => return Err((Reason::NotSettled, "eventType", kind)),
        _ => return Err((Reason::NotSpend, "eventType", kind)),
    }
    let written = of.transaction_date.clone().unwrap_or_default();
    let charge = match days.read(written.as_bytes()) {
        When::At(moment) => moment.local,
        When::Unknown => return Err((Reason::Missing, "transactionDate", written)),
        When::Bad => return Err((Reason::NotADate, "transactionDate", written)),
    };
    // Drawdown is written below zero, as it lessens the balance.
    let units = -money(of.charges.as_ref(), "charges", wanted)?;
    // An event that does not name its lots is a commitment's where it draws down. What credits pay is written above zero.
    if of.source.is_none() && units < 0 {
        return Err((Reason::NotSpend, "lotSource", String::new()));
    }
    let billed = account(&item.id);
    let billed = quarantine::name(billed.as_bytes()).map_err(|reason| (reason, "id", billed.to_owned()))?;
    let charge = Charge {
        account: billed.to_owned(),
        product: "Microsoft Azure Consumption Commitment".to_owned(),
        channel: Channel::Cloud,
        untold: false,
        kind: if units < 0 { ChargeKind::Refund } else { ChargeKind::Usage },
        frequency: Frequency::UsageBased,
        charge,
        purchase: None,
        invoice: Some(charge),
        original: None,
        marks: std::collections::BTreeMap::new(),
    };
    let line = charge.line(amount(units, "charges")?).ok_or((Reason::NotADate, "transactionDate", written))?;
    Ok(Class { line, untold: false, rows: 1, first_row: row, last_row: row })
}

fn money(money: Option<&Money>, column: &'static str, wanted: &Wanted) -> Result<i128, Bad> {
    let missing = || (Reason::Missing, column, String::new());
    let money = money.ok_or_else(missing)?;
    if let Some(currency) = &money.currency
        && !currency.eq_ignore_ascii_case(&wanted.currency.to_string())
    {
        return Err((Reason::OtherCurrency, column, currency.clone()));
    }
    let value = money.value.as_ref().ok_or_else(missing)?.to_string();
    decimal::units(value.as_bytes()).map(|units| units.units).map_err(|reason| (reason, column, value))
}

fn amount(units: i128, column: &'static str) -> Result<Amount, Bad> {
    decimal::amount(units).map_err(|_| (Reason::TooLarge, column, units.to_string()))
}

/// The billing account of `/providers/Microsoft.Billing/billingAccounts/<id>/…`.
fn account(id: &str) -> &str {
    let mut parts = id.split('/').skip_while(|part| !part.eq_ignore_ascii_case("billingAccounts"));
    parts.nth(1).unwrap_or(id)
}
