//! Files that a command leaves in a folder.

use std::{fs, path::Path};

use serde_json::json;

use crate::{
    cli::{exit::Exit, failure::Failure, session::Session},
    commitments::export::File,
};

/// Writes files into a folder, which is made where it is missing, and names them. Files of the same names are replaced.
pub fn write(session: &Session, folder: &Path, files: &[File]) -> Result<Exit, Failure> {
    let failed = |path: &Path, error: &std::io::Error| Failure::usage(format!("{}: {error}", path.display()));
    fs::create_dir_all(folder).map_err(|error| failed(folder, &error))?;
    let mut written = Vec::new();
    for (name, text) in files {
        // An id may have what a file's name may not.
        let path = folder.join(name.replace(['/', ':'], "-"));
        fs::write(&path, text).map_err(|error| failed(&path, &error))?;
        written.push((path.display().to_string(), text.len()));
    }
    if session.out.is_json() {
        let files: Vec<_> = written.iter().map(|(file, bytes)| json!({ "file": file, "bytes": bytes })).collect();
        session.out.json(&json!({ "files": files }))?;
    } else {
        let rows: Vec<_> = written.into_iter().map(|(file, bytes)| vec![file, bytes.to_string()]).collect();
        session.out.table(&["file", "bytes"], &rows);
    }
    Ok(Exit::Ok)
}
