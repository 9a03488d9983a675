//! Where an offer stands: its state, whom it waits for, what the marketplace holds, who has agreed, and how it came to this.

use std::collections::{BTreeMap, BTreeSet};

use entente_core::{
    context::private_offer::{Agreement, PrivateOffer, Readiness, Refusal, Remote, SubmitFacts, Withdrawal},
    ids::{PersonId, RoleId},
    money::Money,
    offer::{
        attribution::{Span, attribution, by_party},
        preflight::Finding,
        revision,
        totals::totals,
    },
    people::People,
    policy::{
        Policy,
        approvals::{Projection, Round, Verdict},
    },
    run::{Incident, Record, Snapshot},
    scope::Scope,
};
use entente_store::Store;
use jiff::{SignedDuration, Timestamp, civil::Date};
use serde::Serialize;
use serde_json::Value;

use super::{
    DeskError,
    expiry::InZones,
    stored::StoredOffer,
    timeline::{self, Entry},
};

/// The tag by which a chart says whom a state waits for.
const WAITS_FOR: &str = "waits_for:";

/// The tag of states in which an approval round is under way.
const AWAITING_APPROVAL: &str = "awaiting_approval";

/// The tag of states in which a change of a released offer is under way.
const AMENDING: &str = "amending";

/// Where an offer stands.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    /// Its label.
    pub label: String,
    /// The vendor's own reference.
    pub reference: String,
    /// The marketplace.
    pub marketplace: String,
    /// The product's id there.
    pub product: String,
    /// The buyer's name.
    pub buyer: String,
    /// The accounts that may accept.
    pub accounts: Vec<String>,
    /// What the offer is worth.
    pub value: Option<Money>,
    /// The state of its run.
    pub state: String,
    /// What the rest of the product asks instead of the state's name.
    pub tags: Vec<String>,
    /// Whether it has ended.
    pub ended: bool,
    /// The step it is at.
    pub seq: u64,
    /// The revision that decisions bind to.
    pub revision: String,
    /// Who asked for it.
    pub requester: Option<PersonId>,
    /// Everybody who wrote, revised or submitted it: none of them may approve it.
    pub authors: BTreeSet<PersonId>,
    /// Whom it waits for; nobody once it has ended.
    pub waiting_on: Option<String>,
    /// Since when.
    pub waiting_since: Option<Timestamp>,
    /// How far the buyer is.
    pub readiness: Readiness,
    /// What the buyer needs to do, and what is known of it.
    pub checklist: Vec<Check>,
    /// The last day to accept, extensions included.
    pub last_day: Date,
    /// The last instant to accept, once it is known.
    pub last_moment: Option<Timestamp>,
    /// That instant on the clocks of marketplace, seller and buyer, once [`Desk::tell_expiry`](super::Desk::tell_expiry) said so.
    pub expiry_in_zones: InZones,
    /// What policy judges it by.
    pub facts: Option<SubmitFacts>,
    /// What pre-flight found last.
    pub findings: Vec<Finding>,
    /// Who must agree, and who has.
    pub approvals: Vec<Approval>,
    /// What the marketplace holds.
    pub remote: Remote,
    /// Agreements made by accepting it, by id.
    pub agreements: BTreeMap<String, Agreement>,
    /// Why the last attempt did not get through.
    pub refusal: Option<Refusal>,
    /// A change of the released offer on its way.
    pub amendment: Option<Amendment>,
    /// That somebody wants it withdrawn.
    pub withdrawal: Option<Withdrawal>,
    /// How the marketplace's offer differs from what was sent.
    pub drift: Value,
    /// Why it stands still until a person acts.
    pub incident: Option<Incident>,
    /// Ids in other systems.
    pub external_refs: BTreeMap<String, String>,
    /// The time that each party took between draft and acceptance, in seconds.
    pub seconds_by_party: BTreeMap<String, i64>,
    /// That time stretch by stretch.
    pub waits: Vec<Span>,
    /// How it came to this.
    pub timeline: Vec<Entry>,
}

/// A change of a released offer that people judge, or that is on its way.
#[derive(Debug, Clone, Serialize)]
pub struct Amendment {
    /// The revision that votes on it bind to.
    pub revision: String,
    /// Who asks for it.
    pub requester: Option<PersonId>,
    /// What would change.
    pub changes: Vec<revision::Difference>,
}

/// One thing that the buyer needs.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What.
    pub what: &'static str,
    /// Whether it is known to be there.
    pub done: bool,
    /// What is known.
    pub detail: String,
}

