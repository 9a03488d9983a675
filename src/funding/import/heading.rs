//! Where in a row what stands.

use std::collections::BTreeMap;

use entente_spreadsheet::{Cell, Row};

use super::{mapping::Mapping, report::Defect};

/// The columns of a list, by what they say.
pub(super) struct Heading {
    columns: BTreeMap<&'static str, (usize, String)>,
    width: usize,
}

/// What is there when nothing is.
const NOTHING: &Cell = &Cell::Empty;

impl Heading {
    /// Finds the columns that a mapping names.
    pub(super) fn read(mapping: &Mapping, row: &Row) -> Result<Heading, Vec<Defect>> {
        let of = &mapping.columns;
        let required =
            [("reference", &of.reference), ("status", &of.status), ("partner", &of.partner), ("end", &of.end)];
        let optional = [
            ("fund", &of.fund),
            ("currency", &of.currency),
            ("granted", &of.granted),
            ("paid", &of.paid),
            ("cost", &of.cost),
            ("activity", &of.activity),
            ("activity_id", &of.activity_id),
            ("start", &of.start),
            ("place", &of.place),
            ("requested_on", &of.requested_on),
            ("invoice_number", &of.invoice_number),
            ("invoice_date", &of.invoice_date),
            ("invoice_total", &of.invoice_total),
            ("invoice_claimed", &of.invoice_claimed),
            ("supplier", &of.supplier),
            ("supplier_tax_id", &of.supplier_tax_id),
        ];
        let given = optional.into_iter().filter_map(|(what, heading)| Some((what, heading.as_ref()?)));
        let shown: Vec<String> = row.cells.iter().map(Cell::shown).collect();
        let (mut found, mut missing) = (BTreeMap::new(), Vec::new());
        for (what, heading) in required.into_iter().chain(given) {
            let at: Vec<usize> = (0..).zip(&shown).filter(|(_, cell)| *cell == heading).map(|(at, _)| at).collect();
            let problem = match at.as_slice() {
                [at] => {
                    found.insert(what, (*at, heading.clone()));
                    continue;
                }
                [] => format!("no column has this heading, which `columns.{what}` names; correct the mapping"),
                _ => format!("several columns have this heading, which `columns.{what}` names; rename all but one"),
            };
            missing.push(Defect { row: row.number, column: heading.clone(), value: String::new(), problem });
        }
        if missing.is_empty() { Ok(Heading { columns: found, width: row.cells.len() }) } else { Err(missing) }
    }

    /// The cell of a row.
    pub(super) fn cell<'r>(&self, row: &'r Row, what: &str) -> &'r Cell {
        self.columns.get(what).and_then(|(at, _)| row.cells.get(*at)).unwrap_or(NOTHING)
    }

    /// Whether something stands beyond the last heading: then the cells may stand under others than their own.
    pub(super) fn overflows(&self, row: &Row) -> bool {
        row.cells.iter().skip(self.width).any(|cell| *cell != Cell::Empty)
    }

    /// The heading of a column, or its key in the mapping where no column says it.
    pub(super) fn name(&self, what: &'static str) -> String {
        self.columns.get(what).map_or_else(|| format!("({what})"), |(_, heading)| heading.clone())
    }
}
