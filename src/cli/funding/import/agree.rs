//! Agreeing to a list that somebody else has brought in: what it says, and the word that it counts.

use entente_store::{ImportRow, ImportStatus};
use jiff::civil::Date;
use serde_json::json;

use super::{Which, acts, shape, short};
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, output::Out, session::Session},
    funding::import::{self, Contents, World},
};

/// One that is agreed to.
#[derive(Debug, clap::Args)]
pub struct Apply {
    #[command(flatten)]
    which: Which,
    /// SHA-256 of the sums that you have seen, or at least its first six digits; `entente import show` says it
    #[arg(long, value_name = "SHA256", value_parser = input::beginning)]
    sums: String,
    /// Show what would count from then on; write nothing
    #[arg(long)]
    dry_run: bool,
}

impl Apply {
    pub(super) async fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let store = session.app.store.as_ref();
        let row = self.which.find(session).await?;
        let by = acts(session, Action::AgreeToImports, &row.new.file, &World::read(store).await?)?;
        let id = short(&row);
        let refused = |why: &str| Failure::new(Exit::Conflict, format!("import `{id}` {why}"));
        match row.status {
            ImportStatus::Applied => {
                session.out.say(&format!("`{id}` counts already; nothing was written"));
                return Ok(Exit::Ok);
            }
            ImportStatus::Staging => {
                let failure = refused("is not stored to its end");
                return Err(failure.hint("give `entente import stage` once more: it goes on where it was"));
            }
            ImportStatus::Staged if row.new.by == by => {
                let failure = Failure::new(Exit::Forbidden, format!("`{by}` has brought import `{id}`"));
                return Err(failure.hint("somebody else agrees to it"));
            }
            ImportStatus::Staged => {}
        }
        let contents = import::contents(store, &row.new.id).await?;
        if !contents.sums_sha256.starts_with(&self.sums) {
            let failure = refused("adds up to something else than what was named");
            return Err(
                failure.hint(format!("look at it with `entente import show {id}`, which ends with what to name"))
            );
        }
        if self.dry_run {
            if session.out.is_json() {
                session.out.json(&json!({ "import": shape(&row), "dry_run": true, "contents": contents }))?;
            } else {
                told(&session.out, &row, &contents);
            }
            session.out.say("nothing was written");
            return Ok(Exit::Ok);
        }
        store.apply_import(&row.new.id, &by, session.app.clock.now()).await?;
        if session.out.is_json() {
            let import = shape(&self.which.find(session).await?);
            session.out.json(&json!({ "import": import, "contents": contents }))?;
        } else {
            told(&session.out, &row, &contents);
        }
        session.out.say(&format!(
            "`{id}` counts: {} lines; `{}` opens what was granted with `entente import open {id}`",
            row.lines, row.new.by
        ));
        Ok(Exit::Ok)
    }
}

/// What an import says.
pub(super) fn told(out: &Out, row: &ImportRow, contents: &Contents) {
    let sums = contents.sums.iter().map(|sum| {
        let (year, lines) = (sum.year.to_string(), sum.lines.to_string());
        vec![sum.fund.clone(), sum.partner.clone(), year, sum.status.to_owned(), lines, sum.amount.to_string()]
    });
    out.table(&["fund", "partner", "year", "status", "lines", "sum"], &sums.collect::<Vec<_>>());
    out.heading("Drawn from it");
    let day = |day: &Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let sample = contents.sample.iter().map(|line| {
        let (at, ended, amount) = (line.row.to_string(), line.ended.to_string(), line.amount.to_string());
        let asked = day(&line.requested_on);
        vec![at, line.fund.clone(), line.partner.clone(), line.status.to_owned(), ended, asked, amount]
    });
    out.table(&["row", "fund", "partner", "status", "ended", "asked for", "amount"], &sample.collect::<Vec<_>>());
    if let Some((first, last)) = contents.requested {
        out.say(&format!("what was granted was asked for from {first} to {last}"));
    }
    let (id, sums): (_, String) = (short(row), contents.sums_sha256.chars().take(super::SHORT).collect());
    out.say(&format!("{} lines; to agree, `entente import apply {id} --sums {sums}`", contents.lines));
}
