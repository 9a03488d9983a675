//! CSV.

use proptest::prelude::*;

use super::*;

#[test]
fn row_52_marks_order_marks_and_quoted_line_ends_are_read() {
    for (mark, name) in [(',', "comma"), (';', "semicolon"), ('\t', "tab")] {
        let file = format!(
            "\u{feff}Fund{mark}Note{mark}Paid\r\nh1{mark}\"two\r\nlines, {mark} and \"\"quotes\"\"\"{mark}1\r\n\r\nh2{mark}{mark}\r\n"
        );
        let read = rows(file.as_bytes(), None).unwrap();
        let cells: Vec<&[Cell]> = read.iter().map(|row| row.cells.as_slice()).collect();
        let note = text(&format!("two\r\nlines, {mark} and \"quotes\""));
        assert_eq!(cells[0], [text("Fund"), text("Note"), text("Paid")], "{name}");
        assert_eq!(cells[1], [text("h1"), note, text("1")], "{name}");
        assert_eq!(cells[2], [text("h2"), Cell::Empty, Cell::Empty], "{name}");
        assert_eq!(read[1].number, 2, "{name}");
    }
}

#[test]
fn row_52_what_is_not_utf_8_is_named_with_line_and_byte() {
    let latin = b"Fund,Partner\nh1,Nord\nh1,M\xFCller\n";
    assert_eq!(fault(latin), (Some(3), Fault::NotUtf8 { byte: 25 }));
    let with_mark = [b"\xEF\xBB\xBF".as_slice(), latin].concat();
    assert_eq!(fault(&with_mark), (Some(3), Fault::NotUtf8 { byte: 28 }));
    let wide: Vec<u8> = "\u{feff}Fund".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(fault(&wide), (None, Fault::Utf16));
    assert_eq!(fault(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), (None, Fault::OldWorkbook));
}

#[test]
fn row_52_a_cell_of_two_hundred_megabytes_is_refused_long_before_its_end() {
    let cell = "x".repeat(entente_spreadsheet::CELL_MOST + 1);
    let (row, fault_of_cell) = fault(format!("Fund,Note\nh1,{cell}\n").as_bytes());
    assert_eq!(row, Some(2));
    assert!(matches!(fault_of_cell, Fault::TooMuch { what: "bytes in a cell", .. }), "{fault_of_cell}");
    // A quote that nobody closes makes one cell of the rest, of which no more than a row is ever read.
    let mut endless = b"Fund,Note\nh1,\"".to_vec();
    endless.resize(usize::try_from(3 * entente_spreadsheet::ROW_MOST).unwrap(), b'x');
    let (row, fault_of_row) = fault(&endless);
    assert_eq!(row, Some(2));
    assert!(matches!(fault_of_row, Fault::TooMuch { what: "bytes in a row", .. }), "{fault_of_row}");
    let wide = ",".repeat(entente_spreadsheet::COLUMNS_MOST);
    assert!(matches!(fault(wide.as_bytes()).1, Fault::TooMuch { what: "columns", .. }));
}

#[test]
fn an_empty_file_has_no_rows_and_a_table_no_sheets() {
    assert_eq!(rows(b"", None).unwrap(), []);
    assert_eq!(rows(b"a,b\n", Some("Claims")).unwrap_err().fault, Fault::NoSheets);
}

#[test]
fn nothing_comes_after_an_error() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"a\n\xFF\nb\n").unwrap();
    let read: Vec<_> = Rows::open(file.path(), None).unwrap().collect();
    assert_eq!(read.len(), 2);
    assert!(read[1].is_err());
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = rows(&bytes, None);
    }

    #[test]
    fn what_a_writer_quotes_is_read_as_it_was(cells in proptest::collection::vec("[a-z;,\"\n\t ]{0,12}", 2..6)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(cells.iter().map(|_| "heading")).unwrap();
        writer.write_record(&cells).unwrap();
        let read = rows(&writer.into_inner().unwrap(), None).unwrap();
        let shown: Vec<String> = read[1].cells.iter().map(Cell::shown).collect();
        let trimmed: Vec<&str> = cells.iter().map(|cell| cell.trim()).collect();
        prop_assert_eq!(shown, trimmed);
    }
}

#[test]
fn a_quote_that_is_never_closed_swallows_no_rows_unseen() {
    let (row, fault) = fault(b"a,b\n1,\"Hall\n2,x\n3,y\n");
    assert_eq!((row, fault), (Some(2), Fault::OpenQuote));
    assert_eq!(rows(b"a,b\n1,\"x \"\"y\"\"\"", None).unwrap().len(), 2, "a last line without an end");
}

#[test]
fn rows_are_numbered_by_their_lines_whichever_way_lines_end() {
    for text in ["a\rb\rc\r", "a\nb\nc", "a\r\nb\r\nc\r\n", "a\r\nb\rc\n"] {
        let numbers: Vec<u64> = rows(text.as_bytes(), None).unwrap().iter().map(|row| row.number).collect();
        assert_eq!(numbers, [1, 2, 3], "{text:?}");
    }
}
