//! Finding what an earlier attempt began: by the name of the change set, which is our key, and by what the set holds.

use std::collections::BTreeMap;

use aws_sdk_marketplacecatalog::{
    operation::{describe_change_set::DescribeChangeSetOutput, list_change_sets::ListChangeSetsOutput},
    types::{Filter, Sort, SortOrder},
};
use entente_port::{ChangeId, ChangeState, Effect, Error, OwnWrite, Result, StepKey, Write};
use jiff::Timestamp;
use serde_json::Value;

use crate::{
    change_set::{describe, state, without_revision},
    client::{CATALOG, Client, Operation},
    failure::{Purpose, fault, incomplete},
    json::details,
    key::{change_set_name, step_key},
    offers::{self, Change, Target, plain},
};

/// The most sets on one page.
const PAGE: i32 = 20;

/// How often a listing is begun anew when its page token expires.
const RESTARTS_MAX: usize = 3;

/// Every change set with our name, oldest first. Two of them are twins: both are reported.
pub(crate) async fn find(client: &Client, key: &StepKey, write: &Write) -> Result<Vec<Effect>> {
    let name = change_set_name(key);
    let ours = offers::changes(write)?;
    let mut effects = Vec::new();
    for listed in listed(client, ("ChangeSetName", &name)).await? {
        // A service that ignores the filter must not make another's change set ours.
        if listed.name.as_ref().is_some_and(|other| *other != name) {
            continue;
        }
        let set = described(client, &listed.id).await?;
        effects.push(Effect {
            change: ChangeId(listed.id),
            state: state(&set)?,
            same_request: same_request(&ours, &set),
        });
    }
    Ok(effects)
}

/// Every change set with a name of ours that began at or after `since`, oldest first.
pub(crate) async fn ours_since(client: &Client, since: Timestamp) -> Result<Vec<OwnWrite>> {
    let mut ours = Vec::new();
    // The service lists what began after an instant, not at it.
    let before = since.checked_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(since);
    for listed in listed(client, ("AfterStartTime", &before.to_string())).await? {
        let began_at = listed.began.parse::<Timestamp>().unwrap_or(since);
        let Some(key) = listed.name.as_deref().and_then(step_key).filter(|_| began_at >= since) else { continue };
        let state: ChangeState = state(&described(client, &listed.id).await?)?;
        ours.push(OwnWrite { key, change: ChangeId(listed.id), began_at, state });
    }
    Ok(ours)
}

async fn described(client: &Client, id: &str) -> Result<DescribeChangeSetOutput> {
    describe(client, id).await.map_err(|error| match error {
        // Listed, so it exists; it only cannot be read yet.
        Error::NotFound { object } => {
            Error::Transient { retry_after: None, reason: format!("{object} is listed but cannot be read yet") }
        }
        other => other,
    })
}

/// One line of the listing.
struct Listed {
    id: String,
    name: Option<String>,
    began: String,
}

/// All change sets that a filter admits, by the time they began.
async fn listed(client: &Client, filter: (&str, &str)) -> Result<Vec<Listed>> {
    let mut restarts = 0;
    let mut found: BTreeMap<String, Listed> = BTreeMap::new();
    let mut token: Option<String> = None;
    loop {
        let page = match list(client, filter, token.clone()).await {
            Ok(page) => page,
            // A page token that has expired is refused; begun anew, the listing loses nothing.
            Err(Error::Rejected { .. } | Error::NotFound { .. }) if token.is_some() && restarts < RESTARTS_MAX => {
                restarts += 1;
                token = None;
                continue;
            }
            Err(error) => return Err(error),
        };
        for set in page.change_set_summary_list() {
            // One that cannot be told is not passed over: it may be the one that is looked for.
            let id = set.change_set_id().ok_or_else(|| incomplete("the id of every change set that it lists"))?;
            let began = set.start_time().unwrap_or_default().to_owned();
            let name = set.change_set_name().map(str::to_owned);
            found.insert(id.to_owned(), Listed { id: id.to_owned(), name, began });
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    let mut all: Vec<Listed> = found.into_values().collect();
    all.sort_by(|a, b| (&a.began, &a.id).cmp(&(&b.began, &b.id)));
    Ok(all)
}

async fn list(client: &Client, (filter, value): (&str, &str), token: Option<String>) -> Result<ListChangeSetsOutput> {
    client
        .call(Operation::ListChangeSets, |sdk| {
            let request = sdk
                .catalog
                .list_change_sets()
                .catalog(CATALOG)
                .filter_list(Filter::builder().name(filter).value_list(value).build())
                .sort(Sort::builder().sort_by("StartTime").sort_order(SortOrder::Ascending).build())
                .max_results(PAGE)
                .set_next_token(token.clone());
            async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, "the list of change sets")) }
        })
        .await
}

/// Whether a set holds the same changes, whatever their order and however numbers and days are written.
fn same_request(ours: &[Change], set: &DescribeChangeSetOutput) -> bool {
    let mut wanted: Vec<(String, String)> =
        ours.iter().map(|change| (change.kind.to_owned(), plain(&change.details).to_string())).collect();
    let mut there: Vec<(String, String)> = set
        .change_set()
        .iter()
        .map(|change| {
            let details = details(change.details_document(), change.details()).unwrap_or(Value::Null);
            (change.change_type().unwrap_or_default().to_owned(), plain(&details).to_string())
        })
        .collect();
    wanted.sort();
    there.sort();
    wanted == there && same_targets(ours, set)
}

/// Whether the existing offers are the same. What a set creates has no id beforehand.
fn same_targets(ours: &[Change], set: &DescribeChangeSetOutput) -> bool {
    let existing = ours.iter().filter_map(|change| match &change.target {
        Target::Existing(id) => Some(id.as_str()),
        Target::New | Target::Created => None,
    });
    let mut there =
        set.change_set().iter().filter_map(|change| change.entity.as_ref()?.identifier()).map(without_revision);
    existing.into_iter().all(|id| there.any(|other| other == without_revision(id)))
}
