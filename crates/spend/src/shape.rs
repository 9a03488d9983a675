//! What a file is: by its first bytes and its columns, not by its name.

use std::{
    fmt,
    fs::File,
    io::{BufReader, Read, Seek, SeekFrom},
};

use flate2::read::MultiGzDecoder;

use crate::{
    SpendError, columns, macc,
    sums::{EXPORTED, EXPORTED_FOR},
    table,
};

/// How its bytes are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Values between commas, semicolons or tabs.
    Csv,
    /// The same, compressed by gzip.
    CsvGz,
    /// Parquet.
    Parquet,
    /// JSON.
    Json,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Csv => "csv",
            Format::CsvGz => "csv.gz",
            Format::Parquet => "parquet",
            Format::Json => "json",
        })
    }
}

/// A version of FOCUS, as its columns tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FocusVersion {
    /// 1.0.
    V1_0,
    /// 1.1, from its columns on reserved capacity and meters.
    V1_1,
    /// 1.2, from `InvoiceId`.
    V1_2,
    /// 1.3, from `ServiceProviderName`.
    V1_3,
    /// 1.4, from what it adds, or from `PublisherName` being gone.
    V1_4,
}

impl fmt::Display for FocusVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            FocusVersion::V1_0 => "1.0",
            FocusVersion::V1_1 => "1.1",
            FocusVersion::V1_2 => "1.2",
            FocusVersion::V1_3 => "1.3",
            FocusVersion::V1_4 => "1.4",
        })
    }
}

/// What its rows are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Charges in the columns of FOCUS.
    Focus(FocusVersion),
    /// The same with Azure's own columns.
    AzureFocusCost(FocusVersion),
    /// Lines of an AWS Cost and Usage Report 2.0.
    AwsCur2,
    /// What Microsoft says remains of commitments.
    MaccLots,
    /// What Microsoft says was drawn down.
    MaccEvents,
    /// Sums that were judged elsewhere.
    DailySums,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Shape::Focus(version) => write!(f, "focus {version}"),
            Shape::AzureFocusCost(version) => write!(f, "azure focuscost {version}"),
            Shape::AwsCur2 => f.write_str("aws cur 2.0"),
            Shape::MaccLots => f.write_str("macc lots"),
            Shape::MaccEvents => f.write_str("macc events"),
            Shape::DailySums => f.write_str("daily sums"),
        }
    }
}

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sniffed {
    /// Its layout.
    pub format: Format,
    /// Its rows.
    pub shape: Shape,
}

impl fmt::Display for Sniffed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.shape, self.format)
    }
}

/// Tells what a file is. Reads its beginning alone; of a Parquet file its end as well.
///
/// # Errors
/// When it cannot be read, is damaged, or its columns are of no known kind.
pub fn sniff(file: &File) -> Result<Sniffed, SpendError> {
    let format = format(file)?;
    let shape = match format {
        Format::Json => macc::shape(BufReader::new(rewound(file)?))?,
        _ => shape(&headings(file, format)?)?,
    };
    Ok(Sniffed { format, shape })
}

fn format(file: &File) -> Result<Format, SpendError> {
    let mut first = Vec::new();
    rewound(file)?.take(64).read_to_end(&mut first)?;
    // Of UTF-16, and of its mark, only what is ASCII is left.
    let text: Vec<u8> = first.iter().copied().filter(|byte| byte.is_ascii() && *byte != 0).collect();
    Ok(match (first.as_slice(), text.trim_ascii_start()) {
        ([b'P', b'A', b'R', b'1', ..], _) => Format::Parquet,
        ([0x1F, 0x8B, ..], _) => Format::CsvGz,
        (_, [b'{' | b'[', ..]) => Format::Json,
        _ => Format::Csv,
    })
}

/// The same file, read from its beginning.
pub(crate) fn rewound(file: &File) -> Result<File, SpendError> {
    let mut again = file.try_clone()?;
    again.seek(SeekFrom::Start(0))?;
    Ok(again)
}

