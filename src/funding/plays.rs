//! Go-to-market plays in the database: brought in by one person, approved by another, never changed.

use std::collections::BTreeSet;

use entente_core::{
    context::funding::{FundPaper, REQUEST_PLAY_KEY, RequestPaper},
    ids::{PartyId, PersonId, ProgrammeId},
    mdf::{
        Play,
        model::{ApprovedPlay, KeptPlay},
    },
    money::Money,
    scope::Scope,
};
use entente_store::{RunFilter, Store, StoredDocument};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

use super::{
    stored::{self, Stored},
    versions::{self, Author},
};
use crate::offers::DeskError;

const KIND: &str = "play";

const APPROVAL: &str = "play_approval";

/// That somebody approved exactly this text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approved {
    /// SHA-256 of the text.
    pub sha256: String,
    /// Who.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// A version of a play, as it is kept.
#[derive(Debug, Clone, Serialize)]
pub struct Kept {
    /// The play.
    #[serde(flatten)]
    pub play: Play,
    /// SHA-256 of its text.
    pub sha256: String,
    /// Who brought it in.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
    /// Who approved it, and when.
    pub approved: Option<Approved>,
    /// Its text.
    #[serde(skip)]
    pub text: String,
}

/// Why a play is not approved.
#[derive(Debug, thiserror::Error)]
pub enum NotApproved {
    /// Whoever asks has brought it in.
    #[error("`{who}` has brought in play `{play}`; another person approves it")]
    SamePerson {
        /// Who.
        who: PersonId,
        /// The play.
        play: String,
    },
    /// The text that was seen is another one.
    #[error("play `{play}` is `{is}`, not `{seen}`; look at it again before you approve it")]
    OtherText {
        /// The play.
        play: String,
        /// Its hash.
        is: String,
        /// What was seen.
        seen: String,
    },
    /// It is approved already.
    #[error("play `{play}` was approved by `{by}` already")]
    Already {
        /// The play.
        play: String,
        /// Who.
        by: PersonId,
    },
    /// The records could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

/// Stores a play that has been read well. The same version with another text is refused: requests were judged by it.
///
/// # Errors
/// When another text is stored under its id and version, or the database cannot be written.
pub async fn import(store: &dyn Store, play: &Play, text: &str, by: &str, at: Timestamp) -> Result<String, DeskError> {
    versions::put(store, (KIND, play.play.as_str(), play.version), text, Author { by, at }).await
}

/// Approves exactly the text whose SHA-256 begins with `seen`.
///
/// # Errors
/// When there is no such play, it is another text, whoever asks has brought it in, or somebody has approved it already.
pub async fn approve(
    store: &dyn Store,
    named: &str,
    seen: &str,
    by: &PersonId,
    at: Timestamp,
) -> Result<Kept, NotApproved> {
    let kept = find(store, named).await?;
    let play = kept.play.named();
    if !kept.sha256.starts_with(seen) {
        return Err(NotApproved::OtherText { play, is: kept.sha256, seen: seen.to_owned() });
    }
    if kept.by == *by {
        return Err(NotApproved::SamePerson { who: by.clone(), play });
    }
    if let Some(approved) = kept.approved {
        return Err(NotApproved::Already { play, by: approved.by });
    }
    let approved = Approved { sha256: kept.sha256.clone(), by: by.clone(), at };
    let text = serde_json::to_string(&approved).map_err(|error| unreadable(&play, error.to_string()))?;
    let key = (APPROVAL, kept.play.play.as_str(), kept.play.version);
    versions::put(store, key, &text, Author { by: by.as_str(), at }).await?;
    Ok(Kept { approved: Some(approved), ..kept })
}

/// Every version of every play.
///
/// # Errors
/// When the database or a play cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<Kept>, DeskError> {
    let approvals = store.documents(APPROVAL).await?;
    let of = |document: &StoredDocument| {
        let found = approvals.iter().find(|one| (&one.name, one.version) == (&document.name, document.version));
        let read = |one: &StoredDocument| {
            serde_json::from_str::<Approved>(&one.text).map_err(|error| unreadable(&one.name, error.to_string()))
        };
        Ok::<_, DeskError>(found.map(read).transpose()?.filter(|one| one.sha256 == document.sha256))
    };
    store.documents(KIND).await?.into_iter().map(|document| kept(of(&document)?, document)).collect()
}

fn kept(approved: Option<Approved>, document: StoredDocument) -> Result<Kept, DeskError> {
    let StoredDocument { name, sha256, text, by, at, .. } = document;
    let play = Play::from_yaml(&name, &text).map_err(|error| unreadable(&name, error.to_string()))?;
    Ok(Kept { play, sha256, by: by.parse()?, at, approved, text })
}

