//! `entente evidence`: handing proof in, giving it out, checking it.

use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
};

use entente_core::{context::funding::ClaimPaper, ids::PartyId, mdf::model::Scan};
use entente_documents::{Digest, Vault};
use serde_json::json;

use super::papers;
use crate::{
    authz::Action,
    cli::{
        exit::Exit,
        failure::Failure,
        input,
        session::{Globals, Session},
    },
    funding::{
        evidence::{self, NotKept},
        stored,
    },
};

/// Hand proof of claims in, give it out, and check it
#[derive(Debug, clap::Subcommand)]
pub enum Evidence {
    /// Keep a file, and print it as a claim names it
    Add(Add),
    /// Write a file of a claim to a new file
    Get(Get),
    /// Check that every file is there and as it was handed in
    Check,
}

/// Keep a file, and print it as a claim names it
///
/// PDF, PNG, JPEG, CSV and XLSX are kept, judged by their bytes.
#[derive(Debug, clap::Args)]
pub struct Add {
    /// The file
    file: PathBuf,
    /// What it proves, such as invoice, photo, attendee_list or screenshot
    #[arg(long)]
    kind: String,
    /// How long it has to be kept, as a class of documents
    #[arg(long, default_value = "proof")]
    class: String,
    /// The partner whose it is; a partner's person need not say
    #[arg(long, value_name = "PARTNER")]
    partner: Option<PartyId>,
}

/// Write a file of a claim to a new file
#[derive(Debug, clap::Args)]
pub struct Get {
    /// The claim
    label: String,
    /// The file's SHA-256, or its first characters
    sha256: String,
    /// Where to write it; what is there already is not written over
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// The fewest characters by which a file may be named.
const PREFIX_MIN: usize = 8;

impl Evidence {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Evidence::Add(add) => add.run(globals).await,
            Evidence::Get(get) => get.run(&Session::open(globals).await?).await,
            Evidence::Check => check(&Session::open(globals).await?).await,
        }
    }
}

fn vault(session: &Session) -> Result<Vault, Failure> {
    let settings = session.app.config.evidence(&session.app.database).map_err(anyhow::Error::from)?;
    Vault::open(&settings).map_err(|error| NotKept::from(error).into())
}

impl From<NotKept> for Failure {
    fn from(error: NotKept) -> Failure {
        match error {
            NotKept::Records(error) => error.into(),
            NotKept::Quota(_) => Failure::new(Exit::Conflict, error.to_string()),
            NotKept::Vault(refused) => {
                let exit = if refused.code() == "evidence_refused" { Exit::Usage } else { Exit::Error };
                Failure::new(exit, format!("{refused} ({})", refused.code()))
            }
        }
    }
}

impl Add {
    async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        let name = input::name(&self.file);
        let session = Session::open(globals).await?;
        let bytes = read(&self.file, &session)?;
        let named = session.party().cloned().or(self.partner);
        let party = named
            .ok_or_else(|| Failure::usage("it is not said whose file it is").hint("name the partner with --partner"))?;
        let store = session.app.store.as_ref();
        let known = stored::partner(store, &party).await?;
        let home = &known.row.snapshot.home;
        papers::actor::<ClaimPaper>(&session, Action::AskForFunds, &name, home)?;
        let file = (name.as_str(), bytes);
        let (vault, scanner) = (vault(&session)?, session.app.config.scanner());
        let kept = evidence::keep(store, &vault, scanner.as_ref(), &party, file, session.app.clock.now()).await?;
        // One item of the claim's list, as YAML reads it.
        session.out.json(&kept.proof(&self.kind, &self.class))?;
        match kept.scan {
            Scan::Clean => session.out.say("it is kept; put it into the claim's `evidence`"),
            Scan::Pending => {
                session.out.say("it is kept and not scanned; no scanner is configured under `evidence.scan`")
            }
            Scan::Infected => session
                .out
                .warn("the scanner found something harmful in it; nobody is given it, and no claim stands on it"),
        }
        Ok(Exit::Ok)
    }
}

/// Reads a file; of one that is too large no more than shows that it is.
fn read(path: &Path, session: &Session) -> Result<Vec<u8>, Failure> {
    let limits = session.app.config.evidence(&session.app.database).map_err(anyhow::Error::from)?.limits;
    let mut bytes = Vec::new();
    let found = File::open(path).and_then(|file| file.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes));
    found.map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", input::name(path))))?;
    Ok(bytes)
}

impl Get {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let claim = papers::find::<ClaimPaper>(session, &self.label).await?;
        if self.sha256.len() < PREFIX_MIN {
            return Err(Failure::usage(format!("name the file by at least {PREFIX_MIN} characters of its hash")));
        }
        let proof = claim.sheet.paper.evidence.iter().find(|proof| proof.sha256.starts_with(&self.sha256));
        let missing = || entente_store::Error::NotFound { kind: "file", id: self.sha256.clone() };
        let proof = proof.ok_or_else(missing)?;
        let store = session.app.store.as_ref();
        let kept = evidence::find(store, &claim.sheet.paper.partner, &proof.sha256).await?.ok_or_else(missing)?;
        if kept.scan != Scan::Clean {
            let why = if kept.scan == Scan::Infected { "has something harmful in it" } else { "is not scanned yet" };
            return Err(Failure::new(Exit::Conflict, format!("`{}` {why}, and is not given out", kept.name)));
        }
        let digest: Digest = kept.sha256.parse().map_err(anyhow::Error::from)?;
        let bytes = vault(session)?.get(&digest).await.map_err(NotKept::from)?;
        let to = input::name(&self.to);
        let written = OpenOptions::new().write(true).create_new(true).open(&self.to);
        let written = written.and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()));
        written.map_err(|error| Failure::usage(format!("{to}: cannot be written: {error}")))?;
        session.out.data(&to);
        Ok(Exit::Ok)
    }
}

async fn check(session: &Session) -> Result<Exit, Failure> {
    session.act(Action::ReadLedger, "evidence", "every file")?;
    let store = session.app.store.as_ref();
    let count = evidence::all(store).await?.len();
    let wrong = evidence::unsound(store, &vault(session)?).await?;
    if session.out.is_json() {
        let rows = wrong.iter().map(|(kept, error)| {
            json!({ "sha256": kept.sha256, "party": kept.party, "name": kept.name, "code": error.code(), "why": error.to_string() })
        });
        session.out.json(&json!({ "files": count, "wrong": rows.collect::<Vec<_>>() }))?;
    } else {
        for (kept, error) in &wrong {
            session.out.data(&format!("{} of `{}` ({}): {error}", kept.name, kept.party, kept.sha256));
        }
        session.out.say(&format!("{} of {count} files are as they were handed in", count - wrong.len()));
    }
    Ok(if wrong.is_empty() { Exit::Ok } else { Exit::Differences })
}
