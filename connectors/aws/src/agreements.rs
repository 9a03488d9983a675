//! What buyers agreed to: all agreements of one offer, and those that changed since an instant.

use aws_sdk_marketplaceagreement::{
    operation::{describe_agreement::DescribeAgreementOutput, search_agreements::SearchAgreementsOutput},
    types::{AgreementViewSummary, Filter, Sort, SortOrder},
};
use aws_smithy_types::DateTime;
use entente_core::money::{Currency, Money};
use entente_port::{Agreement, Error, Observation, ObservationPage, PaymentTerm, Result};
use jiff::{SignedDuration, Timestamp};

use crate::{
    client::{CATALOG, Client, Operation},
    failure::{Purpose, fault, incomplete},
    paging::{self, PAGE},
    status::{agreement_status, unanswered},
};

/// How many pages of the service make one of ours, unless more are needed to get beyond the start.
const PAGES: usize = 4;

/// How often a search is begun anew when its page token expires.
const RESTARTS_MAX: usize = 3;

/// How far each incremental read goes back before its start. AWS documents no delay after which a change is sure to be
/// listed under its time; reading ten minutes again costs one page and misses nothing that comes up late by less.
pub const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Agreements of one offer, with their values. One offer to several accounts can have several.
pub(crate) async fn of_offer(client: &Client, offer_id: &str) -> Result<ObservationPage> {
    let filters = [filter("OfferId", offer_id)];
    let mut token: Option<String> = None;
    let mut restarts = 0;
    let mut found = Vec::new();
    loop {
        let page = match search(client, &filters, None, token.clone(), PAGE).await {
            Ok(page) => page,
            Err(error) if token.is_some() && is_expired_token(&error) && restarts < RESTARTS_MAX => {
                (restarts, token) = (restarts + 1, None);
                found.clear();
                continue;
            }
            Err(error) => return Err(error),
        };
        found.extend(page.agreement_view_summaries().iter().map(observe));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    for observation in &mut found {
        if let Observation::Agreement(agreement) = observation {
            agreement.value = value(client, &agreement.id).await?;
        }
    }
    found.sort_by_key(changed_at);
    let read_to = found.iter().map(changed_at).max().unwrap_or(Timestamp::UNIX_EPOCH);
    Ok(ObservationPage { observations: found, read_to, more: false })
}

/// An agreement as it stands, with its value.
pub(crate) async fn one(client: &Client, id: &str) -> Result<Agreement> {
    let described = describe(client, id).await?;
    let missing = |what: &str| incomplete(&format!("the {what} of agreement `{id}`"));
    let accepted_at = described.acceptance_time().and_then(instant).ok_or_else(|| missing("acceptance time"))?;
    let proposal = described.proposal_summary();
    let initial_id = described.initial_agreement_id().map(str::to_owned);
    // The description does not say when the agreement last changed. The list does, and finds it by its chain.
    let listed = match &initial_id {
        Some(initial) => changed_at_of(client, initial, id).await?,
        None => None,
    };
    let status = described.status().ok_or_else(|| missing("status"))?;
    let buyer = described.acceptor().and_then(|acceptor| acceptor.account_id());
    Ok(Agreement {
        id: id.to_owned(),
        offer_id: proposal.and_then(|proposal| proposal.offer_id()).map(str::to_owned),
        product_id: proposal.and_then(|proposal| proposal.resources().first()?.id()).map(str::to_owned),
        buyer_account: buyer.ok_or_else(|| missing("acceptor"))?.to_owned(),
        status: agreement_status(status),
        accepted_at,
        starts_at: described.start_time().and_then(instant),
        ends_at: described.end_time().and_then(instant),
        updated_at: listed.unwrap_or(accepted_at),
        value: estimated_value(&described),
        initial_id,
    })
}

/// When an agreement last changed, as the list of its chain tells.
async fn changed_at_of(client: &Client, initial_id: &str, id: &str) -> Result<Option<Timestamp>> {
    let filters = &[filter("InitialAgreementId", initial_id)];
    let chain = paging::all(|token| async move {
        let page = search(client, filters, None, token, PAGE).await?;
        Ok((page.agreement_view_summaries.unwrap_or_default(), page.next_token))
    })
    .await?;
    let ours = chain.iter().find(|summary| summary.agreement_id() == Some(id));
    Ok(ours.and_then(|summary| summary.last_update_time()).and_then(instant))
}

/// The accepted terms under which payments of varying amounts may be asked for.
/// Source: <https://docs.aws.amazon.com/marketplace/latest/APIReference/API_marketplace-agreements_GetAgreementTerms.html>
pub(crate) async fn payment_terms(client: &Client, id: &str) -> Result<Vec<PaymentTerm>> {
    let object = &format!("the terms of agreement `{id}`");
    let terms = paging::all(|token| async move {
        let page = client
            .call(Operation::GetAgreementTerms, |sdk| {
                let request = sdk
                    .agreement
                    .get_agreement_terms()
                    .agreement_id(id)
                    .max_results(PAGE)
                    .set_next_token(token.clone());
                async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
            })
            .await?;
        Ok((page.accepted_terms.unwrap_or_default(), page.next_token))
    })
    .await?;
    let variable = terms.iter().filter_map(|term| term.as_variable_payment_term().ok());
    let read = variable.map(|term| {
        let missing = |what: &str| incomplete(&format!("the {what} of a variable payment term in {object}"));
        let most = term.max_total_charge_amount().zip(term.currency_code());
        let most = most.and_then(|(amount, code)| Money::parse(amount, code.parse::<Currency>().ok()?).ok());
        let chosen = term.configuration();
        let strategy = chosen.map(|chosen| chosen.payment_request_approval_strategy());
        Ok(PaymentTerm {
            id: term.id().ok_or_else(|| missing("id"))?.to_owned(),
            most: most.ok_or_else(|| missing("largest total"))?,
            unanswered: unanswered(strategy, chosen.and_then(|chosen| chosen.expiration_duration())),
        })
    });
    read.collect()
}

/// Agreements changed at or after `since`, oldest change first, without their values. Whoever needs a value asks by offer.
pub(crate) async fn since(client: &Client, since: Timestamp) -> Result<ObservationPage> {
    let after = since.saturating_sub(OVERLAP).unwrap_or(since);
    let filters = [filter("AfterLastUpdateTime", &format!("{after:.0}"))];
    let mut token: Option<String> = None;
    let mut restarts = 0;
    let mut pages = 0;
    let mut found: Vec<Observation> = Vec::new();
    let read_to = |found: &[Observation]| found.iter().map(changed_at).max().unwrap_or(since).max(since);
    loop {
        let page = match search(client, &filters, Some("LastUpdateTime"), token.clone(), PAGE).await {
            Ok(page) => page,
            Err(error) if token.is_some() && is_expired_token(&error) => {
                // What was read so far stands; the next call begins there. Without progress the search begins anew.
                if read_to(&found) > since {
                    break;
                }
                if restarts == RESTARTS_MAX {
                    return Err(error);
                }
                (restarts, pages, token) = (restarts + 1, 0, None);
                found.clear();
                continue;
            }
            Err(error) => return Err(error),
        };
        found.extend(page.agreement_view_summaries().iter().map(observe));
        token = page.next_token;
        pages += 1;
        if token.is_none() || (pages >= PAGES && read_to(&found) > since) {
            break;
        }
    }
    found.sort_by_key(changed_at);
    Ok(ObservationPage { read_to: read_to(&found), observations: found, more: token.is_some() })
}

/// A refused page token is answered as a refused request.
fn is_expired_token(error: &Error) -> bool {
    matches!(error, Error::Rejected { .. } | Error::NotFound { .. })
}

/// One page of the agreements in which we are the seller.
pub(crate) async fn search(
    client: &Client,
    filters: &[Filter],
    sort_by: Option<&str>,
    token: Option<String>,
    page: i32,
) -> Result<SearchAgreementsOutput> {
    let sort = sort_by.map(|field| Sort::builder().sort_by(field).sort_order(SortOrder::Ascending).build());
    client
        .call(Operation::SearchAgreements, |sdk| {
            let request = sdk
                .agreement
                .search_agreements()
                .catalog(CATALOG)
                .filters(filter("PartyType", "Proposer"))
                .filters(filter("AgreementType", "PurchaseAgreement"));
            let request = filters.iter().cloned().fold(request, |request, filter| request.filters(filter));
            let request = request.set_sort(sort.clone()).max_results(page).set_next_token(token.clone());
            async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, "the list of agreements")) }
        })
        .await
}

