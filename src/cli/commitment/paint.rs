//! Amounts, bands and paces in words.

use std::fmt::Display;

use entente_core::{
    commitment::{
        Amount, Band, Basis,
        drawdown::{Figures, Gap},
    },
    money::Currency,
};

use super::show::stated;
use crate::{
    cli::output::Out,
    commitments::{family::Family, footing::Footing},
};

/// An amount, rounded to minor units where it is shown.
pub fn amount(amount: Amount, currency: Currency) -> String {
    amount.money(currency).map_or_else(|_| format!("{currency} {amount}"), |money| money.to_string())
}

/// A figure, or the band in which it lies, from its lower end to its higher, whichever of them stands beside the least that counts.
pub fn band(band: Band, currency: Currency) -> String {
    let (low, high) = (band.least.min(band.most), band.least.max(band.most));
    match band.known() {
        Some(known) => amount(known, currency),
        None => format!("{} to {}", amount(low, currency), amount(high, currency)),
    }
}

/// A pace at either end.
pub fn pace<D: Display + PartialEq>(pace: (Option<D>, Option<D>)) -> String {
    match pace {
        (Some(least), Some(most)) if least == most => least.to_string(),
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(one), None) | (None, Some(one)) => format!("{one}, or none"),
        (None, None) => "-".to_owned(),
    }
}

/// An amount at either end; an end without one has no bound.
pub fn bounds((least, most): (Option<Amount>, Option<Amount>), currency: Currency) -> String {
    let end = |end: Option<Amount>| end.map_or_else(|| "no bound".to_owned(), |end| amount(end, currency));
    // What has no bound is the higher end.
    let turned = least.is_none() || most.is_some_and(|most| least > Some(most));
    let (least, most) = if turned { (most, least) } else { (least, most) };
    if least == most { end(least) } else { format!("{} to {}", end(least), end(most)) }
}

/// On which basis figures are.
pub fn basis(basis: &Basis) -> String {
    let value = serde_json::to_value(basis).unwrap_or_default();
    let parts = value.as_object().into_iter().flatten();
    let words = parts.map(|(name, is)| format!("{} {}", name.replace('_', " "), is.as_str().unwrap_or_default()));
    words.collect::<Vec<_>>().join(", ")
}

/// To which day spend was taken in.
pub fn spend_to(figures: &Figures) -> String {
    figures.complete_through.map_or_else(|| "none was taken in".to_owned(), |day| day.to_string())
}

/// What figures stand on, as fields.
pub fn footing(footing: &Footing) -> [(&'static str, String); 3] {
    [
        ("as of", footing.as_of.to_string()),
        ("basis", basis(&footing.basis)),
        ("statement", stated(footing.statement.as_ref(), footing.currency)),
    ]
}

/// Days of which nothing is known.
pub fn gaps(gaps: &[Gap]) -> String {
    let days = gaps.iter().map(|gap| format!("{} to {}", gap.from, gap.through)).collect::<Vec<_>>();
    match days.as_slice() {
        [] => String::new(),
        days => format!("no spend was taken in for {}: anything may have been spent", days.join(", ")),
    }
}

/// Says that figures are made of what was judged by older terms or rules, where they are.
pub fn warn_judged_otherwise(out: &Out, family: &Family) {
    let judged = family.judged_otherwise().len();
    if judged > 0 {
        out.warn(&format!(
            "{judged} partitions are judged by older terms or rules, so that these figures are not yet what they would be; they are \
             judged anew within the hour, or at once by `entente spend again`"
        ));
    }
}
