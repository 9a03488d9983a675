//! The same thing twice, and things that would undo more than they do.

use serde_json::json;

use crate::{
    installation::Installation,
    sandbox::{answered, pass, world},
};

#[test]
fn an_extension_repeated_under_its_key_gets_the_same_answer_and_another_is_refused() {
    let (sandbox, installation) = world();
    let label = answered(&sandbox, &installation, "900");
    installation.until(&label, "approvals");
    let revision = installation.revision(&label);
    installation.act("dan", &["approve", &label, "--revision", &revision]).ok();
    pass(&sandbox, &installation, &label, "published");

    let extend = ["offer", "extend", &label, "--until", "2027-03-31", "--key", "more-time"];
    let first = installation.act("mia", &extend).ok();
    pass(&sandbox, &installation, &label, "published");
    let again = installation.act("mia", &extend).ok();
    assert_eq!((again.data, again.words), (first.data, first.words));
    let other = installation.act("mia", &["offer", "extend", &label, "--until", "2027-03-31"]);
    assert_eq!(other.code, 5, "{other:?}");

    // A reissue withdraws first: what could not be offered again is refused while the offer still stands.
    let before = installation.show(&label);
    for (account, code) in [("abc", 2), (sandbox.account("buyer")["account_id"].as_str().unwrap(), 5)] {
        let said = installation.act("mia", &["offer", "reissue", &label, "--account", account]);
        assert_eq!(said.code, code, "{account}: {said:?}");
    }
    let after = installation.show(&label);
    assert_eq!((&after["state"], &after["seq"]), (&before["state"], &before["seq"]));
    assert_eq!(after["state"], json!("published"));
}

#[test]
fn a_person_who_may_not_is_told_so_before_anything_else() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    let said = installation.act("vic", &["offer", "extend", &label, "--until", "2020-01-01"]);
    assert_eq!(said.code, 4, "{said:?}");
}

#[test]
fn a_note_or_a_reason_that_says_nothing_is_refused() {
    let installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    let long = "x".repeat(4001);
    let table: [&[&str]; 5] = [
        &["offer", "note", &label, "  "],
        &["offer", "note", &label, &long],
        &["offer", "withdraw", &label, "--reason", ""],
        &["incident", "park", &label, "--reason", " "],
        &["offer", "readiness", &label, "--waiting-on", "buyer_leagl"],
    ];
    for args in table {
        let said = installation.act("mia", args);
        assert_eq!(said.code, 2, "{args:?}: {said:?}");
    }
    assert_eq!(installation.run(&["offer", "list", "--json"]).ok().json()[0]["label"], label.as_str());
}
