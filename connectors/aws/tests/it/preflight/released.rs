//! What the release freezes: each part is named with its rule, and the marketplace refuses its change.

use entente_aws::FROZEN;
use entente_core::offer::Offer;
use entente_port::{Finding, Marketplace, Severity};
use serde_json::{Value, json};

use super::{BUYER, document, set, upfront};
use crate::offers::instalments;

fn found(standing: Value, change: impl Fn(&mut Value)) -> Vec<(String, String)> {
    let mut wanted = standing.clone();
    change(&mut wanted);
    findings(&document(standing), &document(wanted)).into_iter().map(|found| (found.rule, found.field)).collect()
}

fn findings(standing: &Offer, wanted: &Offer) -> Vec<Finding> {
    entente_aws::connect(entente_aws::Config::new()).unwrap().frozen(standing, wanted)
}

fn one(rule: &str, field: &str) -> Vec<(String, String)> {
    vec![(rule.to_owned(), field.to_owned())]
}

#[test]
fn each_frozen_part_is_named_with_its_rule_and_field() {
    let price = "/pricing/contract/dimensions/0/unit_price";
    assert_eq!(found(upfront(BUYER), |offer| set(offer, price, json!("9"))), one("AWS-R01", price));
    let amount = "/pricing/contract/instalments/0/date";
    assert_eq!(found(instalments(BUYER), |offer| set(offer, amount, json!("2031-03-09"))), one("AWS-R02", amount));
    let account = "/buyer/accounts/0";
    assert_eq!(found(upfront(BUYER), |offer| set(offer, account, json!("999988887777"))), one("AWS-R03", account));
    let rows: [(&str, &str, Value); 7] = [
        ("AWS-R03", "/countries/only/0", json!({ "only": ["DE"] })),
        (
            "AWS-R04",
            "/eula/custom/url",
            json!({ "custom": { "url": "https://example.com/eula.pdf", "sha256": "ab".repeat(32) } }),
        ),
        (
            "AWS-R08",
            "/auto_renewal/lockout_days",
            json!({ "price_increase_percent": "3.5", "lockout_days": 30, "renewals_max": 2 }),
        ),
        ("AWS-R05", "/refund_policy", json!("Within 30 days.")),
        ("AWS-R07", "/payment_due_days", json!(60)),
        ("AWS-R09", "/product/id", json!({ "id": "prod-other", "kind": "saas" })),
        ("AWS-R06", "/term/start", json!({ "start": "2031-09-01", "end": "2032-09-01" })),
    ];
    for (rule, field, value) in rows {
        let part = field.split('/').nth(1).unwrap();
        let found = found(upfront(BUYER), |offer| offer[part] = value.clone());
        assert!(found.contains(&(rule.to_owned(), field.to_owned())), "{rule} at {field}: {found:?}");
    }
}

#[test]
fn what_may_change_is_no_finding_and_every_finding_says_what_to_do_instead() {
    let free = found(upfront(BUYER), |offer| {
        offer["name"] = json!("Another name");
        offer["description"] = json!("Another description");
        offer["term"] = json!({ "duration": "P18M" });
        offer["expires_on"] = json!("2031-12-31");
        offer["notes"] = json!("the buyer asked for it");
    });
    assert_eq!(free, []);
    let mut wanted = upfront(BUYER);
    wanted["refund_policy"] = json!("Within 30 days.");
    let findings = findings(&document(upfront(BUYER)), &document(wanted));
    assert!(findings.iter().all(|found| found.severity == Severity::Error && found.source.starts_with("https://")));
    assert!(findings[0].remedy.contains("entente offer withdraw"), "{findings:?}");
}

#[test]
fn each_rule_has_an_id_of_its_own() {
    let ids: Vec<&str> = FROZEN.iter().map(|frozen| frozen.id).collect();
    let numbered: Vec<String> = (1..=ids.len()).map(|n| format!("AWS-R{n:02}")).collect();
    assert_eq!(ids, numbered);
}

/// What documentation says about amendments.
pub fn page() -> String {
    let mut page = "\n## After the release\n\n\
        `entente offer amend` changes the name, the description, how long the agreement lasts, and makes the last day a later\n\
        one. Everything else stays; the marketplace refuses the change type with `INVALID_UPDATE_REQUEST`.\n\n\
        | rule | what stays | change type |\n|---|---|---|\n"
        .to_owned();
    for frozen in FROZEN {
        let change = frozen.change.map_or_else(|| "none".to_owned(), |change| format!("`{change}`"));
        page.push_str(&format!("| {} | {} | {change} |\n", frozen.id, frozen.demand));
    }
    page
}
