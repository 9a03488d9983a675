//! Proof: files, invoices, and what earlier claims used of them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Case;
use crate::{
    ids::{ActivityId, ClaimId, PartyId, ProgrammeId},
    money::Money,
};

/// A file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
    /// Its name.
    pub name: String,
    /// What it proves, such as `invoice`, `photo`, `attendee_list`.
    pub kind: String,
    /// The claim that it refers to.
    #[serde(default)]
    pub refers_to: Option<ClaimId>,
    /// Its size in bytes.
    pub bytes: u64,
    /// What its first bytes say that it is.
    pub media: MediaType,
    /// What the scanner found.
    pub scan: Scan,
    /// Perceptual hash of a picture.
    #[serde(default)]
    pub picture_hash: Option<u64>,
    /// The class of document, for how long it is kept.
    pub class: String,
    /// When it arrived.
    pub received_on: Date,
    /// Whether a legal hold forbids its removal.
    #[serde(default)]
    pub legal_hold: bool,
    /// When it was removed.
    #[serde(default)]
    pub removed_on: Option<Date>,
}

impl Evidence {
    /// Whether it is an invoice or a receipt: those of one supplier look alike by their form.
    pub fn is_form(&self) -> bool {
        matches!(self.kind.as_str(), "invoice" | "receipt")
    }
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaType {
    /// A PDF document.
    Pdf,
    /// A PNG picture.
    Png,
    /// A JPEG picture.
    Jpeg,
    /// Comma-separated values.
    Csv,
    /// A spreadsheet.
    Xlsx,
    /// Anything else.
    Other,
}

impl MediaType {
    /// Its word in packs.
    pub fn word(self) -> &'static str {
        match self {
            MediaType::Pdf => "pdf",
            MediaType::Png => "png",
            MediaType::Jpeg => "jpeg",
            MediaType::Csv => "csv",
            MediaType::Xlsx => "xlsx",
            MediaType::Other => "other",
        }
    }
}

/// What the scanner found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scan {
    /// Not looked at yet.
    Pending,
    /// Nothing.
    Clean,
    /// Something harmful.
    Infected,
}

/// An invoice behind a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invoice {
    /// Who wrote it.
    pub supplier: Supplier,
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// How many lines it has.
    pub lines: u32,
    /// Its total.
    pub total: Money,
    /// How much of it the claim uses.
    pub claimed: Money,
    /// Whether the use of a part was declared, with the other users named.
    #[serde(default)]
    pub share_declared: bool,
    /// The employee who paid it, where one did.
    #[serde(default)]
    pub paid_by_employee: Option<String>,
}

/// Who wrote an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplier {
    /// Its name.
    pub name: String,
    /// Its tax id.
    pub tax_id: String,
    /// Keyed hash of its bank account.
    #[serde(default)]
    pub bank_hash: Option<String>,
    /// Its address, in one line.
    #[serde(default)]
    pub address: String,
}

/// What an earlier claim used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EarlierClaim {
    /// The claim.
    pub claim: ClaimId,
    /// Whose it is.
    pub partner: PartyId,
    /// The partner's address, in one line.
    #[serde(default)]
    pub address: String,
    /// Where it was made.
    pub programme: ProgrammeId,
    /// The joint request that its request is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joint: Option<String>,
    /// For which activity.
    pub activity: ActivityId,
    /// The activity's last day.
    pub ended: Date,
    /// How much it claims.
    pub amount: Money,
    /// Whether it was the last one on its request.
    #[serde(default)]
    pub closing: bool,
    /// Its files, by hash.
    #[serde(default)]
    pub files: BTreeSet<String>,
    /// Its pictures other than forms, by perceptual hash.
    #[serde(default)]
    pub pictures: BTreeSet<u64>,
    /// Its pictures of invoices and receipts, which look alike by their form, by perceptual hash.
    #[serde(default)]
    pub forms: BTreeSet<u64>,
    /// Its invoices.
    #[serde(default)]
    pub invoices: Vec<InvoiceUse>,
}

/// An invoice as an earlier claim used it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InvoiceUse {
    /// Who wrote it.
    pub supplier: Supplier,
    /// Its number.
    pub number: String,
    /// Its date.
    pub date: Date,
    /// Its total.
    pub total: Money,
    /// How much of it was claimed.
    pub claimed: Money,
}

impl EarlierClaim {
    /// What later claims are compared with, once this case's claim is an earlier one; `None` where there is no claim or
    /// no request for an activity.
    pub fn of(case: &Case) -> Option<EarlierClaim> {
        let (claim, request) = (case.claim.as_ref()?, case.request.as_ref()?);
        let hashes = |form: bool| {
            let pictures = claim.evidence.iter().filter(move |file| file.is_form() == form);
            pictures.filter_map(|file| file.picture_hash).collect()
        };
        Some(EarlierClaim {
            claim: claim.id.clone(),
            partner: case.partner.id.clone(),
            address: case.partner.address.clone(),
            programme: case.programme.clone(),
            joint: request.joint.as_ref().map(|joint| joint.label.clone()),
            activity: request.activity.id.clone(),
            ended: request.activity.end,
            amount: claim.amount,
            closing: claim.closing,
            files: claim.evidence.iter().map(|file| file.sha256.clone()).collect(),
            pictures: hashes(false),
            forms: hashes(true),
            invoices: claim.invoices.iter().map(InvoiceUse::of).collect(),
        })
    }
}

impl EarlierClaim {
    /// Everybody whom the claim names, with an address: the partner by its id, suppliers by their tax ids.
    pub(in crate::mdf) fn parties(&self) -> impl Iterator<Item = (&str, &str)> {
        let suppliers = self.invoices.iter().map(|invoice| &invoice.supplier);
        let suppliers = suppliers.map(|supplier| (supplier.tax_id.as_str(), supplier.address.as_str()));
        suppliers.chain([(self.partner.as_str(), self.address.as_str())])
    }
}

impl InvoiceUse {
    /// How a claim uses an invoice.
    pub fn of(invoice: &Invoice) -> InvoiceUse {
        InvoiceUse {
            supplier: invoice.supplier.clone(),
            number: invoice.number.clone(),
            date: invoice.date,
            total: invoice.total,
            claimed: invoice.claimed,
        }
    }
}
