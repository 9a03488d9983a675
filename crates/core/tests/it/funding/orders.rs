//! Orders to suppliers: what is written, how exact an invoice has to be, and that money adds up whatever happens.

use entente_core::{
    context::funding::{Exact, Finding, MatchRule, OrderPaper, OrderTerms, Sheet, load, order_schema},
    policy::Policy,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{file, policy, tell, values};

const EXAMPLE: &str = include_str!("../../../../../examples/funding/order.yaml");

fn eur(minor: i64) -> Value {
    json!({ "minor": minor, "currency": "EUR" })
}

/// The order of a story as its run left it.
fn told(story: &str) -> Sheet<OrderPaper> {
    serde_json::from_value(tell("supplier_order", story).snapshot.context).unwrap()
}

#[test]
fn the_published_schema_is_the_one_of_the_type() {
    let path = format!("{}/../../schemas/order.v1.json", env!("CARGO_MANIFEST_DIR"));
    let schema = serde_json::to_string_pretty(&order_schema()).unwrap() + "\n";
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &schema).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == schema, "{path} is not current: run the tests once with UPDATE_SCHEMAS=1 and commit it");
}

#[test]
fn an_order_that_cannot_be_names_the_field() {
    let order: OrderPaper = load("order.yaml", EXAMPLE).unwrap();
    assert_eq!(order.total.minor, 133_850);
    for (old, new, says) in [
        (
            "1338.50 EUR",
            "1338.49 EUR",
            "field `/total`: is not the sum of the lines with their taxes, which is EUR 1,338.50",
        ),
        ("1338.50 EUR", "1338.50 USD", "field `/total`: is not in EUR"),
        ("quantity: 500", "quantity: 0", "field `/lines/1/quantity`: is nothing"),
        ("quantity: 500", "quantity: -1", "`-1` is not a number from 0"),
        ("quantity: 500", "quantity: 0.5", "field `/lines/1/quantity`"),
        ("quantity: 500", "quantity: \"0.1234567\"", "with at most 6 decimals"),
        ("price: \"0.50\"", "price: \"999999999\"", "field `/total`"),
        ("tax: 7", "tax: 101", "field `/lines/1/tax`: is more than the whole price"),
        ("id: flyers", "id: room", "field `/lines/1/id`: names two lines"),
        ("party: hafenhaus", "party: nordlicht", "field `/supplier/party`: is the partner itself"),
        ("deliver_until: 2027-03-21", "deliver_until: 2027-03-17", "field `/deliver_until`: lies before the first day"),
        ("currency: EUR", "currency: EURO", "is not a currency code"),
        ("total:", "bank: DE89370400440532013000\ntotal:", "bank"),
    ] {
        assert!(EXAMPLE.contains(old), "{old}");
        let wrong = load::<OrderPaper>("order.yaml", &EXAMPLE.replace(old, new)).unwrap_err().to_string();
        assert!(wrong.contains(says), "`{new}`: {wrong}");
    }
}

#[test]
fn the_built_in_policy_says_terms_that_are_understood_and_others_are_refused_by_name() {
    assert_eq!(OrderTerms::of(&policy("supplier_order").terms), Ok(OrderTerms::default()));
    let text = file("supplier_order", "policy/v1.yaml");
    for (old, new, says) in [
        ("price_percent: 0", "price_percents: 2", "there is no term `price_percents`"),
        ("price_percent: 0", "price_percent: 101", "term `price_percent` is not a number of percent"),
        ("price_percent: 0", "price_percent: -1", "term `price_percent` is not a number of percent"),
        ("price_percent: 0", "price_at_most: { EUR: -1 }", "term `price_at_most`"),
        ("open_days: 90", "open_days: 0", "term `open_days` is not a whole number of days"),
        ("separate_people: true", "separate_people: 1", "term `separate_people`"),
    ] {
        let changed = Policy::from_yaml("policy.yaml", &text.replace(old, new)).unwrap();
        let wrong = OrderTerms::of(&changed.terms).unwrap_err();
        assert!(wrong.contains(says), "{wrong}");
    }
    let changed = text.replace("price_percent: 0", "price_percent: \"2.5\"\n  price_at_most: { EUR: 500 }");
    let terms = OrderTerms::of(&Policy::from_yaml("policy.yaml", &changed).unwrap().terms).unwrap();
    assert_eq!((terms.price_percent.to_string(), terms.price_at_most.len()), ("2.5".to_owned(), 1));
}

/// What an invoice on the order of the story, which was received in full, would differ in.
fn differs(terms: OrderTerms, change: impl Fn(&mut Value)) -> Vec<MatchRule> {
    let mut sheet = told("paid.yaml");
    // As if nothing was invoiced yet.
    let mut course: Value = serde_json::to_value(&sheet.course).unwrap();
    course["invoices"] = json!([]);
    sheet.course = serde_json::from_value(course).unwrap();
    sheet.course.terms = terms;
    let mut invoice = values("supplier_order")["invoice"].clone();
    change(&mut invoice);
    let written = serde_json::from_value(invoice).unwrap();
    let found = sheet.would_differ(&written, &"paula".parse().unwrap(), Timestamp::UNIX_EPOCH);
    found.into_iter().map(|finding| finding.rule).collect()
}

