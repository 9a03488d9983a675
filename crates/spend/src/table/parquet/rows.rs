//! Rows out of columns.

use std::{borrow::Cow, fs::File};

use parquet::{
    column::reader::{ColumnReader, get_column_reader},
    file::{
        metadata::ColumnChunkMetaData,
        reader::{FileReader, RowGroupReader},
        serialized_reader::SerializedFileReader,
    },
    schema::types::{ColumnDescPtr, SchemaDescriptor},
};
use rustc_hash::FxHashMap;

use super::{
    chunk::{self, Chunk, Sink, Width},
    damaged,
    kind::{CostKind, DateKind, TextKind},
    library,
    values::{Read, TextValues},
};
use crate::{
    SpendError, Wanted,
    charge::{Named, Texts},
    classes::Led,
    columns::{Columns, ROLES, Role, TEXTS},
    days::{self, Days, When},
    decimal::Units,
    quarantine::Reason,
    read::{Intake, Out, Progress},
    shape,
};

/// How many rows are looked at together.
const BATCH: usize = 4096;
/// The most ways that texts may come together which are remembered.
const KNOWN_MOST: usize = 100_000;

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
    let mut row = 0;
    for group in 0..reader.num_row_groups() {
        let rows = u64::try_from(metadata.row_group(group).num_rows()).map_err(|error| damaged(error))?;
        if row + rows > out.after {
            plan.check(metadata.row_group(group).columns())?;
            let group = reader.get_row_group(group).map_err(damaged)?;
            let mut group = Group::open(group.as_ref(), &plan, &wanted.zone)?;
            group.read(row, rows, of, &mut intake, out)?;
        }
        row += rows;
    }
    out.totals.rows = row;
    intake.hand_over(row, out)?;
    (out.progress)(Progress { rows: row, done: of, of });
    Ok(())
}

/// Which leaf of the file has what.
struct Plan {
    leaves: [Option<(usize, ColumnDescPtr)>; ROLES],
}

impl Plan {
    fn of(columns: &Columns, schema: &SchemaDescriptor) -> Result<Plan, SpendError> {
        let mut plan = Plan { leaves: [const { None }; ROLES] };
        for role in Role::ALL {
            let Some(root) = columns.get(role) else { continue };
            let leaf = (0..schema.num_columns()).find(|leaf| schema.get_column_root_idx(*leaf) == root);
            let flat = leaf.map(|leaf| (leaf, schema.column(leaf)));
            let flat = flat.filter(|(_, column)| column.path().parts().len() == 1 && column.max_rep_level() == 0);
            let Some(found) = flat else {
                return Err(SpendError::ColumnType {
                    column: columns.name(role).to_owned(),
                    found: "a group of columns".to_owned(),
                    expected: "it should be one column".to_owned(),
                });
            };
            plan.leaves[role as usize] = Some(found);
        }
        Ok(plan)
    }

    /// The library takes places for granted.
    fn check(&self, chunks: &[ColumnChunkMetaData]) -> Result<(), SpendError> {
        for (leaf, _) in self.leaves.iter().flatten() {
            let chunk = chunks.get(*leaf).ok_or_else(|| damaged("a row group of the Parquet file lacks a column"))?;
            let dictionary = chunk.dictionary_page_offset().unwrap_or_default();
            if [chunk.data_page_offset(), dictionary, chunk.compressed_size()].iter().any(|place| *place < 0) {
                return Err(damaged("a column of the Parquet file lies nowhere"));
            }
        }
        Ok(())
    }

    fn leaf(&self, role: Role) -> Option<&(usize, ColumnDescPtr)> {
        self.leaves[role as usize].as_ref()
    }

    fn floats(&self) -> bool {
        let kind = self.leaf(Role::Cost).and_then(|(_, column)| CostKind::of(column).ok());
        kind == Some(CostKind::Float)
    }
}

/// Where a column's values come from.
enum Source {
    Pages(Chunk),
    Library(Box<ColumnReader>),
}

impl Source {
    fn open(group: &dyn RowGroupReader, leaf: usize, column: &ColumnDescPtr) -> Result<Source, SpendError> {
        let chunk: &ColumnChunkMetaData = group.metadata().column(leaf);
        let pages = group.get_column_page_reader(leaf).map_err(damaged)?;
        match Width::of(column.physical_type(), column.type_length()) {
            Some(width) if chunk::readable(chunk.encodings()) => {
                Ok(Source::Pages(Chunk::new(pages, width, column.max_def_level() > 0)))
            }
            _ => Ok(Source::Library(Box::new(get_column_reader(column.clone(), pages)))),
        }
    }

    fn fill(&mut self, rows: usize, sink: &mut impl Sink) -> Result<(), SpendError> {
        match self {
            Source::Pages(chunk) => chunk.fill(rows, sink),
            Source::Library(reader) => library::fill(reader, rows, sink),
        }
    }
}

