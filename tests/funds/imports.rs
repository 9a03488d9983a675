//! Rows 52 and 89: lists of what was paid before, with a row that is wrong, with bytes that nobody expects, and with an end
//! in the middle.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use entente::funding::import::{self, Mapping, NotStaged, Staged, World};
use entente_store::{ImportRow, ImportStatus};

use crate::{house::again::again, house::server::HANG, vendor::Vendor};

/// How the lists here are read.
pub const MAPPING: &str = "
list: past
decimal_mark: '.'
dates: year-month-day
columns: { reference: Claim, status: Status, partner: Partner, end: To, fund: Fund, paid: Paid, place: Note }
statuses: { paid: paid }
otherwise: { currency: EUR, programme: emea-mdf }
";

/// A list with so many rows; `wrong` has no amount.
fn list(rows: u64, wrong: Option<u64>) -> String {
    let mut text = "\u{feff}Claim,Status,Partner,To,Fund,Note,Paid\r\n".to_owned();
    for at in 1..=rows {
        // Some notes go over two lines, so that rows and lines are not the same.
        let note = if at % 10 == 0 { "\"two\r\nlines, quoted\"" } else { "" };
        let paid = if wrong == Some(at) { "=cmd|'/C calc'!A0" } else { "1.25" };
        let partner = ["nordlicht", "bluepeak"][usize::try_from(at % 2).unwrap()];
        write!(text, "C-{at},paid,{partner},2026-11-30,past-fund,{note},{paid}\r\n").unwrap();
    }
    text
}

/// The line of a file in which a row of a list begins.
fn line_of(row: u64) -> u64 {
    1 + row + (row - 1) / 10
}

fn write(vendor: &Vendor, name: &str, text: &str) -> PathBuf {
    let path = vendor.path(name);
    fs::write(&path, text).unwrap();
    path
}

async fn stage(vendor: &Vendor, path: &Path) -> Result<Staged, NotStaged> {
    let mapping = Mapping::read("mapping.yaml", MAPPING).unwrap();
    let identity = import::identify(path, MAPPING).unwrap();
    import::stage(vendor.store(), &mapping, (path, &identity, MAPPING), false, "mia", vendor.now().await).await
}

async fn imports(vendor: &Vendor) -> Vec<ImportRow> {
    again(async || vendor.store().imports().await).await
}

/// What was paid, in minor units, and in how many lines: over all that counts.
async fn counted(vendor: &Vendor) -> (i64, u64) {
    let sums = again(async || vendor.store().imported_sums(None, None).await).await;
    (sums.iter().map(|sum| sum.paid.minor).sum(), sums.iter().map(|sum| sum.lines).sum())
}

#[tokio::test(flavor = "multi_thread")]
async fn row_52_one_bad_row_keeps_a_list_out_and_the_same_list_twice_counts_once() {
    let vendor = Vendor::new().await;
    let path = write(&vendor, "past.csv", &list(3_000, Some(1_234)));
    let Err(NotStaged::Defects(report)) = stage(&vendor, &path).await else { panic!("it has a bad row") };
    assert_eq!((report.rows, report.new, report.defective), (3_000, 2_999, 1));
    let defect = &report.defects[0];
    assert_eq!((defect.row, defect.column.as_str()), (line_of(1_234), "Paid"), "{defect:?}");
    assert!(report.most_held <= 500, "{} rows were held at once", report.most_held);
    assert!(imports(&vendor).await.is_empty(), "all of it or nothing");

    let path = write(&vendor, "past.csv", &list(3_000, None));
    let Ok(Staged::Now(row, report)) = stage(&vendor, &path).await else { panic!("it is in order") };
    assert_eq!((row.lines, report.sums().iter().map(|sum| sum.amount.minor).sum::<i64>()), (3_000, 375_000));
    assert_eq!(counted(&vendor).await, (0, 0), "nobody has agreed");
    vendor.store().apply_import(&row.new.id, "finn", vendor.now().await).await.unwrap();
    assert_eq!(counted(&vendor).await, (375_000, 3_000));

    // The same bytes, and the same rows in other bytes: nothing is there twice.
    assert!(matches!(stage(&vendor, &path).await, Ok(Staged::Before(before)) if before.new.id == row.new.id));
    let saved_anew = write(&vendor, "anew.csv", &list(3_000, None).replace(',', ";").replace("lines;", "lines,"));
    let Ok(Staged::NothingNew(report)) = stage(&vendor, &saved_anew).await else { panic!("it says nothing new") };
    assert_eq!((report.new, report.known), (0, 3_000));

    // With more rows, the new ones alone are brought in; one that says something else of what counts keeps it out.
    let changed = write(&vendor, "changed.csv", &list(3_001, None).replacen("1.25", "9.25", 1));
    let Err(NotStaged::Defects(report)) = stage(&vendor, &changed).await else { panic!("a row was changed") };
    assert_eq!((report.defective, report.defects[0].row), (1, 2));
    assert!(report.defects[0].problem.contains("says something else"), "{:?}", report.defects);
    let longer = write(&vendor, "longer.csv", &list(3_001, None));
    let Ok(Staged::Now(more, _)) = stage(&vendor, &longer).await else { panic!("one row is new") };
    assert_eq!(more.lines, 1);
    vendor.store().apply_import(&more.new.id, "finn", vendor.now().await).await.unwrap();
    assert_eq!(counted(&vendor).await, (375_125, 3_001));
}

