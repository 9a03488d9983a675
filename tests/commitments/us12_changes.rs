//! US-12: the eligibility of a product ends in the middle of a term. Only what came after is judged anew, both versions are
//! kept, and what was told before can be told again.

use entente_core::commitment::{
    Commitment,
    eligibility::{ChargeKind, Line, Rules, State, recompute},
};
use serde_json::{Value, json};

use crate::{
    contracts::Contract,
    desk::{Desk, Spend, rules},
    lines::{bought, cloud, day, days},
};

const ID: &str = "globex-2027";

fn contract() -> String {
    let period =
        r#"from: 2027-01-01, through: 2027-12-31, amount: "1200000.00", true_up: { due: 2028-01-31, buys: nothing }"#;
    let valid = ("2027-01-01", "2026-12-01");
    Contract { id: ID, party: "globex", succession: "", valid, periods: &[period] }.document()
}

/// What product P is said to do from July on.
fn said(effect: &str, precedence: u32) -> String {
    format!(
        "
  - rule: acme-1
    title: product P {effect} from July 2027 on
    cloud: aws
    tests: invoice
    valid_from: 2027-07-01
    known_from: 2027-07-20
    source: {{ kind: secondary, at: a letter of the cloud, read: 2027-07-20 }}
    precedence: {precedence}
    when: {{ products: [P] }}
    effect: {effect}"
    )
}

fn and(own: &[String]) -> Rules {
    rules().and(Rules::from_yaml("own.yaml", &format!("rules:{}\n", own.concat())).unwrap())
}

/// 3,000.00 a day of compute, and 10,000.00 for product P on each tenth: January to July.
fn bills() -> Vec<Line> {
    let days = days(day("2027-01-01"), day("2027-07-31"));
    let charges = days.flat_map(|today| {
        let compute = cloud(today, ChargeKind::Usage, "3000.00");
        let product = (today.day() == 10).then(|| bought(today, "P", true, "10000.00"));
        std::iter::once(compute).chain(product)
    });
    charges.collect()
}

async fn eligible(desk: &Desk, args: &[&str]) -> Value {
    desk.told(&[&["show", ID, "--as-of", "2027-07-31"], args].concat()).await["figures"]["eligible"].clone()
}

fn exactly(amount: &str) -> Value {
    json!({ "least": amount, "most": amount })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_ends_in_july_changes_july_alone_and_both_versions_are_kept() {
    let (lines, ended) = (bills(), and(&[said("excluded", 90)]));
    let desk = Desk::open("2027-08-02T09:00:00Z").await;
    let commitment = desk.enter(&contract()).await;
    let covers = (day("2027-01-01"), day("2027-07-31"));
    desk.take_in(&Spend { commitment: &commitment, rules: &rules(), lines: &lines, covers }).await;
    // 212 × 3,000.00 + 7 × 10,000.00.
    assert_eq!(eligible(&desk, &[]).await, exactly("706000"));

    let known_on = day("2027-08-04");
    let state = |rules| State { commitment: &commitment, rules, known_on };
    let compared = recompute(&lines, state(&rules()), state(&ended)).unwrap();
    assert_eq!(
        (compared.from, compared.judged),
        (Some(day("2027-07-10")), 32),
        "the charges of July alone are judged anew"
    );

    desk.pass_days(2).await;
    desk.looked_on(ID, known_on).await;
    desk.take_in(&Spend { commitment: &commitment, rules: &ended, lines: &lines, covers }).await;
    assert_eq!(eligible(&desk, &[]).await, exactly("696000"));
    assert_eq!(
        desk.alerts(ID, "eligibility").await,
        ["2027-08-04"],
        "it is told of product P, on the day that it was judged"
    );
    desk.notices("what counts of `P` has changed on 2027-08-04", 1).await;
    desk.pass_days(1).await;
    desk.looked_on(ID, day("2027-08-05")).await;
    assert_eq!(desk.alerts(ID, "eligibility").await, ["2027-08-04"], "and told once");
    assert_eq!(eligible(&desk, &["--known-on", "2027-08-03"]).await, exactly("706000"), "as it was told before");
    let until_june = ["show", ID, "--as-of", "2027-06-30"];
    let june = |shown: Value| shown["figures"]["eligible"].clone();
    let (now, before) =
        (desk.told(&until_june).await, desk.told(&[&until_june[..], &["--known-on", "2027-08-03"]].concat()).await);
    assert_eq!(june(now), june(before), "nothing before July has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_contradict_each_other_give_a_band() {
    let desk = Desk::open("2027-08-02T09:00:00Z").await;
    let commitment = desk.enter(&contract()).await;
    let both = and(&[said("excluded", 90), said("counts", 90)]);
    let covers = (day("2027-01-01"), day("2027-07-31"));
    desk.take_in(&Spend { commitment: &commitment, rules: &both, lines: &bills(), covers }).await;
    assert_eq!(eligible(&desk, &[]).await, json!({ "least": "696000", "most": "706000" }));
    let words = desk.commitment(&["show", ID, "--as-of", "2027-07-31"]).await;
    assert!(words.contains("USD 696,000.00 to USD 706,000.00"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_is_a_version_more_and_takes_nothing_back() {
    let desk = Desk::open("2027-08-02T09:00:00Z").await;
    let commitment: Commitment = desk.enter(&contract()).await;
    let covers = (day("2027-01-01"), day("2027-07-31"));
    desk.take_in(&Spend { commitment: &commitment, rules: &rules(), lines: &bills(), covers }).await;
    let amended = format!(
        "{}  - valid_from: 2027-07-01
    known_from: 2027-08-04
    note: the amendment of August 2027
    glide: ramp
    marketplace: {{ counts: \"100\", cap: \"25\" }}
    periods:
      - {{ from: 2027-01-01, through: 2027-12-31, amount: \"1500000.00\", true_up: {{ due: 2028-01-31, buys: nothing }} }}
",
        contract()
    );
    desk.pass_days(2).await;
    desk.looked_on(ID, day("2027-08-04")).await;
    let smaller = desk.write("smaller.yaml", &amended.replace("1200000.00", "1000000.00"));
    let (code, _, words) = desk.says("mia", &["commitment", "revise", ID, &smaller, "--reason", "a mistake"]).await;
    assert!(code == 2 && words.contains("keep them and add a version"), "{code}: {words}");
    let file = desk.write("amended.yaml", &amended);
    desk.commitment(&["revise", ID, &file, "--reason", "more until December", "--wait", "30s"]).await;
    let remaining = async |args: &[&str]| {
        desk.told(&[&["show", ID, "--as-of", "2027-07-31"], args].concat()).await["figures"]["remaining"].clone()
    };
    assert_eq!(remaining(&[]).await, exactly("794000"));
    assert_eq!(remaining(&["--known-on", "2027-08-03"]).await, exactly("494000"));
    let documents = desk.told(&["show", ID]).await["documents"].clone();
    let by: Vec<&Value> = documents.as_array().unwrap().iter().map(|document| &document["by"]).collect();
    assert_eq!(by, ["mia", "mia"]);
    assert_eq!(documents[1]["reason"], json!("more until December"));
}
