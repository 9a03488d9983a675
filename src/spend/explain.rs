//! Why what was spent counts, or does not: sum by sum the rule that decided, and, from the file that is kept, what each kind of charge
//! says of itself and which rules were asked about it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
};

use entente_core::{
    commitment::{
        Amount, AmountError, Commitment, SumKey,
        eligibility::{Channel, ChargeKind, Frequency, Line, Mark, Pricing, RuleName, Rules, Verdict},
    },
    scope::Scope,
};
use entente_documents::{Digest, Raw};
use entente_spend::{Class, Limits, Portion, SpendError, Wanted, read, sniff};
use entente_store::{ReadingRow, SpendSum, Store};
use jiff::civil::Date;
use serde::Serialize;

use super::{
    consent::is_held_back,
    drawdown::effective,
    import::readings_of,
    judged::{Judge, judged_elsewhere},
    retract::is_retracted,
    stage::ImportError,
};

/// Which sums are asked about; what is not named is not asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// The first and the last day on which they count.
    pub days: Option<(Date, Date)>,
    /// The product.
    pub product: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The rule that decided.
    pub reason: Option<RuleName>,
}

impl Asked {
    fn is_about(&self, key: &SumKey) -> bool {
        self.days.is_none_or(|(from, through)| (from..=through).contains(&key.day))
            && self.product.as_ref().is_none_or(|product| *product == key.product)
            && self.account.as_ref().is_none_or(|account| *account == key.account)
            && self.reason.as_ref().is_none_or(|reason| *reason == key.reason)
    }
}

/// What one file says of what was asked about.
#[derive(Debug)]
pub struct Explained {
    /// What was taken in.
    pub reading: ReadingRow,
    /// Its sums, in their order.
    pub sums: Vec<(SpendSum, Vec<Charge>)>,
    /// Why its charges are not told one by one.
    pub unread: Option<String>,
}

/// Charges of a sum that differ in nothing that rules ask about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Charge {
    /// What kind they are.
    pub kind: ChargeKind,
    /// Through which channel they were bought.
    pub channel: Channel,
    /// How often they are charged.
    pub frequency: Frequency,
    /// How they are priced.
    pub pricing: Pricing,
    /// What is known of the product and the purchase; what is not named is unknown.
    pub marks: BTreeMap<Mark, bool>,
    /// How much they are.
    pub amount: Amount,
    /// How many rows.
    pub rows: u64,
    /// The first of them.
    pub first_row: u64,
    /// The last.
    pub last_row: u64,
    /// What was decided about them, and what each rule said.
    pub verdict: Verdict,
}

impl Charge {
    fn of(class: &Class, verdict: Verdict) -> Charge {
        let Line { kind, channel, frequency, pricing, marks, amount, .. } = class.line.clone();
        let Class { rows, first_row, last_row, .. } = *class;
        Charge { kind, channel, frequency, pricing, marks, amount, rows, first_row, last_row, verdict }
    }

    fn is_like(&self, other: &Charge) -> bool {
        let facts = |charge: &Charge| (charge.kind, charge.channel, charge.frequency, charge.pricing);
        facts(self) == facts(other) && self.marks == other.marks && self.verdict == other.verdict
    }

    fn add(&mut self, other: &Charge) -> Result<(), AmountError> {
        self.amount = self.amount.plus(other.amount)?;
        self.rows += other.rows;
        self.first_row = self.first_row.min(other.first_row);
        self.last_row = self.last_row.max(other.last_row);
        Ok(())
    }
}

/// The charges of sums, by what tells the sums apart.
type Charges = BTreeMap<SumKey, Vec<Charge>>;

/// Explains what the files of a commitment say now of what is asked about. A file that is not there, or of sums that were judged
/// elsewhere, has its sums told and not its charges.
///
/// # Errors
/// When the database or the place of the files cannot be read.
pub async fn explain(
    store: &dyn Store,
    raw: &Raw,
    (commitment, rules): (&Commitment, &Rules),
    asked: &Asked,
) -> Result<Vec<Explained>, ImportError> {
    let rows = readings_of(store, commitment).await?;
    let held_back = is_held_back(store, commitment).await?;
    let mut explained = Vec::new();
    for readings in effective(&rows, None).into_values() {
        for (at, row) in readings.iter().enumerate() {
            if is_retracted(row) || held_back && judged_elsewhere(row) {
                continue;
            }
            let later = readings.get(at + 1..).unwrap_or_default();
            let sums = sums(store, row, later, asked).await?;
            if sums.is_empty() {
                continue;
            }
            explained.push(with_charges(raw, (commitment, rules), row, sums).await?);
        }
    }
    Ok(explained)
}

