//! US-19: what activities brought for what was paid for them, down to journals and records.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{PayoutPaper, RequestPaper},
    ledger::Account,
    money::Money,
};
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Started, Vendor, accepted},
};

const FUND: &str = "emea-2027-h1";

/// Pays everything that is owed.
async fn pay(vendor: &Vendor, claims: &[&Started]) {
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let items = vendor.sheet::<PayoutPaper>(run.run).await.course.items;
    let paid = |id: &str| (id.to_owned(), json!({ "outcome": "paid", "on": "2027-04-05", "why": "" }));
    let answers: serde_json::Map<String, Value> = items.iter().map(|item| paid(&item.end_to_end_id)).collect();
    accepted(vendor.ask(vendor.actor("paula"), run.run, "answered", json!({ "answers": answers })).await);
    for claim in claims {
        vendor.state(claim.run, "paid").await;
    }
}

/// A record as its file says it: the report, the leads, and the deals with stage, amount and day.
fn record(after: u32, leads: u32, deals: &[(&str, &str, &str, &str)]) -> String {
    let deals = deals.iter().map(|(deal, stage, amount, on)| {
        format!("  - {{ deal: {deal}, stage: {stage}, amount: \"{amount}\", touched_on: {on} }}\n")
    });
    let deals: String = deals.collect();
    let deals = if deals.is_empty() { " []\n".to_owned() } else { format!("\n{deals}") };
    format!("after_days: {after}\nleads: {leads}\ndeals:{deals}")
}

async fn recorded(vendor: &Vendor, person: &str, request: &Started, text: &str, more: &[&str]) -> crate::vendor::Said {
    let file = vendor.write("record.yaml", text);
    let args: Vec<&str> =
        ["request", "outcome", &request.label, &file].into_iter().chain(more.iter().copied()).collect();
    vendor.run(person, &args).await
}

/// Pipeline, won revenue and cost in euro cents, and the return on each euro.
fn euros(figures: &Value) -> (i64, i64, i64, String) {
    let of = |field: &str| figures["EUR"][field]["minor"].as_i64().unwrap();
    let ratio = figures["EUR"]["won_per_unit"]["shown"].as_str().unwrap_or("-").to_owned();
    (of("pipeline"), of("won"), of("cost"), ratio)
}

