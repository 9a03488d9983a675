//! Exceptions from rules: asked for by one person for one rule, one paper as it stands and a time, approved by another, reported
//! to whoever audits, and never changed.

use std::collections::BTreeSet;

use entente_core::{
    context::funding::{ClaimPaper, FundPaper, PARTNER_KEY, Paper, PartnerPaper, RequestPaper},
    ids::{PartyId, PersonId},
    mdf::{RuleId, model::Exception, rule},
    scope::Scope,
};
use entente_store::{NoticeRow, NoticeStatus, Store, StoredDocument};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    packs,
    stored::{self, Stored},
};
use crate::offers::{DeskError, launch};

/// What the labels of exceptions begin with.
const SERIES: &str = "EXC";

const KIND: &str = "exception";

const APPROVAL: &str = "exception_approval";

/// An exception that somebody asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Its label.
    pub label: String,
    /// The rule.
    pub rule: RuleId,
    /// The request or the claim.
    pub subject: String,
    /// SHA-256 of what people wrote there: for another paper it counts for nothing.
    pub paper: String,
    /// Where the rule found it, as a JSON pointer.
    #[serde(default)]
    pub field: String,
    /// What the rule said.
    pub because: String,
    /// Its last day, in the programme's zone.
    pub last_day: Date,
    /// Until which instant it holds.
    pub until: Timestamp,
    /// Why it is asked for.
    pub reason: String,
    /// Who asked for it.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// That somebody approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// Who.
    pub by: PersonId,
    /// When; from then on it is reported.
    pub at: Timestamp,
}

/// An exception, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// What was asked for.
    #[serde(flatten)]
    pub asked: Asked,
    /// Who approved it, and when.
    pub approved: Option<Approved>,
}

/// Why there is no exception.
#[derive(Debug, thiserror::Error)]
pub enum NoException {
    /// Nothing lifts the rule.
    #[error("rule {0} takes no exception")]
    Never(RuleId),
    /// The rule does not stand in the way of it, as it stands now.
    #[error("rule {rule} does not stand in the way of `{subject}` as it stands now")]
    NotInTheWay {
        /// The rule.
        rule: RuleId,
        /// The request or the claim.
        subject: String,
    },
    /// Its day is over.
    #[error("{0} is over already; write a later day")]
    Over(Date),
    /// The paper says something else by now.
    #[error("`{0}` says something else than when the exception was asked for; ask for another one")]
    OtherPaper(String),
    /// Whoever approves has a hand in it.
    #[error("`{who}` has a hand in it; another person approves it")]
    Concerned {
        /// Who.
        who: PersonId,
    },
    /// It is approved already.
    #[error("`{label}` was approved by `{by}` already")]
    Already {
        /// The exception.
        label: String,
        /// Who.
        by: PersonId,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

impl From<entente_store::Error> for NoException {
    fn from(error: entente_store::Error) -> NoException {
        NoException::Records(error.into())
    }
}

/// What an exception has to know of a request or a claim.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its label.
    pub label: String,
    /// Where it belongs.
    pub home: entente_core::scope::Home,
    paper: String,
    /// What stands in its way: the rule, where, and what it says.
    standing: Vec<(RuleId, String, String)>,
    concerned: Vec<PersonId>,
    pack: String,
    /// Whether the rules look at it again by themselves.
    pub is_held: bool,
}

/// Whether somebody has a hand in a request or a claim, or gains by it.
pub(in crate::funding) fn is_concerned(subject: &Subject, who: &PersonId) -> bool {
    subject.concerned.contains(who)
}

/// A request or a claim by its label, as far as the scope reaches.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn subject(store: &dyn Store, scope: &Scope, label: &str) -> Result<Subject, DeskError> {
    match label.starts_with("CLM") {
        true => {
            let claim = stored::by_label::<ClaimPaper>(store, scope, "claim", label).await?;
            let asked = stored::request(store, &claim.sheet.paper.request).await?;
            let course = &asked.sheet.course;
            let people = claim.sheet.course.submitted_by.iter().chain(&asked.sheet.authors).chain(&course.requested_by);
            let payees = claim.sheet.paper.payees.iter().map(|payee| payee.payee.clone()).collect();
            seen(store, &claim, &asked, (people.cloned().collect(), payees)).await
        }
        false => {
            let asked = stored::by_label::<RequestPaper>(store, scope, "request", label).await?;
            let course = &asked.sheet.course;
            let people = course.partners_people.iter().chain(&course.requested_by);
            seen(store, &asked, &asked, (people.cloned().collect(), BTreeSet::new())).await
        }
    }
}

