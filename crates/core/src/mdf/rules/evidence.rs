//! What proves cost and performance: D1, D2, D5, D6, D7 and D9.

use super::{Table, ids, param, quoted};
use crate::mdf::{
    cell::{BasisPoints, Within, Words, choices},
    model::{Audience, ClaimKind, Invoice},
    rule::{Kind, Rule},
    ruling::{Effect, Ruling, Stuck, Told},
    view::View,
};

ids!(Evidence: D1 = 1, D2 = 2, D5 = 5, D6 = 6, D7 = 7, D9 = 9);

/// The file that proves that something given in kind was handed over.
const DELIVERY: &str = "delivery_note";

choices! {
    /// What missing leads bring about.
    WithoutLeads {
        Block = "block": "The claim cannot go on.",
        Reduce = "reduce": "The claim is reduced.",
    }
}

param!(COST_PROOF: Table<Words> = D1 "cost" (), "{}", "for a kind of activity, the files of which one proves the cost");
param!(PERFORMANCE_PROOF: Table<Words> = D1 "performance" (), "{}", "for a kind of activity, the files that prove it took place, all of them");
param!(ATTENDED: Words = D5 "attended" (), "[\"event\", \"training\", \"webinar\"]", "kinds of activities that people attend");
param!(WITHOUT: WithoutLeads = D6 "otherwise" (), "\"block\"", "what missing leads bring about");
param!(WITHOUT_TO: BasisPoints = D6 "reduce_to" Within(0, 10_000), "50", "the part that is paid without leads");
param!(METRICS: Table<Words> = D7 "metrics" (), "{}", "for a kind of activity, the results that are reported");
param!(BASES: Words = D9 "bases" (), "[\"consent\", \"contract\", \"legitimate_interest\"]", "legal bases that are accepted");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: D1,
        title: "cost and performance are both proven by the files that the kind of activity asks for",
        kinds: &[Kind::Block],
        source: "Cisco [X5], Microsoft [M7], Huawei [H5]",
        parameters: &[&COST_PROOF, &PERFORMANCE_PROOF],
        exceptable: true,
        judge: proven,
    },
    Rule {
        id: D2,
        title: "every file refers to the claim, and every invoice is complete",
        kinds: &[Kind::Block],
        source: "beefed.ai [X8]",
        parameters: &[],
        exceptable: true,
        judge: referring,
    },
    Rule {
        id: D5,
        title: "there is an attendance sheet or a reason, and a contract where something is sponsored",
        kinds: &[Kind::Block],
        source: "Huawei [H5]",
        parameters: &[&ATTENDED],
        exceptable: true,
        judge: attendance,
    },
    Rule {
        id: D6,
        title: "leads are recorded where end customers were addressed",
        kinds: &[Kind::Block, Kind::Reduce],
        source: "Huawei [H5]",
        parameters: &[&WITHOUT, &WITHOUT_TO],
        exceptable: true,
        judge: leads,
    },
    Rule {
        id: D7,
        title: "the results of the kind of activity are reported",
        kinds: &[Kind::Block],
        source: "Cisco [X5]",
        parameters: &[&METRICS],
        exceptable: true,
        judge: metrics,
    },
    Rule {
        id: D9,
        title: "a list of persons is handed over on a legal basis",
        kinds: &[Kind::Block],
        source: "Blackpoint [X4]",
        parameters: &[&BASES],
        exceptable: false,
        judge: privacy,
    },
];

fn proven(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, kind) = (view.done()?, &view.request()?.activity.kind);
    let unknown = |what: &str| Stuck::Unknown(format!("the pack names no proof of {what} for `{kind}`"));
    let cost = match claim.kind {
        // Nobody is paid, so nobody has written an invoice: it is proven that it was handed over.
        ClaimKind::InKind => Words::from([DELIVERY.to_owned()]),
        _ => COST_PROOF.of(view.terms).remove(kind).ok_or_else(|| unknown("cost"))?,
    };
    let performance = PERFORMANCE_PROOF.of(view.terms).remove(kind).ok_or_else(|| unknown("performance"))?;
    let given: Words = claim.evidence.iter().map(|file| file.kind.clone()).collect();
    told.input("kind of activity", kind);
    told.list("one of these proves cost", &cost);
    told.list("all of these prove performance", &performance);
    told.list("handed in", &given);
    let field = "/claim/evidence";
    if !cost.is_empty() && cost.is_disjoint(&given) {
        let because = format!("nothing proves the cost; one of {} does", quoted(&cost));
        return Ok(Ruling::block(field, because, "hand in a proof of cost"));
    }
    let missing: Vec<&String> = performance.difference(&given).collect();
    if missing.is_empty() {
        return Ok(Ruling::satisfied("cost and performance are proven"));
    }
    let because = format!("the performance is not proven by {}", quoted(missing));
    Ok(Ruling::block(field, because, "hand in what is missing"))
}

