//! Which of the file's columns are read, and how.

use parquet::{
    basic::Compression,
    column::reader::{ColumnReader, get_column_reader},
    file::{metadata::ColumnChunkMetaData, reader::RowGroupReader},
    schema::types::{ColumnDescPtr, SchemaDescriptor},
};

use super::{
    chunk::{self, Chunk, Sink, Width},
    damaged,
    kind::CostKind,
    library,
};
use crate::{
    SpendError,
    columns::{Columns, ROLES, Role, TEXTS},
};

/// Which leaf of the file has what.
pub(super) struct Plan {
    leaves: [Option<(usize, ColumnDescPtr)>; ROLES],
}

impl Plan {
    pub fn of(columns: &Columns, schema: &SchemaDescriptor) -> Result<Plan, SpendError> {
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
    pub fn check(&self, chunks: &[ColumnChunkMetaData]) -> Result<(), SpendError> {
        for (leaf, _) in self.leaves.iter().flatten() {
            let chunk = chunks.get(*leaf).ok_or_else(|| damaged("a row group of the Parquet file lacks a column"))?;
            let dictionary = chunk.dictionary_page_offset().unwrap_or_default();
            if [chunk.data_page_offset(), dictionary, chunk.compressed_size()].iter().any(|place| *place < 0) {
                return Err(damaged("a column of the Parquet file lies nowhere"));
            }
            understood(chunk.compression())?;
        }
        Ok(())
    }

    pub fn leaf(&self, role: Role) -> Option<&(usize, ColumnDescPtr)> {
        self.leaves[role as usize].as_ref()
    }

    /// The columns of texts.
    pub fn texts(&self) -> impl Iterator<Item = (Role, &(usize, ColumnDescPtr))> {
        Role::ALL.into_iter().take(TEXTS).filter_map(|role| Some((role, self.leaf(role)?)))
    }

    pub fn floats(&self) -> bool {
        let kind = self.leaf(Role::Cost).and_then(|(_, column)| CostKind::of(column).ok());
        kind == Some(CostKind::Float)
    }
}

/// Whether a column is compressed by something that is understood here.
fn understood(compression: Compression) -> Result<(), SpendError> {
    let codec = match compression {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_) => return Ok(()),
        Compression::LZ4 | Compression::LZ4_RAW => "LZ4",
        Compression::BROTLI(_) => "Brotli",
        Compression::LZO => "LZO",
    };
    Err(SpendError::Codec { codec })
}

/// Where a column's values come from.
pub(super) enum Source {
    Pages(Box<Chunk>),
    Library(Box<ColumnReader>),
}

impl Source {
    pub fn open(group: &dyn RowGroupReader, leaf: usize, column: &ColumnDescPtr) -> Result<Source, SpendError> {
        let chunk: &ColumnChunkMetaData = group.metadata().column(leaf);
        let pages = group.get_column_page_reader(leaf).map_err(damaged)?;
        match Width::of(column.physical_type(), column.type_length())? {
            Some(width) if chunk::readable(chunk.encodings()) => {
                Ok(Source::Pages(Box::new(Chunk::new(pages, width, column.max_def_level() > 0))))
            }
            _ => Ok(Source::Library(Box::new(get_column_reader(column.clone(), pages)))),
        }
    }

    pub fn fill(&mut self, rows: usize, sink: &mut impl Sink) -> Result<(), SpendError> {
        match self {
            Source::Pages(chunk) => chunk.fill(rows, sink),
            Source::Library(reader) => library::fill(reader, rows, sink),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_codec_that_is_not_understood_is_called_by_its_name() {
        for codec in [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default())] {
            assert!(understood(codec).is_ok(), "{codec:?}");
        }
        for (codec, name) in [
            (Compression::LZ4, "LZ4"),
            (Compression::LZ4_RAW, "LZ4"),
            (Compression::BROTLI(Default::default()), "Brotli"),
            (Compression::LZO, "LZO"),
        ] {
            let refused = understood(codec).unwrap_err().to_string();
            assert!(refused.contains(name) && refused.contains("Zstandard"), "{codec:?}: {refused}");
        }
    }
}
