//! Daily sums, for buyers and warehouses that share nothing finer.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::File,
    str::FromStr,
};

use csv::ByteRecord;
use entente_core::commitment::{Amount, Part, Percent, SumKey, Weight, eligibility::RuleName};

use crate::{
    SpendError, Wanted, columns,
    days::{self, Days, When},
    decimal,
    quarantine::{self, Quarantine, Reason},
    read::{Out, note_currency},
    table,
};

/// A sum that was judged elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DailySum {
    /// What tells it from others.
    pub key: SumKey,
    /// The sum.
    pub amount: Amount,
    /// How many rows of the file are in it.
    pub rows: u64,
    /// The first of them, counted from 1.
    pub first_row: u64,
    /// The last.
    pub last_row: u64,
}

const NAMES: [&str; 9] =
    ["day", "account", "product", "part", "reason", "weight_least", "weight_most", "currency", "amount"];

/// The same in what Entente itself writes as FOCUS.
pub(crate) const EXPORTED: [&str; NAMES.len()] = [
    "ChargePeriodStart",
    "BillingAccountId",
    "ServiceName",
    "x_Part",
    "x_Reason",
    "x_CountsLeast",
    "x_CountsMost",
    "BillingCurrency",
    "BilledCost",
];

/// For which commitment that was written, and of which cost.
pub(crate) const EXPORTED_FOR: [&str; 2] = ["x_CommitmentId", "x_CostBasis"];

struct Places {
    /// In which columns what is, in the order of `NAMES`.
    at: [usize; NAMES.len()],
    /// By which names they go.
    names: [&'static str; NAMES.len()],
    /// Of what was exported, for which commitment and of which cost it is.
    made_for: Option<[usize; 2]>,
}

impl Places {
    fn find(headings: &[String]) -> Result<Places, SpendError> {
        let index = columns::index(headings)?;
        let place = |name: &str| index.get(&columns::key(name)).copied();
        let plain = NAMES.iter().all(|name| place(name).is_some());
        let made_for = match EXPORTED_FOR.map(place) {
            [Some(commitment), Some(cost)] if !plain => Some([commitment, cost]),
            _ => None,
        };
        let names = if made_for.is_some() { EXPORTED } else { NAMES };
        let mut places = Places { at: [0; NAMES.len()], names, made_for };
        let mut missing = Vec::new();
        for (name, at) in names.iter().zip(&mut places.at) {
            match place(name) {
                Some(found) => *at = found,
                None => missing.push((*name).to_owned()),
            }
        }
        if missing.is_empty() {
            Ok(places)
        } else {
            Err(SpendError::MissingColumns { shape: "daily sums".into(), columns: missing })
        }
    }
}

type Bad = (Reason, usize);

/// The place of what tells for which commitment a row was made, behind those of `NAMES`.
const MADE_FOR: usize = NAMES.len();

/// A row while it is read.
struct Row<'a> {
    record: &'a ByteRecord,
    places: &'a Places,
}

impl<'a> Row<'a> {
    fn field(&self, which: usize) -> &'a [u8] {
        self.places.at.get(which).and_then(|at| self.record.get(*at)).unwrap_or_default().trim_ascii()
    }

    fn text(&self, which: usize) -> Result<&'a str, Bad> {
        match quarantine::name(self.field(which)) {
            Ok("" | "NULL" | "null") => Err((Reason::Missing, which)),
            Ok(text) => Ok(text),
            Err(reason) => Err((reason, which)),
        }
    }

    fn parsed<T: FromStr>(&self, which: usize, reason: Reason) -> Result<T, Bad> {
        self.text(which)?.parse().map_err(|_| (reason, which))
    }

    /// Refuses what was exported for another commitment, or of another cost.
    fn is_for(&self, wanted: &Wanted) -> Result<(), Bad> {
        let Some([commitment, cost]) = self.places.made_for else { return Ok(()) };
        let field = |at| self.record.get(at).unwrap_or_default().trim_ascii();
        match field(commitment) == wanted.commitment.as_bytes() && field(cost) == wanted.cost_word().as_bytes() {
            true => Ok(()),
            false => Err((Reason::OtherCommitment, MADE_FOR)),
        }
    }

    fn sum(&self, wanted: &Wanted, days: &mut Days) -> Result<(SumKey, decimal::Units), Bad> {
        self.is_for(wanted)?;
        let day = match days.read(self.field(0)) {
            // What was exported names the instant at which the day begins in the contract's zone.
            When::At(moment) if self.places.made_for.is_some() => {
                days::date(moment.local).ok_or((Reason::NotADate, 0))?
            }
            When::At(moment) => days::date(moment.written).ok_or((Reason::NotADate, 0))?,
            When::Unknown => return Err((Reason::Missing, 0)),
            When::Bad => return Err((Reason::NotADate, 0)),
        };
        if !self.text(7)?.eq_ignore_ascii_case(&wanted.currency.to_string()) {
            return Err((Reason::OtherCurrency, 7));
        }
        let part = match self.text(3)? {
            "cloud" => Part::Cloud,
            "marketplace" => Part::Marketplace,
            _ => return Err((Reason::UnknownWord, 3)),
        };
        let least: Percent = self.parsed(5, Reason::NotANumber)?;
        let most: Percent = self.parsed(6, Reason::NotANumber)?;
        if least > most {
            return Err((Reason::NotANumber, 6));
        }
        let key = SumKey {
            day,
            account: self.text(1)?.to_owned(),
            product: self.text(2)?.to_owned(),
            part,
            reason: self.parsed::<RuleName>(4, Reason::UnknownWord)?,
            weight: Weight { least, most },
        };
        self.text(8)?;
        Ok((key, decimal::units(self.field(8)).map_err(|reason| (reason, 8))?))
    }
}

