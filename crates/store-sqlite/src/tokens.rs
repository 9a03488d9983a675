//! Tokens of people.

use async_trait::async_trait;
use entente_core::ids::PersonId;
use entente_store::{Error, NewToken, Result, TokenRow, Tokens};
use jiff::Timestamp;
use sqlx::SqliteConnection;

use crate::{
    fault::Fault,
    store::SqliteStore,
    values::{instant, instant_or_none, micros, parse},
    writer::Write,
};

/// A token's columns.
struct Columns {
    id: String,
    person: String,
    name: String,
    epoch: String,
    made_by: String,
    made_at: i64,
    expires_at: i64,
    last_used: Option<i64>,
    revoked_by: Option<String>,
    revoked_at: Option<i64>,
}

impl Columns {
    fn decode(self) -> Result<TokenRow> {
        let by = self.revoked_by.map(|by| parse("person", &by)).transpose()?;
        Ok(TokenRow {
            id: self.id,
            person: parse("person", &self.person)?,
            name: self.name,
            epoch: self.epoch,
            made_by: parse("person", &self.made_by)?,
            made_at: instant(self.made_at)?,
            expires_at: instant(self.expires_at)?,
            last_used: instant_or_none(self.last_used)?,
            revoked: by.zip(instant_or_none(self.revoked_at)?),
        })
    }
}

#[async_trait]
impl Tokens for SqliteStore {
    async fn add_token(&self, token: &NewToken) -> Result<()> {
        self.write(Add { token: token.clone() }).await
    }

    async fn token(&self, sha256: [u8; 32]) -> Result<Option<TokenRow>> {
        let sha256 = sha256.as_slice();
        let columns = sqlx::query_as!(
            Columns,
            "SELECT id, person, name, epoch, made_by, made_at, expires_at, last_used, revoked_by, revoked_at
             FROM person_tokens WHERE sha256 = ?1",
            sha256
        )
        .fetch_optional(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.map(Columns::decode).transpose()
    }

    async fn tokens(&self, person: Option<&PersonId>) -> Result<Vec<TokenRow>> {
        let person = person.map(PersonId::as_str);
        let columns = sqlx::query_as!(
            Columns,
            "SELECT id, person, name, epoch, made_by, made_at, expires_at, last_used, revoked_by, revoked_at
             FROM person_tokens WHERE ?1 IS NULL OR person = ?1 ORDER BY made_at, id",
            person
        )
        .fetch_all(self.readers())
        .await
        .map_err(|error| self.explain(error))?;
        columns.into_iter().map(Columns::decode).collect()
    }

    async fn revoke_token(&self, id: &str, by: &PersonId, at: Timestamp) -> Result<bool> {
        self.write(Revoke { id: id.to_owned(), by: by.clone(), at }).await
    }

    async fn note_token_use(&self, id: &str, at: Timestamp) -> Result<()> {
        self.write(Used { id: id.to_owned(), at }).await
    }
}

struct Add {
    token: NewToken,
}

impl Write for Add {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        let NewToken { id, sha256, person, name, epoch, made_by, made_at, expires_at } = &self.token;
        let (sha256, person, made_by) = (sha256.as_slice(), person.as_str(), made_by.as_str());
        let (made_at, expires_at) = (micros(*made_at), micros(*expires_at));
        let added = sqlx::query!(
            "INSERT INTO person_tokens (id, sha256, person, name, epoch, made_by, made_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING",
            id,
            sha256,
            person,
            name,
            epoch,
            made_by,
            made_at,
            expires_at
        )
        .execute(&mut *conn)
        .await?;
        match added.rows_affected() {
            0 => Err(Error::Conflict { kind: "token", id: id.clone() }.into()),
            _ => Ok(()),
        }
    }
}

struct Revoke {
    id: String,
    by: PersonId,
    at: Timestamp,
}

impl Write for Revoke {
    type Out = bool;

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<bool, Fault> {
        let (by, at) = (self.by.as_str(), micros(self.at));
        let done = sqlx::query!(
            "UPDATE person_tokens SET revoked_by = ?2, revoked_at = ?3 WHERE id = ?1 AND revoked_at IS NULL",
            self.id,
            by,
            at
        )
        .execute(&mut *conn)
        .await?;
        Ok(done.rows_affected() > 0)
    }
}

struct Used {
    id: String,
    at: Timestamp,
}

impl Write for Used {
    type Out = ();

    async fn apply(&self, conn: &mut SqliteConnection) -> std::result::Result<(), Fault> {
        let at = micros(self.at);
        sqlx::query!(
            "UPDATE person_tokens SET last_used = max(coalesce(last_used, ?2), ?2) WHERE id = ?1",
            self.id,
            at
        )
        .execute(&mut *conn)
        .await?;
        Ok(())
    }
}
