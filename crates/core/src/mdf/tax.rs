//! Tax packs: what a legal entity needs of its payees before it pays, and what it withholds, country by country. Nothing of it
//! ships with the product: the tax owner of each entity signs it off.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    context::{
        FieldError,
        funding::{PartnerPaper, TaxDocumentKind},
    },
    ids::LegalEntityId,
    mdf::cell::{BasisPoints, Cell as _, Within},
    money::{Money, MoneyError, Rounding},
    offer::{DocumentError, source},
};

/// A version of a legal entity's tax pack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaxPack {
    /// Its name.
    pub name: String,
    /// Its version, rising by one.
    pub version: u32,
    /// The legal entity that pays.
    pub legal_entity: LegalEntityId,
    /// What it rests on, such as an opinion and its day.
    pub source: String,
    /// What holds for payees of a country, by its code of ISO 3166.
    pub countries: BTreeMap<String, Country>,
    /// SHA-256 of its text, in hexadecimal.
    pub sha256: String,
}

/// What holds for payees of a country.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Country {
    /// The documents that have to be in force, each checked by somebody.
    pub documents: BTreeSet<TaxDocumentKind>,
    /// The part of what is owed that is withheld.
    pub withholding: BasisPoints,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    tax_pack: String,
    version: u32,
    legal_entity: LegalEntityId,
    source: String,
    countries: BTreeMap<String, Written>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    documents: BTreeSet<TaxDocumentKind>,
    #[serde(default)]
    withholding: Value,
}

impl TaxPack {
    /// Reads a tax pack. The first defect is returned with file, line, column and field, and with what to write instead.
    ///
    /// # Errors
    /// When it is no YAML within the budgets, lacks a field or has an unknown one, or says what cannot be.
    pub fn from_yaml(file: &str, text: &str) -> Result<TaxPack, DocumentError> {
        let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
        source::made(file, text, |document| checked(document, sha256))
    }

    /// What holds for a payee.
    ///
    /// # Errors
    /// With what stands in the way of a payment: the pack says nothing of the country, or a document is missing, over or unchecked, or
    /// does not fit the payee.
    pub fn pays(&self, payee: &PartnerPaper, day: Date) -> Result<&Country, String> {
        let pack = format!("tax pack `{}@{}`", self.name, self.version);
        let (country, documents) = (payee.country.as_str(), &payee.tax_documents);
        let Some(rules) = self.countries.get(country) else {
            return Err(format!("{pack} says nothing of payees in `{country}`; the tax owner has to"));
        };
        for kind in &rules.documents {
            let of_kind = || documents.iter().filter(|document| document.kind == *kind);
            let in_force = || of_kind().filter(|document| document.is_in_force(day));
            let checked = || in_force().filter(|document| document.checked_by.is_some());
            let word = kind.word();
            if checked().any(|document| document.mismatch(payee).is_none()) {
                continue;
            }
            let why =
                match (checked().find_map(|document| document.mismatch(payee)), in_force().next(), of_kind().next()) {
                    (Some(mismatch), ..) => format!("{mismatch}; {pack} asks for one that fits"),
                    (None, Some(_), _) => format!("nobody has checked its {word}, which {pack} asks for"),
                    (None, None, Some(_)) => format!("its {word} is not in force on {day}, and {pack} asks for one"),
                    (None, None, None) => format!("it has no {word}, which {pack} asks for"),
                };
            return Err(why);
        }
        Ok(rules)
    }
}

impl Country {
    /// What is withheld of an amount, ties to the even cent.
    ///
    /// # Errors
    /// When it is beyond what can be counted exactly.
    pub fn withheld(&self, amount: Money) -> Result<Money, MoneyError> {
        self.withholding.of(amount, Rounding::HalfEven)
    }
}

fn checked(mut document: Document, sha256: String) -> Result<TaxPack, FieldError> {
    let refuse = |field: &str, message: &str| Err(FieldError { field: field.into(), message: message.into() });
    source::plain_name("/tax_pack", &document.tax_pack)?;
    if document.version == 0 {
        return refuse("/version", "begins at 1; write a whole number from 1");
    }
    if document.source.trim().is_empty() {
        return refuse("/source", "is empty; name the opinion or law that it rests on, and its day");
    }
    if document.countries.is_empty() {
        return refuse("/countries", "names no country; nobody could be paid");
    }
    let mut countries = BTreeMap::new();
    for (code, written) in std::mem::take(&mut document.countries) {
        let at = format!("/countries/{code}");
        if code.len() != 2 || !code.chars().all(|c| c.is_ascii_uppercase()) {
            return refuse(&at, "is not a country code of ISO 3166; write two capital letters such as `DE`");
        }
        if written.documents.iter().all(|kind| *kind == TaxDocumentKind::SelfBillingConsent) {
            return refuse(
                &format!("{at}/documents"),
                "names no document about taxes; write at least one of `w9`, `w8`, `vat_id`",
            );
        }
        let withholding = match written.withholding {
            Value::Null => BasisPoints::default(),
            raw => BasisPoints::read(&raw, Within(0, 9_999))
                .map_err(|wrong| FieldError { field: format!("{at}/withholding"), message: wrong.message })?,
        };
        countries.insert(code, Country { documents: written.documents, withholding });
    }
    let Document { tax_pack: name, version, legal_entity, source, .. } = document;
    Ok(TaxPack { name, version, legal_entity, source, countries, sha256 })
}
