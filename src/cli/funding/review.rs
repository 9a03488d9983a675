//! `entente review`: approvals that came so soon that somebody else looks at a part of them again.

use entente_core::{ids::LegalEntityId, mdf::statement::Period, scope::Scope};

use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        output::instant,
        session::{Globals, Session},
    },
    funding::{
        month_review::{self, MonthReview},
        review::{self, Drawn, Finding, NotReviewed},
    },
};

/// Look again at approvals that came very soon
#[derive(Debug, clap::Subcommand)]
pub enum Review {
    /// List those that were drawn and that nobody has looked at again
    List {
        /// Those as well that somebody has looked at
        #[arg(long)]
        all: bool,
    },
    /// Say that an approval stands up to being looked at again
    Sound(Found),
    /// Say that an approval does not stand up to being looked at again
    Unsound(Found),
    /// Say that a month's approvals and payouts were reviewed: what lets a small team of rule Y1 decide with two people
    Month(OfMonth),
}

/// A month that was reviewed.
#[derive(Debug, clap::Args)]
pub struct OfMonth {
    /// The legal entity
    #[arg(long, value_name = "ENTITY")]
    entity: LegalEntityId,
    /// The month, such as 2027-03, in the installation's zone; it is over
    #[arg(long, value_name = "MONTH")]
    month: String,
    /// What was looked at, and what came of it
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
}

/// What was found.
#[derive(Debug, clap::Args)]
pub struct Found {
    /// The approval, by the id that the list shows
    id: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = input::said)]
    reason: String,
}

impl Review {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Review::List { all } => list(&session, all).await,
            Review::Sound(found) => found.record(&session, Finding::Sound).await,
            Review::Unsound(found) => found.record(&session, Finding::Unsound).await,
            Review::Month(month) => month.record(&session).await,
        }
    }
}

async fn drawn(session: &Session, name: &str) -> Result<Vec<Drawn>, Failure> {
    let scope: Scope = session.reach(Action::ReviewVotes, "review", name)?;
    Ok(review::drawn(session.app.store.as_ref(), &scope, session.app.config.review).await?)
}

async fn list(session: &Session, all: bool) -> Result<Exit, Failure> {
    let mut votes = drawn(session, "list").await?;
    votes.retain(|vote| all || vote.review.is_none());
    if session.out.is_json() {
        session.out.json(&votes)?;
        return Ok(Exit::Ok);
    }
    let rows = votes.iter().map(|vote| {
        let found = vote.review.as_ref().map(|review| match review.finding {
            Finding::Sound => format!("sound, says {}: {}", review.by, review.reason),
            Finding::Unsound => format!("unsound, says {}: {}", review.by, review.reason),
        });
        let (at, after) = (instant(vote.at), format!("{} s", vote.after_seconds));
        vec![
            vote.id.clone(),
            vote.label.clone(),
            vote.row.clone(),
            vote.by.to_string(),
            at,
            after,
            found.unwrap_or_default(),
        ]
    });
    let heading = ["id", "approved", "as", "by", "at", "after", "found"];
    session.out.table(&heading, &rows.collect::<Vec<_>>());
    if votes.is_empty() {
        session.out.say("nothing waits to be looked at again");
    }
    Ok(Exit::Ok)
}

impl Found {
    async fn record(self, session: &Session, finding: Finding) -> Result<Exit, Failure> {
        let votes = drawn(session, &self.id).await?;
        let vote = votes.into_iter().find(|vote| vote.id == self.id).ok_or_else(|| {
            let failure = Failure::new(Exit::NotFound, format!("no approval `{}` was drawn", self.id));
            failure.hint("list them with `entente review list --all`")
        })?;
        let actor = session.act_for(Action::ReviewVotes, "review", &self.id, &vote.legal_entity)?;
        let (by, at) = (actor.person, session.app.clock.now());
        let found = review::Review { finding, reason: self.reason, by, at };
        review::record(session.app.store.as_ref(), &vote, &found).await.map_err(|error| match error {
            NotReviewed::Records(error) => error.into(),
            NotReviewed::Concerned { .. } => Failure::new(Exit::Forbidden, error.to_string()),
            NotReviewed::Already { .. } => Failure::new(Exit::Conflict, error.to_string()),
        })?;
        session.out.data(&vote.id);
        session.out.say(&format!("noted of the approval of `{}` by `{}`", vote.label, vote.by));
        Ok(Exit::Ok)
    }
}

impl OfMonth {
    async fn record(self, session: &Session) -> Result<Exit, Failure> {
        let period = Period::new(&self.month, &session.app.config.zone)
            .map_err(|error| Failure::usage(format!("--month: {error}")))?;
        let actor = session.act_for(Action::ReviewVotes, "review", &self.month, &self.entity)?;
        let at = session.app.clock.now();
        let (month, by) = (period.first_day(), actor.person);
        let review = MonthReview { legal_entity: self.entity, month, reason: self.reason, by, at };
        month_review::record(session.app.store.as_ref(), &period, &review).await.map_err(|error| match error {
            month_review::NotReviewed::Records(error) => error.into(),
            month_review::NotReviewed::Concerned { .. } => Failure::new(Exit::Forbidden, error.to_string()),
            error => Failure::new(Exit::Conflict, error.to_string()),
        })?;
        session.out.data(&period.month());
        session.out.say(&format!("noted that {} of `{}` was reviewed", period.month(), review.legal_entity));
        Ok(Exit::Ok)
    }
}
