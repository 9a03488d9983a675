//! `entente audit`: history that can be verified away from this machine.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, BufWriter, Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
};

use entente_core::audit::Report;
use serde_json::json;

use super::{
    archive::Archive,
    exit::Exit,
    failure::Failure,
    output::Out,
    session::{Globals, Session},
};
use crate::{
    audit::{archive, export, key::SealKey, verify, witness},
    authz::Action,
    config::Config,
};

/// Export history, verify it, and move what is closed to archives
#[derive(Debug, clap::Subcommand)]
pub enum Audit {
    /// Write all history and its seals as lines of JSON
    ///
    /// Everybody's papers are in it: only for auditors and operators of the vendor who work for all of its legal entities.
    Export {
        /// The file, which must not exist; absent means standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Find and locate every entry that was edited, deleted or moved
    Verify {
        /// An export or an archive; absent means the database itself
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Only seals by this public key count, in hexadecimal
        #[arg(long, value_name = "KEY", value_parser = public_key)]
        key: Option<String>,
    },
    Archive(Archive),
    /// Print the public key that this installation seals with, to be kept where others cannot change it
    Key,
}

impl Audit {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Audit::Export { out } => write(&Session::open(globals).await?, out).await,
            Audit::Verify { file: Some(file), key } => verify_export(&globals.out(), &file, key),
            Audit::Verify { file: None, key } => verify_database(&Session::open(globals).await?, key).await,
            Audit::Archive(archive) => archive.run(globals).await,
            Audit::Key => print_key(globals),
        }
    }
}

fn public_key(text: &str) -> Result<String, String> {
    let text = text.trim().to_ascii_lowercase();
    let bytes = hex::decode(&text).ok().filter(|bytes| bytes.len() == 32);
    bytes.map(|_| text).ok_or_else(|| "a public key has 64 hexadecimal digits, as `entente audit key` prints it".into())
}

fn print_key(globals: &Globals) -> Result<Exit, Failure> {
    let config = Config::load(globals.config.as_deref()).map_err(anyhow::Error::from)?;
    let database = config.database().map_err(anyhow::Error::from)?;
    let Some(key) = SealKey::existing(database.beside()).map_err(anyhow::Error::from)? else {
        let message = format!("`{database}` has no key yet");
        return Err(Failure::new(Exit::NotFound, message).hint("the first `entente serve` makes it"));
    };
    match globals.out().is_json() {
        true => globals.out().json(&json!({ "key": key.public() }))?,
        false => globals.out().data(&key.public()),
    }
    Ok(Exit::Ok)
}

async fn write(session: &Session, out: Option<PathBuf>) -> Result<Exit, Failure> {
    session.see_all(Action::ExportAudit, "history of everything", "export")?;
    let store = session.app.store.as_ref();
    let rows = match &out {
        Some(path) => {
            let unwritable =
                |error: std::io::Error| Failure::usage(format!("{}: cannot be written: {error}", path.display()));
            let mut file = BufWriter::new(File::create_new(path).map_err(unwritable)?);
            let rows = export::export(store, &mut file).await.map_err(anyhow::Error::from)?;
            file.flush().and_then(|()| file.get_ref().sync_all()).map_err(unwritable)?;
            rows
        }
        None => export::export(store, &mut std::io::stdout()).await.map_err(anyhow::Error::from)?,
    };
    session.out.say(&format!("{rows} entries exported"));
    Ok(Exit::Ok)
}

/// The first line is never longer than this.
const FIRST_LINE: u64 = 4096;

fn verify_export(out: &Out, file: &Path, key: Option<String>) -> Result<Exit, Failure> {
    let unreadable = |why: &dyn std::fmt::Display| Failure::usage(format!("{}: {why}", file.display()));
    let opened = File::open(file).map_err(|error| unreadable(&format!("cannot be read: {error}")))?;
    let trusts_any = key.is_none();
    let (mut opened, mut first) = (BufReader::new(opened), Vec::new());
    let found = opened.by_ref().take(FIRST_LINE).read_until(b'\n', &mut first);
    found.map_err(|error| unreadable(&format!("cannot be read: {error}")))?;
    let whole = Cursor::new(&first).chain(opened);
    let report = match archive::is_archive(&first) {
        true => {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            archive::verify(&name, whole, key).map(|read| read.report)
        }
        false => verify::verify(whole, key),
    };
    let report = report.map_err(|error| unreadable(&error))?;
    told(out, &report, &[], trusts_any)
}

async fn verify_database(session: &Session, key: Option<String>) -> Result<Exit, Failure> {
    session.of_the_vendor("history of everything")?;
    let store = session.app.store.as_ref();
    let mut damage = store.integrity().await?;
    damage.extend(witness::contradiction(store, session.app.database.beside()).await?);
    let trusts_any = key.is_none();
    let report = verify::verify_stored(store, key).await.map_err(anyhow::Error::from)?;
    told(&session.out, &report, &damage, trusts_any)
}

fn told(out: &Out, report: &Report, damage: &[String], trusts_any: bool) -> Result<Exit, Failure> {
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).chain(damage.iter().cloned()).collect();
    let Report { rows, runs, seals, unsealed, archived, .. } = report;
    if out.is_json() {
        let located = &report.findings;
        out.json(&json!({
            "rows": rows, "runs": runs, "seals": seals, "unsealed": unsealed, "archived": archived, "findings": findings,
            "located": located,
        }))?;
    } else {
        findings.iter().for_each(|finding| out.data(finding));
    }
    out.say(&format!(
        "{rows} entries of {runs} runs, {seals} seals, {unsealed} not sealed yet, {} findings",
        findings.len()
    ));
    if *archived > 0 {
        out.say(&format!(
            "{archived} more runs are in archives alone: verify each file with `entente audit verify <file>`"
        ));
    }
    if trusts_any && *seals > 0 {
        out.say("seals of any key were accepted: name yours with --key, or whoever rewrites history may sign it anew");
    }
    Ok(if findings.is_empty() { Exit::Ok } else { Exit::Differences })
}
