//! `--dry-run` foretells what happens then: the state, the journals, who is asked. Nothing of it is written.

use entente_core::context::funding::{FundPaper, RequestPaper};
use entente_store::RunRow;
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Said, Started, Vendor, accepted},
};

const FUND: &str = "emea-2027-h1";

/// What a command foretells; neither the run nor the books nor its inbox have changed afterwards.
async fn foretold(vendor: &Vendor, run: &Started, person: &str, args: &[&str]) -> Value {
    let said = tried(vendor, run, person, args).await.json();
    assert_eq!((&said["label"], &said["dry_run"]), (&json!(run.label), &json!(true)));
    said["foreseen"].clone()
}

async fn tried(vendor: &Vendor, run: &Started, person: &str, args: &[&str]) -> Said {
    let before = (vendor.row(run.run).await, vendor.entries().await.len(), inbox(vendor, run).await);
    let said = vendor.run(person, &[args, &["--dry-run", "--json"]].concat()).await;
    let after = (vendor.row(run.run).await, vendor.entries().await.len(), inbox(vendor, run).await);
    assert_eq!(after, before, "{args:?} has written something");
    said
}

async fn inbox(vendor: &Vendor, run: &Started) -> usize {
    let mut count = 0;
    for name in ["change", "close", "dispute", "settle_dispute", "claw_back", "cancel", "approval.vote"] {
        count += vendor.messages(run.run, name).await.len();
    }
    count
}

/// What was booked on the fund since, as a dry run tells it.
async fn booked_since(vendor: &Vendor, before: usize) -> Value {
    let entries = vendor.entries().await;
    let from = entries[before..].iter().filter(|entry| entry.minor < 0);
    let sides = from.map(|entry| {
        let to = entries.iter().find(|other| other.journal == entry.journal && other.minor > 0).unwrap();
        json!({
            "fund": entry.posting.fund, "movement": entry.posting.action, "from": entry.account, "to": to.account,
            "amount": { "minor": to.minor, "currency": "EUR" },
            "key": entry.posting.to.as_ref().unwrap_or(&entry.posting.key),
        })
    });
    sides.collect::<Vec<_>>().into()
}

fn vote<'a>(label: &'a str, revision: &'a str) -> [&'a str; 4] {
    ["approve", label, "--revision", revision]
}

