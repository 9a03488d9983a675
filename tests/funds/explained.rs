//! Whatever amount somebody meets is explained: from the payout run back to what is owed, the journals, the votes and the rules.

use entente_core::{context::funding::ClaimPaper, ledger::Account};
use serde_json::{Value, json};

use crate::{
    papers,
    vendor::{Started, Vendor, accepted},
};

const FUND: &str = "emea-2027-h1";

/// A claim that was lowered, is shared by two partners, and is in a payout run that left the suspended one out.
async fn shared(vendor: &Vendor) -> (Started, Started) {
    let blue = vendor.partner("bluepeak", &[("[pia]", "[ben]")]).await;
    vendor.pass_days(6).await;
    let request = vendor.granted(&[("pia", papers::request(&[]))]).await.remove(0);
    vendor.pass_days(20).await;
    let less = [("\"3000.00 EUR\"", "\"2000.00 EUR\""), ("\"4000.00 EUR\"", "\"3000.00 EUR\"")];
    let payees = "payees:\n  - { payee: nordlicht, weight: 2 }\n  - { payee: bluepeak, weight: 1 }\n";
    let text = format!("{}{payees}", papers::claim(&request.label, 1, &less));
    let claim = vendor.owed(&[("pia", text)]).await.remove(0);
    accepted(vendor.ask(vendor.actor("mia"), blue.run, "suspend", json!({ "reason": "looked into" })).await);
    let payout = vendor.payout(&papers::payout(&[])).await;
    vendor.agree(std::slice::from_ref(&payout), &["tess", "flo"]).await;
    vendor.state(payout.run, "sent").await;
    (claim, payout)
}

async fn told(vendor: &Vendor, person: &str, what: &str) -> Value {
    vendor.run(person, &["explain", what, "--json"]).await.json()
}

fn people(votes: &Value) -> Vec<(&str, &str)> {
    let votes = votes.as_array().unwrap().iter();
    let mut said: Vec<_> =
        votes.map(|vote| (vote["who"].as_str().unwrap(), vote["verdict"].as_str().unwrap())).collect();
    said.sort_unstable();
    said
}

