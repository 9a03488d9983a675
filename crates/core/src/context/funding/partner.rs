//! A partner: who it is, what it has signed, and where its money goes.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{BankReference, Names, Paper, PartnerCourse, Sheet, TaxDocument, check_at, data, entity_key};
use crate::{
    context::{FieldError, Key, Type, agreement_request::filled},
    event::{Body, Event},
    ids::{LegalEntityId, PartyId, PersonId},
    mdf::model::{Certificate, Overdue, Screening, TierSince},
    money::{Currency, Money},
};

/// The kind of key under which the run of a partner is found.
pub const PARTNER_KEY: &str = "partner";

/// A partner as the vendor knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerPaper {
    /// Its id.
    pub partner: PartyId,
    /// The vendor's legal entity that it has its agreement with.
    pub legal_entity: LegalEntityId,
    /// Its registered name.
    pub name: String,
    /// What it is, such as `reseller`.
    pub kind: String,
    /// Its region, such as `emea`.
    pub region: String,
    /// Its country, as ISO 3166 codes it.
    pub country: String,
    /// Its address, in one line.
    pub address: String,
    /// Its tiers over time.
    #[serde(default)]
    pub tiers: Vec<TierSince>,
    /// When the agreement was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement_signed_on: Option<Date>,
    /// Its tax documents.
    #[serde(default)]
    pub tax_documents: Vec<TaxDocument>,
    /// Tax ids of the companies that it owns.
    #[serde(default)]
    pub owns: BTreeSet<String>,
    /// The currency of its payment profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_currency: Option<Currency>,
    /// Its people who may ask for funds and claim them.
    #[serde(default)]
    pub requesters: BTreeSet<PersonId>,
    /// The vendor's invoices that it has not paid.
    #[serde(default)]
    pub overdue: Vec<Overdue>,
    /// What its people were trained in.
    #[serde(default)]
    pub certificates: Vec<Certificate>,
    /// The last check against sanction and export lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screening: Option<Screening>,
    /// Whether nothing is held against it.
    #[serde(default)]
    pub good_standing: bool,
}

/// `change_bank`: the details have been put aside under this hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangeBank {
    sha256: String,
    shown: String,
}

/// `confirm_bank`: these details were checked with the partner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmBank {
    sha256: String,
}

impl PartnerPaper {
    /// Whether somebody has checked a tax document that is or was in force on a day. One that is over, or does not fit, is verified all
    /// the same: it holds payouts, and not what is asked for or claimed.
    pub fn tax_verified_by(&self, day: Date) -> bool {
        self.tax_documents
            .iter()
            .any(|document| document.is_about_tax() && document.from <= day && document.checked_by.is_some())
    }

    /// Why it may not be paid on a day for what its tax documents say, where no tax pack says which it needs: one that somebody has
    /// checked is in force and fits it.
    ///
    /// # Errors
    /// With what stands in the way.
    pub fn tax_in_order(&self, day: Date) -> Result<(), String> {
        let about_tax = || self.tax_documents.iter().filter(|document| document.is_about_tax());
        let in_force = about_tax().filter(|document| document.is_in_force(day) && document.checked_by.is_some());
        let mut mismatch = None;
        for document in in_force {
            match document.mismatch(self) {
                None => return Ok(()),
                Some(why) => mismatch = mismatch.or(Some(why)),
            }
        }
        if let Some(why) = mismatch {
            return Err(why);
        }
        let over =
            about_tax().filter_map(|document| Some((document.until.filter(|until| *until < day)?, document.kind)));
        Err(match over.max() {
            Some((until, kind)) => {
                format!("its {} was in force until {until}, and none is in force and checked", kind.word())
            }
            None => "no tax document of it is in force and checked".to_owned(),
        })
    }

    /// What does not fit it of its tax documents, by their place.
    pub fn tax_mismatches(&self) -> Vec<(usize, String)> {
        let documents = self.tax_documents.iter().enumerate();
        documents.filter_map(|(at, document)| Some((at, document.mismatch(self)?))).collect()
    }
}

impl Paper for PartnerPaper {
    const NAME: &'static str = "partner_onboarding";
    const OWNER: &'static str = "alliance_manager";
    type Course = PartnerCourse;

    fn legal_entity(&self) -> &LegalEntityId {
        &self.legal_entity
    }

    fn party(&self) -> Option<&PartyId> {
        Some(&self.partner)
    }

    fn for_partner(&mut self, course: &mut PartnerCourse) {
        // How it is screened and rated, and why it was suspended, is between the vendor's people.
        self.screening = None;
        course.because = None;
    }

    fn check(&self) -> Result<(), FieldError> {
        filled("/name", &self.name)?;
        filled("/kind", &self.kind)?;
        filled("/region", &self.region)?;
        filled("/address", &self.address)?;
        let code = self.country.len() == 2 && self.country.chars().all(|c| c.is_ascii_uppercase());
        check_at(code, "/country", "is not a country code of ISO 3166; write two capital letters such as `DE`")?;
        for (at, tier) in self.tiers.iter().enumerate() {
            let ends_late = tier.until.is_none_or(|until| tier.from <= until);
            check_at(
                ends_late,
                &format!("/tiers/{at}/until"),
                "lies before the tier's first day; correct one of them",
            )?;
        }
        for (at, document) in self.tax_documents.iter().enumerate() {
            document.check(&format!("/tax_documents/{at}"))?;
        }
        Ok(())
    }

