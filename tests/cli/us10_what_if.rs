//! US-10: what a changed policy would have asked of the past; nothing counts before somebody has looked at that.

use crate::installation::Installation;

const STRICTER: &str = "
policy: private_offer
version: 3
requested_by: [alliance_manager]
rows:
  - { id: discount_over_10, when: [{ fact: discount_bp, op: gt, value: 1000 }], role: sales_director, projection: commercial }
  - { id: discount_over_40_finance, when: [{ fact: discount_bp, op: gt, value: 4000 }], role: cfo, projection: commercial }
default: { id: second_look, role: deal_desk, projection: commercial }
";

/// Everything that the database says about offers.
fn production(installation: &Installation) -> String {
    let list = installation.run(&["offer", "list", "--ended", "--json"]).ok();
    let labels: Vec<String> =
        list.json().as_array().unwrap().iter().map(|row| row["label"].as_str().unwrap().to_owned()).collect();
    let histories = labels.iter().map(|label| installation.run(&["offer", "history", label, "--ndjson"]).ok().data);
    let policy = installation.run(&["policy", "show", "--json"]).ok().data;
    [list.data, policy].into_iter().chain(histories).collect()
}

#[test]
fn a_changed_policy_is_tried_on_the_past_before_it_counts() {
    let installation = Installation::served();
    let prices = ["1125.00", "1000.00", "900.00", "890.00", "600.00"];
    for (at, price) in prices.iter().enumerate() {
        let (reference, buyer, account) =
            (format!("ACME-{at}x"), format!("name: Buyer{at}"), format!("{:012}", at + 1));
        let changes =
            [("ACME-1", reference.as_str()), ("900.00", price), ("name: Globex", &buyer), ("111122223333", &account)];
        let label = installation.submitted("mia", "offer.yaml", &changes);
        installation.until(&label, "approvals");
    }
    installation.write("stricter.yaml", STRICTER);
    let before = production(&installation);
    assert_eq!(installation.run(&["--actor", "mia", "policy", "simulate", "stricter.yaml"]).code, 4);
    let judged = installation.run(&["--actor", "dan", "policy", "simulate", "stricter.yaml", "--json"]).ok().json();
    assert_eq!(production(&installation), before, "trying it changes nothing");
    assert_eq!(judged["subjects"], 5);
    let changed: Vec<(&str, Vec<&str>, Vec<&str>)> = judged["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| {
            let rows = |name: &str| {
                difference[name].as_array().unwrap().iter().map(|asked| asked["row"].as_str().unwrap()).collect()
            };
            (difference["label"].as_str().unwrap(), rows("newly"), rows("no_longer"))
        })
        .collect();
    let rows: Vec<(Vec<&str>, Vec<&str>)> =
        changed.into_iter().map(|(_, newly, no_longer)| (newly, no_longer)).collect();
    assert_eq!(
        rows,
        [
            (vec!["discount_over_10"], vec!["second_look"]),
            (vec!["discount_over_10"], vec!["second_look"]),
            (vec!["discount_over_10"], vec!["discount_over_20"]),
            (vec!["discount_over_10"], vec!["discount_over_20", "discount_over_40_legal"]),
        ]
    );
    // 200 seats at 1,000, 900, 890 and 600.
    assert_eq!(judged["asked_more"], serde_json::json!([{ "minor": 67_800_000, "currency": "USD" }]));
    let id = judged["id"].as_str().unwrap();

    let activate = |person: &str, file: &str, id: &str| {
        installation.run(&["--actor", person, "policy", "activate", file, "--simulation", id])
    };
    assert_eq!(activate("dan", "stricter.yaml", id).code, 4, "whoever wrote it does not put it in force");
    assert_eq!(activate("ann", "stricter.yaml", "0000").code, 3, "no simulation, no policy");
    installation.write("other.yaml", STRICTER.replace("1000 }]", "1500 }]"));
    assert_eq!(activate("ann", "other.yaml", id).code, 5, "the simulation is about another text");
    assert_eq!(production(&installation), before);
    activate("ann", "stricter.yaml", id).ok();
    assert_eq!(installation.run(&["policy", "show", "--json"]).ok().json()["version"], 3);
    assert_eq!(activate("ann", "stricter.yaml", id).code, 5, "it compares with a policy that is no longer in force");
}

#[test]
fn an_activated_policy_asks_from_the_next_submission_on() {
    let installation = Installation::served();
    installation.write("stricter.yaml", STRICTER);
    installation.activate("stricter.yaml");
    // The server looks for an activated policy by itself.
    for at in 0.. {
        let (reference, buyer, account) =
            (format!("ACME-{at}y"), format!("name: Buyer{at}"), format!("{:012}", at + 1));
        let changes = [("ACME-1", reference.as_str()), ("name: Globex", &buyer), ("111122223333", &account)];
        let label = installation.submitted("mia", "offer.yaml", &changes);
        let offer = installation.until(&label, "approvals");
        if offer["approvals"][0]["row"] == "discount_over_10" {
            return;
        }
        assert!(at < 100, "the policy never came in force: {offer}");
    }
}
