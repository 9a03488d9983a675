//! What was claimed before: F1, F2, F4, F5 and F6.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{ids, likeness::normalised, param};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{Amounts, choices},
        model::{EarlierClaim, Invoice, InvoiceUse, Supplier},
        rule::{Kind, Rule},
        ruling::{Ruling, Stuck, Told},
        view::View,
    },
    money::Money,
};

ids!(Duplicates: F1 = 1, F2 = 2, F4 = 4, F5 = 5, F6 = 6);

choices! {
    /// How many claims one activity may have.
    ClaimsPerActivity {
        One = "one": "One.",
        Partial = "partial": "Several, the last of which says so.",
    }
}

param!(SHARER: Option<RoleId> = F2 "role" (), "\"finance\"", "who approves a second use of an invoice");
param!(LIMIT: Amounts = F4 "limit" (), "{}", "the limit that nobody may dodge by splitting");
param!(CLAIMS: ClaimsPerActivity = F6 "claims" (), "\"one\"", "how many claims one activity may have");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: F1,
        title: "no file was used in another claim",
        kinds: &[Kind::Hold],
        source: "ours",
        parameters: &[],
        exceptable: true,
        judge: same_file,
    },
    Rule {
        id: F2,
        title: "no invoice is claimed beyond its total, and a second use declares its share",
        kinds: &[Kind::Block, Kind::Approve],
        source: "ours",
        parameters: &[&SHARER],
        exceptable: false,
        judge: consumed,
    },
    Rule {
        id: F4,
        title: "no activity is split into claims or invoices that stay below a limit",
        kinds: &[Kind::Hold],
        source: "Huawei [H3]",
        parameters: &[&LIMIT],
        exceptable: true,
        judge: unsplit,
    },
    Rule {
        id: F5,
        title: "no activity is paid by two programmes",
        kinds: &[Kind::Block],
        source: "Huawei [H3]",
        parameters: &[],
        exceptable: true,
        judge: one_programme,
    },
    Rule {
        id: F6,
        title: "an activity has one claim, or several of which the last says so",
        kinds: &[Kind::Block],
        source: "Microsoft [M12], NetApp [X1]",
        parameters: &[&CLAIMS],
        exceptable: true,
        judge: claims_per_activity,
    },
];

/// Earlier claims, this one left out.
pub(super) fn others<'a>(view: &View<'a>) -> Result<Vec<&'a EarlierClaim>, Stuck> {
    let id = &view.claim()?.id;
    Ok(view.case.earlier.iter().filter(|earlier| earlier.claim != *id).collect())
}

fn same_file(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, others) = (view.claim()?, others(view)?);
    told.input("files", claim.evidence.len());
    told.input("earlier claims compared", others.len());
    for (at, file) in claim.evidence.iter().enumerate() {
        if let Some(other) = others.iter().find(|other| other.files.contains(&file.sha256)) {
            // Which one it is stands in the record, for the vendor's people: a partner does not learn of another one.
            told.input("used in", format!("`{}` of `{}`", other.claim, other.partner));
            let because = format!("`{}` was used in another claim", file.name);
            let remedy = "have somebody compare the two claims";
            return Ok(Ruling::hold(format!("/claim/evidence/{at}"), because, remedy));
        }
    }
    Ok(Ruling::satisfied("no file was used before"))
}

/// What makes two invoices the same, however they are written.
type InvoiceKey = (String, String, Date, i64, &'static str);

pub(super) fn key(supplier: &Supplier, number: &str, date: Date, total: Money) -> InvoiceKey {
    (normalised(&supplier.tax_id), normalised(number), date, total.minor, total.currency.code())
}

fn consumed(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, others) = (view.claim()?, others(view)?);
    let mut here = BTreeMap::new();
    let mut undeclared = None;
    for (at, invoice) in claim.invoices.iter().enumerate() {
        let key = key(&invoice.supplier, &invoice.number, invoice.date, invoice.total);
        let uses = others.iter().flat_map(|other| other.invoices.iter().map(move |one| (other, one)));
        let is_same = |one: &InvoiceUse| self::key(&one.supplier, &one.number, one.date, one.total) == key;
        let same: Vec<_> = uses.filter(|(_, one)| is_same(one)).collect();
        if !same.is_empty() {
            told.list("used in", same.iter().map(|(other, _)| format!("`{}` of `{}`", other.claim, other.partner)));
        }
        let used = Money::sum(invoice.total.currency, same.iter().map(|(_, one)| one.claimed))?;
        let own = here.entry(key).or_insert(Money::zero(invoice.total.currency));
        *own = own.plus(invoice.claimed)?;
        let all = used.plus(*own)?;
        told.input("invoice", format!("{}: {all} of {}, {used} of it before", invoice.number, invoice.total));
        let excess = all.minus(invoice.total)?;
        if excess.minor > 0 {
            return Ok(beyond(at, invoice, used, excess));
        }
        if used.minor > 0 && !invoice.share_declared {
            undeclared = undeclared.or(Some((at, invoice, used)));
        }
    }
    let Some((at, invoice, used)) = undeclared else {
        return Ok(Ruling::satisfied("no invoice is claimed beyond its total"));
    };
    let because = format!("{used} of invoice `{}` was claimed before, and no share is declared", invoice.number);
    match SHARER.of(view.terms) {
        Some(role) if view.approved_by(&role) => Ok(Ruling::satisfied(format!("{because}; `{role}` approved it"))),
        role => Ok(Ruling::approve(role, format!("/claim/invoices/{at}/share_declared"), because)),
    }
}

