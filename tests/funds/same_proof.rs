//! Row 86: one invoice or file in two claims.

use entente_core::{
    context::funding::{ClaimPaper, Sheet},
    ledger::Account,
};

use crate::{
    papers,
    vendor::{Started, Vendor},
};

/// Each partner has a granted request, and nordlicht has claimed 2,000.00 with 3,000.00 of an invoice of 4,000.00.
async fn two_partners() -> (Vendor, Vec<crate::house::server::Server>, Vec<Started>, Started) {
    let (vendor, crew) = Vendor::open().await;
    vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    let other = |number: usize| papers::request(&[("hamburg-breakfast", &format!("event-{number}"))]);
    let theirs = papers::request(&[("partner: nordlicht", "partner: bluepeak"), ("hamburg-breakfast", "event-9")]);
    let all = [("pia", other(1)), ("pia", other(2)), ("ben", theirs)];
    let requests = vendor.granted(&all).await;
    vendor.pass_days(20).await;
    let used = [("claimed: \"4000.00 EUR\"", "claimed: \"3000.00 EUR\"")];
    let first = vendor.claimed(&[("pia", papers::claim(&requests[0].label, 1, &used))]).await.remove(0);
    (vendor, crew, requests, first)
}

/// A later claim with the same invoice, of which it uses so much.
fn again(request: &Started, files: usize, partner: &str, claimed: &str, declared: bool) -> String {
    let used = format!("claimed: \"{claimed} EUR\"\n    share_declared: {declared}");
    let number = format!("R-{files:05}");
    papers::claim(
        &request.label,
        files,
        &[
            ("partner: nordlicht", &format!("partner: {partner}")),
            (number.as_str(), "r 00001"),
            ("claimed: \"4000.00 EUR\"", &used),
        ],
    )
}

