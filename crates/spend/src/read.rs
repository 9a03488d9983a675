//! Reading a file: rows in, portions of classes out.

use std::{borrow::Cow, collections::BTreeSet, fs::File, rc::Rc};

use entente_core::commitment::{Accounts, eligibility::Line};
use jiff::civil::Date;
use rustc_hash::FxHashSet;

use crate::{
    DailySum, Format, Lot, Quarantined, Shape, Sniffed, SpendError, Wanted,
    charge::{Bad, Charge, Named, Texts, Understanding},
    classes::{Classes, Led},
    columns::{Columns, Role},
    days::{Days, When},
    decimal, macc,
    quarantine::{self, Quarantine, Reason},
    sums, table,
};

/// How much is held at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most classes that are held. When there are more, a portion is handed over early.
    pub classes: usize,
    /// The rows of a portion.
    pub rows: u64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { classes: 100_000, rows: 5_000_000 }
    }
}

/// How far reading has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Rows read so far, with those that were skipped.
    pub rows: u64,
    /// How much is done: bytes or, of Parquet, rows.
    pub done: u64,
    /// Of how much.
    pub of: u64,
}

/// What consecutive rows say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Portion {
    /// They begin behind this row, counted from 1 without the heading.
    pub after: u64,
    /// The last of them.
    pub through: u64,
    /// Charges, to be judged.
    pub classes: Vec<Class>,
    /// Sums that were judged elsewhere.
    pub sums: Vec<DailySum>,
    /// What cannot be counted.
    pub quarantined: Vec<Quarantined>,
}

/// Rows that differ in nothing but their amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// What they say; its amount is their sum.
    pub line: Line,
    /// Whether it is not told who sold it: it is read as the cloud's own, and may be from the marketplace as well.
    pub untold: bool,
    /// How many.
    pub rows: u64,
    /// The first of them, counted from 1.
    pub first_row: u64,
    /// The last.
    pub last_row: u64,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// What the file is.
    pub sniffed: Sniffed,
    /// The rows of the file.
    pub rows: u64,
    /// Rows that were skipped because they had been read before.
    pub skipped: u64,
    /// Rows that were quarantined; `rows` less `skipped` and these are counted in classes, sums or lots.
    pub quarantined: u64,
    /// Rows whose amount had more than twelve decimals, which were rounded half to even.
    pub rounded: u64,
    /// Whether the last row of a CSV file has no end of line: then it may be cut off.
    pub unended: bool,
    /// Whether the amounts were binary floating-point numbers; they were taken as the shortest decimal that leads back to each.
    pub floats: bool,
    /// The first day that a charge counts on.
    pub from: Option<Date>,
    /// The last.
    pub through: Option<Date>,
    /// What the cloud says remains of commitments.
    pub lots: Vec<Lot>,
    /// The words for other currencies than the one that was wanted, of rows that were read; a few at the most.
    pub other_currencies: BTreeSet<String>,
}

/// Reads a file from the row behind `after` on, and hands over a portion every so many rows and at the end.
///
/// # Errors
/// When the file is refused as a whole, or `portion` fails.
pub fn read<E: From<SpendError>>(
    file: &File,
    sniffed: Sniffed,
    wanted: &Wanted,
    after: u64,
    limits: Limits,
    progress: &mut dyn FnMut(Progress),
    portion: &mut dyn FnMut(Portion) -> Result<(), E>,
) -> Result<Summary, E> {
    let mut out = Out { sniffed, limits, after, handed: after, progress, portion, totals: Totals::default() };
    match (sniffed.shape, sniffed.format) {
        (Shape::MaccLots | Shape::MaccEvents, _) => macc::read(file, wanted, &mut out)?,
        (Shape::DailySums, Format::Csv | Format::CsvGz) => sums::read(file, wanted, &mut out)?,
        (shape, Format::Parquet) => {
            table::no_sums(shape)?;
            table::read_parquet(file, wanted, &mut out)?;
        }
        (_, format) => table::read_csv(file, format, wanted, &mut out)?,
    }
    if out.totals.rows < after {
        return Err(SpendError::Shorter { rows: out.totals.rows, after }.into());
    }
    Ok(out.totals.summary(sniffed, after))
}

