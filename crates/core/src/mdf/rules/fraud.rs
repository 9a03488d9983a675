//! What looks wrong: F3 and F7 to F11.

use jiff::{SignedDuration, civil::Date};
use sha2::{Digest, Sha256};

use super::{
    duplicates::{key, others},
    ids,
    likeness::{normalised, picture_distance, similarity},
    param,
    risk::score,
};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{BasisPoints, Within},
        model::{Invoice, InvoiceUse, Partner, Supplier},
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Effect, Ruling, Stuck, Told},
        view::{View, months_after},
    },
    money::Rounding,
};

ids!(Duplicates: F3 = 3, F7 = 7, F8 = 8, F9 = 9, F10 = 10, F11 = 11);

const POINTS: (Within, &str) = (Within(0, 100), "points");

param!(NEAR_AMOUNT: BasisPoints = F3 "amount" Within(0, 2_000), "1", "by how much of the amount two invoices may differ");
param!(NEAR_DAYS: u32 = F3 "days" (Within(0, 60), "days"), "3", "by how many days");
param!(NEAR_SUPPLIER: u32 = F3 "supplier" (Within(50, 100), "percent alike"), "90", "how alike the names of suppliers are");
param!(NEAR_PICTURE: u32 = F3 "picture_bits" (Within(0, 32), "bits"), "8", "in how many bits two pictures may differ");
param!(NEAR_ROLE: Option<RoleId> = F3 "role" (), "\"fraud_review\"", "who decides");
param!(RELATED_ROLE: Option<RoleId> = F7 "role" (), "\"fraud_review\"", "who decides");
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
        id: F3,
        title: "nothing is nearly the same as in another claim",
        kinds: &[Kind::Approve],
        source: "ours",
        parameters: &[&NEAR_AMOUNT, &NEAR_DAYS, &NEAR_SUPPLIER, &NEAR_PICTURE, &NEAR_ROLE],
        exceptable: false,
        judge: near,
    },
    Rule {
        id: F7,
        title: "no supplier belongs to the partner, or shares its bank account or address",
        kinds: &[Kind::Approve],
        source: "ours",
        parameters: &[&RELATED_ROLE],
        exceptable: false,
        judge: unrelated,
    },
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

fn near(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, others) = (view.claim()?, others(view)?);
    let bits = NEAR_PICTURE.of(view.terms);
    told.input("amounts within", NEAR_AMOUNT.of(view.terms));
    told.input("days within", NEAR_DAYS.of(view.terms));
    told.input("suppliers alike from percent", NEAR_SUPPLIER.of(view.terms));
    told.input("pictures within bits", bits);
    let mut found = None;
    for other in &others {
        for (at, invoice) in claim.invoices.iter().enumerate() {
            for one in &other.invoices {
                if found.is_none() && is_near(view, invoice, one)? {
                    let because =
                        format!("invoice `{}` is nearly `{}` of `{}`", invoice.number, one.number, other.claim);
                    found = Some((format!("/claim/invoices/{at}"), because));
                }
            }
        }
        for (at, file) in claim.evidence.iter().enumerate() {
            let hash = file.picture_hash.filter(|_| !other.files.contains(&file.sha256));
            let alike = hash.is_some_and(|own| other.pictures.iter().any(|one| picture_distance(own, *one) <= bits));
            if found.is_none() && alike {
                let because = format!("picture `{}` is nearly one of `{}`", file.name, other.claim);
                found = Some((format!("/claim/evidence/{at}"), because));
            }
        }
    }
    let Some((field, because)) = found else {
        return Ok(Ruling::satisfied(format!("nothing is nearly the same in {} earlier claims", others.len())));
    };
    match NEAR_ROLE.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}; `{role}` approved it"))),
        role => Ok(Ruling::approve(role, field, because)),
    }
}

/// Whether two invoices are nearly, and not entirely, the same.
fn is_near(view: &View<'_>, own: &Invoice, other: &InvoiceUse) -> Result<bool, Stuck> {
    let same = key(&own.supplier, &own.number, own.date, own.total)
        == key(&other.supplier, &other.number, other.date, other.total);
    if same || own.total.currency != other.total.currency {
        return Ok(false);
    }
    let allowed = NEAR_AMOUNT.of(view.terms).of(own.total, Rounding::Down)?;
    let apart = own.total.minus(other.total)?;
    let days = own.date.since(other.date)?.get_days().unsigned_abs();
    Ok(apart.minor.unsigned_abs() <= allowed.minor.unsigned_abs()
        && days <= NEAR_DAYS.of(view.terms)
        && similarity(&own.supplier.name, &other.supplier.name) >= NEAR_SUPPLIER.of(view.terms))
}

/// How a supplier is tied to the partner, if it is.
fn tie(partner: &Partner, supplier: &Supplier) -> Option<&'static str> {
    let tax_id = normalised(&supplier.tax_id);
    let address = normalised(&supplier.address);
    if partner.owns.iter().any(|owned| normalised(owned) == tax_id) {
        Some("belongs to the partner")
    } else if supplier.bank_hash.is_some() && supplier.bank_hash == partner.bank_hash {
        Some("shares the partner's bank account")
    } else if !address.is_empty() && address == normalised(&partner.address) {
        Some("shares the partner's address")
    } else {
        None
    }
}

fn unrelated(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    told.list("suppliers", claim.invoices.iter().map(|invoice| &invoice.supplier.name));
    let ties = claim.invoices.iter().enumerate();
    let first = ties.filter_map(|(at, one)| Some((at, one, tie(&view.case.partner, &one.supplier)?))).next();
    let Some((at, invoice, tie)) = first else {
        return Ok(Ruling::satisfied("no supplier is tied to the partner"));
    };
    let because = format!("supplier `{}` {tie}", invoice.supplier.name);
    match RELATED_ROLE.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}; `{role}` approved it"))),
        role => Ok(Ruling::approve(role, format!("/claim/invoices/{at}/supplier"), because)),
    }
}

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
