//! `entente spend rules`.

use std::path::PathBuf;

use entente_core::commitment::eligibility;
use entente_store::StoredDocument;
use serde_json::json;

use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
    },
    funding::versions,
    offers::DeskError,
    spend::{self, OWN_RULES},
};

/// Keep and show your own rules of eligibility
#[derive(Debug, clap::Subcommand)]
pub enum Rules {
    /// Put rules in force under a name, in place of the version before
    Import {
        /// The rules, in the shape of eligibility/rules.yaml
        #[arg(value_name = "RULES.YAML")]
        file: PathBuf,
        /// Their name
        #[arg(long, default_value = "own", value_parser = name)]
        name: String,
        /// Let rules of the version before go out of force that the file does not have
        #[arg(long)]
        replace: bool,
    },
    /// List the rules in force, those that ship with the program first
    List,
    /// List every version that was kept
    Versions,
    /// Show rules as they were imported
    Show {
        /// Their name and version, such as own@1
        #[arg(value_name = "NAME@VERSION")]
        name: String,
    },
}

fn name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match (1..=64).contains(&text.len()) && text.chars().all(plain) {
        true => Ok(text.to_owned()),
        false => Err("use 1 to 64 letters, digits, `-`, `_` and `.`".into()),
    }
}

impl Rules {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Rules::Import { file, name, replace } => {
                let text = input::document(&file)?;
                let rules = eligibility::Rules::from_yaml(&input::name(&file), &text)?;
                let session = Session::open(globals).await?;
                let actor = session.act(Action::ImportSpend, "rules", &name)?;
                let (store, now) = (session.app.store.as_ref(), session.app.clock.now());
                let ending =
                    spend::out_of_force(store, &name, &rules).await?.map(|(document, gone)| ending(&document, &gone));
                if let Some(ending) = ending.as_ref().filter(|_| !replace) {
                    let hint = "give `--name` to keep them in force beside these, or `--replace` where they are to end";
                    return Err(Failure::new(Exit::Conflict, format!("{ending}; nothing was imported")).hint(hint));
                }
                let version = spend::keep(store, &name, &text, actor.person.as_str(), now).await?;
                session.out.data(&format!("{name}@{version}"));
                ending.iter().for_each(|ending| session.out.say(ending));
                session.out.say("what was taken in is judged by them once it is read again: `entente spend again`");
                Ok(Exit::Ok)
            }
            Rules::List => list(&reading(globals).await?).await,
            Rules::Versions => versions_of(&reading(globals).await?).await,
            Rules::Show { name } => {
                let session = reading(globals).await?;
                let found = versions::find(session.app.store.as_ref(), (OWN_RULES, "rules"), &name).await;
                session.out.data(found.map_err(DeskError::from)?.text.trim_end());
                Ok(Exit::Ok)
            }
        }
    }
}

/// Which rules go out of force.
fn ending(document: &StoredDocument, gone: &[String]) -> String {
    let StoredDocument { name, version, by, .. } = document;
    let are = if gone.len() == 1 { "1 rule goes".to_owned() } else { format!("{} rules go", gone.len()) };
    format!(
        "of `{name}@{version}`, which `{by}` has imported, {are} out of force, which the file does not have: {}",
        gone.join(", ")
    )
}

async fn reading(globals: &Globals) -> Result<Session, Failure> {
    let session = Session::open(globals).await?;
    session.reach(Action::ReadSpend, "rules", "list")?;
    Ok(session)
}

async fn list(session: &Session) -> Result<Exit, Failure> {
    let rules = spend::in_force(session.app.store.as_ref()).await?;
    if session.out.is_json() {
        session.out.json(&rules)?;
        return Ok(Exit::Ok);
    }
    let cells = rules.iter().map(|rule| {
        let cloud = rule.cloud.as_ref().map(ToString::to_string).unwrap_or_default();
        let (read, known) = (rule.source.read.to_string(), rule.known_from.to_string());
        let precedence = rule.precedence.to_string();
        vec![rule.rule.to_string(), cloud, rule.title.clone(), precedence, rule.source.at.clone(), read, known]
    });
    let heading = ["rule", "cloud", "says", "precedence", "source", "read", "known from"];
    session.out.table(&heading, &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}

async fn versions_of(session: &Session) -> Result<Exit, Failure> {
    let kept = spend::kept(session.app.store.as_ref()).await?;
    if session.out.is_json() {
        let shape = |document: &StoredDocument| {
            json!({
                "name": document.name,
                "version": document.version,
                "in_force": document.active,
                "sha256": document.sha256,
                "by": document.by,
                "at": document.at,
            })
        };
        session.out.json(&kept.iter().map(shape).collect::<Vec<_>>())?;
        return Ok(Exit::Ok);
    }
    let cells = kept.iter().map(|document| {
        let state = if document.active { "in force" } else { "replaced" };
        let (version, at) = (document.version.to_string(), crate::cli::output::instant(document.at));
        vec![document.name.clone(), version, state.to_owned(), document.by.clone(), at]
    });
    session.out.table(&["rules", "version", "state", "by", "at"], &cells.collect::<Vec<_>>());
    Ok(Exit::Ok)
}
