//! Parquet as exports store it: dictionaries, written-out values, deltas; decimals, floats, timestamps.

use std::sync::Arc;

use entente_spend::SpendError;
use parquet::{
    basic::{Compression, Encoding, ZstdLevel},
    data_type::{
        ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int32Type, Int64Type,
    },
    file::{
        properties::{WriterProperties, WriterVersion},
        writer::SerializedFileWriter,
    },
    schema::parser::parse_message_type,
};

use crate::files::{HEADING, focus, read_all, wanted};

/// How values are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stored {
    Dictionary,
    Plain,
    Delta,
}

fn properties(stored: Stored) -> WriterProperties {
    let builder = WriterProperties::builder();
    match stored {
        Stored::Dictionary => builder.set_compression(Compression::SNAPPY).set_data_page_row_count_limit(3).build(),
        Stored::Plain => builder
            .set_dictionary_enabled(false)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_encoding(Encoding::PLAIN)
            .build(),
        Stored::Delta => builder.set_dictionary_enabled(false).set_encoding(Encoding::DELTA_BYTE_ARRAY).build(),
    }
}

/// A CSV file's texts as Parquet, in row groups of so many rows. An empty field is nothing there.
pub fn parquet(csv: &[u8], stored: Stored, group: usize) -> Vec<u8> {
    let mut reader = csv::Reader::from_reader(csv);
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let fields: String = names.iter().map(|name| format!("optional binary {name} (UTF8);")).collect();
    let schema = Arc::new(parse_message_type(&format!("message spend {{ {fields} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties(stored))).unwrap();
    for rows in rows.chunks(group) {
        let mut into = writer.next_row_group().unwrap();
        for at in 0..names.len() {
            let mut column = into.next_column().unwrap().unwrap();
            let texts = rows.iter().map(|row| row.get(at).unwrap());
            let levels: Vec<i16> = texts.clone().map(|text| i16::from(!text.is_empty())).collect();
            let values: Vec<ByteArray> = texts.filter(|text| !text.is_empty()).map(ByteArray::from).collect();
            column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
            column.close().unwrap();
        }
        into.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// A file of three rows whose cost and first day are stored so.
fn typed<C: DataType, D: DataType>(cost: (&str, [C::T; 3]), day: (&str, [D::T; 3])) -> Vec<u8> {
    let texts = [
        ("BillingAccountId", "1"),
        ("BillingCurrency", "USD"),
        ("ChargeCategory", "Usage"),
        ("ProviderName", "AWS"),
        ("ServiceName", "S3"),
    ];
    let fields: String = texts.iter().map(|(name, _)| format!("required binary {name} (UTF8);")).collect();
    let (cost, day) = ((cost.0.replace('?', "BilledCost"), cost.1), (day.0.replace('?', "ChargePeriodStart"), day.1));
    let schema = format!("message spend {{ {fields} required {}; required {}; }}", cost.0, day.0);
    let schema = Arc::new(parse_message_type(&schema).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, text) in texts {
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&[text.into(), text.into(), text.into()], None, None).unwrap();
        column.close().unwrap();
    }
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<C>().write_batch(&cost.1, None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<D>().write_batch(&day.1, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

const DAY: (&str, [i32; 3]) = ("int32 ? (DATE)", [20_517, 20_517, 20_517]);

#[test]
fn texts_are_read_however_they_are_stored() {
    let csv = focus(&[&[], &[("ServiceName", "")], &[("BilledCost", "x")], &[("ChargePeriodStart", "soon")], &[]]);
    let expected = read_all(&csv, &wanted("aws")).unwrap();
    for stored in [Stored::Dictionary, Stored::Plain, Stored::Delta] {
        let whole = read_all(&parquet(&csv, stored, 3), &wanted("aws")).unwrap();
        assert_eq!(whole.portions, expected.portions, "{stored:?}");
        assert_eq!(whole.summary.sniffed.to_string(), "focus 1.0 parquet");
        assert!(!whole.summary.floats);
    }
}

#[test]
fn decimals_are_exact_in_every_width() {
    let sum = |bytes: Vec<u8>| {
        let whole = read_all(&bytes, &wanted("aws")).unwrap();
        assert_eq!(whole.classes().len(), 1, "{:?}", whole.classes());
        assert!(!whole.summary.floats);
        whole.portions[0].classes[0].line.amount.to_string()
    };
    assert_eq!(sum(typed::<Int32Type, Int32Type>(("int32 ? (DECIMAL(9,2))", [150, -25, 1]), DAY)), "1.26");
    let large = 999_999_999_999_999_999;
    assert_eq!(sum(typed::<Int64Type, Int32Type>(("int64 ? (DECIMAL(18,8))", [large, -1, 2]), DAY)), "10000000000");
    let wide = |number: i128| FixedLenByteArray::from(number.to_be_bytes().to_vec());
    let fixed = [wide(123_456_789_012_345_678_901), wide(-1), wide(0)];
    assert_eq!(
        sum(typed::<FixedLenByteArrayType, Int32Type>(("fixed_len_byte_array(16) ? (DECIMAL(38,12))", fixed), DAY)),
        "123456789.0123456789"
    );
    let bytes = [ByteArray::from(vec![0x7F]), ByteArray::from(vec![0xFF, 0xFF]), ByteArray::from(vec![0])];
    assert_eq!(sum(typed::<ByteArrayType, Int32Type>(("binary ? (DECIMAL(10,1))", bytes), DAY)), "12.6");
}

#[test]
fn a_float_is_the_shortest_decimal_that_leads_back_to_it_and_is_told() {
    let bytes = typed::<DoubleType, Int32Type>(("double ?", [0.1, 0.2, f64::NAN]), DAY);
    let whole = read_all(&bytes, &wanted("aws")).unwrap();
    assert_eq!(whole.classes(), ["2026-03-05 1 S3 Cloud Usage 0.3 x2"]);
    assert!(whole.summary.floats);
    assert_eq!(whole.portions[0].quarantined[0].reason.name(), "not_a_number");
}

#[test]
fn days_and_timestamps_of_every_unit_fall_on_their_day() {
    let second = 20_517_i64 * 86_400 + 86_399;
    let cost = || ("int32 ? (DECIMAL(9,2))", [100, 100, 100]);
    let files = [
        typed::<Int32Type, Int32Type>(cost(), DAY),
        typed::<Int32Type, Int64Type>(cost(), ("int64 ? (TIMESTAMP(MILLIS,true))", [second * 1_000; 3])),
        typed::<Int32Type, Int64Type>(cost(), ("int64 ? (TIMESTAMP(MICROS,true))", [second * 1_000_000 + 999_999; 3])),
        typed::<Int32Type, Int64Type>(cost(), ("int64 ? (TIMESTAMP(NANOS,true))", [second * 1_000_000_000; 3])),
    ];
    for bytes in files {
        assert_eq!(read_all(&bytes, &wanted("aws")).unwrap().classes(), ["2026-03-05 1 S3 Cloud Usage 3 x3"]);
    }
}

#[test]
fn types_that_cannot_hold_what_they_should_are_refused_with_the_column() {
    let bytes = typed::<Int32Type, Int64Type>(("int32 ? (DECIMAL(9,2))", [1, 2, 3]), ("int64 ?", [1, 2, 3]));
    let refused = read_all(&bytes, &wanted("aws")).err().unwrap();
    assert!(matches!(&refused, SpendError::ColumnType { column, .. } if column == "ChargePeriodStart"), "{refused}");
}

#[test]
fn columns_of_which_every_row_says_something_else_are_read_all_the_same() {
    let texts: Vec<String> = (0..64).map(|number| format!("text {number}")).collect();
    let columns =
        ["BillingAccountId", "ServiceName", "PublisherName", "ChargeClass", "InvoiceIssuerName", "ProviderName"];
    let more = ["CommitmentDiscountStatus", "SubAccountId", "ChargeFrequency", "ChargeCategory", "BillingCurrency"];
    let rows: Vec<Vec<(&str, &str)>> = (0..64)
        .map(|row| {
            let varied = columns.iter().chain(more.iter().take(row % 6));
            varied.map(|name| (*name, texts[row].as_str())).collect()
        })
        .collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
    assert_same(&focus(&rows));
}

#[test]
fn texts_beyond_what_is_kept_are_read_all_the_same() {
    let products: Vec<String> = (0..5_000).map(|number| format!("{number} {}", "x".repeat(4_000))).collect();
    let rows: Vec<[(&str, &str); 1]> = products.iter().map(|product| [("ServiceName", product.as_str())]).collect();
    let rows: Vec<&[(&str, &str)]> = rows.iter().map(<[_; 1]>::as_slice).collect();
    let csv = focus(&rows);
    assert!(csv.len() > 16 * 1024 * 1024);
    assert_same(&csv);
}

/// Whether a file says the same as CSV and as Parquet, with and without dictionaries.
fn assert_same(csv: &[u8]) {
    let expected = read_all(csv, &wanted("aws")).unwrap();
    for stored in [Stored::Dictionary, Stored::Plain] {
        let whole = read_all(&parquet(csv, stored, 2_000), &wanted("aws")).unwrap();
        assert!(whole.portions == expected.portions, "{stored:?}");
    }
}

#[test]
fn a_damaged_file_is_refused_and_never_panics() {
    let whole = parquet(&focus(&[&[], &[("BilledCost", "2")]]), Stored::Dictionary, 1);
    assert!(read_all(&whole, &wanted("aws")).is_ok());
    assert!(read_all(&whole[..whole.len() / 2], &wanted("aws")).is_err());
    let mut refused = 0;
    for at in (4..whole.len()).step_by(7) {
        let mut bent = whole.clone();
        bent[at] ^= 0xFF;
        refused += usize::from(read_all(&bent, &wanted("aws")).is_err());
    }
    assert!(refused > 0);
    let heading = parquet(HEADING.as_bytes(), Stored::Plain, 1);
    assert_eq!(read_all(&heading, &wanted("aws")).unwrap().summary.rows, 0);
}
