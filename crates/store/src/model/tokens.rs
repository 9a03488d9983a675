//! Tokens of people.

use async_trait::async_trait;
use entente_core::ids::PersonId;
use jiff::Timestamp;

use super::ModelStore;
use crate::{Error, NewToken, Result, TokenRow, Tokens};

#[async_trait]
impl Tokens for ModelStore {
    async fn add_token(&self, token: &NewToken) -> Result<()> {
        let mut state = self.state();
        if state.tokens.iter().any(|(sha256, row)| *sha256 == token.sha256 || row.id == token.id) {
            return Err(Error::Conflict { kind: "token", id: token.id.clone() });
        }
        let NewToken { id, sha256, person, name, epoch, made_by, made_at, expires_at } = token.clone();
        let row = TokenRow { id, person, name, epoch, made_by, made_at, expires_at, last_used: None, revoked: None };
        state.tokens.push((sha256, row));
        Ok(())
    }

    async fn token(&self, sha256: [u8; 32]) -> Result<Option<TokenRow>> {
        Ok(self.state().tokens.iter().find(|(known, _)| *known == sha256).map(|(_, row)| row.clone()))
    }

    async fn tokens(&self, person: Option<&PersonId>) -> Result<Vec<TokenRow>> {
        let state = self.state();
        let rows = state.tokens.iter().map(|(_, row)| row).filter(|row| person.is_none_or(|one| row.person == *one));
        let mut rows: Vec<TokenRow> = rows.cloned().collect();
        rows.sort_by(|a, b| (a.made_at, &a.id).cmp(&(b.made_at, &b.id)));
        Ok(rows)
    }

    async fn revoke_token(&self, id: &str, by: &PersonId, at: Timestamp) -> Result<bool> {
        let mut state = self.state();
        let open = state.tokens.iter_mut().map(|(_, row)| row).find(|row| row.id == id && row.revoked.is_none());
        Ok(open.map(|row| row.revoked = Some((by.clone(), at))).is_some())
    }

    async fn note_token_use(&self, id: &str, at: Timestamp) -> Result<()> {
        let mut state = self.state();
        for (_, row) in state.tokens.iter_mut().filter(|(_, row)| row.id == id) {
            row.last_used = row.last_used.max(Some(at));
        }
        Ok(())
    }
}
