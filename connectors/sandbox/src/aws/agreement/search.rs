//! `SearchAgreements`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Agreement, listed, page};
use crate::aws::cbor::timestamp;
use crate::aws::refusal::Refusal;
use crate::aws::service::{Context, Reply};
use crate::aws::{Aws, text};

/// Filters whose values are a closed set (Agreement API model and reference).
const CLOSED: &[(&str, &[&str])] = &[
    (
        "Status",
        &[
            "ACTIVE",
            "ARCHIVED",
            "CANCELLED",
            "EXPIRED",
            "RENEWED",
            "REPLACED",
            "ROLLED_BACK",
            "SUPERSEDED",
            "TERMINATED",
        ],
    ),
    (
        "ResourceType",
        &[
            "SaaSProduct",
            "AmiProduct",
            "ContainerProduct",
            "DataProduct",
            "MachineLearningProduct",
            "ProfessionalServicesProduct",
        ],
    ),
    ("EndTimeBehaviorType", &["RENEW", "REPLACE", "EXPIRE"]),
    (
        "EndTimeBehaviorReasonCode",
        &["PROPOSER_RENEW_OPTED_OUT", "ACCEPTOR_RENEW_OPTED_OUT", "NO_RENEWAL_TERM", "RENEWAL_LIMIT_EXHAUSTED"],
    ),
    ("IncludesContactOfType", &["ACCEPTOR"]),
];

/// What an acceptor may search by: one of these or nothing, with a status and an end time; or a resource type, with an
/// end time (Agreement API, `SearchAgreements`).
fn fits_acceptor(names: &BTreeSet<&str>) -> bool {
    let is_time = |name: &&str| matches!(*name, "BeforeEndTime" | "AfterEndTime");
    let rest: Vec<&str> = names.iter().copied().filter(|name| !is_time(name)).collect();
    match rest.as_slice() {
        ["ResourceType"] => true,
        rest => {
            let others: Vec<&str> = rest.iter().copied().filter(|name| *name != "Status").collect();
            matches!(others.as_slice(), [] | ["ResourceIdentifier" | "OfferId" | "OfferSetId"])
        }
    }
}

/// One filter, read.
enum Filter {
    Text(fn(&Agreement) -> &str, String),
    OfferSet(String),
    ResourceType(String),
    License(String),
    /// Whether there is a contact; acceptors are the only ones of the model.
    Contact,
    Behaviour(String),
    BehaviourReason(String),
    Time {
        of: fn(&Agreement) -> Option<Timestamp>,
        after: bool,
        than: Timestamp,
    },
}

impl Filter {
    fn read(name: &str, value: &str) -> Result<Self, Refusal> {
        let time = |of: fn(&Agreement) -> Option<Timestamp>, after: bool| {
            let than = value.parse::<Timestamp>().map_err(|_| {
                Refusal::agreement_validation(
                    "INVALID_FILTER_VALUES",
                    name,
                    format!("`{name}` needs a time such as `2026-01-31T00:00:00Z`"),
                )
            })?;
            Ok(Self::Time { of, after, than })
        };
        let one_of = |known: &[&str]| match known.contains(&value) {
            true => Ok(()),
            false => {
                let message = format!("`{name}` takes one of {}", known.join(", "));
                Err(Refusal::agreement_validation("INVALID_FILTER_VALUES", name, message))
            }
        };
        if let Some((_, known)) = CLOSED.iter().find(|(closed, _)| *closed == name) {
            one_of(known)?;
        }
        let owned = value.to_owned();
        Ok(match name {
            "OfferId" => Self::Text(|agreement| &agreement.offer_id, owned),
            "ResourceIdentifier" => Self::Text(|agreement| &agreement.product_id, owned),
            "AcceptorAccountId" => Self::Text(|agreement| &agreement.acceptor, owned),
            "InitialAgreementId" => Self::Text(|agreement| &agreement.initial_id, owned),
            "Status" => Self::Text(|agreement| agreement.status.name(), owned),
            "LicenseArn" => Self::License(owned),
            "IncludesContactOfType" => Self::Contact,
            "OfferSetId" => Self::OfferSet(owned),
            "ResourceType" => Self::ResourceType(owned),
            "EndTimeBehaviorType" => Self::Behaviour(owned),
            "EndTimeBehaviorReasonCode" => Self::BehaviourReason(owned),
            "AfterEndTime" => time(|agreement| agreement.end, true)?,
            "BeforeEndTime" => time(|agreement| agreement.end, false)?,
            "AfterStartTime" => time(|agreement| Some(agreement.start), true)?,
            "BeforeStartTime" => time(|agreement| Some(agreement.start), false)?,
            "AfterLastUpdateTime" => time(|agreement| Some(agreement.updated_at), true)?,
            "BeforeLastUpdateTime" => time(|agreement| Some(agreement.updated_at), false)?,
            other => {
                let message = format!("`{other}` is not a filter of SearchAgreements");
                return Err(Refusal::agreement_validation("INVALID_FILTER_NAME", "filters", message));
            }
        })
    }

