//! Reading an offer: one clear error that names file, line, column and field.

use rust_decimal::Decimal;
use serde_json::Value;

pub use super::source::DocumentError;
use super::{
    Offer, coherence,
    document::{Contract, Eula},
    hidden, revision, source,
};
use crate::context::FieldError;

impl Offer {
    /// Reads `offer.yaml`. The first defect is returned, with its place in the file.
    pub fn from_yaml(file: &str, text: &str) -> Result<Offer, DocumentError> {
        let (offer, outline) = source::read::<Offer>(file, text, &revision::exists)?;
        offer.coherent().map_err(|defect| DocumentError {
            file: file.to_owned(),
            place: outline.place_of(&defect.field),
            field: defect.field,
            message: defect.message,
        })?;
        Ok(offer)
    }

    /// Reads an offer out of JSON, as events and the API carry it.
    pub fn from_json(value: &Value) -> Result<Offer, FieldError> {
        if let Some((field, c)) = hidden::first_field(value) {
            return Err(FieldError { field, message: hidden::message(c) });
        }
        let offer: Offer = source::from_json(value, &revision::exists)?;
        offer.coherent()?;
        Ok(offer)
    }

    /// The document as JSON.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What the types alone cannot say: a document without these properties means nothing.
    pub(super) fn coherent(&self) -> Result<(), FieldError> {
        self.texts()?;
        self.parties()?;
        self.currencies()?;
        self.lengths()?;
        coherence::countries(self)?;
        coherence::renewal_instalments(self)?;
        match (&self.pricing.contract, &self.pricing.usage) {
            (None, None) => return refuse("/pricing", "states no price; write `contract`, `usage` or both"),
            (Some(contract), _) if contract.dimensions.is_empty() => {
                return refuse("/pricing/contract/dimensions", "is empty; list at least one dimension");
            }
            (_, Some(usage)) if usage.dimensions.is_empty() => {
                return refuse("/pricing/usage/dimensions", "is empty; list at least one dimension");
            }
            (Some(contract), _) => self.ramps(contract).and_then(|()| coherence::choice(contract))?,
            _ => {}
        }
        super::totals::contract_total(self)
            .map(drop)
            .map_err(|error| FieldError { field: "/pricing/contract".into(), message: error.to_string() })
    }

    fn texts(&self) -> Result<(), FieldError> {
        let required = [
            ("/reference", &self.reference, 64),
            ("/name", &self.name, 1_000),
            ("/description", &self.description, 10_000),
            ("/product/id", &self.product.id, 128),
            ("/buyer/name", &self.buyer.name, 300),
        ];
        for (field, text, most) in required {
            if text.trim().is_empty() {
                return refuse(field, "is empty; write at least one character");
            }
            if text.chars().count() > most {
                return refuse(field, &format!("is longer than {most} characters; shorten it"));
            }
        }
        if let Some(policy) = &self.refund_policy {
            if policy.trim().is_empty() {
                return refuse("/refund_policy", "is empty; write the policy or leave it out");
            }
            if policy.chars().count() > 10_000 {
                return refuse("/refund_policy", "is longer than 10000 characters; shorten it");
            }
        }
        for (system, id) in &self.external_refs {
            if id.trim().is_empty() {
                return refuse(&format!("/external_refs/{system}"), "is empty; write the id or leave the system out");
            }
        }
        Ok(())
    }

    fn parties(&self) -> Result<(), FieldError> {
        if self.buyer.accounts.is_empty() {
            return refuse("/buyer/accounts", "is empty; name at least one account that may accept");
        }
        if let Some(at) = self.buyer.accounts.iter().position(|account| account.trim().is_empty()) {
            return refuse(&format!("/buyer/accounts/{at}"), "is empty; write the buyer's account id");
        }
        if let Some(country) = &self.buyer.country
            && !coherence::is_country(country)
        {
            return refuse(
                "/buyer/country",
                &format!("`{country}` is not a country code of ISO 3166; write two capital letters"),
            );
        }
        if let Some(zone) = &self.buyer.zone
            && jiff::tz::TimeZone::get(zone).is_err()
        {
            return refuse(
                "/buyer/zone",
                &format!("`{zone}` is not an IANA zone; write a name such as `Europe/Berlin`"),
            );
        }
        if let Eula::Custom(eula) = &self.eula
            && !(eula.sha256.len() == 64
                && eula.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
        {
            return refuse("/eula/custom/sha256", "is not a SHA-256; write 64 hexadecimal digits in lower case");
        }
        Ok(())
    }

    fn currencies(&self) -> Result<(), FieldError> {
        let contract = self.pricing.contract.as_ref().and_then(|contract| contract.currency);
        let usage = self.pricing.usage.as_ref().and_then(|usage| usage.currency);
        for (section, stated) in [("contract", contract), ("usage", usage)] {
            if let Some(stated) = stated.filter(|stated| *stated != self.currency) {
                let message = format!(
                    "`{stated}` differs from the offer's currency `{}`; one offer has one currency",
                    self.currency
                );
                return refuse(&format!("/pricing/{section}/currency"), &message);
            }
        }
        Ok(())
    }

    /// Bounds that keep every later computation small: no real offer comes near.
    fn lengths(&self) -> Result<(), FieldError> {
        let contract = self.pricing.contract.as_ref();
        let usage = self.pricing.usage.as_ref();
        let lists = [
            ("/buyer/accounts", self.buyer.accounts.len()),
            ("/buyer/contacts", self.buyer.contacts.len()),
            ("/external_refs", self.external_refs.len()),
            ("/pricing/contract/dimensions", contract.map_or(0, |c| c.dimensions.len())),
            ("/pricing/contract/instalments", contract.map_or(0, |c| c.instalments.len())),
            ("/pricing/usage/dimensions", usage.map_or(0, |u| u.dimensions.len())),
        ];
        match lists.into_iter().find(|(_, length)| *length > 1_000) {
            Some((field, length)) => refuse(field, &format!("has {length} entries; at most 1000 are read")),
            None => Ok(()),
        }
    }

    fn ramps(&self, contract: &Contract) -> Result<(), FieldError> {
        let months = contract.duration.whole_months();
        if contract.free_months > 0 && months.is_none_or(|months| contract.free_months >= months) {
            let message = format!(
                "`{}` leaves nothing of `{}` to pay; the duration must have more whole months",
                contract.free_months, contract.duration
            );
            return refuse("/pricing/contract/free_months", &message);
        }
        for (at, dimension) in contract.dimensions.iter().enumerate() {
            let mut last = 0;
            for (nth, step) in dimension.ramp.iter().enumerate() {
                if step.after_months <= last || months.is_none_or(|months| step.after_months >= months) {
                    let message = format!(
                        "`{}` must rise from step to step and lie within `{}` in whole months",
                        step.after_months, contract.duration
                    );
                    return refuse(&format!("/pricing/contract/dimensions/{at}/ramp/{nth}/after_months"), &message);
                }
                last = step.after_months;
            }
        }
        let too_much = contract.dimensions.iter().position(|d| Decimal::from(d.quantity) > Decimal::from(u32::MAX));
        too_much.map_or(Ok(()), |at| {
            refuse(&format!("/pricing/contract/dimensions/{at}/quantity"), &format!("is larger than {}", u32::MAX))
        })
    }
}

fn refuse(field: &str, message: &str) -> Result<(), FieldError> {
    Err(FieldError { field: field.to_owned(), message: message.to_owned() })
}
