//! Asking a program whether a file is harmful.

use std::{path::PathBuf, time::Duration};

use entente_documents::{CommandScanner, Error, NoScanner, Scan, Scanner};

use crate::suite::list;

/// A scanner in a few words of shell. It is started as any program: the shell is the program here.
fn scanner(script: &str) -> CommandScanner {
    CommandScanner {
        program: PathBuf::from("/bin/sh"),
        arguments: vec!["-c".into(), script.into()],
        timeout: Duration::from_secs(60),
    }
}

#[tokio::test]
async fn a_scanner_reads_the_whole_file_and_its_end_is_the_verdict() {
    let file = list(&"0123456789\n".repeat(100_000));
    let counting = format!("test $(wc -c) -eq {} && exit 0; exit 1", file.size());
    assert_eq!(scanner(&counting).scan(&file).await.unwrap(), Scan::Clean);
    let seeking = scanner("grep -q EICAR && exit 1; exit 0");
    assert_eq!(seeking.scan(&list("name\nEICAR\n")).await.unwrap(), Scan::Infected);
    assert_eq!(seeking.scan(&list("name\nAnn\n")).await.unwrap(), Scan::Clean);
}

#[tokio::test]
async fn a_scanner_that_has_seen_enough_may_stop_reading() {
    let file = list(&"0123456789\n".repeat(1_000_000));
    assert_eq!(scanner("exec <&-; exit 1").scan(&file).await.unwrap(), Scan::Infected);
}

#[tokio::test]
async fn without_a_scanner_everything_is_pending() {
    assert_eq!(NoScanner.scan(&list("name\n")).await.unwrap(), Scan::Pending);
}

#[tokio::test]
async fn a_scanner_without_a_verdict_is_an_error_and_never_clean() {
    let absent = CommandScanner { program: "/nowhere/scanner".into(), ..scanner("") };
    let slow = CommandScanner { timeout: Duration::from_millis(50), ..scanner("cat > /dev/null; exec sleep 600") };
    for (scanner, words) in [
        (scanner("echo 'database is \u{1b}[31mold' >&2; exit 2"), "exit status: 2: database is [31mold"),
        (scanner("kill -9 $$"), "signal: 9"),
        (absent, "cannot be started"),
        (slow, "longer than 50 ms"),
    ] {
        let error = scanner.scan(&list("name\n")).await.unwrap_err();
        assert!(matches!(error, Error::Scan { .. }) && error.to_string().contains(words), "{words}: {error}");
        assert_eq!((error.code(), error.is_transient()), ("evidence_unscanned", true));
    }
}

#[tokio::test]
async fn a_scanner_that_complains_at_length_is_not_waited_for() {
    let loud =
        scanner("cat > /dev/null; i=0; while test $i -lt 20000; do echo complaint >&2; i=$((i+1)); done; exit 2");
    let error = loud.scan(&list("name\n")).await.unwrap_err();
    assert!(error.to_string().len() < 700, "{error}");
}

#[tokio::test]
async fn row_78_a_scanner_sees_nothing_of_our_environment_but_the_path() {
    // The test runner sets this for every test.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let asking = scanner("test -z \"$CARGO_MANIFEST_DIR\" && test -n \"$PATH\" && exit 0; exit 1");
    assert_eq!(asking.scan(&list("name\n")).await.unwrap(), Scan::Clean);
}
