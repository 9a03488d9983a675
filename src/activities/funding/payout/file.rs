//! Writing the file for the bank: the same run always gives the same bytes, and the database keeps one file for each run.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use entente_core::{
    context::funding::{Debtor, FileFormat, GatheredItem, Item, WRITE_FILE, WrittenFile},
    event::{Failure, FailureClass},
    ids::{LegalEntityId, PartyId},
    money::{Currency, Money},
};
use entente_payments::{
    AccountDraft, FileDraft, Group, GroupDraft, PaymentFile, TransferDraft, pain001, payment_table,
};
use entente_store::{Store, StoredDocument};
use jiff::{Timestamp, civil::Date};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    activities::{
        Activity, Attempt, Call, Nature,
        funding::{Books, failed, read, records, rejected, settled, unread},
    },
    funding::{bank, debt::Debt, paying::may_be_paid, stored, tax::Taxes},
};

/// The kind of document under which payment files are kept.
pub const FILE: &str = "payment_file";

/// `payout.write_file`.
pub struct WriteFile {
    books: Option<Books>,
}

#[derive(Deserialize)]
struct Request {
    payout: String,
    legal_entity: LegalEntityId,
    approved_at: Timestamp,
    execute_on: Date,
    format: FileFormat,
    debtors: BTreeMap<Currency, Debtor>,
    items: Vec<GatheredItem>,
    #[serde(default)]
    former_partners: BTreeSet<PartyId>,
}

impl WriteFile {
    /// Writes into these records.
    pub fn new(books: Option<Books>) -> WriteFile {
        WriteFile { books }
    }

    async fn write(&self, call: &Call) -> Result<Value, Box<Attempt>> {
        let request: Request = read(&call.request)?;
        let store = records(self.books.as_ref())?.store.as_ref();
        let file = drafted(store, &request, call.now).await?;
        let (bytes, name) = rendered(&file, &request)?;
        let text = String::from_utf8(bytes).map_err(|_| broken("the file is no text"))?;
        let sha256 = hex::encode(Sha256::digest(text.as_bytes()));
        let document = StoredDocument {
            kind: FILE.into(),
            name: request.payout.clone(),
            version: 1,
            sha256: sha256.clone(),
            text,
            by: call.label.clone(),
            at: request.approved_at,
            active: true,
        };
        store.put_document(&document).await.map_err(|error| unread(error.into()))?;
        let sums: Vec<Money> = file.groups().iter().map(Group::total).collect();
        let payments = u32::try_from(file.transfers().count()).unwrap_or(u32::MAX);
        Ok(json!(WrittenFile { name, sha256, sums, payments }))
    }
}

