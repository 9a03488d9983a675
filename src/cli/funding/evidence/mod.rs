//! `entente evidence`: handing proof in, giving it out, checking it, and keeping it for as long as it has to be kept.

pub(super) mod hand_in;
mod retention;

use std::{fs::OpenOptions, io::Write as _, path::PathBuf};

use entente_core::{context::funding::ClaimPaper, ids::PartyId, mdf::model::Scan};
use entente_documents::Digest;
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
        evidence::{self, Hold, Kept, NotKept},
        stored::{self, Stored},
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
    /// Have every file scanned that no scanner has seen
    Scan,
    /// Show who kept, scanned, held or removed a file of a claim
    Trail(retention::Trail),
    /// Keep a file of a claim whatever its age: a dispute or an audit needs it
    Hold(retention::Because),
    /// Keep a file of a claim no longer than the rules say
    Release(retention::Because),
    /// Remove the files whose time is over
    Expire(retention::Expire),
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
    /// How long it has to be kept, as a class of documents [default: `invoice` of invoices and receipts, else `proof`]
    #[arg(long)]
    class: Option<String>,
    /// The partner whose it is; a partner's person need not say
    #[arg(long, value_name = "PARTNER")]
    partner: Option<PartyId>,
}

/// Write a file of a claim to a new file
#[derive(Debug, clap::Args)]
pub struct Get {
    #[command(flatten)]
    named: Named,
    /// Where to write it; what is there already is not written over
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
}

/// A file of a claim.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The claim
    label: String,
    /// The file's SHA-256, or its first characters
    sha256: String,
}

/// The fewest characters by which a file may be named.
const PREFIX_MIN: usize = 8;

impl Evidence {
    pub(in crate::cli) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Evidence::Add(add) => add.run(globals).await,
            Evidence::Get(get) => get.run(&Session::open(globals).await?).await,
            Evidence::Check => check(&Session::open(globals).await?).await,
            Evidence::Scan => scan(&Session::open(globals).await?).await,
            Evidence::Trail(trail) => trail.run(&Session::open(globals).await?).await,
            Evidence::Hold(hold) => hold.run(&Session::open(globals).await?, Hold::Begin).await,
            Evidence::Release(release) => release.run(&Session::open(globals).await?, Hold::End).await,
            Evidence::Expire(expire) => expire.run(&Session::open(globals).await?).await,
        }
    }
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
        let named = session.party().cloned().or(self.partner);
        let party = named
            .ok_or_else(|| Failure::usage("it is not said whose file it is").hint("name the partner with --partner"))?;
        let known = stored::partner(session.app.store.as_ref(), &party).await?;
        let home = &known.row.snapshot.home;
        papers::actor::<ClaimPaper>(&session, Action::AskForFunds, &name, home)?;
        let class = self.class.unwrap_or_else(|| evidence::class_of(&self.kind));
        let kept = hand_in::keep(&session, &party, &self.file, &class).await?;
        if session.out.is_json() {
            // Who holds it, and why, is not for whoever hands it in.
            session.out.json(&Kept { hold: None, released: None, ..kept.clone() })?;
        } else {
            // One item of the claim's list, as YAML reads it.
            session.out.data(&json!({ "file": kept.sha256, "kind": self.kind }).to_string());
        }
        tell(&session, &kept);
        Ok(Exit::Ok)
    }
}

fn tell(session: &Session, kept: &Kept) {
    match kept.scan {
        Scan::Clean => session.out.say("it is kept; put it into the claim's `evidence`"),
        Scan::Pending => session.out.say(
            "it is kept and not scanned; claims that name it wait until `evidence.scan` is configured and `entente evidence scan` has run",
        ),
        Scan::Infected => session
            .out
            .warn("the scanner found something harmful in it; nobody is given it, and no claim stands on it"),
    }
}

