//! The lock file: released charts stay as they are.

use entente_core::chart::{library::Lock, model::Chart, problem::Code};

use super::good::DOOR;

fn chart(text: &str) -> Chart {
    Chart::parse("workflows/door/v1.yaml", text).unwrap()
}

#[test]
fn what_is_released_reads_back_the_same() {
    let mut lock = Lock::default();
    lock.release(&chart(DOOR)).unwrap();
    lock.release(&chart(&DOOR.replace("version: 1", "version: 2"))).unwrap();
    let read = Lock::parse("charts.lock", &lock.to_string()).unwrap();
    assert_eq!(read.to_string(), lock.to_string());
    assert_eq!(read.newest("door"), Some(2));
    assert_eq!(read.newest("window"), None);
    assert_eq!(read.released("door", 1), Some(chart(DOOR).sha256.as_str()));
    assert!(read.has(&chart(DOOR)));
}

#[test]
fn an_edited_released_file_is_refused() {
    let mut lock = Lock::default();
    lock.release(&chart(DOOR)).unwrap();
    let edited = chart(&format!("{DOOR}# one more comment\n"));
    let problems = lock.check("charts.lock", &[&edited]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, Code::LockChanged);
    assert_eq!(
        problems[0].to_string(),
        "workflows/door/v1.yaml:1:1: chart `door` version 1 was released with another text; restore the \
         released text, and make your change in version 2"
    );
    assert_eq!(lock.release(&edited).unwrap_err().code, Code::LockChanged);
    assert!(!lock.has(&edited));
}

#[test]
fn a_released_file_that_is_gone_is_missed_at_its_line() {
    let mut lock = Lock::default();
    lock.release(&chart(DOOR)).unwrap();
    let lock = Lock::parse("charts.lock", &lock.to_string()).unwrap();
    let problems = lock.check("charts.lock", &[]);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].code, Code::LockMissing);
    assert_eq!(problems[0].place.line, 2);
}

#[test]
fn a_chart_that_is_not_released_yet_may_change() {
    assert_eq!(Lock::default().check("charts.lock", &[&chart(DOOR)]), []);
}

#[test]
fn lines_that_are_no_entries_are_told() {
    let hash = "0".repeat(64);
    let text =
        format!("# a comment\n\ndoor 1 {hash}\ndoor one {hash}\ndoor 2 abc\ndoor 3 {hash} more\ndoor 1 {hash}\n");
    let problems = Lock::parse("charts.lock", &text).unwrap_err();
    let lines: Vec<u32> = problems.iter().map(|problem| problem.place.line).collect();
    assert_eq!(lines, [4, 5, 6, 7]);
    assert!(problems.iter().all(|problem| problem.code == Code::LockSyntax));
    assert!(problems[3].cause.contains("listed twice"));
}
