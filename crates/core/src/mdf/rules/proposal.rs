//! What a request has to say: Q3, Q4 and Q5.

use super::{Table, ids, param, play, quoted};
use crate::{
    ids::RoleId,
    mdf::{
        cell::{Amounts, Window, Words},
        model::Request,
        rule::{Kind, Rule},
        ruling::{Ruling, Stuck, Told},
        view::View,
    },
    money::Money,
};

ids!(Request: Q3 = 3, Q4 = 4, Q5 = 5);

param!(PLAYS: Words = Q3 "plays" (), "[]", "the approved plays; any play where empty");
param!(GOALS: Words = Q3 "goals" (), "[\"leads\", \"pipeline\"]", "the figures that a request must aim at");
param!(ACTIVITIES: Table<Window> = Q4 "activities" (), "{}", "the kinds of activities that are paid, with the days on which they are");
param!(CATEGORY_CAP: Table<Amounts> = Q5 "caps" (), "{}", "the categories, with the most for each out of one fund");
param!(CATEGORY_LIMIT: Table<Amounts> = Q5 "approval_above" (), "{}", "for a category, the amount above which its owner approves");
param!(CATEGORY_OWNER: Option<RoleId> = Q5 "role" (), "\"marketing\"", "who owns categories");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Q3,
        title: "the request names an approved play, its goals, its audience and what each item costs",
        kinds: &[Kind::Block],
        source: "partner-programme practice, Cisco [X5], Huawei [H4]",
        parameters: &[&PLAYS, &GOALS],
        exceptable: true,
        judge: complete,
    },
    Rule {
        id: Q4,
        title: "the kind of activity is on the list that is valid on its first day",
        kinds: &[Kind::Block],
        source: "Microsoft [M9], HP [X6]",
        parameters: &[&ACTIVITIES],
        exceptable: true,
        judge: listed,
    },
    Rule {
        id: Q5,
        title: "the category is known, within its cap, and approved where it is expensive",
        kinds: &[Kind::Block, Kind::Approve],
        source: "Microsoft [M9]",
        parameters: &[&CATEGORY_CAP, &CATEGORY_LIMIT, &CATEGORY_OWNER],
        exceptable: true,
        judge: category,
    },
];

fn complete(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    let items = Money::sum(request.cost.currency, request.items.iter().map(|item| item.amount))?;
    play::tell(request, told);
    told.list("goals", request.goals.iter().map(|goal| format!("{} {}", goal.target, goal.name)));
    told.input("items", items);
    told.input("cost", request.cost);
    let (plays, goals) = (PLAYS.of(view.terms), GOALS.of(view.terms));
    let of_play = || play::defect(request, &view.case.programme);
    match lacking(request, &plays, &goals, items).or_else(of_play) {
        None => Ok(Ruling::satisfied("play, goals, audience and items are complete")),
        Some((field, because, remedy)) => Ok(Ruling::block(field, because, remedy)),
    }
}

fn lacking(request: &Request, plays: &Words, goals: &Words, items: Money) -> Option<(&'static str, String, String)> {
    match &request.play {
        None => return Some(("/request/play", "the request names no play".into(), "name an approved play".into())),
        Some(play) if !plays.is_empty() && !plays.contains(play) => {
            let because = format!("`{play}` is not an approved play");
            return Some(("/request/play", because, format!("name one of {}", quoted(plays))));
        }
        Some(_) => {}
    }
    let aims = |name: &&String| request.goals.iter().any(|goal| goal.name == **name && goal.target > 0);
    let missing: Vec<&String> = goals.iter().filter(|name| !aims(name)).collect();
    if !missing.is_empty() {
        let because = format!("the request aims at no {}", quoted(missing));
        return Some(("/request/goals", because, "write a number above 0 for each".into()));
    }
    if request.target_audience.trim().is_empty() {
        return Some(("/request/target_audience", "the audience is not said".into(), "say whom it addresses".into()));
    }
    if request.items.is_empty() || items != request.cost {
        let because = format!("the items sum to {items} and the cost is {}", request.cost);
        return Some(("/request/items", because, "list every item, so that they sum to the cost".into()));
    }
    None
}

fn listed(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let activity = &view.request()?.activity;
    let list = ACTIVITIES.of(view.terms);
    let valid: Vec<&String> = list.iter().filter(|(_, window)| window.holds(activity.start)).map(|(k, _)| k).collect();
    told.input("kind", &activity.kind);
    told.input("day", activity.start);
    told.list("valid on the day", &valid);
    if valid.contains(&&activity.kind) {
        return Ok(Ruling::satisfied(format!("`{}` is listed on {}", activity.kind, activity.start)));
    }
    let because = format!("`{}` is not listed on {}; listed are {}", activity.kind, activity.start, quoted(valid));
    Ok(Ruling::block("/request/activity/kind", because, "choose a listed activity"))
}

fn category(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let request = view.request()?;
    let caps = CATEGORY_CAP.of(view.terms);
    let known = || quoted(caps.keys());
    told.list("categories", caps.keys());
    let field = "/request/category";
    let Some(category) = &request.category else {
        return Ok(Ruling::block(field, "the request has no category", format!("choose one of {}", known())));
    };
    told.input("category", category);
    let Some(cap) = caps.get(category) else {
        let because = format!("`{category}` is not a category of the programme");
        return Ok(Ruling::block(field, because, format!("choose one of {}", known())));
    };
    let currency = request.amount.currency;
    let granted = view.fund()?.granted_by_category.get(category).copied().unwrap_or(Money::zero(currency));
    let after = granted.plus(request.amount)?;
    told.input("granted with this one", after);
    if let Some(cap) = cap.in_currency(currency) {
        told.input("cap", cap);
        let over = after.minus(cap)?;
        if over.minor > 0 {
            let because = format!("`{category}` would come to {after}, {over} above its cap of {cap}");
            return Ok(Ruling::block("/request/amount", because, format!("lower the request by {over}")));
        }
    }
    let limits = CATEGORY_LIMIT.of(view.terms);
    let limit = limits.get(category).and_then(|limit| limit.in_currency(currency));
    let Some(limit) = limit.filter(|limit| request.whole_amount().minor > limit.minor) else {
        return Ok(Ruling::satisfied(format!("`{category}` comes to {after}, within its cap")));
    };
    told.input("approval above", limit);
    let owner = CATEGORY_OWNER.of(view.terms);
    if owner.as_ref().is_some_and(|owner| view.approved_by(owner)) {
        return Ok(Ruling::satisfied(format!("{} in `{category}` is approved by its owner", request.amount)));
    }
    let because = format!("{} in `{category}` is above {limit}", request.amount);
    Ok(Ruling::approve(owner, "/request/amount", because))
}
