//! What a vault promises wherever it keeps its evidence: each promise once for a folder and once for a bucket.

use entente_documents::{Class, Digest, Error, Evidence, Put, Retention, Standing, Vault};
use jiff::civil::date;

use crate::corpus::judge;

/// A vault, and what others may do to its place behind its back.
pub trait World {
    fn vault(&self) -> &Vault;
    /// The keys of everything that lies there, sorted.
    fn keys(&self) -> Vec<String>;
    fn write(&self, key: &str, bytes: &[u8]);
    fn read(&self, key: &str) -> Vec<u8>;
}

pub fn list(text: &str) -> Evidence {
    judge(text, "list.csv").unwrap()
}

pub fn key(evidence: &Evidence) -> String {
    let digest = evidence.digest().to_string();
    format!("{}/{digest}", &digest[..2])
}

pub async fn the_same_content_is_stored_once(world: &impl World) {
    let (vault, list) = (world.vault(), list("name\nAnn\n"));
    assert!(!vault.exists(&list.digest()).await.unwrap());
    assert_eq!(vault.put(&list).await.unwrap(), Put::Stored);
    assert_eq!(vault.put(&list).await.unwrap(), Put::Known);
    let renamed = judge("name\nAnn\n", "other.csv").unwrap();
    assert_eq!(vault.put(&renamed).await.unwrap(), Put::Known, "a name is no content");
    assert!(vault.exists(&list.digest()).await.unwrap());
    assert_eq!(world.keys(), [key(&list)]);
    assert_eq!(vault.get(&list.digest()).await.unwrap(), "name\nAnn\n");
    assert_eq!(vault.check(&list.digest()).await.unwrap(), 9);
}

pub async fn many_that_store_the_same_at_once_all_succeed(world: &impl World) {
    let list = list(&"name\n".repeat(100_000));
    let stored = futures::future::join_all((0..8).map(|_| world.vault().put(&list))).await;
    assert!(stored.iter().all(Result::is_ok), "{stored:?}");
    assert_eq!(world.keys(), [key(&list)]);
    assert_eq!(world.vault().get(&list.digest()).await.unwrap(), *list.bytes());
}

pub async fn what_was_changed_is_never_given_out(world: &impl World) {
    let (vault, list) = (world.vault(), list("amount\n100\n"));
    for changed in ["amount\n900\n", "amount\n1000\n", "amount\n100", ""] {
        vault.put(&list).await.unwrap();
        world.write(&key(&list), changed.as_bytes());
        let size = u64::try_from(changed.len()).unwrap();
        let expected = Error::Changed { digest: list.digest(), size };
        assert_eq!(vault.get(&list.digest()).await.unwrap_err(), expected, "{changed:?}");
        assert_eq!(vault.check(&list.digest()).await.unwrap_err(), expected, "{changed:?}");
        assert_eq!(vault.put(&list).await.unwrap_err(), expected, "{changed:?}");
        assert_eq!(world.read(&key(&list)), changed.as_bytes(), "what is to be inquired into stays");
        assert_eq!(expected.code(), "evidence_changed");
        world.write(&key(&list), list.bytes());
        assert_eq!(vault.check(&list.digest()).await.unwrap(), list.size());
    }
}

pub async fn what_is_not_there_is_missing(world: &impl World) {
    let digest = Digest::of(b"nothing");
    for error in [world.vault().get(&digest).await.unwrap_err(), world.vault().check(&digest).await.unwrap_err()] {
        assert_eq!(error, Error::Missing { digest });
        assert_eq!((error.code(), error.is_transient()), ("evidence_missing", false));
    }
}

pub async fn what_is_removed_leaves_a_tombstone_and_its_neighbours(world: &impl World) {
    let (vault, goes, stays) = (world.vault(), list("goes\n"), list("stays\n"));
    vault.put(&goes).await.unwrap();
    vault.put(&stays).await.unwrap();
    let retention: Retention = [(Class::new("list"), 12)].into_iter().collect();
    let today = date(2028, 2, 1);
    let standing = retention.removable(date(2027, 2, 1), &Class::new("list"), false, today);
    let Standing::Removable(permit) = standing else { panic!("{standing:?}") };
    for time in ["once", "and again, by a caller that was interrupted"] {
        let tombstone = vault.remove(&goes.digest(), &permit).await.unwrap();
        assert_eq!((tombstone.digest, tombstone.removed_on), (goes.digest(), today), "{time}");
    }
    assert_eq!(world.keys(), [key(&stays)]);
    assert!(!vault.exists(&goes.digest()).await.unwrap());
    assert_eq!(vault.put(&goes).await.unwrap(), Put::Stored, "the same content may come again");
}

pub async fn a_file_of_twenty_megabytes_comes_back(world: &impl World) {
    let list = list(&"0123456789,abcdefghi\n".repeat((20 << 20) / 21));
    world.vault().put(&list).await.unwrap();
    assert_eq!(world.vault().get(&list.digest()).await.unwrap(), *list.bytes());
    assert_eq!(world.vault().check(&list.digest()).await.unwrap(), list.size());
}

/// A test for each promise, in the world that `open` gives; none where it gives none.
#[macro_export]
macro_rules! promises {
    ($open:path) => {
        $crate::promises! { $open:
            the_same_content_is_stored_once,
            many_that_store_the_same_at_once_all_succeed,
            what_was_changed_is_never_given_out,
            what_is_not_there_is_missing,
            what_is_removed_leaves_a_tombstone_and_its_neighbours,
            a_file_of_twenty_megabytes_comes_back,
        }
    };
    ($open:path: $($promise:ident,)+) => {
        $(#[tokio::test]
        async fn $promise() {
            let Some(world) = $open() else { return };
            $crate::suite::$promise(&world).await;
        })+
    };
}
