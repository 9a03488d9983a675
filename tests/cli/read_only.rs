//! A database that this person may read and not write: a copy for the auditors, a folder of somebody else.
#![cfg(unix)]

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _},
        process::CommandExt as _,
    },
    path::Path,
};

use crate::installation::{Installation, Said};

/// Nobody's number, as most systems have it.
const NOBODY: u32 = 65534;

fn permit(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Takes the right to write from the folder and everything in it, or gives it back.
fn permit_all(installation: &Installation, folder: u32, file: u32) {
    for entry in fs::read_dir(installation.folder()).unwrap() {
        permit(&entry.unwrap().path(), file);
    }
    permit(installation.folder(), folder);
}

/// Runs a command as somebody to whom permissions apply: the superuser may write whatever they say.
fn run(installation: &Installation, args: &[&str]) -> Said {
    let mut command = installation.command(args);
    if fs::metadata(installation.folder()).unwrap().uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    command.output().unwrap().into()
}

/// Every way to look at one offer and at everything.
fn reads(label: &str) -> Vec<Vec<&str>> {
    vec![
        vec!["offer", "list"],
        vec!["offer", "show", label],
        vec!["offer", "history", label],
        vec!["--actor", "dan", "inbox"],
        vec!["incident", "list"],
        vec!["notices", "list", label],
        vec!["verify"],
    ]
}

/// The words without those that say how long something has taken so far, such as `2s`.
fn timeless(words: &str) -> String {
    let lasts = |word: &str| word.strip_suffix(['s', 'm']).is_some_and(|number| number.parse::<u32>().is_ok());
    words.split_inclusive(char::is_whitespace).filter(|word| !lasts(word.trim_end())).collect()
}

fn can_be_read_and_not_written(installation: &Installation, label: &str) {
    for args in reads(label) {
        let before = installation.run(&args).ok().data;
        permit_all(installation, 0o555, 0o444);
        let said = run(installation, &args);
        permit_all(installation, 0o755, 0o644);
        assert_eq!(timeless(&said.ok().data), timeless(&before), "{args:?}");
    }
    permit_all(installation, 0o555, 0o444);
    let said = run(installation, &["--actor", "mia", "offer", "note", label, "seen"]);
    permit_all(installation, 0o755, 0o644);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.words.contains("entente.db` cannot be written"), "{said:?}");
    assert!(said.words.contains("make it writable"), "{said:?}");
}

#[test]
fn a_database_that_may_not_be_written_can_be_read_and_writes_say_so() {
    let mut installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    // The log still lies beside the file.
    installation.kill();
    can_be_read_and_not_written(&installation, &label);
}

#[test]
fn neither_does_a_folder_that_takes_no_new_files_hinder_a_reader() {
    let mut installation = Installation::served();
    let label = installation.submitted("mia", "offer.yaml", &[]);
    installation.until(&label, "approvals");
    installation.kill();
    // A copy is one file without a log, as a backup is.
    installation.run(&["--actor", "oz", "backup", "copy.db"]).ok();
    for name in ["entente.db", "entente.db-wal", "entente.db-shm", "entente.db.lock"] {
        let _gone = fs::remove_file(installation.folder().join(name));
    }
    fs::rename(installation.folder().join("copy.db"), installation.folder().join("entente.db")).unwrap();
    let list = || run(&installation, &["offer", "list", "--json"]);
    for mode in [0o444, 0o666] {
        permit_all(&installation, 0o555, 0o444);
        permit(&installation.folder().join("entente.db"), mode);
        let listed = list();
        let noted = run(&installation, &["--actor", "mia", "offer", "note", &label, "seen"]);
        permit_all(&installation, 0o755, 0o644);
        assert_eq!(listed.ok().json()[0]["label"], label.as_str());
        assert_eq!(noted.code, 1, "{noted:?}");
        assert!(noted.words.contains("entente.db` cannot be written"), "{noted:?}");
    }
    assert!(!installation.folder().join("entente.db-wal").exists(), "a reader leaves nothing behind");
}
