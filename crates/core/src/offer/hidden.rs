//! Characters that nobody sees in an offer: they could hide or reorder what people agree to.

use serde_json::Value;

use crate::chart::model::Place;

/// Whether a character is not shown as itself: control characters other than line ends and tabs, marks that change the reading
/// direction, joiners, separators and other format characters without a shape of their own.
/// Source: the general categories Cc, Zl and Zp, and those of Cf that are default-ignorable,
/// <https://www.unicode.org/reports/tr44/>.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The zero-width non-joiner and joiner. They change the shape of their neighbours where those have more than one.
const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Every such character of a text, with its place in bytes. A joiner between two characters that it shapes is seen: letters of the
/// scripts that write with joiners, or the parts of one emoji. Source: <https://www.unicode.org/reports/tr31/>, section 2.3.
fn hidden_in(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut before = None;
    text.char_indices().filter(move |&(at, c)| {
        let next = text.get(at + c.len_utf8()..).and_then(|rest| rest.chars().next());
        let last = before.replace(c);
        is_hidden(c) && !(JOINERS.contains(&c) && last.zip(next).is_some_and(|(last, next)| is_shaped(last, c, next)))
    })
}

fn is_shaped(last: char, joiner: char, next: char) -> bool {
    let emoji = joiner == '\u{200d}' && is_emoji(last) && is_emoji(next) && next != EMOJI_STYLE;
    emoji || (is_joining(last) && is_joining(next))
}

/// Letters, and the marks that silence a vowel, of scripts whose letters have joined forms: Arabic, Syriac and their kin, those of
/// India and its neighbours, Mongolian.
fn is_joining(c: char) -> bool {
    let script = matches!(c,
        '\u{600}'..='\u{77f}' | '\u{7c0}'..='\u{7ff}' | '\u{840}'..='\u{dff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{18af}'
        | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{11000}'..='\u{11fff}');
    let silences = matches!(c, '\u{900}'..='\u{d7f}' if u32::from(c) & 0x7f == 0x4d)
        || matches!(c, '\u{dca}' | '\u{1039}' | '\u{103a}' | '\u{17d2}');
    script && (c.is_alphabetic() || silences)
}

/// Asks for the coloured form of the symbol before it.
const EMOJI_STYLE: char = '\u{fe0f}';

fn is_emoji(c: char) -> bool {
    c == EMOJI_STYLE
        || matches!(c, '\u{2190}'..='\u{21ff}' | '\u{2300}'..='\u{23ff}' | '\u{2600}'..='\u{27bf}'
            | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// The first such character of a text.
pub(super) fn first_hidden(text: &str) -> Option<char> {
    hidden_in(text).map(|(_, c)| c).next()
}

/// What is wrong with a text that has such a character, and what to do.
pub(super) fn message(c: char) -> String {
    format!(
        "contains the character U+{:04X}, which is not shown and may hide or reorder what people read; remove it",
        u32::from(c)
    )
}

/// The first such character in a file and where it stands. A byte order mark at the beginning is none.
pub(super) fn first_in(text: &str) -> Option<(Place, char)> {
    let (at, c) = hidden_in(text).find(|(at, c)| !(*at == 0 && *c == '\u{feff}'))?;
    let before = text.get(..at)?;
    let line = before.bytes().filter(|byte| *byte == b'\n').count();
    let column = before.chars().rev().take_while(|c| *c != '\n').count();
    let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
    Some((Place { line: number(line), column: number(column) }, c))
}

/// The text with a visible character in the place of each such one: everything keeps its place.
pub(super) fn shown(text: &str) -> String {
    text.chars().map(|c| if is_hidden(c) { '?' } else { c }).collect()
}

/// The first such character in a JSON document, and the field that has it: in its value, or in its name.
pub(super) fn first_field(value: &Value) -> Option<(String, char)> {
    fn within(value: &Value, pointer: String) -> Option<(String, char)> {
        match value {
            Value::String(text) => first_hidden(text).map(|c| (pointer, c)),
            Value::Array(items) => {
                items.iter().enumerate().find_map(|(at, item)| within(item, format!("{pointer}/{at}")))
            }
            Value::Object(fields) => fields.iter().find_map(|(name, inner)| {
                let field = format!("{pointer}/{}", shown(name).replace('~', "~0").replace('/', "~1"));
                let named = first_hidden(name).map(|c| (field.clone(), c));
                named.or_else(|| within(inner, field))
            }),
            Value::Null | Value::Bool(_) | Value::Number(_) => None,
        }
    }
    within(value, String::new())
}

/// JSON text in which such characters stand as escapes that every reader of YAML understands.
pub(super) fn escaped(json: &str) -> String {
    json.chars().fold(String::with_capacity(json.len()), |mut text, c| {
        match (is_hidden(c), u32::from(c)) {
            (false, _) => text.push(c),
            (true, code @ ..=0xffff) => text.push_str(&format!("\\u{code:04x}")),
            (true, code) => text.push_str(&format!("\\U{code:08x}")),
        }
        text
    })
}
