//! `entente token`.

use entente_core::ids::PersonId;
use entente_store::TokenRow;
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    exit::Exit,
    failure::Failure,
    output::instant,
    session::{Globals, Session},
};
use crate::tokens::{self, DAYS, KIND, TokenError};

/// Make, list and revoke tokens by which programs speak for people over HTTP
#[derive(Debug, clap::Subcommand)]
pub enum Token {
    /// Make a token; it is shown once and never again
    Create(Create),
    /// List tokens, without what is secret of them
    List(List),
    /// Take a token back, at once and for good
    Revoke(Revoke),
}

/// Make a token; it is shown once and never again
///
/// Only its hash is kept. Whoever has it acts as the person, with the roles that the people file gives them at that moment.
#[derive(Debug, clap::Args)]
pub struct Create {
    /// For whom it speaks: yourself, or as an admin anybody [default: yourself]
    #[arg(long, value_name = "PERSON")]
    person: Option<PersonId>,
    /// What you call it, such as the machine that it is for
    #[arg(long, value_name = "TEXT", default_value = "", value_parser = name)]
    name: String,
    /// Its last day, or for how many days it holds; a year at most [default: 90]
    #[arg(long, value_name = "DAY|DAYS", value_parser = term)]
    expires: Option<Term>,
}

/// List tokens, without what is secret of them
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those of this person [default: yourself]
    #[arg(long, value_name = "PERSON", conflicts_with = "all")]
    person: Option<PersonId>,
    /// Those of everybody, for admins
    #[arg(long)]
    all: bool,
}

/// Take a token back, at once and for good
#[derive(Debug, clap::Args)]
pub struct Revoke {
    /// Its id, as `entente token list` shows it
    #[arg(value_name = "TOKEN")]
    id: String,
}

/// Until when a token holds.
#[derive(Debug, Clone, Copy)]
enum Term {
    Through(Date),
    Days(u16),
}

impl Term {
    fn ends(self, now: Timestamp) -> Result<Timestamp, Failure> {
        let end = match self {
            Term::Days(days) => now.checked_add(SignedDuration::from_hours(24 * i64::from(days))).ok(),
            // Its last day is over when the next one begins.
            Term::Through(day) => {
                day.tomorrow().ok().and_then(|next| next.to_zoned(TimeZone::UTC).ok()).map(|zoned| zoned.timestamp())
            }
        };
        end.ok_or_else(|| Failure::usage("`--expires`: is beyond the calendar; a token holds a year at most"))
    }
}

fn term(text: &str) -> Result<Term, String> {
    let wrong = || format!("`{text}` is neither a day nor a number of days; write 2027-06-30 or 30");
    match text.parse() {
        Ok(days) => Ok(Term::Days(days)),
        Err(_) => text.parse().map(Term::Through).map_err(|_| wrong()),
    }
}

fn name(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0..=100 => Ok(text.to_owned()),
        count => Err(format!("it has {count} characters; at most 100 are kept")),
    }
}

impl Token {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Token::Create(create) => create.run(&session).await,
            Token::List(list) => list.run(&session).await,
            Token::Revoke(revoke) => revoke.run(&session).await,
        }
    }
}

impl Create {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (person, acting) = (session.person()?, session.asks(KIND)?);
        let ends = self.expires.unwrap_or(Term::Days(DAYS as u16)).ends(acting.at)?;
        let person = self.person.as_ref().unwrap_or(person);
        let (secret, row) = tokens::make(session.app.store.as_ref(), acting, person, &self.name, ends).await?;
        match session.out.is_json() {
            true => {
                let mut shown = data(&row, None);
                shown["token"] = json!(secret.reveal());
                session.out.json(&shown)?;
            }
            false => session.out.data(secret.reveal()),
        }
        session.out.say(&format!(
            "token `{}` speaks for `{}` until {}; it is not shown again: keep it where your program reads its secrets",
            row.id,
            row.person,
            instant(row.expires_at)
        ));
        Ok(Exit::Ok)
    }
}

impl List {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (store, acting) = (session.app.store.as_ref(), session.asks(KIND)?);
        let person = self.person.as_ref().or(Some(acting.person)).filter(|_| !self.all);
        let (rows, epoch) = (tokens::list(store, acting, person).await?, store.epoch().await?);
        let void = |row: &TokenRow| tokens::void(row, &epoch, acting.at);
        if session.out.is_json() {
            session.out.json(&rows.iter().map(|row| data(row, void(row))).collect::<Vec<_>>())?;
            return Ok(Exit::Ok);
        }
        let cells = rows.iter().map(|row| {
            let used = row.last_used.map_or_else(|| "never".to_owned(), instant);
            let holds = void(row).unwrap_or("holds").to_owned();
            let who = (row.id.clone(), row.person.to_string(), row.name.clone());
            vec![who.0, who.1, who.2, instant(row.made_at), instant(row.expires_at), used, holds]
        });
        let heading = ["token", "person", "name", "made", "until", "last used, about", "standing"];
        session.out.table(&heading, &cells.collect::<Vec<_>>());
        if rows.is_empty() {
            session.out.say("there is no token; make one with `entente token create`");
        }
        Ok(Exit::Ok)
    }
}

impl Revoke {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        session.person()?;
        let row = tokens::revoke(session.app.store.as_ref(), session.asks(KIND)?, &self.id).await?;
        match session.out.is_json() {
            true => session.out.json(&data(&row, Some("revoked")))?,
            false => session.out.data(&row.id),
        }
        session.out.say(&format!("token `{}` of `{}` no longer speaks for anybody", row.id, row.person));
        Ok(Exit::Ok)
    }
}

/// A token as data, without what is secret of it.
fn data(row: &TokenRow, void: Option<&str>) -> Value {
    json!({
        "id": row.id,
        "person": row.person,
        "name": row.name,
        "made_by": row.made_by,
        "made_at": row.made_at,
        "expires_at": row.expires_at,
        "last_used": row.last_used,
        "revoked_by": row.revoked.as_ref().map(|(by, _)| by),
        "revoked_at": row.revoked.as_ref().map(|(_, at)| at),
        "holds": void.is_none(),
        "void": void,
    })
}

impl From<TokenError> for Failure {
    fn from(error: TokenError) -> Failure {
        match error {
            TokenError::Refused(refused) => refused.into(),
            TokenError::Store(error) => error.into(),
            TokenError::Term => Failure::usage(format!("`--expires`: {error}")),
            TokenError::Randomness(_) => Failure::new(Exit::Error, error.to_string()),
            TokenError::RevokedBefore(_) => Failure::new(Exit::Conflict, error.to_string()),
        }
    }
}
