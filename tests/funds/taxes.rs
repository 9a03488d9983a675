//! Taxes: documents that hold a payout and not the claim, and what is withheld of a payment.

use entente_core::{
    context::funding::{ClaimPaper, PartnerPaper, PayoutPaper},
    ledger::Account,
};
use entente_payments::pain001;
use serde_json::json;

use crate::{
    papers,
    vendor::{Vendor, accepted},
};

const PACK: &str = "tax_pack: acme-us\nversion: 1\nlegal_entity: acme-us\nsource: Opinion of 2027-01-12\n\
    countries:\n  DE: { documents: [vat_id, w8], withholding: 15 }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_the_tax_owner_signed_off_holds_payouts_and_withholds_once() {
    let (vendor, _crew) = Vendor::open().await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);

    // Whoever imports it does not sign it off, and nobody does without the role.
    let file = vendor.write("tax.yaml", PACK);
    vendor.command("tina", &["tax", "import", &file]).await.unwrap();
    let own = vendor.command("tina", &["tax", "sign-off", "acme-us@1"]).await.unwrap_err();
    assert!(own.contains("has imported `acme-us@1` and cannot sign it off"), "{own}");
    vendor.command("finn", &["tax", "sign-off", "acme-us@1"]).await.unwrap_err();
    vendor.command("otto", &["tax", "sign-off", "acme-us@1"]).await.unwrap();

    // The payout waits for the form, and the claim stays owed.
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.state(run.run, "withdrawn").await;
    let why = vendor.sheet::<PayoutPaper>(run.run).await.course.left_out.remove(0).why;
    assert!(why.contains("it has no form of the W-8 series, which tax pack `acme-us@1` asks for"), "{why}");
    assert_eq!(vendor.row(claim.run).await.snapshot.state, "payable");

    let partner = vendor.runs("partner_onboarding").await.remove(0).snapshot;
    let mut paper = vendor.sheet::<PartnerPaper>(partner.run).await.paper;
    let form = json!({ "kind": "w8", "from": "2027-01-01", "checked_by": "tina" });
    paper.tax_documents.push(serde_json::from_value(form).unwrap());
    accepted(vendor.ask(vendor.actor("mia"), partner.run, "revise", json!({ "paper": paper })).await);
    vendor.asks(partner.run).await;
    for person in ["sue", "finn"] {
        accepted(vendor.vote(person, partner.run).await);
    }
    vendor.state(partner.run, "active").await;

    // 15 % of 2,000.00 are withheld: the bank pays 1,700.00, and the fund 2,000.00.
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let files = vendor.store().documents("payment_file").await.unwrap();
    let (file, _) = pain001::read(files[0].text.as_bytes()).unwrap();
    assert_eq!(file.groups()[0].total().minor, 170_000);
    vendor.bank_says(&run, "paid", "2027-04-05").await;
    vendor.state(claim.run, "paid").await;
    assert_eq!(vendor.stands("emea-2027-h1", Account::Paid, None).await, 200_000);
    let month = ["tax", "withheld", "--entity", "acme-us", "--month", "2027-04", "--json"];
    let told: serde_json::Value = serde_json::from_str(&vendor.command("finn", &month).await.unwrap()).unwrap();
    assert_eq!(told["sums"], json!([{ "minor": 30_000, "currency": "EUR" }]), "{told}");

    let month = vendor.now().await.strftime("%Y-%m").to_string();
    let create = ["statement", "create", "--partner", "nordlicht", "--entity", "acme-us", "--month", &month];
    let statement = vendor.command("finn", &create).await.unwrap();
    assert!(statement.contains("EUR 300.00 of it was withheld as tax"), "{statement}");

    // What comes back is owed again without the tax, and no tax is withheld of it again.
    vendor.bank_says(&run, "returned", "2027-04-08").await;
    vendor.state(claim.run, "payable").await;
    assert_eq!(vendor.stands("emea-2027-h1", Account::Payable, None).await, 170_000);
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    let item = vendor.sheet::<PayoutPaper>(run.run).await.course.items.remove(0).item;
    assert_eq!((item.amount.minor, item.withheld), (170_000, None));
    vendor.bank_says(&run, "paid", "2027-04-12").await;
    vendor.state(claim.run, "paid").await;
    let payable = vendor.sheet::<ClaimPaper>(claim.run).await.course.payables.remove(0);
    let withheld: Vec<i64> = payable.payments.iter().filter_map(|one| one.withheld).map(|one| one.minor).collect();
    assert_eq!((payable.paid_in_all(), withheld.as_slice()), (200_000, &[30_000][..]));
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_says_what_was_withheld_of_an_advance() {
    let (vendor, _crew) = Vendor::open().await;
    let file = vendor.write("tax.yaml", &PACK.replace("[vat_id, w8]", "[vat_id]"));
    vendor.command("tina", &["tax", "import", &file]).await.unwrap();
    vendor.command("otto", &["tax", "sign-off", "acme-us@1"]).await.unwrap();
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    let advance = include_str!("../../examples/funding/advance.yaml").replace("REQ-2027-00001", &request.label);
    let claim = vendor.owed(&[("pia", advance)]).await.remove(0);
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    vendor.bank_says(&run, "paid", "2027-03-12").await;
    vendor.state(claim.run, "advanced").await;

    let month = vendor.now().await.strftime("%Y-%m").to_string();
    let create = ["statement", "create", "--partner", "nordlicht", "--entity", "acme-us", "--month", &month];
    let statement = vendor.command("finn", &create).await.unwrap();
    assert!(statement.contains("EUR 150.00 of it was withheld as tax"), "{statement}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_is_signed_off_while_a_run_waits_for_votes_stops_its_file() {
    let (vendor, _crew) = Vendor::open().await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.asks(run.run).await;
    accepted(vendor.vote("tess", run.run).await);

    let file = vendor.write("tax.yaml", &PACK.replace("[vat_id, w8]", "[vat_id]"));
    vendor.command("tina", &["tax", "import", &file]).await.unwrap();
    vendor.command("otto", &["tax", "sign-off", "acme-us@1"]).await.unwrap();
    let again = vendor.command("otto", &["tax", "sign-off", "acme-us@1"]).await.unwrap_err();
    assert!(again.contains("has signed `acme-us@1` off already"), "{again}");

    accepted(vendor.vote("flo", run.run).await);
    vendor.state(run.run, "withdrawn").await;
    assert!(vendor.store().documents("payment_file").await.unwrap().is_empty(), "nobody agreed to 85 % of it");
    vendor.state(claim.run, "payable").await;
    let item = {
        let run = vendor.payout(&papers::payout(&[])).await;
        vendor.asks(run.run).await;
        vendor.sheet::<PayoutPaper>(run.run).await.course.items.remove(0).item
    };
    assert_eq!((item.amount.minor, item.withheld.unwrap().minor), (200_000, 30_000));
    vendor.verify().await;
}

/// Puts these documents into nordlicht's paper, and two people look at it again.
async fn with_documents(vendor: &Vendor, documents: serde_json::Value) {
    let partner = vendor.runs("partner_onboarding").await.remove(0).snapshot;
    let mut paper = vendor.sheet::<PartnerPaper>(partner.run).await.paper;
    paper.tax_documents = serde_json::from_value(documents).unwrap();
    accepted(vendor.ask(vendor.actor("mia"), partner.run, "revise", json!({ "paper": paper })).await);
    vendor.asks(partner.run).await;
    for person in ["sue", "finn"] {
        accepted(vendor.vote(person, partner.run).await);
    }
    vendor.state(partner.run, "active").await;
}

/// Why a run of everything that is owed pays nothing.
async fn why_nothing(vendor: &Vendor) -> String {
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.state(run.run, "withdrawn").await;
    vendor.sheet::<PayoutPaper>(run.run).await.course.left_out.remove(0).why
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_is_over_or_of_somebody_else_holds_the_payout_and_not_the_claim() {
    let (vendor, _crew) = Vendor::open().await;
    let until = vendor.now().await.to_zoned(jiff::tz::TimeZone::UTC).date().checked_add(jiff::Span::new().days(22));
    let until = until.unwrap();
    let document = |until, name| json!([{ "kind": "vat_id", "number": "DE136695976", "name": name, "country": "DE", "from": "2026-01-01", "until": until, "checked_by": "finn" }]);
    with_documents(&vendor, document(until, "Nordlicht Cloud GmbH")).await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let claim = vendor.claimed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    accepted(vendor.vote("vera", claim.run).await);
    // It is over between the two votes, and the claim goes on.
    vendor.pass_days(4).await;
    accepted(vendor.vote("finn", claim.run).await);
    vendor.state(claim.run, "payable").await;
    let why = why_nothing(&vendor).await;
    assert!(why.contains(&format!("its VAT registration was in force until {until}")), "{why}");
    assert_eq!(vendor.row(claim.run).await.snapshot.state, "payable");

    with_documents(&vendor, document("2030-01-01".parse().unwrap(), "Suedlicht GmbH")).await;
    let why = why_nothing(&vendor).await;
    assert!(why.contains("names `Suedlicht GmbH`, and the partner is `Nordlicht Cloud GmbH`"), "{why}");
    let label = vendor.runs("partner_onboarding").await.remove(0).snapshot.label;
    let shown = vendor.run("mia", &["partner", "show", &label]).await.ok();
    assert!(shown.contains("DE…976") && shown.contains("names `Suedlicht GmbH`"), "{shown}");

    with_documents(&vendor, document("2030-01-01".parse().unwrap(), "Nordlicht Cloud GmbH")).await;
    let run = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&run), &["tess", "flo"]).await;
    vendor.state(run.run, "sent").await;
    // The number is nowhere but in the document: in no history, message, notice or log.
    let history = vendor.run("mia", &["partner", "history", &label, "--json"]).await.ok();
    let notices = std::fs::read_to_string(vendor.path("notices.jsonl")).unwrap_or_default();
    for kept in [history, notices, vendor.logs(), vendor.run("mia", &["partner", "show", &label, "--json"]).await.ok()]
    {
        assert!(!kept.contains("136695"), "{kept}");
    }
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_does_not_fit_is_said_when_it_is_entered() {
    let vendor = Vendor::new().await;
    let _crew = vendor.crew(1).await;
    let with = |document: &str| papers::partner("nordlicht", &[("{ kind: vat_id,", document)]);
    let file = vendor.write("partner.yaml", &with("{ kind: vat_id, number: DE1366959,"));
    vendor.run("mia", &["partner", "create", &file]).await.refused(2, "is no VAT number: one has `DE` and 9 digits");
    let file = vendor.write("partner.yaml", &with("{ kind: vat_id, name: Suedlicht GmbH,"));
    let said = vendor.run("mia", &["partner", "create", &file]).await;
    assert!(said.words.contains("`/tax_documents/0`: its VAT registration names `Suedlicht GmbH`"), "{said:?}");
    assert_eq!(said.code, 0);
}