    fn admits(&self, aws: &Aws, agreement: &Agreement) -> bool {
        match self {
            Self::Text(of, wanted) => of(agreement) == wanted,
            Self::OfferSet(wanted) => agreement.offer_set_id.as_ref() == Some(wanted),
            Self::License(wanted) => super::read::license_arn(agreement) == *wanted,
            Self::Contact => agreement.contact.is_some(),
            Self::ResourceType(wanted) => resource_type(aws, agreement) == wanted,
            Self::Behaviour(wanted) => agreement.end_behaviour().is_some_and(|(behaviour, _)| behaviour == wanted),
            Self::BehaviourReason(wanted) => {
                agreement.end_behaviour().is_some_and(|(_, reason)| reason == Some(wanted))
            }
            Self::Time { of, after, than } => {
                of(agreement).is_some_and(|at| if *after { at > *than } else { at < *than })
            }
        }
    }
}

/// The filters of a request without `PartyType` and `AgreementType`, which every search has.
struct Wanted {
    as_proposer: bool,
    filters: Vec<Filter>,
}

fn read_filters(input: &Value) -> Result<Wanted, Refusal> {
    let filters = input.get("filters").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if filters.len() > 10 {
        return Err(Refusal::agreement_validation("INVALID_FILTERS", "filters", "`filters` takes at most 10 filters"));
    }
    let mut party: Option<&str> = None;
    let mut agreement_type: Option<&str> = None;
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut read = Vec::new();
    for filter in filters {
        let name = text(filter, "name");
        let values = filter.get("values").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if values.is_empty() && !name.is_empty() {
            let message = format!("the filter `{name}` has no value");
            return Err(Refusal::agreement_validation("MISSING_FILTER_VALUES", "filters", message));
        }
        let [value] = values else {
            let message = format!("the filter `{name}` takes exactly one value");
            return Err(Refusal::agreement_validation("INVALID_FILTER_VALUES", "filters", message));
        };
        let value = value.as_str().unwrap_or_default();
        match name {
            "" => return Err(Refusal::agreement_validation("MISSING_FILTER_NAME", "filters", "a filter has no name")),
            "PartyType" => party = Some(value),
            "AgreementType" => agreement_type = Some(value),
            _ => {
                read.push(Filter::read(name, value)?);
            }
        }
        if !names.insert(name) {
            let message = format!("the filter `{name}` is given twice");
            return Err(Refusal::agreement_validation("INVALID_FILTERS", "filters", message));
        }
    }
    let as_proposer = match party {
        Some("Proposer") => true,
        Some("Acceptor") => false,
        Some(_) => {
            let message = "`PartyType` is `Proposer` or `Acceptor`";
            return Err(Refusal::agreement_validation("INVALID_PARTY_TYPE", "filters", message));
        }
        None => {
            return Err(Refusal::agreement_validation(
                "MISSING_PARTY_TYPE",
                "filters",
                "the filter `PartyType` is required",
            ));
        }
    };
    if agreement_type != Some("PurchaseAgreement") {
        let message = "the filter `AgreementType` is required and takes `PurchaseAgreement`";
        return Err(Refusal::agreement_validation("INVALID_FILTERS", "filters", message));
    }
    names.retain(|name| !matches!(*name, "PartyType" | "AgreementType"));
    if !as_proposer && !fits_acceptor(&names) {
        let message = "an acceptor searches by resource, offer or offer set with status and end time, or by resource type with end time";
        return Err(Refusal::agreement_validation("UNSUPPORTED_FILTERS", "filters", message));
    }
    Ok(Wanted { as_proposer, filters: read })
}

