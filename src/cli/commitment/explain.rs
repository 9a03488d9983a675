//! Why what was spent counts, or does not.

use std::collections::BTreeMap;

use entente_core::{
    commitment::{
        Amount, SumKey,
        eligibility::{Answer, RuleName, Said},
    },
    money::Currency,
};
use entente_store::SpendSum;
use jiff::civil::Date;

use super::{args::Name, paint, visitor};
use crate::{
    cli::{exit::Exit, failure::Failure, input, output::Out, session::Session},
    commitments::explained::{Cited, Why},
    spend::{Asked, Charge, Explained},
};

/// How much of a file's hash words show; JSON has all of it.
const SHORT: usize = 12;

/// Explain what of the spend counts, sum by sum: the rule that decided with its source, and the rows of which file it is made of
///
/// The files that are kept are read once more, so that every charge's own verdict is told: what is known of it, which rules concern it, and
/// which ones nobody can decide about.
#[derive(Debug, clap::Args)]
pub struct Explain {
    #[command(flatten)]
    name: Name,
    /// What counts on this day
    #[arg(long, value_name = "DAY", conflicts_with = "month")]
    day: Option<Date>,
    /// What counts in this month, such as 2027-03
    #[arg(long, value_name = "MONTH", value_parser = month)]
    month: Option<Date>,
    /// What was spent on this product
    #[arg(long, value_name = "PRODUCT", value_parser = input::said)]
    product: Option<String>,
    /// What was spent by this account
    #[arg(long, value_name = "ACCOUNT", value_parser = input::said)]
    account: Option<String>,
    /// What this rule has decided, such as K10 or cloud
    #[arg(long, value_name = "RULE")]
    reason: Option<RuleName>,
}

/// The first day of a month.
fn month(text: &str) -> Result<Date, String> {
    let day = (text.len() == 7).then(|| format!("{text}-01").parse().ok()).flatten();
    day.ok_or_else(|| format!("`{text}` is no month; write one such as 2027-03"))
}

/// Sums of one file that one rule has decided about alike, day after day.
struct Line<'e> {
    of: &'e Explained,
    key: &'e SumKey,
    days: (Date, Date),
    amount: Amount,
    rows: u64,
    span: (u64, u64),
}

impl Explain {
    pub(super) async fn run(self, session: &Session) -> Result<Exit, Failure> {
        let visitor = visitor(session)?;
        Why::may_ask(&visitor, &self.name.name)?;
        let stored = visitor.find(&self.name.name).await?;
        let why = Why::of(&visitor, &stored, &self.asked()).await?;
        if session.out.is_json() {
            session.out.json(&why.data())?;
            return Ok(Exit::Ok);
        }
        let out = &session.out;
        out.fields(&paint::footing(&why.footing));
        words(out, &why)?;
        if why.found.is_empty() {
            out.say("nothing of the kind was taken in");
        }
        Ok(Exit::Ok)
    }

    fn asked(&self) -> Asked {
        let month = self.month.map(|first| (first, first.last_of_month()));
        Asked {
            days: self.day.map(|day| (day, day)).or(month),
            product: self.product.clone(),
            account: self.account.clone(),
            reason: self.reason.clone(),
        }
    }
}

/// What rules said that concern a charge, or may.
fn said(charge: &Charge) -> impl Iterator<Item = Cited> {
    charge.verdict.said.iter().filter_map(|Said { rule, title, source, read, answer, .. }| {
        let said = match answer {
            Answer::Concerned => "concerns it",
            Answer::Undecided => "nobody knows",
            Answer::NotConcerned | Answer::NotInForce => return None,
        };
        Some(Cited { rule: rule.clone(), said, title: title.clone(), source: source.clone(), read: *read })
    })
}

fn words(out: &Out, told: &Why) -> Result<(), Failure> {
    let found = &told.found;
    let mut sums = Vec::new();
    let mut why: BTreeMap<(RuleName, String), Vec<Cited>> = BTreeMap::new();
    for one in found {
        for line in lines(one)? {
            sums.push(cells(&line, one.reading.new.currency));
        }
        for (sum, charges) in &one.sums {
            let reason = &sum.key.reason;
            let of_charges = charges.iter().map(|charge| (charge.verdict.because.clone(), said(charge).collect()));
            let alone = charges.is_empty().then(|| (String::new(), Vec::new()));
            for (because, said) in of_charges.chain(alone) {
                let said: Vec<Cited> = said;
                let there = why.entry((reason.clone(), because)).or_insert_with(|| told.cites(reason));
                for cited in said {
                    // What was asked of the charge says more than that the rule is there.
                    there.retain(|other| {
                        other.said != "cited" || (&other.rule, &other.title) != (&cited.rule, &cited.title)
                    });
                    if !there.contains(&cited) {
                        there.push(cited);
                    }
                }
            }
        }
    }
    out.heading("sums");
    let heading = [
        "days",
        "product",
        "account",
        "decided by",
        "counts",
        "amount",
        "file",
        "sha-256",
        "rows",
        "first row",
        "last row",
    ];
    out.table(&heading, &sums);
    out.heading("why");
    let mut rows = Vec::new();
    for ((reason, because), cited) in why {
        let first = |because: String| vec![reason.to_string(), because];
        if cited.is_empty() {
            rows.push([first(because.clone()), vec![String::new(); 5]].concat());
        }
        for Cited { rule, said, title, source, read } in cited {
            let rule = vec![rule.to_string(), said.to_owned(), title, source, read.to_string()];
            rows.push([first(because.clone()), rule].concat());
        }
    }
    out.table(&["decided by", "because", "rule", "it", "says", "source", "read on"], &rows);
    for one in found {
        if let Some(why) = &one.unread {
            out.warn(&format!("`{}`: its charges are not told one by one: {why}", one.reading.new.file));
        }
    }
    Ok(())
}

/// The sums of a file, those of several days that differ in nothing else added up.
fn lines(one: &Explained) -> Result<Vec<Line<'_>>, Failure> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for (SpendSum { key, amount, rows, first_row, last_row }, _) in &one.sums {
        let alike = |line: &&mut Line<'_>| SumKey { day: key.day, ..line.key.clone() } == *key;
        match lines.iter_mut().find(alike) {
            Some(line) => {
                let sum = line.amount.plus(*amount);
                line.amount = sum.map_err(|error| Failure::new(Exit::Error, error.to_string()))?;
                line.days = (line.days.0.min(key.day), line.days.1.max(key.day));
                line.rows += rows;
                line.span = (line.span.0.min(*first_row), line.span.1.max(*last_row));
            }
            None => {
                let (days, span) = ((key.day, key.day), (*first_row, *last_row));
                lines.push(Line { of: one, key, days, amount: *amount, rows: *rows, span });
            }
        }
    }
    Ok(lines)
}

fn cells(line: &Line<'_>, currency: Currency) -> Vec<String> {
    let Line { of, key, days: (from, through), amount, rows, span: (first, last) } = line;
    let new = &of.reading.new;
    vec![
        if from == through { from.to_string() } else { format!("{from} to {through}") },
        key.product.clone(),
        key.account.clone(),
        key.reason.to_string(),
        key.weight.to_string(),
        paint::amount(*amount, currency),
        new.file.clone(),
        new.file_sha256.chars().take(SHORT).collect(),
        rows.to_string(),
        first.to_string(),
        last.to_string(),
    ]
}
