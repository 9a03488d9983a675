//! What leaves: FOCUS that reads back, pictures, and tables for a warehouse.

use std::{collections::BTreeSet, fs, path::Path};

use entente_core::commitment::{
    Amount,
    focus::{applied_costs, read_contract_commitments, read_cost_and_usage},
};
use serde_json::Value;

use crate::{
    contracts::us11,
    us11_burn_down::{ID, taken_in},
};

/// The files of a command that writes some, by name.
fn files(told: &Value) -> BTreeSet<String> {
    let files = told["files"].as_array().unwrap().iter();
    let name = |file: &Value| {
        let path = Path::new(file["file"].as_str().unwrap());
        assert_eq!(fs::metadata(path).unwrap().len(), file["bytes"].as_u64().unwrap());
        path.file_name().unwrap().to_str().unwrap().to_owned()
    };
    files.map(name).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commitment_leaves_as_focus_pictures_and_tables() {
    let desk = taken_in().await;
    let folder = desk.write("out", "");
    fs::remove_file(&folder).unwrap();
    let read = |name: &str| fs::read_to_string(Path::new(&folder).join(name)).unwrap();
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();

    let told = desk.told(&["export", ID, "--out", &folder]).await;
    assert_eq!(files(&told), named(&["globex-2025.ContractCommitment.csv"]));
    let commitment = entente_core::commitment::Commitment::from_yaml("commitment.yaml", &us11()).unwrap();
    assert_eq!(
        read_contract_commitments(&read("globex-2025.ContractCommitment.csv")).unwrap(),
        std::slice::from_ref(&commitment)
    );

    let told = desk.told(&["export", ID, "--format", "contract-applied", "--out", &folder]).await;
    assert_eq!(files(&told), named(&["globex-2025.CostAndUsage.csv"]));
    let text = read("globex-2025.CostAndUsage.csv");
    let sums = read_cost_and_usage(&text, &commitment).unwrap();
    // Two a day for 730 days, and on the first of 24 months three more; a credit joins the sum of its day.
    assert_eq!(sums.values().map(|sums| sums.len()).sum::<usize>(), 2 * 730 + 24 * 3);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let place = reader.headers().unwrap().iter().position(|name| name == "ContractApplied").unwrap();
    let applied = reader.records().flat_map(|row| applied_costs(&row.unwrap()[place]).unwrap());
    let applied = Amount::sum(applied.map(|cost| cost.cost.unwrap())).unwrap();
    assert_eq!(applied.to_string(), "2891790.8", "what is eligible, to the cent");

    let told = desk.told(&["export", ID, "--format", "warehouse", "--out", &folder]).await;
    assert_eq!(files(&told), named(&["contract.csv", "terms.csv", "rules.csv", "daily_sums.sql"]));
    assert!(read("rules.csv").contains(",K10,") && read("contract.csv").contains("|111122223333|"));

    let told = desk.told(&["draw", ID, "--out", &folder]).await;
    let pictures = ["globex-2025.burn-down.svg", "globex-2025.months.svg", "globex-2025.eligible.svg"];
    assert_eq!(files(&told), named(&pictures));
    assert!(pictures.iter().all(|name| read(name).starts_with("<svg ") && read(name).ends_with("</svg>\n")));
    assert_eq!(read("globex-2025.months.svg").matches("class=\"bar\"").count(), 12);
    assert!(read("globex-2025.eligible.svg").contains("USD 2,891,790.80 of it counts"));

    let (code, _, words) = desk.says("nobody", &["commitment", "export", ID, "--out", &folder]).await;
    assert_ne!(code, 0, "who is unknown takes nothing away: {words}");
}
