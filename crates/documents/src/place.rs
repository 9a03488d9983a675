//! Reaching the folder or the bucket, and saying what went wrong there without secrets.

use std::{fmt, fs::DirBuilder, path::Path as FilePath, sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ClientOptions, Error as StoreError, ObjectStore, RetryConfig, aws::AmazonS3Builder,
    local::LocalFileSystem, path::Path,
};

use crate::{
    error::{Error, Result},
    settings::{Bucket, Credentials, Place},
};

/// How long one request to a bucket may take.
const REQUEST: Duration = Duration::from_secs(60);

/// How often and how long a request that failed is repeated before the caller is told.
const REPEATS: usize = 3;
const REPEATED_FOR: Duration = Duration::from_secs(60);

/// The most characters of a storage's words that are passed on.
const MOST_WORDS: usize = 1000;

/// A storage that is open.
#[derive(Clone)]
pub(crate) struct Opened {
    pub store: Arc<dyn ObjectStore>,
    /// The folder in the storage under which everything lies.
    prefix: Path,
    /// How it is called in errors.
    name: String,
    /// What no error may hold.
    secrets: Vec<String>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opened({})", self.name)
    }
}

impl Opened {
    /// Opens the place; a folder is made when it is not there, readable by its owner alone.
    pub fn open(place: &Place) -> Result<Opened> {
        match place {
            Place::Folder(path) => folder(path),
            Place::Bucket(bucket) => self::bucket(bucket),
        }
    }

    /// Where a key lies.
    pub fn path(&self, key: &str) -> Path {
        key.split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    /// What the storage said, as an error of ours.
    pub fn error(&self, action: &'static str, source: &StoreError) -> Error {
        let refused = matches!(source, StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. });
        Error::Storage { action, place: self.name.clone(), reason: self.harmless(source), transient: !refused }
    }

    /// The storage's words in one line, without the keys that services repeat in theirs.
    fn harmless(&self, source: &StoreError) -> String {
        let mut words = source.to_string();
        for secret in &self.secrets {
            words = words.replace(secret.as_str(), "***");
        }
        let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MOST_WORDS).collect()
    }
}

fn folder(path: &FilePath) -> Result<Opened> {
    let name = format!("the folder `{}`", path.display());
    let unusable = |reason: String| Error::Settings(format!("{name} cannot be used: {reason}"));
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| unusable(error.to_string()))?;
    let store = LocalFileSystem::new_with_prefix(path).map_err(|error| unusable(error.to_string()))?;
    let store = Arc::new(store.with_fsync(true));
    Ok(Opened { store, prefix: Path::default(), name, secrets: Vec::new() })
}

fn bucket(bucket: &Bucket) -> Result<Opened> {
    let name = format!("the bucket `{}`", bucket.name);
    let secrets = bucket.credentials.as_ref().map(secrets).unwrap_or_default();
    let prefix = Path::parse(&bucket.prefix)
        .map_err(|error| Error::Settings(format!("the prefix `{}` cannot be used: {error}", bucket.prefix)))?;
    let retry = RetryConfig { backoff: BackoffConfig::default(), max_retries: REPEATS, retry_timeout: REPEATED_FOR };
    let client = ClientOptions::new().with_timeout(REQUEST).with_allow_http(bucket.is_plain());
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.name)
        .with_region(&bucket.region)
        .with_retry(retry)
        .with_client_options(client);
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    if let Some(Credentials { key_id, secret, token }) = &bucket.credentials {
        builder = builder.with_access_key_id(key_id).with_secret_access_key(secret);
        if let Some(token) = token {
            builder = builder.with_token(token);
        }
    }
    // The builder's own words could repeat what it was given.
    let store = builder
        .build()
        .map_err(|_| Error::Settings(format!("{name} cannot be used: check its endpoint, region and keys")))?;
    Ok(Opened { store: Arc::new(store), prefix, name, secrets })
}

/// What to look for in errors, the longest first, so that none is hidden in part.
fn secrets(credentials: &Credentials) -> Vec<String> {
    let Credentials { key_id, secret, token } = credentials.clone();
    let mut all: Vec<String> =
        [Some(key_id), Some(secret), token].into_iter().flatten().filter(|text| !text.is_empty()).collect();
    all.sort_by_key(|text| std::cmp::Reverse(text.len()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened() -> Opened {
        let credentials = Credentials { key_id: "AKIAHORSE".into(), secret: "horse/secret".into(), token: None };
        let place = Bucket {
            endpoint: None,
            name: "proof".into(),
            region: "eu-central-1".into(),
            prefix: "entente/a".into(),
            credentials: Some(credentials),
        };
        Opened::open(&Place::Bucket(place)).unwrap()
    }

    #[test]
    fn row_78_what_a_service_says_of_our_keys_is_not_repeated() {
        let said = "<AWSAccessKeyId>AKIAHORSE</AWSAccessKeyId>\r\n<X>horse/secret</X>\u{1b}[31m".to_owned();
        let source = StoreError::PermissionDenied { path: "ab/cd".into(), source: said.into() };
        let error = opened().error("read", &source);
        let text = format!("{error} {error:?} {:?}", opened());
        assert!(!text.to_lowercase().contains("horse") && !text.contains(char::is_control), "{text}");
        assert!(text.contains("the bucket `proof`") && !error.is_transient(), "{text}");
    }

    #[test]
    fn a_key_lies_under_the_prefix_and_a_prefix_that_climbs_is_refused() {
        assert_eq!(opened().path("ab/abcd").to_string(), "entente/a/ab/abcd");
        let climbing = Bucket {
            endpoint: None,
            name: "proof".into(),
            region: "eu-central-1".into(),
            prefix: "../other".into(),
            credentials: None,
        };
        let refused = Opened::open(&Place::Bucket(climbing)).unwrap_err();
        assert!(refused.to_string().contains("`../other`"), "{refused}");
    }
}
