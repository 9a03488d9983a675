//! `entente restore`: a backup put into the database's place, and read back before anything is sent.

use std::{
    io::{BufRead as _, IsTerminal as _},
    path::{Path, PathBuf},
};

use entente_core::{event::Actor, ids::PersonId, people::People};
use jiff::Timestamp;

use super::{exit::Exit, failure::Failure, input, output::Out, session::Globals};
use crate::{
    authz::{Action, Resource, authorize},
    config::Config,
    database::Database,
    restore::place::{self, RestoreError},
};

/// Put a backup into the database's place, while nothing serves it
#[derive(Debug, clap::Args)]
pub struct Restore {
    /// The backup
    #[arg(value_name = "FILE")]
    from: PathBuf,
    /// Do not ask before the database is set aside
    #[arg(long)]
    yes: bool,
}

impl Restore {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let config = Config::load(globals.config.as_deref()).map_err(anyhow::Error::from)?;
        let out = globals.out();
        let database = config.database().map_err(anyhow::Error::from)?;
        let name = database.to_string();
        let person = allowed(&config, globals.actor.as_ref(), &name)?;
        // What a server holds is known only once it is asked; it is kept in any case.
        if database.file().is_none_or(Path::exists) && !self.yes {
            confirm(&name)?;
        }
        let (reason, now) = (format!("`{person}` restored `{}`", self.from.display()), Timestamp::now());
        let placed = match &database {
            Database::File(path) => place::place(&self.from, path, reason, now).await,
            Database::Server { url, .. } => place::place_on_server(&self.from, url, reason, now).await,
        };
        let placed = placed.map_err(failure)?;
        told(&out, &self.from, &placed);
        Ok(Exit::Ok)
    }
}

/// The person who restores, if they may. The database is not asked: it may be beyond reading.
fn allowed(config: &Config, person: Option<&PersonId>, database: &str) -> Result<PersonId, Failure> {
    let person = person.ok_or_else(|| {
        Failure::usage("this changes something, and it is not said who acts")
            .hint("add --actor <person>, or set ENTENTE_ACTOR")
    })?;
    let path = config.resolve(&config.people);
    let people = People::from_yaml(&path.display().to_string(), &input::document(&path)?)?;
    let known = people.person(person).ok_or_else(|| {
        let message = format!("there is no person `{person}`; add them to the people file or correct the id");
        Failure::new(Exit::Forbidden, message)
    })?;
    let actor = Actor { person: person.clone(), roles: known.roles.iter().cloned().collect(), on_behalf_of: None };
    let resource = Resource { kind: "database", name: database.to_owned(), legal_entity: None };
    authorize(&actor, Action::OperateBackup, &resource).into_result()?;
    Ok(person.clone())
}

/// Asks at a terminal; without one, only `--yes` will do.
fn confirm(database: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!("`{database}` exists, and nobody can be asked whether to set it aside"))
            .hint("add --yes; the database is kept under another name"));
    }
    eprint!("`{database}` is set aside and the backup takes its place. Go on? [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    match read.is_ok() && ["y", "yes"].contains(&answer.trim().to_lowercase().as_str()) {
        true => Ok(()),
        false => Err(Failure::new(Exit::Interrupted, "nothing was changed")),
    }
}

fn failure(error: RestoreError) -> Failure {
    let exit = match &error {
        RestoreError::InUse { .. } => Exit::Conflict,
        RestoreError::NotABackup { .. } => Exit::Usage,
        RestoreError::Damaged { .. } => Exit::Differences,
        RestoreError::File { source, .. } if source.kind() == std::io::ErrorKind::NotFound => Exit::NotFound,
        RestoreError::Store(_) | RestoreError::File { .. } => Exit::Error,
    };
    Failure::new(exit, error.to_string())
}

fn told(out: &Out, from: &Path, placed: &place::Placed) {
    let head =
        placed.head_at.map_or_else(|| "it holds no history".to_owned(), |at| format!("its newest step is of {at}"));
    out.say(&format!("`{}` is in place; {head}", from.display()));
    if let Some(aside) = &placed.set_aside {
        out.say(&format!("the database before it is kept as `{aside}`"));
    }
    out.say("`entente serve` sends nothing until it has read back what the marketplaces hold; watch it with `entente recovery show`");
}
