//! The three ways to write a deadline.

use jiff::Span;

use crate::chart::model::{Due, WorkingTime};

/// Reads `P5D`, `offer.expiry` or `8 working hours`; the error completes "deadline `x` …".
pub(super) fn due(text: &str) -> Result<Due, String> {
    if text.starts_with('P') {
        return duration(text);
    }
    if text.contains(' ') {
        return working(text).map(|amount| Due::Working { amount });
    }
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    };
    if text.split('.').all(word) {
        return Ok(Due::Deadline(text.to_owned()));
    }
    Err("is neither a duration, nor a name, nor working time".to_owned())
}

fn duration(text: &str) -> Result<Due, String> {
    let span: Span = text.parse().map_err(|_| "is not an ISO 8601 duration".to_owned())?;
    if span.is_positive() { Ok(Due::Span(span.fieldwise())) } else { Err("does not lie in the future".to_owned()) }
}

fn working(text: &str) -> Result<WorkingTime, String> {
    let mut words = text.split(' ');
    let parts = (words.next(), words.next(), words.next(), words.next());
    let (Some(amount), Some("working"), Some(unit), None) = parts else {
        return Err("is not working time".to_owned());
    };
    let amount: u32 = amount
        .parse()
        .ok()
        .filter(|amount| (1..=10_000).contains(amount))
        .ok_or_else(|| "does not say how many, from 1 to 10000".to_owned())?;
    match unit {
        "hour" | "hours" => Ok(WorkingTime::Hours(amount)),
        "day" | "days" => Ok(WorkingTime::Days(amount)),
        _ => Err("counts neither working hours nor working days".to_owned()),
    }
}
