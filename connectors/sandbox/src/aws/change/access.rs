//! `StartChangeSet`: what the caller may name, and what running change sets hold.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::apply::offer_set::offers_in;
use super::evaluate::entity_kind;
use super::{Change, Status};
use crate::aws::Aws;
use crate::aws::agreement::AgreementStatus;
use crate::aws::entity::EntityKind;
use crate::aws::product::Visibility;
use crate::aws::refusal::Refusal;
use crate::aws::resale::AuthorizationStatus;
use crate::aws::service::Context;

/// Existing entities must exist and be the caller's; so must whatever the documents refer to.
pub(super) fn check(context: &Context<'_>, changes: &[Change]) -> Result<(), Refusal> {
    let created = changes.iter().filter(|change| change.requested_identifier.is_none());
    let gate = Gate {
        aws: &context.world.aws,
        caller: &context.account.account_id,
        created: created.map(|change| change.entity_id.as_str()).collect(),
    };
    changes.iter().try_for_each(|change| gate.check(change))
}

struct Gate<'a> {
    aws: &'a Aws,
    caller: &'a str,
    /// The entities that the change set makes.
    created: BTreeSet<&'a str>,
}

impl Gate<'_> {
    fn check(&self, change: &Change) -> Result<(), Refusal> {
        if let Some(kind) = EntityKind::of(entity_kind(&change.entity_type)) {
            self.check_owned("entity", &change.entity_id, self.aws.owner_of(kind, &change.entity_id))?;
        }
        let named = |key: &str| change.details.get(key).and_then(Value::as_str);
        if let Some(id) = named("ProductId") {
            self.check_product(change, id)?;
        }
        if let Some(id) = named("OfferSetId") {
            self.check_owned("offer set", id, self.aws.owner_of(EntityKind::OfferSet, id))?;
        }
        for id in offers_in(&change.details) {
            self.check_owned("offer", id, self.aws.owner_of(EntityKind::Offer, id))?;
        }
        if let Some(id) = named("SolutionId") {
            self.check_owned("solution", id, self.aws.solutions.get(id).map(|solution| solution.owner.as_str()))?;
        }
        if let Some(id) = named("ResaleAuthorizationId") {
            self.check_authorization(id)?;
        }
        match named("AgreementId") {
            Some(id) => self.check_agreement(change, id),
            None => Ok(()),
        }
    }

    fn denied(&self, what: &str, id: &str) -> Refusal {
        Refusal::access_denied(format!("the account `{}` is not authorized for the {what} `{id}`", self.caller))
    }

    fn check_owned(&self, what: &str, id: &str, owner: Option<&str>) -> Result<(), Refusal> {
        match owner {
            _ if self.created.contains(id) => Ok(()),
            None => Err(Refusal::not_found(format!("the {what} `{id}` does not exist"))),
            Some(owner) if owner != self.caller => Err(self.denied(what, id)),
            Some(_) => Ok(()),
        }
    }

    /// A draft product cannot be resold.
    fn check_product(&self, change: &Change, id: &str) -> Result<(), Refusal> {
        let product = self.aws.products.get(id);
        self.check_owned("product", id, product.map(|product| product.owner.as_str()))?;
        let draft = product.is_some_and(|product| product.visibility == Visibility::Draft);
        if draft && change.change_type == "CreateResaleAuthorization" {
            return Err(unfit(change, "ProductId", &format!("the product `{id}` is a draft; publish it first")));
        }
        Ok(())
    }

    /// The reseller may name authorizations that were released to him.
    fn check_authorization(&self, id: &str) -> Result<(), Refusal> {
        match self.aws.authorizations.get(id) {
            None => Err(Refusal::not_found(format!("the resale authorization `{id}` does not exist"))),
            Some(held) if held.reseller != self.caller || held.status == AuthorizationStatus::Draft => {
                Err(self.denied("resale authorization", id))
            }
            Some(_) => Ok(()),
        }
    }

    fn check_agreement(&self, change: &Change, id: &str) -> Result<(), Refusal> {
        let agreement = self.aws.agreements.get(id);
        self.check_owned("agreement", id, agreement.map(|agreement| agreement.proposer.as_str()))?;
        let active = agreement.is_some_and(|agreement| agreement.status == AgreementStatus::Active);
        if !active && change.change_type == "CreateReplacementOfferUsingResaleAuthorization" {
            return Err(unfit(change, "AgreementId", &format!("the agreement `{id}` is not active")));
        }
        Ok(())
    }
}

/// A member that names something unfit.
fn unfit(change: &Change, field: &str, message: &str) -> Refusal {
    Refusal::catalog_validation(format!("`{}`: {message}", change.change_type)).with(
        "ValidationExceptionFieldList",
        json!([{
            "Reason": "FieldValidationFailed",
            "ChangeType": change.change_type,
            "EntityType": entity_kind(&change.entity_type),
            "Field": field,
            "Message": message,
        }]),
    )
}

/// Entities are locked by running change sets; AMI and container products only by those that are being
/// applied. How many sets may run at once is a setting.
pub(super) fn check_locks(context: &Context<'_>, changes: &[Change]) -> Result<(), Refusal> {
    let running = || context.world.aws.change_sets.iter().filter(|set| set.status.is_running());
    for change in changes {
        let kind = EntityKind::of(entity_kind(&change.entity_type));
        let lax = kind.is_some_and(EntityKind::is_shared_while_preparing);
        let holder = running()
            .filter(|set| !lax || set.status == Status::Applying)
            .find(|set| set.changes.iter().any(|held| held.entity_id == change.entity_id));
        if let Some(holder) = holder {
            let message = format!(
                "Requested change set has entities locked by change sets - entity: '{}', change sets: {}",
                change.entity_id, holder.id
            );
            return Err(Refusal::new(423, "ResourceInUseException", message));
        }
    }
    let open = running().filter(|set| set.account == context.account.account_id).count();
    if open >= context.settings.open_change_sets_max {
        let message = format!("The maximum number of open change sets per account, {open}, is reached.");
        return Err(Refusal::new(402, "ServiceQuotaExceededException", message));
    }
    Ok(())
}
