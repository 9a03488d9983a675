//! Offers of months gone by, written straight into a database: decided by the core, committed in bulk, launched by nobody.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use entente::{
    activities::Activities,
    app,
    runner::{
        definitions::Definitions,
        member::{self, Base},
    },
    workflows,
};
use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        step::{self, NewRun, World},
    },
    context::{ContextType as _, Key, private_offer::PrivateOfferContext},
    event::{Actor, Body, Event, Outcome},
    ids::{Fence, RunId, Shard},
    offer::{Offer, totals::totals},
    policy::Policy,
    run::{Decision, Snapshot},
    scope::Home,
};
use entente_store::{Batch, Leases as _, Member, MemberOutcome, RunKey, Runs as _, Store};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// Steps in one commit.
const BATCH: usize = 1000;

/// How far a past offer came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// It was submitted, and nobody was asked.
    Submitted,
    /// People were asked.
    Asked,
    /// People were asked, and it was withdrawn.
    Withdrawn,
}

/// A past offer: what it cost, by how much it was cheaper than listed, and when it was submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Past {
    /// Its place among all.
    pub number: usize,
    /// The discount in basis points.
    pub discount_bp: i64,
    /// The whole value in minor units.
    pub value_minor: i64,
    /// The currency.
    pub currency: &'static str,
    /// When it was created and submitted.
    pub at: Timestamp,
    /// How far it came.
    pub came: Came,
}

impl Past {
    /// Its name; names ascend with numbers.
    pub fn label(&self) -> String {
        format!("OFR-PAST-{:05}", self.number)
    }

    fn run(&self) -> RunId {
        RunId(Uuid::from_u128(0xacce + self.number as u128))
    }

    fn offer(&self) -> Offer {
        let price = format!("{}.{:02}", self.value_minor / 100, self.value_minor % 100);
        let value = json!({
            "reference": format!("PAST-{}", self.number),
            "marketplace": "fake",
            "legal_entity": "acme-us",
            "product": { "id": "prod-fake", "kind": "saas" },
            "buyer": { "name": format!("Buyer {}", self.number), "accounts": [format!("{:012}", self.number + 1)] },
            "name": "Platform",
            "description": "A year of the platform",
            "currency": self.currency,
            "pricing": { "contract": {
                "duration": "P12M",
                "dimensions": [{ "key": "seats", "quantity": 1, "unit_price": price }],
            } },
            "eula": { "standard": { "version": "2022-07-14" } },
            "expires_on": "2099-03-18",
        });
        Offer::from_json(&value).unwrap()
    }

    /// What its people and the program did with it, in order.
    fn story(&self) -> Vec<Body> {
        let offer = self.offer();
        let value = totals(&offer).unwrap().total.minor;
        assert_eq!(value, self.value_minor);
        let facts = json!({
            "revision": offer.revision().hash,
            "discount_bp": self.discount_bp,
            "value_minor": value,
            "annualised_minor": value,
            "currency": self.currency,
            "cumulative_value_12m_minor": value,
            "eula_approved": true,
            "last_moment": "2099-03-18T23:59:59Z",
            "marketplace_zone": "UTC",
            "seller_zone": "UTC",
        });
        let named = |name: &str, data: Value| Body::Named { name: name.into(), data };
        let invoke = "2.0".parse().unwrap();
        let checked = Body::Result { invoke, outcome: Outcome::Done { output: json!({ "findings": [] }) } };
        let mut story = vec![Body::Started { input: offer.to_json() }, named("submit", json!({ "facts": facts }))];
        if self.came != Came::Submitted {
            story.push(checked);
        }
        if self.came == Came::Withdrawn {
            story.push(named("withdraw", json!({ "reason": "the quarter is over" })));
        }
        story
    }
}

/// An offer on its way: what is still to be done with it, and where it stands.
struct Walk<'a> {
    past: &'a Past,
    ahead: std::vec::IntoIter<Body>,
    stands: Option<(Snapshot, [u8; 32])>,
}