pub(super) fn search(context: &Context<'_>) -> Reply {
    let input = &context.call.input;
    if input.get("catalog").is_some_and(|catalog| catalog != "AWSMarketplace") {
        return Err(Refusal::agreement_validation("INVALID_CATALOG", "catalog", "`catalog` must be `AWSMarketplace`"));
    }
    let wanted = read_filters(input)?;
    let caller = &context.account.account_id;
    let aws = &context.world.aws;
    let mut found: Vec<&Agreement> = aws
        .agreements
        .values()
        .filter(
            |agreement| if wanted.as_proposer { agreement.proposer == *caller } else { agreement.acceptor == *caller },
        )
        .filter(|agreement| wanted.filters.iter().all(|filter| filter.admits(aws, agreement)))
        .collect();
    sort(&mut found, input.get("sort"), wanted.as_proposer)?;
    let rows = found.into_iter().map(|agreement| summary(aws, agreement)).collect();
    Ok(listed("agreementViewSummaries", page(context, rows)?))
}

fn sort(found: &mut [&Agreement], sort: Option<&Value>, as_proposer: bool) -> Result<(), Refusal> {
    let by = sort.map(|sort| text(sort, "sortBy")).unwrap_or_default();
    if sort.is_some() && by.is_empty() {
        return Err(Refusal::agreement_validation("MISSING_SORT_BY", "sort", "`sortBy` is required in `sort`"));
    }
    match by {
        "" | "EndTime" => {
            found.sort_by_key(|agreement| (agreement.end.unwrap_or(Timestamp::MAX), agreement.id.clone()))
        }
        "StartTime" if as_proposer => found.sort_by_key(|agreement| (agreement.start, agreement.id.clone())),
        "LastUpdateTime" if as_proposer => found.sort_by_key(|agreement| (agreement.updated_at, agreement.id.clone())),
        other => {
            let message = format!("`{other}` is not a field to sort by");
            return Err(Refusal::agreement_validation("INVALID_SORT_BY", "sort", message));
        }
    }
    match sort.map(|sort| text(sort, "sortOrder")).unwrap_or_default() {
        "" | "ASCENDING" => {}
        "DESCENDING" => found.reverse(),
        _ => {
            let message = "`sortOrder` is `ASCENDING` or `DESCENDING`";
            return Err(Refusal::agreement_validation("INVALID_SORT_ORDER", "sort", message));
        }
    }
    Ok(())
}

pub(super) fn resource_type<'a>(aws: &'a Aws, agreement: &Agreement) -> &'a str {
    aws.products.get(&agreement.product_id).map(|product| product.kind.name()).unwrap_or_default()
}

/// The members that the summary and the description share.
pub(super) fn common(aws: &Aws, agreement: &Agreement) -> Map<String, Value> {
    let mut proposal = json!({
        "resources": [{ "id": agreement.product_id, "type": resource_type(aws, agreement) }],
        "offerId": agreement.offer_id,
    });
    if let (Value::Object(map), Some(id)) = (&mut proposal, &agreement.offer_set_id) {
        map.insert("offerSetId".to_owned(), id.clone().into());
    }
    let mut shown = Map::new();
    let mut put = |key: &str, value: Value| shown.insert(key.to_owned(), value);
    put("agreementId", agreement.id.clone().into());
    put("acceptanceTime", timestamp(agreement.accepted_at));
    put("startTime", timestamp(agreement.start));
    put("agreementType", "PurchaseAgreement".into());
    put("acceptor", json!({ "accountId": agreement.acceptor }));
    put("proposer", json!({ "accountId": agreement.proposer }));
    put("proposalSummary", proposal);
    put("status", agreement.status.name().into());
    put("initialAgreementId", agreement.initial_id.clone().into());
    if let Some(end) = agreement.end {
        put("endTime", timestamp(end));
    }
    shown
}

fn summary(aws: &Aws, agreement: &Agreement) -> Value {
    let mut shown = common(aws, agreement);
    shown.insert("lastUpdateTime".to_owned(), timestamp(agreement.updated_at));
    shown.insert("entitlements".to_owned(), json!([{ "licenseArn": super::read::license_arn(agreement) }]));
    if let Some(end) = agreement.trial_end() {
        shown.insert("freeTrialEndTime".to_owned(), timestamp(end));
    }
    if agreement.contact.is_some() {
        shown.insert("includesContactOfType".to_owned(), json!(["ACCEPTOR"]));
    }
    if let Some((behaviour, reason)) = agreement.end_behaviour() {
        shown.insert("endTimeBehaviorType".to_owned(), behaviour.into());
        shown.extend(reason.map(|reason| ("endTimeBehaviorReasonCode".to_owned(), reason.into())));
    }
    Value::Object(shown)
}
