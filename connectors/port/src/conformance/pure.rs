//! Deciding leaves the machine alone and answers the same every time.

use super::Trial;
use crate::{Severity, Write};

const VALIDATES: &str = "validate is deterministic, and passes a valid offer";
const PLANS: &str = "plan is deterministic and never empty";
const ENTITY: &str = "entity is deterministic and never empty";

pub(super) fn try_laws(trial: &mut Trial<'_>) {
    let offer = trial.next_offer();
    let now = trial.bench.now();
    let findings = trial.marketplace.validate(&offer, now, None);
    let again = trial.marketplace.validate(&offer, now, None);
    trial.check(VALIDATES, findings == again, || format!("first {findings:?}, then {again:?}"));
    let refused = findings.iter().any(|finding| finding.severity == Severity::Error);
    trial.check(VALIDATES, !refused, || format!("a valid offer is refused: {findings:?}"));

    let call = trial.fresh_call();
    let write = Write::CreateOffer { offer: Box::new(offer) };
    let first = trial.marketplace.plan(&call, &write);
    let second = trial.marketplace.plan(&call, &write);
    trial.check(PLANS, first == second, || format!("first {first:?}, then {second:?}"));
    trial.check(PLANS, first.as_ref().is_ok_and(|plan| !plan.is_empty()), || format!("planned {first:?}"));

    let entity = trial.marketplace.entity(&write);
    let same = entity == trial.marketplace.entity(&write);
    trial.check(ENTITY, same && !entity.is_empty(), || format!("entity `{entity}`"));
}
