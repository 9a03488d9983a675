//! Tokens by which people's programs speak for them over HTTP: made once, shown once, kept as a hash.

use entente_core::{event::Actor, ids::PersonId, people::NoAuthority};
use entente_store::{Error, NewToken, Store, TokenRow};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use crate::authz::{Acting, Action, Refused, Resource};

/// What every token begins with, so that people and scanners know one where they see it.
pub const PREFIX: &str = "entente_pat_";

/// The days that a token holds where nothing else is said.
pub const DAYS: i64 = 90;

/// The most days that a token may hold.
pub const DAYS_MAX: i64 = 365;

/// How far apart two notes of its use are at least, so that reading does not write each time.
const NOTED_EVERY: SignedDuration = SignedDuration::from_hours(1);

/// What people call it.
pub const KIND: &str = "token";

/// A token as its owner gets to see it, once.
pub struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// Why a token is not made or revoked.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The person may not.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It would be void at once, or hold for too long.
    #[error("a token holds from now on, for {DAYS_MAX} days at most; choose an earlier or later end")]
    Term,
    /// The machine gives no randomness.
    #[error("the machine gives no randomness to make a token from: {0}")]
    Randomness(String),
    /// It was revoked before.
    #[error("token `{0}` was revoked before")]
    RevokedBefore(String),
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Secret {
    /// Draws a new one: 256 bits that nobody can guess.
    fn draw() -> Result<Secret, TokenError> {
        let mut bytes = [0_u8; 32];
        getrandom::fill(&mut bytes).map_err(|error| TokenError::Randomness(error.to_string()))?;
        Ok(Secret(format!("{PREFIX}{}", hex::encode(bytes))))
    }

    /// The token itself: for its owner's eyes.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// The hash under which a token is kept and found: nothing is compared that an attacker could learn from piece by piece.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

/// Makes a token for a person: everybody for themselves, and whoever manages tokens for everybody.
///
/// # Errors
/// When whoever acts may not, the person is not known, or the end is none that a token may have.
pub async fn make(
    store: &dyn Store,
    acting: Acting<'_>,
    person: &PersonId,
    name: &str,
    expires_at: Timestamp,
) -> Result<(Secret, TokenRow), TokenError> {
    let made_by = may_see(acting, Some(person), person.as_str())?.person;
    if acting.people.person(person).is_none() {
        return Err(Refused::from(NoAuthority::Stranger { person: person.clone() }).into());
    }
    let longest = acting.at.checked_add(SignedDuration::from_hours(24 * DAYS_MAX)).unwrap_or(Timestamp::MAX);
    if expires_at <= acting.at || expires_at > longest {
        return Err(TokenError::Term);
    }
    let secret = Secret::draw()?;
    let sha256 = hash(secret.reveal());
    let token = NewToken {
        id: hex::encode(sha256).chars().take(12).collect(),
        sha256,
        person: person.clone(),
        name: name.to_owned(),
        epoch: store.epoch().await?,
        made_by,
        made_at: acting.at,
        expires_at,
    };
    store.add_token(&token).await?;
    let kept = store.token(sha256).await?;
    let row = kept.ok_or_else(|| Error::NotFound { kind: KIND, id: token.id.clone() })?;
    Ok((secret, row))
}

/// The tokens of a person; of everybody for whoever manages tokens.
///
/// # Errors
/// When whoever acts may not.
pub async fn list(
    store: &dyn Store,
    acting: Acting<'_>,
    person: Option<&PersonId>,
) -> Result<Vec<TokenRow>, TokenError> {
    may_see(acting, person, person.map_or("all", PersonId::as_str))?;
    Ok(store.tokens(person).await?)
}

/// Takes a token back, at once and for good. Another person's is not there for whoever may not manage tokens.
///
/// # Errors
/// When there is none of that id within reach, or it was revoked before.
pub async fn revoke(store: &dyn Store, acting: Acting<'_>, id: &str) -> Result<TokenRow, TokenError> {
    let manages = may_see(acting, None, id).is_ok();
    let reach = Some(acting.person).filter(|_| !manages);
    let mine = |row: &TokenRow| row.id == id;
    let missing = || Error::NotFound { kind: KIND, id: id.to_owned() };
    if !store.tokens(reach).await?.iter().any(mine) {
        return Err(missing().into());
    }
    if !store.revoke_token(id, acting.person, acting.at).await? {
        return Err(TokenError::RevokedBefore(id.to_owned()));
    }
    Ok(store.tokens(reach).await?.into_iter().find(mine).ok_or_else(missing)?)
}

/// Who acts, if they may see and make tokens of this person, or of everybody.
fn may_see(acting: Acting<'_>, person: Option<&PersonId>, name: &str) -> Result<Actor, Refused> {
    if person == Some(acting.person) {
        // Everybody is known by the people file alone: no role is needed for what is one's own.
        return Ok(Actor { person: acting.person.clone(), roles: Vec::new(), on_behalf_of: None });
    }
    // Whoever belongs to another party manages nobody's, whatever roles it was given.
    if let Some(party) = acting.party() {
        return Err(Refused::NotForPartners { command: "another person's token".into(), party: party.clone() });
    }
    Ok(acting.of_all(Action::ManageTokens, &Resource::of_all(KIND, name))?.0)
}

/// Why a token is void, if it is.
pub fn void(row: &TokenRow, epoch: &str, now: Timestamp) -> Option<&'static str> {
    match () {
        () if row.revoked.is_some() => Some("revoked"),
        () if row.epoch != epoch => Some("of before a restore"),
        () if row.expires_at <= now => Some("expired"),
        () => None,
    }
}

/// The token that somebody shows, if it holds; notes about when it was used.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn shown(store: &dyn Store, token: &str, now: Timestamp) -> Result<Option<TokenRow>, Error> {
    if !token.starts_with(PREFIX) {
        return Ok(None);
    }
    let Some(row) = store.token(hash(token)).await? else { return Ok(None) };
    if void(&row, &store.epoch().await?, now).is_some() {
        return Ok(None);
    }
    let noted = row.last_used.is_some_and(|used| now.duration_since(used) < NOTED_EVERY);
    if !noted {
        store.note_token_use(&row.id, now).await?;
    }
    Ok(Some(row))
}

#[cfg(test)]
mod tests;
