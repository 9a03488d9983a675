//! What a verdict found alike in two claims, field by field, so that a reviewer sees the pair side by side.

use std::fmt;

use serde::Serialize;

use super::{
    model::{EarlierClaim, Invoice, InvoiceUse},
    rules::likeness::{normalised, same_number},
};
use crate::ids::{ClaimId, PartyId};

/// The most pairs that one verdict lists.
pub(super) const MOST: usize = 20;

/// A part of this claim, and the part of an earlier one that it matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pair {
    /// Where in the case, as a JSON pointer.
    pub here: String,
    /// The earlier claim.
    pub claim: ClaimId,
    /// Whose it is.
    pub partner: PartyId,
    /// Where in the earlier claim, as a JSON pointer; empty for the whole of it.
    pub there: String,
    /// The fields that were compared.
    pub fields: Vec<Field>,
}

/// One field of a pair.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// What it is.
    pub name: &'static str,
    /// Its value in this claim.
    pub here: String,
    /// Its value in the earlier one.
    pub there: String,
    /// How alike the two are.
    pub likeness: Likeness,
}

/// How alike two values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// Equal to the letter.
    Equal,
    /// The same, written otherwise, or within what the rule allows.
    Alike,
    /// Neither.
    Different,
}

impl Field {
    /// Compares two values; `alike` counts where they are not equal.
    pub(super) fn of(name: &'static str, here: impl fmt::Display, there: impl fmt::Display, alike: bool) -> Field {
        let (here, there) = (here.to_string(), there.to_string());
        let likeness = match (here == there, alike) {
            (true, _) => Likeness::Equal,
            (false, true) => Likeness::Alike,
            (false, false) => Likeness::Different,
        };
        Field { name, here, there, likeness }
    }
}

impl Pair {
    /// A part of the case and a part of an earlier claim.
    pub(super) fn of(here: impl Into<String>, earlier: &EarlierClaim, there: impl Into<String>) -> Pair {
        Pair {
            here: here.into(),
            claim: earlier.claim.clone(),
            partner: earlier.partner.clone(),
            there: there.into(),
            fields: Vec::new(),
        }
    }

    /// With these fields.
    pub(super) fn with(self, fields: impl IntoIterator<Item = Field>) -> Pair {
        Pair { fields: fields.into_iter().collect(), ..self }
    }

    /// Two invoices, by the places that they have in their claims.
    pub(super) fn invoices(here: (usize, &Invoice), earlier: &EarlierClaim, there: usize, near: Near) -> Pair {
        let (at, own) = here;
        let pair = Pair::of(format!("/claim/invoices/{at}"), earlier, format!("/invoices/{there}"));
        let Some(other) = earlier.invoices.get(there) else { return pair };
        pair.with(fields(own, other, near))
    }
}

/// Which fields of two invoices are within what a rule allows.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Near {
    pub supplier: bool,
    pub number: bool,
    pub date: bool,
    pub total: bool,
}

fn fields(own: &Invoice, other: &InvoiceUse, near: Near) -> Vec<Field> {
    let tax_id = normalised(&own.supplier.tax_id) == normalised(&other.supplier.tax_id);
    let number = near.number || same_number(&own.number, &other.number);
    vec![
        Field::of("supplier", &own.supplier.name, &other.supplier.name, near.supplier),
        Field::of("tax id", &own.supplier.tax_id, &other.supplier.tax_id, tax_id),
        Field::of("number", &own.number, &other.number, number),
        Field::of("date", own.date, other.date, near.date),
        Field::of("total", own.total, other.total, near.total),
        Field::of("claimed", own.claimed, other.claimed, false),
    ]
}
