//! The rules about what comes after a claim's approval: they are judged as it stands, and hold out of a payout run what must not be paid.

use entente_core::{
    context::funding::{ClaimPaper, FundPaper, PayoutPaper, RequestPaper},
    scope::Scope,
};
use serde_json::{Value, json};

use crate::{
    house::server::Server,
    kept::place,
    papers,
    vendor::{Started, Vendor, accepted},
};

/// A vendor whose fund follows the starter pack with these rules besides.
async fn vendor(name: &str, rules: &str) -> (Vendor, Vec<Server>) {
    let vendor = Vendor::new().await;
    let crew = vendor.crew(3).await;
    let pack = vendor.write("pack.yaml", &papers::with_rules(name, rules));
    vendor.run("fay", &["programme", "import", &pack]).await.ok();
    vendor.partner("nordlicht", &[]).await;
    vendor.fund(&papers::fund(&[("pack: starter@1", &format!("pack: {name}@1"))])).await;
    vendor.pass_days(6).await;
    (vendor, crew)
}

/// A claim of 2,000.00 EUR that asks for approval, on 27 March.
async fn claimed(vendor: &Vendor) -> Started {
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0)
}

/// The same, agreed to.
async fn owed(vendor: &Vendor) -> Started {
    let claim = claimed(vendor).await;
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "payable").await;
    claim
}

/// What a rule says of a claim now: its outcome, and why.
async fn says(vendor: &Vendor, claim: &Started, rule: &str) -> (String, String) {
    let told = vendor.run("finn", &["explain", &claim.label, rule, "--json"]).await.json();
    let text = |field: &str| told[0][field].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("because"))
}

/// What a dry run pays, and why it leaves others out.
async fn planned(vendor: &Vendor, paper: &str, more: &[&str]) -> (usize, Vec<String>, Value) {
    let file = vendor.write("run.yaml", paper);
    let words = [&["payout", "create", &file, "--dry-run", "--json"], more].concat();
    let said = vendor.run("paula", &words).await;
    if said.code != 0 {
        return (0, vec![said.words], Value::Null);
    }
    let planned = said.json();
    let left = planned["left_out"].as_array().unwrap().iter();
    let left = left.map(|left| left["why"].as_str().unwrap().to_owned()).collect();
    (planned["paid"].as_array().unwrap().len(), left, planned["early"].clone())
}