async fn seen<P: Paper>(
    store: &dyn Store,
    paper: &Stored<P>,
    asked: &Stored<RequestPaper>,
    (mut concerned, mut parties): (Vec<PersonId>, BTreeSet<PartyId>),
) -> Result<Subject, DeskError> {
    let fund: Stored<FundPaper> = stored::fund(store, &asked.sheet.paper.fund).await?;
    concerned.extend(paper.sheet.authors.iter().chain(&paper.sheet.requester).cloned());
    // Whoever may ask for a party's money gains by what it is paid.
    parties.insert(asked.sheet.paper.partner.clone());
    for party in &parties {
        let partners = stored::by_key::<PartnerPaper>(store, PARTNER_KEY, party.as_str()).await?;
        concerned.extend(partners.into_iter().flat_map(|partner| partner.sheet.paper.requesters));
    }
    let reasons = paper.sheet.current_assessment().map(|assessment| assessment.reasons.as_slice()).unwrap_or_default();
    let standing = reasons.iter().filter(|reason| ["block", "hold"].contains(&reason.effect.as_str()));
    Ok(Subject {
        label: paper.label().to_owned(),
        home: paper.row.snapshot.home.clone(),
        paper: paper.sheet.paper_hash(),
        standing: standing.map(|reason| (reason.rule, reason.field.clone(), reason.because.clone())).collect(),
        concerned,
        pack: fund.sheet.paper.pack,
        is_held: paper.has("held"),
    })
}

/// Asks for an exception from a rule that stands in the way of a paper, until the end of a day in its programme's zone.
///
/// # Errors
/// When the rule takes none or does not stand in the way, the day is over, or the database cannot be written.
pub async fn request(
    store: &dyn Store,
    subject: &Subject,
    id: RuleId,
    (last_day, reason): (Date, String),
    (by, at): (&PersonId, Timestamp),
) -> Result<Asked, NoException> {
    if !rule(id).is_some_and(|rule| rule.exceptable) {
        return Err(NoException::Never(id));
    }
    let found = subject.standing.iter().find(|(standing, ..)| *standing == id);
    let not_in_the_way = || NoException::NotInTheWay { rule: id, subject: subject.label.clone() };
    let (_, field, because) = found.ok_or_else(not_in_the_way)?;
    let zone = packs::find(store, &subject.pack).await?.zone;
    let after = last_day.tomorrow().ok().map(|day| day.to_datetime(Time::midnight()));
    let ends = after.and_then(|after| zone.to_timestamp(after).ok()).filter(|ends| *ends > at);
    let until = ends.and_then(|ends| ends.checked_sub(jiff::SignedDuration::from_nanos(1)).ok());
    let asked = Asked {
        label: launch::label(store, SERIES, at).await?,
        rule: id,
        subject: subject.label.clone(),
        paper: subject.paper.clone(),
        field: field.clone(),
        because: because.clone(),
        last_day,
        until: until.ok_or(NoException::Over(last_day))?,
        reason,
        by: by.clone(),
        at,
    };
    put(store, KIND, &asked.label, &asked, (by, at)).await?;
    Ok(asked)
}

