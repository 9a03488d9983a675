//! Lists of the files of an export's run, which the clouds write with them: `manifest.json` of Azure, `<export>-Manifest.json` of AWS. They
//! are no spend. They tell when a run was, and what all of it is.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use super::sources::{Source, SourceError};

/// The most bytes that are read of what may be a list.
const LIST_MOST: u64 = 4 * 1024 * 1024;

/// A list of files.
#[derive(Debug)]
pub(super) struct Manifest {
    /// Its name, as it is shown.
    pub name: String,
    /// The files, as it names them: by their places where the cloud wrote them.
    pub files: Vec<String>,
    /// When the run was that wrote them.
    pub at: Option<Timestamp>,
}

impl Manifest {
    /// Whether a file is among those that it names.
    pub fn lists(&self, file: &str) -> bool {
        self.files.iter().any(|listed| self.names(listed, file))
    }

    /// Whether it means a file by a name: the file lies beside it, or in a folder that is called as the cloud's is.
    pub fn names(&self, listed: &str, file: &str) -> bool {
        let last = |path: &str| path.rsplit('/').next().map(str::to_owned);
        let folder = |path: &str| path.rsplit_once('/').map(|(folder, _)| folder.to_owned());
        let same_folder = || match (folder(listed), folder(file)) {
            (Some(theirs), Some(here)) => last(&theirs) == last(&here),
            _ => false,
        };
        last(listed) == last(file) && (folder(&self.name) == folder(file) || same_folder())
    }
}

/// Tells lists of files from what may be spend, by what they hold.
///
/// # Errors
/// When one cannot be read.
pub(super) async fn apart(found: Vec<Source>) -> Result<(Vec<Source>, Vec<Manifest>), SourceError> {
    let (mut files, mut lists) = (Vec::new(), Vec::new());
    for source in found {
        match read(&source).await? {
            Some(list) => lists.push(list),
            None => files.push(source),
        }
    }
    Ok((files, lists))
}

async fn read(source: &Source) -> Result<Option<Manifest>, SourceError> {
    if !source.name.to_ascii_lowercase().ends_with(".json") {
        return Ok(None);
    }
    let local = source.local().await?;
    let unreadable = |why| SourceError::Unreadable { name: source.name.clone(), why };
    Ok(text(local.path()).map_err(unreadable)?.and_then(|text| list(&source.name, &text)))
}

fn text(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    match path.metadata()?.len() <= LIST_MOST {
        true => std::fs::read(path).map(Some),
        false => Ok(None),
    }
}

/// What a text lists; `None` where it is no list of files.
fn list(name: &str, text: &[u8]) -> Option<Manifest> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let document: Value = serde_json::from_slice(text).ok()?;
    let array = |name: &str| document.get(name).and_then(Value::as_array);
    let files: Vec<&Value> = match (array("blobs"), array("dataFiles")) {
        (Some(blobs), _) => blobs.iter().filter_map(|blob| blob.get("blobName")).collect(),
        (None, Some(files)) => files.iter().collect(),
        (None, None) => return None,
    };
    let files = files.into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let at = document.pointer("/runInfo/submittedTime").and_then(Value::as_str).and_then(|at| at.parse().ok());
    Some(Manifest { name: name.to_owned(), files, at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_files_is_told_by_what_it_holds() {
        let azure =
            br#"{"manifestVersion":"2024-04-01","blobs":[{"blobName":"costs/20261101-20261130/run-1/part_0_0001.csv"}],
            "runInfo":{"submittedTime":"2026-11-03T01:00:00.5Z"}}"#;
        let azure = list("20261101-20261130/run-1/manifest.json", azure).unwrap();
        assert_eq!(azure.at, Some("2026-11-03T01:00:00.5Z".parse().unwrap()));
        assert!(azure.lists("20261101-20261130/run-1/part_0_0001.csv"));
        assert!(!azure.lists("20261101-20261130/run-2/part_0_0001.csv"), "another run has a part of the same name");

        let aws = br#"{"exportName":"e","dataFiles":["s3://b/e/data/BILLING_PERIOD=2026-11/20261103T0102-7/e-00001.csv.gz"]}"#;
        let aws = list("metadata/BILLING_PERIOD=2026-11/20261103T0102-7/e-Manifest.json", aws).unwrap();
        assert!(aws.lists("data/BILLING_PERIOD=2026-11/20261103T0102-7/e-00001.csv.gz"));
        assert!(!aws.lists("data/BILLING_PERIOD=2026-10/e-00001.csv.gz"));

        for none in [&br#"{"value":[]}"#[..], b"[1]", b"{", b""] {
            assert!(list("lots.json", none).is_none());
        }
    }
}
