//! Which part holds the sheet that is wanted, and from when the workbook counts its days.

use std::collections::BTreeMap;

use super::{
    package::{Package, malformed},
    xml::Xml,
};
use crate::error::{Error, Fault};

/// The most sheets, and the most relations, that are looked at.
const MOST: usize = 2_000;

/// What is read of a workbook.
pub(super) struct Workbook {
    /// The part with the sheet.
    pub(super) sheet: String,
    /// Whether days are counted from 1904.
    pub(super) from_1904: bool,
}

impl Workbook {
    pub(super) fn read(package: &mut Package, wanted: Option<&str>) -> Result<Workbook, Error> {
        let mut xml = Xml::new("xl/workbook.xml", package.needed("xl/workbook.xml")?);
        let (mut sheets, mut from_1904) = (Vec::new(), false);
        while let Some(element) = xml.next_element().map_err(Error::whole)? {
            let attribute = |name| element.attribute(name).unwrap_or_default().to_owned();
            match element.name.as_str() {
                // A later element of this name, in an extension, says nothing of it.
                "workbookPr" => from_1904 |= matches!(element.attribute("date1904"), Some("1" | "true")),
                "sheet" if sheets.len() < MOST => sheets.push((attribute("name"), attribute("id"))),
                "sheet" => return Err(Error::whole(Fault::TooMuch { most: MOST as u64, what: "sheets" })),
                _ => {}
            }
        }
        let found = match wanted {
            Some(wanted) => sheets.iter().find(|(name, _)| name == wanted),
            None => sheets.first(),
        };
        let Some((_, id)) = found else {
            let there = sheets.iter().take(20).map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(Error::whole(Fault::NoSuchSheet { name: wanted.unwrap_or("first").to_owned(), there }));
        };
        let targets = targets(package)?;
        let target = targets.get(id).ok_or_else(|| malformed("its sheet is not in the package"))?;
        let sheet = match target.strip_prefix('/') {
            Some(absolute) => absolute.to_owned(),
            None => format!("xl/{target}"),
        };
        Ok(Workbook { sheet, from_1904 })
    }
}

fn targets(package: &mut Package) -> Result<BTreeMap<String, String>, Error> {
    const PART: &str = "xl/_rels/workbook.xml.rels";
    let mut xml = Xml::new(PART, package.needed(PART)?);
    let mut targets = BTreeMap::new();
    while let Some(element) = xml.next_element().map_err(Error::whole)? {
        if let (Some(id), Some(target)) = (element.attribute("Id"), element.attribute("Target")) {
            targets.insert(id.to_owned(), target.to_owned());
        }
        if targets.len() > MOST {
            return Err(Error::whole(Fault::TooMuch { most: MOST as u64, what: "parts" }));
        }
    }
    Ok(targets)
}
