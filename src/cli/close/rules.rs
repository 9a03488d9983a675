//! `entente close rules`: which accounts of the general ledger each movement touches.

use std::path::PathBuf;

use entente_core::close::PostingRules;
use serde_json::json;

use super::KIND;
use crate::{
    authz::Action,
    cli::{exit::Exit, failure::Failure, input, output::instant, session::Session},
    close::rules,
};

/// Import and show posting rules
#[derive(Debug, clap::Subcommand)]
pub enum Rules {
    /// Keep rules, so that months can be closed by them; a version never changes
    Import {
        /// The rules; `-` reads standard input
        #[arg(value_name = "RULES.YAML")]
        file: PathBuf,
        /// Check them, and keep nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// List the rules
    List,
    /// Show rules as they were imported
    Show {
        /// Their name and version, such as acme-month-end@1
        #[arg(value_name = "NAME@VERSION")]
        name: String,
    },
}

impl Rules {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (store, out) = (session.app.store.as_ref(), &session.out);
        match self {
            Rules::Import { file, dry_run } => {
                let text = input::document(&file)?;
                let read = PostingRules::from_yaml(&input::name(&file), &text)?;
                let named = format!("{}@{}", read.name, read.version);
                let mut by = None;
                for entity in read.entities.keys() {
                    by = Some(session.act_for(Action::PrepareClose, "posting rules", &named, entity)?);
                }
                if let (Some(by), false) = (by, dry_run) {
                    rules::import(store, &read, &text, by.person.as_str(), session.app.clock.now()).await?;
                }
                let unmapped = read.unmapped();
                for (scheme, movement) in &unmapped {
                    let programme = &scheme.programme;
                    out.warn(&format!(
                        "`{movement}` is not mapped for programme `{programme}`: a month with one is refused"
                    ));
                }
                if out.is_json() {
                    let missing = unmapped.iter().map(|(scheme, movement)| {
                        json!({ "programme": scheme.programme, "entity": scheme.entity, "movement": movement })
                    });
                    let missing = missing.collect::<Vec<_>>();
                    out.json(&json!({ "rules": read.pin(), "kept": !dry_run, "unmapped": missing }))?;
                } else {
                    out.data(&named);
                }
                Ok(Exit::Ok)
            }
            Rules::List => {
                session.reach(Action::ReadClose, KIND, "all rules")?;
                let all = rules::list(store).await?;
                if out.is_json() {
                    let rows = all.iter().map(|one| {
                        json!({ "name": one.name, "version": one.version, "sha256": one.sha256, "by": one.by, "at": one.at })
                    });
                    out.json(&rows.collect::<Vec<_>>())?;
                    return Ok(Exit::Ok);
                }
                let cells = all.iter().map(|one| {
                    let named = format!("{}@{}", one.name, one.version);
                    vec![named, instant(one.at), one.by.clone(), one.sha256.clone()]
                });
                out.table(&["rules", "imported", "by", "sha256"], &cells.collect::<Vec<_>>());
                Ok(Exit::Ok)
            }
            Rules::Show { name } => {
                session.reach(Action::ReadClose, KIND, &name)?;
                let found = rules::text(store, &name).await?;
                match out.is_json() {
                    true => out.json(&json!({
                        "name": found.name, "version": found.version, "sha256": found.sha256, "by": found.by,
                        "at": found.at, "text": found.text,
                    }))?,
                    false => out.data(found.text.trim_end()),
                }
                Ok(Exit::Ok)
            }
        }
    }
}
