//! Where proof of claims is kept, and what is accepted: the section `evidence` of the configuration.

use std::{path::PathBuf, time::Duration};

use entente_documents::{Bucket, CommandScanner, Credentials, Limits, NoScanner, Place, Scanner, Settings};
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Config, ConfigError};
use crate::database::Database;

/// The folder of evidence beside the data, where the configuration names none.
const FOLDER: &str = "evidence";

/// Where proof is kept, and what is accepted. Without a place it is a folder beside the data.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvidenceConfig {
    /// A folder; with several machines, one that all of them reach.
    pub folder: Option<PathBuf>,
    /// A bucket of an S3-compatible service instead.
    pub bucket: Option<BucketConfig>,
    /// The most bytes of one file.
    #[serde(deserialize_with = "limit")]
    pub max_bytes: Option<u64>,
    /// The most pixels of one picture.
    #[serde(deserialize_with = "limit")]
    pub max_pixels: Option<u64>,
    /// What looks for harmful content; absent: every file stays unscanned.
    pub scan: Option<ScanConfig>,
}

/// A bucket of an S3-compatible service. Its keys come from the environment only.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BucketConfig {
    /// Its name.
    pub name: String,
    /// Its region.
    pub region: String,
    /// The service's address; absent: Amazon S3.
    #[serde(default)]
    pub endpoint: Option<String>,
    /// The folder in the bucket.
    #[serde(default)]
    pub prefix: String,
    /// The environment variable with the access key's id; without one, the role of the machine is used.
    #[serde(default)]
    pub key_id_env: Option<String>,
    /// The environment variable with the secret access key.
    #[serde(default)]
    pub secret_env: Option<String>,
    /// The environment variable with the session token of a temporary key.
    #[serde(default)]
    pub token_env: Option<String>,
}

/// A program that looks for harmful content.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScanConfig {
    /// The program and its arguments, such as `[clamdscan, "-"]`.
    #[serde(deserialize_with = "command")]
    pub command: Vec<String>,
    /// Seconds that one file may take, 1 to 600.
    #[serde(default = "minute", deserialize_with = "seconds")]
    pub timeout_seconds: u16,
}

fn limit<'de, D: Deserializer<'de>>(source: D) -> Result<Option<u64>, D::Error> {
    match u64::deserialize(source)? {
        0 => Err(D::Error::custom("0 would accept nothing; leave it out for the usual limit")),
        most => Ok(Some(most)),
    }
}

fn command<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<String>, D::Error> {
    let command = Vec::<String>::deserialize(source)?;
    match command.first() {
        Some(program) if !program.is_empty() => Ok(command),
        _ => Err(D::Error::custom("it names no program; write one such as `[clamdscan, \"-\"]`")),
    }
}

fn seconds<'de, D: Deserializer<'de>>(source: D) -> Result<u16, D::Error> {
    match u16::deserialize(source)? {
        seconds @ 1..=600 => Ok(seconds),
        seconds => Err(D::Error::custom(format!("{seconds} is not from 1 to 600; 60 is right for most"))),
    }
}

fn minute() -> u16 {
    60
}

impl Config {
    /// Where proof is kept, and what is accepted. A folder is seen from where the data lies: the database's file, or the
    /// folder `state`.
    ///
    /// # Errors
    /// When it names a folder and a bucket, or an environment variable that is not set.
    pub fn evidence(&self, database: &Database) -> Result<Settings, ConfigError> {
        self.evidence.settings(database, |name| std::env::var(name).ok())
    }

    /// What looks for harmful content in proof.
    pub fn scanner(&self) -> Box<dyn Scanner> {
        match self.evidence.scan.as_ref().and_then(|scan| scan.command.split_first().map(|words| (scan, words))) {
            Some((scan, (program, arguments))) => Box::new(CommandScanner {
                program: program.into(),
                arguments: arguments.to_vec(),
                timeout: Duration::from_secs(scan.timeout_seconds.into()),
            }),
            None => Box::new(NoScanner),
        }
    }
}

