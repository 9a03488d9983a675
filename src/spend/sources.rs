//! What there is to take in: a file, everything in a folder, or what lies under an address, each with its partition's name.

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use entente_documents::{Object, Remote};
use tempfile::NamedTempFile;

use super::{
    manifest::{self, Manifest},
    runs::{self, Run},
};

/// How files that may be spend end; what they are is told by their bytes.
const ENDINGS: [&str; 6] = ["csv", "tsv", "gz", "parquet", "json", "snappy"];

/// The most characters of a partition's name.
const NAME_MOST: usize = 200;

/// Why there is nothing to take in.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A file or folder cannot be read.
    #[error("`{name}` cannot be read: {why}")]
    Unreadable {
        /// Its name.
        name: String,
        /// Why.
        why: std::io::Error,
    },
    /// There is no file there.
    #[error("`{0}` holds no file that may be spend: none ends in .csv, .tsv, .gz, .parquet or .json")]
    Empty(String),
    /// Two files would be one partition.
    #[error(
        "`{one}` and `{other}` would both be the partition `{partition}`, and each would replace the other; rename one"
    )]
    Same {
        /// The one.
        one: String,
        /// The other.
        other: String,
        /// The partition.
        partition: String,
    },
    /// The list of an export's run names a file that is not there.
    #[error("`{list}` lists `{part}`, which is not there; nothing was taken in")]
    PartMissing {
        /// The list.
        list: String,
        /// The file.
        part: String,
    },
    /// What lies elsewhere cannot be reached.
    #[error(transparent)]
    Remote(#[from] entente_documents::Error),
}

/// A file to take in.
#[derive(Debug)]
pub struct Source {
    /// Its name, as it is shown.
    pub name: String,
    /// Its partition.
    pub partition: String,
    /// The run of an export that it is of, where each writes a folder of its own.
    pub run: Option<Run>,
    /// When it was written.
    pub(super) written: SystemTime,
    place: Place,
}

/// What there is to take in.
#[derive(Debug)]
pub struct Sources {
    /// The files, in the order of names.
    pub files: Vec<Source>,
    /// Runs of exports that were left out, since a newer one says the same days again.
    pub older: Vec<Run>,
}

#[derive(Debug)]
enum Place {
    Here(PathBuf),
    Elsewhere(std::sync::Arc<Remote>, Object),
}

/// A file that lies here, for as long as this lives.
#[derive(Debug)]
pub enum Local {
    /// One that was here.
    Here(PathBuf),
    /// One that was brought.
    Brought(NamedTempFile),
}

impl Local {
    /// Its path.
    pub fn path(&self) -> &Path {
        match self {
            Local::Here(path) => path,
            Local::Brought(file) => file.path(),
        }
    }
}

impl Source {
    fn of(above: &[&str], name: String, written: SystemTime, place: Place) -> Source {
        match runs::run(above, &name) {
            Some((run, called)) => Source { partition: partition(&called), run: Some(run), name, written, place },
            None => Source { partition: partition(&name), run: None, name, written, place },
        }
    }

    /// The file, brought here where it lies elsewhere.
    ///
    /// # Errors
    /// When it cannot be brought.
    pub async fn local(&self) -> Result<Local, SourceError> {
        match &self.place {
            Place::Here(path) => Ok(Local::Here(path.clone())),
            Place::Elsewhere(remote, object) => {
                let unreadable = |why| SourceError::Unreadable { name: self.name.clone(), why };
                let file = NamedTempFile::new().map_err(unreadable)?;
                remote.bring(object, file.path()).await?;
                Ok(Local::Brought(file))
            }
        }
    }
}

/// What a path or an address names, in the order of names. A partition is called as its file is, without endings, seen from the folder
/// that was named, and without the folder of the run that wrote it.
///
/// # Errors
/// When there is nothing, it cannot be read, two files have one name, or one that its export lists is not there.
pub async fn sources(named: &str) -> Result<Sources, SourceError> {
    let found = match Remote::is_address(named) {
        true => elsewhere(named).await?,
        false => here(Path::new(named))?,
    };
    let (found, lists) = manifest::apart(found).await?;
    if found.is_empty() {
        return Err(SourceError::Empty(named.to_owned()));
    }
    let (found, older) = runs::newest(found, &lists);
    lists.iter().try_for_each(|list| all_there(list, &found))?;
    let mut names = std::collections::BTreeMap::new();
    for source in &found {
        if let Some(one) = names.insert(source.partition.clone(), source.name.clone()) {
            let (other, partition) = (source.name.clone(), source.partition.clone());
            return Err(SourceError::Same { one, other, partition });
        }
    }
    Ok(Sources { files: found, older })
}

