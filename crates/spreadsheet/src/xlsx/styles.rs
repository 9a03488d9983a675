//! Which cell formats show a number as a day.

use std::collections::BTreeMap;

use super::{package::Package, xml::Xml};
use crate::error::{Error, Fault};

/// The most formats.
const MOST: usize = 65_536;

/// For each cell format, whether it shows days.
#[derive(Default)]
pub(super) struct Styles(Vec<bool>);

impl Styles {
    pub(super) fn read(package: &mut Package) -> Result<Styles, Error> {
        const PART: &str = "xl/styles.xml";
        let Some(part) = package.part(PART)? else { return Ok(Styles::default()) };
        Styles::gather(Xml::new(PART, part)).map_err(Error::whole)
    }

    fn gather(mut xml: Xml) -> Result<Styles, Fault> {
        let mut own: BTreeMap<u32, bool> = BTreeMap::new();
        let mut styles = Vec::new();
        // Formats of cells stand in `cellXfs`; named styles stand in a list of the same form before it.
        let mut of_cells = false;
        while let Some(element) = xml.next_element()? {
            let number = |name| element.attribute(name).and_then(|text| text.parse::<u32>().ok());
            match element.name.as_str() {
                "numFmt" => {
                    let code = element.attribute("formatCode").unwrap_or_default();
                    own.extend(number("numFmtId").map(|id| (id, shows_days(code))));
                }
                "cellXfs" => of_cells = true,
                "cellStyleXfs" | "cellStyles" | "dxfs" => of_cells = false,
                "xf" if of_cells => {
                    let id = number("numFmtId").unwrap_or(0);
                    styles.push(
                        own.get(&id).copied().unwrap_or(matches!(id, 14..=17 | 22 | 27..=31 | 34..=36 | 50..=58)),
                    );
                }
                _ => {}
            }
            if own.len() > MOST || styles.len() > MOST {
                return Err(Fault::TooMuch { most: MOST as u64, what: "formats" });
            }
        }
        Ok(Styles(styles))
    }

    /// Whether a cell of this format shows a day.
    pub(super) fn is_day(&self, style: usize) -> bool {
        self.0.get(style).copied().unwrap_or(false)
    }
}

/// Whether a format's code names years or days, outside of what it shows literally.
fn shows_days(code: &str) -> bool {
    let (mut quoted, mut bracketed, mut escaped) = (false, false, false);
    code.chars().any(|character| {
        let literal = quoted || bracketed || escaped;
        escaped = false;
        match character {
            '"' => quoted = !quoted,
            '\\' if !literal => escaped = true,
            '[' if !literal => bracketed = true,
            ']' => bracketed = false,
            'y' | 'Y' | 'd' | 'D' => return !literal,
            _ => {}
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_shows_days_where_it_names_them_outside_of_literals() {
        for code in ["yyyy-mm-dd", "dd/mm/yy", "[$-409]d\\-mmm;@", "[Red]YYYY"] {
            assert!(shows_days(code), "{code}");
        }
        for code in ["General", "#,##0.00 \"paid\"", "[Red]0.00", "h:mm", "0\\d", ""] {
            assert!(!shows_days(code), "{code}");
        }
    }
}
