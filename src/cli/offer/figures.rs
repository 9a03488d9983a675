//! An offer's figures in words and tables: `offer plan` and `offer create` show the same.

use entente_core::{
    context::private_offer::SubmitFacts,
    money::Money,
    offer::figures::{Figures, PricedLine},
};

use super::list::worth;
use crate::cli::output::Out;

/// Basis points as percent; an unknown list price counts as a full discount.
pub fn discount(bp: Option<i64>) -> String {
    match bp {
        Some(bp) => {
            let sign = if bp < 0 { "-" } else { "" };
            format!("{sign}{}.{:02} %", bp.unsigned_abs() / 100, bp.unsigned_abs() % 100)
        }
        None => "unknown, counts as 100 %".to_owned(),
    }
}

/// The figures of the whole, each with its name.
pub fn fields(figures: &Figures) -> Vec<(&'static str, String)> {
    let of_list = figures.list_value.filter(|_| figures.blended_bp.is_some());
    let of_list = of_list.map(|list| format!(" of {list} at list")).unwrap_or_default();
    let free = figures.free_months;
    vec![
        ("value", worth(Some(&figures.total))),
        ("a year", if figures.annualised.minor == 0 { String::new() } else { figures.annualised.to_string() }),
        ("free months", if free == 0 { String::new() } else { free.to_string() }),
        ("discount", format!("{}{of_list}", discount(figures.blended_bp.or(figures.policy_bp)))),
        ("largest discount", larger(figures)),
    ]
}

/// What policies test, where a metered dimension lies further below list than the contract does.
fn larger(figures: &Figures) -> String {
    let larger = figures.policy_bp.filter(|bp| figures.blended_bp.is_some_and(|blended| *bp > blended));
    larger.map(|bp| discount(Some(bp))).unwrap_or_default()
}

/// What the buyer was offered in twelve months, and which currencies that leaves out.
pub fn of_buyer(facts: &SubmitFacts) -> String {
    let sum = Money { minor: facts.cumulative_value_12m_minor, currency: facts.currency };
    let left_out: Vec<&str> = facts.cumulative_left_out.iter().map(|currency| currency.code()).collect();
    match left_out.is_empty() {
        true => sum.to_string(),
        false => format!("{sum}, and offers in {} that do not add to it without a rate", left_out.join(", ")),
    }
}

/// The figures line by line.
pub fn table(out: &Out, figures: &Figures) {
    out.heading("Prices");
    let rows = figures.lines.iter().map(|line| {
        vec![
            line.key.clone(),
            line.duration.map_or_else(|| "metered".to_owned(), |duration| duration.to_string()),
            quantity(line),
            line.unit_price.to_string(),
            line.effective_price.to_string(),
            line.list_price.map_or_else(|| "-".to_owned(), |list| list.to_string()),
            below(line),
        ]
    });
    let heading = ["dimension", "for", "units", "unit price", "after free months", "list", "discount"];
    out.table(&heading, &rows.collect::<Vec<_>>());
}

/// The figures as words for whoever has just created the offer.
pub fn say(out: &Out, figures: &Figures) {
    let whole: Vec<String> = fields(figures)
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .map(|(name, text)| format!("{name} {text}"))
        .collect();
    out.say(&whole.join(", "));
    for line in &figures.lines {
        let list = line.list_price.map(|list| format!(" against {list} at list")).unwrap_or_default();
        let units = line.quantity.map(|_| format!(" (units: {})", quantity(line))).unwrap_or_default();
        out.say(&format!("`{}`: {}{list}{units}; discount {}", line.key, line.unit_price, below(line)));
    }
}

fn quantity(line: &PricedLine) -> String {
    let Some(quantity) = line.quantity else { return "-".to_owned() };
    let steps = line.ramp.iter().map(|step| format!(", {} after {} months", step.quantity, step.after_months));
    std::iter::once(quantity.to_string()).chain(steps).collect()
}

fn below(line: &PricedLine) -> String {
    let floor = if line.below_floor { ", below the floor" } else { "" };
    format!("{}{floor}", discount(line.discount_bp))
}