/// Why a run leaves its only item out.
async fn left_out(vendor: &Vendor) -> String {
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.state(run.run, "withdrawn").await;
    vendor.sheet::<PayoutPaper>(run.run).await.course.left_out.remove(0).why
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_is_what_was_approved_and_a_file_that_is_gone_holds_it_out_of_the_run() {
    let (vendor, _crew) = vendor("exact", "  Y2: {}\n  Y5: {}\n  Y6: {}\n  Y7: {}\n").await;
    let claim = owed(&vendor).await;
    assert_eq!(says(&vendor, &claim, "Y2").await.0, "satisfied");
    let (outcome, because) = says(&vendor, &claim, "Y5").await;
    assert_eq!(
        (outcome.as_str(), because.as_str()),
        ("satisfied", "EUR 2,000.00 of EUR 2,000.00 is paid or planned, EUR 0.00 is open")
    );
    assert_eq!(says(&vendor, &claim, "Y6").await, ("satisfied".to_owned(), "the programme pays by `bank`".to_owned()));
    assert_eq!(says(&vendor, &claim, "Y7").await, ("silent".to_owned(), "no payment came back".to_owned()));

    let room = vendor.sheet::<ClaimPaper>(claim.run).await.paper.evidence.remove(1).file;
    std::fs::remove_file(place(&vendor, &room)).unwrap();
    let (outcome, because) = says(&vendor, &claim, "Y2").await;
    assert!(outcome == "found" && because.contains("`room-00001.png`: evidence"), "{outcome}: {because}");
    let (paid, why, _) = planned(&vendor, &papers::payout(&[]), &[]).await;
    assert!(paid == 0 && why[0].contains("rule Y2: the documents are not those that were approved"), "{why:?}");
    let why = left_out(&vendor).await;
    assert!(why.contains("rule Y2") && why.contains("`room-00001.png`"), "{why}");

    // It is handed in again: the same bytes, and nobody has to agree anew.
    vendor.hand_in("nordlicht", "room-00001.png").await;
    assert_eq!(says(&vendor, &claim, "Y2").await.0, "satisfied");
    let run = vendor.sent().await;
    vendor.bank_says(&run, "paid", "2027-04-05").await;
    vendor.state(claim.run, "paid").await;
    assert_eq!(says(&vendor, &claim, "Y5").await.0, "satisfied");
    vendor.bank_says(&run, "returned", "2027-04-08").await;
    vendor.state(claim.run, "payable").await;
    let (outcome, because) = says(&vendor, &claim, "Y7").await;
    assert_eq!(
        (outcome.as_str(), because.as_str()),
        ("satisfied", "the payment came back on 2027-04-08; the payable is open, the claim is not")
    );
    let (_, because) = says(&vendor, &claim, "Y5").await;
    assert!(because.starts_with("EUR 2,000.00 of EUR 2,000.00 is paid or planned"), "it is owed once: {because}");
    // Taken into the next run, it is owed as anything else is.
    vendor.sent().await;
    assert_eq!(says(&vendor, &claim, "Y7").await.0, "silent");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_programme_that_pays_by_credit_note_alone_has_no_payout_run_pay_by_the_bank() {
    let (vendor, _crew) = vendor("notes", "  Y6: { kinds: [credit_note] }\n").await;
    let claim = owed(&vendor).await;
    let found = "the programme does not pay by `bank`";
    assert_eq!(says(&vendor, &claim, "Y6").await, ("found".to_owned(), found.to_owned()));
    let (paid, why, _) = planned(&vendor, &papers::payout(&[]), &[]).await;
    assert!(paid == 0 && why[0].contains(&format!("rule Y6: {found}")), "{why:?}");
    assert_eq!(left_out(&vendor).await, format!("rule Y6: {found}"));
    vendor.state(claim.run, "payable").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_approved_after_the_cut_off_joins_the_next_months_run_and_is_paid_before_where_it_is_named() {
    let (vendor, _crew) = vendor("monthly", "  C10: { day: 14 }\n").await;
    // Agreed to on 27 March, after the 14th.
    let claim = owed(&vendor).await;
    let (outcome, because) = says(&vendor, &claim, "C10").await;
    assert!(
        outcome == "found" && because.ends_with("with the cut-off on day 14, it joins the run of 2027-04-01"),
        "{because}"
    );
    let march = papers::payout(&[("2027-04-05", "2027-03-30")]);
    let (paid, why, _) = planned(&vendor, &march, &[]).await;
    assert!(paid == 0 && why[0].contains("it joins the run of 2027-04 by rule C10"), "{why:?}");
    let file = vendor.write("march.yaml", &march);
    vendor.run("paula", &["payout", "create", &file, "--submit"]).await.refused(5, "it joins the run of 2027-04");

    let (paid, why, early) = planned(&vendor, &march, &["--claim", &claim.label]).await;
    assert_eq!((paid, why.len()), (1, 0));
    assert!(early[0]["why"].as_str().unwrap().contains("it is paid now, which is early"), "{early}");

    let april = papers::payout(&[]);
    let (paid, why, early) = planned(&vendor, &april, &[]).await;
    assert_eq!((paid, why.len(), early.as_array().unwrap().len()), (1, 0, 0));
    let run = vendor.sent().await;
    let (outcome, because) = says(&vendor, &claim, "C10").await;
    assert!(outcome == "satisfied" && because.ends_with("it joined the run of 2027-04-01"), "{outcome}: {because}");
    vendor.bank_says(&run, "paid", "2027-04-05").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_claimed_back_comes_off_the_next_payment_up_to_the_packs_part_of_it_and_the_rest_goes_on() {
    let (vendor, _crew) = vendor("netting", "  Y9: {}\n").await;
    let (wrong, other) = vendor.one_of_two_paid().await;
    assert_eq!(says(&vendor, &wrong, "Y9").await, ("silent".to_owned(), "no money is taken back".to_owned()));
    vendor.claimed_back(&wrong, 80_000).await;
    vendor.owed(&[("pia", papers::claim(&other.label, 2, &[]))]).await;
    let (outcome, because) = says(&vendor, &wrong, "Y9").await;
    let plan = "of EUR 800.00 taken back, EUR 500.00 comes off the next statement and EUR 300.00 is invoiced";
    assert_eq!((outcome.as_str(), because.as_str()), ("found", plan));
    let actions = async || {
        let told = vendor.run("finn", &["explain", &wrong.label, "Y9", "--json"]).await.json();
        told[0]["actions"].to_string()
    };
    assert!(actions().await.contains("net_on_statement"), "{}", actions().await);
    // The run takes them off: what is left to do is the rest.
    let run = vendor.sent().await;
    let left = actions().await;
    assert!(left.contains("invoice_partner") && !left.contains("net_on_statement"), "{left}");
    vendor.bank_says(&run, "paid", "2027-04-06").await;
    vendor.given_back(&wrong, 30_000).await;
    vendor.state(wrong.run, "paid").await;
    assert_eq!(says(&vendor, &wrong, "Y9").await.0, "silent");
    vendor.verify().await;
}

/// The names of what was told of a late claim, in their alphabet.
async fn late(vendor: &Vendor, claim: &Started) -> Vec<String> {
    vendor.run("finn", &["schedule", "run", "late", "--wait", "60s"]).await.ok();
    let notices = vendor.store().notices(&Scope::vendor(), Some(claim.run)).await.unwrap();
    let late = notices.into_iter().filter(|notice| notice.id.starts_with("late/"));
    let mut names: Vec<String> = late.map(|notice| notice.name).collect();
    names.sort_unstable();
    names
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_answer_a_late_invoice_and_a_late_payment_are_told_once_and_then_to_the_next() {
    let (vendor, _crew) = vendor("prompt", "  Y3: {}\n  Y4: { days: 15 }\n").await;
    // Handed in on 27 March; the answer is due within three working days, the payment by 26 April.
    let claim = claimed(&vendor).await;
    assert_eq!(late(&vendor, &claim).await, Vec::<String>::new());
    assert_eq!(says(&vendor, &claim, "Y3").await.0, "satisfied");
    vendor.pass_days(6).await;
    let (outcome, because) = says(&vendor, &claim, "Y3").await;
    assert!(outcome == "found" && because.starts_with("nobody answered until"), "{outcome}: {because}");
    assert_eq!(late(&vendor, &claim).await, ["claim_unanswered"]);
    assert_eq!(late(&vendor, &claim).await, ["claim_unanswered"], "it is told once");
    vendor.pass_days(8).await;
    let unanswered = ["claim_still_unanswered", "claim_unanswered"];
    assert_eq!(late(&vendor, &claim).await, unanswered);

    // Agreed to on 10 April: the invoice is due by the 25th.
    vendor.agree(std::slice::from_ref(&claim), &["vera", "finn"]).await;
    vendor.state(claim.run, "payable").await;
    let (outcome, because) = says(&vendor, &claim, "Y4").await;
    assert_eq!((outcome.as_str(), because.as_str()), ("silent", "there is time for the invoice"));
    vendor.pass_days(16).await;
    let (outcome, because) = says(&vendor, &claim, "Y4").await;
    assert!(outcome == "found" && because.contains("was due 2027-04-25 and is not there"), "{outcome}: {because}");
    let invoice = [&unanswered[..], &["invoice_missing"]].concat();
    assert_eq!(late(&vendor, &claim).await, invoice);

    let enter = ["claim", "invoice", &claim.label, "--number", "N-17"];
    let with = |more: &[&'static str]| [&enter[..], more].concat();
    vendor.run("pia", &enter).await.refused(4, "is for the vendor's own people");
    vendor.run("vera", &enter).await.refused(4, "may not");
    vendor.run("paula", &enter[..3]).await.refused(2, "--number");
    vendor.run("paula", &with(&["--credit-note"])).await.refused(5, "is billed by its payee");
    vendor.run("paula", &with(&["--payee", "bluepeak"])).await.refused(5, "owes nothing to `bluepeak`");
    vendor.run("paula", &with(&["--on", "2027-05-01"])).await.refused(5, "cannot have a document of 2027-05-01");
    vendor.run("paula", &with(&["--on", "2027-04-26"])).await.ok();
    let (outcome, because) = says(&vendor, &claim, "Y4").await;
    assert_eq!((outcome.as_str(), because.as_str()), ("satisfied", "the document came on 2027-04-26, due 2027-04-25"));

    vendor.pass_days(2).await;
    let unpaid = [&unanswered[..], &["claim_unpaid", "invoice_missing"]].concat();
    assert_eq!(late(&vendor, &claim).await, unpaid);
    let run = vendor.payout(&papers::payout(&[("2027-04-05", "2027-04-29")])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    vendor.bank_says(&run, "paid", "2027-04-29").await;
    vendor.state(claim.run, "paid").await;
    assert_eq!(says(&vendor, &claim, "Y3").await.0, "satisfied");
    vendor.pass_days(10).await;
    assert_eq!(late(&vendor, &claim).await, unpaid, "what is paid is late no longer");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_refused_a_claim_is_told_from_what_happened_to_it() {
    let (vendor, _crew) = vendor("fair", "  D12: {}\n").await;
    let other = papers::request(&[("hamburg-breakfast", "event-2")]);
    let requests = vendor.granted(&[("pia", papers::request(&[])), ("pia", other)]).await;
    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&requests[0].label, 1, &[]))]).await.remove(0);
    assert_eq!(says(&vendor, &claim, "D12").await, ("satisfied".to_owned(), "nobody refused the claim".to_owned()));
    let revision = vendor.asks(claim.run).await.snapshot.approvals.unwrap().subject.revision;
    let words = ["send-back", &claim.label, "--revision", &revision, "--reason", "which room?"];
    vendor.run("vera", &words).await.ok();
    vendor.state(claim.run, "returned").await;
    assert_eq!(says(&vendor, &claim, "D12").await, ("satisfied".to_owned(), "a person refused the claim".to_owned()));

    let unproven = papers::claim(&requests[1].label, 2, &[("  - { file: invoice-00002.pdf, kind: invoice }\n", "")]);
    let unproven = vendor.submit_one::<ClaimPaper>("CLM", "pia", unproven).await;
    vendor.state(unproven.run, "returned").await;
    assert_eq!(says(&vendor, &unproven, "D12").await, ("satisfied".to_owned(), "a rule refused the claim".to_owned()));
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_longer_period_of_a_fund_asks_whom_the_pack_names_and_another_amount_does_not() {
    let (vendor, _crew) = vendor("longer", "  G5: { extend_role: programme_director }\n").await;
    let fund = vendor.labelled("FND-2027-00001").await;
    let asked = async |change: Value| {
        accepted(vendor.ask(vendor.actor("mia"), fund.run, "change", change).await);
        let round = vendor.asks(fund.run).await.snapshot.approvals.unwrap();
        round.requirements.iter().map(|asked| asked.role.to_string()).collect::<Vec<_>>()
    };
    let roles = asked(json!({ "until": "2027-09-30", "reason": "the fair was moved" })).await;
    assert_eq!(roles, ["finance_approver", "programme_director"]);
    accepted(vendor.vote("finn", fund.run).await);
    vendor.state(fund.run, "change_approvals").await;
    accepted(vendor.vote("dora", fund.run).await);
    vendor.state(fund.run, "open").await;
    let until = vendor.sheet::<FundPaper>(fund.run).await.paper.until;
    assert_eq!(until.to_string(), "2027-09-30");

    let roles = asked(json!({ "until": "2027-08-31", "reason": "it was moved back" })).await;
    assert_eq!(roles, ["finance_approver"], "a shorter period is none that is longer");
    accepted(vendor.vote("finn", fund.run).await);
    vendor.state(fund.run, "open").await;
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_programme_closes_when_nothing_is_open_and_nothing_is_asked_of_it_then() {
    let (vendor, _crew) = vendor("ends", "  Y11: {}\n").await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let close = ["programme", "close", "emea-mdf", "--reason", "the year is over"];
    vendor.run("fay", &close).await.refused(5, "the programme cannot close with 1 open reservations");
    vendor.run("fay", &close).await.refused(5, &format!("`request/{}`", request.label));
    vendor.run("fay", &close[..3]).await.refused(2, "--reason");
    vendor.run("vera", &close).await.refused(4, "may not");
    vendor.run("pia", &close).await.refused(4, "is for the vendor's own people");
    let unknown = ["programme", "close", "apac-mdf", "--reason", "the year is over"];
    vendor.run("fay", &unknown).await.refused(3, "apac-mdf");

    vendor.run("pia", &["request", "cancel", &request.label, "--reason", "it is called off"]).await.ok();
    vendor.until(request.run, "it has ended", |row| row.snapshot.ended).await;
    let dry = [&close[..], &["--dry-run"]].concat();
    assert_eq!(vendor.run("fay", &dry).await.ok().trim(), "emea-mdf");
    let open = papers::request(&[("hamburg-breakfast", "event-2")]);
    let open = vendor.granted(&[("pia", open)]).await.remove(0);
    vendor.run("fay", &close).await.refused(5, "1 open reservations");
    vendor.run("pia", &["request", "cancel", &open.label, "--reason", "it is called off"]).await.ok();
    vendor.until(open.run, "it has ended", |row| row.snapshot.ended).await;
    vendor.run("fay", &close).await.ok();
    vendor.run("finn", &["programme", "close", "emea-mdf", "--reason", "again"]).await.refused(4, "may not");
    vendor.run("mia", &close).await.refused(5, "it was closed by `fay` already");

    let late = papers::request(&[("hamburg-breakfast", "event-3")]);
    let late = vendor.submit_one::<RequestPaper>("REQ", "pia", late).await;
    vendor.state(late.run, "returned").await;
    let why = vendor.sheet::<RequestPaper>(late.run).await.refusal.unwrap().message;
    assert!(why.contains("programme `emea-mdf` was closed on"), "{why}");
    let fund = papers::fund(&[("emea-2027-h1", "emea-2027-h2")]);
    let fund = vendor.submit_one::<FundPaper>("FND", "mia", fund).await;
    vendor.state(fund.run, "returned").await;
    let refusal = vendor.sheet::<FundPaper>(fund.run).await.refusal.unwrap();
    assert_eq!(refusal.field.as_deref(), Some("/programme"), "{}", refusal.message);
    vendor.verify().await;
}
