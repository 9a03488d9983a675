//! Rows out of columns.

use std::{borrow::Cow, fs::File};

use parquet::{
    file::{
        reader::{FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
    },
    schema::types::SchemaDescriptor,
};

use super::{
    damaged,
    kind::{CostKind, DateKind},
    known::Words,
    plan::{Plan, Source},
    values::Read,
};
use crate::{
    SpendError, Wanted,
    charge::{Named, Texts},
    classes::Led,
    columns::{Role, TEXTS},
    days::{self, Days, When},
    decimal::Units,
    quarantine::Reason,
    read::{Intake, Out, Progress},
    shape,
};

/// How many rows are looked at together.
const BATCH: usize = 4096;
fn open(file: &File) -> Result<SerializedFileReader<File>, SpendError> {
    SerializedFileReader::new(shape::rewound(file)?).map_err(damaged)
}

/// The names of the columns.
pub(crate) fn headings(file: &File) -> Result<Vec<String>, SpendError> {
    Ok(names(open(file)?.metadata().file_metadata().schema_descr()))
}

fn names(schema: &SchemaDescriptor) -> Vec<String> {
    schema.root_schema().get_fields().iter().map(|field| field.name().to_owned()).collect()
}

/// Reads charges.
pub(crate) fn read<E: From<SpendError>>(file: &File, wanted: &Wanted, out: &mut Out<'_, E>) -> Result<(), E> {
    let reader = open(file)?;
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let mut intake = Intake::new(&names(schema), out.sniffed.shape, wanted, out.limits)?;
    let plan = Plan::of(&intake.columns, schema)?;
    out.totals.floats = plan.floats();
    let of = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or_default();
    let mut words = Words::of(&plan, &intake)?;
    let mut row = 0;
    for group in 0..reader.num_row_groups() {
        let rows = u64::try_from(metadata.row_group(group).num_rows()).map_err(damaged)?;
        if row + rows > out.after {
            plan.check(metadata.row_group(group).columns())?;
            let group = reader.get_row_group(group).map_err(damaged)?;
            let group = Group::open(group.as_ref(), &plan, &wanted.zone)?;
            Reading { group, words: &mut words }.read(row, rows, of, &mut intake, out)?;
        }
        row += rows;
    }
    out.totals.rows = row;
    drop(words);
    intake.hand_over_last(row, out)?;
    (out.progress)(Progress { rows: row, done: of, of });
    Ok(())
}

type Dates = Option<(Source, Read<When>)>;

/// A row group while it is read.
struct Group {
    /// Those of texts, in the order of the words.
    texts: Vec<Source>,
    start: Dates,
    end: Dates,
    billing_start: Dates,
    billing_end: Dates,
    cost: Cost,
    /// What the cost is where its own column says nothing.
    cost_else: Option<Cost>,
}

type Cost = (Source, Read<Result<Units, Reason>>);

impl Group {
    fn open(group: &dyn RowGroupReader, plan: &Plan, zone: &str) -> Result<Group, SpendError> {
        let texts =
            plan.texts().map(|(_, (leaf, column))| Source::open(group, *leaf, column)).collect::<Result<_, _>>()?;
        let dates = |role| -> Result<Dates, SpendError> {
            let Some((leaf, column)) = plan.leaf(role) else { return Ok(None) };
            let (kind, mut days) = (DateKind::of(column)?, Days::new(zone)?);
            let read = Read::new(move |raw| kind.read(raw, &mut days), |when| *when == When::Bad, When::Unknown);
            Ok(Some((Source::open(group, *leaf, column)?, read)))
        };
        let cost = |role| -> Result<Option<Cost>, SpendError> {
            let Some((leaf, column)) = plan.leaf(role) else { return Ok(None) };
            let kind = CostKind::of(column)?;
            let read = Read::new(move |raw| kind.read(raw), Result::is_err, Err(Reason::Missing));
            Ok(Some((Source::open(group, *leaf, column)?, read)))
        };
        Ok(Group {
            texts,
            start: dates(Role::Start)?,
            end: dates(Role::End)?,
            billing_start: dates(Role::BillingStart)?,
            billing_end: dates(Role::BillingEnd)?,
            cost: cost(Role::Cost)?.ok_or_else(|| damaged("no column of cost"))?,
            cost_else: cost(Role::CostElse)?,
        })
    }
}

/// A row group beside what is known from those before it.
struct Reading<'w> {
    group: Group,
    words: &'w mut Words,
}

