//! Whether a connection works, found out by reading alone.

use entente_port::{CheckItem, Error, Mode, Result};

use crate::{
    agreements, benefits,
    client::{CATALOG, Client, Operation},
    config::{Config, REGION},
    failure::{Purpose, fault},
    invoices, requests,
};

/// Tries each grant that the mode needs and that can be tried without changing anything.
pub(crate) async fn check(client: &Client, config: &Config, mode: Mode) -> Vec<CheckItem> {
    let mut items = vec![region(config)];
    items.push(item("list change sets", list_change_sets(client).await));
    items.push(item("describe a change set", tolerate_absence(describe_change_set(client).await)));
    items.push(item("describe an entity", tolerate_absence(describe_entity(client).await)));
    items.push(item("search agreements", search_agreements(client).await));
    items.push(item("describe an agreement", tolerate_absence(describe_agreement(client).await)));
    items.push(item("read an agreement's terms", tolerate_absence(agreement_terms(client).await)));
    items.push(item("list invoices", tolerate_absence(list_invoices(client).await)));
    items.push(item("list requests about agreements", tolerate_absence(list_requests(client).await)));
    items.push(funding(client).await);
    if mode == Mode::Live {
        items.push(CheckItem {
            what: "start change sets and requests about agreements".to_owned(),
            ok: true,
            detail: "not tried, because trying it would change something; compare the principal's policy with `entente connector policy`".to_owned(),
        });
    }
    items
}

/// Whoever does not apply for funding needs no grant for it: that it is missing is told, and nothing is wrong.
async fn funding(client: &Client) -> CheckItem {
    let answer = benefits::list(client).await;
    let missing = matches!(&answer, Err(Error::Rejected { .. }));
    let detail = match &answer {
        Ok(list) => format!("{} benefits are listed", list.len()),
        Err(error) => error.to_string(),
    };
    CheckItem { what: "list what AWS funds".to_owned(), ok: answer.is_ok() || missing, detail }
}

fn region(config: &Config) -> CheckItem {
    let ok = config.region == REGION;
    let detail = match ok {
        true => format!("`{REGION}`"),
        false => format!("`{}` does not serve the Catalog and Agreement APIs; write `{REGION}`", config.region),
    };
    CheckItem { what: "region".to_owned(), ok, detail }
}

fn item(what: &str, answer: Result<()>) -> CheckItem {
    let detail = match &answer {
        Ok(()) => "allowed".to_owned(),
        Err(Error::Auth { reason }) => {
            format!("refused: {reason}; compare the principal's policy with `entente connector policy`")
        }
        Err(error) => error.to_string(),
    };
    CheckItem { what: what.to_owned(), ok: answer.is_ok(), detail }
}

/// Asked about something that is not there, the service says so only to those who may ask.
fn tolerate_absence(answer: Result<()>) -> Result<()> {
    match answer {
        Err(Error::NotFound { .. } | Error::Rejected { .. }) => Ok(()),
        other => other,
    }
}

async fn list_change_sets(client: &Client) -> Result<()> {
    client
        .call(Operation::ListChangeSets, |sdk| async move {
            let request = sdk.catalog.list_change_sets().catalog(CATALOG).max_results(1);
            request.send().await.map(drop).map_err(|error| fault(&error, Purpose::Read, "the list of change sets"))
        })
        .await
}

async fn describe_change_set(client: &Client) -> Result<()> {
    client
        .call(Operation::DescribeChangeSet, |sdk| async move {
            let request =
                sdk.catalog.describe_change_set().catalog(CATALOG).change_set_id("ententechecknosuchchangeset");
            request.send().await.map(drop).map_err(|error| fault(&error, Purpose::Read, "a change set"))
        })
        .await
}

async fn describe_entity(client: &Client) -> Result<()> {
    client
        .call(Operation::DescribeEntity, |sdk| async move {
            let request = sdk.catalog.describe_entity().catalog(CATALOG).entity_id("offer-ententechecknone");
            request.send().await.map(drop).map_err(|error| fault(&error, Purpose::Read, "an offer"))
        })
        .await
}

async fn search_agreements(client: &Client) -> Result<()> {
    client
        .call(Operation::SearchAgreements, |sdk| async move {
            let filter = |name: &str, value: &str| {
                aws_sdk_marketplaceagreement::types::Filter::builder().name(name).values(value).build()
            };
            let request = sdk.agreement.search_agreements().catalog(CATALOG).max_results(1);
            let request =
                request.filters(filter("PartyType", "Proposer")).filters(filter("AgreementType", "PurchaseAgreement"));
            request.send().await.map(drop).map_err(|error| fault(&error, Purpose::Read, "the list of agreements"))
        })
        .await
}

async fn describe_agreement(client: &Client) -> Result<()> {
    client
        .call(Operation::DescribeAgreement, |sdk| async move {
            let request = sdk.agreement.describe_agreement().agreement_id("agmt-ententechecknone");
            request.send().await.map(drop).map_err(|error| fault(&error, Purpose::Read, "an agreement"))
        })
        .await
}

/// An agreement that nobody has.
const NO_AGREEMENT: &str = "agmt-ententechecknone";

async fn agreement_terms(client: &Client) -> Result<()> {
    agreements::payment_terms(client, NO_AGREEMENT).await.map(drop)
}

async fn list_invoices(client: &Client) -> Result<()> {
    invoices::of_agreement(client, NO_AGREEMENT).await.map(drop)
}

async fn list_requests(client: &Client) -> Result<()> {
    requests::try_lists(client, NO_AGREEMENT).await
}
