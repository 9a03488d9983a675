//! What one activity was claimed for: F4, F5 and F6.

use jiff::{ToSpan, civil::Date};

use super::{duplicates::others, ids, likeness::folded, param};
use crate::{
    ids::ActivityId,
    mdf::{
        cell::{Amounts, Within, choices},
        model::{EarlierClaim, Invoice},
        pair::{Field, Pair},
        rule::{Kind, Rule},
        ruling::{Ruling, Stuck, Told},
        view::View,
    },
    money::Money,
};

ids!(Duplicates: F4 = 4, F5 = 5, F6 = 6);

choices! {
    /// How many claims one activity may have.
    ClaimsPerActivity {
        One = "one": "One.",
        Partial = "partial": "Several, the last of which says so.",
    }
}

param!(LIMIT: Amounts = F4 "limit" (), "{}", "the limit that nobody may dodge by splitting");
param!(SPLIT_DAYS: u32 = F4 "days" (Within(0, 60), "days"), "3", "invoices of a supplier that are so far apart count as one purchase");
param!(CLAIMS: ClaimsPerActivity = F6 "claims" (), "\"one\"", "how many claims one activity may have");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: F4,
        title: "no activity is split into claims or invoices that stay below a limit",
        kinds: &[Kind::Hold],
        source: "Huawei [H3]",
        parameters: &[&LIMIT, &SPLIT_DAYS],
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

/// A claim on the same activity, as a pair.
fn same_activity(view: &View<'_>, activity: &ActivityId, other: &EarlierClaim) -> Result<Pair, Stuck> {
    let case = view.case;
    Ok(Pair::of("/request/activity/id", other, "/activity").with([
        Field::of("activity", activity, &other.activity, false),
        Field::of("partner", &case.partner.id, &other.partner, false),
        Field::of("programme", &case.programme, &other.programme, false),
        Field::of("amount", view.claim()?.amount, other.amount, false),
    ]))
}

fn unsplit(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let Some(limit) = LIMIT.of(view.terms).in_currency(claim.currency) else {
        return Ok(Ruling::satisfied(format!("there is no limit in {}", claim.currency)));
    };
    told.input("limit", limit);
    // Whoever had more than the limit approved in one piece dodged nothing.
    if let Some(approval) = view.request()?.approval.as_ref()
        && approval.amount.currency == limit.currency
        && approval.amount.minor > limit.minor
    {
        return Ok(Ruling::satisfied(format!("{} were approved at once, above the limit", approval.amount)));
    }
    let remedy = "have somebody decide whether it is one purchase";
    let activity = &view.request()?.activity.id;
    let same = |other: &&EarlierClaim| other.activity == *activity && other.partner == view.case.partner.id;
    let siblings: Vec<&EarlierClaim> = others(view)?.into_iter().filter(same).collect();
    let sum = Money::sum(claim.currency, siblings.iter().map(|other| other.amount))?.plus(claim.amount)?;
    told.input("claims for the activity", format!("{}, together {sum}", siblings.len() + 1));
    let below = siblings.iter().map(|other| other.amount).chain([claim.amount]).all(|one| one.minor <= limit.minor);
    if !siblings.is_empty() && below && sum.minor > limit.minor {
        for other in &siblings {
            told.pair(same_activity(view, activity, other)?);
        }
        let because = format!("{} claims for one activity stay below {limit} and sum to {sum}", siblings.len() + 1);
        return Ok(Ruling::hold("/claim/amount", because, remedy));
    }
    for group in purchases(&claim.invoices, SPLIT_DAYS.of(view.terms))? {
        let sum = Money::sum(claim.currency, group.iter().map(|invoice| invoice.total))?;
        let below = group.iter().all(|invoice| invoice.total.minor <= limit.minor);
        if let [first, _, ..] = group.as_slice()
            && below
            && sum.minor > limit.minor
        {
            let (count, date) = (group.len(), first.date);
            let when = if group.iter().all(|one| one.date == date) { "on" } else { "from" };
            let because = format!("{count} invoices of one supplier {when} {date} stay below {limit} and sum to {sum}");
            return Ok(Ruling::hold("/claim/invoices", because, remedy));
        }
    }
    Ok(Ruling::satisfied("nothing is split to stay below the limit"))
}

/// Invoices by supplier and time: each group begins with its earliest, and holds what follows within so many days.
fn purchases(invoices: &[Invoice], days: u32) -> Result<Vec<Vec<&Invoice>>, Stuck> {
    let mut sorted: Vec<(String, Date, &Invoice)> =
        invoices.iter().map(|invoice| (folded(&invoice.supplier.tax_id), invoice.date, invoice)).collect();
    sorted.sort_by(|left, right| (&left.0, left.1).cmp(&(&right.0, right.1)));
    let mut groups: Vec<(String, Date, Vec<&Invoice>)> = Vec::new();
    for (supplier, date, invoice) in sorted {
        match groups.last_mut() {
            Some((same, until, group)) if *same == supplier && date <= *until => group.push(invoice),
            _ => groups.push((supplier, date.checked_add(i64::from(days).days())?, vec![invoice])),
        }
    }
    Ok(groups.into_iter().map(|(_, _, group)| group).collect())
}

fn one_programme(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    let activity = &request.activity.id;
    told.input("activity", activity);
    // What several funds were asked for together is known to all of them.
    let joint = request.joint.as_ref().map(|joint| &joint.label);
    let together = |one: &EarlierClaim| joint.is_some() && one.joint.as_ref() == joint;
    let elsewhere: Vec<&EarlierClaim> = others(view)?
        .into_iter()
        .filter(|one| one.activity == *activity && one.programme != view.case.programme && !together(one))
        .collect();
    let Some(other) = elsewhere.first() else {
        return Ok(Ruling::satisfied("no other programme pays the activity"));
    };
    for one in &elsewhere {
        told.pair(same_activity(view, activity, one)?);
    }
    let because = format!("another claim is for the same activity, in programme `{}`", other.programme);
    Ok(Ruling::block("/request/activity/id", because, "claim it in one programme alone"))
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
    let bars = |one: &&&EarlierClaim| mode == ClaimsPerActivity::One || one.closing;
    let barring: Vec<&EarlierClaim> = before.iter().filter(bars).copied().collect();
    let Some(other) = barring.first() else { return Ok(Ruling::satisfied("the activity may have this claim")) };
    for one in &barring {
        told.pair(same_activity(view, activity, one)?);
    }
    Ok(match mode {
        ClaimsPerActivity::One => {
            let because = format!("the activity was claimed in `{}` already", other.claim);
            Ruling::block("/claim", because, "add what is missing to that claim")
        }
        ClaimsPerActivity::Partial => {
            let because = format!("`{}` was the last claim on the activity", other.claim);
            Ruling::block("/claim", because, "have that claim opened again")
        }
    })
}
