//! Classes of charges, judged once each, as daily sums.

use std::collections::{BTreeMap, btree_map::Entry};

use entente_core::commitment::{
    Amount, AmountError, Commitment, Part, SumKey, Weight,
    eligibility::{Channel, Dates, Line, Rule, Rules, Sums, Verdict, judge},
};
use entente_spend::{Class, Portion, Shape, may_leave_seller_out};
use entente_store::{Quarantined, ReadingRow, SpendSum};
use jiff::{ToSpan, civil::Date};
use sha2::{Digest as _, Sha256};

/// The beginning of the format of sums that were judged elsewhere.
const JUDGED_ELSEWHERE: &str = "daily sums";

/// What charges are judged by: a contract and rules, as they were known on a day.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The contract.
    pub commitment: &'a Commitment,
    /// The rules.
    pub rules: &'a Rules,
    /// The day.
    pub known_on: Date,
}

/// What a portion of a file comes to.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub sums: Vec<SpendSum>,
    pub quarantined: Vec<Quarantined>,
    /// The first and the last day that it is complete for.
    pub days: Option<(Date, Date)>,
}

impl Judge<'_> {
    pub(super) fn portion(&self, portion: Portion, shape: Shape) -> Result<Judged, AmountError> {
        let mut sums = Held::default();
        let of_classes = portion.classes.iter().map(|class| self.covered(&class.line.dates, shape));
        // A sum that is dated ahead tells nothing of the days before it.
        let told = portion.sums.iter().map(|sum| sum.key.day).filter(|day| *day <= self.known_on);
        let of_sums = told.map(|day| (day, day));
        let days = of_classes.chain(of_sums).reduce(|all, days| (all.0.min(days.0), all.1.max(days.1)));
        for class in portion.classes {
            sums.add(self.class(class))?;
        }
        for sum in portion.sums {
            let entente_spend::DailySum { key, amount, rows, first_row, last_row } = sum;
            sums.add(SpendSum { key: self.in_scope(key), amount, rows, first_row, last_row })?;
        }
        let quarantined = portion.quarantined.into_iter().map(|rows| Quarantined {
            reason: rows.reason.name().to_owned(),
            column: rows.column,
            rows: rows.rows,
            first_row: rows.first_row,
            sample: rows.sample,
        });
        Ok(Judged { sums: sums.into_sums(), quarantined: quarantined.collect(), days })
    }

    /// The days that a file is complete for by the word of one of its charges: all of the billing period that the charge is of,
    /// since days without a charge are in no file; while that period runs, those up to the charge. What is dated ahead tells
    /// nothing of the days before it.
    fn covered(&self, dates: &Dates, shape: Shape) -> (Date, Date) {
        let charge = dates.charge;
        // Microsoft settles by months and names none.
        let last = if shape == Shape::MaccEvents { Some(charge.last_of_month()) } else { dates.invoice };
        let Some(last) = last else { return (charge, charge) };
        let start = last.tomorrow().and_then(|next| next.checked_sub(1.month())).unwrap_or(last);
        let through = if last < self.known_on {
            last
        } else if (start..=self.known_on).contains(&charge) {
            charge.min(last)
        } else {
            start.min(self.known_on)
        };
        (start.min(through), through)
    }

    /// A sum that was judged elsewhere, whose account is looked at again: of one that is none of the contract's nothing counts.
    fn in_scope(&self, key: SumKey) -> SumKey {
        if self.commitment.accounts.contain(&key.account) { key } else { key.out_of_scope() }
    }

    fn class(&self, class: Class) -> SpendSum {
        let (key, _) = self.verdict(&class);
        let Class { line, rows, first_row, last_row, .. } = class;
        SpendSum { key, amount: line.amount, rows, first_row, last_row }
    }

    /// Into which sum a class goes, and why.
    pub(super) fn verdict(&self, class: &Class) -> (SumKey, Verdict) {
        let line = &class.line;
        let mut verdict = judge(self.commitment, self.rules, self.known_on, line);
        let part = if line.channel.is_marketplace() { Part::Marketplace } else { Part::Cloud };
        if class.untold {
            // It counts as the cloud's own services do, or as what is bought does.
            let bought = Line { channel: Channel::Marketplace, ..line.clone() };
            let bought = judge(self.commitment, self.rules, self.known_on, &bought);
            let either = verdict.weight.hull(bought.weight);
            if either != Weight::NONE {
                let because = format!("it is not told who sold it: {}; or {}", verdict.because, bought.because);
                verdict =
                    Verdict { weight: either, reason: SumKey::seller_unknown(), because, said: bought.said, ..verdict };
            }
        }
        let (day, reason, weight) = (verdict.day, verdict.reason.clone(), verdict.weight);
        let (account, product) = (line.account.clone(), line.product.clone());
        (SumKey { day, account, product, part, reason, weight }, verdict)
    }
}