fn unreadable(play: &str, why: String) -> DeskError {
    DeskError::Unreadable { what: format!("play `{play}`"), why }
}

/// A play by `id@version`.
///
/// # Errors
/// When there is none, or the database cannot be read.
pub async fn find(store: &dyn Store, named: &str) -> Result<Kept, DeskError> {
    let found = list(store).await?.into_iter().find(|kept| kept.play.named() == named);
    found.ok_or_else(|| entente_store::Error::NotFound { kind: "play", id: named.to_owned() }.into())
}

/// The plays that a partner may name: approved, and for a programme out of one of whose open funds it may be paid.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_to(store: &dyn Store, partner: &PartyId) -> Result<Vec<Kept>, DeskError> {
    let filter = RunFilter { tag: Some("open".to_owned()), ended: Some(false), ..RunFilter::default() };
    let funds: Vec<Stored<FundPaper>> = stored::papers(store, &Scope::vendor(), filter).await?;
    let theirs = funds.iter().map(|fund| &fund.sheet.paper);
    let theirs = theirs.filter(|fund| fund.partners.is_empty() || fund.partners.contains(partner));
    let programmes: BTreeSet<&ProgrammeId> = theirs.map(|fund| &fund.programme).collect();
    let mut plays = list(store).await?;
    plays.retain(|kept| kept.approved.is_some() && kept.play.programmes.iter().any(|one| programmes.contains(one)));
    Ok(plays)
}

/// What the rules have to know of the play that a request names, as it stood when the request was granted, or else stands now.
///
/// # Errors
/// When the database cannot be read, or what was granted of it does not add.
pub async fn of_request(
    store: &dyn Store,
    asked: &Stored<RequestPaper>,
    programme: &ProgrammeId,
    now: Timestamp,
) -> Result<Option<KeptPlay>, DeskError> {
    let Some(named) = &asked.sheet.paper.play else { return Ok(None) };
    let as_of = asked.sheet.course.granted_at.unwrap_or(now);
    let all = list(store).await?;
    let approved = |kept: &&Kept| kept.approved.as_ref().is_some_and(|approved| approved.at <= as_of);
    let own: Vec<&Kept> = all.iter().filter(|kept| kept.play.play.as_str() == named).collect();
    let day = asked.sheet.paper.activity.start;
    let Some((play, by)) = in_force(own.iter().copied().filter(approved), day) else {
        let concerned = all.iter().filter(approved).any(|kept| kept.play.programmes.contains(programme));
        let newest = own.iter().filter(|kept| kept.at <= as_of).map(|kept| kept.play.version).max();
        return Ok(match newest {
            Some(version) => Some(KeptPlay::Unapproved(version)),
            None => concerned.then_some(KeptPlay::Unknown),
        });
    };
    let granted = granted(store, asked, play.play.budget).await?;
    let facts: ApprovedPlay = play.play.approved(&play.text, by, granted);
    Ok(Some(KeptPlay::Approved(Box::new(facts))))
}

/// The newest version that covers the day, or else the newest.
fn in_force<'a>(approved: impl Iterator<Item = &'a Kept>, day: Date) -> Option<(&'a Kept, PersonId)> {
    let best = approved.max_by_key(|kept| (kept.play.covers(day), kept.play.version))?;
    Some((best, best.approved.as_ref()?.by.clone()))
}

/// What other requests for the play were granted, in the currency of its budget; of those that are over, what was claimed. What
/// came before and is not decided yet counts as asked for: looked at side by side, two do not both get the last of it.
async fn granted(store: &dyn Store, asked: &Stored<RequestPaper>, budget: Money) -> Result<Money, DeskError> {
    let named = asked.sheet.paper.play.as_deref().unwrap_or_default();
    let others: Vec<Stored<RequestPaper>> = stored::by_key(store, REQUEST_PLAY_KEY, named).await?;
    let order = |one: &Stored<RequestPaper>| (one.sheet.course.submitted_at, one.label().to_owned());
    let mine = order(asked);
    let amounts = others.iter().filter(|other| other.label() != asked.label()).filter_map(|other| {
        let (course, paper) = (&other.sheet.course, &other.sheet.paper);
        let before = !other.has("editable") && order(other) < mine;
        match course.granted {
            _ if other.row.snapshot.ended => course.claimed,
            None if before => Some(paper.amount),
            granted => granted,
        }
    });
    let same = amounts.filter(|amount| amount.currency == budget.currency);
    Ok(Money::sum(budget.currency, same)?)
}
