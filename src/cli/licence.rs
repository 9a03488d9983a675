//! `entente licence`: the licence texts that need no further approval.

use super::{
    exit::Exit,
    failure::Failure,
    session::{Globals, Session},
};
use crate::{
    authz::Action,
    offers::licences::{self, Licence as Text},
};

/// Keep the list of approved licence texts
#[derive(Debug, clap::Subcommand)]
pub enum Licence {
    /// List the approved texts
    List,
    /// Approve a text
    Approve {
        /// Its SHA-256, as offers state it
        #[arg(value_parser = sha256)]
        sha256: String,
        /// What people call it
        #[arg(long, value_name = "TEXT")]
        name: String,
    },
    /// Take a text off the list
    Revoke {
        /// Its SHA-256
        #[arg(value_parser = sha256)]
        sha256: String,
    },
}

impl Licence {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let session = Session::open(globals).await?;
        let store = session.app.store.as_ref();
        match self {
            Licence::List => {
                let texts = licences::approved(store).await?;
                if session.out.is_json() {
                    session.out.json(&texts)?;
                    return Ok(Exit::Ok);
                }
                let cells = texts.iter().map(|(sha256, text)| {
                    vec![sha256.clone(), text.name.clone(), text.by.clone(), text.at.to_string()]
                });
                session.out.table(&["sha256", "name", "approved by", "at"], &cells.collect::<Vec<_>>());
            }
            Licence::Approve { sha256, name } => {
                let actor = session.act(Action::ApproveLicence, "licence", &name)?;
                let text = Text { name, by: actor.person.to_string(), at: session.app.clock.now() };
                licences::approve(store, &sha256, text).await?;
                session.out.say(&format!("`{sha256}` is approved; offers submitted from now on count it so"));
            }
            Licence::Revoke { sha256 } => {
                session.act(Action::ApproveLicence, "licence", &sha256)?;
                if !licences::revoke(store, &sha256).await? {
                    return Err(entente_store::Error::NotFound { kind: "licence", id: sha256 }.into());
                }
                session.out.say(&format!("`{sha256}` is off the list; offers approved before keep their approval"));
            }
        }
        Ok(Exit::Ok)
    }
}

fn sha256(text: &str) -> Result<String, String> {
    let hash = text.to_ascii_lowercase();
    let whole = hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    if whole { Ok(hash) } else { Err("a SHA-256 has 64 hexadecimal digits".into()) }
}
