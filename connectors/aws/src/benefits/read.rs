//! Benefits and applications as they stand.

use aws_sdk_partnercentralbenefits::types::{BenefitApplicationStatus, BenefitStatus, FileDetail, FulfillmentType};
use entente_port::{
    ApplicationFile, ApplicationStatus, Benefit, FundingApplication, RemoteApplication, Result, StepKey,
};
use jiff::Timestamp;

use super::{CATALOG, allocation, answer::failed, key_and_words};
use crate::{
    agreements::instant,
    client::{Client, Operation},
    failure::{Purpose, incomplete},
    json::from_document,
    paging,
};

/// What is funded.
pub(crate) async fn list(client: &Client) -> Result<Vec<Benefit>> {
    const WHAT: &str = "the list of benefits";
    let rows = paging::all(|token| async move {
        let page = client
            .call(Operation::ListBenefits, |sdk| {
                let request = sdk.benefits.list_benefits().catalog(CATALOG).max_results(paging::PAGE);
                let request = request.set_next_token(token.clone());
                async move { request.send().await.map_err(|error| failed(&error, Purpose::Read, WHAT)) }
            })
            .await?;
        Ok((page.benefit_summaries.unwrap_or_default(), page.next_token))
    })
    .await?;
    let benefit = |row: aws_sdk_partnercentralbenefits::types::BenefitSummary| {
        let kinds = kinds(row.fulfillment_types());
        Ok(Benefit {
            id: row.id.ok_or_else(|| incomplete(&format!("an id of {WHAT}")))?,
            name: row.name.unwrap_or_default(),
            description: row.description,
            programmes: row.programs.unwrap_or_default(),
            kinds,
            active: row.status == Some(BenefitStatus::Active),
            schema: None,
        })
    };
    rows.into_iter().map(benefit).collect()
}

/// One benefit, with what applications have to say.
pub(crate) async fn one(client: &Client, id: &str) -> Result<Benefit> {
    let object = format!("benefit `{id}`");
    let row = client
        .call(Operation::GetBenefit, |sdk| {
            let request = sdk.benefits.get_benefit().catalog(CATALOG).identifier(id);
            let object = &object;
            async move { request.send().await.map_err(|error| failed(&error, Purpose::Read, object)) }
        })
        .await?;
    Ok(Benefit {
        id: row.id().unwrap_or(id).to_owned(),
        name: row.name().unwrap_or_default().to_owned(),
        description: row.description().map(str::to_owned),
        programmes: row.programs().to_vec(),
        kinds: kinds(row.fulfillment_types()),
        active: row.status() == Some(&BenefitStatus::Active),
        schema: row.benefit_request_schema().map(from_document),
    })
}

fn kinds(types: &[FulfillmentType]) -> Vec<String> {
    types.iter().map(|kind| kind.as_str().to_ascii_lowercase()).collect()
}

/// An application as it stands, with our key on it and its revision.
pub(super) struct Seen {
    pub remote: RemoteApplication,
    pub key: Option<StepKey>,
    pub revision: String,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An application with what was granted on it.
pub(crate) async fn application(client: &Client, id: &str) -> Result<RemoteApplication> {
    let mut remote = seen(client, id).await?.remote;
    if remote.status == ApplicationStatus::Approved {
        remote.allocations = allocation::all(client, Some(id)).await?;
    }
    Ok(remote)
}

/// Reads an application.
pub(super) async fn seen(client: &Client, id: &str) -> Result<Seen> {
    let object = format!("application `{id}`");
    let row = client
        .call(Operation::GetBenefitApplication, |sdk| {
            let request = sdk.benefits.get_benefit_application().catalog(CATALOG).identifier(id);
            let object = &object;
            async move { request.send().await.map_err(|error| failed(&error, Purpose::Read, object)) }
        })
        .await?;
    let missing = |what: &str| incomplete(&format!("{what} of {object}"));
    let created_at = row.created_at().and_then(instant).ok_or_else(|| missing("the time"))?;
    let (key, description) = row.description().map_or((None, None), key_and_words);
    let application = FundingApplication {
        benefit: row.benefit_id().ok_or_else(|| missing("the benefit"))?.to_owned(),
        kinds: kinds(row.fulfillment_types()),
        name: row.name().unwrap_or_default().to_owned(),
        description,
        details: row.benefit_application_details().map(from_document).unwrap_or_default(),
        resources: row.associated_resources().to_vec(),
        files: row.file_details().iter().map(file).collect(),
    };
    let remote = RemoteApplication {
        id: row.id().unwrap_or(id).to_owned(),
        status: status(row.status().ok_or_else(|| missing("the status"))?),
        stage: row.stage().map(str::to_owned),
        reason: row.status_reason().map(str::to_owned),
        reason_codes: row.status_reason_codes().to_vec(),
        application,
        allocations: Vec::new(),
    };
    let revision = row.revision().ok_or_else(|| missing("the revision"))?.to_owned();
    let updated_at = row.updated_at().and_then(instant).unwrap_or(created_at);
    Ok(Seen { remote, key, revision, created_at, updated_at })
}

fn file(file: &FileDetail) -> ApplicationFile {
    ApplicationFile { uri: file.file_uri().to_owned(), purpose: file.business_use_case().map(str::to_owned) }
}

/// Source: <https://docs.aws.amazon.com/partner-central/latest/APIReference/API_benefits_GetBenefitApplication.html>
fn status(word: &BenefitApplicationStatus) -> ApplicationStatus {
    match word {
        BenefitApplicationStatus::PendingSubmission => ApplicationStatus::Draft,
        BenefitApplicationStatus::InReview => ApplicationStatus::InReview,
        BenefitApplicationStatus::ActionRequired => ApplicationStatus::ActionRequired,
        BenefitApplicationStatus::Approved => ApplicationStatus::Approved,
        BenefitApplicationStatus::Rejected => ApplicationStatus::Rejected,
        BenefitApplicationStatus::Canceled => ApplicationStatus::Cancelled,
        other => ApplicationStatus::Unrecognised(other.as_str().to_owned()),
    }
}

/// The ids of the applications for a benefit, or of all, that were written at or after `since`.
pub(super) async fn ids(client: &Client, benefit: Option<&str>, since: Option<Timestamp>) -> Result<Vec<String>> {
    const WHAT: &str = "the list of applications";
    let rows = paging::all(|token| async move {
        let page = client
            .call(Operation::ListBenefitApplications, |sdk| {
                let request = sdk
                    .benefits
                    .list_benefit_applications()
                    .catalog(CATALOG)
                    .set_benefit_identifiers(benefit.map(|id| vec![id.to_owned()]))
                    .max_results(paging::PAGE)
                    .set_next_token(token.clone());
                async move { request.send().await.map_err(|error| failed(&error, Purpose::Read, WHAT)) }
            })
            .await?;
        Ok((page.benefit_application_summaries.unwrap_or_default(), page.next_token))
    })
    .await?;
    let young = |at: Option<Timestamp>| since.is_none_or(|since| at.is_none_or(|at| at >= since));
    let rows = rows.into_iter().filter(|row| young(row.created_at().and_then(instant)));
    rows.map(|row| row.id.ok_or_else(|| incomplete(&format!("an id of {WHAT}")))).collect()
}
