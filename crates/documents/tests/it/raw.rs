//! Large files in a folder.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use entente_documents::{Digest, Error, Kept, Put, Raw, Settings};
use tempfile::TempDir;

/// A place for files, and a folder from which they come.
struct Room {
    raw: Raw,
    home: TempDir,
}

impl Room {
    fn new() -> Room {
        let home = tempfile::tempdir().unwrap();
        Room { raw: Raw::open(&Settings::folder(home.path().join("kept"))).unwrap(), home }
    }

    fn source(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Keeps a file, and reads what was opened to its end.
    async fn keep(&self, file: &Path) -> (Kept, Vec<u8>) {
        let (kept, mut open) = self.raw.keep(file).await.unwrap();
        let mut bytes = Vec::new();
        open.read_to_end(&mut bytes).unwrap();
        (kept, bytes)
    }

    /// Where a content lies.
    fn place(&self, digest: &Digest) -> PathBuf {
        let text = digest.to_string();
        self.home.path().join("kept/raw").join(&text[..2]).join(&text)
    }

    /// Everything that lies there, by its path below the folder.
    fn lying(&self) -> Vec<String> {
        let folder = self.home.path().join("kept/raw");
        let mut found = Vec::new();
        for entry in fs::read_dir(&folder).into_iter().flatten().map(Result::unwrap) {
            match entry.file_type().unwrap().is_dir() {
                true => found.extend(fs::read_dir(entry.path()).unwrap().map(|file| file.unwrap().path())),
                false => found.push(entry.path()),
            }
        }
        found.iter().map(|path| path.strip_prefix(&folder).unwrap().display().to_string()).collect()
    }
}

#[tokio::test]
async fn a_file_of_many_pieces_is_kept_once_and_read_from_its_beginning() {
    let room = Room::new();
    let bytes: Vec<u8> = (0..3_000_017_u32).map(|at| (at % 251) as u8).collect();
    let (one, other) = (room.source("one", &bytes), room.source("other", &bytes));
    let (first, read) = room.keep(&one).await;
    assert_eq!((first.digest, first.size, first.put), (Digest::of(&bytes), 3_000_017, Put::Stored));
    assert_eq!(read, bytes);
    let (again, read) = room.keep(&other).await;
    assert_eq!((again.digest, again.size, again.put), (first.digest, first.size, Put::Known));
    assert_eq!(read, bytes);
    assert_eq!(room.lying(), [first.digest.to_string()].map(|name| format!("{}/{name}", &name[..2])));
}

#[tokio::test]
async fn files_of_one_size_are_told_apart_and_an_empty_one_is_kept() {
    let room = Room::new();
    for (name, bytes) in [("a", &b"1234"[..]), ("b", b"5678"), ("c", b"")] {
        let (kept, read) = room.keep(&room.source(name, bytes)).await;
        assert_eq!((kept.put, kept.digest, read.as_slice()), (Put::Stored, Digest::of(bytes), bytes));
    }
    assert_eq!(room.lying().len(), 3);
}

#[tokio::test]
async fn what_was_damaged_is_named_and_replaced_when_it_comes_again() {
    let room = Room::new();
    let source = room.source("bill.csv", b"a bill");
    let (kept, _) = room.keep(&source).await;
    for damage in [&b"a bull"[..], b"a b", b""] {
        fs::write(room.place(&kept.digest), damage).unwrap();
        let size = damage.len() as u64;
        assert_eq!(room.raw.get(&kept.digest).await.unwrap_err(), Error::Changed { digest: kept.digest, size });
        let (mended, read) = room.keep(&source).await;
        assert_eq!((mended.put, read.as_slice()), (Put::Stored, &b"a bill"[..]));
        room.raw.get(&kept.digest).await.unwrap();
    }
    fs::remove_file(room.place(&kept.digest)).unwrap();
    assert_eq!(room.raw.get(&kept.digest).await.unwrap_err(), Error::Missing { digest: kept.digest });
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_leaves_nothing() {
    let room = Room::new();
    for path in [room.home.path().join("nowhere"), room.home.path().to_owned()] {
        let error = room.raw.keep(&path).await.unwrap_err();
        assert!(matches!(&error, Error::Unreadable { file, .. } if *file == path.display().to_string()), "{error}");
    }
    assert_eq!(room.lying(), <[String; 0]>::default());
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_named_and_what_lies_there_stays() {
    let room = Room::new();
    let (kept, _) = room.keep(&room.source("one", b"one")).await;
    // Where a folder has to be, a file lies.
    let bytes = b"another";
    let name = Digest::of(bytes).to_string();
    fs::write(room.home.path().join("kept/raw").join(&name[..2]), b"in the way").unwrap();
    let error = room.raw.keep(&room.source("other", bytes)).await.unwrap_err();
    assert!(matches!(&error, Error::Storage { action: "stored", .. }), "{error}");
    room.raw.get(&kept.digest).await.unwrap();
    assert_eq!(room.lying().len(), 2, "the one that was kept, and what is in the way: {:?}", room.lying());
}

#[tokio::test]
async fn what_a_killed_process_left_of_a_copy_goes_a_day_later() {
    let room = Room::new();
    room.keep(&room.source("first", b"first")).await;
    let left = |name: &str, hours: u64| {
        let path = room.home.path().join("kept/raw").join(name);
        fs::write(&path, b"half of it").unwrap();
        let at = SystemTime::now() - Duration::from_hours(hours);
        fs::File::options().write(true).open(&path).unwrap().set_modified(at).unwrap();
        path
    };
    let (old, young, other) = (left("unfinished-1", 25), left("unfinished-2", 1), left("notes", 25));
    room.keep(&room.source("second", b"second")).await;
    assert!(!old.exists(), "nobody writes to it any more");
    assert!(young.exists() && other.exists(), "somebody may write to the one, and the other is no copy");
}