/// The names of its columns.
pub(crate) fn headings(file: &File, format: Format) -> Result<Vec<String>, SpendError> {
    match format {
        Format::CsvGz => table::headings(MultiGzDecoder::new(BufReader::new(rewound(file)?))),
        Format::Parquet => table::parquet_headings(file),
        Format::Csv | Format::Json => table::headings(rewound(file)?),
    }
}

/// What only a FOCUS file has all of.
const FOCUS: [&str; 4] = ["BillingCurrency", "ChargeCategory", "ChargePeriodStart", "BilledCost"];
const CUR: [&str; 2] = ["line_item_line_item_type", "line_item_usage_start_date"];
const SUMS: [&str; 5] = ["day", "account", "product", "part", "reason"];

fn shape(headings: &[String]) -> Result<Shape, SpendError> {
    let index = columns::index(headings)?;
    let has = |name: &&str| index.contains_key(&columns::key(name));
    if CUR.iter().all(&has) {
        return Ok(Shape::AwsCur2);
    }
    // What Entente writes as FOCUS are daily sums that it has judged itself: read as charges, they would be judged once more.
    if SUMS.iter().all(&has) || EXPORTED.iter().chain(&EXPORTED_FOR).all(&has) {
        return Ok(Shape::DailySums);
    }
    // A file that lacks few of them is FOCUS with columns missing, which is said with their names when it is read.
    let missing: Vec<&str> = FOCUS.iter().filter(|name| !has(name)).copied().collect();
    if missing.len() > 1 {
        return Err(SpendError::UnknownShape { missing: missing.join(", ") });
    }
    let version = if has(&"ServiceProviderName") {
        // What 1.4 adds tells it even where a file still names publishers.
        let older =
            has(&"PublisherName") && !["CommitmentProgramEligibilityDetails", "InvoiceDetailId"].iter().any(&has);
        if older { FocusVersion::V1_3 } else { FocusVersion::V1_4 }
    } else if has(&"InvoiceId") {
        FocusVersion::V1_2
    } else if ["SkuMeter", "SkuPriceDetails", "CapacityReservationId", "ServiceSubcategory"].iter().any(&has) {
        FocusVersion::V1_1
    } else {
        FocusVersion::V1_0
    };
    let azure = ["x_PublisherCategory", "x_SkuMeterCategory", "x_BillingProfileId"].iter().any(has);
    Ok(if azure { Shape::AzureFocusCost(version) } else { Shape::Focus(version) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(columns: &str) -> Result<Shape, SpendError> {
        shape(&columns.split(',').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn versions_are_told_by_their_columns() {
        let base = "BillingCurrency,ChargeCategory,ChargePeriodStart,BilledCost";
        for (more, expected) in [
            ("PublisherName,ProviderName", Shape::Focus(FocusVersion::V1_0)),
            ("PublisherName,SkuMeter", Shape::Focus(FocusVersion::V1_1)),
            ("PublisherName,InvoiceId,SkuMeter", Shape::Focus(FocusVersion::V1_2)),
            ("PublisherName,InvoiceId,ServiceProviderName", Shape::Focus(FocusVersion::V1_3)),
            ("InvoiceId,ServiceProviderName", Shape::Focus(FocusVersion::V1_4)),
            ("PublisherName,ServiceProviderName,CommitmentProgramEligibilityDetails", Shape::Focus(FocusVersion::V1_4)),
            ("PublisherName,InvoiceId,x_PublisherCategory", Shape::AzureFocusCost(FocusVersion::V1_2)),
        ] {
            assert_eq!(shaped(&format!("{base},{more}")).unwrap(), expected, "{more}");
        }
    }

    #[test]
    fn capitals_and_underscores_do_not_matter_and_a_column_twice_is_refused() {
        let shape = shaped("billing_currency,charge_category,charge_period_start,billed_cost").unwrap();
        assert_eq!(shape, Shape::Focus(FocusVersion::V1_0));
        assert!(matches!(shaped("BilledCost,billed_cost"), Err(SpendError::ColumnTwice(_))));
    }

    #[test]
    fn what_lacks_nearly_everything_is_of_no_known_kind() {
        assert!(matches!(shaped("a,b,c"), Err(SpendError::UnknownShape { .. })));
    }
}
