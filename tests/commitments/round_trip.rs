//! What leaves as FOCUS is read by the same commands: the contract, and the sums with their bands.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    desk::Desk,
    explain::{ID, taken_in},
};

/// A folder that is not there yet.
fn folder(desk: &Desk) -> String {
    desk.path("out").display().to_string()
}

fn figures(shown: &Value) -> Vec<&Value> {
    ["committed", "spent", "eligible", "ineligible", "basis", "currency"]
        .iter()
        .map(|name| &shown["figures"][*name])
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commitment_and_its_spend_leave_one_installation_and_come_to_the_same_in_another() {
    let (one, other) = (taken_in().await, Desk::open("2027-01-05T09:00:00Z").await);
    let out = folder(&one);
    for format in ["focus", "contract-applied", "contract-applied-preview"] {
        one.commitment(&["export", ID, "--format", format, "--out", &out]).await;
        let [contract, sums] = ["ContractCommitment", "CostAndUsage"].map(|what| format!("{out}/{ID}.{what}.csv"));
        if format == "focus" {
            other.commitment(&["create", &contract, "--wait", "30s"]).await;
            continue;
        }
        let taken =
            other.spend(&["import", &sums, "--commitment", ID, "--partition", "all", "--restate", "--json"]).await;
        assert!(taken.contains("daily sums csv"), "they were judged already: {taken}");
        let (before, after) = (one.told(&["show", ID]).await, other.told(&["show", ID]).await);
        assert_eq!(figures(&before), figures(&after), "{format}");
        assert_eq!(
            after["figures"]["eligible"],
            serde_json::json!({ "least": "121", "most": "161" }),
            "bands among them"
        );
    }
    let again = other.path("again").display().to_string();
    other.commitment(&["export", ID, "--out", &again]).await;
    let read =
        |folder: &str| fs::read_to_string(Path::new(folder).join(format!("{ID}.ContractCommitment.csv"))).unwrap();
    assert_eq!(read(&again), read(&out), "and it leaves as it came");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_exported_of_another_commitment_or_by_another_cost_is_not_counted() {
    let desk = taken_in().await;
    let out = folder(&desk);
    desk.commitment(&["export", ID, "--format", "contract-applied", "--out", &out]).await;
    let text = fs::read_to_string(format!("{out}/{ID}.CostAndUsage.csv")).unwrap();
    for (from, to) in [("globex-2026,billed", "globex-2099,billed"), ("globex-2026,billed", "globex-2026,effective")] {
        assert!(text.contains(from));
        let file = desk.write("other.csv", &text.replace(from, to));
        let (code, _, words) = desk.says("mia", &["spend", "import", &file, "--commitment", ID]).await;
        assert!(code == 2 && words.contains("other_commitment in `x_CommitmentId`"), "{to}: {words}");
    }
    // Two commitments in one dataset: nobody knows which one is meant.
    desk.commitment(&["export", ID, "--out", &out]).await;
    let text = fs::read_to_string(format!("{out}/{ID}.ContractCommitment.csv")).unwrap();
    let second = text.lines().nth(1).unwrap().replace(ID, "globex-2099");
    let both = desk.write("both.csv", &format!("{text}{second}\n"));
    let (code, _, words) = desk.says("mia", &["commitment", "create", &both]).await;
    assert!(code == 2 && words.contains("holds 2 commitments"), "{words}");
}
