//! Commands out of turn: what a paper does not await is refused, and what is another partner's is not there.

use crate::funding::Vendor;

#[test]
fn row_77_commands_out_of_turn_are_refused_and_change_nothing() {
    let vendor = Vendor::open();
    let request = vendor.granted("pia", &[]);
    vendor.pass_days(20);
    let claim = vendor.claim("pia", &request, &[]);
    vendor.until("claim", &claim, "approvals");
    let nothing = vendor.installation.run_with_input(
        &["--actor", "paula", "payout", "create", "-", "--submit"],
        include_str!("../../examples/funding/payout.yaml"),
    );
    assert_eq!(nothing.code, 2, "what is not approved is not owed: {nothing:?}");
    refused(&vendor, "claim", &claim, "pia", &["claim", "dispute", &claim, "--amount", "1.00 EUR", "--reason", "x"]);
    refused(&vendor, "claim", &claim, "finn", &["claim", "claw-back", &claim, "--amount", "1.00 EUR", "--reason", "x"]);
    refused(&vendor, "claim", &claim, "finn", &["claim", "recovered", &claim, "--amount", "1.00 EUR"]);
    vendor.act("pia", &["claim", "withdraw", &claim, "--reason", "a mistake"]).ok();
    vendor.until("claim", &claim, "withdrawn");

    let claim = vendor.approved("pia", &request, &[]);
    refused(&vendor, "claim", &claim, "pia", &["claim", "withdraw", &claim, "--reason", "too late"]);
    let run = vendor.sent(&[]);
    refused(&vendor, "payout", &run, "paula", &["payout", "withdraw", &run, "--reason", "too late"]);
    let revision = vendor.show("payout", &run)["revision"].as_str().unwrap().to_owned();
    refused(&vendor, "payout", &run, "finn", &["approve", &run, "--revision", &revision]);

    // To another partner's person, a claim is not there to vote on, whatever revision he guesses.
    vendor.partner("bluepeak", &[("requesters: [pia]", "requesters: [ben]")]);
    let there = vendor.act("ben", &["approve", &claim, "--revision", "abcdef"]);
    let nowhere = vendor.act("ben", &["approve", "CLM-2027-09999", "--revision", "abcdef"]);
    assert_eq!((there.code, nowhere.code), (3, 3), "{there:?}");
    assert_eq!(there.words.replace(&claim, "X"), nowhere.words.replace("CLM-2027-09999", "X"));
    vendor.verify();
}

#[track_caller]
fn refused(vendor: &Vendor, kind: &str, label: &str, person: &str, command: &[&str]) {
    let before = vendor.show(kind, label);
    let said = vendor.act(person, command);
    assert_eq!(said.code, 5, "{command:?}: {said:?}");
    let after = vendor.show(kind, label);
    assert_eq!((&after["seq"], &after["course"]), (&before["seq"], &before["course"]), "{command:?}");
}
