//! `DescribeChangeSet`, `CancelChangeSet`, `ListChangeSets`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{check_catalog, is_descending, page};
use crate::aws::change::{ChangeSet, Status, life};
use crate::aws::paging::Paging;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::text;

const PAGING: Paging = Paging::catalog(20, 20);
const FILTERS_MAX: usize = 8;

fn find(context: &Context<'_>) -> Result<usize, Refusal> {
    let input = &context.call.input;
    check_catalog(input)?;
    let id = text(input, "ChangeSetId");
    let now = context.world.clock.now();
    let account = &context.account.account_id;
    let sets = &context.world.aws.change_sets;
    sets.iter()
        .position(|set| set.id == id && set.account == *account && set.is_visible(now))
        .ok_or_else(|| Refusal::not_found(format!("the change set `{id}` does not exist")))
}

pub(super) fn describe(context: &Context<'_>) -> Reply {
    let index = find(context)?;
    Ok(context.world.aws.change_sets.get(index).map(ChangeSet::described).unwrap_or_default())
}

pub(super) fn cancel(mut context: Context<'_>) -> Reply {
    let index = find(&context)?;
    let now = context.world.clock.now();
    let Some(set) = context.world.aws.change_sets.get(index).cloned() else {
        return Err(Refusal::not_found("the change set does not exist"));
    };
    if set.status != Status::Preparing {
        let message = format!("the change set `{}` is {} and can no longer be cancelled", set.id, set.status.name());
        return Err(Refusal::new(423, "ResourceInUseException", message));
    }
    let world = &mut *context.world;
    life::cancel(&mut world.aws, index, now, &mut world.ids);
    context.record_effect(Some((&set.name, &set.id)), set.entity_ids());
    Ok(json!({ "ChangeSetId": set.id, "ChangeSetArn": set.arn() }))
}

pub(super) fn list(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    check_catalog(input)?;
    let filters = input.get("FilterList").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if filters.len() > FILTERS_MAX {
        return Err(Refusal::catalog_validation(format!("`FilterList` takes at most {FILTERS_MAX} filters")));
    }
    let tests: Vec<Filter> = filters.iter().map(Filter::read).collect::<Result<_, _>>()?;
    let now = context.world.clock.now();
    let mut found: Vec<(usize, &ChangeSet)> = context
        .world
        .aws
        .change_sets
        .iter()
        .enumerate()
        .filter(|(_, set)| set.account == context.account.account_id && set.is_visible(now))
        .filter(|(_, set)| tests.iter().all(|test| test.admits(set)))
        .collect();
    let sort = input.get("Sort");
    let descending = is_descending(sort)?;
    match sort.map(|sort| text(sort, "SortBy")).unwrap_or_default() {
        "" | "StartTime" => found.sort_by_key(|(index, set)| (set.started_at, *index)),
        "EndTime" => found.sort_by_key(|(index, set)| (set.ended_at.unwrap_or(Timestamp::MAX), *index)),
        other => {
            return Err(Refusal::catalog_validation(format!(
                "`SortBy` `{other}` is not one of `StartTime`, `EndTime`"
            )));
        }
    }
    if descending {
        found.reverse();
    }
    let rows: Vec<Value> = found.into_iter().map(|(_, set)| Value::Object(set.summary())).collect();
    let page = page(context, &PAGING, rows)?;
    let mut answer = json!({ "ChangeSetSummaryList": page.items });
    if let (Value::Object(map), Some(token)) = (&mut answer, page.next_token) {
        map.insert("NextToken".to_owned(), token.into());
    }
    Ok(answer)
}

/// One filter; all must admit a row.
enum Filter {
    Name(Vec<String>),
    Status(Vec<String>),
    Entity(Vec<String>),
    Start { after: bool, than: Timestamp },
    End { after: bool, than: Timestamp },
}

impl Filter {
    fn read(filter: &Value) -> Result<Self, Refusal> {
        let name = text(filter, "Name");
        let values: Vec<String> = filter
            .get("ValueList")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect();
        if !(1..=10).contains(&values.len()) {
            return Err(Refusal::catalog_validation(format!("the filter `{name}` needs 1 to 10 values")));
        }
        let time = |values: &[String]| {
            let text = values.first().map(String::as_str).unwrap_or_default();
            text.parse::<Timestamp>().map_err(|_| {
                Refusal::catalog_validation(format!("the filter `{name}` needs a time such as `2026-01-31T00:00:00Z`"))
            })
        };
        match name {
            "ChangeSetName" => Ok(Self::Name(values)),
            "Status" => Ok(Self::Status(values)),
            "EntityId" => Ok(Self::Entity(values)),
            "AfterStartTime" => Ok(Self::Start { after: true, than: time(&values)? }),
            "BeforeStartTime" => Ok(Self::Start { after: false, than: time(&values)? }),
            "AfterEndTime" => Ok(Self::End { after: true, than: time(&values)? }),
            "BeforeEndTime" => Ok(Self::End { after: false, than: time(&values)? }),
            other => Err(Refusal::catalog_validation(format!("`{other}` is not a filter of ListChangeSets"))),
        }
    }

    fn admits(&self, set: &ChangeSet) -> bool {
        let beyond = |at: Timestamp, after: bool, than: Timestamp| if after { at > than } else { at < than };
        match self {
            Self::Name(names) => names.contains(&set.name),
            Self::Status(statuses) => statuses.iter().any(|status| status == set.status.name()),
            Self::Entity(ids) => set.changes.iter().any(|change| ids.contains(&change.entity_id)),
            Self::Start { after, than } => beyond(set.started_at, *after, *than),
            Self::End { after, than } => set.ended_at.is_some_and(|at| beyond(at, *after, *than)),
        }
    }
}
