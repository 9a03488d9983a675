//! How suppliers are tied to the partner: F7.

use std::collections::BTreeSet;

use super::{
    duplicates::others,
    ids,
    likeness::{address_form, folded},
    param,
};
use crate::{
    ids::{PartyId, RoleId},
    mdf::{
        cell::Within,
        model::{EarlierClaim, Partner, Supplier},
        rule::{Kind, Rule},
        ruling::{Ruling, Stuck, Told},
        view::View,
    },
};

ids!(Duplicates: F7 = 7);

param!(CROWDED: u32 = F7 "crowded" (Within(1, 8), "times"), "2", "how often other partners have named somebody at an address when it counts as a building of many, which ties nobody");
param!(RELATED_ROLE: Option<RoleId> = F7 "role" (), "\"fraud_review\"", "who decides");

pub(super) const RULES: &[Rule] = &[Rule {
    id: F7,
    title: "no supplier belongs to the partner, or shares its bank account or address",
    kinds: &[Kind::Approve],
    source: "ours",
    parameters: &[&CROWDED, &RELATED_ROLE],
    exceptable: false,
    judge: unrelated,
}];

/// How a supplier is tied to the partner.
struct Tie {
    words: &'static str,
    supplier: String,
    partner: String,
}

fn tie(partner: &Partner, supplier: &Supplier, earlier: &[&EarlierClaim], crowded: usize) -> Option<Tie> {
    let tax_id = folded(&supplier.tax_id);
    let address = address_form(&supplier.address);
    if let Some(owned) = partner.owns.iter().find(|owned| !tax_id.is_empty() && folded(owned) == tax_id) {
        return Some(Tie {
            words: "belongs to the partner",
            supplier: supplier.tax_id.clone(),
            partner: owned.clone(),
        });
    }
    if let (Some(account), Some(own)) = (&supplier.bank_hash, &partner.bank_hash)
        && account == own
    {
        let words = "shares the partner's bank account";
        return Some(Tie { words, supplier: account.clone(), partner: own.clone() });
    }
    let shared = !address.is_empty() && address == address_form(&partner.address);
    if !shared || neighbours(partner, &address, earlier) >= crowded {
        return None;
    }
    let words = "shares the partner's address";
    Some(Tie { words, supplier: supplier.address.clone(), partner: partner.address.clone() })
}

/// How often other partners name somebody at the address, each of them each party once. Its own suppliers excuse each other
/// nowhere; one that several partners buy from is no front of this one.
fn neighbours(partner: &Partner, address: &str, earlier: &[&EarlierClaim]) -> usize {
    let others = earlier.iter().filter(|one| one.partner != partner.id);
    let named = others.flat_map(|one| one.parties().map(|(party, address)| (&one.partner, party, address)));
    let there = named.filter(|(_, _, one)| address_form(one) == address);
    there.map(|(by, party, _)| (by, folded(party))).collect::<BTreeSet<(&PartyId, String)>>().len()
}

fn unrelated(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, earlier) = (view.claim()?, others(view)?);
    told.list("suppliers", claim.invoices.iter().map(|invoice| &invoice.supplier.name));
    let crowded = usize::try_from(CROWDED.of(view.terms)).unwrap_or(usize::MAX);
    let ties = claim.invoices.iter().enumerate();
    let first =
        ties.filter_map(|(at, one)| Some((at, one, tie(&view.case.partner, &one.supplier, &earlier, crowded)?))).next();
    let Some((at, invoice, tie)) = first else {
        return Ok(Ruling::satisfied("no supplier is tied to the partner"));
    };
    told.input("of the supplier", &tie.supplier);
    told.input("of the partner", &tie.partner);
    let because = format!("supplier `{}` {}", invoice.supplier.name, tie.words);
    match RELATED_ROLE.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}; `{role}` approved it"))),
        role => Ok(Ruling::approve(role, format!("/claim/invoices/{at}/supplier"), because)),
    }
}
