//! From approval to money: Y1, Y2, Y5, Y6, Y7 and Y11.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::{ids, param, quoted};
use crate::{
    ids::PersonId,
    mdf::{
        cell::{Amounts, Words},
        model::{Closing, PayoutStatus},
        parameter::Terms,
        rule::{Kind, Rule},
        ruling::{Action, ActionKind, Effect, Ruling, Stuck, Told},
        view::View,
    },
    money::Money,
};

ids!(Payment: Y1 = 1, Y2 = 2, Y5 = 5, Y6 = 6, Y7 = 7, Y11 = 11);

param!(FOUR_ABOVE: Amounts = Y1 "four_people_above" (), "{}", "amounts above which two people who decide are too few, so that four act");
param!(SMALL_TEAM: bool = Y1 "small_team" (), "false", "whether two people are enough, with a review each month");
param!(KINDS: Words = Y6 "kinds" (), "[\"bank\"]", "the ways in which money is paid");

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Y1,
        title: "different people ask, check, agree and pay, and none of those who decide benefits",
        kinds: &[Kind::Block],
        source: "ours",
        parameters: &[&FOUR_ABOVE, &SMALL_TEAM],
        exceptable: false,
        judge: segregated,
    },
    Rule {
        id: Y2,
        title: "what is paid is what was approved, document by document",
        kinds: &[Kind::Block],
        source: "ours",
        parameters: &[],
        exceptable: false,
        judge: same_documents,
    },
    Rule {
        id: Y5,
        title: "instalments sum to what was approved",
        kinds: &[Kind::Block],
        source: "Oracle [P11]",
        parameters: &[],
        exceptable: false,
        judge: instalments,
    },
    Rule {
        id: Y6,
        title: "money is paid in a way that the programme knows",
        kinds: &[Kind::Define],
        source: "AWS [A7], PartnerStack [P8], Relevize [P10]",
        parameters: &[&KINDS],
        exceptable: false,
        judge: way,
    },
    Rule {
        id: Y7,
        title: "a returned payment opens the payable again, never the claim",
        kinds: &[Kind::Timer],
        source: "ours",
        parameters: &[],
        exceptable: false,
        judge: returned,
    },
    Rule {
        id: Y11,
        title: "a programme closes when nothing is reserved, pending or disputed",
        kinds: &[Kind::Block],
        source: "ours",
        parameters: &[],
        exceptable: false,
        judge: closes,
    },
];

/// How many people rule Y1 wants to decide on an amount, and whether they are those of a small team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separation {
    /// How many different people decide: who checks, who agrees, and each who pays.
    pub deciders: usize,
    /// Whether two are enough, where somebody reviews what they decide each month.
    pub small_team: bool,
}

impl Separation {
    /// What the parameters say of an amount.
    pub(in crate::mdf) fn of(terms: &Terms, amount: Money) -> Separation {
        let four = FOUR_ABOVE.of(terms).in_currency(amount.currency);
        let four = four.is_some_and(|limit| amount.minor > limit.minor);
        let small_team = SMALL_TEAM.of(terms) && !four;
        Separation { deciders: if small_team { 2 } else { 3 }, small_team }
    }

    /// Whether a review of this month lets a small team decide in the month of `today`: one of it or of the month before does.
    pub fn is_reviewed(reviewed: Option<Date>, today: Date) -> bool {
        let month = today.first_of_month();
        let last = month.yesterday().map_or(month, Date::first_of_month);
        reviewed.is_some_and(|reviewed| reviewed >= last)
    }
}

fn segregated(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let payout = view.payout()?;
    let duties = &payout.duties;
    let Separation { deciders: needed, small_team } = Separation::of(view.terms, payout.approved);
    let payers: BTreeSet<&PersonId> = duties.payer.iter().chain(&duties.payers_besides).collect();
    told.input("amount", payout.approved);
    told.input("asked", &duties.requester);
    told.list("checked", &duties.validator);
    told.list("agreed", &duties.finance);
    if !duties.settled_by.is_empty() {
        told.list("settled a dispute", &duties.settled_by);
    }
    told.list("paid", &payers);
    told.list("edited the bank details", &duties.bank_editor);
    told.list("confirmed the bank details", &duties.bank_confirmer);
    let agreed: BTreeSet<&PersonId> = [&duties.validator, &duties.finance].into_iter().flatten().collect();
    let people: BTreeSet<&PersonId> = agreed.union(&payers).copied().collect();
    let field = "/payout/duties";
    let involved = |person: &&PersonId| {
        **person == duties.requester
            || duties.bank_editor.as_ref() == Some(*person)
            || duties.beneficiaries.contains(*person)
    };
    if let Some(person) = people.iter().copied().chain(&duties.settled_by).find(involved) {
        let because = format!("`{person}` decides, and asked, benefits or edited the bank details");
        return Ok(Ruling::block(field, because, "have somebody else decide"));
    }
    if let Some(person) = duties.bank_confirmer.as_ref().filter(|person| payers.contains(person)) {
        let because = format!("`{person}` pays, and confirmed the bank details");
        return Ok(Ruling::block(field, because, "have somebody else pay"));
    }
    if duties.finance.is_none() || payers.is_empty() || (duties.validator.is_none() && !small_team) {
        return Err(Stuck::Nothing("not everybody has acted yet"));
    }
    told.input("deciders needed", needed);
    // Each release stands beside the check and the agreement: what another person released makes up for none.
    let with_each = payers.iter().map(|payer| agreed.len() + usize::from(!agreed.contains(payer)));
    let fewest = with_each.min().unwrap_or_default();
    if fewest < needed {
        let because = format!("{fewest} people decide on {}, and {needed} have to", payout.approved);
        return Ok(Ruling::block(field, because, "have other people decide"));
    }
    if small_team && !Separation::is_reviewed(duties.reviewed_month, view.today()) {
        let because = "two people decide, and nobody has reviewed their decisions for a month";
        return Ok(Ruling::block("/payout/duties/reviewed_month", because, "do the monthly review first"));
    }
    Ok(Ruling::satisfied(format!("{} different people decide on {}", people.len(), payout.approved)))
}

