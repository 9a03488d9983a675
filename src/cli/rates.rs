//! `entente rates`: published exchange rates, by which spend in other currencies is converted.

use std::path::PathBuf;

use entente_core::{
    commitment::rates::{CsvSource, Published, Source},
    money::Currency,
};
use jiff::{civil::Date, tz::TimeZone};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    exit::Exit,
    failure::Failure,
    input,
    session::{Globals, Session},
};
use crate::{authz::Action, funding::versions::Author, rates};

/// The most bytes of a table: more than all that the European Central Bank has ever published.
const MOST: u64 = 16_000_000;

/// Keep and show published exchange rates, by which spend in other currencies is converted
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Import(Import),
    List(List),
}

/// Keep what of published rates is not known yet
///
/// A table has a column `Date` and one for each currency, as the European Central Bank publishes it; YAML names its source itself.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// A table that ends in .csv, or YAML
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Under which name contracts mean these rates
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: String,
    /// Where the table was read
    #[arg(long, value_name = "WHERE", value_parser = input::said)]
    source: Option<String>,
    /// The day on which it was [default: today]
    #[arg(long, value_name = "DAY")]
    read: Option<Date>,
    /// The currency of which one unit costs what the table says
    #[arg(long, value_name = "CURRENCY", default_value = "EUR")]
    base: Currency,
    /// Keep this currency alone; give it again for several
    #[arg(long, value_name = "CURRENCY")]
    currency: Vec<Currency>,
    /// Keep this day and later ones alone
    #[arg(long, value_name = "DAY")]
    since: Option<Date>,
    /// Say what would be kept; nothing is written
    #[arg(long)]
    dry_run: bool,
}

/// List the rates that are known, each with its source
#[derive(Debug, clap::Args)]
pub struct List {
    /// Those of one name
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Those of one currency
    #[arg(long, value_name = "CURRENCY")]
    currency: Option<Currency>,
    /// The first day
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day
    #[arg(long, value_name = "DAY")]
    through: Option<Date>,
}

fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match (1..=64).contains(&text.len()) && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("use 1 to 64 letters, digits, `-`, `_` and `.`".into()),
    }
}

impl Command {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        match self {
            Command::Import(import) => import.run(&session).await,
            Command::List(list) => list.run(&session).await,
        }
    }
}

impl Import {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let actor = session.act(Action::ImportSpend, "rates", &self.name)?;
        let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
        let (published, left_out) = self.published(now.to_zoned(TimeZone::UTC).date())?;
        let kept = match self.dry_run {
            true => {
                let (all, known) = (published.rates.len(), rates::known(store, None).await?);
                let new = known.news(&self.name, published.rates).len();
                rates::Kept { new, known: all - new, version: None }
            }
            false => rates::keep(store, &self.name, published, Author { by: actor.person.as_str(), at: now }).await?,
        };
        let out = &session.out;
        if out.is_json() {
            out.json(&json!({
                "name": self.name,
                "version": kept.version,
                "new": kept.new,
                "known": kept.known,
                "left_out": left_out,
            }))?;
        } else {
            out.data(&format!("{}: {} new, {} known", self.name, kept.new, kept.known));
        }
        if !left_out.is_empty() {
            out.say(&format!("left out, as no currency of today is called so: {}", left_out.join(", ")));
        }
        if self.dry_run {
            out.say("nothing was written");
        }
        Ok(Exit::Ok)
    }

    fn published(&self, today: Date) -> Result<(Published, Vec<String>), Failure> {
        let (mut published, left_out) = self.as_read(today)?;
        let read = published.source.read;
        if read > today {
            return Err(Failure::usage(format!("the source was read on {read}, and it is {today}")));
        }
        published.rates.sort_by_key(|quote| (quote.day, quote.from.code(), quote.to.code()));
        Ok((published, left_out))
    }

    fn as_read(&self, today: Date) -> Result<(Published, Vec<String>), Failure> {
        let (text, file) = (input::text(&self.file, MOST)?, input::name(&self.file));
        let is_table = self.file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv"));
        let (mut published, left_out) = match is_table {
            true => {
                let at = self.source.clone().ok_or_else(|| {
                    Failure::usage("a table does not say where it is from").hint("name it with `--source`")
                })?;
                let source = Source { at, read: self.read.unwrap_or(today) };
                let told = CsvSource { source, base: self.base, only: self.currency.clone(), since: self.since };
                let read = Published::from_csv(&file, &text, &told)?;
                (read.published, read.left_out)
            }
            false => {
                if self.source.is_some() || self.read.is_some() || !self.currency.is_empty() || self.since.is_some() {
                    let message =
                        "`--source`, `--read`, `--currency` and `--since` are about a table; YAML says all of it";
                    return Err(Failure::usage(message));
                }
                (Published::from_yaml(&file, &text)?, Vec::new())
            }
        };
        published.file_sha256 = Some(hex::encode(Sha256::digest(text.as_bytes())));
        Ok((published, left_out))
    }
}

impl List {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        session.reach(Action::ReadSpend, "rates", "list")?;
        let known = rates::known(session.app.store.as_ref(), None).await?;
        let code = self.currency.map(Currency::code);
        let (from, through) = (self.from.unwrap_or(Date::MIN), self.through.unwrap_or(Date::MAX));
        let wanted = known.all().filter(|((base, to), cited)| {
            self.name.as_ref().is_none_or(|name| *name == cited.rates)
                && code.is_none_or(|code| code == *base || code == *to)
                && (from..=through).contains(&cited.published)
        });
        if session.out.is_json() {
            let rows = wanted.map(|((base, to), cited)| json!({ "from": base, "to": to, "cited": cited }));
            session.out.json(&rows.collect::<Vec<_>>())?;
            return Ok(Exit::Ok);
        }
        let rows = wanted.map(|((base, to), cited)| {
            let (day, read) = (cited.published.to_string(), cited.read.to_string());
            vec![cited.rates, day, base.to_owned(), to.to_owned(), cited.rate.to_string(), cited.at, read]
        });
        session.out.table(&["rates", "day", "one", "costs in", "rate", "source", "read"], &rows.collect::<Vec<_>>());
        Ok(Exit::Ok)
    }
}
