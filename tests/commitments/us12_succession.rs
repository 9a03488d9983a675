//! US-12: a new commitment starts before the old one is used up. Which of the two the spend counts for is a field of the contract.

use entente_core::commitment::{
    Commitment,
    eligibility::{ChargeKind, Line},
};
use serde_json::{Value, json};

use crate::{
    contracts::Contract,
    desk::{Desk, Spend, rules},
    lines::{cloud, day, days},
};

/// A commitment of a million from a day to the end of a year, that follows another in some way.
fn contract(party: &str, id: &str, (from, through): (&str, &str), succession: &str) -> String {
    let period = format!(
        r#"from: {from}, through: {through}, amount: "1000000.00", true_up: {{ due: 2028-07-31, buys: nothing }}"#
    );
    Contract { id, party, succession, valid: (from, "2026-12-01"), periods: &[&period] }.document()
}

/// 3,000.00 a day from January to July: 212 days, 636,000.00 in all, 543,000.00 of it before July.
fn bills() -> Vec<Line> {
    days(day("2027-01-01"), day("2027-07-31")).map(|today| cloud(today, ChargeKind::Usage, "3000.00")).collect()
}

/// An old commitment of this year and a new one from July on, both with the same bills; what each shows of the end of July.
async fn both(desk: &Desk, party: &str, how: &str) -> (Value, Value) {
    let (old, new) = (format!("{party}-old"), format!("{party}-new"));
    let follows = format!("succession: {{ to: {old}, how: {how} }}");
    let texts = [
        contract(party, &old, ("2027-01-01", "2027-12-31"), ""),
        contract(party, &new, ("2027-07-01", "2028-06-30"), &follows),
    ];
    let mut entered: Vec<Commitment> = Vec::new();
    for text in &texts {
        entered.push(desk.enter(text).await);
    }
    for commitment in &entered {
        let covers = (day("2027-01-01"), day("2027-07-31"));
        desk.take_in(&Spend { commitment, rules: &rules(), lines: &bills(), covers }).await;
    }
    let show = async |id: &str| desk.told(&["show", id, "--as-of", "2027-07-31"]).await;
    (show(&old).await, show(&new).await)
}

fn eligible(shown: &Value) -> &Value {
    &shown["figures"]["eligible"]["least"]
}

/// A commitment that cannot follow is refused when it is entered, and the figures of the one before it stay.
#[tokio::test(flavor = "multi_thread")]
async fn a_commitment_that_would_break_its_sequence_is_refused_and_a_former_stays_while_it_is_followed() {
    let desk = Desk::open("2027-08-01T09:00:00Z").await;
    let after = |id: &str| contract("globex", id, ("2027-07-01", "2028-06-30"), "succession: { to: old, how: after }");
    desk.enter(&contract("globex", "old", ("2027-01-01", "2027-12-31"), "")).await;
    desk.enter(&after("new")).await;

    let refused = async |args: &[&str], why: &str| {
        let (code, _, words) = desk.says("mia", &[&["commitment"], args].concat()).await;
        assert!(code != 0 && words.contains(why), "{args:?}: {code}: {words}");
    };
    let other = desk.write("other.yaml", &after("other"));
    refused(&["create", &other], "both come after `old`").await;
    refused(&["create", &other, "--dry-run"], "both come after `old`").await;
    let basis =
        desk.write("basis.yaml", &after("other").replace("tax: excluded", "tax: counts").replace("to: old", "to: new"));
    refused(&["create", &basis], "cannot go on to `other`").await;
    let home = desk.write("home.yaml", &after("other").replace("acme-us", "acme-de"));
    refused(&["create", &home], "which is not among the commitments").await;
    refused(&["withdraw", "old", "--reason", "a mistake"], "`new` follows `old`").await;
    let own = contract("globex", "old", ("2027-01-01", "2027-12-31"), "succession: { to: new, how: parallel }");
    let circle = desk.write(
        "circle.yaml",
        &format!("{own}{}", own.split_once("versions:\n").unwrap().1.replace("2026-12-01", "2027-01-01")),
    );
    refused(&["revise", "old", &circle, "--reason", "a mistake"], "follows itself").await;
    for id in ["old", "new"] {
        assert_eq!(desk.told(&["show", id]).await["figures"]["eligible"]["most"], json!("0"));
    }

    desk.commitment(&["withdraw", "new", "--reason", "a mistake", "--wait", "30s"]).await;
    desk.commitment(&["create", &other, "--wait", "30s"]).await;
    assert_eq!(desk.told(&["show", "old"]).await["next"][0]["commitment"], json!("other"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contract_s_field_says_which_of_two_commitments_spend_counts_for() {
    let desk = Desk::open("2027-08-01T09:00:00Z").await;
    // After: the old one is not used up, and all of it counts there.
    let (old, new) = both(&desk, "globex", "after").await;
    assert_eq!((eligible(&old), eligible(&new)), (&json!("636000"), &json!("0")));
    assert_eq!((&new["start"], &new["former"]["how"]), (&json!("waiting"), &json!("after")));
    assert_eq!(old["next"][0]["commitment"], json!("globex-new"));

    // Supersede: from July on nothing counts for the old one, and nothing more is due of it.
    let (old, new) = both(&desk, "initech", "supersede").await;
    assert_eq!((eligible(&old), eligible(&new)), (&json!("543000"), &json!("93000")));
    assert_eq!(old["figures"]["standing"], json!(["replaced", "replaced"]));
    desk.commitment(&["look", "initech-old", "--wait", "30s"]).await;
    desk.until("initech-old", "it is superseded", |_, state| state == "superseded").await;

    // Parallel: what is in the scope of both counts for both.
    let (old, new) = both(&desk, "hooli", "parallel").await;
    assert_eq!((eligible(&old), eligible(&new)), (&json!("636000"), &json!("93000")));
}
