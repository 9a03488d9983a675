//! `entente statement`: what a partner checks with nothing but the file and the public key.

use std::{
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};

use entente_core::{
    ids::{LegalEntityId, PartyId},
    mdf::statement::{self, BYTES_MOST, StatementReport},
    scope::Home,
};
use serde_json::json;

use super::{
    exit::Exit,
    failure::Failure,
    funding::papers,
    output::Out,
    session::{Globals, Session},
};
use crate::{
    audit::key::{SealKey, Trust},
    funding::statement::{NoStatement, find, list, of_month},
};

/// A public key's file is never longer than this.
const KEY_BYTES: u64 = 4096;

/// Sign partners' statements, and verify them without an installation
#[derive(Debug, clap::Subcommand)]
pub enum Statement {
    /// Print a partner's signed statement of a month
    Create {
        /// The partner's id
        #[arg(long, value_name = "PARTNER")]
        partner: PartyId,
        /// The legal entity that owes
        #[arg(long, value_name = "ENTITY")]
        entity: LegalEntityId,
        /// The month, such as 2027-03, in the installation's zone
        #[arg(long, value_name = "MONTH")]
        month: String,
    },
    /// List the statements that were made once their months were over
    List {
        /// Those of this partner alone
        #[arg(long, value_name = "PARTNER")]
        partner: Option<PartyId>,
        /// Those of this month alone, such as 2027-03
        #[arg(long, value_name = "MONTH")]
        month: Option<String>,
    },
    /// Find and locate every line that is not as it was signed; reads nothing but the files named here
    Verify {
        /// The statement, as it was received
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// A file with the signer's public key, as `entente audit key` prints it; only its signature counts then
        #[arg(long, value_name = "KEYFILE")]
        key: Option<PathBuf>,
    },
}

impl Statement {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Statement::Create { partner, entity, month } => {
                created(&Session::open(globals).await?, &partner, &entity, &month).await
            }
            Statement::List { partner, month } => {
                listed(&Session::open(globals).await?, partner.as_ref(), month.as_deref()).await
            }
            Statement::Verify { file, key } => {
                let trust = Trust(key.as_deref().map(public_key).transpose()?);
                let bytes = read(&file, BYTES_MOST as u64 + 1)?;
                let report = statement::verify(&bytes, &trust)
                    .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?;
                told(&globals.out(), &report, trust.0.is_none())
            }
        }
    }
}

/// Prints what is kept of a month that is over; otherwise signs, with the key that signs the history. A partner's person has the
/// partner's own statement alone.
async fn created(session: &Session, partner: &PartyId, entity: &LegalEntityId, month: &str) -> Result<Exit, Failure> {
    let scope = papers::reach(session, "statement", partner.as_str())?;
    if !scope.reaches(&Home { legal_entity: entity.clone(), party: partner.clone() }) {
        return Err(entente_store::Error::NotFound { kind: "partner", id: partner.to_string() }.into());
    }
    let (app, between) = (&session.app, (partner, entity));
    let store = app.store.as_ref();
    if let Some(kept) = find(store, between, month).await? {
        session.out.data(kept.file.trim_end());
        session.out.say(&format!("made at {} and kept since; sha256 {}", kept.made_at, kept.sha256));
        return Ok(Exit::Ok);
    }
    let of = (month, app.config.zone.as_str());
    let made = of_month(store, between, of, app.clock.now()).await.map_err(refused)?;
    let key = SealKey::beside(app.database.beside()).map_err(anyhow::Error::from)?;
    let bytes = made.sign(&key.public(), |bytes| key.sign(bytes));
    session.out.data(String::from_utf8_lossy(&bytes).trim_end());
    if let Some(preliminary) = made.preliminary() {
        session.out.say(&preliminary.says);
    }
    session.out.say("keep it as a file; `entente statement verify FILE --key KEYFILE` checks it anywhere");
    Ok(Exit::Ok)
}

/// Lists what is kept, as far as whoever asks may see it.
async fn listed(session: &Session, partner: Option<&PartyId>, month: Option<&str>) -> Result<Exit, Failure> {
    let scope = papers::reach(session, "statement", "list")?;
    let mut kept = list(session.app.store.as_ref()).await?;
    kept.retain(|one| {
        let home = Home { legal_entity: one.entity.clone(), party: one.partner.clone() };
        let wanted =
            partner.is_none_or(|partner| *partner == one.partner) && month.is_none_or(|month| month == one.month);
        wanted && scope.reaches(&home)
    });
    if session.out.is_json() {
        session.out.json(&kept)?;
        return Ok(Exit::Ok);
    }
    let cells = kept.iter().map(|one| {
        vec![
            one.month.clone(),
            one.partner.to_string(),
            one.entity.to_string(),
            one.made_at.to_string(),
            one.sha256.clone(),
        ]
    });
    session.out.table(&["month", "partner", "entity", "made at", "sha256"], &cells.collect::<Vec<_>>());
    if kept.is_empty() {
        session.out.say("there is no such statement; each is made once its month is over");
    }
    Ok(Exit::Ok)
}

fn refused(error: NoStatement) -> Failure {
    match error {
        NoStatement::Period(error) => Failure::usage(error.to_string()),
        NoStatement::Records(error) => error.into(),
        NoStatement::Sections(_) => Failure::new(Exit::Error, error.to_string()),
    }
}

fn read(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let found = File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes));
    found.map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", path.display())))?;
    Ok(bytes)
}

fn public_key(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8_lossy(&read(path, KEY_BYTES)?).trim().to_ascii_lowercase();
    let is_key = hex::decode(&text).is_ok_and(|bytes| bytes.len() == 32);
    is_key.then_some(text).ok_or_else(|| {
        let message = format!("{}: is no public key, which has 64 hexadecimal digits", path.display());
        Failure::usage(message).hint("ask the signer for what `entente audit key` prints there")
    })
}

fn told(out: &Out, report: &StatementReport, trusts_any: bool) -> Result<Exit, Failure> {
    let StatementReport { findings: located, lines, key, statement } = report;
    let findings: Vec<String> = located.iter().map(ToString::to_string).collect();
    if out.is_json() {
        let of = statement.as_ref().map(|statement| {
            json!({
                "partner": statement.partner(), "entity": statement.entity(),
                "period": statement.period().month(), "zone": statement.period().zone(),
                "preliminary": statement.preliminary(),
            })
        });
        out.json(&json!({
            "lines": lines, "key": key, "findings": findings, "located": located, "statement": of,
        }))?;
    } else {
        findings.iter().for_each(|finding| out.data(finding));
    }
    if let Some(statement) = statement {
        let (partner, entity, period) = (statement.partner(), statement.entity(), statement.period());
        out.say(&format!("statement of `{entity}` for `{partner}`, {period}"));
        if let Some(preliminary) = statement.preliminary() {
            out.say(&format!("as of {}, {}", preliminary.as_of, preliminary.says));
        }
        for section in statement.sections() {
            let (fund, opening, closing) = (&section.fund, section.opening, section.closing);
            out.say(&format!(
                "fund `{fund}`: {opening} owed before, {} movements, {closing} owed now",
                section.lines.len()
            ));
        }
    }
    out.say(&format!("{lines} lines, {} findings", findings.len()));
    if trusts_any && let Some(key) = key {
        out.say(&format!(
            "the signature of any key was accepted, here `{key}`: name the signer's with --key, or whoever changes the file may sign it anew"
        ));
    }
    Ok(if findings.is_empty() { Exit::Ok } else { Exit::Differences })
}
