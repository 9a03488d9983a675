//! XLSX.

use jiff::civil;
use zip::CompressionMethod;

use super::*;

const STRINGS: &str = "<sst><si><t>Fund</t></si><si><r><t>Nord</t></r><r><t xml:space=\"preserve\"> &amp; S&#252;d</t></r>\
    <rPh><t>spoken</t></rPh></si></sst>";
const STYLES: &str = "<styleSheet><numFmts><numFmt numFmtId=\"164\" formatCode=\"dd\\.mm\\.yyyy\"/></numFmts>\
    <cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs>\
    <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"4\"/></cellXfs></styleSheet>";

#[test]
fn cells_are_what_the_file_says_they_are() {
    let data = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"C1\" t=\"s\"><v>1</v></c></row>\
        <row r=\"4\"><c r=\"A4\" s=\"1\"><v>46477</v></c><c r=\"B4\" s=\"2\"><v>46477.25</v></c>\
        <c r=\"C4\" s=\"3\"><v>1234.4999999999998</v></c><c r=\"D4\" t=\"inlineStr\"><is><t> in line </t></is></c>\
        <c r=\"E4\" t=\"b\"><v>1</v></c><c r=\"F4\" t=\"e\"><v>#REF!</v></c>\
        <c r=\"G4\" t=\"str\"><f>A1&amp;B1</f><v>made</v></c><c r=\"XFD4\" s=\"1\"/></row>";
    let file = book::of("Claims", data, &[("xl/sharedStrings.xml", STRINGS), ("xl/styles.xml", STYLES)]);
    let read = rows(&file, None).unwrap();
    assert_eq!(read.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 4]);
    assert_eq!(read[0].cells, [text("Fund"), Cell::Empty, text("Nord & Süd")]);
    let day = civil::date(2027, 3, 31);
    let cells = [
        Cell::Date(day.to_datetime(civil::Time::midnight())),
        Cell::Date(day.to_datetime(civil::time(6, 0, 0, 0))),
        Cell::Number("1234.4999999999998".into()),
        text("in line"),
        Cell::Truth(true),
        Cell::Broken("#REF!".into()),
        text("made"),
    ];
    assert_eq!(read[1].cells, cells);
}

#[test]
fn a_sheet_is_read_by_its_name_and_days_count_from_1904_where_the_workbook_says_so() {
    let data = "<row><c s=\"1\"><v>45015</v></c></row>";
    let book_of_1904 = "<workbook><workbookPr date1904=\"1\"/><sheets><sheet name=\"Other\" r:id=\"rId9\"/>\
        <sheet name=\"Claims\" r:id=\"rId1\"/></sheets></workbook>";
    let file = book::of("Claims", data, &[("xl/workbook.xml", book_of_1904), ("xl/styles.xml", STYLES)]);
    let read = rows(&file, Some("Claims")).unwrap();
    assert_eq!(read[0].cells[0].shown(), "2027-03-31");
    let error = rows(&file, Some("Paid")).unwrap_err();
    assert_eq!(error.to_string(), "it has no sheet `Paid`; its sheets are `Other`, `Claims`");
}

#[test]
fn row_52_a_bomb_is_refused_before_it_is_unpacked() {
    // Forty megabytes of nothing, in some forty kilobytes.
    let data = "<x></x>".repeat(6 * 1024 * 1024);
    let file = book::of("Claims", &data, &[]);
    assert!(file.len() < data.len() / 300, "{}", file.len());
    let fault = fault(&file).1;
    assert!(matches!(fault, Fault::Bomb { .. }), "{fault}");
    let rows = "<row/>".repeat(1_048_577);
    let stored = book::packed(CompressionMethod::Stored, "Claims", &rows, &[]);
    assert!(matches!(super::fault(&stored).1, Fault::TooMuch { what: "rows", .. }));
}

#[test]
fn row_74_entities_and_document_types_are_refused_unread() {
    let laughs = "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><sst><si><t>&b;</t></si></sst>";
    assert_eq!(fault(&book::of("Claims", "", &[("xl/sharedStrings.xml", laughs)])).1, Fault::Entities);
    let unknown = "<sst><si><t>&nobody;</t></si></sst>";
    assert_eq!(fault(&book::of("Claims", "", &[("xl/sharedStrings.xml", unknown)])).1, Fault::Entities);
    let deep = "<a>".repeat(40);
    assert!(matches!(fault(&book::of("Claims", &deep, &[])).1, Fault::TooMuch { what: "levels of elements", .. }));
}

#[test]
fn rows_and_places_that_cannot_be_are_refused() {
    for data in [
        "<row r=\"2\"/><row r=\"2\"/>",
        "<row r=\"-1\"/>",
        "<row r=\"1\"><c r=\"1\"><v>1</v></c></row>",
        "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>7</v></c></row>",
    ] {
        assert!(matches!(fault(&book::of("Claims", data, &[])).1, Fault::Malformed(_)), "{data}");
    }
    let far = "<row r=\"1\"><c r=\"XFD1\"><v>1</v></c></row>";
    assert!(matches!(fault(&book::of("Claims", far, &[])).1, Fault::TooMuch { what: "columns", .. }));
    let endless = format!("<row r=\"1\"><c r=\"A1\"><v>{}</v></c></row>", "1".repeat(2 * 1024 * 1024));
    assert!(matches!(fault(&book::of("Claims", &endless, &[])).1, Fault::TooMuch { .. }));
}

#[test]
fn a_package_that_is_cut_off_or_lacks_a_part_is_refused() {
    let whole = book::of("Claims", "<row><c><v>1</v></c></row>", &[]);
    for cut in (4..whole.len()).step_by(7) {
        assert!(rows(&whole[..cut], None).is_err(), "cut at {cut}");
    }
    assert!(matches!(
        fault(&book::package(CompressionMethod::Deflated, &[("xl/workbook.xml", "<workbook/>")])).1,
        Fault::NoSuchSheet { .. }
    ));
    assert!(matches!(fault(&book::package(CompressionMethod::Deflated, &[("other", "")])).1, Fault::Malformed(_)));
}