/// Finds that all is there of what a list names, where some of it is taken in.
fn all_there(list: &Manifest, found: &[Source]) -> Result<(), SourceError> {
    let is_there = |part: &str| found.iter().any(|source| list.names(part, &source.name));
    let missing = list.files.iter().find(|part| may_be_spend(part) && !is_there(part));
    match missing.filter(|_| found.iter().any(|source| list.lists(&source.name))) {
        Some(part) => Err(SourceError::PartMissing { list: list.name.clone(), part: part.clone() }),
        None => Ok(()),
    }
}

/// The folders of a path or an address.
fn folders(named: &str) -> Vec<&str> {
    named.split('/').filter(|folder| !folder.is_empty()).collect()
}

async fn elsewhere(named: &str) -> Result<Vec<Source>, SourceError> {
    let remote = std::sync::Arc::new(Remote::open(named)?);
    let all = remote.list().await?;
    let alone = all.len() == 1;
    let wanted = all.into_iter().filter(|object| alone || may_be_spend(&object.name));
    let above = folders(named);
    Ok(wanted
        .map(|object| {
            let (name, written) = (object.name.clone(), object.written);
            // A file that is named itself is called as it is, whatever run it is of.
            let above = if above.last() == Some(&name.as_str()) { &[] } else { above.as_slice() };
            Source::of(above, name, written, Place::Elsewhere(remote.clone(), object))
        })
        .collect())
}

fn here(named: &Path) -> Result<Vec<Source>, SourceError> {
    let unreadable = |why| SourceError::Unreadable { name: named.display().to_string(), why };
    let (mut found, mut above) = (Vec::new(), String::new());
    if named.metadata().map_err(unreadable)?.is_dir() {
        above = std::path::absolute(named).map_err(unreadable)?.to_string_lossy().replace('\\', "/");
        below(named, &mut found).map_err(unreadable)?;
    } else {
        found.push(named.to_owned());
    }
    let seen = |path: &Path| match path.strip_prefix(named) {
        Ok(below) if !below.as_os_str().is_empty() => below.to_string_lossy().replace('\\', "/"),
        _ => path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
    };
    let above = folders(&above);
    let source = |path: PathBuf| {
        let written = path.metadata()?.modified()?;
        Ok(Source::of(&above, seen(&path), written, Place::Here(path)))
    };
    found.into_iter().map(source).collect::<std::io::Result<_>>().map_err(unreadable)
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut inside = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
    inside.sort();
    for path in inside {
        if path.is_dir() {
            below(&path, found)?;
        } else if may_be_spend(&path.to_string_lossy()) {
            found.push(path);
        }
    }
    Ok(())
}

fn may_be_spend(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    !file.starts_with(['.', '_']) && ending.is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
}

fn partition(name: &str) -> String {
    let mut name = name;
    while let Some((before, ending)) = name.rsplit_once('.') {
        if before.is_empty() || before.ends_with('/') || !ENDINGS.contains(&ending.to_ascii_lowercase().as_str()) {
            break;
        }
        name = before;
    }
    name.chars().take(NAME_MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partition_is_called_as_its_file_is_without_endings() {
        for (name, called) in [
            ("2026-11/part-00.snappy.parquet", "2026-11/part-00"),
            ("focus.csv.gz", "focus"),
            ("export.v2.csv", "export.v2"),
            (".csv", ".csv"),
            ("plain", "plain"),
        ] {
            assert_eq!(partition(name), called);
        }
    }

    #[test]
    fn what_is_hidden_or_of_another_kind_is_no_spend() {
        for (name, may) in [
            ("a/b.parquet", true),
            ("a/B.CSV", true),
            ("a/.b.csv", false),
            ("_SUCCESS", false),
            ("a/b.xml", false),
            ("a/lots.json", true),
        ] {
            assert_eq!(may_be_spend(name), may, "{name}");
        }
    }
}
