//! From a request to money, and back: who agrees, what is held and owed, and what the bank is given.

use serde_json::json;

use crate::funding::Vendor;

#[test]
fn a_request_is_held_claimed_paid_and_every_amount_stands_in_the_books() {
    let vendor = Vendor::open();
    assert_eq!(vendor.stands("free", None), 2_000_000);

    // The partner asks, the rules judge, somebody of the vendor agrees, and the money is held.
    let request = vendor.request("pia", &[]);
    vendor.until("request", &request, "approvals");
    assert_eq!(vendor.stands("reserved", None), 0, "nothing is held before somebody agrees");
    vendor.agree("request", &request, &["fay"]);
    let granted = vendor.until("request", &request, "granted");
    assert_eq!(granted["course"]["granted"], json!({ "minor": 200_000, "currency": "EUR" }));
    assert_eq!(granted["course"]["claim_by"], "2027-09-17T00:00:00Z", "180 days with consent");
    assert_eq!(granted["course"]["claimable"]["last_day"], "2027-06-18", "90 days without");
    let key = format!("request/{request}");
    assert_eq!(vendor.stands("reserved", Some(&key)), 200_000);

    // After the activity it claims. One person checks the proof, another answers for the money.
    vendor.pass_days(20);
    let claim = vendor.claim("pia", &request, &[]);
    vendor.agree("claim", &claim, &["vera"]);
    assert_eq!(vendor.show("claim", &claim)["state"], "approvals", "one is not enough");
    assert_eq!(vendor.vote("claim", &claim, "pia").code, 4, "whoever claims has no vote");
    vendor.vote("claim", &claim, "finn").ok();
    let payable = vendor.until("claim", &claim, "payable");
    assert_eq!(payable["course"]["approved"]["minor"], 200_000);
    assert_eq!(vendor.stands("payable", None), 200_000);
    assert_eq!(vendor.stands("reserved", None), 0, "it was the last claim on its request");
    vendor.until("request", &request, "completed");

    // Every amount explains itself: the bounds that were tried, and the one that won.
    let told = vendor.act_plainly("finn", &["explain", &claim, "V1"]).ok().data;
    assert!(told.contains("(won)") && told.contains("what is claimed"), "{told}");

    // It is paid once, by a file that two people agreed to.
    let run = vendor.payout(&[]);
    vendor.until("payout", &run, "approvals");
    assert_eq!(vendor.vote("payout", &run, "paula").code, 4, "whoever prepares the run has no vote");
    vendor.agree("payout", &run, &["tess", "flo"]);
    let sent = vendor.until("payout", &run, "sent");
    assert_eq!(sent["course"]["file"]["sums"], json!([{ "minor": 200_000, "currency": "EUR" }]));
    let file = vendor.act_plainly("paula", &["payout", "file", &run]).ok().data;
    assert!(
        file.contains("<InstdAmt Ccy=\"EUR\">2000.00</InstdAmt>") && file.contains("DE89370400440532013000"),
        "{file}"
    );

    vendor.answers(&run, &[&format!("{run}-0001,settled,2000.00,EUR,2027-04-05,")]).ok();
    vendor.until("claim", &claim, "paid");
    assert_eq!(vendor.stands("paid", None), 200_000);
    assert_eq!(vendor.stands("payable", None), 0);
    vendor.verify();
}

#[test]
fn row_75_nobody_sees_what_is_another_partners() {
    let vendor = Vendor::open();
    vendor.partner("bluepeak", &[("requesters: [pia]", "requesters: [ben]")]);
    let request = vendor.granted("pia", &[]);
    let seen = |person: &str, args: &[&str]| vendor.act_plainly(person, args);
    assert!(seen("pia", &["request", "list"]).ok().data.contains(&request));
    assert_eq!(seen("ben", &["request", "list"]).ok().data, "");
    let unknown = seen("ben", &["request", "show", "REQ-2027-09999"]);
    let hidden = seen("ben", &["request", "show", &request]);
    assert_eq!((hidden.code, unknown.code), (3, 3), "{hidden:?}");
    assert_eq!(hidden.words.replace(&request, "X"), unknown.words.replace("REQ-2027-09999", "X"), "and cannot tell");
    assert_eq!(vendor.act("ben", &["request", "cancel", &request, "--reason", "envy"]).code, 3);
    let stolen = vendor.create_it("ben", "request", include_str!("../../examples/funding/request.yaml"));
    assert_eq!(stolen.code, 3, "nobody asks in another partner's name: {stolen:?}");
    // A claim on it is returned in the same words as one on a request that does not exist.
    vendor.pass_days(20);
    let claim = vendor.claim("ben", &request, &[("partner: nordlicht", "partner: bluepeak")]);
    let returned = vendor.until("claim", &claim, "returned");
    assert!(returned["refusal"]["message"].as_str().unwrap().starts_with("there is no request"), "{returned:#}");
}
