//! US-10 at its full size: five thousand past offers are judged again, and nothing but the simulation is written.

use std::{collections::BTreeMap, sync::Arc};

use entente::offers::simulation;
use entente_core::policy::Policy;
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    counted::Counted,
    installation::Installation,
    past::{self, Came, Past},
};

const OFFERS: usize = 5000;

/// Offers of more than twelve months ago, which do not count.
const OLDER: usize = 300;

/// The most runs that one read of the database brings.
const PAGE: usize = 1000;

const OLD: &str = "
policy: private_offer
version: 2
requested_by: [alliance_manager]
rows:
  - { id: discount_over_20, when: [{ fact: discount_bp, op: gt, value: 2000 }], role: sales_director, projection: commercial }
  - { id: big, when: [{ fact: value_minor, op: gt, value: { USD: 90000000, EUR: 80000000 } }], role: cfo, projection: commercial }
default: { id: second_look, role: deal_desk, projection: commercial }
";

/// Asks more about middling discounts, and nobody about size.
const NEW: &str = "
policy: private_offer
version: 3
requested_by: [alliance_manager]
rows:
  - { id: discount_over_10, when: [{ fact: discount_bp, op: gt, value: 1000 }], role: deal_desk, projection: commercial }
  - { id: discount_over_20, when: [{ fact: discount_bp, op: gt, value: 2000 }], role: sales_director, projection: commercial }
default: { id: second_look, role: deal_desk, projection: commercial }
";

/// Discounts of 0 to 30 per cent, values of up to a million, two currencies; the older ones come last.
fn all() -> Vec<Past> {
    let now = Timestamp::now();
    let of = |number: usize| {
        let n = i64::try_from(number).unwrap();
        let hours = if number < OFFERS { 24 + n % 8000 } else { 24 * 380 + n % 1000 };
        Past {
            number,
            discount_bp: (n * 37) % 3001,
            value_minor: 100_000 + (n * 7_919_003) % 100_000_000,
            currency: if number.is_multiple_of(3) { "EUR" } else { "USD" },
            at: now.checked_sub(hours.hours()).unwrap(),
            came: match number % 20 {
                3 => Came::Asked,
                7 => Came::Withdrawn,
                _ => Came::Submitted,
            },
        }
    };
    (0..OFFERS + OLDER).map(of).collect()
}