    fn replaces(&self, other: &PartnerPaper) -> bool {
        self.partner == other.partner && self.legal_entity == other.legal_entity
    }

    fn title(&self) -> String {
        format!("partner `{}`", self.partner)
    }

    fn value(_: &Sheet<PartnerPaper>) -> Option<Money> {
        None
    }

    fn names() -> Names {
        let names = Names { guards: &["by_another_person"], ..Names::default() };
        names
            .event("change_bank", [("sha256", Type::Text), ("shown", Type::Text)])
            .event("confirm_bank", [("sha256", Type::Text)])
            .event("suspend", [("reason", Type::Text)])
            .event("reinstate", [("reason", Type::Text)])
            .event("leave", [("reason", Type::Text)])
    }

    fn facts(sheet: &Sheet<PartnerPaper>) -> Map<String, Value> {
        let mut facts = Map::new();
        facts.insert("country".into(), json!(sheet.paper.country));
        facts.insert("kind".into(), json!(sheet.paper.kind));
        facts
    }

    fn barred(sheet: &Sheet<PartnerPaper>) -> BTreeSet<PersonId> {
        sheet.paper.requesters.clone()
    }

    fn keys(sheet: &Sheet<PartnerPaper>) -> Vec<Key> {
        vec![entity_key(PARTNER_KEY, &sheet.paper.partner)]
    }

    fn guard(sheet: &Sheet<PartnerPaper>, name: &str, event: &Event, _: Timestamp) -> Option<bool> {
        if name != "by_another_person" {
            return None;
        }
        // The event has been applied: what it confirms is confirmed only where another person did.
        let who = event.actor.as_ref().map(|actor| &actor.person);
        let meant = match &event.body {
            Body::Named { data, .. } => ConfirmBank::deserialize(data).ok().map(|confirmed| confirmed.sha256),
            _ => None,
        };
        Some(sheet.course.confirmed().is_some_and(|bank| {
            Some(&bank.sha256) == meant.as_ref() && bank.confirmed_by.as_ref() == who && Some(&bank.by) != who
        }))
    }

    fn check_event(event: &str, data: &Value) -> Option<Result<(), FieldError>> {
        match event {
            "change_bank" => Some(data::parse::<ChangeBank>(data).and_then(|bank| {
                filled("/sha256", &bank.sha256)?;
                filled("/shown", &bank.shown)
            })),
            "confirm_bank" => Some(data::parse::<ConfirmBank>(data).and_then(|bank| filled("/sha256", &bank.sha256))),
            "suspend" | "reinstate" | "leave" => Some(data::because(data)),
            _ => None,
        }
    }

    fn happened(sheet: &mut Sheet<PartnerPaper>, name: &str, data: &Value, event: &Event, now: Timestamp) {
        let Some(person) = event.actor.as_ref().map(|actor| actor.person.clone()) else { return };
        match name {
            "change_bank" => {
                let Ok(change) = ChangeBank::deserialize(data) else { return };
                let entered = BankReference {
                    sha256: change.sha256,
                    shown: change.shown,
                    by: person,
                    at: now,
                    confirmed_by: None,
                    confirmed_at: None,
                };
                let former = sheet.course.bank.replace(entered);
                sheet.course.former.extend(former);
            }
            "confirm_bank" => {
                let Ok(confirmed) = ConfirmBank::deserialize(data) else { return };
                let in_place_of = event.actor.as_ref().and_then(|actor| actor.on_behalf_of.as_ref());
                let voices = || std::iter::once(&person).chain(in_place_of);
                if voices().any(|voice| sheet.paper.requesters.contains(voice)) {
                    return;
                }
                let bank = sheet.course.bank.as_mut().filter(|bank| bank.sha256 == confirmed.sha256);
                let bank = bank.filter(|bank| bank.confirmed_by.is_none());
                if let Some(bank) = bank.filter(|bank| voices().all(|voice| *voice != bank.by)) {
                    bank.confirmed_by = Some(person);
                    bank.confirmed_at = Some(now);
                }
            }
            "suspend" | "reinstate" | "leave" => {
                if name == "reinstate" {
                    // Whoever asks for it does not approve it.
                    sheet.asked_by(event);
                }
                let because = data::Because::deserialize(data).ok();
                sheet.course.because = because.map(|because| because.reason).filter(|_| name != "reinstate");
            }
            _ => {}
        }
    }

    fn told(sheet: &Sheet<PartnerPaper>) -> Map<String, Value> {
        let mut told = Map::new();
        told.insert("name".into(), json!(sheet.paper.name));
        told.insert("bank".into(), json!(sheet.course.bank.as_ref().map(|bank| &bank.shown)));
        told.insert("former_bank".into(), json!(sheet.course.former.last().map(|bank| &bank.shown)));
        told.insert("because".into(), json!(sheet.course.because));
        told.insert("tell".into(), json!(sheet.who_knew()));
        told
    }
}

impl Sheet<PartnerPaper> {
    /// Whoever knew the bank details that were replaced last: who entered and who confirmed them, and the partner's people.
    fn who_knew(&self) -> BTreeSet<&PersonId> {
        let Some(former) = self.course.former.last() else { return BTreeSet::new() };
        std::iter::once(&former.by).chain(&former.confirmed_by).chain(&self.paper.requesters).collect()
    }
}
