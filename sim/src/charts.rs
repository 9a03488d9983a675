//! The lives that are simulated: small charts that put each promise of the engine under strain.

use std::sync::Arc;

use entente::{activities::Activities, runner::definitions};
use entente_core::{
    chart::{bound::BoundChart, model::Chart},
    context::Contexts,
};

use crate::{
    context::SimContext,
    deal::{self, DealContext},
};

/// One effect of each class after the other, local work between them.
const EFFECTS: &str = r#"
chart: sim_effects
version: 1
context: sim
initial: token
states:
  token: { invoke: { src: sim.token, onDone: local, onError: failed } }
  local: { invoke: { src: sim.local, onDone: key, onError: failed } }
  key: { invoke: { src: sim.key, onDone: state, onError: failed } }
  state: { invoke: { src: sim.state, onDone: notice, onError: failed } }
  notice: { invoke: { src: sim.notice, onDone: done, onError: failed } }
  done: { type: final, tags: [success] }
  failed: { type: final, tags: [failure] }
"#;

/// A person lets it go, or it goes by itself; what it launches must not happen twice, and takes a person's word.
const SIGNAL: &str = r#"
chart: sim_signal
version: 1
context: sim
initial: waiting
states:
  waiting:
    tags: [waits_for:test]
    on: { go: launching, note: {}, cancel: cancelled }
    after: { PT1M: reminded }
  reminded:
    tags: [waits_for:test]
    on: { go: launching, note: {}, cancel: cancelled }
    after: { PT2M: launching }
  launching:
    invoke: { src: sim.launch, onDone: by_hand, onError: failed }
  by_hand:
    invoke: { src: sim.hand, onDone: resting, onError: failed }
  resting:
    tags: [waits_for:test]
    on: { note: {} }
    after: { PT20S: done }
  done: { type: final, tags: [success] }
  failed: { type: final, tags: [failure] }
  cancelled: { type: final, tags: [cancelled] }
"#;

/// Money is held, then spent or given back; many compete for one fund.
const CLAIM: &str = r#"
chart: sim_claim
version: 1
context: sim
initial: draft
states:
  draft:
    tags: [waits_for:test]
    on: { go: held, add: { entry: post.allocate }, note: {}, ledger.refused: refused }
    after: { PT4M: expired }
  held:
    entry: post.reserve
    tags: [waits_for:test, money_reserved]
    on: { ledger.refused: refused, stop: given_back, note: {}, add: paying }
    after: { PT3M: given_back }
  paying:
    invoke: { src: sim.token, onDone: paid, onError: given_back }
    on: { ledger.refused: given_back }
  paid: { type: final, tags: [success], entry: post.spend }
  given_back: { type: final, tags: [cancelled], entry: post.release }
  refused: { type: final, tags: [failure] }
  expired: { type: final, tags: [failure] }
"#;

/// A parent that waits for its children.
const PARENT: &str = r#"
chart: sim_parent
version: 1
context: sim
initial: begin
states:
  begin: { entry: [start.sim_child, start.sim_child], always: waiting }
  waiting:
    join: { until: all, onDone: done, onError: broken }
    on: { cancel: { target: cancelled, entry: send.children.cancel } }
  done: { type: final, tags: [success] }
  broken: { type: final, tags: [failure], entry: send.children.cancel }
  cancelled: { type: final, tags: [cancelled] }
"#;

/// A child: it works by itself, or is called off while its effect is under way, which is undone then.
const CHILD: &str = r#"
chart: sim_child
version: 1
context: sim
initial: waiting
states:
  waiting:
    tags: [waits_for:test]
    on: { go: working, stop: failed, cancel: cancelled }
    after: { PT40S: working }
  working:
    invoke: { src: sim.key, compensate: sim.undo, onDone: done, onError: failed }
    on: { cancel: cancelling }
  cancelling:
    tags: [waits_for:test]
    after: { PT3M: cancelled }
  done: { type: final, tags: [success] }
  failed: { type: final, tags: [failure] }
  cancelled: { type: final, tags: [cancelled] }
"#;

/// A chart of the simulation that does not hold: a mistake of its author.
#[derive(Debug)]
pub struct Unsound(pub String);

/// The context types of the simulation.
pub fn contexts() -> Contexts {
    Contexts::default().with(Arc::new(SimContext)).with(Arc::new(DealContext))
}

/// All charts, bound to these activities.
///
/// # Errors
/// When one of them does not hold.
pub fn bound(activities: &Activities) -> Result<Vec<Arc<BoundChart>>, Unsound> {
    let contexts = contexts();
    let vocabulary = definitions::vocabulary(activities, &contexts);
    let problems = |problems: Vec<entente_core::chart::problem::Problem>| {
        Unsound(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    };
    [EFFECTS, SIGNAL, CLAIM, PARENT, CHILD, deal::CHART]
        .into_iter()
        .map(|text| {
            let chart = Chart::parse("sim.yaml", text).map_err(problems)?;
            let context = contexts.get(&chart.context).cloned().ok_or_else(|| Unsound("no context".into()))?;
            BoundChart::bind(Arc::new(chart), context, &vocabulary).map(Arc::new).map_err(problems)
        })
        .collect()
}
