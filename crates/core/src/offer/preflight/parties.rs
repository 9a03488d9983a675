//! Rules about the buyer, the texts, the licence and the offer's place among others.

use std::collections::BTreeSet;

use super::{Defect, PreflightFacts, Rule, Severity};
use crate::offer::{Offer, document::Eula};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "OF-030",
        severity: Severity::Error,
        title: "no buyer account is named twice",
        source: "marketplace seller guides: buyers of a private offer",
        check: distinct_accounts,
    },
    Rule {
        id: "OF-031",
        severity: Severity::Error,
        title: "name and description are plain lines without surrounding space",
        source: "marketplace seller guides: offer information",
        check: plain_texts,
    },
    Rule {
        id: "OF-032",
        severity: Severity::Error,
        title: "a renewal names an agreement in force, of the same product, buyer and currency",
        source: "marketplace seller guides: agreement-based offers",
        check: coherent_renewal,
    },
    Rule {
        id: "OF-033",
        severity: Severity::Error,
        title: "no other offer carries the same external id",
        source: "the offers already here",
        check: free_refs,
    },
    Rule {
        id: "OF-034",
        severity: Severity::Warning,
        title: "a licence text of one's own is an approved one",
        source: "the vendor's list of approved licence texts",
        check: approved_eula,
    },
    Rule {
        id: "OF-035",
        severity: Severity::Error,
        title: "a licence text of one's own is fetched over https",
        source: "marketplace seller guides: custom licence agreements",
        check: reachable_eula,
    },
    Rule {
        id: "OF-036",
        severity: Severity::Error,
        title: "countries are named once, and the buyer's own is one in which the offer can be accepted",
        source: "marketplace seller guides: offers for certain countries",
        check: coherent_countries,
    },
    Rule {
        id: "OF-037",
        severity: Severity::Error,
        title: "a refund policy neither begins nor ends with space",
        source: "marketplace seller guides: support terms",
        check: trimmed_policy,
    },
];

fn distinct_accounts(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let mut seen = BTreeSet::new();
    let (at, account) = offer.buyer.accounts.iter().enumerate().find(|(_, account)| !seen.insert(account.as_str()))?;
    Defect::at(format!("/buyer/accounts/{at}"), format!("`{account}` is named twice"), "remove one of the two")
}

fn plain_texts(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    for (field, text) in [("/name", &offer.name), ("/description", &offer.description)] {
        if text.trim() != text {
            return Defect::at(field, "begins or ends with space", "remove it");
        }
        if text.chars().any(char::is_control) {
            return Defect::at(field, "contains a line break or another control character", "write one line");
        }
    }
    None
}

fn coherent_renewal(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let renewal = offer.renewal.as_ref()?;
    let agreement = facts.renewed.as_ref()?;
    let of = &renewal.of;
    if agreement.id != *of || agreement.marketplace != offer.marketplace {
        return Defect::at(
            "/renewal/of",
            format!("`{of}` is not an agreement of marketplace `{}`", offer.marketplace),
            "correct the id",
        );
    }
    if !agreement.active {
        return Defect::at(
            "/renewal/of",
            format!("agreement `{of}` is no longer in force"),
            "make a new offer without `renewal`",
        );
    }
    if agreement.product != offer.product.id {
        let message =
            format!("agreement `{of}` is for product `{}`, the offer for `{}`", agreement.product, offer.product.id);
        return Defect::at("/product/id", message, "renew the same product");
    }
    if offer.buyer.accounts != [agreement.buyer_account.clone()] {
        let message = format!("agreement `{of}` was accepted by account `{}`", agreement.buyer_account);
        return Defect::at("/buyer/accounts", message, "name exactly that account");
    }
    let currency = agreement.currency.filter(|currency| *currency != offer.currency)?;
    let message = format!("agreement `{of}` is in {currency}, the offer in {}", offer.currency);
    Defect::at("/currency", message, "keep the agreement's currency")
}

fn free_refs(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let carries = |taken: &&super::TakenRef| offer.external_refs.get(&taken.system) == Some(&taken.id);
    let taken = facts.taken_refs.iter().find(carries)?;
    Defect::at(
        format!("/external_refs/{}", taken.system),
        format!("`{}` belongs to offer `{}`", taken.id, taken.by),
        "correct the id, or withdraw the other offer",
    )
}

fn approved_eula(offer: &Offer, facts: &PreflightFacts) -> Option<Defect> {
    let (Eula::Custom(eula), Some(approved)) = (&offer.eula, &facts.approved_eulas) else { return None };
    if approved.contains(&eula.sha256) {
        return None;
    }
    let start: String = eula.sha256.chars().take(12).collect();
    Defect::at(
        "/eula/custom/sha256",
        format!("`{start}…` is not an approved text"),
        "use an approved text, or expect legal to be asked",
    )
}

fn reachable_eula(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    match &offer.eula {
        Eula::Custom(eula) if !eula.url.starts_with("https://") => Defect::at(
            "/eula/custom/url",
            format!("`{}` is not an https address", eula.url),
            "publish the text where the marketplace can fetch it",
        ),
        _ => None,
    }
}

fn coherent_countries(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    let countries = offer.countries.as_ref()?;
    let (word, codes) = countries.listed();
    let mut seen = BTreeSet::new();
    if let Some((at, code)) = codes.iter().enumerate().find(|(_, code)| !seen.insert(code.as_str())) {
        let message = format!("`{code}` is named twice");
        return Defect::at(format!("/countries/{word}/{at}"), message, "remove one of the two");
    }
    let own = offer.buyer.country.as_ref().filter(|own| !countries.allow(own))?;
    Defect::at(
        format!("/countries/{word}"),
        format!("the buyer is in `{own}`, where the offer could not be accepted"),
        "correct the list, or the buyer's country",
    )
}

fn trimmed_policy(offer: &Offer, _: &PreflightFacts) -> Option<Defect> {
    offer.refund_policy.as_ref().filter(|policy| policy.trim() != policy.as_str())?;
    Defect::at("/refund_policy", "begins or ends with space", "remove it")
}