/// Sums, by their key, which is held once.
#[derive(Debug, Default)]
pub(super) struct Held(BTreeMap<SumKey, Tally>);

/// An amount, of how many rows it is, and the first and the last of them.
type Tally = (Amount, u64, u64, u64);

impl Held {
    /// Adds a sum to that of the same key.
    pub fn add(&mut self, sum: SpendSum) -> Result<(), AmountError> {
        let SpendSum { key, amount, rows, first_row, last_row } = sum;
        match self.0.entry(key) {
            Entry::Vacant(free) => drop(free.insert((amount, rows, first_row, last_row))),
            Entry::Occupied(mut there) => {
                let (so_far, counted, first, last) = *there.get();
                let sum = so_far.plus(amount)?;
                there.insert((sum, counted + rows, first.min(first_row), last.max(last_row)));
            }
        }
        Ok(())
    }

    /// Of how many rows they are.
    pub fn rows(&self) -> u64 {
        self.0.values().map(|(_, rows, ..)| rows).sum()
    }

    /// The amounts alone.
    pub fn into_amounts(self) -> Sums {
        self.0.into_iter().map(|(key, (amount, ..))| (key, amount)).collect()
    }

    fn into_sums(self) -> Vec<SpendSum> {
        let all = self.0.into_iter();
        all.map(|(key, (amount, rows, first_row, last_row))| SpendSum { key, amount, rows, first_row, last_row })
            .collect()
    }
}

/// What identifies that by which charges are judged: whatever of the contract and the rules can change a verdict, as far as it was
/// known on the day. What cannot change one, such as a true-up's date, makes no other reading.
///
/// # Errors
/// Never in practice: all of it has a JSON form.
pub fn judged_by(judge: Judge<'_>) -> Result<String, serde_json::Error> {
    let Judge { commitment, rules, known_on } = judge;
    let about = |rule: &&Rule| rule.cloud.as_ref().is_none_or(|cloud| *cloud == commitment.cloud);
    let rules: Vec<&Rule> = rules.iter().filter(|rule| rule.known_on(known_on)).filter(about).collect();
    let terms: Vec<_> = commitment
        .versions()
        .iter()
        .filter(|terms| terms.known_from <= known_on)
        .map(|terms| (terms.valid_from, terms.known_from, terms.starts(), &terms.marketplace))
        .collect();
    let programs = Some(&commitment.programs).filter(|programs| !programs.is_empty());
    let of = (&commitment.cloud, commitment.currency, &commitment.accounts, &commitment.basis, terms, rules);
    let mut hasher = Sha256::new_with_prefix(serde_json::to_vec(&of)?);
    if let Some(programs) = programs {
        hasher.update(serde_json::to_vec(programs)?);
    }
    if may_leave_seller_out(&commitment.cloud) {
        hasher.update(b"seller");
    }
    Ok(hex::encode(hasher.finalize()))
}

/// Whether a reading is of sums that were judged elsewhere.
pub(super) fn judged_elsewhere(row: &ReadingRow) -> bool {
    row.new.format.starts_with(JUDGED_ELSEWHERE)
}

/// The id of a reading: the same file, read for the same and judged by the same, is the same reading.
pub(super) fn reading_id(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part);
    }
    hex::encode(hasher.finalize())
}
