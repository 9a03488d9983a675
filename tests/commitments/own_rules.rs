//! An organisation's own rules hold wherever charges are judged: in what leaves for a warehouse, in what-ifs and beside offers.

use serde_json::{Value, json};

use crate::us11_burn_down::{ID, taken_in};

const OWN: &str = "
rules:
  - rule: own-1
    title: Acme's tape robots do not count
    cloud: aws
    tests: charge
    valid_from: 2025-01-01
    known_from: 2025-01-01
    source: { kind: told, at: a letter, read: 2024-12-15 }
    precedence: 95
    when: { products: [tape robots] }
    effect: excluded
";

#[tokio::test(flavor = "multi_thread")]
async fn own_rules_leave_for_a_warehouse_and_judge_what_ifs_and_plans_beside_offers() {
    let desk = taken_in().await;
    desk.pass_days(1).await;
    let plan = |product| {
        let (from, mark) = ("2027-04-01", "runs_on_cloud=true");
        ["what-if", ID, "--amount", "5000", "--product", product, "--from", from, "--mark", mark]
    };
    let robots = plan("tape robots");
    let counts = async || desk.told(&robots).await["added"]["counts"].clone();
    assert_eq!(counts().await, json!({ "least": "5000", "most": "5000" }), "nobody has said otherwise yet");

    let own = desk.write("own.yaml", OWN);
    let (code, _, words) = desk.says("mia", &["spend", "rules", "import", &own]).await;
    assert_eq!(code, 0, "{words}");
    // Another file under the same name would take that rule out of force.
    let other = desk.write("other.yaml", &OWN.replace("own-1", "own-2").replace("tape robots", "tape"));
    let (code, _, words) = desk.says("mia", &["spend", "rules", "import", &other]).await;
    let gone = "of `own@1`, which `mia` has imported, 1 rule goes out of force, which the file does not have: own-1";
    assert!(code == 5 && words.contains(gone) && words.contains("--replace"), "{words}");
    let nothing = json!({ "least": "0", "most": "0" });
    assert_eq!(counts().await, nothing);

    desk.commitment(&[&robots[..], &["--keep", "robots", "--wait", "30s"]].concat()).await;
    let beside = desk.told(&["offers", ID]).await;
    let offers: Vec<(&Value, &Value)> =
        beside["offers"].as_array().unwrap().iter().map(|offer| (&offer["standing"], &offer["counts"])).collect();
    assert_eq!(offers, [(&json!("planned"), &nothing)]);

    let folder = desk.write("out", "");
    std::fs::remove_file(&folder).unwrap();
    desk.commitment(&["export", ID, "--format", "warehouse", "--out", &folder]).await;
    let rules = std::fs::read_to_string(std::path::Path::new(&folder).join("rules.csv")).unwrap();
    assert!(rules.contains(",own-1,") || rules.contains("\nown-1,"), "{rules}");
}
