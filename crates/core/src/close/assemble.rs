//! A month's batch: estimates of the month before taken back, what was moved, and estimates of what is owed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    AccountClass, Accrual, Batch, BookedLiability, Booking, Books, FundFacts, GlAccount, Line, LineKind, Memo, Moved,
    Refusal, Roll, Scheme, Side, What, accrual::accruals, roll::forward,
};
use crate::money::{Currency, Money};

/// Closes a month.
///
/// # Errors
/// When it is not its turn, a movement is not mapped, something does not tie out, or a fund was approved otherwise than
/// the rules say. Nothing is to be exported then.
pub fn close(books: &Books<'_>) -> Result<Batch, Refusal> {
    in_turn(books)?;
    let rolls = forward(books)?;
    let involved: BTreeSet<&str> = rolls.iter().map(|roll| roll.fund.as_str()).collect();
    for fund in involved {
        agreed(books, fund)?;
    }
    let mut writing = Writing { books, last_day: books.period.last_day(), lines: Vec::new(), memos: Vec::new() };
    writing.take_back();
    writing.movements()?;
    let liability = liability(books, &writing.lines)?;
    let accrued = accruals(books, &rolls, &liability)?;
    for accrual in &accrued {
        writing.accrue(accrual)?;
    }
    finished(writing, rolls, accrued, liability)
}

/// Whether it is the month after the one that was closed last.
fn in_turn(books: &Books<'_>) -> Result<(), Refusal> {
    let Some((before, _)) = &books.previous else { return Ok(()) };
    let last = crate::mdf::statement::Period::new(&before.period, books.period.zone());
    let expected = last.ok().and_then(|last| last.next()).ok_or(Refusal::BeyondCalendar)?.month();
    let asked = books.period.month();
    if expected == asked { Ok(()) } else { Err(Refusal::OutOfOrder { entity: books.entity.clone(), expected, asked }) }
}

/// How a fund is booked, where it was approved so.
fn agreed<'a>(books: &'a Books<'_>, fund: &str) -> Result<(&'a Scheme, &'a FundFacts), Refusal> {
    let facts = books.funds.get(fund).ok_or_else(|| Refusal::UnknownFund { fund: fund.to_owned() })?;
    let programme = facts.programme.clone();
    let scheme = books.rules.scheme(&books.entity, &programme, fund).ok_or_else(|| Refusal::NoScheme {
        entity: books.entity.clone(),
        programme: programme.clone(),
        fund: fund.to_owned(),
    })?;
    let (fund_says, rules_say) = (facts.treatment, scheme.treated.treatment);
    if fund_says != rules_say {
        return Err(Refusal::TreatmentDiffers { fund: fund.to_owned(), fund_says, programme, rules_say });
    }
    Ok((scheme, facts))
}

/// What is owed one by one in the general ledger after these lines, by fund and currency.
fn liability(books: &Books<'_>, lines: &[Line]) -> Result<BTreeMap<(String, Currency), i64>, Refusal> {
    let before = books.previous.iter().flat_map(|(batch, _)| &batch.liability);
    let mut booked: BTreeMap<(String, Currency), i64> =
        before.map(|one| ((one.fund.clone(), one.amount.currency), one.amount.minor)).collect();
    let of_class = |line: &&Line| books.rules.class(&line.account) == Some(AccountClass::Liability);
    for line in lines.iter().filter(of_class) {
        let sum = booked.entry((line.fund.clone(), line.amount.currency)).or_default();
        let less = sum.checked_sub(line.signed());
        *sum = less.ok_or_else(|| Refusal::Overflow { fund: line.fund.clone() })?;
    }
    Ok(booked)
}

/// Movements of a kind that belong together: fund, currency, movement, and the month that they come late for.
type Group = (String, Currency, crate::ledger::PostingAction, Option<String>);

struct Writing<'a> {
    books: &'a Books<'a>,
    last_day: Date,
    lines: Vec<Line>,
    memos: Vec<Memo>,
}

