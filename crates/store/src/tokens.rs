//! Tokens by which people's programs speak for them. A token itself is never stored: only its hash.

use async_trait::async_trait;
use entente_core::ids::PersonId;
use jiff::Timestamp;

use crate::error::Result;

/// A token to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// By what people name it: twelve hexadecimal digits that tell nothing of the token.
    pub id: String,
    /// SHA-256 of the token.
    pub sha256: [u8; 32],
    /// For whom it speaks.
    pub person: PersonId,
    /// What its owner calls it.
    pub name: String,
    /// The database's epoch: in a database that comes back from a copy it is void.
    pub epoch: String,
    /// Who made it.
    pub made_by: PersonId,
    /// When.
    pub made_at: Timestamp,
    /// From when on it is void.
    pub expires_at: Timestamp,
}

/// A token as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// See [`NewToken::id`].
    pub id: String,
    /// See [`NewToken::person`].
    pub person: PersonId,
    /// See [`NewToken::name`].
    pub name: String,
    /// See [`NewToken::epoch`].
    pub epoch: String,
    /// See [`NewToken::made_by`].
    pub made_by: PersonId,
    /// See [`NewToken::made_at`].
    pub made_at: Timestamp,
    /// See [`NewToken::expires_at`].
    pub expires_at: Timestamp,
    /// About when it was used last.
    pub last_used: Option<Timestamp>,
    /// Who took it back, and when.
    pub revoked: Option<(PersonId, Timestamp)>,
}

/// Tokens of people.
#[async_trait]
pub trait Tokens {
    /// Keeps a token; `Conflict` when one of its id or its hash is there.
    async fn add_token(&self, token: &NewToken) -> Result<()>;

    /// The token of this hash, whether or not it is void.
    async fn token(&self, sha256: [u8; 32]) -> Result<Option<TokenRow>>;

    /// The tokens of a person, or of everybody, in the order in which they were made.
    async fn tokens(&self, person: Option<&PersonId>) -> Result<Vec<TokenRow>>;

    /// Takes a token back; false when it is not there or was taken back before, which stays as it was.
    async fn revoke_token(&self, id: &str, by: &PersonId, at: Timestamp) -> Result<bool>;

    /// Notes that a token was used; the note never goes back.
    async fn note_token_use(&self, id: &str, at: Timestamp) -> Result<()>;
}
