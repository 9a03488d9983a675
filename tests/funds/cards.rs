//! Commitment cards from the first fact to the last: what is asked again, answered, widened, taken back and shared.

use std::time::Duration;

use entente_core::scope::Scope;
use entente_store::NoticeStatus;
use serde_json::Value;

use crate::{
    house::server::{HANG, Server},
    vendor::{Said, Vendor},
};

/// The card of the examples.
const CARD: &str = include_str!("../../examples/commitment/card.yaml");

/// What is told later in the examples.
const FACTS: &str = include_str!("../../examples/commitment/facts.yaml");

/// A vendor, buyers and their cards.
pub struct House {
    /// The installation.
    pub vendor: Vendor,
    _crew: Vec<Server>,
}

impl House {
    /// One that is served, and has no card yet.
    pub async fn new() -> House {
        let vendor = Vendor::new().await;
        let crew = vendor.crew(3).await;
        House { vendor, _crew: crew }
    }

    /// A command that waits for its verdict.
    pub async fn act(&self, person: &str, args: &[&str]) -> Said {
        self.vendor.run(person, &[args, &["--wait", "60s"]].concat()).await
    }

    /// The card of the examples, told by one source, to be asked for by this person; its label.
    pub async fn card(&self, person: &str, told_by: &str) -> String {
        self.card_of(person, told_by, "globex", "edp-2027").await
    }

    /// The same of another buyer or commitment.
    pub async fn card_of(&self, person: &str, told_by: &str, buyer: &str, commitment: &str) -> String {
        let text = CARD.replace("ask_again: ada", &format!("ask_again: {person}"));
        let text = text.replace("Bob Reed, procurement of Globex", told_by);
        let text = text.replace("buyer: globex", &format!("buyer: {buyer}")).replace("edp-2027", commitment);
        let file = self.vendor.write(&format!("{person}-{commitment}.yaml"), &text);
        self.act(person, &["card", "create", &file]).await.ok().trim().to_owned()
    }

    /// The facts of the examples, told by this source; the file.
    pub fn facts(&self, person: &str, told_by: &str) -> String {
        let text = FACTS.replace("ask_again: ada", &format!("ask_again: {person}"));
        let text = text.replace("Eve Hart, FinOps of Globex", told_by);
        self.vendor.write(&format!("{person}-facts.yaml"), &text)
    }

    /// A card as one of its own people sees it.
    pub async fn show(&self, person: &str, label: &str) -> Value {
        self.vendor.run(person, &["card", "show", label, "--json"]).await.json()
    }

    /// What waits for a person.
    pub async fn inbox(&self, person: &str) -> Vec<Value> {
        self.vendor.run(person, &["inbox", "--json"]).await.json().as_array().unwrap().clone()
    }

    /// Waits until a card is in a state.
    pub async fn until(&self, label: &str, state: &str) {
        let row = self.vendor.store().run_by_label(&Scope::vendor(), label).await.unwrap().expect("a card");
        self.vendor.state(row.snapshot.run, state).await;
    }

    /// Waits until everything that is to be told about a card has gone out.
    pub async fn until_told(&self, label: &str) {
        let store = self.vendor.store();
        let run = store.run_by_label(&Scope::vendor(), label).await.unwrap().expect("a card").snapshot.run;
        let gone = async || {
            let notices = store.notices(&Scope::vendor(), Some(run)).await.unwrap();
            !notices.is_empty() && notices.iter().all(|notice| notice.status == NoticeStatus::Sent)
        };
        let waiting = async {
            while !gone().await {
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::time::timeout(HANG, waiting).await.unwrap_or_else(|_| panic!("nothing was told about {label}"));
    }
}

fn amount(view: &Value) -> (String, String) {
    let shown = view["shown"].as_array().unwrap();
    let band = &shown.iter().find(|shown| shown["fact"]["says"].get("amount").is_some()).expect("an amount")["range"];
    (band["least"].as_str().unwrap().to_owned(), band["most"].as_str().unwrap().to_owned())
}

fn topics(view: &Value, list: &str) -> Vec<String> {
    let about = |row: &Value| match list {
        "ask" => row["about"].as_object().unwrap().keys().next().unwrap().clone(),
        _ => row["fact"]["says"].as_object().unwrap().keys().next().unwrap().clone(),
    };
    view[list].as_array().unwrap().iter().map(about).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_or_over_is_asked_of_its_owner_and_answered_by_a_fact_or_by_that_nobody_knows() {
    let house = House::new().await;
    let label = house.card("mia", "Bob").await;
    assert_eq!(label, "CRD-2027-00001");
    let view = house.show("mia", &label).await;
    assert_eq!(topics(&view, "shown"), ["cloud", "amount", "ends"]);
    assert_eq!(amount(&view), ("3240000".into(), "7140000".into()), "heard a month ago: 15 % at once, 4 % a month");
    assert!(view.get("forecast").is_none() && view["daily_sums"] == false);
    assert_eq!(house.inbox("mia").await.len(), 0);

    // Something heard lasts six months: until 15 July.
    house.vendor.pass_days(136).await;
    house.until(&label, "asking").await;
    let tasks = house.inbox("mia").await;
    assert_eq!(tasks.len(), 1);
    assert_eq!((&tasks[0]["kind"], &tasks[0]["assignee"]), (&"ask_again".into(), &"mia".into()));
    assert_eq!(tasks[0]["title"], "ask again about the amount of `edp-2027` of globex");
    let view = house.show("mia", &label).await;
    assert_eq!((topics(&view, "ask"), topics(&view, "shown").len()), (vec!["amount".to_owned()], 3));
    assert_eq!(amount(&view), ("2440000".into(), "8340000".into()), "six months: 39 %");
    let row = house.vendor.store().run_by_label(&Scope::vendor(), &label).await.unwrap().unwrap();
    let notices = house.vendor.store().notices(&Scope::vendor(), Some(row.snapshot.run)).await.unwrap();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].name.as_str(), &notices[0].data["tell"][0]), ("card_asks", &"mia".into()));

