//! Who may take part: E1 to E5, E8 and E9.

use jiff::ToSpan;

use super::{Table, ids, param, quoted};
use crate::mdf::{
    cell::{Within, Words, choices},
    model::{PartnerStatus, ScreeningOutcome},
    rule::{Kind, Rule},
    ruling::{Effect, Ruling, Stuck, Told},
    view::{View, days_after},
};

ids!(Eligibility: E1 = 1, E2 = 2, E3 = 3, E4 = 4, E5 = 5, E8 = 8, E9 = 9);

choices! {
    /// What a missing certificate brings about.
    Strictness {
        Block = "block": "The request cannot go on.",
        Warn = "warn": "Somebody should look.",
    }
}

param!(KINDS: Words = E2 "kinds" (), "[]", "kinds of partners in scope; all where empty");
param!(TIERS: Words = E2 "tiers" (), "[]", "tiers in scope; all where empty");
param!(REGIONS: Words = E2 "regions" (), "[]", "regions in scope; all where empty");
param!(GRACE: u32 = E3 "grace_days" (Within(0, 365), "days"), "0", "how long after its due date an invoice may stay unpaid");
param!(CERTIFICATES: Table<Words> = E8 "certificates" (), "{}", "for a play, the certificates that somebody must hold");
param!(OTHERWISE: Strictness = E8 "otherwise" (), "\"block\"", "what a missing certificate brings about");
param!(SCREENED: u32 = E9 "max_age_days" (Within(1, 3_660), "days"), "90", "how old the last screening may be");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: E1,
        title: "the partner is active, its agreement signed, its tax and bank data verified",
        kinds: &[Kind::Block],
        source: "Huawei [H1], NetApp [X2]",
        parameters: &[],
        exceptable: true,
        judge: enrolled,
    },
    Rule {
        id: E2,
        title: "kind, tier and region of the partner are in scope on the day of the activity",
        kinds: &[Kind::Block],
        source: "Zift [P6], Cisco [X3]",
        parameters: &[&KINDS, &TIERS, &REGIONS],
        exceptable: true,
        judge: in_scope,
    },
    Rule {
        id: E3,
        title: "the partner owes the vendor no overdue invoice",
        kinds: &[Kind::Hold],
        source: "Huawei [H2]",
        parameters: &[&GRACE],
        exceptable: true,
        judge: owes_nothing,
    },
    Rule {
        id: E4,
        title: "a fund exists before a request is opened",
        kinds: &[Kind::Block],
        source: "AWS [A12]",
        parameters: &[],
        exceptable: true,
        judge: fund_exists,
    },
    Rule {
        id: E5,
        title: "the person who asks may ask",
        kinds: &[Kind::Block],
        source: "Allbound [P13]",
        parameters: &[],
        exceptable: true,
        judge: may_ask,
    },
    Rule {
        id: E8,
        title: "somebody is certified for the play",
        kinds: &[Kind::Block, Kind::Warn],
        source: "partner-programme practice",
        parameters: &[&CERTIFICATES, &OTHERWISE],
        exceptable: true,
        judge: certified,
    },
    Rule {
        id: E9,
        title: "the payee was lately found on no sanction or export list",
        kinds: &[Kind::Hold],
        source: "ours",
        parameters: &[&SCREENED],
        exceptable: false,
        judge: screened,
    },
];

fn enrolled(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (partner, today) = (&view.case.partner, view.today());
    let signed = partner.agreement_signed_on.is_some_and(|day| day <= today);
    let disqualified = partner.disqualified_until.is_some_and(|until| today <= until);
    let checks = [
        ("active", partner.status == PartnerStatus::Active, "/partner/status", "it is not active"),
        ("agreement signed", signed, "/partner/agreement_signed_on", "its agreement is not signed"),
        ("tax data verified", partner.tax_verified, "/partner/tax_verified", "its tax data are not verified"),
        ("bank data verified", partner.bank_verified, "/partner/bank_verified", "its bank data are not verified"),
        ("not disqualified", !disqualified, "/partner/disqualified_until", "it is disqualified"),
    ];
    for (name, holds, _, _) in checks {
        told.input(name, holds);
    }
    let failed: Vec<_> = checks.into_iter().filter(|check| !check.1).collect();
    match failed.first() {
        None => Ok(Ruling::satisfied(format!("`{}` is active, signed and verified", partner.id))),
        Some(first) => {
            let reasons: Vec<&str> = failed.iter().map(|check| check.3).collect();
            let because = format!("`{}` cannot be paid: {}", partner.id, reasons.join(", "));
            Ok(Ruling::block(first.2, because, "finish its enrolment first"))
        }
    }
}

