//! What a write does to the world.

use entente_core::offer::document::Term;
use entente_port::{CallContext, ChangeId, Error, RecoveryClass, Result, Submitted, Write};

use crate::{
    Fake, Fault, Settings, after_sale,
    fault::{lost_answer, strike},
    world::{Applied, ChangeRow, End, OfferRow, World, after},
};

impl Fake {
    /// Takes a write in, applies it, and answers as the scripted faults say.
    pub(crate) fn begin(&self, call: &CallContext, write: &Write) -> Result<Submitted> {
        let mut world = self.world();
        world.received += 1;
        let faults = strike(&mut world.faults, write.capability());
        let refusal = faults.iter().find_map(|fault| fault.refusal(&entity(write)));
        let answer = match refusal {
            Some(error) => Err(error),
            None => accept(&mut world, &self.settings, call, write, &faults),
        };
        self.keep(&world)?;
        if answer.is_ok() && faults.contains(&Fault::LoseAnswer) {
            return Err(lost_answer());
        }
        answer
    }
}

/// What a write is about: calls about the same thing follow each other.
pub(crate) fn entity(write: &Write) -> String {
    match write {
        Write::CreateOffer { offer } => format!("product/{}", offer.product.id),
        Write::WithdrawOffer { offer_id }
        | Write::ExtendOffer { offer_id, .. }
        | Write::AmendOffer { offer_id, .. } => {
            format!("offer/{offer_id}")
        }
        Write::CancelAgreement { agreement_id, .. }
        | Write::AdjustBilling { agreement_id, .. }
        | Write::RequestPayment { agreement_id, .. }
        | Write::WithdrawPayment { agreement_id, .. } => format!("agreement/{agreement_id}"),
        Write::ApplyForFunding { .. } | Write::ChangeFunding { .. } => "funding".to_owned(),
    }
}

fn accept(
    world: &mut World,
    settings: &Settings,
    call: &CallContext,
    write: &Write,
    faults: &[Fault],
) -> Result<Submitted> {
    let honours_tokens = settings.profile(write.capability()).class == RecoveryClass::TokenDedup;
    if honours_tokens
        && !faults.contains(&Fault::IgnoreToken)
        && let Some((id, known)) = world.changes.iter().find(|(_, change)| change.token == call.token)
    {
        return match known.write == *write {
            true => Ok(Submitted { change: ChangeId(id.clone()) }),
            false => Err(refused("/", "TOKEN_REUSED", "the token was used for another request")),
        };
    }
    let now = world.now();
    let hidden = faults.iter().find_map(|fault| match fault {
        Fault::Hide { seconds } => Some(std::time::Duration::from_secs(*seconds)),
        _ => None,
    });
    let visible_at = after(now, hidden.unwrap_or(settings.visibility));
    check(world, settings, write)?;
    let usual = || match after_sale::answer_by(world, write, now) {
        Some(answer_by) => End::Asked { answer_by },
        None => End::Applied { at: after(now, settings.processing) },
    };
    let end = faults.iter().find_map(end_of).unwrap_or_else(usual);
    let offer_id = match write {
        Write::CreateOffer { .. } => Some(world.next_id("offer")),
        Write::WithdrawOffer { offer_id }
        | Write::ExtendOffer { offer_id, .. }
        | Write::AmendOffer { offer_id, .. } => Some(offer_id.clone()),
        Write::CancelAgreement { .. }
        | Write::AdjustBilling { .. }
        | Write::RequestPayment { .. }
        | Write::WithdrawPayment { .. }
        | Write::ApplyForFunding { .. }
        | Write::ChangeFunding { .. } => None,
    };
    let change = world.next_id("change");
    if matches!(end, End::Applied { .. } | End::Asked { .. }) {
        if let End::Applied { at } = end {
            match &offer_id {
                Some(offer_id) => apply(world, offer_id, write, visible_at),
                None => after_sale::apply(world, write, at),
            }
        }
        let object_id = offer_id.as_deref().or(write.agreement_id()).unwrap_or_default().to_owned();
        let (token, key, change) = (call.token, call.key.clone(), change.clone());
        world.applied.push(Applied { at: now, capability: write.capability(), token, key, change, object_id });
    }
    let (token, key) = (call.token, call.key.clone());
    let row = ChangeRow { token, key, write: write.clone(), offer_id, began_at: now, visible_at, end };
    world.changes.insert(change.clone(), row);
    Ok(Submitted { change: ChangeId(change) })
}

fn end_of(fault: &Fault) -> Option<End> {
    match fault {
        Fault::FailLater { field, code } => Some(End::Failed { field: field.clone(), code: code.clone() }),
        Fault::Stuck => Some(End::Never),
        _ => None,
    }
}

/// What a real marketplace would find wrong at once.
fn check(world: &World, settings: &Settings, write: &Write) -> Result<()> {
    match write {
        Write::CreateOffer { offer } if settings.products.iter().all(|product| product.id != offer.product.id) => {
            Err(refused("/product/id", "UNKNOWN_PRODUCT", "no such product; the fake lists those of its settings"))
        }
        Write::CreateOffer { .. } => Ok(()),
        Write::WithdrawOffer { offer_id }
        | Write::ExtendOffer { offer_id, .. }
        | Write::AmendOffer { offer_id, .. } => world
            .offers
            .get(offer_id)
            .map(drop)
            .ok_or_else(|| Error::NotFound { object: format!("offer `{offer_id}`") }),
        Write::CancelAgreement { .. }
        | Write::AdjustBilling { .. }
        | Write::RequestPayment { .. }
        | Write::WithdrawPayment { .. } => after_sale::check(world, write),
        Write::ApplyForFunding { .. } | Write::ChangeFunding { .. } => Err(Error::Unsupported(write.capability())),
    }
}

fn apply(world: &mut World, offer_id: &str, write: &Write, visible_at: jiff::Timestamp) {
    if let Write::CreateOffer { offer } = write {
        let row = OfferRow {
            document: (**offer).clone(),
            revision: 0,
            name: offer.name.clone(),
            description: offer.description.clone(),
            expires_on: offer.expires_on,
            withdrawn: false,
            visible_at,
        };
        world.offers.insert(offer_id.to_owned(), row);
    }
    let Some(row) = world.offers.get_mut(offer_id) else { return };
    row.revision += 1;
    match write {
        Write::WithdrawOffer { .. } => row.withdrawn = true,
        Write::ExtendOffer { expires_on, .. } => row.expires_on = *expires_on,
        Write::AmendOffer { name, description, duration, expires_on, .. } => {
            row.expires_on = expires_on.unwrap_or(row.expires_on);
            if duration.is_some() {
                row.document.term = Some(Term { duration: *duration, start: None, end: None });
            }
            row.name = name.clone().unwrap_or_else(|| row.name.clone());
            row.description = description.clone().unwrap_or_else(|| row.description.clone());
        }
        Write::CreateOffer { .. }
        | Write::CancelAgreement { .. }
        | Write::AdjustBilling { .. }
        | Write::RequestPayment { .. }
        | Write::WithdrawPayment { .. }
        | Write::ApplyForFunding { .. }
        | Write::ChangeFunding { .. } => {}
    }
}

pub(crate) fn refused(field: &str, code: &str, reason: &str) -> Error {
    Error::Rejected {
        marketplace: "fake",
        field: Some(field.to_owned()),
        code: Some(code.to_owned()),
        reason: reason.to_owned(),
    }
}