/// The sums of a reading that are asked about, and that none of those that came later is in place of.
async fn sums(
    store: &dyn Store,
    row: &ReadingRow,
    later: &[&ReadingRow],
    asked: &Asked,
) -> Result<Vec<SpendSum>, ImportError> {
    let replaced = |day: Date| later.iter().any(|row| row.from <= Some(day) && Some(day) <= row.through);
    let all = store.spend_sums(&Scope::vendor(), std::slice::from_ref(&row.new.id)).await?;
    let mut sums: Vec<SpendSum> = all.into_iter().map(|(_, sum)| sum).collect();
    sums.retain(|sum| asked.is_about(&sum.key) && !replaced(sum.key.day));
    sums.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(sums)
}

async fn with_charges(
    raw: &Raw,
    (commitment, rules): (&Commitment, &Rules),
    row: &ReadingRow,
    sums: Vec<SpendSum>,
) -> Result<Explained, ImportError> {
    let keys: BTreeSet<SumKey> = sums.iter().map(|sum| sum.key.clone()).collect();
    let told = |charges: Result<Charges, String>| {
        let (mut charges, unread) = match charges {
            Ok(charges) => (charges, None),
            Err(why) => (Charges::new(), Some(why)),
        };
        let whole =
            |sum: &SpendSum, charges: &[Charge]| charges.iter().map(|charge| charge.rows).sum::<u64>() == sum.rows;
        let sums: Vec<_> = sums
            .into_iter()
            .map(|sum| {
                let charges = charges.remove(&sum.key).filter(|charges| whole(&sum, charges)).unwrap_or_default();
                (sum, charges)
            })
            .collect();
        let otherwise = unread.is_none() && sums.iter().any(|(_, charges)| charges.is_empty());
        let older = "it was judged by older terms or rules than are known now; `entente spend again` reads it again";
        Explained { reading: row.clone(), sums, unread: unread.or_else(|| otherwise.then(|| older.to_owned())) }
    };
    if judged_elsewhere(row) {
        return Ok(told(Err("its sums were judged elsewhere".to_owned())));
    }
    let Ok(digest) = row.new.file_sha256.parse::<Digest>() else {
        return Ok(told(Err("its file is not known".to_owned())));
    };
    let file = match raw.get(&digest).await {
        Ok(file) => file,
        Err(error) => return Ok(told(Err(error.to_string()))),
    };
    let reading = Again {
        commitment: commitment.clone(),
        rules: rules.clone(),
        known_on: row.new.known_on,
        wanted: Wanted { currency: row.new.currency, ..Wanted::of(commitment) },
        keys,
    };
    let name = row.new.file.clone();
    let charges = tokio::task::spawn_blocking(move || reading.charges(&file)).await;
    match charges {
        Ok(Ok(charges)) => Ok(told(Ok(charges))),
        Ok(Err(Stopped::Spend(why))) => Ok(told(Err(ImportError::File { file: name, why }.to_string()))),
        Ok(Err(Stopped::Amount(error))) => Err(error.into()),
        Err(_) => Err(ImportError::BrokeOff(name)),
    }
}

/// A file that is read once more, by what was known when it was judged.
struct Again {
    commitment: Commitment,
    rules: Rules,
    known_on: Date,
    wanted: Wanted,
    keys: BTreeSet<SumKey>,
}

enum Stopped {
    Spend(SpendError),
    Amount(AmountError),
}

impl From<SpendError> for Stopped {
    fn from(error: SpendError) -> Stopped {
        Stopped::Spend(error)
    }
}

impl Again {
    fn charges(&self, file: &File) -> Result<Charges, Stopped> {
        let judge = Judge { commitment: &self.commitment, rules: &self.rules, known_on: self.known_on };
        let mut found = Charges::new();
        let mut portion = |portion: Portion| -> Result<(), Stopped> {
            for class in portion.classes {
                let (key, verdict) = judge.verdict(&class);
                if self.keys.contains(&key) {
                    let charge = Charge::of(&class, verdict);
                    let there = found.entry(key).or_default();
                    match there.iter_mut().find(|other| other.is_like(&charge)) {
                        Some(other) => other.add(&charge).map_err(Stopped::Amount)?,
                        None => there.push(charge),
                    }
                }
            }
            Ok(())
        };
        let sniffed = sniff(file)?;
        read::<Stopped>(file, sniffed, &self.wanted, 0, Limits::default(), &mut |_| {}, &mut portion)?;
        Ok(found)
    }
}