fn filter(name: &str, value: &str) -> Filter {
    Filter::builder().name(name).values(value).build()
}

/// The estimated value of an agreement, where AWS gives one.
async fn value(client: &Client, id: &str) -> Result<Option<Money>> {
    Ok(estimated_value(&describe(client, id).await?))
}

async fn describe(client: &Client, id: &str) -> Result<DescribeAgreementOutput> {
    let object = format!("agreement `{id}`");
    client
        .call(Operation::DescribeAgreement, |sdk| {
            let request = sdk.agreement.describe_agreement().agreement_id(id);
            let object = &object;
            async move { request.send().await.map_err(|error| fault(&error, Purpose::Read, object)) }
        })
        .await
}

fn estimated_value(described: &DescribeAgreementOutput) -> Option<Money> {
    let charges = described.estimated_charges()?;
    let currency = charges.currency_code().and_then(|code| code.parse::<Currency>().ok());
    currency.zip(charges.agreement_value()).and_then(|(currency, amount)| Money::parse(amount, currency).ok())
}

/// An agreement, or what of it could not be understood.
fn observe(summary: &AgreementViewSummary) -> Observation {
    match read(summary) {
        Ok(agreement) => Observation::Agreement(agreement),
        Err(missing) => Observation::Unrecognised {
            object: format!("agreement `{}`", summary.agreement_id().unwrap_or("without id")),
            word: format!("no {missing}"),
        },
    }
}

fn read(summary: &AgreementViewSummary) -> std::result::Result<Agreement, &'static str> {
    let accepted_at = summary.acceptance_time().and_then(instant).ok_or("acceptance time")?;
    let proposal = summary.proposal_summary();
    Ok(Agreement {
        id: summary.agreement_id().ok_or("id")?.to_owned(),
        offer_id: proposal.and_then(|proposal| proposal.offer_id()).map(str::to_owned),
        product_id: proposal.and_then(|proposal| proposal.resources().first()?.id()).map(str::to_owned),
        buyer_account: summary.acceptor().and_then(|acceptor| acceptor.account_id()).ok_or("acceptor")?.to_owned(),
        status: agreement_status(summary.status().ok_or("status")?),
        accepted_at,
        starts_at: summary.start_time().and_then(instant),
        ends_at: summary.end_time().and_then(instant),
        updated_at: summary.last_update_time().and_then(instant).unwrap_or(accepted_at),
        initial_id: summary.initial_agreement_id().map(str::to_owned),
        value: None,
    })
}

pub(crate) fn instant(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// The time by which observations are ordered; what is not understood comes first, so that it is not taken for progress.
fn changed_at(observation: &Observation) -> Timestamp {
    match observation {
        Observation::Agreement(agreement) => agreement.updated_at,
        Observation::Unrecognised { .. } => Timestamp::MIN,
    }
}
