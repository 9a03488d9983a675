//! A vault in a bucket of a real S3 server.

use std::sync::atomic::{AtomicU32, Ordering};

use entente_documents::{Bucket, Credentials, Digest, Limits, Place, Settings, Vault};

use crate::{
    s3::{self, request},
    suite::{self, World},
};

struct Remote {
    vault: Vault,
    port: u16,
    bucket: String,
}

const SECRET: &str = "horse-battery-staple";

fn settings(port: u16, bucket: &str) -> Settings {
    let credentials =
        Credentials { key_id: "AKIAHORSE".into(), secret: SECRET.into(), token: Some("horse-token".into()) };
    let bucket = Bucket {
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        name: bucket.into(),
        region: "us-east-1".into(),
        prefix: "entente/evidence".into(),
        credentials: Some(credentials),
    };
    Settings { place: Place::Bucket(bucket), limits: Limits::default() }
}

fn open() -> Option<Remote> {
    static BUCKETS: AtomicU32 = AtomicU32::new(0);

    let port = s3::port()?;
    let bucket = format!("evidence-{}", BUCKETS.fetch_add(1, Ordering::Relaxed));
    request(port, "PUT", &format!("/{bucket}"), b"");
    Some(Remote { vault: Vault::open(&settings(port, &bucket)).unwrap(), port, bucket })
}

impl Remote {
    fn path(&self, key: &str) -> String {
        format!("/{}/entente/evidence/{key}", self.bucket)
    }
}

impl World for Remote {
    fn vault(&self) -> &Vault {
        &self.vault
    }

    fn keys(&self) -> Vec<String> {
        let listed = request(self.port, "GET", &format!("/{}?list-type=2", self.bucket), b"");
        let keys = listed.split("<Key>").skip(1).map(|rest| rest.split('<').next().unwrap());
        keys.map(|key| key.strip_prefix("entente/evidence/").unwrap().to_owned()).collect()
    }

    fn write(&self, key: &str, bytes: &[u8]) {
        request(self.port, "PUT", &self.path(key), bytes);
    }

    fn read(&self, key: &str) -> Vec<u8> {
        request(self.port, "GET", &self.path(key), b"").into_bytes()
    }
}

crate::promises!(open);

#[tokio::test]
async fn a_bucket_that_is_not_there_is_named_and_no_secret_is() {
    let Some(port) = s3::port() else { return };
    let vault = Vault::open(&settings(port, "nowhere")).unwrap();
    let error = vault.put(&suite::list("name\n")).await.unwrap_err();
    assert_eq!(error.code(), "evidence_unreachable");
    assert!(error.to_string().contains("the bucket `nowhere`"), "{error}");
    assert!(!format!("{error} {error:?} {vault:?}").to_lowercase().contains("horse"), "{error:?}");
}

#[tokio::test]
async fn row_78_a_key_that_the_service_refuses_is_no_part_of_the_error() {
    let Some(port) = s3::refusing_port() else { return };
    let vault = Vault::open(&settings(port, "evidence")).unwrap();
    let error = vault.get(&Digest::of(b"x")).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("InvalidAccessKeyId") && text.contains("correct the rights or the credentials"), "{text}");
    assert!(error.code() == "evidence_unreachable" && !error.is_transient(), "{error:?}");
    assert!(!format!("{error} {error:?} {vault:?}").to_lowercase().contains("horse"), "{error:?}");
}

#[tokio::test]
async fn a_service_that_is_not_there_can_be_tried_again() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let vault = Vault::open(&settings(port, "evidence")).unwrap();
    let error = vault.get(&Digest::of(b"x")).await.unwrap_err();
    assert!(error.is_transient() && error.code() == "evidence_unreachable", "{error}");
    assert!(!format!("{error} {error:?} {vault:?}").to_lowercase().contains("horse"), "{error:?}");
}
