//! Tax packs in the database: imported by one person, in force once the tax owner, another person, has signed them off.

use std::collections::BTreeMap;

use entente_core::{
    context::funding::{PartnerPaper, Payable},
    ids::{LegalEntityId, PartyId},
    mdf::tax::TaxPack,
    money::Money,
};
use entente_store::{Store, StoredDocument};
use jiff::{Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    stored::{self, Stored},
    versions::{self, Author},
};
use crate::offers::DeskError;

const PACK: &str = "tax_pack";
const SIGNED: &str = "tax_pack_signed";

/// Stores a pack that has been read well. It is not in force yet. The same version with another text is refused.
///
/// # Errors
/// When another text is stored under its name and version, or the database cannot be written.
pub async fn import(store: &dyn Store, pack: &TaxPack, text: &str, by: &str, at: Timestamp) -> Result<(), DeskError> {
    versions::put(store, (PACK, &pack.name, pack.version), text, Author { by, at }).await.map(drop)
}

/// Notes that the tax owner answers for a pack: it is in force from then on.
///
/// # Errors
/// When somebody has signed it off already, its text cannot be read, or the database cannot be written.
pub async fn sign_off(store: &dyn Store, pack: &StoredDocument, by: &str, at: Timestamp) -> Result<(), DeskError> {
    let named = format!("{}@{}", pack.name, pack.version);
    let entity = read(&named, &pack.text)?.legal_entity;
    // It names the hash of what was signed off: a sign-off of another text is none.
    let text = json!(SignOff { pack: pack.sha256.clone(), legal_entity: entity }).to_string();
    versions::put(store, (SIGNED, &pack.name, pack.version), &text, Author { by, at }).await.map(drop)
}

/// What a sign-off says.
#[derive(Serialize, Deserialize)]
struct SignOff {
    /// SHA-256 of the pack's text.
    pack: String,
    legal_entity: LegalEntityId,
}

fn read(named: &str, text: &str) -> Result<TaxPack, DeskError> {
    TaxPack::from_yaml(named, text)
        .map_err(|error| DeskError::Unreadable { what: format!("tax pack `{named}`"), why: error.to_string() })
}

/// Every stored pack, and who has signed it off.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(store: &dyn Store) -> Result<Vec<(StoredDocument, Option<StoredDocument>)>, DeskError> {
    let signed = store.documents(SIGNED).await?;
    let of = |pack: &StoredDocument| {
        let same = |one: &&StoredDocument| {
            let says = serde_json::from_str::<SignOff>(&one.text);
            one.name == pack.name && one.version == pack.version && says.is_ok_and(|says| says.pack == pack.sha256)
        };
        signed.iter().find(same).cloned()
    };
    Ok(store
        .documents(PACK)
        .await?
        .into_iter()
        .map(|pack| (of(&pack), pack))
        .map(|(signed, pack)| (pack, signed))
        .collect())
}

/// A stored pack by `name@version`.
///
/// # Errors
/// When there is none.
pub async fn text(store: &dyn Store, named: &str) -> Result<StoredDocument, DeskError> {
    Ok(versions::find(store, (PACK, "tax pack"), named).await?)
}

/// The pack of a legal entity that was signed off last.
///
/// # Errors
/// When the database cannot be read, or a pack cannot be understood.
pub async fn in_force(store: &dyn Store, entity: &LegalEntityId) -> Result<Option<TaxPack>, DeskError> {
    let ours = |signed: &StoredDocument| {
        serde_json::from_str::<SignOff>(&signed.text).is_ok_and(|says| says.legal_entity == *entity)
    };
    let all = list(store).await?.into_iter();
    let signed = all.filter_map(|(pack, signed)| signed.filter(ours).map(|signed| (signed.at, pack.version, pack)));
    let newest = signed.max_by_key(|(at, version, _)| (*at, *version));
    newest.map(|(_, version, pack)| read(&format!("{}@{version}", pack.name), &pack.text)).transpose()
}

/// What is known of taxes while payables are looked at: the pack in force, and partners read once.
pub struct Taxes<'a> {
    store: &'a dyn Store,
    pack: Option<TaxPack>,
    partners: BTreeMap<PartyId, Stored<PartnerPaper>>,
    now: Timestamp,
}

impl<'a> Taxes<'a> {
    /// The taxes of a legal entity.
    ///
    /// # Errors
    /// As [`in_force`].
    pub async fn of(store: &'a dyn Store, entity: &LegalEntityId, now: Timestamp) -> Result<Taxes<'a>, DeskError> {
        Ok(Taxes { store, pack: in_force(store, entity).await?, partners: BTreeMap::new(), now })
    }

    /// What is withheld of a payable, or why it may not be paid. Where no pack is in force, any document about taxes that somebody
    /// has checked will do, and nothing is withheld.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn withheld(&mut self, payable: &Payable) -> Result<Result<Option<Money>, String>, DeskError> {
        if !self.partners.contains_key(&payable.payee) {
            let partner = stored::partner(self.store, &payable.payee).await?;
            self.partners.insert(payable.payee.clone(), partner);
        }
        let Some(partner) = self.partners.get(&payable.payee) else { return Ok(Ok(None)) };
        let (paper, today) = (&partner.sheet.paper, self.now.to_zoned(TimeZone::UTC).date());
        let payee = &payable.payee;
        let Some(pack) = &self.pack else {
            let in_order = paper.tax_in_order(today).map(|()| None);
            return Ok(in_order.map_err(|why| format!("taxes of partner `{payee}`: {why}")));
        };
        let rules = match pack.pays(paper, today) {
            Ok(rules) => rules,
            Err(why) => return Ok(Err(format!("taxes of partner `{payee}`: {why}"))),
        };
        let withheld = rules.withheld(payable.untaxed())?;
        if withheld.minor >= payable.amount.minor {
            let pack = format!("{}@{}", pack.name, pack.version);
            return Ok(Err(format!("taxes of partner `{payee}`: tax pack `{pack}` leaves nothing of it to pay")));
        }
        Ok(Ok(Some(withheld).filter(|withheld| withheld.minor > 0)))
    }
}