impl Writing<'_> {
    /// On the first day, what was estimated at the end of the month before is taken back: line by line, to the cent.
    fn take_back(&mut self) {
        let first_day = self.books.period.first_day();
        let before = self.books.previous.iter().flat_map(|(batch, _)| &batch.lines);
        let estimates: Vec<Line> = before.filter(|line| line.kind == LineKind::Accrual).cloned().collect();
        for line in estimates {
            let side = line.side.other();
            self.push(Line { posted_on: first_day, kind: LineKind::Reversal, side, ..line });
        }
    }

    fn movements(&mut self) -> Result<(), Refusal> {
        let books = self.books;
        let mut groups: BTreeMap<Group, Vec<&Moved>> = BTreeMap::new();
        for journal in &books.journals {
            let month = books.period.month_at(journal.at);
            let late = Some(month).filter(|month| *month != books.period.month());
            let group = (journal.fund.clone(), journal.amount.currency, journal.action, late);
            groups.entry(group).or_default().push(journal);
        }
        for ((fund, currency, movement, origin), journals) in groups {
            let (scheme, facts) = agreed(books, &fund)?;
            let overflow = || Refusal::Overflow { fund: fund.clone() };
            let sum = journals.iter().try_fold(0_i64, |sum, journal| sum.checked_add(journal.amount.minor));
            let amount = Money { minor: sum.ok_or_else(overflow)?, currency };
            let numbers: Vec<i64> = journals.iter().map(|journal| journal.journal).collect();
            match scheme.movements.get(&movement) {
                None => {
                    return Err(Refusal::Unmapped {
                        movement,
                        fund,
                        journal: numbers.first().copied().unwrap_or_default(),
                        programme: facts.programme.clone(),
                        entity: books.entity.clone(),
                    });
                }
                Some(Booking::Memo(why)) => {
                    self.memos.push(Memo { fund, movement, amount, why: why.clone(), journals: numbers });
                }
                Some(Booking::Accounts { debit, credit }) => {
                    let line = self.line((scheme, facts, &fund), LineKind::Movement, What::Movement(movement), amount);
                    self.pair(Line { origin, journals: numbers, ..line }, debit, credit);
                }
            }
        }
        Ok(())
    }

    /// Debits the cost and credits what is owed by estimate.
    fn accrue(&mut self, accrual: &Accrual) -> Result<(), Refusal> {
        if accrual.accrued.minor == 0 {
            return Ok(());
        }
        let (scheme, facts) = agreed(self.books, &accrual.fund)?;
        let what = What::Accrual(accrual.kind);
        let line = self.line((scheme, facts, &accrual.fund), LineKind::Accrual, what, accrual.accrued);
        self.pair(line, &scheme.cost, &scheme.accrued);
        Ok(())
    }

    /// A line on the account that bears the cost; [`Writing::pair`] says on which it really is.
    fn line(
        &self,
        (scheme, facts, fund): (&Scheme, &FundFacts, &str),
        kind: LineKind,
        what: What,
        amount: Money,
    ) -> Line {
        Line {
            no: 0,
            reference: String::new(),
            posted_on: self.last_day,
            kind,
            what,
            programme: facts.programme.clone(),
            fund: fund.to_owned(),
            treatment: scheme.treated.treatment,
            account: scheme.cost.clone(),
            cost_centre: scheme.cost_centre.clone().unwrap_or_else(|| facts.cost_centre.clone()),
            side: Side::Debit,
            amount,
            origin: None,
            journals: Vec::new(),
        }
    }

    fn pair(&mut self, line: Line, debit: &GlAccount, credit: &GlAccount) {
        self.push(Line { account: debit.clone(), side: Side::Debit, ..line.clone() });
        self.push(Line { account: credit.clone(), side: Side::Credit, ..line });
    }

    fn push(&mut self, line: Line) {
        let no = u32::try_from(self.lines.len()).unwrap_or(u32::MAX).saturating_add(1);
        let id = Batch::id_of(&self.books.entity, &self.books.period.month());
        self.lines.push(Line { no, reference: format!("{id}-{no:05}"), ..line });
    }
}

fn finished(
    writing: Writing<'_>,
    roll: Vec<Roll>,
    accruals: Vec<Accrual>,
    liability: BTreeMap<(String, Currency), i64>,
) -> Result<Batch, Refusal> {
    let Writing { books, lines, memos, .. } = writing;
    let owed = liability.into_iter().filter(|(_, minor)| *minor != 0);
    let liability =
        owed.map(|((fund, currency), minor)| BookedLiability { fund, amount: Money { minor, currency } }).collect();
    Ok(Batch {
        format: Batch::FORMAT,
        id: Batch::id_of(&books.entity, &books.period.month()),
        entity: books.entity.clone(),
        period: books.period.month(),
        zone: books.period.zone().to_owned(),
        rules: books.rules.pin(),
        previous: books.previous.as_ref().map(|(_, sha256)| sha256.clone()),
        cut: books.cut,
        controls: Batch::controls_of(&lines)?,
        lines,
        memos,
        accruals,
        roll,
        liability,
    })
}
