//! `entente offer plan`.

use std::path::PathBuf;

use entente_core::{
    context::private_offer::SubmitFacts,
    offer::{
        Offer,
        figures::{Figures, figures},
        revision,
    },
    policy::approvals::{Requirement, Subject},
    scope::Scope,
};
use entente_port::{Difference, Finding, PlannedCall, Severity};
use entente_store::RunKey;
use serde::Serialize;

use super::{document, planned};
use crate::{
    cli::{
        exit::Exit,
        failure::Failure,
        session::{Globals, Session},
    },
    offers::{
        Desk,
        course::Course,
        expiry::InZones,
        home_of, preflight,
        stored::{self, StoredOffer},
    },
};

/// Show what a document would do: findings, approvals, every remote call, and what differs from what is live
///
/// Nothing is written, here or at the marketplace. Of a live offer, only what a command would really send is shown. Ends
/// with 2 when the document could not be submitted as it is.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// The offer's document; `-` reads standard input
    #[arg(value_name = "OFFER.YAML")]
    file: PathBuf,
}

/// The tag of states in which the buyer can accept, and nothing is under way.
const AWAITING_BUYER: &str = "awaiting_buyer";

/// What a document would do.
#[derive(Debug, Serialize)]
pub(super) struct Planned {
    pub reference: String,
    pub revision: String,
    pub findings: Vec<Finding>,
    pub figures: Option<Figures>,
    pub facts: Option<SubmitFacts>,
    pub last_moment: Option<jiff::Timestamp>,
    pub expiry_in_zones: InZones,
    pub approvals: Vec<Requirement>,
    pub commands: Vec<Commanded>,
    /// The calls of all commands.
    pub calls: Vec<PlannedCall>,
    /// Why no command leads to what the document says, or none is needed.
    pub nothing_because: Option<String>,
    pub existing: Option<Existing>,
}

/// A command that leads to what the document says, and what it would send.
#[derive(Debug, Serialize)]
pub(super) struct Commanded {
    pub command: String,
    pub calls: Vec<PlannedCall>,
}

/// The offer of the same reference, and how the document differs from it.
#[derive(Debug, Serialize)]
pub(super) struct Existing {
    pub label: String,
    pub state: String,
    pub document: Vec<revision::Difference>,
    pub live: Option<Vec<Difference>>,
}

impl Plan {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let offer = document(&self.file)?;
        let session = Session::open(globals).await?;
        let planned = plan(&session, &offer).await?;
        if session.out.is_json() {
            session.out.json(&planned)?;
        } else {
            planned::show(&session.out, &planned);
        }
        let refused = planned.findings.iter().any(|finding| finding.severity == Severity::Error);
        Ok(if refused { Exit::Usage } else { Exit::Ok })
    }
}

async fn plan(session: &Session, offer: &Offer) -> Result<Planned, Failure> {
    let desk = session.desk();
    let existing = existing(&desk, offer).await?;
    let own = existing.as_ref().map(|stored| stored.row.snapshot.run);
    let known = desk.known(offer, own).await?;
    let home = home_of(offer).map_err(crate::offers::DeskError::from)?;
    let mut findings = preflight::findings_knowing(&desk.connections, offer, &home, known.clone(), desk.now).await;
    if let Some(stored) =
        existing.as_ref().filter(|stored| stored.row.snapshot.tags.iter().any(|tag| tag == AWAITING_BUYER))
    {
        let frozen = preflight::frozen(&desk.connections, &stored.offer.standing(), offer, &home);
        // Another account is a reissue.
        findings.extend(frozen.into_iter().filter(|finding| !finding.field.starts_with("/buyer/accounts")));
    }
    let facts = desk.facts_knowing(offer, own, &known).await.ok();
    let (last_moment, expiry_in_zones) = desk.expiry(offer);
    let course = desk.course(offer, existing.as_ref())?;
    let approvals = match facts.as_ref().filter(|_| course.asks()) {
        Some(facts) => approvals(session, offer, facts)?,
        None => Vec::new(),
    };
    let (nothing_because, commands) = commanded(session, &desk, course, existing.as_ref());
    let existing = match existing {
        Some(stored) => Some(compared(session, &desk, offer, &stored).await),
        None => None,
    };
    Ok(Planned {
        reference: offer.reference.clone(),
        revision: offer.revision().hash,
        findings,
        figures: figures(offer, known.discounts.as_ref()).ok(),
        facts,
        last_moment,
        expiry_in_zones,
        approvals,
        calls: commands.iter().flat_map(|command| command.calls.clone()).collect(),
        commands,
        nothing_because,
        existing,
    })
}

/// Each command with its calls, and why there is none. What cannot be planned is said, and stops nothing.
fn commanded(
    session: &Session,
    desk: &Desk,
    course: Course,
    existing: Option<&StoredOffer>,
) -> (Option<String>, Vec<Commanded>) {
    let commands = course.commands.into_iter().map(|ahead| {
        let calls = desk.calls(existing, &ahead.writes).unwrap_or_else(|error| {
            session.out.warn(&format!("the calls cannot be planned: {error}"));
            Vec::new()
        });
        Commanded { command: format!("entente {}", ahead.command), calls }
    });
    (course.nothing_because, commands.collect())
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
    let document = revision::differences(&stored.offer.standing(), offer);
    Existing { label: snapshot.label.clone(), state: snapshot.state.clone(), document, live }
}
