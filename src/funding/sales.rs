//! Sales reports: read row by row, and kept partner by partner under their hash.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use entente_core::{
    ids::PartyId,
    mdf::earnings::{BadRow, EarningPlan, Sale},
};
use entente_store::Store;
use jiff::{Timestamp, civil::Date};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::versions::{self, Author};
use crate::offers::DeskError;

const KIND: &str = "sales_report";

/// The most rows that a report may have.
const ROWS_MOST: u64 = 500_000;

/// The most rows that are told to be bad, so that a wrong file is no flood.
const TOLD_MOST: usize = 100;

/// What a report says.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Sales and returns, partner by partner, in the order of the rows.
    pub sales: BTreeMap<PartyId, Vec<Sale>>,
    /// How many rows sell what earns nothing.
    pub not_counted: u64,
}

/// Why a report is not taken. Nothing of it is.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// It is no table with the headings of the plan.
    #[error("{0}")]
    Table(String),
    /// Rows that cannot be counted, at most a hundred of them.
    #[error("{} cannot be counted", rows(.0.len()))]
    Rows(Vec<BadRow>),
}

fn rows(count: usize) -> String {
    match count {
        1 => "one row".to_owned(),
        TOLD_MOST => format!("{TOLD_MOST} rows or more"),
        count => format!("{count} rows"),
    }
}

/// Reads a report as a CSV file in UTF-8. Either every row is understood, or none counts.
///
/// # Errors
/// With each row that is wrong, its column and what to do.
pub fn read(plan: &EarningPlan, from: Date, until: Date, file: impl Read) -> Result<Report, Unusable> {
    let mut table = csv::ReaderBuilder::new().from_reader(file);
    let unreadable = |error: csv::Error| Unusable::Table(format!("is no CSV table in UTF-8: {error}"));
    let headings = table.headers().map_err(unreadable)?.clone();
    let place: BTreeMap<&str, usize> =
        headings.iter().enumerate().map(|(at, name)| (name.trim_start_matches('\u{feff}').trim(), at)).collect();
    let columns = &plan.columns;
    for heading in [&columns.partner, &columns.sku, &columns.reference, &columns.on, &columns.net] {
        let named = |name: &&str| name.trim_start_matches('\u{feff}').trim() == heading;
        if headings.iter().filter(named).count() > 1 {
            return Err(Unusable::Table(format!("has column `{heading}` twice; rename one of them")));
        }
        if !place.contains_key(heading.as_str()) {
            return Err(Unusable::Table(format!(
                "has no column `{heading}`, which the plan names; correct one of them"
            )));
        }
    }
    let (mut report, mut bad, mut seen) = (Report::default(), Vec::new(), BTreeSet::new());
    for (at, record) in table.records().enumerate() {
        let (row, record) = (at as u64 + 2, record.map_err(unreadable)?);
        if at as u64 >= ROWS_MOST {
            return Err(Unusable::Table(format!("has more than {ROWS_MOST} rows; divide it")));
        }
        let sale = plan.sale(row, |heading| place.get(heading).and_then(|at| record.get(*at)));
        let sale = sale.and_then(|sale| match sale {
            Some(sale) => fits(plan, from, until, &mut seen, sale).map(Some),
            None => Ok(None),
        });
        match sale {
            Ok(Some(sale)) => report.sales.entry(sale.partner.clone()).or_default().push(sale),
            Ok(None) => report.not_counted += 1,
            Err(wrong) => bad.push(wrong),
        }
        if bad.len() == TOLD_MOST {
            break;
        }
    }
    if bad.is_empty() { Ok(report) } else { Err(Unusable::Rows(bad)) }
}

fn fits(
    plan: &EarningPlan,
    from: Date,
    until: Date,
    seen: &mut BTreeSet<(PartyId, String, String)>,
    sale: Sale,
) -> Result<Sale, BadRow> {
    let bad = |column: &str, message: String| BadRow { row: sale.row, column: column.to_owned(), message };
    if sale.on < from || until < sale.on {
        let message = format!("{} is not from {from} to {until}; enter the report of that period", sale.on);
        return Err(bad(&plan.columns.on, message));
    }
    if !seen.insert((sale.partner.clone(), sale.reference.clone(), sale.sku.clone())) {
        let message = format!("`{}` stands there twice for `{}`; take one of the rows out", sale.reference, sale.sku);
        return Err(bad(&plan.columns.reference, message));
    }
    Ok(sale)
}