#[test]
fn an_invoice_is_matched_line_by_line_to_the_cent() {
    let exact = OrderTerms::default;
    let price = |price: &'static str, tax: i64, total: i64| {
        move |invoice: &mut Value| {
            invoice["lines"][1]["price"] = json!(price);
            invoice["lines"][1]["tax"] = eur(tax);
            invoice["total"] = eur(total);
        }
    };
    assert_eq!(differs(exact(), |_| {}), []);
    assert_eq!(differs(exact(), |invoice| invoice["tax_id"] = json!("DE811234568")), [MatchRule::M1]);
    assert_eq!(differs(exact(), |invoice| invoice["lines"][1]["line"] = json!("cake")), [MatchRule::M2]);
    assert_eq!(
        differs(exact(), |invoice| invoice["lines"][0]["tax"]["currency"] = json!("USD")),
        [MatchRule::M2, MatchRule::M6]
    );
    assert_eq!(differs(exact(), |invoice| invoice["total"] = eur(133_851)), [MatchRule::M6]);
    // One flyer more than came, and a tax that is not that of one flyer more.
    assert_eq!(
        differs(exact(), |invoice| invoice["lines"][1]["quantity"] = json!("501")),
        [MatchRule::M3, MatchRule::M5, MatchRule::M6]
    );
    // A hundredth of a cent on each of 500 flyers is five cents: 250.05 and 17.50 of tax.
    assert_eq!(differs(exact(), price("0.5001", 1_750, 133_855)), [MatchRule::M4]);
    assert_eq!(differs(exact(), price("0.4999", 1_750, 133_845)), [], "less than ordered is welcome");
    assert_eq!(differs(exact(), price("0.50", 1_751, 133_851)), [MatchRule::M5]);
    // 250.00 may be 2 % dearer: 5.00, and with 4.99 at most no longer.
    let percent: Exact = "2".parse().unwrap();
    let two = || OrderTerms { price_percent: percent, ..OrderTerms::default() };
    assert_eq!(differs(two(), price("0.51", 1_785, 134_385)), []);
    assert_eq!(differs(two(), price("0.5102", 1_786, 134_396)), [MatchRule::M4]);
    let most = OrderTerms { price_at_most: [("EUR".parse().unwrap(), 499)].into(), ..two() };
    assert_eq!(differs(most, price("0.51", 1_785, 134_385)), [MatchRule::M4]);
}

#[test]
fn two_people_accept_only_what_can_be_accepted() {
    let exceptable: Vec<String> =
        MatchRule::ALL.into_iter().filter(|rule| rule.exceptable()).map(|rule| rule.to_string()).collect();
    assert_eq!(exceptable, ["M3", "M4", "M5", "M8", "M9"]);
    let mut sheet = told("overdue.yaml");
    let about = json!({ "invoice": "R-1", "reason": "please" });
    sheet.course.invoices[0].findings = vec![Finding::of(MatchRule::M7, "it was claimed by somebody")];
    let why = sheet.objection("accept", &about, None).unwrap();
    assert!(why.contains("M7") && why.contains("nobody can accept that"), "{why}");
    sheet.course.invoices[0].findings = vec![Finding::of(MatchRule::M8, "it is like another one")];
    assert_eq!(sheet.objection("accept", &about, None), None);
    let why = sheet.objection("dispute", &about, None).unwrap();
    assert!(why.contains("differs as a whole"), "{why}");
}

#[test]
fn after_each_story_what_is_committed_is_what_is_owed_once_the_order_is_closed() {
    for story in super::scenarios("supplier_order") {
        let sheet = told(&story);
        let (course, minor) =
            (&sheet.course, |amount: Option<entente_core::money::Money>| amount.map_or(0, |a| a.minor));
        let owed = course.payable.as_ref().map_or(0, |payable| {
            let open = if payable.is_settled() { 0 } else { payable.amount.minor };
            open + payable.paid_in_all()
        });
        assert_eq!(minor(course.owed), owed, "{story}: what is owed is paid or will be");
        let invoices: i64 = course.invoices.iter().map(|invoice| minor(invoice.owed)).sum();
        let back: i64 = course.clawbacks.iter().map(|back| back.amount.minor).sum();
        assert_eq!(invoices, owed - back, "{story}: and is what invoices say less what was claimed back");
        if course.closed {
            assert_eq!(course.uninvoiced(), None, "{story}: nothing is kept that is not owed");
            assert_eq!(minor(course.committed), minor(course.owed), "{story}");
        }
    }
}
