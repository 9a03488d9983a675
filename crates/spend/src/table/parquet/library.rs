//! Values through the library's own decoders, for encodings that are rare in exports.

use parquet::{
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{AsBytes, DataType},
};

use super::{chunk::Sink, damaged};
use crate::SpendError;

/// Hands the next `rows` values to `sink`.
pub(super) fn fill(reader: &mut ColumnReader, rows: usize, sink: &mut impl Sink) -> Result<(), SpendError> {
    match reader {
        ColumnReader::Int32ColumnReader(reader) => values(reader, rows, sink, AsBytes::as_bytes),
        ColumnReader::Int64ColumnReader(reader) => values(reader, rows, sink, AsBytes::as_bytes),
        ColumnReader::Int96ColumnReader(reader) => values(reader, rows, sink, AsBytes::as_bytes),
        ColumnReader::FloatColumnReader(reader) => values(reader, rows, sink, AsBytes::as_bytes),
        ColumnReader::DoubleColumnReader(reader) => values(reader, rows, sink, AsBytes::as_bytes),
        ColumnReader::ByteArrayColumnReader(reader) => values(reader, rows, sink, |value| value.data()),
        ColumnReader::FixedLenByteArrayColumnReader(reader) => values(reader, rows, sink, |value| value.data()),
        ColumnReader::BoolColumnReader(_) => Err(damaged("a column of truth values where none is expected")),
    }
}

fn values<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    sink: &mut impl Sink,
    raw: impl Fn(&T::T) -> &[u8],
) -> Result<(), SpendError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let (read, ..) = reader.read_records(rows, Some(&mut levels), None, &mut values).map_err(damaged)?;
    if read != rows {
        return Err(damaged("a column of the Parquet file has fewer values than its row group has rows"));
    }
    let mut values = values.iter();
    for row in 0..rows {
        match levels.get(row) {
            Some(0) => sink.nothing(1),
            _ => values.next().into_iter().for_each(|value| sink.value(raw(value))),
        }
    }
    Ok(())
}
