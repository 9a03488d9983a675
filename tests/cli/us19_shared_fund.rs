//! Two partners and the vendor bear an event 50/30/20: what was agreed with the request is what is paid, to the cent, and each partner
//! answers for its own part.

use serde_json::{Value, json};

use crate::funding::Vendor;

/// Of EUR 10,000.03 the vendor bears 20 %, nordlicht 50 % and bluepeak 30 %.
const SHARED: [(&str, &str); 3] = [
    ("3000.00 EUR", "9000.03 EUR"),
    ("4000.00 EUR", "10000.03 EUR"),
    (
        "\namount: \"2000.00 EUR\"",
        "\namount: \"2000.01 EUR\"\nshares:\n  vendor: 20\n  partners:\n    - { partner: nordlicht, percent: 50 }\n    - { partner: bluepeak, percent: \"30.00\" }",
    ),
];

const CLAIMED: [(&str, &str); 3] = [
    ("3000.00 EUR", "9000.03 EUR"),
    ("4000.00 EUR", "10000.03 EUR"),
    ("\namount: \"2000.00 EUR\"", "\namount: \"2000.01 EUR\""),
];

fn with(
    changes: &[(&'static str, &'static str)],
    more: (&'static str, &'static str),
) -> Vec<(&'static str, &'static str)> {
    changes.iter().copied().chain([more]).collect()
}

/// A vendor with both partners in business and a fund.
fn vendor() -> Vendor {
    let vendor = Vendor::new();
    vendor.partner("nordlicht", &[]);
    vendor.partner("bluepeak", &[("requesters: [pia]", "requesters: [ben]")]);
    vendor.fund(&[]);
    vendor.pass_days(6);
    vendor
}

fn minor(payables: &Value, payee: &str) -> i64 {
    let all = payables.as_array().unwrap().iter();
    all.filter(|one| one["payee"] == payee).map(|one| one["amount"]["minor"].as_i64().unwrap()).sum()
}

#[test]
fn us19_what_is_shared_50_30_20_is_agreed_with_the_request_and_paid_to_the_cent() {
    let vendor = vendor();
    let request = vendor.request("pia", &SHARED);
    vendor.until_it("request", &request, "asks for approval", |paper| {
        paper["tags"].as_array().unwrap().contains(&json!("awaiting_approval"))
    });
    // Whoever agrees sees who bears what, to the cent.
    let shown = vendor.act_plainly("fay", &["request", "show", &request]).ok();
    for row in [
        "acme-us (the vendor)\t20.00 %\tEUR 2,000.01",
        "nordlicht\t50.00 %\tEUR 5,000.01",
        "bluepeak\t30.00 %\tEUR 3,000.01",
    ] {
        assert!(shown.data.lines().any(|line| line == row), "{row}: {shown:?}");
    }
    vendor.agree("request", &request, &["fay"]);
    let granted = vendor.until("request", &request, "granted");
    assert_eq!(granted["course"]["granted"]["minor"], 200_001, "{granted:#}");

    vendor.pass_days(20);
    // Other payees than were agreed are refused, and so is another proportion.
    for payees in
        ["[{ payee: nordlicht, weight: 1 }]", "[{ payee: nordlicht, weight: 1 }, { payee: bluepeak, weight: 1 }]"]
    {
        let other = format!("\namount: \"2000.01 EUR\"\npayees: {payees}");
        let changes = [CLAIMED[0], CLAIMED[1], ("\namount: \"2000.00 EUR\"", other.as_str())];
        let claim = vendor.claim("pia", &request, &changes);
        let refused = vendor.until("claim", &claim, "returned");
        assert_eq!(refused["refusal"]["field"], "/payees", "{refused:#}");
        let message = refused["refusal"]["message"].as_str().unwrap();
        assert!(message.contains("`nordlicht` with weight 5000, `bluepeak` with weight 3000"), "{message}");
        vendor.act("pia", &["claim", "withdraw", &claim, "--reason", "other payees were agreed"]).ok();
    }
    // One that names none has those that were agreed.
    let claim = vendor.approved("pia", &request, &CLAIMED);
    let owed = vendor.show("claim", &claim);
    let payables = &owed["course"]["payables"];
    assert_eq!((minor(payables, "nordlicht"), minor(payables, "bluepeak")), (125_001, 75_000), "{payables:#}");
    for (payee, minor) in [("nordlicht", 125_001), ("bluepeak", 75_000)] {
        assert_eq!(vendor.stands("payable", Some(&format!("payable/{claim}/{payee}"))).abs(), minor, "{payee}");
    }

    // Both are paid by one file, and each has its statement.
    let run = vendor.sent(&[]);
    let items = vendor.show("payout", &run)["course"]["items"].clone();
    let answers: Vec<String> = (1..=2)
        .map(|at| {
            let item = &items[at - 1];
            let minor = item["amount"]["minor"].as_i64().unwrap();
            format!("{run}-{at:04},settled,{}.{:02},EUR,2027-03-28,", minor / 100, minor % 100)
        })
        .collect();
    vendor.answers(&run, &answers.iter().map(String::as_str).collect::<Vec<_>>()).ok();
    vendor.until("claim", &claim, "paid");
    let statement = ["statement", "create", "--partner", "bluepeak", "--entity", "acme-us", "--month", "2027-03"];
    let statement = vendor.act_plainly("ben", &statement).ok().data;
    let owe = statement.lines().find(|line| line.contains("\"owe\"")).unwrap();
    assert!(owe.contains("75000") && owe.contains("3000 of 8000 parts of what was approved"), "{owe}");
    assert!(!statement.contains("nordlicht"), "{statement}");
    vendor.verify();
}

