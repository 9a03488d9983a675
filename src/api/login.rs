//! Who asks: the person for whom a token speaks, with the roles that the people file gives them now.

use std::net::SocketAddr;

use axum::{
    extract::{ConnectInfo, FromRequestParts, MatchedPath},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION, request::Parts},
};
use entente_core::{ids::PersonId, people::People};
use jiff::Timestamp;

use super::{
    Api,
    problem::Problem,
    routes::{self, Access},
};
use crate::{
    authz::{Acting, Resource},
    commitments::visitor::Visitor,
    tokens,
};

/// The person who asks, let through to the route that is asked.
pub struct Caller {
    api: Api,
    people: People,
    person: PersonId,
    at: Timestamp,
}

impl Caller {
    /// The server.
    pub fn api(&self) -> &Api {
        &self.api
    }

    /// The person.
    pub fn person(&self) -> &PersonId {
        &self.person
    }

    /// As whoever asks for commitments.
    pub fn visitor(&self) -> Visitor<'_> {
        Visitor { app: &self.api.app, acting: self.acting() }
    }

    fn acting(&self) -> Acting<'_> {
        Acting { people: &self.people, person: &self.person, at: self.at }
    }

    /// Refuses a route that is not for the person, as the command is refused that does the same.
    fn may_enter(&self, access: &Access) -> Result<(), Problem> {
        let Access::Person { command, actions } = access else { return Ok(()) };
        let acting = self.acting();
        acting.may_give(command)?;
        let resource = Resource::of_all("route", command);
        let mut tried = actions.iter().map(|action| acting.of_all(*action, &resource).map(drop));
        match tried.next() {
            None => Ok(()),
            Some(first) => Ok(tried.fold(first, |so_far, next| so_far.or(next))?),
        }
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Caller, Problem> {
        let path = parts.extensions.get::<MatchedPath>().map(MatchedPath::as_str).unwrap_or_default();
        let route = routes::of(&parts.method, path).ok_or_else(|| Problem::internal("a route is in no table"))?;
        let at = api.app.clock.now();
        let shown = bearer(&parts.headers);
        let found = match shown {
            Some(token) => tokens::shown(api.app.store.as_ref(), token, at).await?,
            None => None,
        };
        let Some(token) = found else {
            // A token that holds is never kept out by the failures of others at its address.
            let from = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|from| from.0.ip());
            from.map_or(Ok(()), |from| api.limits.failed(from))?;
            return Err(unknown());
        };
        api.limits.used(&token.id)?;
        let people = api.app.people_now().map_err(|error| Problem::internal(format!("{error:#}")))?;
        // Somebody who has left the people file is nobody.
        if people.person(&token.person).is_none() {
            return Err(unknown());
        }
        let caller = Caller { api: api.clone(), people, person: token.person, at };
        caller.may_enter(&route.access)?;
        api.limits.entered(&token.id, route.pace)?;
        Ok(caller)
    }
}

/// The token that is shown in the header, which is the only place for one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut shown = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (shown.next(), shown.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The same answer whether a token is missing, unknown, expired or revoked.
fn unknown() -> Problem {
    let detail =
        "this needs a token that holds, in an `Authorization: Bearer` header; make one with `entente token create`";
    Problem { code: "token_required".into(), ..Problem::of(StatusCode::UNAUTHORIZED, detail) }
}
