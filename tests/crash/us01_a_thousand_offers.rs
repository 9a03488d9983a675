//! US-01: a thousand offers at a marketplace where much goes wrong, and exactly one offer there for each.
//!
//! One process runs them all over the real connector and the marketplace's own protocol, on the sandbox's clock. The faults
//! follow from a seed; [`Draw::seeded`] says which.

use std::{collections::BTreeMap, time::Duration};

use entente_core::{ids::RunId, offer::Offer};
use entente_store::RunRow;
use serde_json::{Value, json};

use crate::{
    draw::Draw,
    house::{
        House,
        offer::document,
        sandbox::{NO_POLLING, Sandbox},
    },
};

/// `ENTENTE_TEST_SCALE` multiplies it.
const OFFERS: usize = 1000;

/// Each legal entity sells through a connection of its own, which keeps to the documented rates.
const ENTITIES: [&str; 10] = ["e-0", "e-1", "e-2", "e-3", "e-4", "e-5", "e-6", "e-7", "e-8", "e-9"];
const PRODUCTS: u32 = 40;

/// The seconds that pass at the marketplace in one of ours.
const RATE: &str = "60";

/// The bound after which the test counts as hanging.
const PATIENCE: Duration = Duration::from_secs(400);

/// The change set of an offer that names this fails, after it was accepted.
const DOOMED: &str = "Doomed";

/// What is to become of an offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    Refused,
    Withdrawn,
    Accepted,
    Expired,
}

impl Fate {
    fn of(number: usize) -> Fate {
        match number / ENTITIES.len() % 10 {
            3 => Fate::Refused,
            5 => Fate::Withdrawn,
            7 => Fate::Accepted,
            _ => Fate::Expired,
        }
    }

    /// The state in which its story ends.
    fn state(self) -> &'static str {
        match self {
            Fate::Refused => "refused",
            Fate::Withdrawn => "withdrawn",
            Fate::Accepted => "active",
            Fate::Expired => "expired",
        }
    }
}

fn count() -> usize {
    let scale = std::env::var("ENTENTE_TEST_SCALE").ok().and_then(|scale| scale.parse().ok()).unwrap_or(1);
    OFFERS * scale
}

fn entity(number: usize) -> &'static str {
    ENTITIES[number % ENTITIES.len()]
}

/// The offers, spread over products and legal entities.
async fn offers(sandbox: &Sandbox) -> Vec<Offer> {
    let (products, buyer, now) = (sandbox.list_products(PRODUCTS).await, sandbox.buyer(), sandbox.now().await);
    let offer = |number: usize| {
        let product = &products[number % products.len()];
        let mut offer = document("aws", product, &buyer, &format!("S-{number:05}"), now);
        offer.legal_entity = entity(number).parse().unwrap();
        if Fate::of(number) == Fate::Refused {
            offer.name = format!("{DOOMED} {number}");
        }
        offer
    };
    (0..count()).map(offer).collect()
}

/// Faults of writes and reads, for about every third write and every sixth read; how many.
async fn misbehave(sandbox: &Sandbox, draw: &mut Draw) -> usize {
    let writes = [
        json!({ "effect": "lose_answer" }),
        json!({ "effect": "lose_answer" }),
        json!({ "effect": "drop_request" }),
        json!({ "effect": "truncated_json" }),
        json!({ "effect": "internal_error" }),
        json!({ "effect": "garbage_html" }),
        json!({ "effect": "unknown_fields" }),
        json!({ "effect": "throttle", "retry_after": 1 }),
        json!({ "effect": "unavailable" }),
        json!({ "effect": "resource_in_use" }),
        json!({ "effect": "resource_in_use" }),
        json!({ "effect": "delay", "ms": 400, "applied_first": true }),
        json!({ "effect": "delay", "ms": 200, "applied_first": false }),
        json!({ "effect": "hide_change_sets", "for": "PT5M" }),
        json!({ "effect": "slow_processing", "applying": "PT3M" }),
    ];
    let reads = [
        json!({ "effect": "lose_answer" }),
        json!({ "effect": "throttle", "retry_after": 1 }),
        json!({ "effect": "unavailable" }),
        json!({ "effect": "truncated_json" }),
        json!({ "effect": "delay", "ms": 200 }),
    ];
    let mut scripted = 0;
    for (operation, every, effects) in
        [("StartChangeSet", 3, &writes[..]), ("DescribeChangeSet", 6, &reads), ("ListChangeSets", 6, &reads)]
    {
        for skip in 0..count() * 2 {
            if draw.below(every) == 0 {
                let mut fault = draw.one_of(effects).clone();
                (fault["op"], fault["skip"], fault["times"]) = (json!(operation), json!(skip), json!(1));
                sandbox.fault(fault).await;
                scripted += 1;
            }
        }
    }
    // Longer than the connector waits for any answer.
    let late = json!({ "op": "StartChangeSet", "effect": "delay", "ms": 31_000, "applied_first": true, "skip": 40, "times": 2 });
    sandbox.fault(late).await;
    let doomed = json!({ "op": "StartChangeSet", "effect": "fail_change_set", "code": "INVALID_AVAILABILITY_END_DATE", "change_type": "UpdateAvailability", "entity": DOOMED });
    sandbox.fault(doomed).await;
    scripted + 2
}