/// One requirement of the approval round.
#[derive(Debug, Clone, Serialize)]
pub struct Approval {
    /// The policy's row.
    pub row: String,
    /// Who may vote.
    pub role: RoleId,
    /// How many people must agree.
    pub quorum: u32,
    /// What votes bind to.
    pub projection: Projection,
    /// Why it is asked.
    pub because: String,
    /// Whether enough people have agreed.
    pub settled: bool,
    /// When it goes to others as well.
    pub escalate_at: Option<Timestamp>,
    /// To whom.
    pub escalate_to: Option<RoleId>,
    /// Who has spoken.
    pub votes: Vec<Voted>,
    /// Who could still vote on it, those whom it would be escalated to included.
    pub candidates: Vec<PersonId>,
    /// Why it can never be settled by the people at hand, where that is so.
    pub stuck: Option<String>,
}

/// One vote.
#[derive(Debug, Clone, Serialize)]
pub struct Voted {
    /// Who.
    pub person: PersonId,
    /// For whom.
    pub on_behalf_of: Option<PersonId>,
    /// What they said.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// The revision they saw.
    pub revision: String,
    /// When.
    pub at: Timestamp,
    /// A later revision changed what the vote bound to.
    pub void: bool,
}

/// Where an offer stands now.
///
/// # Errors
/// When the database cannot be read.
pub async fn standing(store: &dyn Store, stored: &StoredOffer, now: Timestamp) -> Result<Standing, DeskError> {
    let run = stored.row.snapshot.run;
    let records = timeline::records(store, run).await?;
    let intents = store.intents(&Scope::vendor(), run).await?;
    let mut standing = summary(stored);
    let waits = until_acceptance(&records, now);
    standing.waiting_since = attribution(&records, now).last().filter(|_| !standing.ended).map(|span| span.from);
    standing.seconds_by_party = by_party(&waits).into_iter().map(|(party, time)| (party, seconds(time))).collect();
    standing.waits = waits;
    standing.timeline = timeline::entries(&records, &intents);
    Ok(standing)
}

/// Where an offer stands, as far as its snapshot tells: without its history.
pub fn summary(stored: &StoredOffer) -> Standing {
    let (snapshot, known) = (&stored.row.snapshot, &stored.offer);
    let offer = &known.offer;
    Standing {
        label: snapshot.label.clone(),
        reference: offer.reference.clone(),
        marketplace: offer.marketplace.to_string(),
        product: offer.product.id.clone(),
        buyer: offer.buyer.name.clone(),
        accounts: offer.buyer.accounts.clone(),
        value: totals(offer).ok().map(|totals| totals.total),
        state: snapshot.state.clone(),
        tags: snapshot.tags.clone(),
        ended: snapshot.ended,
        seq: snapshot.seq,
        revision: known.revision.clone(),
        requester: known.requester.clone(),
        authors: known.authors.clone(),
        waiting_on: waiting_on(snapshot, Some(known)),
        waiting_since: None,
        readiness: known.readiness.clone(),
        checklist: checklist(known),
        last_day: known.expiry.as_ref().map_or(offer.expires_on, |expiry| expiry.last_day),
        last_moment: known.expiry.as_ref().map(|expiry| expiry.last_moment),
        expiry_in_zones: InZones::new(),
        facts: known.facts.clone(),
        findings: known.findings.clone(),
        approvals: snapshot.approvals.as_ref().map(approvals).unwrap_or_default(),
        remote: known.remote.clone(),
        agreements: known.agreements.clone(),
        refusal: known.refusal.clone(),
        amendment: amendment(snapshot, known),
        withdrawal: known.withdrawal.clone(),
        drift: known.drift.clone(),
        incident: snapshot.incident.clone(),
        external_refs: offer.external_refs.clone(),
        seconds_by_party: BTreeMap::new(),
        waits: Vec::new(),
        timeline: Vec::new(),
    }
}

/// The amendment on its way: the context may still hold one that came to nothing.
fn amendment(snapshot: &Snapshot, known: &PrivateOffer) -> Option<Amendment> {
    let under_way = snapshot.tags.iter().any(|tag| tag == AMENDING);
    let amendment = known.amendment.as_ref().filter(|_| under_way)?;
    Some(Amendment {
        revision: amendment.offer.revision().hash,
        requester: amendment.requester.clone(),
        changes: revision::differences(&known.standing(), &amendment.offer),
    })
}

