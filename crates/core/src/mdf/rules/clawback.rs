//! Money that comes back: Y8 and Y9.

use super::{ids, param};
use crate::{
    mdf::{
        cell::{BasisPoints, Within},
        figures::{lower, not_below_zero},
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Ruling, Stuck, Told},
        view::View,
    },
    money::Rounding,
};

ids!(Payment: Y8 = 8, Y9 = 9);

param!(NETTED: BasisPoints = Y9 "of_statement" Within(0, 10_000), "25", "the most that is taken off one statement");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Y8,
        title: "what is left of an advance comes back, and so does what was misused",
        kinds: &[Kind::Timer],
        source: "Blackpoint [X4]",
        parameters: &[],
        exceptable: false,
        judge: advance,
    },
    Rule {
        id: Y9,
        title: "money taken back comes off the next statement up to a part of it, the rest by invoice",
        kinds: &[Kind::Timer],
        source: "ours",
        parameters: &[&NETTED],
        exceptable: false,
        judge: clawback,
    },
];

fn advance(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let claim = view.claim()?;
    let advance = claim.advance.as_ref().ok_or(Stuck::Nothing("nothing was paid in advance"))?;
    let end = view.request()?.activity.end;
    if !claim.closing && view.today() <= end {
        return Err(Stuck::Nothing("the activity is not over"));
    }
    let earned = advance.proven.minus(advance.misused)?;
    let open = advance.paid.minus(earned)?.minus(advance.returned)?;
    told.input("paid in advance", advance.paid);
    told.input("proven", advance.proven);
    told.input("of it misused", advance.misused);
    told.input("returned", advance.returned);
    if open.minor <= 0 {
        return Ok(Ruling::satisfied(format!("of {} in advance nothing is left to return", advance.paid)));
    }
    let action = Action { what: ActionKind::Recover, due: view.today(), amount: Some(open) };
    let because = format!("of {} in advance {earned} was spent well and {} returned", advance.paid, advance.returned);
    Ok(Ruling::act(vec![action], "/claim/advance", because))
}

fn clawback(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let clawback = view.payout()?.clawback.as_ref().ok_or(Stuck::Nothing("no money is taken back"))?;
    let part = NETTED.of(view.terms);
    // Rounded down, so that a statement never loses more than the part.
    let most = not_below_zero(part.of(clawback.next_statement, Rounding::Down)?);
    let net = lower(clawback.amount, most)?;
    let invoice = clawback.amount.minus(net)?;
    told.input("taken back", clawback.amount);
    told.input("next statement", clawback.next_statement);
    told.input("at most off it", most);
    told.rounding = format!("{part} of {} is rounded down, to {most}", clawback.next_statement);
    let plan =
        format!("of {} taken back, {net} comes off the next statement and {invoice} is invoiced", clawback.amount);
    let (net_open, invoice_open) = (net.minus(clawback.netted)?, invoice.minus(clawback.invoiced)?);
    if net_open.minor < 0 || invoice_open.minor < 0 {
        return Err(Stuck::Unknown(format!("{plan}; more than that was taken, which a person has to correct")));
    }
    let due = view.today();
    let steps = [(ActionKind::NetOnStatement, net_open), (ActionKind::InvoicePartner, invoice_open)];
    let actions: Vec<Action> = steps
        .into_iter()
        .filter(|(_, amount)| amount.minor > 0)
        .map(|(what, amount)| Action { what, due, amount: Some(amount) })
        .collect();
    if actions.is_empty() {
        return Ok(Ruling::satisfied(plan));
    }
    Ok(Ruling::act(actions, "/payout/clawback", plan))
}
