//! What stored bytes mean, by a column's type.

use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type},
    schema::types::ColumnDescriptor,
};

use crate::{
    SpendError,
    days::{Days, When},
    decimal::{self, Units},
    quarantine::Reason,
};

/// How a cost is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CostKind {
    /// A whole number, least byte first, with so many decimals.
    Least(i64),
    /// The same with the greatest byte first.
    Greatest(i64),
    /// A binary floating-point number.
    Float,
    /// A text.
    Text,
}

/// How a date is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateKind {
    /// As a text.
    Text,
    /// Days since 1970.
    Days,
    /// So many of them a second since 1970.
    Ticks(i64),
    /// Nanoseconds of a Julian day.
    Julian,
}

/// How a text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextKind {
    Text,
    /// A number, such as an account's.
    Number,
}

fn refused(column: &ColumnDescriptor, expected: &str) -> SpendError {
    let logical = column.logical_type_ref().map(|logical| format!(" ({logical:?})")).unwrap_or_default();
    SpendError::ColumnType {
        column: column.name().to_owned(),
        found: format!("{}{logical}", column.physical_type()),
        expected: expected.to_owned(),
    }
}

fn is_decimal(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Decimal(_)))
        || column.converted_type() == ConvertedType::DECIMAL
}

impl CostKind {
    pub fn of(column: &ColumnDescriptor) -> Result<CostKind, SpendError> {
        let scale = if is_decimal(column) { i64::from(column.type_scale()) } else { 0 };
        match column.physical_type() {
            Type::INT32 | Type::INT64 => Ok(CostKind::Least(scale)),
            Type::FIXED_LEN_BYTE_ARRAY | Type::BYTE_ARRAY if is_decimal(column) => Ok(CostKind::Greatest(scale)),
            Type::BYTE_ARRAY => Ok(CostKind::Text),
            Type::DOUBLE => Ok(CostKind::Float),
            _ => Err(refused(column, "an amount is a DECIMAL, a text, a whole number or a DOUBLE")),
        }
    }

    pub fn read(self, raw: &[u8]) -> Result<Units, Reason> {
        match self {
            CostKind::Least(scale) => scaled(least_first(raw), scale),
            CostKind::Greatest(scale) => scaled(greatest_first(raw), scale),
            CostKind::Text if matches!(raw.trim_ascii(), b"" | b"NULL" | b"null") => Err(Reason::Missing),
            CostKind::Text => decimal::units(raw),
            CostKind::Float => {
                // The shortest decimal that leads back to the number: what was meant when it was written.
                let number = raw.try_into().map(f64::from_le_bytes).map_err(|_| Reason::NotANumber)?;
                decimal::units(number.to_string().as_bytes())
            }
        }
    }
}

/// A whole number in two's complement, its greatest byte first; `None` where it is beyond sixteen bytes.
fn greatest_first(raw: &[u8]) -> Option<i128> {
    let sign = if raw.first()? & 0x80 == 0 { 0 } else { 0xFF };
    let cut = raw.len().saturating_sub(16);
    let (above, own) = raw.split_at(cut);
    let mut bytes = [sign; 16];
    bytes.get_mut(16 - own.len()..)?.copy_from_slice(own);
    let number = i128::from_be_bytes(bytes);
    // What lies above repeats the sign, or the number is larger than it seems.
    let whole = above.iter().all(|byte| *byte == sign) && (above.is_empty() || (number < 0) == (sign == 0xFF));
    whole.then_some(number)
}

/// The same of four or eight bytes with the least one first.
fn least_first(raw: &[u8]) -> Option<i128> {
    match raw.len() {
        4 => Some(i32::from_le_bytes(raw.try_into().ok()?).into()),
        8 => Some(i64::from_le_bytes(raw.try_into().ok()?).into()),
        _ => None,
    }
}

fn scaled(number: Option<i128>, scale: i64) -> Result<Units, Reason> {
    let number = number.ok_or(Reason::TooLarge)?;
    let units = decimal::scaled(number.unsigned_abs(), scale, false)?;
    Ok(Units { units: if number < 0 { -units.units } else { units.units }, ..units })
}

impl DateKind {
    pub fn of(column: &ColumnDescriptor) -> Result<DateKind, SpendError> {
        let ticks = match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Timestamp(of)), _) => Some(match of.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            }),
            (_, ConvertedType::TIMESTAMP_MILLIS) => Some(1_000),
            (_, ConvertedType::TIMESTAMP_MICROS) => Some(1_000_000),
            _ => None,
        };
        let date = matches!(column.logical_type_ref(), Some(LogicalType::Date))
            || column.converted_type() == ConvertedType::DATE;
        match (column.physical_type(), ticks) {
            (Type::BYTE_ARRAY, _) => Ok(DateKind::Text),
            (Type::INT32, _) if date => Ok(DateKind::Days),
            (Type::INT64, Some(ticks)) => Ok(DateKind::Ticks(ticks)),
            (Type::INT96, _) => Ok(DateKind::Julian),
            _ => Err(refused(column, "a date is a TIMESTAMP, a DATE or a text")),
        }
    }

    pub fn read(self, raw: &[u8], days: &mut Days) -> When {
        match self {
            DateKind::Text => days.read(raw),
            DateKind::Days => {
                raw.try_into().map_or(When::Bad, |raw| days.at(i64::from(i32::from_le_bytes(raw)) * 86_400))
            }
            DateKind::Ticks(ticks) => {
                raw.try_into().map_or(When::Bad, |raw| days.at(i64::from_le_bytes(raw).div_euclid(ticks)))
            }
            DateKind::Julian => match raw {
                [nanos @ .., d1, d2, d3, d4] if nanos.len() == 8 => {
                    let day = i64::from(u32::from_le_bytes([*d1, *d2, *d3, *d4])) - 2_440_588;
                    let nanos = nanos.try_into().map_or(0, i64::from_le_bytes);
                    days.at(day * 86_400 + nanos / 1_000_000_000)
                }
                _ => When::Bad,
            },
        }
    }
}

impl TextKind {
    pub fn of(column: &ColumnDescriptor) -> Result<TextKind, SpendError> {
        match column.physical_type() {
            Type::BYTE_ARRAY => Ok(TextKind::Text),
            Type::INT32 | Type::INT64 => Ok(TextKind::Number),
            _ => Err(refused(column, "it should be a text")),
        }
    }

    /// Appends the text.
    pub fn write(self, raw: &[u8], into: &mut Vec<u8>) {
        match self {
            TextKind::Text => into.extend_from_slice(raw),
            TextKind::Number => {
                if let Some(number) = least_first(raw) {
                    into.extend_from_slice(number.to_string().as_bytes());
                }
            }
        }
    }
}