#[derive(Default)]
struct Sums(BTreeMap<SumKey, Held>);

struct Held {
    units: i128,
    rows: u64,
    first_row: u64,
    last_row: u64,
}

impl Sums {
    fn add(&mut self, key: SumKey, units: i128, row: u64) {
        match self.0.entry(key) {
            Entry::Occupied(mut entry) => {
                let held = entry.get_mut();
                (held.units, held.rows, held.last_row) = (held.units + units, held.rows + 1, row);
            }
            Entry::Vacant(entry) => {
                entry.insert(Held { units, rows: 1, first_row: row, last_row: row });
            }
        }
    }

    fn take(&mut self) -> Result<Vec<DailySum>, SpendError> {
        let held = std::mem::take(&mut self.0).into_iter();
        held.map(|(key, held)| {
            let amount = decimal::amount(held.units)?;
            Ok(DailySum { key, amount, rows: held.rows, first_row: held.first_row, last_row: held.last_row })
        })
        .collect()
    }
}

/// Reads daily sums.
pub(crate) fn read<E: From<SpendError>>(file: &File, wanted: &Wanted, out: &mut Out<'_, E>) -> Result<(), E> {
    let mut lines = table::lines(file, out.sniffed.format)?;
    let places = Places::find(&lines.headings)?;
    let mut days = Days::new(&wanted.zone)?;
    let (mut sums, mut quarantine) = (Sums::default(), Quarantine::default());
    let mut record = ByteRecord::new();
    lines.skip(out.after, &mut record)?;
    while lines.next(&mut record)? {
        let row = Row { record: &record, places: &places };
        match row.sum(wanted, &mut days) {
            _ if record.len() != lines.headings.len() => {
                quarantine.put(Reason::FieldCount, "", lines.row, || format!("{} fields", record.len()).into_bytes());
            }
            Ok((key, amount)) => {
                out.totals.rounded += u64::from(amount.rounded);
                sums.add(key, amount.units, lines.row);
            }
            Err((reason, which)) => {
                if reason == Reason::OtherCurrency {
                    note_currency(&mut out.totals.other_currencies, row.field(which));
                }
                let made_for = places.made_for.filter(|_| which == MADE_FOR).map(|[commitment, _]| commitment);
                let (column, sample) = match made_for {
                    Some(at) => (EXPORTED_FOR[0], record.get(at).unwrap_or_default()),
                    None => (*places.names.get(which).unwrap_or(&""), row.field(which)),
                };
                quarantine.put(reason, column, lines.row, || sample.to_vec());
            }
        }
        if sums.0.len() >= out.limits.classes || lines.row - out.handed >= out.limits.rows {
            out.hand_over(lines.row, Vec::new(), sums.take()?, &mut quarantine)?;
        }
        if let Some(progress) = lines.progress() {
            (out.progress)(progress);
        }
    }
    out.totals.rows = lines.row;
    out.totals.unended = lines.unended();
    let last = sums.take()?;
    out.hand_over(lines.row, Vec::new(), last, &mut quarantine)
}
