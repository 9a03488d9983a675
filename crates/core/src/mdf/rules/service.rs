//! What is due after approval, and when: Y3, Y4, Y10, Y12 and Y13.

use std::collections::BTreeSet;

use jiff::{ToSpan, civil::Date};

use super::{ids, param, timing::deadline};
use crate::{
    ids::RoleId,
    mdf::{
        cell::Within,
        model::{Claim, Statement},
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Ruling, Stuck, Told},
        view::{View, days_after},
    },
};

ids!(Payment: Y3 = 3, Y4 = 4, Y10 = 10, Y12 = 12, Y13 = 13);

const DAYS: (Within, &str) = (Within(1, 365), "days");

param!(ANSWER: u32 = Y3 "answer_working_days" (Within(1, 60), "working days"), "3", "how long the first answer may take");
param!(PAYOUT: u32 = Y3 "payout_days" DAYS, "30", "how long payment may take after the claim");
param!(INVOICE: u32 = Y4 "days" DAYS, "15", "how long after approval the invoice comes");
param!(STATEMENT: u32 = Y12 "days" (Within(1, 27), "days"), "10", "how long after a month its statement may take");
param!(ROI: BTreeSet<u32> = Y13 "days_after" (Within(1, 730), "days"), "[90, 180]", "when the returns of an activity are reported");
param!(ROI_ROLE: Option<RoleId> = Y13 "role" (), "\"partner_manager\"", "who approves a request while returns are missing");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Y3,
        title: "the first answer and the payment come in time; the clock stands while the partner owes data",
        kinds: &[Kind::Timer],
        source: "Pure Channels and 360insights on waiting times [Q2]",
        parameters: &[&ANSWER, &PAYOUT],
        exceptable: false,
        judge: prompt,
    },
    Rule {
        id: Y4,
        title: "the partner invoices in time, or the vendor issues a credit note",
        kinds: &[Kind::Timer],
        source: "Huawei [H1]",
        parameters: &[&INVOICE],
        exceptable: false,
        judge: invoiced,
    },
    Rule {
        id: Y10,
        title: "a claim that does not come in time forfeits what is reserved",
        kinds: &[Kind::Timer],
        source: "SAP [P12]",
        parameters: &[],
        exceptable: false,
        judge: forfeited,
    },
    Rule {
        id: Y12,
        title: "each month has its statement, signed, with a rule for every line",
        kinds: &[Kind::Timer],
        source: "partner-programme practice",
        parameters: &[&STATEMENT],
        exceptable: false,
        judge: statement,
    },
    Rule {
        id: Y13,
        title: "returns are reported when they are due, or the next request needs a manager",
        kinds: &[Kind::Approve],
        source: "idea from monday.com [X7], partner-programme practice",
        parameters: &[&ROI, &ROI_ROLE],
        exceptable: false,
        judge: returns,
    },
];

/// How many days the clock stood, and whether it stands now.
fn paused(view: &View<'_>, claim: &Claim) -> Result<(i32, bool), Stuck> {
    let mut days = 0;
    for pause in &claim.pauses {
        let until = pause.until.unwrap_or_else(|| view.today());
        days += until.since(pause.from)?.get_days().max(0);
    }
    Ok((days, claim.pauses.iter().any(|pause| pause.until.is_none())))
}

fn prompt(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, submitted) = (view.claim()?, view.day(view.submitted()?));
    let (stood, stands) = paused(view, claim)?;
    let answer = view.working_days_after(submitted, ANSWER.of(view.terms))?;
    let payout = days_after(submitted, PAYOUT.of(view.terms))?.checked_add(i64::from(stood).days())?;
    told.input("claimed on", submitted);
    told.input("answer due", answer);
    told.input("payment due", payout);
    told.input("days the clock stood", stood);
    if stands {
        return Ok(Ruling::satisfied("the clock stands while the partner owes data"));
    }
    let today = view.today();
    let late = |due: Date, because: String, field: &str, amount| {
        let action = Action { what: ActionKind::Escalate, due, amount };
        Ok(Ruling::act(vec![action], field, because))
    };
    if claim.answered_at.is_none() && today > answer {
        return late(answer, format!("nobody answered until {answer}"), "/claim/answered_at", None);
    }
    let paid = view.case.payout.as_ref().and_then(|payout| payout.paid_at);
    if paid.is_none() && claim.refusal.is_none() && today > payout {
        let amount = view.case.payout.as_ref().map(|payout| payout.approved);
        return late(payout, format!("nothing was paid until {payout}"), "/payout/paid_at", amount);
    }
    Ok(Ruling::satisfied(format!("answer due {answer}, payment due {payout}: neither is late")))
}

