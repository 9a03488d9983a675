//! `entente offer plan`.

use std::path::PathBuf;

use entente_core::{
    context::private_offer::SubmitFacts,
    money::Money,
    offer::{Offer, revision},
    policy::approvals::{Requirement, Subject},
    scope::Scope,
};
use entente_port::{Difference, Finding, PlannedCall, Severity, Write};
use entente_store::RunKey;
use serde::Serialize;
use serde_json::Value;

use super::{document, dry_run::show_calls};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    offers::{
        Desk, home_of, preflight,
        stored::{self, StoredOffer},
    },
};

/// Show what a document would do: findings, approvals, every remote call, and what differs from what is live
///
/// Nothing is written, here or at the marketplace. Ends with 2 when the document could not be submitted as it is.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// The offer's document; `-` reads standard input
    #[arg(value_name = "OFFER.YAML")]
    file: PathBuf,
}

/// What a document would do.
#[derive(Debug, Serialize)]
struct Planned {
    reference: String,
    revision: String,
    findings: Vec<Finding>,
    facts: Option<SubmitFacts>,
    approvals: Vec<Requirement>,
    calls: Vec<PlannedCall>,
    existing: Option<Existing>,
}

/// The offer of the same reference, and how the document differs from it.
#[derive(Debug, Serialize)]
struct Existing {
    label: String,
    state: String,
    document: Vec<revision::Difference>,
    live: Option<Vec<Difference>>,
}

impl Plan {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let offer = document(&self.file)?;
        let session = Session::open(globals).await?;
        let planned = planned(&session, &offer).await?;
        if session.out.is_json() {
            session.out.json(&planned)?;
        } else {
            show(&session, &offer, &planned);
        }
        let refused = planned.findings.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if refused { Exit::Usage } else { Exit::Ok })
    }
}

async fn planned(session: &Session, offer: &Offer) -> Result<Planned, Failure> {
    let desk = session.desk();
    let existing = existing(&desk, offer).await?;
    let own = existing.as_ref().map(|stored| stored.row.snapshot.run);
    let known = desk.known(offer, own).await?;
    let home = home_of(offer).map_err(crate::offers::DeskError::from)?;
    let findings = preflight::findings_knowing(&desk.connections, offer, &home, known.clone(), desk.now).await;
    let facts = desk.facts_knowing(offer, own, &known).await.ok();
    let approvals = facts.as_ref().map(|facts| approvals(session, offer, facts)).transpose()?.unwrap_or_default();
    let create = Write::CreateOffer { offer: Box::new(offer.clone()) };
    let calls = match desk.planned(offer, existing.as_ref(), &create) {
        Ok(calls) => calls,
        Err(error) => {
            session.out.warn(&format!("the calls cannot be planned: {error}"));
            Vec::new()
        }
    };
    let existing = match existing {
        Some(stored) => Some(compared(session, &desk, offer, &stored).await),
        None => None,
    };
    Ok(Planned {
        reference: offer.reference.clone(),
        revision: offer.revision().hash,
        findings,
        facts,
        approvals,
        calls,
        existing,
    })
}

/// The offer that has not ended and carries the document's reference.
async fn existing(desk: &Desk, offer: &Offer) -> Result<Option<StoredOffer>, Failure> {
    let key = RunKey { kind: "reference".into(), value: offer.reference.clone(), unique: true };
    for run in desk.store.run_by_key(&Scope::vendor(), &key).await? {
        if let Some(row) = desk.store.run(&Scope::vendor(), run).await?.filter(|row| !row.snapshot.ended) {
            return Ok(Some(stored::typed(row)?));
        }
    }
    Ok(None)
}

/// Who would have to approve the document under the policy in force.
fn approvals(session: &Session, offer: &Offer, facts: &SubmitFacts) -> Result<Vec<Requirement>, Failure> {
    let world = session.app.world.borrow().clone();
    let home = home_of(offer).map_err(crate::offers::DeskError::from)?;
    let subject = subject(session, offer, facts)?;
    let asked = world.policies.of(stored::CHART).evaluate(&subject, &world.calendars, &home, session.app.clock.now());
    asked.map_err(|error| Failure::new(Exit::Error, error.to_string()))
}

