//! Versioned texts and small settings.

use async_trait::async_trait;
use entente_store::{Documents, Error, Result, StoredDocument};
use sqlx::SqliteConnection;

use crate::{
    fault::Fault,
    store::SqliteStore,
    values::{instant, micros, unsigned},
    writer::Write,
};

/// A document's columns.
struct Columns {
    kind: String,
    name: String,
    version: i64,
    sha256: String,
    text: String,
    stored_by: String,
    stored_at: i64,
    active: bool,
}

impl Columns {
    fn decode(self) -> Result<StoredDocument> {
        let document = StoredDocument {
            kind: self.kind,
            name: self.name,
            version: unsigned("version", self.version)?,
            sha256: self.sha256,
            text: self.text,
            by: self.stored_by,
            at: instant(self.stored_at)?,
            active: self.active,
        };
        document.intact()
    }
}

#[async_trait]
impl Documents for SqliteStore {
    async fn put_document(&self, document: &StoredDocument) -> Result<()> {
        self.write(Put { document: document.clone() }).await
    }

    async fn activate_document(&self, kind: &str, name: &str, version: u32) -> Result<()> {
        self.write(Activate { kind: kind.to_owned(), name: name.to_owned(), version }).await
    }

    async fn documents(&self, kind: &str) -> Result<Vec<StoredDocument>> {
        let columns = sqlx::query_as!(
            Columns,
            r#"SELECT kind, name, version, sha256, text, stored_by, stored_at, active AS "active: bool" FROM documents
               WHERE kind = ?1 ORDER BY name, version"#,
            kind
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn document(&self, kind: &str, name: &str) -> Result<Option<StoredDocument>> {
        let columns = sqlx::query_as!(
            Columns,
            r#"SELECT kind, name, version, sha256, text, stored_by, stored_at, active AS "active: bool" FROM documents
               WHERE kind = ?1 AND name = ?2 AND active = 1"#,
            kind,
            name
        )
        .fetch_optional(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.map(Columns::decode).transpose()
    }

    async fn document_by_hash(&self, kind: &str, sha256: &str) -> Result<Option<StoredDocument>> {
        let columns = sqlx::query_as!(
            Columns,
            r#"SELECT kind, name, version, sha256, text, stored_by, stored_at, active AS "active: bool" FROM documents
               WHERE kind = ?1 AND sha256 = ?2 ORDER BY name, version LIMIT 1"#,
            kind,
            sha256
        )
        .fetch_optional(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.map(Columns::decode).transpose()
    }

    async fn setting(&self, name: &str) -> Result<Option<String>> {
        sqlx::query_scalar!("SELECT value FROM settings WHERE name = ?1", name)
            .fetch_optional(self.readers())
            .await
            .map_err(|error| self.explain(error))
    }

    async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.write(SetSetting { name: name.to_owned(), value: value.to_owned() }).await
    }

    async fn replace_setting(&self, name: &str, read: Option<&str>, value: &str) -> Result<bool> {
        let (name, read, value) = (name.to_owned(), read.map(str::to_owned), value.to_owned());
        self.write(ReplaceSetting { name, read, value }).await
    }
}

struct Put {
    document: StoredDocument,
}

impl Write for Put {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        let document = &self.document;
        let stored = sqlx::query_scalar!(
            "SELECT sha256 FROM documents WHERE kind = ?1 AND name = ?2 AND version = ?3",
            document.kind,
            document.name,
            document.version
        )
        .fetch_optional(&mut *conn)
        .await?;
        match stored {
            Some(sha256) if sha256 == document.sha256 => return Ok(()),
            Some(_) => {
                let id = format!("{} {} v{}", document.kind, document.name, document.version);
                return Err(Error::Conflict { kind: "document", id }.into());
            }
            None => {}
        }
        let stored_at = micros(document.at);
        sqlx::query!(
            "INSERT INTO documents (kind, name, version, sha256, text, stored_by, stored_at, active)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)",
            document.kind,
            document.name,
            document.version,
            document.sha256,
            document.text,
            document.by,
            stored_at
        )
        .execute(&mut *conn)
        .await?;
        if document.active {
            activate(conn, &document.kind, &document.name, document.version).await?;
        }
        Ok(())
    }
}

struct Activate {
    kind: String,
    name: String,
    version: u32,
}

impl Write for Activate {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        activate(conn, &self.kind, &self.name, self.version).await
    }
}

async fn activate(conn: &mut SqliteConnection, kind: &str, name: &str, version: u32) -> std::result::Result<(), Fault> {
    sqlx::query!("UPDATE documents SET active = 0 WHERE kind = ?1 AND name = ?2 AND active = 1", kind, name)
        .execute(&mut *conn)
        .await?;
    let activated = sqlx::query!(
        "UPDATE documents SET active = 1 WHERE kind = ?1 AND name = ?2 AND version = ?3",
        kind,
        name,
        version
    )
    .execute(conn)
    .await?;
    if activated.rows_affected() == 0 {
        return Err(Error::NotFound { kind: "document", id: format!("{kind} {name} v{version}") }.into());
    }
    Ok(())
}

struct SetSetting {
    name: String,
    value: String,
}

impl Write for SetSetting {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        sqlx::query!(
            "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            self.name,
            self.value
        )
        .execute(conn)
        .await?;
        Ok(())
    }
}

struct ReplaceSetting {
    name: String,
    read: Option<String>,
    value: String,
}

impl Write for ReplaceSetting {
    type Out = bool;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<bool, Fault> {
        let done = match &self.read {
            Some(read) => {
                sqlx::query!(
                    "UPDATE settings SET value = ?3 WHERE name = ?1 AND value = ?2",
                    self.name,
                    read,
                    self.value
                )
                .execute(conn)
                .await?
            }
            None => {
                sqlx::query!(
                    "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING",
                    self.name,
                    self.value
                )
                .execute(conn)
                .await?
            }
        };
        Ok(done.rows_affected() > 0)
    }
}
