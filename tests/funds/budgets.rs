//! What a budget was, what it is expected to come to, and what became of it; and what lapses of which partner's money.

use serde_json::{Value, json};

use crate::{
    in_kind::delivered,
    papers,
    vendor::{Vendor, accepted},
};

const BUDGET: &str = "emea-2027";

fn minor(of: &Value, field: &str) -> i64 {
    of.pointer(field).and_then(|amount| amount["minor"].as_i64()).unwrap_or_else(|| panic!("no `{field}` in {of:#}"))
}

async fn shown(vendor: &Vendor, args: &[&str]) -> Value {
    vendor.run("mia", &[args, &["--json"]].concat()).await.json()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_is_told_as_it_was_as_it_is_expected_and_as_the_ledger_has_it() {
    let (vendor, _crew) = Vendor::open().await;
    let other = papers::request(&[("hamburg-breakfast", "event-2")]);
    let requests = vendor.granted(&[("pia", papers::request(&[])), ("pia", other)]).await;
    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pia", delivered(&requests[0], 2))]).await.remove(0);
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "paid").await;
    vendor.state(requests[0].run, "completed").await;

    let budget = shown(&vendor, &["budget", "show", BUDGET]).await;
    let figures = ["/original", "/allocated", "/left", "/actual", "/paid_before"].map(|field| minor(&budget, field));
    assert_eq!(figures, [10_000_000, 2_000_000, 8_000_000, 200_000, 0]);
    let stands = ["given", "granted", "reserved", "claimed", "paid", "lapsed", "free"];
    let of = |told: &Value, at: &str| stands.map(|field| minor(told, &format!("{at}/{field}")));
    assert_eq!(of(&budget, "/position"), [2_000_000, 400_000, 200_000, 0, 200_000, 0, 1_800_000 - 200_000]);
    assert_eq!(of(&budget, "/funds/0"), of(&budget, "/position"), "its only fund has all of it");
    assert_eq!((&budget["reforecast"], &budget["reforecasts"]), (&Value::Null, &json!([])));
    assert_eq!(shown(&vendor, &["budget", "list"]).await, json!([budget]));
    // The fund itself says the same.
    let label = budget["funds"][0]["label"].as_str().unwrap().to_owned();
    let fund = shown(&vendor, &["fund", "show", &label]).await;
    assert_eq!(of(&fund, "/position"), of(&budget, "/position"));
    let words = vendor.run("mia", &["fund", "show", &label]).await.ok();
    for line in ["granted\tEUR 4,000.00", "paid\tEUR 2,000.00", "lapsed\tEUR 0.00", "free\tEUR 16,000.00"] {
        assert!(words.lines().any(|told| told == line), "`{line}` is not in {words}");
    }

    // Who expects what, when and why: kept beside the original, which stays, as does what funds may be given.
    let say = async |person: &str, amount: &str, reason: &str| {
        let args = ["budget", "reforecast", BUDGET, "--amount", amount, "--reason", reason, "--json"];
        vendor.run(person, &args).await
    };
    let first = say("mia", "90000.00 EUR", "the fair is smaller").await.json();
    assert_eq!((&first["version"], &first["by"]), (&json!(1), &json!("mia")));
    assert_eq!(say("mia", "90000.00 EUR", "the fair is smaller").await.json(), first, "said again, it is the same");
    assert_eq!(say("fay", "85000.00 EUR", "no second webinar").await.json()["version"], 2);
    let after = shown(&vendor, &["budget", "show", BUDGET]).await;
    assert_eq!((minor(&after, "/original"), minor(&after, "/left")), (10_000_000, 8_000_000));
    assert_eq!((minor(&after, "/reforecast/amount"), &after["reforecast"]["by"]), (8_500_000, &json!("fay")));
    assert_eq!(after["reforecasts"][0], first);
    let words = vendor.run("mia", &["budget", "show", BUDGET]).await.ok();
    for line in ["original\tEUR 100,000.00", "re-forecast\tEUR 85,000.00", "actual\tEUR 2,000.00"] {
        assert!(words.lines().any(|told| told == line), "`{line}` is not in {words}");
    }
    assert!(words.contains("the fair is smaller"), "{words}");
    let listed = vendor.run("mia", &["budget", "list"]).await.ok();
    assert!(listed.starts_with("emea-2027\tEUR 100,000.00\tEUR 85,000.00\tEUR 20,000.00"), "{listed}");

    say("mia", "85000.00 USD", "x").await.refused(2, "is not in the currency of budget `emea-2027`");
    let less = ["budget", "reforecast", BUDGET, "--amount=-1.00 EUR", "--reason", "x"];
    vendor.run("mia", &less).await.refused(2, "is less than nothing");
    say("mia", "85000.00 EUR", " ").await.refused(2, "it is empty");
    say("vera", "1.00 EUR", "x").await.refused(4, "may not manage funds");
    let unknown = ["budget", "reforecast", "apac-2027", "--amount", "1.00 EUR", "--reason", "x"];
    vendor.run("mia", &unknown).await.refused(3, "budget `apac-2027` does not exist");
    for args in [["budget", "list"].as_slice(), &["budget", "show", BUDGET]] {
        vendor.run("pia", args).await.refused(4, "for the vendor's own people");
    }
    assert_eq!(shown(&vendor, &["budget", "show", BUDGET]).await, after, "what was refused left nothing behind");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lapses_is_told_by_partner_with_the_day_the_request_and_who_answers_for_it() {
    let (vendor, _crew) = Vendor::open().await;
    vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    let apart = papers::fund(&[("emea-2027-h1", "blue-fund"), ("name: emea-2027,", "name: other,")]);
    vendor.fund(&format!("{apart}partners: [bluepeak]\n")).await;
    let blue = [("partner: nordlicht", "partner: bluepeak"), ("hamburg-breakfast", "blue-event")];
    let requests = vendor.granted(&[("pia", papers::request(&[])), ("ben", papers::request(&blue))]).await;
    vendor.pass_days(20).await;
    // 27 March: claims end on 18 June, 84 days from now with both days counted; the funds on 30 June, 96 days from now.
    let told = shown(&vendor, &["fund", "forecast", "--by", "partner"]).await;
    let row = |fund: &str, partner: &str| {
        let rows = told.as_array().unwrap();
        rows.iter().find(|row| row["fund"] == fund && row["partner"] == partner).unwrap_or_else(|| panic!("{told:#}"))
    };
    assert_eq!(told.as_array().unwrap().len(), 3, "bluepeak in both funds, nordlicht in one: {told:#}");
    let figures = ["/granted", "/unclaimed", "/lapses_in_60", "/lapses_in_90", "/free_and_likely_to_lapse"];
    for (partner, request, person) in [("nordlicht", &requests[0], "pia"), ("bluepeak", &requests[1], "ben")] {
        let row = row("emea-2027-h1", partner);
        assert_eq!(figures.map(|field| minor(row, field)), [200_000, 200_000, 0, 200_000, 0], "{row:#}");
        assert_eq!((&row["until"], &row["days_left"]), (&json!("2027-06-18"), &json!(84)));
        let open = &row["requests"][0];
        assert_eq!((&open["request"], &open["asked_by"]), (&json!(request.label), &json!(person)));
        assert_eq!(row["owner"], "ada");
    }
    let own = row("blue-fund", "bluepeak");
    assert_eq!(figures.map(|field| minor(own, field)), [0, 0, 0, 0, 2_000_000], "what is free there is bluepeak's");
    assert_eq!((&own["until"], &own["days_left"]), (&json!("2027-06-30"), &json!(96)));
    let count = async |within: &str| {
        let told = shown(&vendor, &["fund", "forecast", "--by", "partner", "--within", within]).await;
        told.as_array().unwrap().len()
    };
    assert_eq!([count("83").await, count("84").await, count("96").await], [0, 2, 3]);
    let words = vendor.run("mia", &["fund", "forecast", "--by", "partner"]).await.ok();
    assert!(words.lines().count() == 3 && words.contains("bluepeak\tblue-fund\tada\tEUR 0.00"), "{words}");

    // What is claimed does not lapse.
    let claim = vendor.claimed(&[("pia", delivered(&requests[0], 2))]).await.remove(0);
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(requests[0].run, "completed").await;
    let told = shown(&vendor, &["fund", "forecast", "--by", "partner"]).await;
    let row = told.as_array().unwrap().iter().find(|row| row["partner"] == "nordlicht").unwrap();
    let figures = ["/granted", "/paid", "/unclaimed", "/lapses_in_90"].map(|field| minor(row, field));
    assert_eq!((figures, &row["days_left"]), ([200_000, 200_000, 0, 0], &Value::Null));

    // Once the fund is over, what was granted of it can still be claimed, and still lapses.
    let rows = vendor.runs("fund_period").await;
    let over = rows.iter().find(|row| row.snapshot.context["paper"]["fund"] == "emea-2027-h1").unwrap().snapshot.run;
    accepted(vendor.ask(vendor.actor("mia"), over, "close", json!({ "reason": "the year is planned anew" })).await);
    vendor.until(over, "the fund is over", |row| !row.snapshot.tags.iter().any(|tag| tag == "open")).await;
    let told = shown(&vendor, &["fund", "forecast", "--by", "partner"]).await;
    let row = told.as_array().unwrap().iter().find(|row| row["fund"] == "emea-2027-h1" && row["partner"] == "bluepeak");
    assert_eq!((minor(row.unwrap(), "/unclaimed"), &row.unwrap()["days_left"]), (200_000, &json!(84)));
}
