//! The warehouse's SQL decides as the program does, on a table that has every combination of what rules ask about.
//!
//! `cargo xtask test focus` provides DuckDB; without `ENTENTE_FOCUS_PYTHON` that test says so and ends.

use std::{collections::BTreeMap, path::Path, process::Command};

use entente_core::commitment::{
    Commitment, SumKey, Weight,
    eligibility::{Channel, ChargeKind, Frequency, Line, Mark, Pricing, Rules, Sums, daily_sums},
    warehouse::{MARKS, tables},
};
use jiff::civil::Date;

use super::support::{GLOBEX, amount, commitment, day, own, shipped, usage};

/// Rules that contradict each other, overlap, lie above and below the shipped ones, and test every date.
const OWN: &str = "rules:
  - { rule: own-1, title: half of product-a, tests: charge, known_from: 2026-11-30, source: { kind: contract, at: c, read: 2026-11-30 }, precedence: 90, when: { products: [product-a] }, effect: { counts_at: \"50\" } }
  - { rule: own-2, title: a quarter of it, tests: charge, known_from: 2026-11-30, source: { kind: contract, at: c, read: 2026-11-30 }, precedence: 90, when: { products: [product-a], marks: { vendor_opted_in: true } }, effect: { counts_at: \"25\" } }
  - { rule: own-3, title: nobody knows, tests: invoice, valid_from: 2026-06-01, valid_through: 2026-08-31, known_from: 2026-11-30, source: { kind: told, at: c, read: 2026-11-30 }, precedence: 95, when: { marks: { professional_services: true } }, effect: unknown }
  - { rule: own-4, title: counts after all, tests: purchase, valid_from: 2026-01-01, known_from: 2026-11-30, source: { kind: contract, at: c, read: 2026-11-30 }, precedence: 95, when: { channels: [reseller], pricing: [paid], kinds: [purchase, refund] }, effect: counts }
  - { rule: own-5, title: bought before, tests: purchase, known_from: 2026-11-30, source: { kind: contract, at: c, read: 2026-11-30 }, precedence: 99, when: { before_commitment: true, frequencies: [one_time] }, effect: excluded }
  - { rule: own-6, title: not known yet, tests: charge, known_from: 2029-01-01, source: { kind: contract, at: c, read: 2026-11-30 }, precedence: 100, effect: excluded }
  - { rule: own-7, title: one account, tests: activation, valid_through: 2026-03-31, known_from: 2026-11-30, source: { kind: contract, at: c, read: 2026-11-30 }, precedence: 97, when: { accounts: [\"444455556666\"] }, effect: { counts_at: \"80\" } }
";

fn rules() -> Rules {
    shipped().and(own(OWN))
}

const KNOWN_ON: &str = "2028-06-30";

/// A number that looks drawn and is always the same.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn day(&mut self) -> Date {
        day("2025-11-01").checked_add(jiff::Span::new().days(i64::try_from(self.below(700)).unwrap())).unwrap()
    }
}

fn lines() -> Vec<Line> {
    let mut drawn = Drawn(7);
    let kinds = [
        ChargeKind::Usage,
        ChargeKind::Purchase,
        ChargeKind::Adjustment,
        ChargeKind::Support,
        ChargeKind::Tax,
        ChargeKind::Credit,
        ChargeKind::Refund,
        ChargeKind::SavingsPlanFee,
        ChargeKind::ReservationFee,
    ];
    let mut out = Vec::new();
    for at in 0..4_000 {
        let mut line = usage("2026-01-01", "0");
        line.account = drawn.of(&["111122223333", "444455556666", "999900001111"]).to_owned();
        line.product = drawn.of(&["product-a", "product, \"b\"", "compute"]).to_owned();
        line.channel = drawn.of(&[Channel::Cloud, Channel::Marketplace, Channel::Reseller]);
        line.kind = drawn.of(&kinds);
        line.frequency = drawn.of(&[Frequency::OneTime, Frequency::Recurring, Frequency::UsageBased]);
        line.pricing = drawn.of(&[Pricing::Paid, Pricing::Paid, Pricing::Free, Pricing::BringYourOwn]);
        line.dates.charge = drawn.day();
        let mut maybe = || (drawn.below(3) > 0).then(|| drawn.day());
        (line.dates.purchase, line.dates.activation) = (maybe(), maybe());
        (line.dates.invoice, line.dates.original) = (maybe(), maybe());
        line.marks = MARKS
            .into_iter()
            .filter_map(|mark| drawn.of(&[None, Some(true), Some(false)]).map(|is| (mark, is)))
            .collect();
        line.amount = amount(&format!("{}.{:012}", at % 977, at * 7_919));
        out.push(line);
    }
    out
}

fn word<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn charges(lines: &[Line]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let plain = "account product channel kind frequency pricing charge_day purchase_day activation_day invoice_day original_day";
    let header = plain.split(' ').map(str::to_owned).chain(MARKS.map(Mark::word)).chain(["amount".to_owned()]);
    writer.write_record(header).unwrap();
    for line in lines {
        let dates = &line.dates;
        let maybe = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        let row = [
            line.account.clone(),
            line.product.clone(),
            word(&line.channel),
            word(&line.kind),
            word(&line.frequency),
            word(&line.pricing),
            dates.charge.to_string(),
            maybe(dates.purchase),
            maybe(dates.activation),
            maybe(dates.invoice),
            maybe(dates.original),
        ];
        let marks = MARKS.map(|mark| line.marks.get(&mark).map(bool::to_string).unwrap_or_default());
        writer.write_record(row.into_iter().chain(marks).chain([String::from(line.amount)])).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// What the SQL makes of them. `None` without a DuckDB.
fn in_a_warehouse(name: &str, commitment: &Commitment, lines: &[Line]) -> Option<Sums> {
    let Ok(python) = std::env::var("ENTENTE_FOCUS_PYTHON") else {
        println!("skipped: ENTENTE_FOCUS_PYTHON names no Python with DuckDB; run `cargo xtask test focus`");
        return None;
    };
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("warehouse-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("charges.csv"), charges(lines)).unwrap();
    for (table, text) in tables(commitment, &rules(), day(KNOWN_ON)).unwrap() {
        std::fs::write(folder.join(format!("{table}.csv")), text).unwrap();
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let statement = root.join("../../eligibility/warehouse/daily_sums.sql");
    let output =
        Command::new(python).arg(root.join("tests/focus/warehouse.py")).arg(&folder).arg(statement).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut sums = Sums::new();
    let mut reader = csv::Reader::from_reader(&output.stdout[..]);
    let header = "day,account,product,part,reason,weight_least,weight_most,currency,amount";
    assert_eq!(reader.headers().unwrap().iter().collect::<Vec<_>>().join(","), header, "the shape that is imported");
    for row in reader.records() {
        let row = row.unwrap();
        let key = SumKey {
            day: day(&row[0]),
            account: row[1].into(),
            product: row[2].into(),
            part: serde_json::from_value(row[3].into()).unwrap(),
            reason: row[4].parse().unwrap(),
            weight: Weight { least: row[5].parse().unwrap(), most: row[6].parse().unwrap() },
        };
        assert_eq!(&row[7], commitment.currency.to_string());
        assert_eq!(sums.insert(key, amount(&row[8])), None, "a key stands there once");
    }
    Some(sums)
}

fn contracts() -> Vec<(&'static str, Commitment)> {
    let amended = include_str!("amended.yaml");
    let google = GLOBEX.replace("cloud: aws", "cloud: google").replace("dated_by: charge", "dated_by: activation");
    vec![
        ("aws", commitment(GLOBEX)),
        ("google", commitment(&google.replace("counts: \"100\"", "counts: unknown"))),
        ("microsoft", commitment(amended)),
        (
            "ignored",
            commitment(
                &amended.replace("credits: original_period", "credits: ignored").replace("refund_period", "ignored"),
            ),
        ),
    ]
}

#[test]
fn the_sql_decides_as_the_program_does() {
    let lines = lines();
    for (name, commitment) in contracts() {
        let expected = daily_sums(&commitment, &rules(), day(KNOWN_ON), &lines).unwrap();
        let reasons: BTreeMap<String, usize> = expected.keys().fold(BTreeMap::new(), |mut found, key| {
            *found.entry(key.reason.to_string()).or_default() += 1;
            found
        });
        assert!(reasons.len() >= 9 && expected.len() > 3_000, "the table asks enough: {reasons:?}");
        let Some(sums) = in_a_warehouse(name, &commitment, &lines) else { return };
        let differing = expected.iter().find(|(key, sum)| sums.get(key) != Some(sum));
        assert_eq!(differing, None, "{name}");
        assert_eq!(sums.len(), expected.len(), "{name}");
        println!("{name}: {} charges, {} sums, {} reasons: equal", lines.len(), sums.len(), reasons.len());
    }
}

#[test]
fn a_bill_gives_the_charges_that_were_written_out_by_hand() {
    let Ok(python) = std::env::var("ENTENTE_FOCUS_PYTHON") else { return };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let statements = root.join("../../eligibility/warehouse");
    let output = Command::new(python).arg(root.join("tests/focus/bill.py")).arg(statements).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_would_break_the_tables_is_refused() {
    let rules = own(&OWN.replace("product-a", "a|b"));
    let error = tables(&commitment(GLOBEX), &rules, day(KNOWN_ON)).unwrap_err().to_string();
    assert!(error.contains("`a|b` has a `|`"), "{error}");
    assert!(tables(&commitment(GLOBEX), &shipped(), day("2020-01-01")).unwrap_err().to_string().contains("no terms"));
}
