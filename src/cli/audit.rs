//! `entente audit`: history that can be verified away from this machine.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Cursor, Write as _},
    path::PathBuf,
};

use entente_core::audit::Report;

use super::{
    exit::Exit,
    failure::Failure,
    output::Out,
    session::{Globals, Session},
};
use crate::audit::{export, verify};

/// Export history and verify it
#[derive(Debug, clap::Subcommand)]
pub enum Audit {
    /// Write all history and its seals as lines of JSON
    Export {
        /// The file, which must not exist; absent means standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Find and locate every entry that was edited, deleted or moved
    Verify {
        /// An export; absent means the database itself
        #[arg(value_name = "FILE")]
        file: Option<PathBuf>,
        /// Only seals by this public key count, in hexadecimal
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
    },
}

impl Audit {
    pub(super) async fn run(self, globals: &Globals) -> Result<Exit, Failure> {
        match self {
            Audit::Export { out } => write(&Session::open(globals).await?, out).await,
            Audit::Verify { file: Some(file), key } => {
                let opened = File::open(&file)
                    .map_err(|error| Failure::usage(format!("{}: cannot be read: {error}", file.display())))?;
                let report = verify::verify(BufReader::new(opened), key);
                told(&globals.out(), &report.map_err(|error| Failure::usage(format!("{}: {error}", file.display())))?)
            }
            Audit::Verify { file: None, key } => {
                let session = Session::open(globals).await?;
                let mut lines = Vec::new();
                export::export(session.app.store.as_ref(), &mut lines).await.map_err(anyhow::Error::from)?;
                told(&session.out, &verify::verify(Cursor::new(lines), key).map_err(anyhow::Error::from)?)
            }
        }
    }
}

async fn write(session: &Session, out: Option<PathBuf>) -> Result<Exit, Failure> {
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

fn told(out: &Out, report: &Report) -> Result<Exit, Failure> {
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    let (rows, runs, seals, unsealed) = (report.rows, report.runs, report.seals, report.unsealed);
    if out.is_json() {
        out.json(&serde_json::json!({ "rows": rows, "runs": runs, "seals": seals, "unsealed": unsealed, "findings": findings }))?;
    } else {
        findings.iter().for_each(|finding| out.data(finding));
    }
    out.say(&format!(
        "{rows} entries of {runs} runs, {seals} seals, {unsealed} not sealed yet, {} findings",
        findings.len()
    ));
    Ok(if findings.is_empty() { Exit::Ok } else { Exit::Differences })
}
