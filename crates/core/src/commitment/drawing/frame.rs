//! The frame of every picture: sizes, scales and escaped text. Coordinates are whole pixels.

use std::fmt::Write;

use rust_decimal::{Decimal, prelude::ToPrimitive};

use crate::{
    commitment::amount::{Amount, ROUNDING},
    money::{Currency, Money},
};

pub(super) const WIDTH: i64 = 720;
pub(super) const HEIGHT: i64 = 356;
pub(super) const LEFT: i64 = 150;
pub(super) const RIGHT: i64 = 700;
pub(super) const TOP: i64 = 20;
pub(super) const BOTTOM: i64 = 280;

/// What a picture is called, and what it stands on.
#[derive(Debug, Clone, Copy)]
pub struct Caption<'a> {
    /// Its title.
    pub title: &'a str,
    /// What its figures stand on: lines below it, such as the basis and the cloud's last statement.
    pub foot: &'a [String],
    /// What makes its own ids unique within a page.
    pub id: &'a str,
}

/// Opens a picture that is named and described for those who do not see it.
pub(super) fn open(class: &str, caption: Caption<'_>, description: &str) -> String {
    let Caption { title, foot, id } = caption;
    let description = [&[description.to_owned()][..], foot].concat().join("; ");
    let id: String = id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!(
        "<svg class=\"{class}\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-size=\"12\" \
         role=\"img\" aria-labelledby=\"{id}-title {id}-desc\">\n<title id=\"{id}-title\">{}</title>\n\
         <desc id=\"{id}-desc\">{}</desc>\n",
        escaped(title),
        escaped(&description)
    )
}

/// Closes a picture, with what it stands on below.
pub(super) fn close(mut out: String, foot: &[String]) -> String {
    for (at, words) in (0..2).zip(foot) {
        text(&mut out, "label foot", (10, BOTTOM + 54 + at * 15), "start", &fitting(words, WIDTH - 20));
    }
    out.push_str("</svg>\n");
    out
}

pub(super) fn text(out: &mut String, class: &str, (x, y): (i64, i64), anchor: &str, words: &str) {
    let words = escaped(words);
    let _ = writeln!(out, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{words}</text>");
}

pub(super) fn line(out: &mut String, class: &str, (x1, y1): (i64, i64), (x2, y2): (i64, i64)) {
    let _ = writeln!(
        out,
        "<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\" stroke=\"currentColor\"{}/>",
        look(class)
    );
}

pub(super) fn polyline(out: &mut String, class: &str, points: &[(i64, i64)]) {
    let points = joined(points);
    let look = look(class);
    let _ =
        writeln!(out, "<polyline class=\"{class}\" points=\"{points}\" fill=\"none\" stroke=\"currentColor\"{look}/>");
}

/// What tells lines apart where a picture stands alone, without a style sheet and without colour.
fn look(class: &str) -> &'static str {
    match class.trim_start_matches("key ") {
        "glide" => " stroke-dasharray=\"2 3\"",
        "mid" => " stroke-dasharray=\"7 4\"",
        "today" => " stroke-dasharray=\"1 4\"",
        "reached" | "bracket" | "target" => " stroke-width=\"2\"",
        _ => "",
    }
}

/// A legend below the axis: lines by their class, each with its name.
pub(super) fn legend(out: &mut String, keys: &[(&str, &str)]) {
    let mut x = LEFT;
    for (class, name) in keys {
        let y = BOTTOM + 32;
        let swatch = [(x, y), (x + 24, y), (x + 24, y - 8), (x, y - 8)];
        match *class {
            "fan-80" => polygon(out, "key fan-80", &swatch),
            "known" => polygon(out, "key known", &swatch),
            // In the picture the narrow fan lies upon the wide one.
            "fan-50" => ["key fan-80", "key fan-50"].iter().for_each(|class| polygon(out, class, &swatch)),
            _ => polyline(out, &format!("key {class}"), &[(x, y - 4), (x + 24, y - 4)]),
        }
        text(out, "label", (x + 30, y), "start", name);
        x += 30 + width(name) + 18;
    }
}

/// About how wide a text is.
pub(super) fn width(words: &str) -> i64 {
    i64::try_from(words.chars().count()).unwrap_or(i64::MAX / 8).saturating_mul(7)
}

/// As much of a text as fits, with an ellipsis where that is not all; the picture's titles have the whole.
pub(super) fn fitting(words: &str, room: i64) -> String {
    if width(words) <= room {
        return words.to_owned();
    }
    let kept = usize::try_from(room / 7 - 1).unwrap_or(0).max(1);
    let short: String = words.chars().take(kept).collect();
    format!("{}…", short.trim_end())
}

pub(super) fn polygon(out: &mut String, class: &str, points: &[(i64, i64)]) {
    let points = joined(points);
    let _ =
        writeln!(out, "<polygon class=\"{class}\" points=\"{points}\" fill=\"currentColor\" fill-opacity=\"0.15\"/>");
}

/// A box between two heights, whichever is higher, with a title.
pub(super) fn bar(out: &mut String, class: &str, (x, width): (i64, i64), (from, to): (i64, i64), title: &str) {
    let (y, height) = (from.min(to), (from - to).abs());
    let _ = writeln!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"currentColor\" \
         fill-opacity=\"0.6\"><title>{}</title></rect>",
        escaped(title)
    );
}

/// A part of a picture of which nothing is known.
pub(super) fn gap(out: &mut String, (x, width): (i64, i64), title: &str) {
    let _ = writeln!(
        out,
        "<rect class=\"gap\" x=\"{x}\" y=\"{TOP}\" width=\"{width}\" height=\"{}\" fill=\"none\" stroke=\"currentColor\" \
         stroke-dasharray=\"1 5\"><title>{}</title></rect>",
        BOTTOM - TOP,
        escaped(title)
    );
}

/// A box of what may be, between two heights, with a title.
pub(super) fn may_be(out: &mut String, (x, width): (i64, i64), (from, to): (i64, i64), title: &str) {
    let (y, height) = (from.min(to), (from - to).abs());
    let _ = writeln!(
        out,
        "<rect class=\"may-be\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"currentColor\" \
         fill-opacity=\"0.2\"><title>{}</title></rect>",
        escaped(title)
    );
}

fn joined(points: &[(i64, i64)]) -> String {
    points.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}

/// Where a part of a whole lies between two places. What lies outside is brought to the nearer end.
pub(super) fn between(part: Decimal, whole: Decimal, (from, to): (i64, i64)) -> i64 {
    if whole <= Decimal::ZERO {
        return from;
    }
    let ratio = part.checked_div(whole).unwrap_or_default().clamp(Decimal::ZERO, Decimal::ONE);
    from + (ratio * Decimal::from(to - from)).round().to_i64().unwrap_or_default()
}

/// The height of an amount, where `whole` is the picture's top.
pub(super) fn height(amount: Amount, whole: Amount) -> i64 {
    between(amount.decimal(), whole.decimal(), (BOTTOM, TOP))
}

/// An amount in words, rounded to minor units.
pub(super) fn shown(amount: Amount, currency: Currency) -> String {
    Money::rounded(amount.decimal(), currency, ROUNDING).map_or_else(|_| amount.to_string(), |money| money.to_string())
}

/// A band in words, from the lower end to the higher.
pub(super) fn spanned(one: Amount, other: Amount, currency: Currency) -> String {
    match one == other {
        true => shown(one, currency),
        false => format!("{} to {}", shown(one.min(other), currency), shown(one.max(other), currency)),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // XML has neither control characters nor these two, not even escaped.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
