//! Files made for tests, and what is read of them.

use std::{
    fs::File,
    io::{Seek as _, Write as _},
};

use entente_core::commitment::{Accounts, Cost, Discounts};
use entente_spend::{Limits, Portion, SpendError, Summary, Wanted, read, sniff};
use flate2::{Compression, write::GzEncoder};

/// A file with these bytes.
pub fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file.rewind().unwrap();
    file
}

/// The same bytes compressed.
pub fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// What a commitment with this cloud wants: billed cost in US dollars, in UTC.
pub fn wanted(cloud: &str) -> Wanted {
    Wanted {
        commitment: "globex-2026".into(),
        cloud: cloud.parse().unwrap(),
        cost: Cost::Billed,
        discounts: Discounts::After,
        zone: "UTC".into(),
        currency: "USD".parse().unwrap(),
        accounts: Accounts::All,
        programs: Default::default(),
    }
}

/// Everything that is read of a file.
pub struct Whole {
    pub portions: Vec<Portion>,
    pub summary: Summary,
}

impl Whole {
    /// Every class, as `day account product channel kind amount xrows`, in the order of their text.
    pub fn classes(&self) -> Vec<String> {
        let classes = self.portions.iter().flat_map(|portion| &portion.classes);
        let mut said: Vec<String> = classes
            .map(|class| {
                let line = &class.line;
                let (channel, kind) = (line.channel, line.kind);
                let (day, account, product) = (line.dates.charge, &line.account, &line.product);
                format!("{day} {account} {product} {channel:?} {kind:?} {} x{}", line.amount, class.rows)
            })
            .collect();
        said.sort();
        said
    }

    /// What is quarantined, as `reason column rows first sample`.
    pub fn quarantined(&self) -> Vec<String> {
        let all = self.portions.iter().flat_map(|portion| &portion.quarantined);
        all.map(|q| format!("{} {} {} {} {}", q.reason, q.column, q.rows, q.first_row, q.sample)).collect()
    }

    /// Rows that are counted.
    pub fn counted(&self) -> u64 {
        let portion = |portion: &Portion| {
            let classes = portion.classes.iter().map(|class| class.rows);
            classes.chain(portion.sums.iter().map(|sum| sum.rows)).sum::<u64>()
        };
        self.portions.iter().map(portion).sum::<u64>() + self.summary.lots.len() as u64
    }
}

/// Reads a file from a row on, in portions of so many rows.
pub fn read_in(file: &File, wanted: &Wanted, after: u64, limits: Limits) -> Result<Whole, SpendError> {
    let mut portions = Vec::new();
    let summary = read::<SpendError>(file, sniff(file)?, wanted, after, limits, &mut |_| {}, &mut |portion| {
        portions.push(portion);
        Ok(())
    })?;
    let whole = Whole { portions, summary };
    let quarantined: u64 = whole.portions.iter().flat_map(|portion| &portion.quarantined).map(|q| q.rows).sum();
    assert_eq!(whole.summary.quarantined, quarantined);
    assert_eq!(whole.summary.rows - whole.summary.skipped, whole.counted() + quarantined, "a row was dropped");
    Ok(whole)
}

/// Reads all of some bytes.
pub fn read_all(bytes: &[u8], wanted: &Wanted) -> Result<Whole, SpendError> {
    read_in(&file(bytes), wanted, 0, Limits::default())
}

/// A FOCUS file: a heading and rows.
pub const HEADING: &str = "BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,ProviderName,PublisherName,InvoiceIssuerName,ServiceName,CommitmentDiscountCategory,CommitmentDiscountStatus,BilledCost,EffectiveCost\n";

/// A row of such a file with some fields changed.
pub fn row(changes: &[(&str, &str)]) -> String {
    let fields = [
        ("BillingAccountId", "1001"),
        ("SubAccountId", "2001"),
        ("BillingCurrency", "USD"),
        ("BillingPeriodStart", "2026-03-01 00:00:00"),
        ("BillingPeriodEnd", "2026-04-01 00:00:00"),
        ("ChargeCategory", "Usage"),
        ("ChargeClass", "NULL"),
        ("ChargeFrequency", "Usage-Based"),
        ("ChargePeriodStart", "2026-03-05 10:00:00"),
        ("ChargePeriodEnd", "2026-03-05 11:00:00"),
        ("ProviderName", "AWS"),
        ("PublisherName", "Amazon Web Services, Inc."),
        ("InvoiceIssuerName", "Amazon Web Services, Inc."),
        ("ServiceName", "Amazon S3"),
        ("CommitmentDiscountCategory", ""),
        ("CommitmentDiscountStatus", ""),
        ("BilledCost", "1.25"),
        ("EffectiveCost", "1.00"),
    ];
    assert!(changes.iter().all(|(name, _)| fields.iter().any(|(field, _)| field == name)));
    let said = |(name, usual): &(&str, &str)| {
        let changed = changes.iter().find(|(changed, _)| changed == name).map_or(*usual, |(_, to)| to);
        format!("\"{}\"", changed.replace('"', "\"\""))
    };
    fields.iter().map(said).collect::<Vec<_>>().join(",") + "\n"
}

/// A FOCUS file of rows with these changes.
pub fn focus(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let rows: String = rows.iter().map(|changes| row(changes)).collect();
    format!("{HEADING}{rows}").into_bytes()
}
