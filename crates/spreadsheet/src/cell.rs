//! Cells as files have them.

use jiff::civil::DateTime;

/// A cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing, or nothing but spaces.
    Empty,
    /// Words, without the spaces around them.
    Text(String),
    /// A number in the file's own notation, such as `1234.5` or `1.2345E3`: its decimal mark is always a point.
    Number(String),
    /// A day, with the time that the file has for it.
    Date(DateTime),
    /// True or false.
    Truth(bool),
    /// What a formula came to that could not be worked out, such as `#REF!`.
    Broken(String),
}

impl Cell {
    pub(crate) fn text(text: &str) -> Cell {
        match text.trim() {
            "" => Cell::Empty,
            text => Cell::Text(text.to_owned()),
        }
    }

    /// The cell as it is shown to people.
    pub fn shown(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Number(text) | Cell::Broken(text) => text.clone(),
            Cell::Date(at) => at.date().to_string(),
            Cell::Truth(truth) => truth.to_string(),
        }
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, from 1: the line of a CSV in which it begins, the row of an XLSX.
    pub number: u64,
    /// Its cells. What is missing at the end is empty.
    pub cells: Vec<Cell>,
}

impl Row {
    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(|cell| *cell == Cell::Empty)
    }
}