fn invoiced(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let approved = view.day(claim.approved_at.ok_or(Stuck::Nothing("the claim is not approved"))?);
    let payout = view.payout()?;
    let due = days_after(approved, INVOICE.of(view.terms))?;
    let self_billing = claim.tax.as_ref().is_some_and(|tax| tax.self_billing);
    let (what, done, field) = if self_billing {
        (ActionKind::SelfBill, payout.self_billed_on, "/payout/self_billed_on")
    } else {
        (ActionKind::AskForInvoice, payout.invoiced_on, "/payout/invoiced_on")
    };
    told.input("approved on", approved);
    told.input("due", due);
    told.input("self-billing", self_billing);
    told.list("came on", done);
    if let Some(day) = done {
        return Ok(Ruling::satisfied(format!("the document came on {day}, due {due}")));
    }
    if view.today() <= due {
        return Err(Stuck::Nothing("there is time for the invoice"));
    }
    let action = Action { what, due, amount: Some(payout.approved) };
    Ok(Ruling::act(vec![action], field, format!("the document was due {due} and is not there")))
}

fn forfeited(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (claim, request) = (view.claim()?, view.request()?);
    let (last, rule) = deadline(view, claim)?;
    told.input("last day", format!("{last} by {rule}"));
    told.input("reserved", request.reserved);
    let submitted = claim.came_at().map(|at| view.day(at));
    if submitted.is_some_and(|day| day <= last) || view.today() <= last {
        return Ok(Ruling::satisfied(format!("the claim came, or may come, until {last}")));
    }
    if request.reserved.minor <= 0 {
        return Ok(Ruling::satisfied("nothing is reserved any more"));
    }
    let budget = &view.fund()?.budget;
    let open = view.today() <= budget.until;
    told.input("budget until", budget.until);
    let what = if open { ActionKind::Release } else { ActionKind::Expire };
    let action = Action { what, due: last.tomorrow()?, amount: Some(request.reserved) };
    let where_to = if open { "goes back to the budget" } else { "expires, since the budget is over" };
    let because = format!("no claim came until {last}; {} {where_to}", request.reserved);
    Ok(Ruling::act(vec![action], "/request/reserved", because))
}

fn statement(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let fund = view.fund()?;
    // The latest month whose statement is due today.
    let back = i64::from(STATEMENT.of(view.terms));
    let month = view.today().checked_sub(back.days())?.first_of_month().yesterday()?.first_of_month();
    told.input("month", month);
    if month < fund.opened_on.first_of_month() {
        return Err(Stuck::Nothing("no statement is due yet"));
    }
    let due = days_after(month.last_of_month(), STATEMENT.of(view.terms))?;
    let whole = |one: &Statement| one.signed && one.lines_without_rule == 0;
    let statements = fund.statements.as_ref().ok_or(Stuck::Nothing("the statements of the fund are not kept here"))?;
    let because = match statements.iter().find(|one| one.month == month) {
        Some(one) if whole(one) => {
            return Ok(Ruling::satisfied(format!("the statement of {month} is signed, with a rule for every line")));
        }
        Some(one) => {
            format!("the statement of {month} is unsigned or has {} lines without a rule", one.lines_without_rule)
        }
        None => format!("the statement of {month} was due {due}"),
    };
    let action = Action { what: ActionKind::IssueStatement, due, amount: None };
    Ok(Ruling::act(vec![action], "/fund/statements", because))
}

fn returns(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    if view.claim().is_ok() {
        return Err(Stuck::Nothing("what is missing is asked about with the next request, not with a claim"));
    }
    view.request()?;
    let (days, today) = (ROI.of(view.terms), view.today());
    told.list("due after days", &days);
    told.input("activities", view.case.partner.roi.len());
    for (at, record) in view.case.partner.roi.iter().enumerate() {
        let mut due = 0;
        for after in &days {
            due += u32::from(days_after(record.ended, *after)? < today);
        }
        if record.given < due {
            let because =
                format!("of `{}` {} reports of returns are due and {} given", record.activity, due, record.given);
            return match ROI_ROLE.of(view.terms) {
                Some(role) if view.approved_by(&role) => {
                    Ok(Ruling::satisfied(format!("{because}; `{role}` approved the request")))
                }
                role => Ok(Ruling::approve(role, format!("/partner/roi/{at}"), because)),
            };
        }
    }
    Ok(Ruling::satisfied("no report of returns is missing"))
}