fn beyond(at: usize, invoice: &Invoice, used: Money, excess: Money) -> Ruling {
    let because = format!(
        "invoice `{}` of {} would be claimed beyond its total by {excess}; {used} of it was claimed before",
        invoice.number, invoice.total
    );
    Ruling::block(format!("/claim/invoices/{at}/claimed"), because, format!("lower the claim by {excess}"))
}

fn unsplit(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let Some(limit) = LIMIT.of(view.terms).in_currency(claim.currency) else {
        return Ok(Ruling::satisfied(format!("there is no limit in {}", claim.currency)));
    };
    told.input("limit", limit);
    let remedy = "have somebody decide whether it is one purchase";
    let activity = &view.request()?.activity.id;
    let same = |other: &&EarlierClaim| other.activity == *activity && other.partner == view.case.partner.id;
    let siblings: Vec<&EarlierClaim> = others(view)?.into_iter().filter(same).collect();
    let sum = Money::sum(claim.currency, siblings.iter().map(|other| other.amount))?.plus(claim.amount)?;
    told.input("claims for the activity", format!("{}, together {sum}", siblings.len() + 1));
    let below = siblings.iter().map(|other| other.amount).chain([claim.amount]).all(|one| one.minor <= limit.minor);
    if !siblings.is_empty() && below && sum.minor > limit.minor {
        let because = format!("{} claims for one activity stay below {limit} and sum to {sum}", siblings.len() + 1);
        return Ok(Ruling::hold("/claim/amount", because, remedy));
    }
    let mut groups: BTreeMap<(String, Date), Vec<&Invoice>> = BTreeMap::new();
    for invoice in &claim.invoices {
        groups.entry((normalised(&invoice.supplier.tax_id), invoice.date)).or_default().push(invoice);
    }
    for ((_, date), group) in groups {
        let sum = Money::sum(claim.currency, group.iter().map(|invoice| invoice.total))?;
        let below = group.iter().all(|invoice| invoice.total.minor <= limit.minor);
        if group.len() > 1 && below && sum.minor > limit.minor {
            let because =
                format!("{} invoices of one supplier on {date} stay below {limit} and sum to {sum}", group.len());
            return Ok(Ruling::hold("/claim/invoices", because, remedy));
        }
    }
    Ok(Ruling::satisfied("nothing is split to stay below the limit"))
}

fn one_programme(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let activity = &view.request()?.activity.id;
    told.input("activity", activity);
    let elsewhere =
        others(view)?.into_iter().find(|one| one.activity == *activity && one.programme != view.case.programme);
    Ok(match elsewhere {
        None => Ruling::satisfied("no other programme pays the activity"),
        Some(other) => {
            let because = format!("`{}` claims the same activity in programme `{}`", other.claim, other.programme);
            Ruling::block("/request/activity/id", because, "claim it in one programme alone")
        }
    })
}

fn claims_per_activity(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let activity = &view.request()?.activity.id;
    let same = |one: &&EarlierClaim| {
        one.activity == *activity && one.partner == view.case.partner.id && one.programme == view.case.programme
    };
    let before: Vec<&EarlierClaim> = others(view)?.into_iter().filter(same).collect();
    let mode = CLAIMS.of(view.terms);
    told.list("earlier claims", before.iter().map(|one| &one.claim));
    told.input("several are allowed", mode == ClaimsPerActivity::Partial);
    let barred = match mode {
        ClaimsPerActivity::One => before.first(),
        ClaimsPerActivity::Partial => before.iter().find(|one| one.closing),
    };
    Ok(match barred {
        None => Ruling::satisfied("the activity may have this claim"),
        Some(other) if mode == ClaimsPerActivity::One => {
            let because = format!("the activity was claimed in `{}` already", other.claim);
            Ruling::block("/claim", because, "add what is missing to that claim")
        }
        Some(other) => {
            let because = format!("`{}` was the last claim on the activity", other.claim);
            Ruling::block("/claim", because, "have that claim opened again")
        }
    })
}