async fn judged(vendor: &Vendor, claim: &Started) -> (String, Sheet<ClaimPaper>) {
    let over = ["returned", "held", "approvals"];
    let row = vendor.until(claim.run, "it is judged", |row| over.contains(&row.snapshot.state.as_str())).await;
    (row.snapshot.state, vendor.sheet::<ClaimPaper>(claim.run).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_86_only_the_excess_over_an_invoice_is_refused_and_a_second_use_declares_its_share() {
    let (vendor, _crew, requests, first) = two_partners().await;
    // By the same partner, and by another one: 1,000.00 of the invoice are left.
    for (person, partner, request, files) in
        [("pia", "nordlicht", &requests[1], 2), ("ben", "bluepeak", &requests[2], 3)]
    {
        let beyond =
            vendor.submit_one::<ClaimPaper>("CLM", person, again(request, files, partner, "1500.00", true)).await;
        let (state, sheet) = judged(&vendor, &beyond).await;
        let why = sheet.refusal.clone().unwrap();
        assert_eq!((state.as_str(), why.code.as_deref()), ("returned", Some("F2")), "{why:?}");
        assert_eq!(why.field.as_deref(), Some("/claim/invoices/0/claimed"));
        assert!(why.message.contains("EUR 500.00") && why.message.contains("lower the claim"), "{why:?}");
        assert!(named_in_record(&vendor, &sheet, &first.label).await, "the pair is named");

        // The rest of it is not refused: undeclared, finance is asked besides; declared, the usual people are enough.
        for (declared, asked) in [(false, true), (true, false)] {
            let text = vendor.handed_in(&again(request, files, partner, "1000.00", declared)).await;
            let paper: ClaimPaper = entente_core::context::funding::load("claim", &text).unwrap();
            let revised = serde_json::json!({ "paper": paper });
            let actor = vendor.actor(person);
            crate::vendor::accepted(vendor.ask(actor, beyond.run, "revise", revised).await);
            let row = vendor.state(beyond.run, "approvals").await;
            let rows: Vec<String> =
                row.snapshot.approvals.unwrap().requirements.into_iter().map(|one| one.row).collect();
            assert_eq!(rows.contains(&"rules-finance".to_owned()), asked, "{partner}, declared {declared}: {rows:?}");
            if !declared {
                send_back(&vendor, &beyond).await;
            }
        }
        // It is given up, so that the next one finds as much of the invoice left.
        let gone =
            vendor.ask(vendor.actor(person), beyond.run, "withdraw", serde_json::json!({ "reason": "given up" })).await;
        crate::vendor::accepted(gone);
    }
    assert_eq!(vendor.stands("emea-2027-h1", Account::Payable, None).await, 0);
    vendor.verify().await;
}

async fn send_back(vendor: &Vendor, claim: &Started) {
    let row = vendor.row(claim.run).await;
    let revision = row.snapshot.approvals.unwrap().subject.revision;
    let data = serde_json::json!({ "verdict": "send_back", "reason": "declare your share", "revision": revision });
    crate::vendor::accepted(vendor.ask(vendor.actor("vera"), claim.run, entente_core::chart::step::VOTE, data).await);
    vendor.state(claim.run, "returned").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn row_86_a_file_that_was_used_in_another_claim_holds_the_later_one_and_not_the_first() {
    let (vendor, _crew, requests, first) = two_partners().await;
    for (person, partner, request, number) in
        [("pia", "nordlicht", &requests[1], 2), ("ben", "bluepeak", &requests[2], 3)]
    {
        // The photo of the first claim, everything else its own.
        let text = papers::claim(
            &request.label,
            number,
            &[
                ("partner: nordlicht", &format!("partner: {partner}")),
                (&format!("room-{number:05}.png"), "room-00001.png"),
            ],
        );
        let claim = vendor.submit_one::<ClaimPaper>("CLM", person, text).await;
        let (state, sheet) = judged(&vendor, &claim).await;
        let why = sheet.refusal.clone().unwrap();
        assert_eq!((state.as_str(), why.code.as_deref()), ("held", Some("F1")), "{why:?}");
        assert_eq!(why.field.as_deref(), Some("/claim/evidence/1"));
        assert!(named_in_record(&vendor, &sheet, &first.label).await, "the pair is named");
    }
    vendor.agree(std::slice::from_ref(&first), &["vera", "finn"]).await;
    vendor.state(first.run, "payable").await;
    vendor.verify().await;
}

/// Whether what was judged, as it is kept for the vendor's people, names a claim.
async fn named_in_record(vendor: &Vendor, sheet: &Sheet<ClaimPaper>, label: &str) -> bool {
    let record = &sheet.assessment.as_ref().unwrap().record;
    let record = entente::funding::record::get(vendor.store(), record).await.unwrap();
    record["judgement"]["verdicts"].to_string().contains(label)
}

#[tokio::test(flavor = "multi_thread")]
async fn row_86_a_claim_that_was_refused_takes_nothing_of_an_invoice_and_stops_no_other() {
    let (vendor, _crew, requests, _first) = two_partners().await;
    // Of somebody else on a request that is not theirs; of the partner itself, beyond the invoice; and on a request that never was.
    let foreign = papers::claim(&requests[1].label, 5, &[("partner: nordlicht", "partner: bluepeak")]);
    let beyond = papers::claim(&requests[1].label, 5, &[("claimed: \"4000.00 EUR\"", "claimed: \"9000.00 EUR\"")]);
    let nowhere = papers::claim("REQ-2027-99999", 5, &[]);
    for (person, text) in [("ben", foreign), ("pia", beyond), ("pia", nowhere)] {
        let refused = vendor.submit_one::<ClaimPaper>("CLM", person, text).await;
        let (state, sheet) = judged(&vendor, &refused).await;
        assert_eq!(state, "returned", "{:?}", sheet.refusal);
    }
    vendor.claimed(&[("pia", papers::claim(&requests[1].label, 5, &[]))]).await;
    vendor.verify().await;
}