/// What was counted.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub rows: u64,
    pub quarantined: u64,
    pub rounded: u64,
    pub unended: bool,
    pub floats: bool,
    pub from: Option<Date>,
    pub through: Option<Date>,
    pub lots: Vec<Lot>,
    pub other_currencies: BTreeSet<String>,
}

/// The most words for other currencies that are noted.
const CURRENCIES_MOST: usize = 64;

/// Notes a word for another currency.
pub(crate) fn note_currency(noted: &mut BTreeSet<String>, word: &[u8]) {
    if noted.len() < CURRENCIES_MOST
        && let Ok(word) = quarantine::name(word.trim_ascii())
    {
        noted.insert(word.to_owned());
    }
}

impl Totals {
    /// Notes a day that something counts on.
    pub fn day(&mut self, day: Date) {
        self.from = Some(self.from.map_or(day, |from| from.min(day)));
        self.through = Some(self.through.map_or(day, |through| through.max(day)));
    }

    fn summary(self, sniffed: Sniffed, skipped: u64) -> Summary {
        Summary {
            sniffed,
            rows: self.rows,
            skipped,
            quarantined: self.quarantined,
            rounded: self.rounded,
            unended: self.unended,
            floats: self.floats,
            from: self.from,
            through: self.through,
            lots: self.lots,
            other_currencies: self.other_currencies,
        }
    }
}

/// Where what is read goes.
pub(crate) struct Out<'a, E> {
    pub sniffed: Sniffed,
    pub limits: Limits,
    /// Reading begins behind this row.
    pub after: u64,
    /// Handed over up to this row.
    pub handed: u64,
    pub progress: &'a mut dyn FnMut(Progress),
    portion: &'a mut dyn FnMut(Portion) -> Result<(), E>,
    pub totals: Totals,
}

impl<E: From<SpendError>> Out<'_, E> {
    /// Hands over what the rows up to `through` said.
    pub fn hand_over(
        &mut self,
        through: u64,
        classes: Vec<Class>,
        sums: Vec<DailySum>,
        quarantine: &mut Quarantine,
    ) -> Result<(), E> {
        if through <= self.handed {
            return Ok(());
        }
        classes.iter().for_each(|class| self.totals.day(class.line.dates.charge));
        sums.iter().for_each(|sum| self.totals.day(sum.key.day));
        self.totals.quarantined += std::mem::take(&mut quarantine.rows);
        let after = std::mem::replace(&mut self.handed, through);
        (self.portion)(Portion { after, through, classes, sums, quarantined: quarantine.take() })
    }
}

/// Takes in rows of charges.
pub(crate) struct Intake {
    pub columns: Columns,
    understanding: Understanding,
    pub days: Days,
    classes: Classes,
    pub quarantine: Quarantine,
    /// The accounts below the billed one that matter.
    pub below: Rc<FxHashSet<Box<[u8]>>>,
    key: Vec<u8>,
    pub rounded: u64,
    other_currencies: BTreeSet<String>,
}

fn below(accounts: &Accounts) -> FxHashSet<Box<[u8]>> {
    match accounts {
        Accounts::All => FxHashSet::default(),
        Accounts::Only(accounts) => accounts.iter().map(|account| account.as_bytes().into()).collect(),
    }
}

/// What a row says, and the word for its currency where it is another one.
fn understand(
    understanding: &Understanding,
    noted: &mut BTreeSet<String>,
    texts: &Texts<'_>,
    named: Named,
    negative: bool,
) -> Result<Charge, Bad> {
    let charge = understanding.charge(texts, named, negative);
    if matches!(charge, Err(Bad { reason: Reason::OtherCurrency, .. })) {
        note_currency(noted, texts[Role::Currency as usize]);
    }
    charge
}

/// A row's dates and its amount.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    pub start: When,
    pub end: When,
    pub billing_start: When,
    pub billing_end: When,
    pub amount: Result<decimal::Units, Reason>,
}