/// Writes these offers into the database at `path`, which nobody runs.
pub async fn write(path: &Path, policy: &Policy, all: &[Past]) {
    let store = Arc::new(SqliteStore::open(path, OpenOptions::new(Mode::Runner)).await.unwrap());
    let (bound, fences, activities) = (chart(store.clone()).await, fences(&store).await, app::named_activities());
    let calendars = Calendars::default();
    let world = World { policy, calendars: &calendars };
    for offers in all.chunks(BATCH) {
        let mut walks: Vec<Walk<'_>> = offers.iter().map(Walk::of).collect();
        loop {
            let members: Vec<Member> =
                walks.iter_mut().filter_map(|walk| walk.step(&bound, &world, &activities, &fences)).collect();
            if members.is_empty() {
                break;
            }
            let outcome = store.commit(Arc::new(Batch { appends: Vec::new(), members })).await.unwrap();
            assert!(outcome.members.iter().all(|member| matches!(member, MemberOutcome::Committed { .. })));
        }
        for walk in walks {
            let state = match walk.past.came {
                Came::Submitted => "review",
                Came::Asked => "approvals",
                Came::Withdrawn => "cancelled",
            };
            assert_eq!(walk.stands.unwrap().0.state, state, "{:?}", walk.past);
        }
    }
    let held: Vec<_> = store.leases().await.unwrap().into_iter().map(|lease| (lease.key, lease.fence)).collect();
    store.release(&held).await.unwrap();
    store.close().await;
}

impl Walk<'_> {
    fn of(past: &Past) -> Walk<'_> {
        Walk { past, ahead: past.story().into_iter(), stands: None }
    }

    /// The next step, if there is one.
    fn step(
        &mut self,
        bound: &BoundChart,
        world: &World<'_>,
        activities: &Activities,
        fences: &BTreeMap<Shard, Fence>,
    ) -> Option<Member> {
        let body = self.ahead.next()?;
        let before = self.stands.as_ref();
        let decision = decide(bound, world, self.past, before.map(|stands| &stands.0), body);
        let fence = fences[&self.past.run().shard()];
        let base = Base { fence, head: before.map_or([0; 32], |stands| stands.1), at: self.past.at };
        let key = |key: Key| RunKey { kind: key.kind, value: key.value, unique: key.unique };
        let keys = PrivateOfferContext.keys(&decision.snapshot.context).into_iter().map(key).collect();
        let keys = before.is_none().then_some(keys);
        let member = member::prepare(&decision, base, activities, keys, None, None).unwrap().member;
        self.stands = Some((decision.snapshot, member.hash));
        Some(member)
    }
}

async fn chart(store: Arc<dyn Store>) -> Arc<BoundChart> {
    let definitions = Definitions::new(store, app::contexts(), &app::named_activities());
    let chart =
        workflows::charts().unwrap().into_iter().find(|chart| chart.name == entente::offers::stored::CHART).unwrap();
    let pin = definitions.release(&chart, "built-in", Timestamp::now()).await.unwrap();
    definitions.bound(&pin).await.unwrap_or_else(|reason| panic!("{reason}"))
}

async fn fences(store: &SqliteStore) -> BTreeMap<Shard, Fence> {
    let shards: Vec<Shard> = (0..=u8::MAX).map(Shard).collect();
    let keys: Vec<_> = shards.iter().map(|shard| entente::runner::leases::shard_key(*shard)).collect();
    let held = store.acquire(&"the-past".parse().unwrap(), &keys, Duration::from_secs(3600)).await.unwrap();
    let fence = |key| held.iter().find(|lease| lease.key == key).expect("nobody else holds it").fence;
    shards.into_iter().zip(keys).map(|(shard, key)| (shard, fence(key))).collect()
}

fn decide(bound: &BoundChart, world: &World<'_>, past: &Past, before: Option<&Snapshot>, body: Body) -> Decision {
    let roles = vec!["alliance_manager".parse().unwrap()];
    let actor = Actor { person: "mia".parse().unwrap(), roles, on_behalf_of: None };
    let id = format!("past/{}/{}", past.number, before.map_or(0, |before| before.seq));
    let event = Event { source: "test".into(), id, actor: Some(actor), body };
    let decided = match before {
        Some(before) => step::step(bound, world, before, &event, past.at),
        None => {
            let home = Home { legal_entity: "acme-us".parse().unwrap(), party: "vendor".parse().unwrap() };
            let new = NewRun { run: past.run(), label: past.label(), home, parent: None };
            step::begin(bound, world, &new, &event, past.at)
        }
    };
    decided.unwrap_or_else(|error| panic!("offer {}: {error}", past.number))
}
