//! How much there is: G1, G3, G6, G7 and G8.

use super::{ids, param};
use crate::{
    mdf::{
        cell::{Amounts, choices},
        model::{Fund, FundUnit, Movement, MovementKind, RequestStatus},
        rule::{Kind, Rule},
        ruling::{Effect, Ruling, Stuck, Told},
        view::View,
    },
    money::Money,
};

ids!(Budget: G1 = 1, G3 = 3, G6 = 6, G7 = 7, G8 = 8);

choices! {
    /// What a fund counts.
    Unit {
        Money = "money": "Money.",
        Points = "points": "Points of a fixed value.",
    }
}

param!(PARTIAL: bool = G6 "partial" (), "false", "whether what is there is granted at once while the rest waits");
param!(UNIT: Unit = G7 "unit" (), "\"money\"", "what funds count");
param!(POINT_VALUE: Amounts = G7 "point_value" (), "{}", "what one point is worth");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: G1,
        title: "allocations stay within the budget, requests within the allocation, claims within the request",
        kinds: &[Kind::Block],
        source: "Salesforce [SF1]; ours: exceptions end by themselves and are reported",
        parameters: &[],
        exceptable: true,
        judge: within_parents,
    },
    Rule {
        id: G3,
        title: "the activity lies within the time of the budget",
        kinds: &[Kind::Block],
        source: "Salesforce [SF1]",
        parameters: &[],
        exceptable: true,
        judge: within_time,
    },
    Rule {
        id: G6,
        title: "a request beyond what is free waits for money, first in, first out",
        kinds: &[Kind::Hold],
        source: "NetApp [X2]",
        parameters: &[&PARTIAL],
        exceptable: false,
        judge: funded,
    },
    Rule {
        id: G7,
        title: "funds count money or points, and requests count the same",
        kinds: &[Kind::Define],
        source: "Zift [P7]",
        parameters: &[&UNIT, &POINT_VALUE],
        exceptable: false,
        judge: unit,
    },
    Rule {
        id: G8,
        title: "a fund is moved by credit, debit, expiry and reimbursement alone; what is wrong is reversed",
        kinds: &[Kind::Block],
        source: "Channeltivity [P5]; ours: nothing is edited or deleted",
        parameters: &[],
        exceptable: false,
        judge: movements,
    },
];

fn within_parents(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let fund = view.fund()?;
    let mut sums = vec![("/fund/budget", "allocations", fund.budget.allocated, "budget", fund.budget.amount)];
    if let Some(request) = &view.case.request {
        let asked = fund.requested.plus(request.amount)?;
        sums.push(("/request/amount", "requests", asked, "allocation", fund.allocated));
        if let Some(claim) = &view.case.claim {
            let claimed = request.consumed.plus(claim.amount)?;
            sums.push(("/claim/amount", "claims", claimed, "request", request.amount));
        }
    }
    for (field, parts, sum, parent, whole) in sums {
        told.input(parts, format!("{sum} of {whole}"));
        let over = sum.minus(whole)?;
        if over.minor > 0 {
            let because = format!("{parts} of {sum} exceed the {parent} of {whole} by {over}");
            return Ok(Ruling::block(field, because, format!("lower it by {over}, or raise the {parent} first")));
        }
    }
    Ok(Ruling::satisfied("every sum stays within what it is a part of"))
}

fn within_time(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (budget, activity) = (&view.fund()?.budget, &view.request()?.activity);
    told.input("budget", format!("{} to {}", budget.from, budget.until));
    told.input("activity", format!("{} to {}", activity.start, activity.end));
    if budget.from <= activity.start && activity.end <= budget.until {
        return Ok(Ruling::satisfied("the activity lies within the time of the budget"));
    }
    let because = format!(
        "the activity lasts from {} to {}, the budget from {} to {}",
        activity.start, activity.end, budget.from, budget.until
    );
    Ok(Ruling::block("/request/activity/start", because, "move the activity, or ask for another budget"))
}

