//! What was billed in other currencies, by which rate it was converted, and what was not.

use entente_core::{commitment::rates::Used, money::Currency};

use super::paint;
use crate::{cli::output::Out, commitments::sight::Sight};

pub(super) fn draw(out: &Out, sight: &Sight, currency: Currency) {
    if !sight.converted.is_empty() {
        out.heading("converted");
        let rows = sight.converted.iter().map(|step| {
            let (billed, amount) = (paint::amount(step.billed, step.currency), paint::amount(step.amount, currency));
            vec![billed, amount, step.rate.rate().to_string(), source(&step.rate), span(step.from, step.through)]
        });
        out.table(&["billed", "comes to", "at", "by", "on"], &rows.collect::<Vec<_>>());
    }
    if !sight.not_converted.is_empty() {
        out.heading("not converted");
        let rows = sight.not_converted.iter().map(|waiting| {
            let billed = paint::amount(waiting.billed, waiting.currency);
            vec![billed, span(waiting.from, waiting.through), waiting.why.to_string()]
        });
        out.table(&["billed", "on", "because"], &rows.collect::<Vec<_>>());
        out.say("what is not converted is in no figure");
    }
    if !sight.held_back.is_empty() {
        let count = sight.held_back.len();
        out.say(&format!("the buyer does not share its daily sums: {count} partitions of them are in no figure"));
    }
}

/// How far the exchange rates stand from their reference.
pub(super) fn moves(out: &Out, sight: &Sight) {
    if !sight.rate_moves.is_empty() {
        out.heading("exchange rates");
        let rows = sight
            .rate_moves
            .iter()
            .map(|fx| vec![fx.currency.clone(), format!("{} %", fx.percent()), fx.since.to_string()]);
        out.table(&["of", "moved by", "since"], &rows.collect::<Vec<_>>());
    }
}

fn source(used: &Used) -> String {
    match used {
        Used::Fixed(_) => "the contract".to_owned(),
        Used::Published(cited) => {
            format!("{} of {}: {}, read on {}", cited.rates, cited.published, cited.at, cited.read)
        }
    }
}

fn span(from: jiff::civil::Date, through: jiff::civil::Date) -> String {
    if from == through { from.to_string() } else { format!("{from} to {through}") }
}
