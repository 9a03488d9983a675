//! Files that lie elsewhere, under an address such as `s3://bucket/exports/2026-11`: listed, and brought here to be kept.

use std::time::SystemTime;

use futures::TryStreamExt;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt, path::Path};
use tokio::io::AsyncWriteExt;
use url::Url;

use crate::{
    error::{Error, Result},
    settings::endpoint,
};

/// What the machine's own keys begin with.
const KEYS: &str = "AWS_";

/// The variable that would let requests travel unprotected, whoever answers them.
const UNPROTECTED: &str = "AWS_ALLOW_HTTP";

/// The variables that name another service than Amazon's.
const ENDPOINTS: [&str; 3] = ["AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"];

/// Where the address points. Keys come from the environment, or from the role of the machine.
#[derive(Debug)]
pub struct Remote {
    store: Box<dyn ObjectStore>,
    prefix: Path,
    name: String,
}

/// A file there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its name, seen from the address.
    pub name: String,
    /// When it was written, by the service's clock.
    pub written: SystemTime,
    path: Path,
}

impl Remote {
    /// Whether a text is an address, and not a path.
    pub fn is_address(text: &str) -> bool {
        text.contains("://")
    }

    /// Reads an address. Nothing is asked yet.
    ///
    /// # Errors
    /// [`Error::Settings`] when it is none that can be read from.
    pub fn open(address: &str) -> Result<Remote> {
        let unusable = |why: &str| Error::Settings(format!("the address `{}` {why}", shown(address)));
        let url = Url::parse(address).map_err(|_| unusable("cannot be read"))?;
        if !matches!(url.scheme(), "s3" | "file") {
            return Err(unusable("is not one that is read from; write `s3://bucket/folder` or a path"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(unusable(
                "holds a name or password; set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` instead",
            ));
        }
        let mut keys: Vec<(String, String)> = Vec::new();
        for (name, value) in std::env::vars().filter(|(name, _)| name.starts_with(KEYS) && name != UNPROTECTED) {
            // Nothing leaves this machine unprotected, whatever the environment says.
            if ENDPOINTS.contains(&name.as_str()) && endpoint(&value)? {
                keys.push((UNPROTECTED.to_ascii_lowercase(), "true".to_owned()));
            }
            keys.push((name.to_ascii_lowercase(), value));
        }
        // Its words could repeat the keys.
        let opened = object_store::parse_url_opts(&url, keys).map_err(|_| unusable("cannot be used"));
        let (store, prefix) = opened?;
        Ok(Remote { store, prefix, name: shown(address) })
    }

    /// What lies there, by name: the file itself, or everything below a folder.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn list(&self) -> Result<Vec<Object>> {
        let all = self.store.list(Some(&self.prefix)).try_collect::<Vec<ObjectMeta>>().await;
        let mut all = match all {
            Ok(all) => all,
            Err(error) => return Err(self.not_listed(&error).await),
        };
        if all.is_empty() {
            all.extend(self.store.head(&self.prefix).await.ok());
        }
        let object = |found: ObjectMeta| Object {
            name: self.seen(&found.location),
            written: found.last_modified.into(),
            path: found.location,
        };
        let mut objects: Vec<Object> = all.into_iter().map(object).collect();
        objects.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(objects)
    }

    /// Why nothing could be listed. A service's refusal of a list comes without its kind, which that of a single file has.
    async fn not_listed(&self, error: &object_store::Error) -> Error {
        use object_store::Error as Said;
        match self.store.head(&self.prefix).await {
            Err(refused @ (Said::PermissionDenied { .. } | Said::Unauthenticated { .. })) => self.error(&refused),
            _ => self.error(error),
        }
    }

    fn seen(&self, path: &Path) -> String {
        let below = path.prefix_match(&self.prefix).map(|parts| parts.collect::<Vec<_>>());
        let below = below.unwrap_or_default().iter().map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
        match below.is_empty() {
            true => path.filename().unwrap_or_default().to_owned(),
            false => below,
        }
    }

    /// Brings a file here, piece by piece.
    ///
    /// # Errors
    /// [`Error::Storage`] when it cannot be read there, [`Error::Unreadable`] when it cannot be written here.
    pub async fn bring(&self, object: &Object, to: &std::path::Path) -> Result<()> {
        let here =
            |error: std::io::Error| Error::Unreadable { file: to.display().to_string(), reason: error.to_string() };
        let found = self.store.get(&object.path).await.map_err(|error| self.error(&error))?;
        let mut file = tokio::fs::File::create(to).await.map_err(here)?;
        let mut pieces = found.into_stream();
        while let Some(piece) = pieces.try_next().await.map_err(|error| self.error(&error))? {
            file.write_all(&piece).await.map_err(here)?;
        }
        file.flush().await.map_err(here)
    }

    fn error(&self, source: &object_store::Error) -> Error {
        use object_store::Error as Said;
        let (reason, transient) = match source {
            Said::NotFound { .. } => ("it is not there", true),
            Said::PermissionDenied { .. } | Said::Unauthenticated { .. } => ("access was refused", false),
            _ => ("it does not answer as it should", true),
        };
        Error::Storage { action: "read", place: self.name.clone(), reason: reason.to_owned(), transient }
    }
}

/// An address without what may be secret in it.
fn shown(address: &str) -> String {
    let plain = address.split(['?', '#']).next().unwrap_or_default();
    match (plain.split_once("://"), plain.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => plain.to_owned(),
    }
}