fn in_scope(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (partner, day) = (&view.case.partner, view.request()?.activity.start);
    let tier = partner.tier_on(day).unwrap_or("no tier");
    told.input("day", day);
    let checks = [
        ("kind", KINDS.of(view.terms), partner.kind.as_str(), "/partner/kind"),
        ("tier", TIERS.of(view.terms), tier, "/partner/tiers"),
        ("region", REGIONS.of(view.terms), partner.region.as_str(), "/partner/region"),
    ];
    for (name, scope, value, _) in &checks {
        told.input(name, format!("{value}; in scope: {}", quoted(scope)));
    }
    let outside = checks.iter().find(|(_, scope, value, _)| !scope.is_empty() && !scope.contains(*value));
    Ok(match outside {
        None => Ruling::satisfied(format!("`{}` is in scope on {day}", partner.id)),
        Some((name, scope, value, field)) => Ruling::block(
            *field,
            format!("on {day} the partner's {name} is `{value}`; in scope are {}", quoted(scope)),
            "ask a programme that covers the partner",
        ),
    })
}

fn owes_nothing(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (grace, today) = (GRACE.of(view.terms), view.today());
    told.input("today", today);
    told.input("grace days", grace);
    let mut late = Vec::new();
    for invoice in &view.case.partner.overdue {
        if days_after(invoice.due, grace)? < today {
            late.push(format!("{} of {} due {}", invoice.number, invoice.amount, invoice.due));
        }
    }
    told.list("overdue", &late);
    if late.is_empty() {
        return Ok(Ruling::satisfied("nothing is overdue"));
    }
    let because = format!("the partner owes {}", late.join(", "));
    Ok(Ruling::hold("/partner/overdue", because, "wait until it is paid; benefits go on then"))
}

fn fund_exists(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let asked = view.day(view.request()?.submitted_at);
    told.input("asked on", asked);
    let Some(fund) = &view.case.fund else {
        return Ok(Ruling::block("/fund", "the partner has no fund", "open a fund for the partner first"));
    };
    told.input("fund opened on", fund.opened_on);
    if fund.opened_on <= asked {
        return Ok(Ruling::satisfied(format!("fund `{}` was open since {}", fund.id, fund.opened_on)));
    }
    let because = format!("fund `{}` was opened on {}, after the request of {asked}", fund.id, fund.opened_on);
    Ok(Ruling::block("/fund/opened_on", because, "submit the request again"))
}

fn may_ask(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let person = &view.request()?.requested_by;
    told.input("person", person);
    told.list("people who may ask", &view.case.partner.requesters);
    if view.case.partner.requesters.contains(person) {
        return Ok(Ruling::satisfied(format!("`{person}` may ask for funds")));
    }
    let because = format!("`{person}` may not ask for funds of `{}`", view.case.partner.id);
    Ok(Ruling::block("/request/requested_by", because, "have somebody ask who may, or give the permission"))
}

fn certified(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    let play = request.play.as_deref().ok_or(Stuck::Nothing("the request names no play"))?;
    let needed = CERTIFICATES.of(view.terms).remove(play).unwrap_or_default();
    told.input("play", play);
    told.list("needed", &needed);
    let day = request.activity.start;
    let valid: Words =
        view.case.partner.certificates.iter().filter(|held| day <= held.until).map(|held| held.name.clone()).collect();
    told.list("valid on the day", &valid);
    let missing: Vec<&String> = needed.difference(&valid).collect();
    if missing.is_empty() {
        return Ok(Ruling::satisfied(format!("play `{play}` asks for {}, and somebody holds it", quoted(&needed))));
    }
    let because = format!("nobody holds {} on {day}, which play `{play}` asks for", quoted(missing));
    let effect = match OTHERWISE.of(view.terms) {
        Strictness::Block => Effect::Block,
        Strictness::Warn => Effect::Warn,
    };
    Ok(Ruling::found(effect, "/partner/certificates", because, "have somebody certified before the activity"))
}

fn screened(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (age, today) = (SCREENED.of(view.terms), view.today());
    told.input("today", today);
    told.input("at most days old", age);
    let field = "/partner/screening";
    let Some(screening) = &view.case.partner.screening else {
        return Ok(Ruling::hold(field, "the payee was never screened", "screen the payee"));
    };
    told.input("screened on", screening.on);
    if screening.outcome != ScreeningOutcome::Clear {
        let because = format!("the screening of {} is not clear", screening.on);
        return Ok(Ruling::hold(field, because, "have the screening decided by whoever is responsible for it"));
    }
    let oldest = today.checked_sub(i64::from(age).days())?;
    if screening.on < oldest {
        let because = format!("the last screening is of {}, older than {age} days", screening.on);
        return Ok(Ruling::hold(field, because, "screen the payee again"));
    }
    Ok(Ruling::satisfied(format!("screened on {} and clear", screening.on)))
}