/// Approves an exception in the name of somebody without a hand in it, and reports it.
///
/// # Errors
/// When whoever approves asked for it, wrote the paper or gains by it, the paper says something else by now, its day is over, it
/// is approved already, or the database cannot be written.
pub async fn approve(
    store: &dyn Store,
    label: &str,
    subject: &Subject,
    (by, at): (&PersonId, Timestamp),
) -> Result<Kept, NoException> {
    let Kept { asked, approved } = find(store, label).await?;
    if let Some(approved) = approved {
        return Err(NoException::Already { label: asked.label, by: approved.by });
    }
    if asked.by == *by || subject.concerned.contains(by) {
        return Err(NoException::Concerned { who: by.clone() });
    }
    if asked.paper != subject.paper {
        return Err(NoException::OtherPaper(asked.subject));
    }
    if asked.until < at {
        return Err(NoException::Over(asked.last_day));
    }
    let approved = Approved { by: by.clone(), at };
    // Told first: what counts is never unknown to whoever audits.
    report(store, &asked, &approved).await?;
    put(store, APPROVAL, &asked.label, &approved, (by, at)).await?;
    Ok(Kept { asked, approved: Some(approved) })
}

/// Tells whoever audits. Told again, it is the same notice.
async fn report(store: &dyn Store, asked: &Asked, approved: &Approved) -> Result<(), NoException> {
    let notice = NoticeRow {
        id: format!("exception/{}/{}", asked.label, approved.by),
        run: None,
        name: "exception_approved".into(),
        data: json!({
            "label": asked.label,
            "what": format!("{} for `{}` until {}: {}", asked.rule, asked.subject, asked.last_day, asked.because),
            "reason": asked.reason,
            "requester": asked.by,
            "message": format!("approved by {}", approved.by),
        }),
        status: NoticeStatus::Pending,
        attempts: 0,
        not_before: approved.at,
        error: None,
    };
    store.add_notice(notice).await?;
    Ok(())
}

async fn put<T: Serialize>(
    store: &dyn Store,
    kind: &str,
    label: &str,
    what: &T,
    (by, at): (&PersonId, Timestamp),
) -> Result<(), DeskError> {
    let text = serde_json::to_string(what).map_err(|error| unreadable(label, error.to_string()))?;
    let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
    let (kind, name, by) = (kind.to_owned(), label.to_owned(), by.to_string());
    let document = StoredDocument { kind, name, version: 1, sha256, text, by, at, active: true };
    Ok(store.put_document(&document).await?)
}

fn unreadable(label: &str, why: String) -> DeskError {
    DeskError::Unreadable { what: format!("exception `{label}`"), why }
}

/// Every exception that was ever asked for.
///
/// # Errors
/// When the database or an exception cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<Kept>, DeskError> {
    let approvals = store.documents(APPROVAL).await?;
    let mut all = Vec::new();
    for document in store.documents(KIND).await? {
        let wrong = |error: serde_json::Error| unreadable(&document.name, error.to_string());
        let approved = approvals.iter().find(|one| one.name == document.name);
        let approved = approved.map(|one| serde_json::from_str(&one.text)).transpose().map_err(wrong)?;
        all.push(Kept { asked: serde_json::from_str(&document.text).map_err(wrong)?, approved });
    }
    Ok(all)
}

/// An exception by its label.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn find(store: &dyn Store, label: &str) -> Result<Kept, DeskError> {
    let found = list(store).await?.into_iter().find(|kept| kept.asked.label == label);
    found.ok_or_else(|| entente_store::Error::NotFound { kind: "exception", id: label.to_owned() }.into())
}

/// The approved exceptions for a paper as it stands, as the rules see them.
///
/// # Errors
/// When the database or an exception cannot be read.
pub async fn of_paper<P: Paper>(store: &dyn Store, paper: &Stored<P>) -> Result<Vec<Exception>, DeskError> {
    let hash = paper.sheet.paper_hash();
    let ours =
        list(store).await?.into_iter().filter(|kept| kept.asked.subject == paper.label() && kept.asked.paper == hash);
    Ok(ours
        .filter_map(|kept| {
            let Approved { by, at } = kept.approved?;
            let Asked { rule, field, because, reason, until, .. } = kept.asked;
            Some(Exception { rule, field, because, reason, approved_by: by, until, reported_at: Some(at) })
        })
        .collect())
}
