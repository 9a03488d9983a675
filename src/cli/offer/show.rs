//! `entente offer show`.

use entente_core::{money::Money, offer::revision::Difference};
use entente_store::Archived;
use jiff::SignedDuration;
use serde_json::Value;

use super::{
    figures::{discount, of_buyer},
    list::worth,
};
use crate::{
    cli::{
        archive,
        exit::Exit,
        failure::Failure,
        output::{Out, instant},
        session::Session,
    },
    offers::{
        expiry::InZones,
        standing::{self, Amendment, Approval, Standing},
        timeline::{self, Entry},
    },
};

/// Show where an offer stands, who holds it up, and what was sent
#[derive(Debug, clap::Args)]
pub struct Show {
    /// The offer, such as OFR-2026-00042
    label: String,
}

impl Show {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let stored = session.offer(&self.label).await?;
        let mut standing = standing::standing(session.app.store.as_ref(), &stored, session.app.clock.now()).await?;
        session.desk().tell_expiry(&mut standing, &stored);
        let world = session.app.world.borrow().clone();
        let policy = world.policies.of(&stored.row.snapshot.chart.name);
        standing::electorate(&mut standing.approvals, &stored.row.snapshot, policy, &session.app.people);
        let place = archive::place(session, stored.row.snapshot.run).await?;
        if session.out.is_json() {
            let mut shown = serde_json::to_value(&standing).map_err(anyhow::Error::from)?;
            if let (Some(place), Some(fields)) = (&place, shown.as_object_mut()) {
                fields.insert("archive".into(), timeline::place_json(place));
            }
            session.out.json(&shown)?;
        } else {
            show(&session.out, &standing, place.as_ref());
        }
        Ok(Exit::Ok)
    }
}

fn show(out: &Out, standing: &Standing, place: Option<&Archived>) {
    facts(out, standing);
    last_moment(out, &standing.expiry_in_zones);
    if !standing.ended {
        out.heading("Buyer's readiness");
        let rows = standing.checklist.iter().map(|check| {
            vec![check.what.to_owned(), if check.done { "ready" } else { "open" }.to_owned(), check.detail.clone()]
        });
        out.table(&["what", "is", "detail"], &rows.collect::<Vec<_>>());
    }
    if let Some(amendment) = &standing.amendment {
        changes(out, amendment);
    }
    if !standing.approvals.is_empty() {
        approvals(out, &standing.approvals);
    }
    if !standing.agreements.is_empty() {
        out.heading("Agreements");
        let rows = standing.agreements.iter().map(|(id, agreement)| {
            let day = |at: Option<jiff::Timestamp>| at.map_or_else(|| "-".to_owned(), instant);
            let status = serde_json::to_value(agreement.status).ok();
            let status = status.as_ref().and_then(|status| status.as_str()).unwrap_or_default().to_owned();
            vec![
                id.clone(),
                status,
                agreement.account.clone().unwrap_or_default(),
                day(agreement.starts_at),
                day(agreement.ends_at),
            ]
        });
        out.table(&["agreement", "status", "account", "starts", "ends"], &rows.collect::<Vec<_>>());
    }
    if let Some(place) = place {
        out.heading("History");
        return archive::tell_place(out, place);
    }
    out.heading("Waited for, from draft to acceptance");
    let parties = standing.seconds_by_party.iter().map(|(party, seconds)| vec![party.clone(), length(*seconds)]);
    out.table(&["party", "time"], &parties.collect::<Vec<_>>());
    timeline(out, &standing.timeline);
}

