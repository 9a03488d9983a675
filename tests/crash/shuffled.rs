//! Row 36 for two hundred offers at once: each gets its own order of the same events, some of them twice, some late.
//!
//! The orders follow from a seed; [`Draw::seeded`] says which.

use std::{collections::BTreeMap, time::Duration};

use entente_core::ids::RunId;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};

use crate::{
    draw::Draw,
    house::{
        House,
        offer::document,
        sandbox::{NO_POLLING, Sandbox},
        server::HANG,
    },
};

const OFFERS: usize = 200;

/// Each sells through a connection of its own, which keeps to the documented rates.
const ENTITIES: usize = 20;

/// Deliveries at the same time.
const AT_ONCE: usize = 16;

fn entity(number: usize) -> String {
    format!("e-{}", number % ENTITIES)
}

/// An offer that a buyer has accepted.
struct Sold {
    number: usize,
    run: RunId,
    offer: String,
    agreement: String,
}

/// Everything that the marketplace has told of each offer so far, in the order in which it happened.
async fn streams(sandbox: &Sandbox, sold: &[Sold]) -> Vec<Vec<Value>> {
    let events: Vec<(String, Value)> =
        sandbox.events().await.into_iter().map(|event| (event.to_string(), event)).collect();
    let of = |sold: &Sold| {
        let named = events.iter().filter(|(text, _)| text.contains(&sold.offer) || text.contains(&sold.agreement));
        named.map(|(_, event)| event.clone()).collect()
    };
    sold.iter().map(of).collect()
}

/// Delivers each offer's events in its own order; offers side by side.
async fn deliver(sandbox: &Sandbox, address: &str, sold: &[Sold], orders: Vec<Vec<Value>>) {
    let each = sold.iter().zip(orders).map(|(sold, events)| async move {
        for event in events {
            let status = sandbox.deliver_to(address, &format!("aws/{}", entity(sold.number)), &event).await;
            assert!((200..300).contains(&status), "offer {}: {status}", sold.number);
        }
    });
    stream::iter(each).buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

/// Some of the events, in any order; some of them twice.
fn some(draw: &mut Draw, events: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for event in events {
        for _ in 0..draw.below(3) {
            all.push(event.clone());
        }
    }
    draw.shuffle(&mut all);
    all
}

/// All of the events at least once, in any order; some of them twice.
fn all(draw: &mut Draw, events: &[Value]) -> Vec<Value> {
    let mut all: Vec<Value> = events.to_vec();
    all.extend(some(draw, events));
    draw.shuffle(&mut all);
    all
}

/// Two hundred published offers, and the buyer who accepts them all.
async fn sold(sandbox: &Sandbox, house: &House, runs: &[RunId]) -> Vec<Sold> {
    let published = async {
        loop {
            house.attend().await;
            let rows: BTreeMap<RunId, _> =
                house.runs().await.into_iter().map(|row| (row.snapshot.run, row.snapshot)).collect();
            if rows.len() == runs.len() && rows.values().all(|run| run.state == "published") {
                return rows;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    let rows = tokio::time::timeout(HANG, published).await.expect("the offers are published");
    let mut sold = Vec::new();
    for (number, run) in runs.iter().enumerate() {
        let offer = rows[run].context["remote"]["offer_id"].as_str().unwrap().to_owned();
        let agreement = sandbox.accept(&offer).await;
        sold.push(Sold { number, run: *run, offer, agreement });
    }
    sold
}

#[tokio::test(flavor = "multi_thread")]
async fn row_36_37_two_hundred_orders_of_an_offers_events_all_lead_to_what_the_marketplace_says() {
    let mut draw = Draw::seeded();
    let sandbox = Sandbox::at_rate("10").await;
    let entities: Vec<String> = (0..ENTITIES).map(entity).collect();
    let connectors = sandbox.connectors_of(entities.iter().map(String::as_str));
    let house = House::new(&format!("{connectors}\n{NO_POLLING}")).await;
    let (products, buyer, now) = (sandbox.list_products(10).await, sandbox.buyer(), sandbox.now().await);
    let offers = (0..OFFERS).map(|number| {
        let product = &products[number / ENTITIES];
        let mut offer = document("aws", product, &buyer, &format!("S-{number:05}"), now);
        offer.legal_entity = entity(number).parse().unwrap();
        offer
    });
    let runs = house.submit_all(&offers.collect::<Vec<_>>()).await;
    let service = house.serve_here().await;
    let address = format!("http://{}", service.address().unwrap());

    // The buyers accept, and some of what the marketplace tells of it arrives, in whatever order.
    let sold = sold(&sandbox, &house, &runs).await;
    let told = streams(&sandbox, &sold).await;
    assert!(told.iter().all(|events| events.len() >= 3), "released, changed, agreed: {:#?}", told[0]);
    let orders = told.iter().map(|events| some(&mut draw, events)).collect();
    deliver(&sandbox, &address, &sold, orders).await;

    // They cancel. Everything arrives, old and new mixed, until the last has heard of its end.
    sandbox.advance("PT1M").await;
    for sold in &sold {
        sandbox.post(&format!("aws/agreements/{}/cancel", sold.agreement), json!({})).await;
    }
    let told = streams(&sandbox, &sold).await;
    let ended = async {
        loop {
            let orders = told.iter().map(|events| all(&mut draw, events)).collect();
            deliver(&sandbox, &address, &sold, orders).await;
            if house.runs().await.iter().all(|row| row.snapshot.ended) {
                return;
            }
        }
    };
    tokio::time::timeout(HANG, ended).await.expect("each offer hears of its end");

    let known = |rows: Vec<entente_store::RunRow>| -> BTreeMap<RunId, (u64, String, Value)> {
        let shown = |row: entente_store::RunRow| {
            let snapshot = row.snapshot;
            (snapshot.run, (snapshot.seq, snapshot.state, snapshot.context["agreements"].clone()))
        };
        rows.into_iter().map(shown).collect()
    };
    let ends = known(house.runs().await);
    for sold in &sold {
        let (_, state, agreements) = &ends[&sold.run];
        assert_eq!(state, "ended", "offer {}", sold.number);
        let agreements = agreements.as_object().unwrap();
        assert_eq!(agreements.keys().collect::<Vec<_>>(), [&sold.agreement], "offer {}", sold.number);
        assert_eq!(agreements[&sold.agreement]["status"], "cancelled", "offer {}", sold.number);
    }

    // A month later all of it comes once more.
    sandbox.advance("P30D").await;
    let orders = told.iter().map(|events| all(&mut draw, events)).collect();
    deliver(&sandbox, &address, &sold, orders).await;
    assert_eq!(known(house.runs().await), ends, "late events move nothing");
    service.stop().await;
    house.verify().await;
}