type Dates = Option<(Source, Read<'static, When>)>;

/// A row group while it is read.
struct Group {
    texts: Vec<(Role, Source, TextValues)>,
    start: Dates,
    end: Dates,
    billing_start: Dates,
    billing_end: Dates,
    cost: (Source, Read<'static, Result<Units, Reason>>),
    known: FxHashMap<[u32; TEXTS + 4], Led>,
}

impl Group {
    fn open(group: &dyn RowGroupReader, plan: &Plan, zone: &str) -> Result<Group, SpendError> {
        let mut texts = Vec::new();
        for role in Role::ALL.into_iter().take(TEXTS) {
            let Some((leaf, column)) = plan.leaf(role) else { continue };
            texts.push((role, Source::open(group, *leaf, column)?, TextValues::new(TextKind::of(column)?)));
        }
        let dates = |role| -> Result<Dates, SpendError> {
            let Some((leaf, column)) = plan.leaf(role) else { return Ok(None) };
            let (kind, mut days) = (DateKind::of(column)?, Days::new(zone)?);
            let read = Read::new(move |raw| kind.read(raw, &mut days), |when| *when == When::Bad, When::Unknown);
            Ok(Some((Source::open(group, *leaf, column)?, read)))
        };
        let (leaf, column) = plan.leaf(Role::Cost).ok_or_else(|| damaged("no column of cost"))?;
        let kind = CostKind::of(column)?;
        let cost = Read::new(move |raw| kind.read(raw), Result::is_err, Err(Reason::Missing));
        Ok(Group {
            texts,
            start: dates(Role::Start)?,
            end: dates(Role::End)?,
            billing_start: dates(Role::BillingStart)?,
            billing_end: dates(Role::BillingEnd)?,
            cost: (Source::open(group, *leaf, column)?, cost),
            known: FxHashMap::default(),
        })
    }

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
                        self.known.clear();
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
        let mut changed = self.known.len() > KNOWN_MOST;
        for (_, source, values) in &mut self.texts {
            changed |= values.begin_batch();
            source.fill(rows, values)?;
        }
        for (source, read) in
            [&mut self.start, &mut self.end, &mut self.billing_start, &mut self.billing_end].into_iter().flatten()
        {
            read.begin_batch();
            source.fill(rows, read)?;
        }
        self.cost.1.begin_batch();
        self.cost.0.fill(rows, &mut self.cost.1)?;
        if changed {
            self.known.clear();
        }
        Ok(())
    }

    fn row(&mut self, at: usize, row: u64, intake: &mut Intake) {
        let when =
            |dates: &Dates| dates.as_ref().and_then(|(_, read)| read.values.get(at).copied()).unwrap_or(When::Unknown);
        let named = Named::of(when(&self.start), when(&self.end), when(&self.billing_start), when(&self.billing_end));
        let amount = self.cost.1.values.get(at).copied().unwrap_or(Err(Reason::Missing));
        let led = match named {
            Ok(named) => self.led(at, named, amount.is_ok_and(|amount| amount.units < 0), intake),
            Err(bad) => Led::Away(bad),
        };
        intake.settle(row, led, amount, |role| self.field(role, at));
    }

    fn led(&mut self, at: usize, named: Named, negative: bool, intake: &mut Intake) -> Led {
        let mut key = [0_u32; TEXTS + 4];
        let day = |day: Option<i32>| day.unwrap_or(i32::MIN).cast_unsigned();
        key[TEXTS] = day(Some(named.start));
        key[TEXTS + 1] = day(named.billing_start);
        key[TEXTS + 2] = day(named.billing_last);
        key[TEXTS + 3] = u32::from(negative);
        for (role, _, values) in &self.texts {
            key[*role as usize] = values.numbers.get(at).copied().unwrap_or_default();
        }
        if let Some(led) = self.known.get(&key) {
            return *led;
        }
        let mut texts: Texts<'_> = [b""; TEXTS];
        for (role, _, values) in &self.texts {
            texts[*role as usize] = values.text(key[*role as usize]);
        }
        let led = intake.led(&texts, named, negative);
        self.known.insert(key, led);
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
            Role::Start => date(&self.start),
            Role::End => date(&self.end),
            Role::BillingStart => date(&self.billing_start),
            Role::BillingEnd => date(&self.billing_end),
            Role::Cost => self.cost.1.samples.get(&at).map_or(Cow::default(), |raw| Cow::Borrowed(raw)),
            text => {
                let found = self.texts.iter().find(|(role, ..)| *role == text);
                let found = found.and_then(|(_, _, values)| Some(values.text(*values.numbers.get(at)?)));
                Cow::Borrowed(found.unwrap_or_default())
            }
        }
    }
}