/// What the old policy asks about an offer, and the new one.
fn asked(past: &Past) -> (Vec<&'static str>, Vec<&'static str>) {
    let big = past.value_minor > if past.currency == "USD" { 90_000_000 } else { 80_000_000 };
    let rows = |rows: &[(bool, &'static str)]| {
        let asked: Vec<_> = rows.iter().filter(|(asked, _)| *asked).map(|(_, row)| *row).collect();
        if asked.is_empty() { vec!["second_look"] } else { asked }
    };
    let over_20 = (past.discount_bp > 2000, "discount_over_20");
    (rows(&[over_20, (big, "big")]), rows(&[(past.discount_bp > 1000, "discount_over_10"), over_20]))
}

/// Everything that the database holds, except what simulations leave behind.
fn state(installation: &Installation) -> String {
    let database = rusqlite::Connection::open(installation.folder().join("entente.db")).unwrap();
    let column = |sql: &str| -> Vec<String> {
        let mut statement = database.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let mut hasher = Sha256::new();
    for table in column("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") {
        let names = column(&format!("SELECT name FROM pragma_table_info('{table}')"));
        let quoted: Vec<String> = names.iter().map(|name| format!("quote(\"{name}\")")).collect();
        let besides = if table == "documents" { "WHERE kind <> 'simulation'" } else { "" };
        hasher.update(&table);
        for row in column(&format!("SELECT {} FROM \"{table}\" {besides} ORDER BY 1", quoted.join(" || ',' || "))) {
            hasher.update(row);
        }
    }
    hex::encode(hasher.finalize())
}

fn policy(text: &str) -> Policy {
    Policy::from_yaml("policy.yaml", text).unwrap()
}

/// The value of the offers that this concerns, by currency.
fn worth<'a>(offers: impl Iterator<Item = &'a Past>) -> Value {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for past in offers {
        *sums.entry(past.currency).or_default() += past.value_minor;
    }
    sums.into_iter().map(|(currency, minor)| json!({ "minor": minor, "currency": currency })).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_thousand_past_offers_are_judged_again_with_their_money_and_nothing_else_changes() {
    let all = all();
    let installation = Installation::new();
    installation.write("old.yaml", OLD);
    installation.write("new.yaml", NEW);
    installation.activate("old.yaml");
    past::write(&installation.folder().join("entente.db"), &policy(OLD), &all).await;
    let before = state(&installation);
    let judged = installation.run(&["--actor", "dan", "policy", "simulate", "new.yaml", "--json"]).ok().json();
    assert_eq!(state(&installation), before, "trying it changes nothing");

    assert_eq!(judged["subjects"], OFFERS, "the older ones do not count");
    let ours = &all[..OFFERS];
    let differs = |past: &&Past| asked(past).0 != asked(past).1;
    let found: BTreeMap<&str, &Value> = judged["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| (difference["label"].as_str().unwrap(), difference))
        .collect();
    assert_eq!(found.len(), ours.iter().filter(differs).count());
    for past in ours.iter().filter(differs) {
        let difference = found[past.label().as_str()];
        let rows = |name: &str| -> Vec<String> {
            let asked = difference[name].as_array().unwrap().iter();
            asked.map(|asked| asked["row"].as_str().unwrap().to_owned()).collect()
        };
        let (old, new) = asked(past);
        let only = |these: &[&str], those: &[&str]| -> Vec<String> {
            these.iter().filter(|row| !those.contains(row)).map(|row| (*row).to_owned()).collect()
        };
        assert_eq!((rows("newly"), rows("no_longer")), (only(&new, &old), only(&old, &new)), "{past:?}");
        assert_eq!(judged["values"][past.label()], json!({ "minor": past.value_minor, "currency": past.currency }));
    }
    let more = |past: &&Past| asked(past).1.iter().any(|row| !asked(past).0.contains(row));
    let less = |past: &&Past| asked(past).0.iter().any(|row| !asked(past).1.contains(row));
    assert_eq!(judged["asked_more"], worth(ours.iter().filter(more)));
    assert_eq!(judged["asked_less"], worth(ours.iter().filter(less)));

    reads_little(&installation, &judged).await;

    let activate =
        |more: &[&str]| installation.run(&[&["--actor", "ann", "policy", "activate", "new.yaml"], more].concat()).code;
    assert_eq!(activate(&[]), 2, "without the simulation's id it stays as it is");
    assert_eq!(activate(&["--simulation", "0000"]), 3);
    assert_eq!(state(&installation), before);
    assert_eq!(activate(&["--simulation", judged["id"].as_str().unwrap()]), 0);
    assert_eq!(installation.run(&["policy", "show", "--json"]).ok().json()["version"], 3);
}

/// Each page of runs is read once, and nothing else is asked.
async fn reads_little(installation: &Installation, judged: &Value) {
    let path = installation.folder().join("entente.db");
    let store = Arc::new(SqliteStore::open(&path, OpenOptions::new(Mode::Beside)).await.unwrap());
    let counted = Counted::of(store.clone());
    let since = Timestamp::now().checked_sub((365 * 24).hours()).unwrap();
    let again = simulation::judge(&counted, &policy(OLD), &policy(NEW), since).await.unwrap();
    assert_eq!(judged["id"], again.simulation.id, "the same past, judged by the same policies");
    let asked = counted.asked();
    assert_eq!(asked.keys().copied().collect::<Vec<_>>(), ["runs"], "{asked:?}");
    assert!(asked["runs"] <= OFFERS / PAGE + 1, "{asked:?}");
    store.close().await;
}
