//! XLSX, streamed: the sheet is unpacked and read as its rows are asked for.

mod package;
mod sheet;
mod strings;
mod styles;
mod workbook;
mod xml;

pub(crate) use sheet::SheetRows;
