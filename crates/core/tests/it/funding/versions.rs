//! Claims that began on an earlier version of their chart.

use std::sync::Arc;

use entente_core::{
    calendar::Calendars,
    chart::{
        bound::BoundChart,
        model::Chart,
        scenario::{Scenario, run_scenario},
        step::World,
    },
};

use super::{context, file, policy, values, vocabulary};

#[test]
fn a_claim_that_began_on_the_second_version_settles_its_disputes_as_it_did() {
    let chart = Chart::parse("v2.yaml", &file("mdf_claim", "v2.yaml")).unwrap();
    let bound = BoundChart::bind(Arc::new(chart), context("mdf_claim"), &vocabulary()).unwrap();
    let story = file("mdf_claim", "scenarios/disputed_whole.yaml");
    let (before, _) = story.split_once("  - { event: settle_dispute").unwrap();
    let settled = "{ event: resolve_dispute, by: finn, data: { payee: nordlicht, granted: { minor: 0, currency: EUR }, reason: none }, \
                   expect: paid, commands: [post claim/SCENARIO, notify dispute_resolved] }";
    let asked = "{ event: settle_dispute, by: finn, data: { payee: nordlicht, granted: { minor: 0, currency: EUR }, reason: none }, \
                 refused: true }";
    let text = format!("{}  - {asked}\n  - {settled}\n", before.replace("since: 3", "since: 2"));
    let scenario = Scenario::from_yaml("before.yaml", &text, &values("mdf_claim")).unwrap();
    let (policy, calendars) = (policy("mdf_claim"), Calendars::default());
    let told = run_scenario(&bound, &World { policy: &policy, calendars: &calendars }, &scenario);
    told.unwrap_or_else(|failed| panic!("{failed}"));
}
