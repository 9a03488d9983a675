//! What documents have to be, and how long they are kept: D3, D4, D8, D10, D11 and D12.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{Table, ids, param, quoted};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{Within, Words, choices},
        model::{Decider, Evidence, Scan},
        pack::Pack,
        parameter::Terms,
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Effect, Ruling, Stuck, Told},
        view::{View, months_after},
    },
    money::Money,
};

ids!(Evidence: D3 = 3, D4 = 4, D8 = 8, D10 = 10, D11 = 11, D12 = 12);

choices! {
    /// Whether somebody should look or has to approve.
    Weight {
        Warn = "warn": "Somebody should look.",
        Approve = "approve": "Somebody has to approve.",
    }
}

param!(TOTAL_ELSE: Weight = D3 "otherwise" (), "\"warn\"", "what an unexplained difference brings about");
param!(TOTAL_ROLE: Option<RoleId> = D3 "role" (), "\"finance\"", "who approves a difference");
param!(EARLY_INVOICES: bool = D4 "invoice_before_approval" (), "true", "whether an invoice may be older than the approval");
param!(BRAND_ELSE: Weight = D8 "otherwise" (), "\"approve\"", "what a failed check brings about");
param!(BRAND_ROLE: Option<RoleId> = D8 "role" (), "\"brand\"", "who approves a failed check");
param!(KEPT: u32 = D10 "months" (Within(1, 360), "months"), "24", "how long documents are kept");
param!(KEPT_BY_CLASS: Table<u32> = D10 "by_class" (Within(1, 360), "months"), "{}", "how long documents of a class are kept");
param!(FILES: u32 = D11 "files" (Within(1, 100), "files"), "10", "how many files a claim may have");
param!(MEGABYTES: u32 = D11 "megabytes" (Within(1, 1_000), "megabytes"), "25", "how large one file may be");
param!(MEDIA: Words = D11 "types" (), "[\"pdf\", \"png\", \"jpeg\", \"csv\", \"xlsx\"]", "what a file may be, by its first bytes");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: D3,
        title: "the invoices sum to the cost, unless partial funding is explained",
        kinds: &[Kind::Warn, Kind::Approve],
        source: "beefed.ai [X8]",
        parameters: &[&TOTAL_ELSE, &TOTAL_ROLE],
        exceptable: false,
        judge: totals,
    },
    Rule {
        id: D4,
        title: "the cost was incurred in the approved window",
        kinds: &[Kind::Block],
        source: "USDA [X9]",
        parameters: &[&EARLY_INVOICES],
        exceptable: true,
        judge: incurred,
    },
    Rule {
        id: D8,
        title: "logo, brand and claims were checked and in order",
        kinds: &[Kind::Warn, Kind::Approve],
        source: "Cisco [X5]",
        parameters: &[&BRAND_ELSE, &BRAND_ROLE],
        exceptable: false,
        judge: brand,
    },
    Rule {
        id: D10,
        title: "documents are removed when their time is over, unless a legal hold keeps them",
        kinds: &[Kind::Timer],
        source: "Microsoft [M7]",
        parameters: &[&KEPT, &KEPT_BY_CLASS],
        exceptable: false,
        judge: kept,
    },
    Rule {
        id: D11,
        title: "files are few, small, of a known type, whole and harmless",
        kinds: &[Kind::Block],
        source: "AWS [A9]",
        parameters: &[&FILES, &MEGABYTES, &MEDIA],
        exceptable: false,
        judge: files,
    },
    Rule {
        id: D12,
        title: "a claim is refused by a person or a deterministic rule, never by a model's opinion",
        kinds: &[Kind::Define],
        source: "Relevize [P10]",
        parameters: &[],
        exceptable: false,
        judge: refused,
    },
];

/// A warning, or a request for approval that ends when the role has voted.
fn weigh(view: &View<'_>, weight: Weight, role: Option<RoleId>, field: &str, because: String) -> Ruling {
    match (weight, role) {
        (Weight::Warn, _) => Ruling::found(Effect::Warn, field, because, "look at it"),
        (Weight::Approve, Some(role)) if view.approved_by(&role) => {
            Ruling::satisfied(format!("{because}, and `{role}` approved it"))
        }
        (Weight::Approve, role) => Ruling::approve(role, field, because),
    }
}

fn totals(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.done()?;
    let (cost, total) = (claim.cost()?, Money::sum(claim.currency, claim.invoices.iter().map(|one| one.total))?);
    told.input("cost", cost);
    told.input("invoices", total);
    told.input("explanation", if claim.partial_funding.is_empty() { "none" } else { claim.partial_funding.as_str() });
    if total == cost {
        return Ok(Ruling::satisfied(format!("the invoices sum to the cost of {cost}")));
    }
    let because = format!("the invoices sum to {total} and the cost is {cost}");
    if !claim.partial_funding.trim().is_empty() {
        return Ok(Ruling::satisfied(format!("{because}; explained: {}", claim.partial_funding)));
    }
    Ok(weigh(view, TOTAL_ELSE.of(view.terms), TOTAL_ROLE.of(view.terms), "/claim/partial_funding", because))
}

