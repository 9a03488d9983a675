//! What one decision costs: the pure core on the private offer's own stories, without any store.
//!
//! `cargo bench --bench step` prints the time per story and, as throughput, steps per second. `sha256_of_a_record` is
//! the anchor of the same run: what hashing one history row costs on this machine.

use std::sync::Arc;

use divan::{Bencher, counter::ItemsCount};
use entente::{app, runner::definitions, workflows};
use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        scenario::{self, Scenario, run_scenario},
        step::World,
    },
    policy::Policy,
};
use sha2::{Digest, Sha256};

fn main() {
    divan::main();
}

/// From draft to an ended agreement; a renewal; a change while approvals are open.
const STORIES: [&str; 3] = ["accepted.yaml", "renewed.yaml", "revised_while_approving.yaml"];

fn bound() -> BoundChart {
    let (chart, contexts) = (workflows::charts().expect("built in").remove(0), app::contexts());
    let vocabulary = definitions::vocabulary(&app::named_activities(), &contexts);
    let context = contexts.get(&chart.context).expect("the binary knows its own context").clone();
    BoundChart::bind(Arc::new(chart), context, &vocabulary).expect("the built-in chart binds")
}

fn story(name: &str) -> Scenario {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/workflows/private_offer/scenarios");
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).expect("a scenario of the workflow");
    let values = scenario::values("values.yaml", &read("values.yaml")).expect("shared values");
    Scenario::from_yaml(name, &read(name), &values).expect("a scenario")
}

#[divan::bench(args = STORIES)]
fn steps_of_a_story(bencher: Bencher<'_, '_>, name: &str) {
    let (bound, story): (BoundChart, Scenario) = (bound(), story(name));
    let (policy, calendars): (Policy, Calendars) = (workflows::policy().expect("built in"), Calendars::default());
    let world = World { policy: &policy, calendars: &calendars };
    let steps = run_scenario(&bound, &world, &story).expect("the story holds").snapshot.seq;
    bencher
        .counter(ItemsCount::new(usize::try_from(steps).unwrap_or(1)))
        .bench(|| run_scenario(&bound, &world, divan::black_box(&story)));
}

#[divan::bench]
fn sha256_of_a_record(bencher: Bencher<'_, '_>) {
    let record = vec![b'r'; 1024];
    bencher.counter(ItemsCount::new(1_usize)).bench(|| Sha256::digest(divan::black_box(&record)));
}