#[tokio::test(flavor = "multi_thread")]
async fn row_52_a_reference_that_comes_twice_and_bytes_that_are_no_text_are_named() {
    let vendor = Vendor::new().await;
    let world = World::read(vendor.store()).await.unwrap();
    let mapping = Mapping::read("mapping.yaml", MAPPING).unwrap();
    for (name, bytes, row, words) in [
        ("twice", list(700, None).replace("C-650,", "C-1,").into_bytes(), line_of(650), "the same reference"),
        (
            "latin",
            [list(600, None).as_bytes(), b"C-9,paid,M\xFCller,2026-11-30,f,,1.00\r\n"].concat(),
            line_of(601),
            "not UTF-8",
        ),
        ("wide", list(2, None).encode_utf16().flat_map(u16::to_le_bytes).collect(), 0, "UTF-16"),
        ("endless", [b"Claim,Status\r\n\"".to_vec(), vec![b'x'; 4 * 1024 * 1024]].concat(), 1, "heading"),
        ("empty", Vec::new(), 1, "has no row 1"),
    ] {
        let path = vendor.path(name);
        fs::write(&path, bytes).unwrap();
        let identity = import::identify(&path, MAPPING).unwrap();
        let report = import::check(vendor.store(), &world, &mapping, &identity, &path).await.unwrap();
        let defect = report.defects.last().unwrap_or_else(|| panic!("{name} has a defect"));
        assert!(defect.row == row && defect.problem.contains(words), "{name}: {:?}", report.defects);
        assert!(report.most_held <= 500, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn row_89_an_import_that_is_ended_for_want_of_memory_goes_on_where_it_was_and_books_nothing_in_part() {
    const ROWS: u64 = 12_000;
    let vendor = Vendor::new().await;
    let path = write(&vendor, "past.csv", &list(ROWS, None));
    let mapping = write(&vendor, "mapping.yaml", MAPPING);
    let args = ["--actor", "mia", "import", "stage", path.to_str().unwrap(), "--mapping", mapping.to_str().unwrap()];
    let mut reached = 0;
    // The system ends a process that takes too much as `kill -9` does.
    for deaths in 1..=3_u64 {
        let mut child = vendor.process(&args).spawn().unwrap();
        let further = async {
            loop {
                let row = imports(&vendor).await.pop();
                if let Some(row) = row.filter(|row| row.read_to > reached) {
                    return row;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::time::timeout(HANG, further).await.expect("it stores one portion after the other");
        child.kill().await.unwrap();
        let row = imports(&vendor).await.pop().unwrap();
        assert_eq!(row.status, ImportStatus::Staging, "death {deaths} came before the end");
        assert!(row.read_to > reached && row.lines % 500 == 0, "whole portions alone: {row:?}");
        assert_eq!(row.read_to, line_of(row.lines), "{row:?}");
        assert_eq!(counted(&vendor).await, (0, 0), "nothing of it counts");
        assert!(vendor.store().apply_import(&row.new.id, "finn", vendor.now().await).await.is_err(), "nor may it");
        reached = row.read_to;
    }
    let ended = tokio::time::timeout(HANG, vendor.process(&args).status()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended}");
    let row = imports(&vendor).await.pop().unwrap();
    assert_eq!((row.status, row.lines), (ImportStatus::Staged, ROWS), "each line once");
    vendor.store().apply_import(&row.new.id, "finn", vendor.now().await).await.unwrap();
    assert_eq!(counted(&vendor).await, (125 * i64::try_from(ROWS).unwrap(), ROWS));
}

#[tokio::test(flavor = "multi_thread")]
async fn cells_beyond_the_headings_and_lines_that_wait_in_another_import_keep_a_list_out() {
    let vendor = Vendor::new().await;
    let wide = write(&vendor, "wide.csv", &list(3, None).replacen("1.25", "1,200.25", 1));
    let Err(NotStaged::Defects(report)) = stage(&vendor, &wide).await else { panic!("a row has a cell too many") };
    assert_eq!((report.defective, report.defects[0].row), (1, 2));
    assert!(report.defects[0].problem.contains("more cells than there are headings"), "{:?}", report.defects);

    let first = write(&vendor, "first.csv", &list(3, None));
    let Ok(Staged::Now(waits, _)) = stage(&vendor, &first).await else { panic!("it is in order") };
    let longer = write(&vendor, "longer.csv", &list(4, None));
    let Err(NotStaged::Defects(report)) = stage(&vendor, &longer).await else { panic!("three lines wait elsewhere") };
    assert_eq!(report.defective, 3);
    assert!(report.defects[0].problem.contains("which nobody has agreed to"), "{:?}", report.defects);
    while !vendor.store().drop_import(&waits.new.id).await.unwrap() {}
    let Ok(Staged::Now(row, _)) = stage(&vendor, &longer).await else { panic!("nothing waits any longer") };
    assert_eq!(row.lines, 4);
}