    house.act("mia", &["card", "fact", "unknown", &label, "--about", "amount"]).await.ok();
    house.until(&label, "current").await;
    let view = house.show("mia", &label).await;
    assert_eq!((house.inbox("mia").await.len(), topics(&view, "ask").len()), (0, 0));
    assert_eq!(view["nobody_knows"]["amount"]["by"], "mia");

    // What was told expires on 30 June 2028, but is too old on 15 January.
    house.vendor.pass_days(190).await;
    house.until(&label, "asking").await;
    let view = house.show("mia", &label).await;
    assert_eq!(topics(&view, "ask"), ["cloud", "ends"]);
    let file = house.vendor.write(
        "end.yaml",
        &FACTS
            .replace(
                "remaining: { band: { least: \"2000000\", most: \"3000000\" }, currency: USD }",
                "ends: 2030-06-30",
            )
            .replace("2027-02-20", "2028-01-10")
            .replace("2027-12-31", "2029-12-31")
            .replace("ask_again: ada", "ask_again: mia"),
    );
    house.act("mia", &["card", "fact", "add", &label, &file]).await.ok();
    assert_eq!(topics(&house.show("mia", &label).await, "ask"), ["cloud"], "the other question stays");
    assert_eq!(house.inbox("mia").await[0]["title"], "ask again about the cloud of `edp-2027` of globex");
    house.act("mia", &["card", "close", &label]).await.ok();
    house.until(&label, "closed").await;
    assert_eq!(house.inbox("mia").await.len(), 0);
    house.vendor.run("finn", &["verify"]).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_is_hidden_at_once_and_the_history_still_verifies() {
    let house = House::new().await;
    let label = house.card("mia", "canary-procurement").await;
    let more = house.facts("mia", "canary-finops");
    house.act("mia", &["card", "fact", "add", &label, &more]).await.ok();
    let view = house.show("mia", &label).await;
    assert_eq!((topics(&view, "shown").len(), view["facts"].as_array().unwrap().len()), (4, 4));
    let fact = view["facts"][3]["fact"].as_str().unwrap();
    house.act("mia", &["card", "fact", "withdraw", &label, "--fact", &fact[..8]]).await.ok();

    let after = house.show("mia", &label).await;
    assert_eq!((topics(&after, "shown").len(), after["facts"].as_array().unwrap().len()), (3, 3));
    assert!(!after.to_string().contains("canary-finops"), "{after}");
    assert_eq!(topics(&after, "ask").len(), 0, "nobody is asked about it");
    let history = house.vendor.run("mia", &["card", "history", &label, "--ndjson"]).await.ok();
    assert_eq!(history.lines().count(), 3);
    assert!(history.contains(fact) && !history.contains("canary"), "the history holds the hash and no word: {history}");
    house.vendor.run("finn", &["verify"]).await.ok();
    // The same request once more has the same effect, and a fact that is not there has none.
    house
        .vendor
        .run("mia", &["card", "fact", "withdraw", &label, "--fact", "00000000"])
        .await
        .refused(2, "names no fact");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_made_again_under_its_key_has_one_effect_and_a_trial_has_none() {
    let house = House::new().await;
    let file = house.facts("mia", "Eve");
    let label = house.card("mia", "Bob").await;
    let add = ["card", "fact", "add", label.as_str(), file.as_str(), "--key", "k1"];
    let first = house.act("mia", &add).await.ok();
    assert_eq!(house.act("mia", &add).await.ok(), first);
    assert_eq!(house.show("mia", &label).await["facts"].as_array().unwrap().len(), 4);
    let other = house.facts("mia", "somebody else");
    house.act("mia", &["card", "fact", "add", &label, &other, "--key", "k1"]).await.refused(5, "k1");

    house.act("mia", &["card", "fact", "add", &label, &other, "--dry-run"]).await.ok();
    assert_eq!(house.show("mia", &label).await["facts"].as_array().unwrap().len(), 4);
    let card = house.vendor.write("again.yaml", &CARD.replace("ask_again: ada", "ask_again: mia"));
    house.act("mia", &["card", "create", &card, "--dry-run", "--json"]).await.ok();
    assert_eq!(house.vendor.run("mia", &["card", "list", "--json"]).await.json().as_array().unwrap().len(), 1);
    house.act("mia", &["card", "create", &card]).await.refused(5, "key_taken");
    let nobodys = house.vendor.write("nobodys.yaml", CARD);
    house.act("mia", &["card", "create", &nobodys]).await.refused(2, "nobody of your side");
}

#[tokio::test(flavor = "multi_thread")]
async fn us_11_a_buyer_shares_that_there_are_daily_sums_and_everything_else_stays_hidden() {
    let house = House::new().await;
    let sellers = house.card("mia", "Bob").await;
    let alone = house.show("mia", &sellers).await;
    let buyers = house.card("bea", "canary-cfo").await;
    assert_eq!(house.show("mia", &sellers).await, alone, "a buyer's card changes nothing that the seller sees");
    house.act("bea", &["card", "share", &buyers]).await.ok();
    let mut shared = house.show("mia", &sellers).await;
    assert_eq!(shared["daily_sums"], true);
    shared["daily_sums"] = false.into();
    assert_eq!(shared, alone, "and nothing else");
    house.act("bea", &["card", "share", &buyers, "--stop"]).await.ok();
    assert_eq!(house.show("mia", &sellers).await, alone);
    house.act("mia", &["card", "share", &sellers]).await.refused(5, "not_accepted");
}

/// A commitment of the buyer, to which a card belongs.
const COMMITMENT: &str = include_str!("../../crates/core/tests/commitment/globex.yaml");

/// Daily sums, as a buyer or its warehouse makes them.
const SUMS: &str = "day,account,product,part,reason,weight_least,weight_most,currency,amount\n\
    2026-03-05,111122223333,Amazon S3,cloud,cloud,100,100,USD,700\n";

#[tokio::test(flavor = "multi_thread")]
async fn us_11_daily_sums_count_while_their_buyer_shares_them_and_are_not_shown_otherwise() {
    let house = House::new().await;
    let contract = house.vendor.write("globex.yaml", COMMITMENT);
    house.act("mia", &["commitment", "create", &contract]).await.ok();
    let sums = house.vendor.write("sums.csv", SUMS);
    let import = async || house.vendor.run("mia", &["spend", "import", &sums, "--commitment", "globex-2026"]).await;
    let shown = async || {
        let told = house.vendor.run("mia", &["commitment", "show", "globex-2026", "--json"]).await.json();
        (told["figures"]["spent"].as_str().unwrap().to_owned(), told["held_back"].clone())
    };
    let differences = async || {
        let rows = house.vendor.run("mia", &["spend", "list", "--json"]).await.json();
        house.vendor.run("mia", &["spend", "differences", rows[0]["id"].as_str().unwrap()]).await
    };
    import().await.ok();
    assert_eq!(shown().await, ("700".into(), Value::Null), "a buyer who keeps no card here is not asked");

    let buyers = house.card_of("bea", "canary-cfo", "globex", "globex-2026").await;
    let held_back = serde_json::json!(["sums"]);
    assert_eq!(shown().await, ("0".into(), held_back.clone()), "nothing is shared until that is said");
    let more = house.vendor.write("more.csv", &SUMS.replace("700", "800"));
    for file in [&sums, &more] {
        house
            .vendor
            .run("mia", &["spend", "import", file, "--commitment", "globex-2026"])
            .await
            .refused(5, "does not share");
    }
    differences().await.refused(4, "does not share its daily sums");

    house.act("bea", &["card", "share", &buyers]).await.ok();
    assert_eq!(shown().await, ("700".into(), Value::Null));
    assert!(differences().await.ok().contains("700"));
    import().await.ok();

    house.act("bea", &["card", "share", &buyers, "--stop"]).await.ok();
    assert_eq!(shown().await, ("0".into(), held_back.clone()));
    house.act("bea", &["card", "close", &buyers]).await.ok();
    assert_eq!(shown().await, ("0".into(), held_back), "its last word stands");
}