impl Reading<'_> {
    /// Reads the group's rows; `before` of the file lie before them.
    fn read<E: From<SpendError>>(
        &mut self,
        before: u64,
        rows: u64,
        of: u64,
        intake: &mut Intake,
        out: &mut Out<'_, E>,
    ) -> Result<(), E> {
        let mut done = 0;
        while done < rows {
            let batch = usize::try_from(rows - done).map_or(BATCH, |left| left.min(BATCH));
            self.fill(batch)?;
            for at in 0..batch {
                let row = before + done + at as u64 + 1;
                if row <= out.after {
                    continue;
                }
                self.row(at, row, intake);
                if intake.full() || row - out.handed >= out.limits.rows {
                    let full = intake.full();
                    intake.hand_over(row, out)?;
                    if full {
                        self.words.known.clear();
                    }
                }
            }
            done += batch as u64;
            let row = before + done;
            (out.progress)(Progress { rows: row, done: row, of });
        }
        Ok(())
    }

    fn fill(&mut self, rows: usize) -> Result<(), SpendError> {
        let mut changed = self.words.known.full();
        for (source, (_, values)) in self.group.texts.iter_mut().zip(&mut self.words.texts) {
            changed |= values.begin_batch();
            source.fill(rows, values)?;
        }
        for (source, read) in
            [&mut self.group.start, &mut self.group.end, &mut self.group.billing_start, &mut self.group.billing_end]
                .into_iter()
                .flatten()
        {
            read.begin_batch();
            source.fill(rows, read)?;
        }
        for (source, read) in std::iter::once(&mut self.group.cost).chain(&mut self.group.cost_else) {
            read.begin_batch();
            source.fill(rows, read)?;
        }
        self.words.known.turn(&self.words.texts, rows, changed);
        Ok(())
    }

    fn row(&mut self, at: usize, row: u64, intake: &mut Intake) {
        let when =
            |dates: &Dates| dates.as_ref().and_then(|(_, read)| read.values.get(at).copied()).unwrap_or(When::Unknown);
        let named = Named::of(
            when(&self.group.start),
            when(&self.group.end),
            when(&self.group.billing_start),
            when(&self.group.billing_end),
        );
        let amount = self.amount(at, intake);
        let led = match named {
            Ok(named) => self.led(at, named, amount.is_ok_and(|amount| amount.units < 0), intake),
            Err(bad) => Led::Away(bad),
        };
        intake.settle(row, led, amount, |role| self.field(role, at));
    }

    fn amount(&self, at: usize, intake: &Intake) -> Result<Units, Reason> {
        let of = |(_, read): &Cost| read.values.get(at).copied().unwrap_or(Err(Reason::Missing));
        match (of(&self.group.cost), &self.group.cost_else) {
            (Err(Reason::Missing), Some(other)) if intake.falls_back(&self.field(Role::Category, at)) => of(other),
            (amount, _) => amount,
        }
    }

    fn led(&mut self, at: usize, named: Named, negative: bool, intake: &mut Intake) -> Led {
        let key = self.words.known.key(at, named, negative);
        if let Some(led) = self.words.known.led.get(&key) {
            return *led;
        }
        let mut texts: Texts<'_> = [b""; TEXTS];
        for (role, values) in &self.words.texts {
            texts[*role as usize] = values.text(values.numbers.get(at).copied().unwrap_or_default());
        }
        let led = intake.led_anew(&texts, named, negative);
        self.words.known.led.insert(key, led);
        led
    }

    /// What a role's column says in a row of the batch, for a sample.
    fn field(&self, role: Role, at: usize) -> Cow<'_, [u8]> {
        let date = |dates: &'_ Dates| -> Cow<'_, [u8]> {
            let Some((_, read)) = dates else { return Cow::default() };
            match (read.samples.get(&at), read.values.get(at)) {
                (Some(raw), _) => Cow::Owned(raw.to_vec()),
                (None, Some(When::At(moment))) => Cow::Owned(days::written(moment.second).into_bytes()),
                _ => Cow::default(),
            }
        };
        match role {
            Role::Start => date(&self.group.start),
            Role::End => date(&self.group.end),
            Role::BillingStart => date(&self.group.billing_start),
            Role::BillingEnd => date(&self.group.billing_end),
            Role::Cost | Role::CostElse => {
                self.group.cost.1.samples.get(&at).map_or(Cow::default(), |raw| Cow::Borrowed(raw))
            }
            text => {
                let found = self.words.texts.iter().find(|(role, _)| *role == text);
                let found = found.and_then(|(_, values)| Some(values.text(*values.numbers.get(at)?)));
                Cow::Borrowed(found.unwrap_or_default())
            }
        }
    }
}
