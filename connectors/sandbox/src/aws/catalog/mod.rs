//! The Marketplace Catalog API (version 2018-09-17, restJson1).

mod change_sets;
mod entities;
mod entity_fields;
mod entity_list;
mod entity_rows;
mod tags;

use serde_json::Value;

pub(super) use tags::check_tags;

use super::change;
use super::paging::{Page, PageError, Paging};
use super::refusal::Refusal;
use super::service::{Context, Reply};
use super::text;

/// Handles one operation.
pub(crate) fn handle(context: Context<'_>) -> Reply {
    match context.call.operation.as_str() {
        "StartChangeSet" => change::request::start(context),
        "DescribeChangeSet" => change_sets::describe(&context),
        "CancelChangeSet" => change_sets::cancel(context),
        "ListChangeSets" => change_sets::list(&context),
        "DescribeEntity" => entities::describe(&context),
        "BatchDescribeEntities" => entities::describe_batch(&context),
        "ListEntities" => entity_list::list(&context),
        "TagResource" => tags::tag(context),
        "UntagResource" => tags::untag(context),
        "ListTagsForResource" => tags::list(&context),
        "PutResourcePolicy" => tags::put_policy(context),
        "GetResourcePolicy" => tags::policy(&context),
        "DeleteResourcePolicy" => tags::delete_policy(context),
        other => Err(Refusal::unknown_operation(other)),
    }
}

fn check_catalog(input: &Value) -> Result<(), Refusal> {
    if text(input, "Catalog") == "AWSMarketplace" {
        Ok(())
    } else {
        Err(Refusal::catalog_validation("`Catalog` must be `AWSMarketplace`"))
    }
}

/// Cuts a page under the Catalog API's errors.
fn page<T>(context: &Context<'_>, paging: &Paging, items: Vec<T>) -> Result<Page<T>, Refusal> {
    let input = &context.call.input;
    if context.plan.expire_page_tokens && input.get("NextToken").is_some() {
        return Err(Refusal::catalog_validation("the `NextToken` has expired; start again without it"));
    }
    paging.cut(&context.call.operation, input, items).map_err(|error| match error {
        PageError::Size => Refusal::catalog_validation(format!("`MaxResults` must be from 1 to {}", paging.size_max)),
        PageError::Token => Refusal::catalog_validation("the `NextToken` is not valid for this request"),
    })
}

/// Whether the list is to be turned; the default order is descending.
fn is_descending(sort: Option<&Value>) -> Result<bool, Refusal> {
    match sort.map(|sort| text(sort, "SortOrder")).unwrap_or_default() {
        "" | "DESCENDING" => Ok(true),
        "ASCENDING" => Ok(false),
        other => {
            Err(Refusal::catalog_validation(format!("`SortOrder` `{other}` is not one of `ASCENDING`, `DESCENDING`")))
        }
    }
}