/// Keeps a partner's sales, and says under which hash.
///
/// # Errors
/// When the database cannot be written.
pub async fn put(store: &dyn Store, plan: &str, sales: &[Sale], by: &str, at: Timestamp) -> Result<String, DeskError> {
    let text = kept(plan, sales);
    versions::put(store, (KIND, &named(plan, sales), 1), &text, Author { by, at }).await
}

/// The hash under which a partner's sales are kept.
pub fn named(plan: &str, sales: &[Sale]) -> String {
    hex::encode(Sha256::digest(kept(plan, sales).as_bytes()))
}

fn kept(plan: &str, sales: &[Sale]) -> String {
    json!({ "plan": plan, "sales": sales }).to_string()
}

/// A partner's sales as they were kept.
///
/// # Errors
/// When there are none under the hash, or they cannot be read.
pub async fn get(store: &dyn Store, sha256: &str) -> Result<Vec<Sale>, DeskError> {
    #[derive(serde::Deserialize)]
    struct Kept {
        sales: Vec<Sale>,
    }
    let stored = store.document_by_hash(KIND, sha256).await?;
    let stored =
        stored.ok_or_else(|| entente_store::Error::NotFound { kind: "sales report", id: sha256.to_owned() })?;
    let kept: Kept = serde_json::from_str(&stored.text)
        .map_err(|error| DeskError::Unreadable { what: format!("sales report `{sha256}`"), why: error.to_string() })?;
    Ok(kept.sales)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = "plan: p\nversion: 1\ntitle: t\ncurrency: EUR\nlines: { cloud: 3 }\nskus: { NB-1: cloud }\n\
        not_counted: [FREE]\npartners: { Nordlicht: nordlicht }\n\
        columns: { partner: Partner, sku: SKU, reference: Line, on: Date, net: Net }\n";

    fn report(text: &str) -> Result<Report, Unusable> {
        let plan = EarningPlan::from_yaml("plan", PLAN).unwrap();
        let day = |text: &str| text.parse().unwrap();
        read(&plan, day("2026-07-01"), day("2026-12-31"), text.as_bytes())
    }

    #[test]
    fn columns_stand_in_any_order_and_a_byte_order_mark_is_no_part_of_a_heading() {
        let text = "\u{feff}SKU,Net,Extra,Partner,Line,Date\nNB-1,10.00,x,Nordlicht,A,2026-07-01\nFREE,,,,,\n";
        let report = report(text).unwrap();
        let sales: Vec<(u64, i64)> = report.sales.values().flatten().map(|sale| (sale.row, sale.net.minor)).collect();
        assert_eq!((sales, report.not_counted), (vec![(2, 1_000)], 1));
    }

    #[test]
    fn every_row_that_cannot_be_counted_is_told_and_then_none_counts() {
        let text = "Partner,SKU,Line,Date,Net\nNordlicht,NB-1,A,2026-07-01,1.00\nNordlicht,NB-1,A,2026-07-02,1.00\n\
            Nordlicht,NB-1,B,2027-01-01,1.00\nNobody,NB-1,C,2026-07-01,1.00\nNordlicht,NB-1,C,2026-07-01,=1+1\n";
        let Err(Unusable::Rows(bad)) = report(text) else { panic!("it was taken") };
        let told: Vec<(u64, &str)> = bad.iter().map(|bad| (bad.row, bad.column.as_str())).collect();
        assert_eq!(told, [(3, "Line"), (4, "Date"), (5, "Partner"), (6, "Net")]);
    }

    #[test]
    fn what_is_no_such_table_is_told_as_a_whole() {
        assert!(matches!(report("Partner,SKU\nx,y\n"), Err(Unusable::Table(why)) if why.contains("no column `Line`")));
        assert!(matches!(report("Partner,SKU,Line,Date,Net\nx\n"), Err(Unusable::Table(_))));
        let twice = report("Partner,SKU,Line,Date,Net,Net\nNordlicht,NB-1,A,2026-07-01,1.00,2.00\n");
        assert!(matches!(twice, Err(Unusable::Table(why)) if why.contains("has column `Net` twice")));
        let many: String = (0..150).map(|row| format!("Nobody,NB-1,{row},2026-07-01,1.00\n")).collect();
        let Err(Unusable::Rows(bad)) = report(&format!("Partner,SKU,Line,Date,Net\n{many}")) else { panic!() };
        assert_eq!(bad.len(), TOLD_MOST);
    }
}
