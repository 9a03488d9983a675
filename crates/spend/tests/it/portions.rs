//! However a file is read, its rows add up to the same.

use std::collections::BTreeMap;

use entente_core::commitment::Amount;
use entente_spend::{Limits, SpendError};
use proptest::prelude::*;

use crate::{
    files::{HEADING, Whole, file, gzipped, read_in, row, wanted},
    parquet::{Stored, parquet},
};

const DAYS: [&str; 4] = ["2026-03-05 10:00:00", "2026-03-05T23:59:59Z", "2026-03-06", "soon"];
const PRODUCTS: [&str; 4] = ["Amazon S3", "OpenShift", "Ünïcode, \"quoted\"", ""];
const COSTS: [&str; 6] = ["1.25", "-0.5", "1e-6", "123456789.123456789012", "none", "NULL"];

fn any_row() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    (0..4_usize, 0..4_usize, 0..6_usize, 0..8_u8).prop_map(|(day, product, cost, rare)| {
        let mut changes = vec![
            ("ChargePeriodStart", DAYS[day]),
            ("ChargePeriodEnd", "2026-03-08 00:00:00"),
            ("ServiceName", PRODUCTS[product]),
            ("BilledCost", COSTS[cost]),
        ];
        match rare {
            0 => changes.push(("BillingCurrency", "EUR")),
            1 => changes.push(("ChargeCategory", "Credit")),
            2 => changes.push(("PublisherName", "Acme Inc.")),
            _ => {}
        }
        changes
    })
}

/// What a reading comes to: classes by what they say, with their sums and rows, and the quarantine.
type Said = (BTreeMap<String, (Amount, u64)>, BTreeMap<String, u64>);

fn said(wholes: &[Whole]) -> Said {
    let (mut classes, mut quarantined) = (BTreeMap::new(), BTreeMap::new());
    for portion in wholes.iter().flat_map(|whole| &whole.portions) {
        for class in &portion.classes {
            let mut words = class.line.clone();
            words.amount = Amount::ZERO;
            let held: &mut (Amount, u64) = classes.entry(format!("{words:?}")).or_default();
            *held = (held.0.plus(class.line.amount).unwrap(), held.1 + class.rows);
        }
        for bad in &portion.quarantined {
            *quarantined.entry(format!("{} {}", bad.reason, bad.column)).or_default() += bad.rows;
        }
    }
    (classes, quarantined)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn portions_and_formats_and_stops_make_no_difference(
        rows in prop::collection::vec(any_row(), 1..60),
        size in 1_u64..70,
        classes in 1_usize..6,
        stop in 0_u64..60,
        stored in prop::sample::select(vec![Stored::Dictionary, Stored::Plain, Stored::Delta]),
    ) {
        let lines: Vec<String> = rows.iter().map(|changes| row(changes)).collect();
        let csv = format!("{HEADING}{}", lines.concat()).into_bytes();
        let wanted = wanted("aws");
        let whole = read_in(&file(&csv), &wanted, 0, Limits::default()).unwrap();
        let expected = said(std::slice::from_ref(&whole));
        prop_assert_eq!(whole.portions.len(), 1);
        let limits = Limits { classes, rows: size };
        let stop = stop.min(rows.len() as u64);
        for bytes in [csv.clone(), gzipped(&csv), parquet(&csv, stored, 7)] {
            let file = file(&bytes);
            let parts = read_in(&file, &wanted, 0, limits).unwrap();
            // A portion begins where the one before it ended.
            let mut through = 0;
            for portion in &parts.portions {
                prop_assert_eq!(portion.after, through);
                prop_assert!(portion.through - portion.after <= size);
                prop_assert!(portion.classes.len() <= classes);
                through = portion.through;
            }
            prop_assert_eq!(through, rows.len() as u64);
            prop_assert_eq!(&said(&[parts]), &expected);
            let rest = read_in(&file, &wanted, stop, limits).unwrap();
            let first: Vec<String> = lines.iter().take(usize::try_from(stop).unwrap()).cloned().collect();
            let first = format!("{HEADING}{}", first.concat()).into_bytes();
            let first = read_in(&crate::files::file(&first), &wanted, 0, limits).unwrap();
            prop_assert_eq!(&said(&[first, rest]), &expected);
        }
    }
}

#[test]
fn a_file_that_has_become_shorter_is_not_read_on() {
    let csv = format!("{HEADING}{}", row(&[]));
    let refused = read_in(&file(csv.as_bytes()), &wanted("aws"), 2, Limits::default());
    assert!(matches!(refused, Err(SpendError::Shorter { rows: 1, after: 2 })));
}