impl Intake {
    pub fn new(headings: &[String], shape: Shape, wanted: &Wanted, limits: Limits) -> Result<Intake, SpendError> {
        let columns = Columns::find(headings, shape, wanted)?;
        Ok(Intake {
            understanding: Understanding::new(shape, wanted, columns.get(Role::Provider).is_some()),
            columns,
            days: Days::new(&wanted.zone)?,
            classes: Classes::new(limits.classes),
            below: Rc::new(below(&wanted.accounts)),
            quarantine: Quarantine::default(),
            key: Vec::with_capacity(512),
            rounded: 0,
            other_currencies: BTreeSet::new(),
        })
    }

    /// Forgets an account below the billed one which does not matter, lest every one makes classes of its own.
    pub fn without_accounts_below(&self, texts: &mut Texts<'_>) {
        let below = &mut texts[Role::SubAccount as usize];
        if !below.is_empty() && !self.below.contains(below.trim_ascii()) {
            *below = b"";
        }
    }

    /// Whether a row of which the column of the cost says nothing takes it from the other column. AWS fills in what is left after
    /// discounts only where an account has discounts; a discount of which it does not is one that is in no other row, or in all.
    pub fn falls_back(&self, category: &[u8]) -> bool {
        self.columns.get(Role::CostElse).is_some() && !category.trim_ascii().ends_with(b"Discount")
    }

    /// Takes in a row. `field` gives the text of a role's column, for a sample.
    pub fn row<'f>(&mut self, row: u64, texts: &Texts<'_>, rest: Rest, field: impl Fn(Role) -> Cow<'f, [u8]>) {
        let led = match Named::of(rest.start, rest.end, rest.billing_start, rest.billing_end) {
            Ok(named) => self.led(texts, named, rest.amount.is_ok_and(|amount| amount.units < 0)),
            Err(bad) => Led::Away(bad),
        };
        self.settle(row, led, rest.amount, field);
    }

    /// Counts a row, or quarantines it.
    pub fn settle<'f>(
        &mut self,
        row: u64,
        led: Led,
        amount: Result<decimal::Units, Reason>,
        field: impl Fn(Role) -> Cow<'f, [u8]>,
    ) {
        let (reason, role) = match (led, amount) {
            (Led::To(class), Ok(amount)) => {
                self.rounded += u64::from(amount.rounded);
                return self.classes.add(class, row, amount.units);
            }
            (Led::Away(Bad { reason, role }), _) => (reason, role),
            (Led::To(_), Err(reason)) => (reason, Role::Cost),
        };
        self.quarantine.put(reason, self.columns.name(role), row, || field(role).into_owned());
    }

    /// Where a row's words lead.
    pub fn led(&mut self, texts: &Texts<'_>, named: Named, negative: bool) -> Led {
        self.key.clear();
        for day in [Some(named.start), named.billing_start, named.billing_last] {
            self.key.extend_from_slice(&day.unwrap_or(i32::MIN).to_le_bytes());
        }
        self.key.push(u8::from(negative));
        for text in texts {
            self.key.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
            self.key.extend_from_slice(text);
        }
        let (understanding, noted) = (&self.understanding, &mut self.other_currencies);
        self.classes.led(&self.key, || understand(understanding, noted, texts, named, negative))
    }

    /// The same for whoever remembers by himself where words led.
    pub fn led_anew(&mut self, texts: &Texts<'_>, named: Named, negative: bool) -> Led {
        let (understanding, noted) = (&self.understanding, &mut self.other_currencies);
        self.classes.led_by(understand(understanding, noted, texts, named, negative))
    }

    /// Whether a portion should be handed over early.
    pub fn full(&self) -> bool {
        self.classes.full()
    }

    /// Hands over what was taken in at last.
    pub fn hand_over_last<E: From<SpendError>>(mut self, through: u64, out: &mut Out<'_, E>) -> Result<(), E> {
        self.classes.forget();
        self.hand_over(through, out)
    }

    /// Hands over what was taken in.
    pub fn hand_over<E: From<SpendError>>(&mut self, through: u64, out: &mut Out<'_, E>) -> Result<(), E> {
        let classes = self.classes.take()?;
        out.totals.rounded += std::mem::take(&mut self.rounded);
        out.totals.other_currencies.append(&mut self.other_currencies);
        out.hand_over(through, classes, Vec::new(), &mut self.quarantine)
    }
}