/// Everything in a report adds up: credits to pipeline and won revenue, journals to cost, requests to the whole.
async fn adds_up(vendor: &Vendor, report: &Value) {
    let rows = |field: &str| report[field].as_array().unwrap().clone();
    let minor = |row: &Value| row["amount"]["minor"].as_i64().unwrap();
    let (pipeline, won, cost, _) = euros(&report["figures"]);
    let staged = |wanted: &[&str]| -> i64 {
        let ours = rows("credits").into_iter().filter(|row| wanted.contains(&row["stage"].as_str().unwrap()));
        ours.map(|row| minor(&row)).sum()
    };
    assert_eq!((staged(&["open", "won"]), staged(&["won"])), (pipeline, won));
    assert_eq!(rows("costs").iter().map(minor).sum::<i64>(), cost);
    let of_requests = rows("requests")
        .iter()
        .map(|one| euros(&one["figures"]))
        .fold((0, 0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1, sum.2 + one.2));
    assert_eq!(of_requests, (pipeline, won, cost));
    // Each journal is in the books under its number, fund and movement.
    let mut booked: BTreeMap<String, i64> = BTreeMap::new();
    for entry in vendor.entries().await {
        if [Account::Paid, Account::Clawback, Account::Prepaid].contains(&entry.account) {
            *booked.entry(format!("J-{} {}", entry.journal, entry.posting.action)).or_default() += entry.minor;
        }
    }
    for row in rows("costs") {
        let name = format!("{} {}", row["journal"].as_str().unwrap(), row["movement"].as_str().unwrap());
        assert_eq!(booked.get(&name), Some(&minor(&row)), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn us19_returns_per_play_request_partner_and_fund_drill_down_and_another_model_changes_no_payment() {
    let (vendor, _crew) = Vendor::open().await;
    vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    vendor.pass_days(6).await;
    let blue = papers::request(&[("hamburg-breakfast", "leiden-dinner"), ("partner: nordlicht", "partner: bluepeak")]);
    let requests = vendor.granted(&[("pia", papers::request(&[])), ("ben", blue)]).await;
    vendor.pass_days(20).await;
    let partner = [("partner: nordlicht", "partner: bluepeak"), ("\"2000.00 EUR\"", "\"1000.00 EUR\"")];
    let claims =
        [("pia", papers::claim(&requests[0].label, 1, &[])), ("ben", papers::claim(&requests[1].label, 2, &partner))];
    let claims = vendor.owed(&claims).await;
    pay(&vendor, &[&claims[0], &claims[1]]).await;
    // 800.00 of the 2,000.00 are claimed back and come.
    let back = Money { minor: 80_000, currency: "EUR".parse().unwrap() };
    let data = json!({ "payee": "nordlicht", "amount": back, "reason": "a smaller room" });
    accepted(vendor.ask(vendor.actor("finn"), claims[0].run, "claw_back", data).await);
    vendor.agree(&claims[..1], &["vera", "flo"]).await;
    vendor.state(claims[0].run, "recovering").await;
    let report = async |args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        vendor.run("mia", &args).await.json()
    };
    let before = report(&["play", "returns", "cloud-migration"]).await;
    assert_eq!(euros(&before["figures"]), (0, 0, 300_000, "0.00".into()), "what is claimed back has not come yet");
    let came = json!({ "amount": back, "how": "paid" });
    accepted(vendor.ask(vendor.actor("finn"), claims[0].run, "recovered", came).await);
    vendor.state(claims[0].run, "paid").await;

    // Both helped one deal along, and each one of its own; 180 days on, one is won and one lost.
    vendor.pass_days(40).await;
    let first = [("OPP-1", "open", "30000.01 EUR", "2027-03-20"), ("OPP-2", "open", "5000.00 EUR", "2027-03-21")];
    recorded(&vendor, "pia", &requests[0], &record(90, 43, &first), &[]).await.ok();
    vendor.pass_days(150).await;
    let later = [("OPP-1", "open", "30000.01 EUR", "2027-03-20"), ("OPP-2", "lost", "5000.00 EUR", "2027-03-21")];
    recorded(&vendor, "pia", &requests[0], &record(180, 45, &later), &[]).await.ok();
    let other = [("OPP-1", "won", "24000.01 EUR", "2027-05-02"), ("OPP-3", "open", "700.00 EUR", "2027-05-02")];
    vendor.pass("PT1S").await;
    recorded(&vendor, "ben", &requests[1], &record(180, 7, &other), &[]).await.ok();
    let entries = vendor.entries().await.len();

    // The newest record says how the deal stands; its odd cent goes to whom it touched first.
    let equal = report(&["play", "returns", "cloud-migration"]).await;
    adds_up(&vendor, &equal).await;
    assert_eq!(euros(&equal["figures"]), (2_400_001 + 70_000, 2_400_001, 220_000, "10.91".into()));
    assert_eq!(equal["leads"], 52, "of each request the latest report counts, not the sum of all");
    let of = |report: &Value, at: usize| euros(&report["requests"][at]["figures"]);
    assert_eq!(of(&equal, 0), (1_200_001, 1_200_001, 120_000, "10.00".into()));
    assert_eq!(of(&equal, 1), (1_270_000, 1_200_000, 100_000, "12.00".into()));
    for (model, won) in [("first-touch", [2_400_001, 0]), ("last-touch", [0, 2_400_001])] {
        let told = report(&["play", "returns", "cloud-migration", "--model", model]).await;
        adds_up(&vendor, &told).await;
        assert_eq!([of(&told, 0).1, of(&told, 1).1], won, "{model}");
        assert_eq!(euros(&told["figures"]).2, 220_000, "no model changes what was paid");
    }
    let weights = format!("deals: {{ OPP-1: {{ {}: \"0.7\", {}: \"0.3\" }} }}\n", requests[0].label, requests[1].label);
    let weights = vendor.write("weights.yaml", &weights);
    let custom = ["--model", "custom", "--weights", &weights];
    let told = report(&[&["play", "returns", "cloud-migration"], &custom[..]].concat()).await;
    adds_up(&vendor, &told).await;
    assert_eq!([of(&told, 0).1, of(&told, 1).1], [1_680_001, 720_000]);

    // The same by partner, request and fund; a part of a deal is a part of it wherever it is shown.
    let partner = report(&["partner", "returns", "nordlicht"]).await;
    let request = report(&["request", "returns", &requests[0].label]).await;
    assert_eq!((euros(&partner["figures"]), euros(&request["figures"])), (of(&equal, 0), of(&equal, 0)));
    assert_eq!(euros(&report(&["fund", "returns", FUND]).await["figures"]), euros(&equal["figures"]));
    let early = report(&["play", "returns", "cloud-migration", "--after", "90"]).await;
    assert_eq!(euros(&early["figures"]), (3_500_001, 0, 220_000, "0.00".into()), "as it was reported after 90 days");

    // A correction is another record; what it corrects stays.
    let corrected = [("OPP-1", "lost", "24000.01 EUR", "2027-05-02")];
    let text = record(180, 6, &corrected);
    vendor.pass("PT1S").await;
    recorded(&vendor, "ben", &requests[1], &text, &[]).await.refused(5, "is that report already");
    let named = recorded(&vendor, "ben", &requests[1], &text, &["--correcting", "the buyer left"]).await.ok();
    assert_eq!(named.trim(), format!("{}#2", requests[1].label));
    let again = recorded(&vendor, "ben", &requests[1], &text, &["--correcting", "the buyer left"]).await.ok();
    assert_eq!(again, named, "the same record handed in again is the same");
    let kept = report(&["request", "outcome", &requests[1].label]).await;
    let seen = [&kept[0]["record"]["leads"], &kept[1]["record"]["leads"], &kept[1]["corrects"]];
    assert_eq!((seen, kept.as_array().unwrap().len()), ([&json!(7), &json!(6), &json!(1)], 2));
    let after = report(&["play", "returns", "cloud-migration"]).await;
    adds_up(&vendor, &after).await;
    assert_eq!(euros(&after["figures"]), (0, 0, 220_000, "0.00".into()));
    assert_eq!(vendor.entries().await.len(), entries, "nothing was booked by any of it");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_refused_that_comes_too_early_is_not_asked_for_or_names_what_is_not_there() {
    let (vendor, _crew) = Vendor::open().await;
    let requests = vendor.granted(&[("pia", papers::request(&[]))]).await;
    let request = &requests[0];
    let deals = [("OPP-1", "open", "100.00 EUR", "2027-03-20")];
    let says = async |person: &str, text: &str, more: &[&str]| recorded(&vendor, person, request, text, more).await;
    says("pia", &record(90, 1, &deals), &[]).await.refused(5, "the report after 90 days is made from 2027-03-21 on");
    vendor.pass_days(20).await;
    says("pia", &record(91, 1, &deals), &[]).await.refused(2, "asks for reports after 90 and 180 days, not after 91");
    says("pia", &record(180, 1, &deals), &[]).await.refused(5, "the report after 180 days is made from 2027-06-19 on");
    says("pia", &record(90, 1, &deals), &["--correcting", "x"]).await.refused(2, "leave out --correcting");
    let offer = record(90, 1, &deals).replace(" }", ", offer: OFR-2027-00001 }");
    for person in ["pia", "mia"] {
        says(person, &offer, &[]).await.refused(2, "field `/deals/0/offer`: there is no offer `OFR-2027-00001`");
    }
    says("ben", &record(90, 1, &deals), &[]).await.refused(3, "does not exist");
    says("fay", &record(90, 1, &deals), &[]).await.refused(4, "may not ask for funds");
    let list = vendor.run("pia", &["request", "outcome", &request.label, "--json"]).await.json();
    assert_eq!(list, json!([]), "nothing of it was kept");
    says("pia", &record(90, 1, &deals), &[]).await.ok();

    let mine = ["request", "returns", &request.label];
    vendor.run("pia", &mine).await.refused(4, "for the vendor's own people");
    vendor.run("mia", &["play", "returns", "other"]).await.refused(3, "request for play `other` does not exist");
    let weights = vendor.write("weights.yaml", "deals: { OPP-1: { REQ-2027-09999: \"1\" } }\n");
    let custom = vendor.run("mia", &[&mine[..], &["--model", "custom", "--weights", &weights]].concat()).await;
    custom.refused(2, "name request `REQ-2027-09999`, which has not reported it");
    vendor.run("mia", &[&mine[..], &["--model", "custom"]].concat()).await.refused(2, "--weights");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_is_missing_when_due_asks_for_a_manager_with_the_next_request_and_one_that_came_does_not() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(3).await;
    let pack = vendor.write("reports.yaml", &papers::with_reports());
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("pack: starter@1", "pack: reports@1")])).await;
    vendor.pass_days(6).await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let claims = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await;
    assert_eq!(claims.len(), 1);
    let next = async |id: &str| {
        let text = papers::request(&[("hamburg-breakfast", id), ("2027-03-20", "2027-06-25")]);
        let next = vendor.submit_one::<RequestPaper>("REQ", "pia", text).await;
        vendor.asks(next.run).await;
        let roles = vendor.sheet::<RequestPaper>(next.run).await.assessment.unwrap().approvers;
        roles.into_iter().map(String::from).collect::<Vec<_>>()
    };
    // The ninetieth day is 2027-06-18; it is 2027-06-18, and then the day after it.
    vendor.pass_days(83).await;
    assert!(vendor.now().await.to_string().starts_with("2027-06-18T09:"));
    assert_eq!(next("due-today").await, Vec::<String>::new());
    vendor.pass_days(1).await;
    assert_eq!(next("overdue").await, ["partner_manager"]);
    recorded(&vendor, "pia", &request, &record(90, 40, &[]), &[]).await.ok();
    assert_eq!(next("reported").await, Vec::<String>::new());
}