impl EvidenceConfig {
    fn settings(
        &self,
        database: &Database,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<Settings, ConfigError> {
        let place = match (&self.folder, &self.bucket) {
            (Some(_), Some(_)) => {
                return Err(unusable("it names a folder and a bucket: leave out one of them".into()));
            }
            (None, Some(bucket)) => Place::Bucket(bucket.settings(environment)?),
            (folder, None) => {
                let name = folder.clone().unwrap_or_else(|| FOLDER.into());
                Place::Folder(database.beside().parent().map(|data| data.join(&name)).unwrap_or(name))
            }
        };
        let usual = Limits::default();
        let limits =
            Limits { bytes: self.max_bytes.unwrap_or(usual.bytes), pixels: self.max_pixels.unwrap_or(usual.pixels) };
        Ok(Settings { place, limits })
    }
}

impl BucketConfig {
    fn settings(&self, environment: impl Fn(&str) -> Option<String>) -> Result<Bucket, ConfigError> {
        let read = |name: &String| {
            let value = environment(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| unusable(format!("it names the environment variable `{name}`, which is not set")))
        };
        let secret = |name: &Option<String>| name.as_ref().map(read).transpose();
        let credentials = match (secret(&self.key_id_env)?, secret(&self.secret_env)?, secret(&self.token_env)?) {
            (Some(key_id), Some(secret), token) => Some(Credentials { key_id, secret, token }),
            (None, None, None) => None,
            _ => {
                let reason = "its bucket has only a part of a key: name `key_id_env` and `secret_env`, or none of them";
                return Err(unusable(reason.into()));
            }
        };
        Ok(Bucket {
            endpoint: self.endpoint.clone(),
            name: self.name.clone(),
            region: self.region.clone(),
            prefix: self.prefix.clone(),
            credentials,
        })
    }
}

fn unusable(reason: String) -> ConfigError {
    ConfigError::Unusable { field: "evidence", reason }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use entente_core::settings;

    use super::*;

    fn read(section: &str) -> EvidenceConfig {
        let config: Config = settings::read("entente.yaml", &format!("evidence: {section}\n")).unwrap();
        config.evidence
    }

    fn file() -> Database {
        Database::File("/srv/entente/entente.db".into())
    }

    fn environment(name: &str) -> Option<String> {
        match name {
            "KEY" => Some("AKIAHORSE".into()),
            "SECRET" => Some("horse-secret".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn evidence_lies_beside_the_data_unless_another_folder_is_named() {
        for (section, folder) in [
            ("{}", "/srv/entente/evidence"),
            ("{ folder: proof }", "/srv/entente/proof"),
            ("{ folder: /mnt/proof }", "/mnt/proof"),
        ] {
            let found = read(section).settings(&file(), environment).unwrap();
            assert_eq!(found, Settings::folder(folder), "{section}");
        }
        let database = Database::find(&"postgres://db.example/entente".into(), Path::new("/srv"), Path::new("state"));
        let found = EvidenceConfig::default().settings(&database.unwrap(), environment).unwrap();
        assert_eq!(found, Settings::folder("/srv/state/evidence"));
    }

    #[test]
    fn a_bucket_takes_its_keys_from_the_environment_and_shows_none() {
        let section =
            "{ max_bytes: 1000, bucket: { name: proof, region: eu-central-1, key_id_env: KEY, secret_env: SECRET } }";
        let found = read(section).settings(&file(), environment).unwrap();
        let Place::Bucket(bucket) = &found.place else { panic!("{found:?}") };
        let credentials = Credentials { key_id: "AKIAHORSE".into(), secret: "horse-secret".into(), token: None };
        assert_eq!(bucket.credentials, Some(credentials));
        assert_eq!(found.limits, Limits { bytes: 1000, ..Limits::default() });
        assert!(!format!("{found:?}").to_lowercase().contains("horse"));
    }

    #[test]
    fn settings_that_contradict_themselves_are_refused() {
        let bucket = |keys: &str| format!("{{ bucket: {{ name: proof, region: eu-central-1, {keys} }} }}");
        for (section, words) in [
            ("{ folder: a, bucket: { name: proof, region: eu-central-1 } }".to_owned(), "a folder and a bucket"),
            (bucket("key_id_env: KEY"), "only a part of a key"),
            (bucket("token_env: KEY"), "only a part of a key"),
            (bucket("key_id_env: KEY, secret_env: NOWHERE"), "`NOWHERE`, which is not set"),
            (bucket("key_id_env: KEY, secret_env: EMPTY"), "`EMPTY`, which is not set"),
        ] {
            let refused = read(&section).settings(&file(), environment).unwrap_err().to_string();
            assert!(refused.contains("`evidence`") && refused.contains(words), "{section}: {refused}");
            assert!(!refused.to_lowercase().contains("horse"), "{refused}");
        }
    }
}
