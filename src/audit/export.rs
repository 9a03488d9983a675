//! An export of history and seals that can be verified anywhere, without the database: one JSON object per line.

use std::{collections::BTreeMap, io::Write};

use entente_core::{
    audit::{Manifest, Seal},
    ids::RunId,
};
use entente_store::Store;
use serde::{Deserialize, Serialize};

use super::{
    carried::Carried,
    stored::{self, Runs},
};

/// One line of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub enum Line {
    /// The first line.
    Export {
        /// The format's version.
        format: u32,
        /// The database's epoch.
        epoch: String,
    },
    /// A history row, in the order of commits.
    Row {
        /// Its place in the order of commits.
        no: i64,
        /// The run.
        run: RunId,
        /// The step.
        seq: u64,
        /// The record, exactly as it is hashed.
        record: String,
        /// The row's hash, in hexadecimal.
        hash: String,
        /// The ids in other systems that the run carries after the step: what the records say, told on every line.
        /// Absent in exports of earlier programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        external_refs: Option<BTreeMap<String, String>>,
    },
    /// An archive: histories that it lists may be there alone.
    Archive {
        /// Its file.
        file: String,
        /// What it holds, signed.
        manifest: Box<Manifest>,
    },
    /// A seal.
    Seal {
        /// First row it covers, in the order of commits.
        first: i64,
        /// Last row it covers.
        last: i64,
        /// What is signed, with its signature.
        seal: Box<Seal>,
    },
}

/// Why an export failed.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The database could not be read.
    #[error(transparent)]
    Store(#[from] entente_store::Error),
    /// The file could not be written.
    #[error("the export could not be written: {0}")]
    Write(#[from] std::io::Error),
    /// A stored seal or manifest cannot be read.
    #[error("the export could not be made: {0}")]
    Encode(#[from] serde_json::Error),
}

/// Writes everything, seals first, then run by run, then the manifests of archives, so that a verifier needs to hold one run at a time; returns how many
/// rows that were. Rows that are committed meanwhile may be left out: no seal of the export covers them.
///
/// # Errors
/// When the database cannot be read or the output cannot be written.
pub async fn export(store: &dyn Store, out: &mut (dyn Write + Send)) -> Result<u64, ExportError> {
    put(out, &Line::Export { format: 1, epoch: store.epoch().await? })?;
    for row in stored::seals(store).await? {
        put(out, &Line::Seal { first: row.first, last: row.last, seal: serde_json::from_str(&row.body)? })?;
    }
    let mut rows = 0;
    let mut runs = Runs::default();
    let mut carried = Carried::default();
    while let Some(run) = runs.next(store).await? {
        let mut from = 1;
        loop {
            let page = stored::history(store, run, from).await?;
            let Some(last) = page.last() else { break };
            from = last.seq + 1;
            rows += page.len() as u64;
            for row in page {
                let hash = hex::encode(row.hash);
                let external_refs = Some(carried.after(row.run, &row.record).clone());
                put(
                    out,
                    &Line::Row { no: row.no, run: row.run, seq: row.seq, record: row.record, hash, external_refs },
                )?;
            }
        }
    }
    // After the rows: what left meanwhile was recorded before it did.
    for archive in stored::archives(store).await? {
        let manifest = serde_json::from_str(&archive.manifest)?;
        put(out, &Line::Archive { file: archive.file, manifest: Box::new(manifest) })?;
    }
    out.flush()?;
    Ok(rows)
}

fn put(out: &mut (dyn Write + Send), line: &Line) -> Result<(), ExportError> {
    serde_json::to_writer(&mut *out, line)?;
    out.write_all(b"\n")?;
    Ok(())
}
