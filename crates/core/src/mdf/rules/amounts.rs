//! What of the cost counts, and how it is rounded: V2, V3, V6, V8 and V9.

use super::{Table, ids, param};
use crate::{
    mdf::{
        cell::{Words, choices},
        rule::{Kind, Rule},
        ruling::{Effect, Ruling, Stuck, Told},
        shares::{ROUNDING as SHARES, shares},
        view::View,
    },
    money::{Money, Rounding},
};

ids!(Amounts: V2 = 2, V3 = 3, V6 = 6, V8 = 8, V9 = 9);

choices! {
    /// How an amount is brought to whole minor units.
    Halves {
        Even = "half_even": "Ties go to the even neighbour.",
        Up = "half_up": "Ties go away from zero.",
    }
}

impl Halves {
    pub(in crate::mdf) fn rule(self) -> Rounding {
        match self {
            Halves::Even => Rounding::HalfEven,
            Halves::Up => Rounding::HalfUp,
        }
    }
}

param!(INELIGIBLE: Words = V3 "kinds" (), "[\"alcohol\", \"own_travel\", \"reclaimable_tax\", \"duty_free\", \"equipment\"]", "kinds of lines that never count");
param!(INELIGIBLE_BY_ACTIVITY: Table<Words> = V3 "by_activity" (), "{}", "for a kind of activity, further kinds of lines that do not count");
param!(ROUNDING: Halves = V6 "rounding" (), "\"half_even\"", "how amounts are brought to whole minor units");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: V2,
        title: "cost above the approved cost is the partner's own",
        kinds: &[Kind::Reduce],
        source: "Huawei [H4]",
        parameters: &[],
        exceptable: false,
        judge: within_budget,
    },
    Rule {
        id: V3,
        title: "lines of kinds that do not count are cut, each with its reason",
        kinds: &[Kind::Reduce],
        source: "Cisco [X5], HP [X6]",
        parameters: &[&INELIGIBLE, &INELIGIBLE_BY_ACTIVITY],
        exceptable: false,
        judge: lines,
    },
    Rule {
        id: V6,
        title: "amounts are whole minor units, rounded one way, and shares sum to the whole",
        kinds: &[Kind::Define],
        source: "ours",
        parameters: &[&ROUNDING],
        exceptable: false,
        judge: to_the_cent,
    },
    Rule {
        id: V8,
        title: "money from others lowers the cost that counts",
        kinds: &[Kind::Reduce],
        source: "ours",
        parameters: &[],
        exceptable: false,
        judge: income,
    },
    Rule {
        id: V9,
        title: "of an activity of several vendors, the approved part counts",
        kinds: &[Kind::Reduce],
        source: "ours",
        parameters: &[],
        exceptable: false,
        judge: split,
    },
];

/// A step of the figures: satisfied where it takes nothing away, else a reduction to the vendor's share of the rest.
fn step(
    view: &View<'_>,
    told: &mut Told,
    field: &str,
    before: Money,
    after: Money,
    why: &str,
) -> Result<Ruling, Stuck> {
    told.input("cost before", before);
    told.input("cost after", after);
    if before == after {
        return Ok(Ruling::satisfied(format!("{before} counts as it is")));
    }
    let figures = view.figures()?;
    let to = figures.shared(after)?;
    told.rounding = figures.told(after, to)?;
    let because = format!("{why}: {before} becomes {after}, of which {} is {to}", figures.share);
    Ok(Ruling::found(Effect::Reduce { to }, field, because, "the rest is the partner's own cost"))
}

fn within_budget(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (figures, approval) = (view.figures()?, view.approval()?);
    told.input("approved cost", approval.cost);
    let why = "the cost exceeds what was approved";
    step(view, told, "/claim/lines", figures.after_income, figures.within_budget, why)
}

fn lines(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let figures = view.figures()?;
    told.list("cut", figures.cuts.iter().map(|cut| format!("line {} `{}` {}", cut.line + 1, cut.kind, cut.amount)));
    let cuts = figures.cuts.iter().map(|cut| format!("`{}` ({}) does not count", cut.what, cut.kind));
    let why = cuts.collect::<Vec<_>>().join(", ");
    let field = figures.cuts.first().map(|cut| format!("/claim/lines/{}", cut.line)).unwrap_or_default();
    step(view, told, &field, figures.cost, figures.eligible_lines, &why)
}

fn income(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let figures = view.figures()?;
    told.list("from others", view.claim()?.income.iter().map(|one| format!("{} {}", one.from, one.amount)));
    let why = format!("others paid {}", figures.income);
    step(view, told, "/claim/income", figures.eligible_lines, figures.after_income, &why)
}

fn split(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let part = view.request()?.vendor_split.ok_or(Stuck::Nothing("no other vendor takes part"))?;
    told.input("approved part", part);
    let figures = view.figures()?;
    let why = format!("the approved part among the vendors is {part}");
    step(view, told, "/request/vendor_split", figures.within_budget, figures.vendor_part, &why)
}

fn to_the_cent(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    if claim.shares.is_empty() {
        return Err(Stuck::Nothing("the claim is not shared"));
    }
    let weights: Vec<u64> = claim.shares.iter().map(|share| share.weight).collect();
    let parts = shares(claim.amount, &weights);
    let parts = parts.ok_or_else(|| Stuck::Unknown("no share has a weight; give each payee its weight".into()))?;
    told.input("whole", claim.amount);
    told.list("shares", &parts);
    told.rounding = SHARES.to_owned();
    let differing = claim.shares.iter().zip(&parts).position(|(share, part)| share.amount != *part);
    let Some(at) = differing else {
        return Ok(Ruling::satisfied(format!("{} shares sum to {}", parts.len(), claim.amount)));
    };
    let (share, part) = (claim.shares.get(at).map(|share| share.amount), parts.get(at));
    let because = match (share, part) {
        (Some(share), Some(part)) => format!("share {} is {share} and should be {part}", at + 1),
        _ => "a share is not what its weight says".to_owned(),
    };
    let field = format!("/claim/shares/{at}/amount");
    Ok(Ruling::found(Effect::Contradict, field, because, "write the shares as they are computed"))
}