/// Waits until every offer is in the state that is right for its fate; people see to what stands still meanwhile.
async fn settled(house: &House, runs: &[RunId], state: impl Fn(Fate) -> &'static str) -> BTreeMap<RunId, RunRow> {
    let mut astray = Vec::new();
    let settling = async {
        loop {
            while house.attend().await > 0 {
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            let rows: BTreeMap<RunId, RunRow> =
                house.runs().await.into_iter().map(|row| (row.snapshot.run, row)).collect();
            let right = |number: usize| state(Fate::of(number));
            let stands = |run: &RunId| rows.get(run).map_or("nowhere", |row| row.snapshot.state.as_str());
            let wrong = runs.iter().enumerate().filter(|(number, run)| stands(run) != right(*number));
            astray =
                wrong.map(|(number, run)| format!("{number}: `{}`, not `{}`", stands(run), right(number))).collect();
            if astray.is_empty() {
                return rows;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    };
    let settled = tokio::time::timeout(PATIENCE, settling).await;
    settled.unwrap_or_else(|_| panic!("offers that are not where they should be: {astray:#?}"))
}

/// The buyer accepts, and the marketplace's events say so; people withdraw.
async fn move_on(sandbox: &Sandbox, house: &House, address: &str, rows: &BTreeMap<RunId, RunRow>, runs: &[RunId]) {
    let mut agreements = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        match Fate::of(number) {
            Fate::Withdrawn => {
                let data = json!({ "reason": "wrong account" });
                house.tell(*run, "ada", &format!("withdraw/{run}"), "withdraw", data).await;
            }
            Fate::Accepted => agreements.push((number, sandbox.accept(&offer_id(&rows[run])).await)),
            Fate::Refused | Fate::Expired => {}
        }
    }
    let events = sandbox.events().await;
    let texts: Vec<String> = events.iter().map(Value::to_string).collect();
    for (number, agreement) in &agreements {
        let at = texts.iter().position(|text| text.contains(agreement)).expect("the marketplace tells of it");
        let account = format!("aws/{}", entity(*number));
        let mut status = sandbox.deliver_to(address, &account, &events[at]).await;
        while status == 503 {
            status = sandbox.deliver_to(address, &account, &events[at]).await;
        }
        assert!((200..300).contains(&status), "{status}");
    }
}

fn offer_id(row: &RunRow) -> String {
    row.snapshot.context["remote"]["offer_id"].as_str().expect("it is published").to_owned()
}

/// At the marketplace stands exactly one offer for each run, made by exactly one change set, and nothing else.
async fn exactly_one_each(sandbox: &Sandbox, published: &BTreeMap<RunId, RunRow>, runs: &[RunId]) {
    let effects = sandbox.effects().await;
    let mut by_label: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for effect in &effects {
        let name = effect["change_set_name"].as_str().unwrap();
        by_label.entry(name.split(' ').nth(1).unwrap()).or_default().push(effect);
    }
    let mut expected = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let (row, fate) = (&published[run], Fate::of(number));
        let begun = by_label.remove(row.snapshot.label.as_str()).unwrap_or_default();
        let once = if fate == Fate::Withdrawn { 2 } else { 1 };
        assert_eq!(begun.len(), once, "offer {number}, {fate:?}: {begun:#?}");
        if fate != Fate::Refused {
            expected.push(offer_id(row));
        }
    }
    assert!(by_label.is_empty(), "change sets of no run: {by_label:#?}");
    let standing = sandbox.offers().await.into_iter().map(|offer| offer["offer_id"].as_str().unwrap().to_owned());
    let mut standing: Vec<String> = standing.collect();
    standing.sort();
    expected.sort();
    assert_eq!(standing, expected, "what stands there is what the runs know, and nothing else");
}

/// The faults that struck at least once.
async fn struck(sandbox: &Sandbox) -> usize {
    let faults = sandbox.get("aws/faults").await;
    faults["faults"].as_array().unwrap().iter().filter(|fault| fault["hits"] != 0).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_runs_with_faults_leave_exactly_one_offer_each_and_end_as_told() {
    let sandbox = Sandbox::at_rate(RATE).await;
    let house = House::new(&format!("{}\n{NO_POLLING}", sandbox.connectors_of(ENTITIES))).await;
    let runs = house.submit_all(&offers(&sandbox).await).await;
    misbehave(&sandbox, &mut Draw::seeded()).await;
    let service = house.serve_here().await;
    let address = format!("http://{}", service.address().unwrap());
    let public = |fate| if fate == Fate::Refused { "refused" } else { "published" };
    let published = settled(&house, &runs, public).await;
    move_on(&sandbox, &house, &address, &published, &runs).await;
    let moved = |fate: Fate| if fate == Fate::Expired { "published" } else { fate.state() };
    settled(&house, &runs, moved).await;
    // Nobody accepts the others in time; an acceptance in the last moment would show within a day.
    sandbox.advance("P80D").await;
    settled(&house, &runs, |fate| if fate == Fate::Expired { "closing" } else { fate.state() }).await;
    sandbox.advance("P2D").await;
    settled(&house, &runs, Fate::state).await;
    service.stop().await;
    exactly_one_each(&sandbox, &published, &runs).await;
    let struck = struck(&sandbox).await;
    assert!(struck > count() / 2, "the marketplace behaved too well: {struck} faults struck");
    house.verify().await;
}