impl Named {
    /// The claim, and the hash of the file that is meant.
    async fn find(&self, session: &Session) -> Result<(Stored<ClaimPaper>, String), Failure> {
        let claim = papers::find::<ClaimPaper>(session, &self.label).await?;
        if self.sha256.len() < PREFIX_MIN {
            return Err(Failure::usage(format!("name the file by at least {PREFIX_MIN} characters of its hash")));
        }
        let proof = claim.sheet.paper.evidence.iter().find(|proof| proof.file.starts_with(&self.sha256));
        let file = proof.map(|proof| proof.file.clone()).ok_or_else(|| self.missing())?;
        Ok((claim, file))
    }

    fn missing(&self) -> entente_store::Error {
        entente_store::Error::NotFound { kind: "file", id: self.sha256.clone() }
    }
}

impl Get {
    async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let (claim, file) = self.named.find(session).await?;
        let kept = evidence::find(session.app.store.as_ref(), &claim.sheet.paper.partner, &file).await?;
        let kept = kept.ok_or_else(|| self.named.missing())?;
        let refused = match (kept.removed_on, kept.scan) {
            (Some(on), _) => Some(format!("was removed on {on}, when its time was over")),
            (None, Scan::Infected) => Some("has something harmful in it, and is not given out".into()),
            (None, Scan::Pending) => Some("is not scanned yet, and is not given out".into()),
            (None, Scan::Clean) => None,
        };
        if let Some(why) = refused {
            return Err(Failure::new(Exit::Conflict, format!("`{}` {why}", kept.name)));
        }
        let digest: Digest = kept.sha256.parse().map_err(anyhow::Error::from)?;
        let vault = session.app.evidence.vault().map_err(NotKept::from)?;
        let bytes = vault.get(&digest).await.map_err(NotKept::from)?;
        let to = input::name(&self.to);
        let written = OpenOptions::new().write(true).create_new(true).open(&self.to);
        let written = written.and_then(|mut file| file.write_all(&bytes).and_then(|()| file.sync_all()));
        written.map_err(|error| Failure::usage(format!("{to}: cannot be written: {error}")))?;
        session.out.data(&to);
        Ok(Exit::Ok)
    }
}

async fn scan(session: &Session) -> Result<Exit, Failure> {
    let actor = session.act(Action::RemoveEvidence, "evidence", "every file")?;
    let vault = session.app.evidence.vault().map_err(NotKept::from)?;
    let (store, scanner) = (session.app.store.as_ref(), session.app.config.scanner());
    let (by, now) = (actor.person.as_str(), session.app.clock.now());
    let scanned = evidence::scan(store, &vault, scanner.as_ref(), by, now).await?;
    let found = |scan: Scan| scanned.found.iter().filter(|kept| kept.scan == scan).count();
    let (clean, harmful, unseen) = (found(Scan::Clean), found(Scan::Infected), found(Scan::Pending));
    if session.out.is_json() {
        let failed = scanned.failed.iter().map(|(kept, why)| {
            json!({ "sha256": kept.sha256, "party": kept.party, "name": kept.name, "why": why.to_string() })
        });
        let failed = failed.collect::<Vec<_>>();
        session.out.json(&json!({ "clean": clean, "harmful": harmful, "unseen": unseen, "failed": failed }))?;
    } else {
        for (kept, why) in &scanned.failed {
            session.out.data(&format!("{} of `{}` ({}): {why}", kept.name, kept.party, kept.sha256));
        }
        session.out.say(&format!("{clean} files are clean, {harmful} harmful, {unseen} not scanned"));
    }
    Ok(if scanned.failed.is_empty() { Exit::Ok } else { Exit::Differences })
}

async fn check(session: &Session) -> Result<Exit, Failure> {
    session.act(Action::ReadLedger, "evidence", "every file")?;
    let store = session.app.store.as_ref();
    let count = evidence::all(store).await?.iter().filter(|kept| kept.removed_on.is_none()).count();
    let vault = session.app.evidence.vault().map_err(NotKept::from)?;
    let wrong = evidence::unsound(store, &vault).await?;
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
