//! Commands that guard what is stored: their refusals name what is at hand, and what to do.

use crate::installation::Installation;

#[test]
fn a_backup_that_is_damaged_is_named_and_the_database_stays_as_it_is() {
    let installation = Installation::new();
    installation.run(&["offer", "list"]).ok();
    installation.run(&["--actor", "oz", "backup", "good.db"]).ok();
    let good = std::fs::read(installation.folder().join("good.db")).unwrap();
    installation.write("cut.db", good.get(..good.len() / 2).unwrap());
    installation.write("other.db", "this is no database, whatever its name says");
    let before = std::fs::read(installation.folder().join("entente.db")).unwrap();
    for file in ["cut.db", "other.db"] {
        let said = installation.run(&["--actor", "oz", "restore", file, "--yes"]);
        assert_eq!(said.code, 7, "{file}: {said:?}");
        assert!(said.words.starts_with(&format!("error: `{file}` is damaged and was not put into place")), "{said:?}");
    }
    assert_eq!(std::fs::read(installation.folder().join("entente.db")).unwrap(), before);
    let said = installation.run(&["--actor", "oz", "backup", "good.db"]);
    assert_eq!((said.code, said.words.trim()), (5, "error: `good.db` exists already: name another file"));
}

#[test]
fn a_seal_that_the_witness_saw_and_the_database_lacks_is_found() {
    let mut installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    installation.run(&["--actor", "oz", "schedule", "run", "seal"]).ok();
    installation.kill();
    installation.run(&["audit", "verify"]).ok();
    let path = installation.folder().join("entente.db.witness");
    let seen: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let later = serde_json::json!({ "epoch": seen["epoch"], "seal": 4711, "signature": seen["signature"] });
    std::fs::write(&path, later.to_string()).unwrap();
    let said = installation.run(&["audit", "verify"]);
    assert_eq!(said.code, 7, "{said:?}");
    assert!(said.data.contains("the witness saw seal 4711"), "{said:?}");
}

#[test]
fn a_simulation_that_tells_no_story_does_not_pass() {
    let installation = Installation::new();
    let workflows = concat!(env!("CARGO_MANIFEST_DIR"), "/workflows");
    let told = installation.run(&["chart", "simulate", workflows, "--json"]).ok().json();
    assert!(told["told"].as_u64().unwrap() >= 10, "{told}");
    let said = installation.run(&["chart", "simulate", "."]);
    assert_eq!(said.code, 2, "{said:?}");
}
