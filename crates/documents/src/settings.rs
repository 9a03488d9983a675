//! Where evidence is kept, and what is accepted.

use std::{fmt, net::IpAddr, path::PathBuf};

use crate::{
    admit::Limits,
    error::{Error, Result},
};

/// Where evidence is kept, and what is accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Where.
    pub place: Place,
    /// What is accepted.
    pub limits: Limits,
}

/// Where evidence is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A folder, made when it is not there. Several processes may share it.
    Folder(PathBuf),
    /// A bucket of an S3-compatible service.
    Bucket(Bucket),
}

/// A bucket of an S3-compatible service. It must be there already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bucket {
    /// The service's address; absent: Amazon S3 in the region.
    pub endpoint: Option<String>,
    /// The bucket's name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// The folder in it under which everything lies; empty: none.
    pub prefix: String,
    /// What to sign requests with; absent: the role of the machine.
    pub credentials: Option<Credentials>,
}

/// Keys of an S3-compatible service. None of them appears in debug output or in an error.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The access key's id.
    pub key_id: String,
    /// The secret access key.
    pub secret: String,
    /// The session token, where the key is a temporary one.
    pub token: Option<String>,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(***)")
    }
}

impl Settings {
    /// A folder, with the usual limits.
    pub fn folder(path: impl Into<PathBuf>) -> Settings {
        Settings { place: Place::Folder(path.into()), limits: Limits::default() }
    }

    /// Refuses what cannot work or would send evidence readable over a network.
    pub(crate) fn check(&self) -> Result<()> {
        self.limits.check()?;
        if let Place::Bucket(bucket) = &self.place {
            bucket.check()?;
        }
        Ok(())
    }
}

impl Bucket {
    /// Whether requests travel unprotected, which only [`Bucket::check`] may have allowed.
    pub(crate) fn is_plain(&self) -> bool {
        self.endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"))
    }

    fn check(&self) -> Result<()> {
        let wrong = |reason: String| Err(Error::Settings(reason));
        if self.name.is_empty() || self.region.is_empty() {
            return wrong("a bucket needs a name and a region; `us-east-1` suits services that know no regions".into());
        }
        match &self.endpoint {
            Some(endpoint) => self::endpoint(endpoint).map(drop),
            None => Ok(()),
        }
    }
}

/// Checks the address of a service. True where requests to it travel unprotected, which only those to this machine may.
pub(crate) fn endpoint(endpoint: &str) -> Result<bool> {
    let wrong = |reason: String| Err(Error::Settings(reason));
    let plain = endpoint.starts_with("http://");
    let address = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
    let authority = address.unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return wrong("the endpoint is no address; write one such as `https://s3.example.com`".into());
    }
    if authority.contains('@') {
        return wrong("the endpoint holds a name or password; name environment variables with keys instead".into());
    }
    if plain && !is_local(authority) {
        return wrong(format!(
            "`{authority}` is not this machine and the connection would be readable by others; use `https://`"
        ));
    }
    Ok(plain)
}

fn is_local(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(endpoint: Option<&str>) -> Settings {
        let bucket = Bucket {
            endpoint: endpoint.map(str::to_owned),
            name: "proof".into(),
            region: "eu-central-1".into(),
            prefix: String::new(),
            credentials: None,
        };
        Settings { place: Place::Bucket(bucket), limits: Limits::default() }
    }

    #[test]
    fn unprotected_evidence_stays_on_this_machine() {
        for (endpoint, accepted) in [
            (None, true),
            (Some("https://s3.example.com"), true),
            (Some("http://127.0.0.1:5000"), true),
            (Some("http://localhost:5000/x"), true),
            (Some("http://[::1]:5000"), true),
            (Some("http://localhost.example.com"), false),
            (Some("http://10.0.0.5:9000"), false),
            (Some("https://ann:horse@s3.example.com"), false),
            (Some("http://localhost@evil.example"), false),
            (Some("s3.example.com"), false),
            (Some("https://"), false),
            (Some(""), false),
        ] {
            let checked = bucket(endpoint).check();
            assert_eq!(checked.is_ok(), accepted, "{endpoint:?}");
            assert!(!format!("{checked:?}").contains("horse"), "{endpoint:?}");
        }
    }

    #[test]
    fn row_78_debug_output_shows_no_key() {
        let credentials =
            Credentials { key_id: "AKIAHORSE".into(), secret: "horse".into(), token: Some("horse".into()) };
        let text = format!("{credentials:?}").to_lowercase();
        assert!(!text.contains("horse"), "{text}");
    }
}
