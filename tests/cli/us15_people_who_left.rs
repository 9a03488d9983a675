//! Row 87: somebody who approves has left, or has another job by now.

use crate::funding::{PEOPLE, Vendor};

#[test]
fn row_87_who_has_left_or_lost_the_role_has_no_vote_nor_does_anyone_in_his_place() {
    let vendor = Vendor::open();
    let with_delegate = "delegations:\n  - { from: finn, to: flo, role: finance_approver, since: 2020-01-01T00:00:00Z, until: 2100-01-01T00:00:00Z }\n";
    vendor.installation.write("people.yaml", format!("{PEOPLE}{with_delegate}"));
    let fund =
        vendor.create("mia", "fund", &include_str!("../../examples/funding/fund.yaml").replace("2027-h1", "2027-h2"));
    let before = vendor.until("fund", &fund, "approvals");
    let revision = before["revision"].as_str().unwrap().to_owned();
    let approve = ["approve", &fund, "--revision", &revision];

    let finn = PEOPLE.lines().find(|line| line.contains("id: finn")).unwrap();
    let other_job = PEOPLE.replace(finn, &finn.replace("finance_approver", "fund_manager"));
    vendor.installation.write("people.yaml", &other_job);
    assert_eq!(vendor.act("finn", &approve).code, 4, "the role is gone");
    assert!(
        vendor.show("fund", &fund)["approvals"][0]["candidates"].as_array().unwrap().iter().all(|who| who != "finn")
    );

    vendor.installation.write("people.yaml", PEOPLE.replace(&format!("{finn}\n"), ""));
    assert_eq!(vendor.act("finn", &approve).code, 4, "he is gone");
    let in_his_place = [&approve[..], &["--on-behalf-of", "finn"]].concat();
    assert_eq!(vendor.act("flo", &in_his_place).code, 4, "and nobody stands in for him");
    let after = vendor.show("fund", &fund);
    assert_eq!((&after["state"], &after["revision"]), (&before["state"], &before["revision"]));
    assert_eq!(after["approvals"][0]["votes"], before["approvals"][0]["votes"]);

    vendor.act("flo", &approve).ok();
    vendor.until("fund", &fund, "open");
}