fn incurred(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, approval) = (view.claim()?, view.approval()?);
    let (from, until) = (approval.window_from, approval.window_until);
    told.input("approved window", format!("{from} to {until}"));
    told.list("cost incurred", claim.lines.iter().map(|line| format!("{} to {}", line.from, line.until)));
    for (at, line) in claim.lines.iter().enumerate() {
        if line.from < from || line.until > until {
            let because =
                format!("`{}` was done from {} to {}, outside of {from} to {until}", line.what, line.from, line.until);
            return Ok(Ruling::block(format!("/claim/lines/{at}"), because, "claim cost of the approved window alone"));
        }
    }
    let approved = view.day(approval.at);
    let early = claim.invoices.iter().position(|invoice| invoice.date < approved);
    match early.filter(|_| !EARLY_INVOICES.of(view.terms)) {
        None => Ok(Ruling::satisfied(format!("all cost was incurred from {from} to {until}"))),
        Some(at) => {
            let because = format!("an invoice is older than the approval of {approved}");
            Ok(Ruling::block(format!("/claim/invoices/{at}/date"), because, "leave it out"))
        }
    }
}

fn brand(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let check = view.done()?.brand_check.as_ref();
    told.input("checked", check.is_some());
    let because = match check {
        Some(check) if check.passed => return Ok(Ruling::satisfied("logo, brand and claims are in order")),
        Some(check) => format!("the check of logo, brand and claims failed: {}", check.note),
        None => "logo, brand and claims were not checked".to_owned(),
    };
    Ok(weigh(view, BRAND_ELSE.of(view.terms), BRAND_ROLE.of(view.terms), "/claim/brand_check", because))
}

fn kept(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let mut actions = Vec::new();
    let mut over = Vec::new();
    for file in view.claim()?.evidence.iter().filter(|file| file.removed_on.is_none()) {
        let (due, months) = due(view.terms, &file.class, file.received_on)?;
        told.input("kept until", format!("{due} ({}, {months} months of `{}`)", file.name, file.class));
        if due <= view.today() && !file.legal_hold {
            actions.push(Action { what: ActionKind::Remove, due, amount: None });
            over.push(format!("{} since {due}", file.name));
        }
    }
    if actions.is_empty() {
        return Ok(Ruling::satisfied("no document is past its time, or a legal hold keeps it"));
    }
    Ok(Ruling::act(actions, "/claim/evidence", format!("the time is over of {}", over.join(", "))))
}

/// The day on which the time of a document is over, and how many months that is.
fn due(terms: &Terms, class: &str, received_on: Date) -> Result<(Date, u32), Stuck> {
    let months = KEPT_BY_CLASS.of(terms).get(class).copied().unwrap_or_else(|| KEPT.of(terms));
    Ok((months_after(received_on, months)?, months))
}

/// The day on which the time of a document of this class is over, as D10 of a pack says; `None` where the pack does not say.
pub fn kept_until(pack: &Pack, class: &str, received_on: Date) -> Option<Date> {
    let due = pack.terms.enables(D10).then(|| due(&pack.terms, class, received_on))?;
    due.ok().map(|(day, _)| day)
}

fn files(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let evidence = &view.claim()?.evidence;
    let (most, types) = (FILES.of(view.terms) as usize, MEDIA.of(view.terms));
    let largest = u64::from(MEGABYTES.of(view.terms)).saturating_mul(1_000_000);
    told.input("files", format!("{} of at most {most}", evidence.len()));
    told.input("largest file in bytes", largest);
    told.list("types", &types);
    if evidence.len() > most {
        let because = format!("the claim has {} files and may have {most}", evidence.len());
        return Ok(Ruling::block("/claim/evidence", because, "join files, or leave some out"));
    }
    let mut seen = BTreeSet::new();
    for (at, file) in evidence.iter().enumerate() {
        let twice = !seen.insert(&file.sha256);
        if let Some(because) = unfit(file, largest, &types, twice) {
            let because = format!("`{}` {because}", file.name);
            return Ok(Ruling::block(format!("/claim/evidence/{at}"), because, "replace the file"));
        }
    }
    Ok(Ruling::satisfied(format!("all {} files are fit", evidence.len())))
}

/// Why a file cannot be taken.
fn unfit(file: &Evidence, largest: u64, types: &Words, twice: bool) -> Option<String> {
    let hash = file.sha256.len() == 64 && file.sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if !hash {
        return Some("has no SHA-256".into());
    }
    if twice {
        return Some("is there twice".into());
    }
    if file.bytes == 0 || file.bytes > largest {
        return Some(format!("has {} bytes, and a file has 1 to {largest}", file.bytes));
    }
    if !types.contains(file.media.word()) {
        return Some(format!("is of the type `{}`, and {} are taken", file.media.word(), quoted(types)));
    }
    match file.scan {
        Scan::Clean => None,
        Scan::Pending => Some("is not scanned yet".into()),
        Scan::Infected => Some("is harmful".into()),
    }
}

fn refused(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let Some(refusal) = &view.claim()?.refusal else {
        return Ok(Ruling::satisfied("nobody refused the claim"));
    };
    let by = match refusal.by {
        Decider::Person => "a person",
        Decider::Rule => "a rule",
        Decider::Machine => "a model's opinion",
    };
    told.input("refused by", by);
    told.input("reason", &refusal.reason);
    if refusal.by != Decider::Machine {
        return Ok(Ruling::satisfied(format!("{by} refused the claim")));
    }
    let because = "a model's opinion refused the claim; it may flag it and no more";
    Ok(Ruling::found(Effect::Contradict, "/claim/refusal", because, "have a person decide"))
}
