//! What looks wrong: F8 to F11.

use jiff::{SignedDuration, civil::Date};
use sha2::{Digest, Sha256};

use super::{ids, param, risk::score};
use crate::mdf::{
    cell::{BasisPoints, Within},
    pack::Pack,
    rule::{Kind, Rule},
    ruling::{Action, ActionKind, Effect, Ruling, Stuck, Told},
    view::{View, months_after},
};

ids!(Duplicates: F8 = 8, F9 = 9, F10 = 10, F11 = 11);

const POINTS: (Within, &str) = (Within(0, 100), "points");

param!(ROUND: u32 = F8 "round" POINTS, "20", "points for round amounts");
param!(WEEKEND: u32 = F8 "weekend" POINTS, "20", "points for invoices of a weekend");
param!(CONSECUTIVE: u32 = F8 "consecutive" POINTS, "30", "points for consecutive numbers of one supplier");
param!(BENFORD: u32 = F8 "digits" POINTS, "30", "points for unlikely first digits of past amounts");
param!(THRESHOLD: u32 = F8 "threshold" POINTS, "50", "points from which somebody should look");
param!(SAMPLE: BasisPoints = F9 "sample" Within(0, 10_000), "5", "the part of claims that is audited at random");
param!(ABOVE: u32 = F9 "above" POINTS, "70", "points above which every claim is audited");
param!(BARRED: u32 = F10 "months" (Within(1, 120), "months"), "12", "how long a false claim keeps a partner out");
param!(COOL_DOWN: u32 = F11 "days" (Within(0, 60), "days"), "5", "how long new bank details wait");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: F8,
        title: "the claim has few points for what is unusual",
        kinds: &[Kind::Warn],
        source: "ours",
        parameters: &[&ROUND, &WEEKEND, &CONSECUTIVE, &BENFORD, &THRESHOLD],
        exceptable: false,
        judge: usual,
    },
    Rule {
        id: F9,
        title: "a random part of claims, and all with many points, is audited before payment",
        kinds: &[Kind::Hold],
        source: "SAP [X10]",
        parameters: &[&SAMPLE, &ABOVE],
        exceptable: false,
        judge: audited,
    },
    Rule {
        id: F10,
        title: "a false claim keeps the partner out",
        kinds: &[Kind::Timer],
        source: "Huawei [H3]",
        parameters: &[&BARRED],
        exceptable: false,
        judge: barred,
    },
    Rule {
        id: F11,
        title: "new bank details are confirmed by a second person and wait before money goes there",
        kinds: &[Kind::Hold],
        source: "ours",
        parameters: &[&COOL_DOWN],
        exceptable: false,
        judge: bank_details,
    },
];

fn usual(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (points, threshold) = (score(view, told)?, THRESHOLD.of(view.terms));
    told.input("threshold", threshold);
    if points < threshold {
        return Ok(Ruling::satisfied(format!("{points} points are below {threshold}")));
    }
    let because = format!("{points} points reach {threshold}");
    Ok(Ruling::found(Effect::Warn, "/claim/invoices", because, "look at the invoices; points alone refuse nothing"))
}

/// A number below 10 000 that nobody can foretell without the seed, and that is always the same for a claim.
fn draw(seed: u64, pack: &str, claim: &str) -> u32 {
    let mut hasher = Sha256::new();
    hasher.update(seed.to_be_bytes());
    for part in [pack, claim] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let number = hasher.finalize().iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    u32::try_from(number % 10_000).unwrap_or(0)
}

fn audited(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let (points, above, sample) = (score(view, told)?, ABOVE.of(view.terms), SAMPLE.of(view.terms));
    let drawn = draw(view.case.audit_seed, view.pack, claim.id.as_str());
    told.input("audited above points", above);
    told.input("sample", sample);
    told.input("drawn of 10000", drawn);
    let because = if points > above {
        format!("{points} points are above {above}")
    } else if drawn < sample.0 {
        format!("the claim was drawn for the sample of {sample}")
    } else {
        return Ok(Ruling::satisfied("the claim was not drawn and has few points"));
    };
    if claim.audited {
        return Ok(Ruling::satisfied(format!("{because}, and it was audited")));
    }
    if let Some(found) = &claim.audit_found {
        let because = format!("{because}, and whoever audited it found: {found}");
        return Ok(Ruling::hold("/claim/audited", because, "revise the claim, or withdraw it"));
    }
    Ok(Ruling::hold("/claim/audited", because, "have a person audit it"))
}

fn barred(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let partner = &view.case.partner;
    let Some(found) = partner.false_claim_on else {
        return Ok(Ruling::satisfied("no false claim was established"));
    };
    let until: Date = months_after(found, BARRED.of(view.terms))?;
    told.input("false claim on", found);
    told.input("out until", until);
    told.list("disqualified until", partner.disqualified_until);
    if partner.disqualified_until.is_some_and(|day| day >= until) {
        return Ok(Ruling::satisfied(format!("after the false claim of {found} the partner is out until {until}")));
    }
    let action = Action { what: ActionKind::Disqualify, due: found, amount: None };
    let because = format!("a false claim was established on {found}; the partner is out until {until}");
    Ok(Ruling::act(vec![action], "/partner/disqualified_until", because))
}

/// Until which day a false claim that was established on a day keeps a partner out, as F10 of a pack says; `None` where the pack
/// does not say.
pub fn out_until(pack: &Pack, found: Date) -> Option<Date> {
    let until = pack.terms.enables(F10).then(|| months_after(found, BARRED.of(&pack.terms)))?;
    until.ok()
}

fn bank_details(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let change = view.case.partner.bank_change.as_ref();
    let change = change.ok_or(Stuck::Nothing("the bank details were not changed"))?;
    let days = COOL_DOWN.of(view.terms);
    let from = change.at.checked_add(SignedDuration::from_hours(24 * i64::from(days)))?;
    told.input("changed at", change.at);
    told.input("may be used from", from);
    told.list("confirmed by", &change.confirmed_by);
    let field = "/partner/bank_change";
    match &change.confirmed_by {
        None => Ok(Ruling::hold(field, "the new bank details are not confirmed", "have a second person confirm them")),
        Some(person) if *person == change.by => {
            let because = format!("`{person}` changed the bank details and confirmed them");
            Ok(Ruling::hold(field, because, "have a second person confirm them"))
        }
        Some(_) if view.case.now < from => {
            let because = format!("the new bank details wait {days} days, until {from}");
            Ok(Ruling::hold(field, because, format!("pay after {from}")))
        }
        Some(person) => Ok(Ruling::satisfied(format!("`{person}` confirmed the bank details, usable since {from}"))),
    }
}