fn journal_of(owed: &Value) -> String {
    let found = owed["journals"].as_array().unwrap().iter().find(|one| one["movement"] == "owe");
    found.unwrap_or_else(|| panic!("{owed:#}"))["journal"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amount_is_explained_from_the_payout_run_back_to_the_journals_the_votes_and_the_rules() {
    let (vendor, _crew) = Vendor::open().await;
    let (claim, payout) = shared(&vendor).await;

    let run = told(&vendor, "finn", &payout.label).await;
    assert_eq!(
        (&run["items"][0]["claim"], &run["items"][0]["amount"]["minor"]),
        (&json!(claim.label), &json!(100_000))
    );
    let left = run["left_out"].as_array().unwrap();
    assert_eq!((left.len(), &left[0]["payee"]), (1, &json!("bluepeak")), "{run:#}");
    assert!(!left[0]["why"].as_str().unwrap().is_empty());
    assert_eq!(people(&run["votes"]), [("flo", "approve"), ("tess", "approve")]);
    let words = vendor.run("finn", &["explain", &payout.label]).await.ok();
    let payable = format!("payable/{}/nordlicht", claim.label);
    assert!(words.contains(&format!("{payable}\tEUR 1,000.00")) && words.contains("\tleft out\t"), "{words}");

    // What is owed: half of the cost, two thirds of it to nordlicht.
    for what in [payable.clone(), format!("{}/nordlicht", claim.label)] {
        let owed = told(&vendor, "finn", &what).await;
        let figures = ["claimed", "approved", "amount"].map(|field| owed[field]["minor"].as_i64().unwrap());
        assert_eq!((figures, &owed["share"]), ([200_000, 150_000, 100_000], &json!({ "weight": 2, "of": 3 })));
        assert_eq!((&owed["status"], &owed["payout"]), (&json!("scheduled"), &json!(payout.label)));
        assert_eq!(owed["in_payout"]["amount"]["minor"], 100_000);
        let reasons = vendor.sheet::<ClaimPaper>(claim.run).await.assessment.unwrap().reasons;
        let lowered: Vec<Value> = reasons
            .iter()
            .filter(|reason| reason.effect == "reduce")
            .map(|reason| json!({ "rule": reason.rule, "because": reason.because }))
            .collect();
        assert!(!lowered.is_empty() && owed["rules"] == json!(lowered), "{owed:#}");
        assert_eq!(owed["lines"].as_array().unwrap().len(), 2);
    }

    // The journal that made it owed: both sides, the step of the claim, and who agreed to it.
    let number = journal_of(&told(&vendor, "finn", &payable).await);
    let journal = told(&vendor, "finn", &number).await;
    assert_eq!(
        (&journal["run"], &journal["movement"], &journal["to"]),
        (&json!(claim.label), &json!("owe"), &json!(payable))
    );
    let sides: Vec<i64> =
        journal["entries"].as_array().unwrap().iter().map(|side| side["amount"]["minor"].as_i64().unwrap()).collect();
    assert_eq!((sides.iter().sum::<i64>(), sides.len()), (0, 2), "{journal:#}");
    assert_eq!(people(&journal["votes"]), [("finn", "approve"), ("vera", "approve")]);
    let step = journal["step"].as_u64().unwrap();
    let entries = vendor.entries().await;
    let booked = entries.iter().find(|entry| format!("J-{}", entry.journal) == number).unwrap();
    assert_eq!((booked.run, booked.seq), (claim.run, step));
    assert!(!journal["event"]["what"].as_str().unwrap().is_empty());
    let words = vendor.run("finn", &["explain", &number]).await.ok();
    assert!(words.contains("movement\towe") && words.contains("vera\tapprove"), "{words}");

    // The fund: each balance is the sum of its journals, and what the ledger says.
    let label = vendor.runs("fund_period").await.remove(0).snapshot.label;
    let fund = told(&vendor, "finn", &label).await;
    let balances = fund["balances"].as_array().unwrap();
    for account in Account::ALL {
        let of = balances.iter().find(|balance| balance["account"] == json!(account));
        let amount = of.map_or(0, |balance| balance["amount"]["minor"].as_i64().unwrap());
        let journals = of.map(|balance| balance["journals"].as_array().unwrap().clone()).unwrap_or_default();
        let sum: i64 = journals.iter().map(|made| made["amount"]["minor"].as_i64().unwrap()).sum();
        assert_eq!((amount, sum), (vendor.stands(FUND, account, None).await, amount), "{account}");
    }
    let payables = balances.iter().find(|balance| balance["account"] == "payable").unwrap();
    let made = payables["journals"].as_array().unwrap().iter().find(|made| made["journal"] == json!(number)).unwrap();
    assert_eq!((&made["run"], &made["key"]), (&json!(claim.label), &json!(payable)));
    let words = vendor.run("finn", &["explain", &label]).await.ok();
    assert!(words.contains("payable\tEUR 1,500.00\t2 journals"), "{words}");

    // Whoever may not read the ledger has papers explained, and neither the fund's books nor a journal.
    vendor.run("vera", &["explain", &format!("{}/nordlicht", claim.label)]).await.ok();
    for what in [&label, &number] {
        vendor.run("vera", &["explain", what]).await.refused(4, "may not read the ledger");
    }
    for (what, code, says) in [
        ("J-99999", 3, "journal `J-99999` does not exist"),
        ("CLM-2027-99999/nordlicht", 3, "payable `payable/CLM-2027-99999/nordlicht` does not exist"),
        ("CLM-2027-00001/who is that", 2, "is no payee"),
        ("FND-2027-99999", 3, "fund `FND-2027-99999` does not exist"),
        ("POR-2027-99999", 3, "payout run `POR-2027-99999` does not exist"),
    ] {
        vendor.run("finn", &["explain", what]).await.refused(code, says);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p12_a_partner_has_its_own_money_explained_and_of_others_hears_what_it_hears_of_nothing() {
    let (vendor, _crew) = Vendor::open().await;
    let (claim, payout) = shared(&vendor).await;
    let of = |payee: &str| format!("{}/{payee}", claim.label);
    let (ours, theirs) = (of("nordlicht"), of("bluepeak"));
    let [our_journal, their_journal] =
        [&told(&vendor, "finn", &ours).await, &told(&vendor, "finn", &theirs).await].map(journal_of);

    // Nordlicht has made the claim: cost, rules and its own part of it.
    let owed = told(&vendor, "pia", &ours).await;
    assert_eq!((&owed["share"], &owed["in_payout"]), (&json!({ "weight": 2, "of": 3 }), &Value::Null));
    assert_eq!((owed["lines"].as_array().unwrap().len(), &owed["claimed"]["minor"]), (2, &json!(200_000)));
    let journal = told(&vendor, "pia", &our_journal).await;
    assert_eq!((&journal["votes"], &journal["event"]["who"]), (&json!([]), &Value::Null));
    assert_eq!((&journal["event"]["what"], &journal["event"]["source"]), (&json!("it went on"), &json!("")));
    let words = vendor.run("pia", &["explain", &our_journal]).await.ok();
    assert!(["vera", "finn", "bluepeak"].iter().all(|hidden| !words.contains(hidden)), "{words}");

    // Bluepeak has a share in it: which rules lowered it, and nothing else of the claim.
    let owed = told(&vendor, "ben", &theirs).await;
    assert_eq!(
        (&owed["amount"]["minor"], &owed["lines"], &owed["claimed"]),
        (&json!(50_000), &json!([]), &Value::Null)
    );
    assert_eq!(owed["rules"][0]["because"], "it lowered the claim that this is a share of");
    let journal = told(&vendor, "ben", &their_journal).await;
    assert_eq!((&journal["event"], &journal["votes"]), (&Value::Null, &json!([])));
    for what in [&theirs, &their_journal] {
        for more in [None, Some("--json")] {
            let args: Vec<&str> = ["explain", what].into_iter().chain(more).collect();
            let said = vendor.run("ben", &args).await.ok();
            assert!(["nordlicht", "vera", "finn"].iter().all(|hidden| !said.contains(hidden)), "{said}");
        }
    }

    // What is another's, or the vendor's, is answered as what was never there.
    let fund = vendor.runs("fund_period").await.remove(0).snapshot.label;
    let hidden = [
        ("pia", &theirs, "payable"),
        ("pia", &their_journal, "journal"),
        ("ben", &ours, "payable"),
        ("ben", &our_journal, "journal"),
        ("pia", &fund, "fund"),
        ("pia", &payout.label, "payout run"),
    ];
    for (person, what, kind) in hidden {
        let name = if kind == "payable" { format!("payable/{what}") } else { what.clone() };
        vendor.run(person, &["explain", what]).await.refused(3, &format!("{kind} `{name}` does not exist"));
    }
    // Of a journal on the fund itself, such as what it was given, a partner hears nothing either.
    vendor.run("pia", &["explain", "J-1"]).await.refused(3, "journal `J-1` does not exist");
    let first = told(&vendor, "finn", "J-1").await;
    assert_eq!((&first["movement"], people(&first["votes"])), (&json!("allocate"), vec![("finn", "approve")]));
}