/// The document as approvers would be shown it.
fn subject(session: &Session, offer: &Offer, facts: &SubmitFacts) -> Result<Subject, Failure> {
    use entente_core::context::{
        ContextType as _,
        private_offer::{PrivateOffer, PrivateOfferContext},
    };
    let requester = match session.actor() {
        Some(person) => person.clone(),
        None => "nobody".parse().map_err(crate::offers::DeskError::from)?,
    };
    let mut context = PrivateOffer::new(offer.clone(), "");
    context.facts = Some(facts.clone());
    context.requester = Some(requester);
    let context = serde_json::to_value(&context).map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
    PrivateOfferContext.subject(&context).map_err(|error| Failure::new(Exit::Error, error.to_string()))
}

async fn compared(session: &Session, desk: &Desk, offer: &Offer, stored: &StoredOffer) -> Existing {
    let live = match desk.differs_from_live(offer, stored).await {
        Ok(live) => live,
        Err(error) => {
            session.out.warn(&format!("what is live could not be read: {error}"));
            None
        }
    };
    let snapshot = &stored.row.snapshot;
    let document = revision::differences(&stored.offer.offer, offer);
    Existing { label: snapshot.label.clone(), state: snapshot.state.clone(), document, live }
}

fn show(session: &Session, offer: &Offer, planned: &Planned) {
    let out = &session.out;
    let money = |minor: i64| Money { minor, currency: offer.currency }.to_string();
    let facts = planned.facts.as_ref();
    out.fields(&[
        ("reference", planned.reference.clone()),
        ("revision", planned.revision.clone()),
        ("value", facts.map(|facts| money(facts.value_minor)).unwrap_or_default()),
        ("discount", facts.map(|facts| discount(facts.discount_bp)).unwrap_or_default()),
        ("buyer in 12 months", facts.map(|facts| money(facts.cumulative_value_12m_minor)).unwrap_or_default()),
        ("last moment", facts.map(|facts| facts.last_moment.to_string()).unwrap_or_default()),
    ]);
    out.heading("Findings");
    let findings = planned.findings.iter().map(|finding| {
        let weight = if finding.severity == Severity::Error { "error" } else { "warning" };
        vec![
            weight.to_owned(),
            finding.rule.clone(),
            finding.field.clone(),
            finding.message.clone(),
            finding.remedy.clone(),
        ]
    });
    out.table(&["weight", "rule", "field", "what", "remedy"], &findings.collect::<Vec<_>>());
    out.heading("Approvals");
    let approvals = planned
        .approvals
        .iter()
        .map(|asked| vec![asked.row.clone(), asked.role.to_string(), asked.quorum.to_string(), asked.because.clone()]);
    out.table(&["row", "role", "people", "because"], &approvals.collect::<Vec<_>>());
    out.heading("Remote calls (token and step are drawn when they are sent)");
    show_calls(out, &planned.calls);
    if let Some(existing) = &planned.existing {
        show_existing(session, existing);
    }
}

fn show_existing(session: &Session, existing: &Existing) {
    let out = &session.out;
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
    out.heading(&format!("Differs from `{}` ({})", existing.label, existing.state));
    let rows = existing.document.iter().map(|difference| {
        vec!["document".to_owned(), difference.field.clone(), text(&difference.was), text(&difference.now)]
    });
    let live = existing.live.iter().flatten().map(|difference| {
        vec!["live".to_owned(), difference.field.clone(), difference.theirs.clone(), difference.ours.clone()]
    });
    out.table(&["against", "field", "there", "here"], &rows.chain(live).collect::<Vec<_>>());
}

/// Basis points as percent; an unknown list price counts as a full discount.
pub fn discount(bp: Option<i64>) -> String {
    match bp {
        Some(bp) => {
            let sign = if bp < 0 { "-" } else { "" };
            format!("{sign}{}.{:02} %", bp.unsigned_abs() / 100, bp.unsigned_abs() % 100)
        }
        None => "unknown, counts as 100 %".to_owned(),
    }
}