/// Whom a run waits for: the operator while it is parked, else whom the readiness record or the chart names.
pub fn waiting_on(snapshot: &Snapshot, known: Option<&PrivateOffer>) -> Option<String> {
    if snapshot.ended {
        return None;
    }
    if snapshot.incident.is_some() {
        return Some("operator".into());
    }
    let tagged = snapshot.tags.iter().find_map(|tag| tag.strip_prefix(WAITS_FOR))?;
    let named = known.and_then(|known| known.readiness.waiting_on.as_ref());
    let named = named.filter(|named| tagged == "buyer" && !named.is_empty());
    Some(named.map_or_else(|| tagged.to_owned(), Clone::clone))
}

/// What the buyer needs before anybody there can accept.
fn checklist(known: &PrivateOffer) -> Vec<Check> {
    let (offer, readiness) = (&known.offer, &known.readiness);
    let accounts = offer.buyer.accounts.join(", ");
    let confirmed = readiness.account_confirmed_by.as_ref();
    let item = |what, done, detail: String| Check { what, done, detail };
    let text = |value: &Option<String>, open: &str| value.clone().unwrap_or_else(|| open.to_owned());
    vec![
        item(
            "account",
            confirmed.is_some(),
            match confirmed {
                Some(person) => format!("{accounts}, confirmed by {person}"),
                None => format!("{accounts}, not confirmed by the buyer yet"),
            },
        ),
        item("region", offer.buyer.country.is_some(), text(&offer.buyer.country, "the buyer's country is not stated")),
        item(
            "permission",
            readiness.accepter_permission == Some(true),
            match readiness.accepter_permission {
                Some(true) => "the accepter may accept private offers".into(),
                Some(false) => "the accepter lacks the permission to accept private offers".into(),
                None => "not known whether the accepter may accept private offers".into(),
            },
        ),
        item("purchase order", readiness.purchase_order.is_some(), text(&readiness.purchase_order, "no number yet")),
        item(
            "legal",
            matches!(readiness.legal.as_deref(), Some("agreed" | "not needed")),
            text(&readiness.legal, "not known how the buyer's review stands"),
        ),
    ]
}

/// What a round asks for, and what people have said.
pub fn approvals(round: &Round) -> Vec<Approval> {
    let requirement = |requirement: &entente_core::policy::approvals::Requirement| Approval {
        row: requirement.row.clone(),
        role: requirement.role.clone(),
        quorum: requirement.quorum,
        projection: requirement.projection,
        because: requirement.because.clone(),
        settled: round.settled(requirement),
        escalate_at: requirement.escalate_at,
        escalate_to: requirement.escalate_to.clone(),
        votes: round.votes.iter().filter(|vote| vote.row == requirement.row).map(voted).collect(),
        candidates: Vec::new(),
        stuck: None,
    };
    round.requirements.iter().map(requirement).collect()
}

/// Says of every open approval who could still give it, and where that is too few.
pub fn electorate(approvals: &mut [Approval], snapshot: &Snapshot, policy: &Policy, people: &People) {
    let open = !snapshot.ended && snapshot.tags.iter().any(|tag| tag == AWAITING_APPROVAL);
    let Some(round) = snapshot.approvals.as_ref().filter(|_| open) else { return };
    let entity = &snapshot.home.legal_entity;
    let obstacles = round.obstacles(policy, people, entity);
    for requirement in round.waiting() {
        let Some(approval) = approvals.iter_mut().find(|approval| approval.row == requirement.row) else {
            continue;
        };
        let candidates = round.candidates(policy, people, entity, requirement);
        approval.candidates = candidates.map(|person| person.id.clone()).collect();
        approval.stuck = obstacles.iter().find(|found| found.row == requirement.row).map(ToString::to_string);
    }
}

fn voted(vote: &entente_core::policy::approvals::Vote) -> Voted {
    Voted {
        person: vote.person.clone(),
        on_behalf_of: vote.on_behalf_of.clone(),
        verdict: vote.verdict,
        reason: vote.reason.clone(),
        revision: vote.revision.clone(),
        at: vote.at,
        void: vote.void,
    }
}

/// Who held the offer up between its draft and its acceptance.
fn until_acceptance(records: &[Record], now: Timestamp) -> Vec<Span> {
    let accepted = records.iter().position(|record| record.event.name() == "offer.accepted");
    match accepted {
        Some(at) => attribution(records.get(..=at).unwrap_or(records), records.get(at).map_or(now, |record| record.at)),
        None => attribution(records, now),
    }
}

fn seconds(time: SignedDuration) -> i64 {
    time.as_secs()
}