async fn revision(vendor: &Vendor, run: &Started) -> String {
    vendor.asks(run.run).await.snapshot.approvals.unwrap().subject.revision
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_dry_run_of_a_vote_or_a_dispute_books_is_what_the_real_one_books() {
    let (vendor, _crew) = Vendor::open().await;
    // A fund: the vote that is missing allocates it.
    let changes = [(FUND, "emea-2027-h2"), ("\"20000.00 EUR\"", "\"2000.00 EUR\"")];
    let fund = vendor.submit_one::<FundPaper>("FND", "mia", papers::fund(&changes)).await;
    let at = revision(&vendor, &fund).await;
    let foreseen = foretold(&vendor, &fund, "finn", &vote(&fund.label, &at)).await;
    assert_eq!(
        (&foreseen["state"], foreseen["journals"].as_array().unwrap().len()),
        (&json!("open"), 1),
        "{foreseen:#}"
    );
    let before = vendor.entries().await.len();
    vendor.run("finn", &[vote(&fund.label, &at).as_slice(), &["--wait", "60s"]].concat()).await.ok();
    vendor.state(fund.run, "open").await;
    assert_eq!(booked_since(&vendor, before).await, foreseen["journals"]);

    // What would be refused is refused in the same words, with the same code.
    let request = vendor.submit_one::<RequestPaper>("REQ", "pia", papers::request(&[])).await;
    let at = revision(&vendor, &request).await;
    for (person, code) in [("finn", 4), ("pia", 4)] {
        let real = vendor.run(person, &[vote(&request.label, &at).as_slice(), &["--wait", "60s"]].concat()).await;
        let tried = tried(&vendor, &request, person, &vote(&request.label, &at)).await;
        assert_eq!((tried.code, &tried.words), (code, &real.words), "{person}");
    }
    tried(&vendor, &request, "fay", &vote(&request.label, "abcdef")).await.refused(5, "you looked at `abcdef`");
    vendor.agree(std::slice::from_ref(&request), &["fay"]).await;
    vendor.state(request.run, "granted").await;

    let other = vendor.granted(&[("pia", papers::request(&[("hamburg-breakfast", "other")]))]).await.remove(0);

    // A dispute takes its part out of what is owed.
    vendor.pass_days(20).await;
    let claim = vendor.owed(&[("pia", papers::claim(&request.label, 1, &[]))]).await.remove(0);
    let dispute = ["claim", "dispute", &claim.label, "--amount", "300.00 EUR", "--reason", "the hall was dark"];
    let foreseen = foretold(&vendor, &claim, "mia", &dispute).await;
    let before = vendor.entries().await.len();
    // To the partner's own people it says where the claim would stand, and nothing of what the vendor does.
    let told = foretold(&vendor, &claim, "pia", &dispute).await;
    assert_eq!((&told["from"], &told["state"]), (&foreseen["from"], &foreseen["state"]));
    let hidden = ["steps", "journals", "messages", "asks", "notices", "performs"];
    assert_eq!(hidden.map(|field| told[field].as_array().unwrap().len()), [0; 6], "{told:#}");
    vendor.run("mia", &[dispute.as_slice(), &["--wait", "60s"]].concat()).await.ok();
    let booked = booked_since(&vendor, before).await;
    assert!(!booked.as_array().unwrap().is_empty() && booked == foreseen["journals"], "{booked:#} {foreseen:#}");

    // The vote that settles it, and freeing a request, are foretold as well.
    let settle = ["claim", "resolve-dispute", &claim.label, "--granted", "100.00 EUR", "--reason", "a third of it"];
    let foreseen = foretold(&vendor, &claim, "finn", &settle).await;
    assert_eq!(foreseen["journals"], json!([]));
    vendor.run("finn", &[settle.as_slice(), &["--wait", "60s"]].concat()).await.ok();
    vendor.agree(std::slice::from_ref(&claim), &["vera"]).await;
    let at = revision(&vendor, &claim).await;
    let voted = |row: &RunRow| row.snapshot.approvals.as_ref().is_some_and(|round| round.votes.len() == 1);
    vendor.until(claim.run, "one has voted", voted).await;
    let foreseen = foretold(&vendor, &claim, "flo", &vote(&claim.label, &at)).await;
    let before = vendor.entries().await.len();
    vendor.run("flo", &[vote(&claim.label, &at).as_slice(), &["--wait", "60s"]].concat()).await.ok();
    let booked = booked_since(&vendor, before).await;
    assert!(booked.as_array().unwrap().len() == 2 && booked == foreseen["journals"], "{booked:#} {foreseen:#}");
    let cancel = ["request", "cancel", &other.label, "--reason", "it is off"];
    let foreseen = foretold(&vendor, &other, "mia", &cancel).await;
    let before = vendor.entries().await.len();
    vendor.run("mia", &[cancel.as_slice(), &["--wait", "60s"]].concat()).await.ok();
    assert_eq!(booked_since(&vendor, before).await, foreseen["journals"]);
    assert_eq!(foreseen["journals"][0]["movement"], "void");
    vendor.verify().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_only_looked_at_on_the_way_is_looked_at_and_what_the_ledger_refuses_is_foretold() {
    let (vendor, _crew) = Vendor::open().await;
    let row = vendor.runs("fund_period").await.remove(0);
    let fund = Started { run: row.snapshot.run, label: row.snapshot.label };
    let change = |amount: &'static str| ["fund", "change", &fund.label, "--amount", amount, "--reason", "it goes well"];

    // Within the budget people are asked, beyond it the fund stays as it is; with the words that are said then.
    let within = foretold(&vendor, &fund, "mia", &change("30000.00 EUR")).await;
    assert_eq!((&within["state"], &within["journals"]), (&json!("change_approvals"), &json!([])), "{within:#}");
    assert!(within["asks"].as_array().unwrap().iter().any(|asked| asked["role"] == "finance_approver"), "{within:#}");
    let beyond = foretold(&vendor, &fund, "mia", &change("100000.01 EUR")).await;
    let last = beyond["steps"].as_array().unwrap().last().unwrap()["what"].as_str().unwrap().to_owned();
    assert_eq!(beyond["state"], "open");
    assert!(last.starts_with("fund.check refuses: ") && last.contains("of budget `emea-2027`"), "{last}");

    // In words as well.
    let said = vendor.run("mia", &[change("30000.00 EUR").as_slice(), &["--dry-run"]].concat()).await;
    assert!(said.words.contains("nothing was written"), "{said:?}");
    let words = said.ok();
    assert!(words.contains("would come to\tchange_approvals") && words.contains("ask\tfinance_approver"), "{words}");
    tried(&vendor, &fund, "vera", &change("30000.00 EUR")).await.refused(4, "may not manage funds");

    // Agreed to after the money went elsewhere: the ledger would refuse, and the chart has a way for that.
    accepted(
        vendor
            .ask(
                vendor.actor("mia"),
                fund.run,
                "change",
                json!({
                    "amount": { "minor": 100_000, "currency": "EUR" }, "reason": "less is needed",
                }),
            )
            .await,
    );
    let at = revision(&vendor, &fund).await;
    let foreseen = foretold(&vendor, &fund, "finn", &vote(&fund.label, &at)).await;
    assert_eq!(foreseen["journals"][0]["movement"], "withdraw");
    vendor.granted(&[("pia", papers::request(&[]))]).await;
    let foreseen = foretold(&vendor, &fund, "finn", &vote(&fund.label, &at)).await;
    let steps = foreseen["steps"].to_string();
    assert!(steps.contains("has EUR 18,000.00 free and EUR 19,000.00 is asked for"), "{foreseen:#}");
    assert_eq!((&foreseen["journals"], &foreseen["state"]), (&json!([]), &json!("open")));
    vendor.agree(std::slice::from_ref(&fund), &["finn"]).await;
    vendor.state(fund.run, "open").await;
    let refusal = vendor.sheet::<FundPaper>(fund.run).await.refusal.unwrap().message;
    assert!(refusal.contains("has EUR 18,000.00 free and EUR 19,000.00 is asked for"), "{refusal}");
    vendor.verify().await;
}
