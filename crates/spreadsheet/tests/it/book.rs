//! Makes XLSX files, part by part.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// A workbook with one sheet of this name and these rows, and whatever other parts are given.
pub fn of(sheet: &str, data: &str, others: &[(&str, &str)]) -> Vec<u8> {
    packed(CompressionMethod::Deflated, sheet, data, others)
}

/// The same, packed in this way.
pub fn packed(how: CompressionMethod, sheet: &str, data: &str, others: &[(&str, &str)]) -> Vec<u8> {
    let book = format!("<workbook><sheets><sheet name=\"{sheet}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>");
    let data = format!("<?xml version=\"1.0\"?><worksheet><sheetData>{data}</sheetData></worksheet>");
    let relations = "<Relationships><Relationship Id=\"rId1\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
    let own = [
        ("xl/workbook.xml", book.as_str()),
        ("xl/_rels/workbook.xml.rels", relations),
        ("xl/worksheets/sheet1.xml", data.as_str()),
    ];
    let own = own.iter().filter(|(name, _)| !others.iter().any(|(other, _)| other == name));
    package(how, &own.chain(others).copied().collect::<Vec<_>>())
}

/// A zip archive of parts.
pub fn package(how: CompressionMethod, parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let how = SimpleFileOptions::default().compression_method(how);
    for (name, text) in parts {
        zip.start_file(*name, how).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