#[test]
fn us19_shares_that_do_not_make_the_whole_or_name_nobody_in_business_are_refused_with_the_field() {
    let vendor = vendor();
    let refused = |old: &'static str, new: &'static str| {
        let text = with(&SHARED, (old, new))
            .iter()
            .fold(include_str!("../../examples/funding/request.yaml").to_owned(), |text, (old, new)| {
                text.replace(old, new)
            });
        vendor.create_it("pia", "request", &text)
    };
    for (old, new, field, words) in [
        ("\"30.00\"", "\"29.99\"", "/shares", "add up to 99.99 %"),
        ("partner: bluepeak", "partner: nordlicht", "/shares/partners/1/partner", "is named twice"),
        ("partner: nordlicht, percent", "partner: castell, percent", "/shares/partners", "do not name `nordlicht`"),
        ("\"30.00\"", "30.005", "/shares/partners/1/percent", "write `50`, or"),
        ("2000.01 EUR", "2000.02 EUR", "/amount", "more than the vendor's share of EUR 2,000.01"),
    ] {
        let said = refused(old, new);
        assert!(said.code == 2 && said.words.contains(field) && said.words.contains(words), "{new}: {said:?}");
    }
    // What is written in the example is taken as it stands.
    vendor.create("pia", "request", include_str!("../../examples/funding/shared-request.yaml"));
    let nobody = vendor.request("pia", &with(&SHARED, ("partner: bluepeak", "partner: ghost")));
    let returned = vendor.until_it("request", &nobody, "is refused", |paper| paper["refusal"].is_object());
    assert_eq!(returned["refusal"]["field"], "/shares/partners/1/partner", "{returned:#}");
    assert!(returned["refusal"]["message"].as_str().unwrap().contains("`ghost` is no partner in business"));
}

#[test]
fn us19_a_payee_sees_and_disputes_its_own_share_alone_of_a_claim_that_another_has_made() {
    let vendor = vendor();
    let request = vendor.granted("pia", &SHARED);
    vendor.pass_days(20);
    let claim = vendor.approved("pia", &request, &CLAIMED);
    let dispute = |person: &str, more: &[&str]| {
        let say = ["claim", "dispute", &claim, "--amount", "33.00 EUR", "--reason", "the room was ours"];
        vendor.act(person, &[&say, more].concat())
    };
    // What is another's is not the claimant's to dispute, and the papers are not the payee's to read.
    let refused = dispute("pia", &["--payee", "bluepeak"]);
    assert!(refused.code == 4 && refused.words.contains("`bluepeak` alone"), "{refused:?}");
    assert_eq!(vendor.act_plainly("ben", &["claim", "show", &claim]).code, 3);
    assert_eq!(vendor.act_plainly("ben", &["claim", "shares", "CLM-2027-09999"]).code, 3);
    assert_eq!(vendor.act_plainly("ben", &["claim", "shares", "--partner", "nordlicht"]).code, 3);

    let shares = |person: &str| vendor.act_plainly(person, &["claim", "shares", "--json"]).ok();
    let seen = shares("ben");
    let share = seen.json()[0].clone();
    assert_eq!((&share["claim"], &share["state"]), (&json!(claim), &json!("payable")), "{share:#}");
    assert_eq!((&share["weight"], &share["of"]), (&json!(3000), &json!(8000)));
    assert_eq!(share["payable"]["amount"]["minor"], 75_000);
    for others in ["nordlicht", "Hafenhaus", "invoice", &request, "10000.03", "125001"] {
        assert!(!seen.data.contains(others), "{others}: {seen:?}");
    }
    assert_eq!(shares("pia").json(), json!([]), "its own claim is no share in another's");

    dispute("ben", &[]).ok();
    let held = vendor.show("claim", &claim);
    let payables = &held["course"]["payables"];
    assert_eq!((minor(payables, "nordlicht"), minor(payables, "bluepeak")), (125_001, 71_700), "{payables:#}");
    assert_eq!(held["course"]["disputes"][0]["by"], "ben");
    assert_eq!(shares("ben").json()[0]["disputes"][0]["amount"]["minor"], 3_300);
    let theirs = vendor.act_plainly("pia", &["claim", "show", &claim, "--json"]).ok();
    assert_eq!(theirs.json()["course"]["disputes"].as_array().map_or(0, Vec::len), 0, "{theirs:?}");
    // The claimant disputes its own, and the vendor's people whose it is.
    dispute("pia", &[]).ok();
    let both = vendor.show("claim", &claim);
    assert_eq!(minor(&both["course"]["payables"], "nordlicht"), 121_701, "{both:#}");
}