fn funded(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (fund, request) = (view.fund()?, view.request()?);
    let held = request.approval.as_ref().and_then(|approval| approval.asked);
    let wanted = match held {
        Some(held) => request.amount.minus(held)?,
        None => request.amount,
    };
    let has_it = request.status() == Some(RequestStatus::Approved) && (held.is_none() || wanted.minor <= 0);
    if has_it {
        return Ok(Ruling::satisfied("the request is approved and has its money"));
    }
    let free = fund.free()?;
    told.input("free", free);
    told.input("asked", wanted);
    let ahead = fund.queue.iter().take_while(|queued| queued.request != request.id).count();
    told.input("requests ahead", ahead);
    let short = wanted.minus(free)?;
    if ahead > 0 {
        let because = format!("the {free} that is free goes to requests that wait longer ({ahead})");
        return Ok(Ruling::hold("/request/amount", because, "wait for the requests ahead, or ask for more budget"));
    }
    if short.minor <= 0 {
        return Ok(Ruling::satisfied(format!("{free} is free and {wanted} is asked for")));
    }
    let because = format!("{wanted} is asked for and {free} is free");
    let remedy = if PARTIAL.of(view.terms) && free.minor > 0 {
        format!("grant {free} now and let {short} wait, held for lack of funds")
    } else {
        format!("held for lack of funds until another {short} is free")
    };
    Ok(Ruling::hold("/request/amount", because, remedy))
}

fn unit(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (fund, request) = (view.fund()?, view.request()?);
    let unit = UNIT.of(view.terms);
    told.input("unit", Unit::word(unit));
    let contradict = |field: &str, because: String| {
        Ok(Ruling::found(Effect::Contradict, field, because, "count fund and request in the programme's unit"))
    };
    match (unit, fund.unit, request.points) {
        (Unit::Money, FundUnit::Money, None) => Ok(Ruling::satisfied("fund and request count money")),
        (Unit::Money, FundUnit::Money, Some(points)) => {
            contradict("/request/points", format!("the request counts {points} points and the programme money"))
        }
        (Unit::Points, FundUnit::Points, Some(points)) => {
            let currency = request.amount.currency;
            let value = POINT_VALUE.of(view.terms).in_currency(currency);
            let value = value.ok_or_else(|| Stuck::Unknown(format!("a point has no value in {currency}")))?;
            let minor = value.minor.checked_mul(points).ok_or(crate::money::MoneyError::Overflow)?;
            let worth = Money { minor, currency };
            told.input("points", points);
            told.input("worth", worth);
            if worth == request.amount {
                return Ok(Ruling::satisfied(format!("{points} points are worth {worth}")));
            }
            contradict("/request/amount", format!("{points} points are worth {worth}, not {}", request.amount))
        }
        (Unit::Points, FundUnit::Points, None) => {
            contradict("/request/points", "the request says no points".to_owned())
        }
        _ => contradict("/fund/unit", format!("the fund does not count {}", Unit::word(unit))),
    }
}

impl Unit {
    fn word(self) -> &'static str {
        match self {
            Unit::Money => "money",
            Unit::Points => "points",
        }
    }
}

fn movements(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let fund = view.fund()?;
    told.input("movements", fund.movements.len());
    let wrong = fund.movements.iter().zip(1..).enumerate().find_map(|(at, (movement, number))| {
        defect(fund, movement, number).map(|because| (format!("/fund/movements/{at}"), because))
    });
    Ok(match wrong {
        None => Ruling::satisfied("every movement is a booking, and what was wrong was reversed"),
        Some((field, because)) => Ruling::block(field, because, "restore the bookings and reverse what was wrong"),
    })
}

/// What is wrong with a movement, if anything.
fn defect(fund: &Fund, movement: &Movement, expected: u64) -> Option<String> {
    let number = movement.number;
    if matches!(movement.kind, MovementKind::Edit | MovementKind::Deletion) {
        return Some(format!("movement {number} changes or removes an earlier one"));
    }
    if number != expected {
        return Some(format!("movement {expected} is missing before {number}"));
    }
    let reversed = movement.reverses?;
    let original = fund.movements.iter().find(|other| other.number == reversed && reversed < number);
    match original {
        Some(original) if original.amount == movement.amount && original.kind == movement.kind => None,
        Some(original) => Some(format!(
            "movement {number} reverses {} of movement {reversed}, which is {}",
            movement.amount, original.amount
        )),
        None => Some(format!("movement {number} reverses movement {reversed}, which is not there")),
    }
}