/// The file's content. A partner that was suspended since people agreed stops it, and so do bank details that were replaced:
/// nobody agreed to the new ones.
async fn drafted(store: &dyn Store, request: &Request, now: Timestamp) -> Result<PaymentFile, Box<Attempt>> {
    let mut groups: BTreeMap<Currency, GroupDraft> = BTreeMap::new();
    let mut taxes = Taxes::of(store, &request.legal_entity, now).await.map_err(unread)?;
    for item in &request.items {
        let partner = stored::partner(store, &item.item.payee).await.map_err(unread)?;
        if !may_be_paid(&partner, &request.former_partners) {
            let message = format!("partner `{}` is no longer in business; make a new run without it", item.item.payee);
            return Err(Box::new(Attempt::Failed(Failure {
                class: FailureClass::Conflict,
                ..rejected(message, None)
            })));
        }
        let confirmed = partner.sheet.course.confirmed().map(|bank| bank.sha256.as_str());
        if confirmed != Some(item.bank.as_str()) {
            let message = format!(
                "the bank details of partner `{}` have changed since this run was approved; make a new run",
                item.item.payee
            );
            return Err(Box::new(Attempt::Failed(Failure {
                class: FailureClass::Conflict,
                ..rejected(message, None)
            })));
        }
        taxed_as_agreed(store, &mut taxes, &item.item).await?;
        let details = bank::get(store, &item.bank).await.map_err(unread)?;
        let amount = item.item.net().map_err(|error| broken(error.to_string()))?;
        let currency = amount.currency;
        let debtor = request.debtors.get(&currency);
        let debtor = debtor.ok_or_else(|| broken(format!("no account is named that pays {currency}")))?;
        let group = groups.entry(currency).or_insert_with(|| GroupDraft {
            id: format!("{}-{currency}", request.payout),
            debtor_name: debtor.name.clone(),
            debtor_account: account(&debtor.account),
            debtor_bic: debtor.bic.clone(),
            currency,
            execute_on: request.execute_on,
            transfers: Vec::new(),
        });
        group.transfers.push(TransferDraft {
            end_to_end_id: item.end_to_end_id.clone(),
            amount,
            creditor_name: details.holder,
            creditor_account: account(&details.account),
            creditor_bic: details.bic,
            creditor_country: details.country,
            remittance: format!("{} {}", request.payout, item.item.claim),
        });
    }
    let draft = FileDraft {
        message_id: request.payout.clone(),
        created_at: request.approved_at,
        initiating_party: request.legal_entity.to_string(),
        groups: groups.into_values().collect(),
    };
    PaymentFile::new(draft).map_err(|error| broken(error.to_string()))
}

/// Refuses an item of which another amount is to be withheld by now, or whose payee lacks a document: nobody agreed to that.
async fn taxed_as_agreed(store: &dyn Store, taxes: &mut Taxes<'_>, item: &Item) -> Result<(), Box<Attempt>> {
    let claim = Debt::of(store, &item.claim).await.map_err(unread)?;
    let payable = claim.payable_of(&item.payee);
    let Some(payable) = payable else { return Ok(()) };
    let why = match taxes.withheld(payable).await.map_err(unread)? {
        Ok(withheld) if withheld == item.withheld => return Ok(()),
        Ok(_) => format!("what is withheld of `{}` has changed since this run was approved", item.claim),
        Err(why) => why,
    };
    let failure = rejected(format!("{why}; make a new run"), None);
    Err(Box::new(Attempt::Failed(Failure { class: FailureClass::Conflict, ..failure })))
}

fn rendered(file: &PaymentFile, request: &Request) -> Result<(Vec<u8>, String), Box<Attempt>> {
    let mut bytes = Vec::new();
    let (written, ending) = match request.format {
        FileFormat::Pain00100103 => (pain001::write(file, pain001::Version::V03, &mut bytes), "xml"),
        FileFormat::Pain00100109 => (pain001::write(file, pain001::Version::V09, &mut bytes), "xml"),
        FileFormat::Csv => (payment_table::write(file, &mut bytes), "csv"),
    };
    written.map_err(|error| broken(error.to_string()))?;
    Ok((bytes, format!("{}.{ending}", request.payout)))
}

/// An IBAN begins with the letters of a country and two digits; other numbers do not.
fn account(number: &str) -> AccountDraft {
    let mut plain = number.chars().filter(|c| !c.is_whitespace());
    let letters = plain.by_ref().take(2).filter(char::is_ascii_alphabetic).count() == 2;
    let digits = plain.take(2).filter(char::is_ascii_digit).count() == 2;
    match letters && digits {
        true => AccountDraft::Iban(number.to_owned()),
        false => AccountDraft::Other(number.to_owned()),
    }
}

fn broken(why: impl Into<String>) -> Box<Attempt> {
    failed(why, None)
}

#[async_trait]
impl Activity for WriteFile {
    fn name(&self) -> &'static str {
        WRITE_FILE
    }

    fn nature(&self) -> Nature {
        Nature { publishes: false, money_out: true, irreversible: true }
    }

    async fn perform(&self, call: &Call) -> Attempt {
        settled(self.write(call).await)
    }
}