fn facts(out: &Out, standing: &Standing) {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let discount = standing.facts.as_ref().map(|facts| discount(facts.discount_bp));
    let yearly = standing.facts.as_ref().map(|facts| Money { minor: facts.annualised_minor, currency: facts.currency });
    let yearly = yearly.filter(|yearly| yearly.minor > 0).map(|yearly| yearly.to_string());
    let waiting = standing.waiting_on.as_ref().map(|party| match standing.waiting_since {
        Some(since) => format!("{party}, since {}", instant(since)),
        None => party.clone(),
    });
    let next = standing.readiness.next_step.as_ref().map(|step| match &standing.readiness.owner {
        Some(owner) => format!("{step} ({owner})"),
        None => step.clone(),
    });
    out.fields(&[
        ("offer", standing.label.clone()),
        ("reference", standing.reference.clone()),
        ("state", standing.state.clone()),
        ("waiting on", text(&waiting)),
        ("next step", text(&next)),
        ("incident", standing.incident.as_ref().map(|incident| incident.message.clone()).unwrap_or_default()),
        ("refusal", standing.refusal.as_ref().map(|refusal| refusal.message.clone()).unwrap_or_default()),
        ("withdrawal", standing.withdrawal.as_ref().map(|withdrawal| withdrawal.reason.clone()).unwrap_or_default()),
        ("buyer", format!("{} ({})", standing.buyer, standing.accounts.join(", "))),
        ("value", worth(standing.value.as_ref())),
        ("a year", text(&yearly)),
        ("discount", text(&discount)),
        ("buyer in 12 months", standing.facts.as_ref().map(of_buyer).unwrap_or_default()),
        ("revision", standing.revision.clone()),
        ("asked by", standing.requester.as_ref().map(ToString::to_string).unwrap_or_default()),
        ("written by", standing.authors.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
        ("last day", standing.last_day.to_string()),
        ("marketplace", standing.marketplace.clone()),
        ("marketplace id", text(&standing.remote.offer_id)),
        ("change under way", standing.remote.change.as_ref().map(|change| change.id.clone()).unwrap_or_default()),
        ("earlier ids", standing.remote.earlier.join(", ")),
        ("differs there", if standing.drift.is_null() { String::new() } else { standing.drift.to_string() }),
        (
            "refs",
            standing.external_refs.iter().map(|(system, id)| format!("{system}={id}")).collect::<Vec<_>>().join(", "),
        ),
    ]);
}

/// Shows the last moment to accept on each party's clock.
pub fn last_moment(out: &Out, in_zones: &InZones) {
    out.heading("Last moment to accept");
    let unknown = |party: &str| match party {
        "buyer" => "not known; name the buyer's zone in `buyer.zone`".to_owned(),
        _ => "not known; connect the account that sells it".to_owned(),
    };
    let rows =
        in_zones.iter().map(|(party, time)| vec![(*party).to_owned(), time.clone().unwrap_or_else(|| unknown(party))]);
    out.table(&["for", "time"], &rows.collect::<Vec<_>>());
}

/// Shows what an amendment would change.
fn changes(out: &Out, amendment: &Amendment) {
    out.heading(&format!("Amendment, revision {}", amendment.revision));
    out.table(&["field", "there", "here"], &difference_rows(&amendment.changes));
}

/// Differences of two documents, a row each.
pub fn difference_rows(changes: &[Difference]) -> Vec<Vec<String>> {
    let text = |value: &Option<Value>| value.as_ref().map_or_else(|| "nothing".to_owned(), Value::to_string);
    changes.iter().map(|change| vec![change.field.clone(), text(&change.was), text(&change.now)]).collect()
}

/// Shows who must agree, who has, and who still could.
pub fn approvals(out: &Out, approvals: &[Approval]) {
    out.heading("Approvals");
    let mut rows = Vec::new();
    for asked in approvals {
        let stands = if asked.settled { "given" } else { "open" };
        rows.push(vec![asked.row.clone(), asked.role.to_string(), stands.to_owned(), asked.because.clone()]);
        for vote in &asked.votes {
            let said = serde_json::to_value(vote.verdict).ok();
            let said = said.as_ref().and_then(|said| said.as_str()).unwrap_or_default().to_owned();
            let revision: String = vote.revision.chars().take(12).collect();
            let void = if vote.void { ", void since the document changed" } else { "" };
            rows.push(vec![
                String::new(),
                vote.person.to_string(),
                said,
                format!("{} revision {revision}{void} {}", instant(vote.at), vote.reason),
            ]);
        }
        if !asked.candidates.is_empty() {
            let who = asked.candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            rows.push(vec![String::new(), who, "may vote".to_owned(), String::new()]);
        }
        if let Some(why) = &asked.stuck {
            rows.push(vec![String::new(), "-".to_owned(), "stuck".to_owned(), why.clone()]);
        }
    }
    out.table(&["row", "who", "is", "detail"], &rows);
}

/// Shows a run's steps, each with what it sent.
pub fn timeline(out: &Out, timeline: &[Entry]) {
    out.heading("Timeline");
    let rows = timeline.iter().map(|entry| {
        let sent = entry.sent.iter().map(|sent| {
            let status = serde_json::to_value(sent.status).ok();
            let status = status.as_ref().and_then(|status| status.as_str()).unwrap_or("done").to_owned();
            format!("{} ({status}, {} attempts)", sent.activity, sent.attempts)
        });
        let detail: Vec<String> = sent.chain(entry.remote.iter().cloned()).collect();
        vec![
            entry.seq.to_string(),
            instant(entry.at),
            entry.state.clone(),
            entry.who.as_ref().map_or_else(|| "-".to_owned(), ToString::to_string),
            entry.what.clone(),
            detail.join(", "),
        ]
    });
    out.table(&["step", "when", "state", "who", "what", "sent and received"], &rows.collect::<Vec<_>>());
}

/// Seconds as days, hours and minutes.
pub fn length(seconds: i64) -> String {
    let duration = SignedDuration::from_secs(seconds);
    let (days, hours, minutes) = (duration.as_hours() / 24, duration.as_hours() % 24, duration.as_mins() % 60);
    match (days, hours, minutes) {
        (0, 0, minutes) if minutes > 0 => format!("{minutes}m"),
        (0, 0, _) => format!("{seconds}s"),
        (0, hours, minutes) => format!("{hours}h {minutes}m"),
        (days, hours, _) => format!("{days}d {hours}h"),
    }
}
