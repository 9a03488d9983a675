//! What was granted. Codes that are worth money stay where they are: nothing of ours ever reads them.

use aws_sdk_partnercentralbenefits::types::{BenefitAllocationStatus, FulfillmentDetails, MonetaryValue};
use entente_core::money::{Currency, Money};
use entente_port::{Allocation, AllocationStatus, Result};

use super::{CATALOG, answer::failed};
use crate::{
    agreements::instant,
    client::{Client, Operation},
    failure::{Purpose, incomplete},
    paging,
};

/// Everything that was granted, or what was granted on one application.
pub(crate) async fn all(client: &Client, application: Option<&str>) -> Result<Vec<Allocation>> {
    const WHAT: &str = "the list of allocations";
    let rows = paging::all(|token| async move {
        let page = client
            .call(Operation::ListBenefitAllocations, |sdk| {
                let request = sdk
                    .benefits
                    .list_benefit_allocations()
                    .catalog(CATALOG)
                    .set_benefit_application_identifiers(application.map(|id| vec![id.to_owned()]))
                    .max_results(paging::PAGE)
                    .set_next_token(token.clone());
                async move { request.send().await.map_err(|error| failed(&error, Purpose::Read, WHAT)) }
            })
            .await?;
        Ok((page.benefit_allocation_summaries.unwrap_or_default(), page.next_token))
    })
    .await?;
    let mut granted = Vec::new();
    for row in rows {
        let id = row.id.ok_or_else(|| incomplete(&format!("an id of {WHAT}")))?;
        granted.push(one(client, &id).await?);
    }
    Ok(granted)
}

async fn one(client: &Client, id: &str) -> Result<Allocation> {
    let object = format!("allocation `{id}`");
    let row = client
        .call(Operation::GetBenefitAllocation, |sdk| {
            let request = sdk.benefits.get_benefit_allocation().catalog(CATALOG).identifier(id);
            let object = &object;
            async move { request.send().await.map_err(|error| failed(&error, Purpose::Read, object)) }
        })
        .await?;
    let Amounts { granted, used, left } = row.fulfillment_detail().map(amounts).unwrap_or_default();
    Ok(Allocation {
        id: row.id().unwrap_or(id).to_owned(),
        reference: row.arn().ok_or_else(|| incomplete(&format!("the ARN of {object}")))?.to_owned(),
        name: row.name().unwrap_or_default().to_owned(),
        application: row.benefit_application_id().map(str::to_owned),
        status: match row.status() {
            Some(BenefitAllocationStatus::Active) => AllocationStatus::Active,
            Some(BenefitAllocationStatus::Inactive) => AllocationStatus::Inactive,
            Some(BenefitAllocationStatus::Fulfilled) => AllocationStatus::Fulfilled,
            other => AllocationStatus::Unrecognised(other.map(|word| word.as_str().to_owned()).unwrap_or_default()),
        },
        kind: row.fulfillment_type().map(|kind| kind.as_str().to_ascii_lowercase()).unwrap_or_default(),
        granted,
        used,
        left,
        usable_for: row.applicable_benefit_ids().to_vec(),
        expires_at: row.expires_at().and_then(instant),
    })
}

#[derive(Debug, Default)]
struct Amounts {
    granted: Option<Money>,
    used: Option<Money>,
    left: Option<Money>,
}

/// The amounts of each kind of fulfilment. What is disbursed was granted as well, and nothing of it is left.
fn amounts(detail: &FulfillmentDetails) -> Amounts {
    match detail {
        FulfillmentDetails::ConsumableDetails(detail) => Amounts {
            granted: detail.allocated_amount().and_then(money),
            used: detail.utilized_amount().and_then(money),
            left: detail.remaining_amount().and_then(money),
        },
        FulfillmentDetails::DisbursementDetails(detail) => {
            let issued = detail.issuance_details().and_then(|issued| issued.issuance_amount()).and_then(money);
            let paid = detail.disbursed_amount().and_then(money);
            Amounts { granted: issued.or(paid), used: paid, left: None }
        }
        FulfillmentDetails::CreditDetails(detail) => Amounts {
            granted: detail.allocated_amount().and_then(money),
            used: detail.issued_amount().and_then(money),
            left: None,
        },
        _ => Amounts::default(),
    }
}

fn money(value: &MonetaryValue) -> Option<Money> {
    let currency: Currency = value.currency_code().as_str().parse().ok()?;
    Money::parse(value.amount(), currency).ok()
}