fn referring(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    told.input("files", claim.evidence.len());
    told.input("invoices", claim.invoices.len());
    if let Some(at) = claim.evidence.iter().position(|file| file.refers_to.as_ref() != Some(&claim.id)) {
        let name = claim.evidence.get(at).map(|file| file.name.as_str()).unwrap_or_default();
        let because = format!("`{name}` does not refer to `{}`", claim.id);
        return Ok(Ruling::block(format!("/claim/evidence/{at}"), because, "write the claim's id on it"));
    }
    for (at, invoice) in claim.invoices.iter().enumerate() {
        let missing = lacking(invoice);
        if !missing.is_empty() {
            let because = format!("invoice `{}` shows no {}", invoice.number, missing.join(", no "));
            return Ok(Ruling::block(format!("/claim/invoices/{at}"), because, "hand in a complete invoice"));
        }
    }
    Ok(Ruling::satisfied("every file refers to the claim, and every invoice is complete"))
}

fn lacking(invoice: &Invoice) -> Vec<&'static str> {
    let checks = [
        (invoice.supplier.name.trim().is_empty(), "supplier"),
        (invoice.supplier.tax_id.trim().is_empty(), "tax id"),
        (invoice.number.trim().is_empty(), "number"),
        (invoice.lines == 0, "lines"),
    ];
    checks.into_iter().filter_map(|(lacks, what)| lacks.then_some(what)).collect()
}

fn attendance(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, activity) = (view.done()?, &view.request()?.activity);
    let has = |kind: &str| claim.evidence.iter().any(|file| file.kind == kind);
    let attended = ATTENDED.of(view.terms).contains(&activity.kind);
    told.input("people attend", attended);
    told.input("sponsoring", activity.sponsoring);
    if attended && !has("attendee_list") && claim.no_attendance_because.trim().is_empty() {
        let remedy = "hand in an `attendee_list`, or say why there is none";
        return Ok(Ruling::block("/claim/evidence", "there is no attendance sheet and no reason", remedy));
    }
    if activity.sponsoring && !has("sponsorship_contract") {
        let remedy = "hand in the `sponsorship_contract`";
        return Ok(Ruling::block("/claim/evidence", "something is sponsored without a contract", remedy));
    }
    Ok(Ruling::satisfied("attendance and sponsoring are documented"))
}

fn leads(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, audience) = (view.done()?, view.request()?.activity.audience);
    told.input("for end customers", audience == Audience::EndCustomers);
    told.input("leads recorded", claim.leads_recorded);
    if audience != Audience::EndCustomers {
        return Ok(Ruling::satisfied("no end customers were addressed"));
    }
    if claim.leads_recorded > 0 {
        return Ok(Ruling::satisfied(format!("{} leads are recorded", claim.leads_recorded)));
    }
    let (field, because) = ("/claim/leads_recorded", "end customers were addressed and no lead is recorded");
    match WITHOUT.of(view.terms) {
        WithoutLeads::Block => Ok(Ruling::block(field, because, "record the leads")),
        WithoutLeads::Reduce => {
            let (part, rounding) = (WITHOUT_TO.of(view.terms), view.figures()?.rounding);
            let to = part.of(claim.amount, rounding)?;
            told.rounding = format!("{part} of {} is rounded once, to {to}", claim.amount);
            let remedy = "record the leads to have all of it paid";
            Ok(Ruling::found(Effect::Reduce { to }, field, because, remedy))
        }
    }
}

fn metrics(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, kind) = (view.done()?, &view.request()?.activity.kind);
    let nothing = Stuck::Nothing("the pack asks for no results of this kind of activity");
    let needed = METRICS.of(view.terms).remove(kind).ok_or(nothing)?;
    told.list("needed", &needed);
    told.list("reported", claim.metrics.iter().map(|(name, value)| format!("{name} {value}")));
    let missing: Vec<&String> = needed.iter().filter(|name| !claim.metrics.contains_key(*name)).collect();
    if missing.is_empty() {
        return Ok(Ruling::satisfied("the results are reported"));
    }
    Ok(Ruling::block("/claim/metrics", format!("{} is not reported", quoted(missing)), "report it, if only as 0"))
}

fn privacy(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let list = view.claim()?.lead_list.as_ref().ok_or(Stuck::Nothing("no list of persons is handed over"))?;
    let bases = BASES.of(view.terms);
    told.input("persons", list.persons);
    told.input("basis", list.basis.as_deref().unwrap_or("none"));
    if let Some(basis) = list.basis.as_ref().filter(|basis| bases.contains(*basis)) {
        return Ok(Ruling::satisfied(format!("{} persons are handed over by {basis}", list.persons)));
    }
    let because = format!("{} persons are handed over without an accepted legal basis", list.persons);
    Ok(Ruling::block("/claim/lead_list/basis", because, format!("name one of {}, or withdraw the list", quoted(bases))))
}
