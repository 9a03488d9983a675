//! A vault in a folder.

use std::{fs, path::PathBuf};

use entente_documents::{Error, Limits, Settings, Vault};
use tempfile::TempDir;

use crate::suite::{self, World};

struct Folder {
    vault: Vault,
    path: PathBuf,
    _home: TempDir,
}

fn open() -> Option<Folder> {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("data/evidence");
    Some(Folder { vault: Vault::open(&Settings::folder(&path)).unwrap(), path, _home: home })
}

impl World for Folder {
    fn vault(&self) -> &Vault {
        &self.vault
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for folder in fs::read_dir(&self.path).unwrap().map(Result::unwrap) {
            for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
                keys.push(format!("{}/{}", folder.file_name().display(), file.file_name().display()));
            }
        }
        keys.sort();
        keys
    }

    fn write(&self, key: &str, bytes: &[u8]) {
        fs::write(self.path.join(key), bytes).unwrap();
    }

    fn read(&self, key: &str) -> Vec<u8> {
        fs::read(self.path.join(key)).unwrap()
    }
}

crate::promises!(open);

#[tokio::test]
async fn what_an_interrupted_write_left_is_never_taken_for_evidence() {
    let world = open().unwrap();
    let list = suite::list("name\nAnn\n");
    // The file system holds what was written so far under another name.
    fs::create_dir_all(world.path.join(&suite::key(&list)[..2])).unwrap();
    world.write(&format!("{}#1", suite::key(&list)), b"name\n");
    assert!(!world.vault.exists(&list.digest()).await.unwrap());
    assert_eq!(world.vault.get(&list.digest()).await.unwrap_err(), Error::Missing { digest: list.digest() });
    world.vault.put(&list).await.unwrap();
    assert_eq!(world.vault.get(&list.digest()).await.unwrap(), *list.bytes());
}

#[tokio::test]
async fn an_object_larger_than_any_evidence_is_not_taken_into_memory() {
    let world = open().unwrap();
    let list = suite::list("name\n");
    world.vault.put(&list).await.unwrap();
    let size = (100 << 20) + 1;
    fs::File::options().write(true).open(world.path.join(suite::key(&list))).unwrap().set_len(size).unwrap();
    assert_eq!(world.vault.get(&list.digest()).await.unwrap_err(), Error::Changed { digest: list.digest(), size });
}

#[tokio::test]
async fn a_folder_that_takes_nothing_is_named_with_what_can_be_done() {
    let world = open().unwrap();
    let list = suite::list("name\n");
    // A file where a folder must be: whoever runs the tests, nothing can be written below it.
    fs::write(world.path.join(&suite::key(&list)[..2]), b"").unwrap();
    let error = world.vault.put(&list).await.unwrap_err();
    assert_eq!(error.code(), "evidence_unreachable");
    assert!(error.to_string().contains(&world.path.display().to_string()), "{error}");
    assert!(error.is_transient(), "{error}");
}

#[cfg(unix)]
#[test]
fn the_folder_is_readable_by_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let world = open().unwrap();
    assert_eq!(fs::metadata(&world.path).unwrap().permissions().mode() & 0o777, 0o700);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, b"").unwrap();
    let limited = |bytes, pixels| Settings { limits: Limits { bytes, pixels }, ..Settings::folder(home.path()) };
    for (settings, words) in [
        (Settings::folder(&file), "cannot be used"),
        (limited(0, 1), "from 1 to 104857600 bytes"),
        (limited((100 << 20) + 1, 1), "from 1 to 104857600 bytes"),
        (limited(1, 0), "may have no pixel"),
    ] {
        let error = Vault::open(&settings).unwrap_err();
        assert!(error.code() == "evidence_settings" && error.to_string().contains(words), "{error}");
    }
}
