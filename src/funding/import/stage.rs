//! Storing the lines of a list, a portion at a time. A process that dies finds where it was.

use std::path::Path;

use entente_store::{ImportRow, ImportStatus, NewImport, Store};
use jiff::Timestamp;

use super::{
    identity::{Identity, identify},
    mapping::Mapping,
    report::Report,
    scan::{Scan, check},
    world::World,
};
use crate::offers::DeskError;

/// Why a list is not staged. Nothing of it counts.
#[derive(Debug, thiserror::Error)]
pub enum NotStaged {
    /// It has defects.
    #[error("{} of its rows cannot be brought in", .0.defective)]
    Defects(Box<Report>),
    /// The very same file was brought in already, read in another way: its lines may count twice.
    #[error("the same file was brought in already, as import `{}`, with another mapping", .import.chars().take(12).collect::<String>())]
    Elsewhere {
        /// As what.
        import: String,
        /// What it would bring.
        report: Box<Report>,
    },
    /// The file is another one by now.
    #[error("the file was changed while it was read; nothing of it was brought in")]
    Changed,
    /// The database could not be read or written.
    #[error(transparent)]
    Records(#[from] DeskError),
}

impl From<entente_store::Error> for NotStaged {
    fn from(error: entente_store::Error) -> NotStaged {
        NotStaged::Records(error.into())
    }
}

/// What staging came to.
#[derive(Debug)]
pub enum Staged {
    /// It is staged now, and waits for somebody else to agree.
    Now(ImportRow, Box<Report>),
    /// It was staged or applied before, exactly as it is.
    Before(ImportRow),
    /// All that it says was brought in before.
    NothingNew(Box<Report>),
}

/// Stages a list that has no defect; one that was begun before goes on where it was. A file that another mapping has brought in is
/// staged only `again`, when somebody says that it is meant: a line is known by the mapping's list and reference.
///
/// # Errors
/// When it has defects, was changed meanwhile, or the database cannot be written.
pub async fn stage(
    store: &dyn Store,
    mapping: &Mapping,
    (path, identity, mapping_text): (&Path, &Identity, &str),
    again: bool,
    by: &str,
    at: Timestamp,
) -> Result<Staged, NotStaged> {
    let known = store.imports().await?.into_iter().find(|known| known.new.id == identity.id);
    if let Some(known) = known.filter(|known| known.status != ImportStatus::Staging) {
        return Ok(Staged::Before(known));
    }
    let world = World::read(store).await?;
    let report = check(store, &world, mapping, identity, path).await?;
    if report.defective > 0 {
        return Err(NotStaged::Defects(Box::new(report)));
    }
    if report.new == 0 {
        return Ok(Staged::NothingNew(Box::new(report)));
    }
    if let Some(import) = report.elsewhere.clone().filter(|_| !again) {
        return Err(NotStaged::Elsewhere { import, report: Box::new(report) });
    }
    let begun = begin(store, identity, path, by, at).await?;
    let mut after = begun.read_to;
    let mut scan = Scan::open(&world, mapping, identity, path);
    while let Some(portion) = scan.portion(store, after).await? {
        let same = !portion.last || identify(path, mapping_text).is_ok_and(|now| now == *identity);
        if scan.report.defective > 0 || !same {
            while !store.drop_import(&identity.id).await? {}
            return Err(NotStaged::Changed);
        }
        // Rows without anything new, such as those at the end of a list that was read before, move it on as well.
        let through = portion.through.max(after);
        store.stage_lines(&identity.id, after, through, portion.last, &portion.lines).await?;
        after = through;
        if portion.last {
            break;
        }
    }
    let staged = store.imports().await?.into_iter().find(|known| known.new.id == identity.id);
    let staged = staged.ok_or_else(|| entente_store::Error::NotFound { kind: "import", id: identity.id.clone() })?;
    if staged.lines != report.new {
        while !store.drop_import(&identity.id).await? {}
        return Err(NotStaged::Changed);
    }
    Ok(Staged::Now(staged, Box::new(report)))
}

async fn begin(
    store: &dyn Store,
    identity: &Identity,
    path: &Path,
    by: &str,
    at: Timestamp,
) -> Result<ImportRow, NotStaged> {
    let file = path.file_name().map(|name| name.to_string_lossy().chars().take(200).collect()).unwrap_or_default();
    let new = NewImport {
        id: identity.id.clone(),
        file,
        file_sha256: identity.file_sha256.clone(),
        mapping_sha256: identity.mapping_sha256.clone(),
        by: by.to_owned(),
        at,
    };
    Ok(store.begin_import(&new).await?)
}
