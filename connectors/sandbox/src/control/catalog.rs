//! The catalogue behind the offers: accounts and what is on file about them, solutions, offer sets and
//! resale authorizations.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};

use super::problem::{self, Problem};
use crate::aws::{Account, NewSolution, Role, Standing, is_account_id};
use crate::sandbox::Sandbox;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewAccount {
    role: Role,
    name: Option<String>,
    account_id: String,
    #[serde(default)]
    standing: Standing,
}

/// Adds an account, or replaces the one of the same id. Its credentials follow from the id.
pub(super) async fn add_account(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let new: NewAccount = problem::read(&body)?;
    if !is_account_id(&new.account_id) {
        return Err(Problem::invalid(format!("`account_id`: `{}` is not an id of 12 digits", new.account_id)));
    }
    let name = new.name.as_deref().unwrap_or(&new.account_id);
    let account = Account { standing: new.standing, ..Account::new(new.role, name, &new.account_id) };
    let shown = json!(account);
    sandbox.write(|world| {
        let accounts = &mut world.aws.accounts;
        match accounts.iter_mut().find(|known| known.account_id == account.account_id) {
            Some(known) => *known = account,
            None => accounts.push(account),
        }
    })?;
    Ok(Json(shown))
}

pub(super) async fn solutions(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "solutions": world.aws.solutions.values().collect::<Vec<_>>() })))
}

/// Lists a solution, or replaces the one of the same id.
pub(super) async fn add_solution(State(sandbox): State<Arc<Sandbox>>, body: Bytes) -> Result<Json<Value>, Problem> {
    let new: NewSolution = problem::read(&body)?;
    if !new.id.starts_with("soln-") {
        return Err(Problem::invalid(format!("`id`: `{}` does not begin with `soln-`", new.id)));
    }
    let shown = sandbox.write(|world| {
        let seller = world.aws.accounts.iter().find(|account| account.role == Role::Seller);
        let seller = seller.map(|account| account.account_id.clone()).unwrap_or_default();
        let solution = new.into_solution(&seller, world.clock.now());
        let shown = json!(solution);
        world.aws.solutions.insert(solution.id.clone(), solution);
        shown
    })?;
    Ok(Json(shown))
}

pub(super) async fn offer_sets(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(sandbox.read(|world| json!({ "offer_sets": world.aws.offer_sets.values().collect::<Vec<_>>() })))
}

pub(super) async fn authorizations(State(sandbox): State<Arc<Sandbox>>) -> Json<Value> {
    Json(
        sandbox.read(|world| json!({ "resale_authorizations": world.aws.authorizations.values().collect::<Vec<_>>() })),
    )
}