fn same_documents(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let payout = view.payout()?;
    told.input("approved", &payout.approved_hash);
    told.input("paid on", &payout.paid_hash);
    if !payout.approved_hash.is_empty() && payout.approved_hash == payout.paid_hash {
        return Ok(Ruling::satisfied("the documents are those that were approved"));
    }
    let because = "the documents are not those that were approved; the approval is void";
    Ok(Ruling::block("/payout/paid_hash", because, "have the documents approved as they are"))
}

fn instalments(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let payout = view.payout()?;
    let sum = Money::sum(payout.approved.currency, payout.instalments.iter().copied())?;
    let open = payout.approved.minus(sum)?;
    told.list("instalments", &payout.instalments);
    told.input("sum", sum);
    told.input("approved", payout.approved);
    let field = "/payout/instalments";
    if open.minor < 0 {
        let because = format!("instalments of {sum} exceed the approved {}", payout.approved);
        return Ok(Ruling::block(field, because, "lower the last one"));
    }
    if payout.complete && open.minor > 0 {
        let because = format!("instalments of {sum} leave {open} of the approved {} unpaid", payout.approved);
        return Ok(Ruling::block(field, because, format!("pay {open} as well")));
    }
    Ok(Ruling::satisfied(format!("{sum} of {} is paid or planned, {open} is open", payout.approved)))
}

fn way(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let (kind, kinds) = (view.payout()?.kind.word(), KINDS.of(view.terms));
    told.input("way", kind);
    told.list("known", &kinds);
    if kinds.contains(kind) {
        return Ok(Ruling::satisfied(format!("the programme pays by `{kind}`")));
    }
    let because = format!("the programme does not pay by `{kind}`");
    Ok(Ruling::found(Effect::Contradict, "/payout/kind", because, format!("choose one of {}", quoted(kinds))))
}

fn returned(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let payout = view.payout()?;
    let day = payout.returned_on.ok_or(Stuck::Nothing("no payment came back"))?;
    told.input("returned on", day);
    told.input("payable open", payout.status == PayoutStatus::Payable);
    told.input("claim open", payout.claim_reopened);
    let mut actions = Vec::new();
    if payout.status != PayoutStatus::Payable {
        actions.push(Action { what: ActionKind::ReopenPayable, due: day, amount: Some(payout.approved) });
    }
    if payout.claim_reopened {
        actions.push(Action { what: ActionKind::CloseClaimAgain, due: day, amount: None });
    }
    if actions.is_empty() {
        return Ok(Ruling::satisfied(format!("the payment came back on {day}; the payable is open, the claim is not")));
    }
    Ok(Ruling::act(actions, "/payout/status", format!("the payment of {} came back on {day}", payout.approved)))
}

fn closes(view: &View<'_>, told: &mut Told) -> Result<Ruling, Stuck> {
    let closing = view.case.closing.as_ref().ok_or(Stuck::Nothing("nobody asked to close the programme"))?;
    for (name, count) in closing.open() {
        told.input(name, count);
    }
    match closing.obstacle() {
        None => Ok(Ruling::satisfied(format!("the programme may close on {}", closing.on))),
        Some(because) => Ok(Ruling::block("/closing", because, "settle or release them first")),
    }
}

impl Closing {
    /// What has to be settled or released first: what it is, and how much of it there is.
    fn open(&self) -> [(&'static str, u32); 3] {
        [
            ("open reservations", self.open_reservations),
            ("pending payouts", self.pending_payouts),
            ("disputes", self.disputes),
        ]
    }

    /// Why a programme does not close, in the words of rule Y11.
    pub fn obstacle(&self) -> Option<String> {
        let open = self.open();
        let left: Vec<String> =
            open.iter().filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
        (!left.is_empty()).then(|| format!("the programme cannot close with {}", left.join(", ")))
    }
}
