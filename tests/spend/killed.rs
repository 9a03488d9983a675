//! Processes that end in the middle of a file. They are this test binary itself, told by a variable what to do.

use std::{path::PathBuf, process::Command};

use entente::spend::{Came, ImportError};
use entente_store::ReadingStatus;

use crate::desk::{AWS, Desk, focus};

const FOLDER: &str = "ENTENTE_SPEND_CHILD";

/// Two hundred and fifty rows, which are three portions.
fn text() -> String {
    focus((0..250u8).map(|row| (1 + row % 28, "0.1", AWS)))
}

/// Without the variable this is an ordinary test with nothing to do.
#[tokio::test(flavor = "multi_thread")]
async fn as_a_child_this_binary_takes_a_file_in() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    Desk::at(PathBuf::from(folder)).await.import("2026-03", &text()).await.unwrap();
}

/// Whether the child came to its end.
fn child(desk: &Desk, point: &str) -> bool {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "killed::as_a_child_this_binary_takes_a_file_in", "--test-threads=1"]);
    command.env(FOLDER, &desk.folder).env("ENTENTE_FAILPOINT", point);
    command.output().unwrap().status.success()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_is_gone_on_from_where_it_was_and_nothing_counts_twice() {
    for (point, read_to) in [("K8:spend.staged:1", 100), ("K8:spend.staged:2", 200), ("K7:spend.read", 250)] {
        let desk = Desk::new().await;
        assert!(!child(&desk, point), "{point} kills it");
        let row = desk.readings().await.remove(0);
        assert_eq!((row.status, row.read_to, row.version), (ReadingStatus::Staging, read_to, None), "{point}");
        assert!(desk.spent(None).await.is_empty(), "{point}: nobody sees a part of it");

        let Came::New(taken) = desk.import("2026-03", &text()).await.unwrap() else { panic!("{point}: it is new") };
        assert_eq!((taken.after, taken.rows, taken.version), (read_to, 250, Some(1)), "{point}");
        assert_eq!((taken.days.0.to_string(), taken.days.1.to_string()), ("2026-03-01".into(), "2026-03-31".into()));
        let whole = Desk::new().await;
        whole.take("2026-03", &text(), 1).await;
        assert_eq!(desk.spent(None).await, whole.spent(None).await, "{point}");
        assert_eq!(desk.readings().await.len(), 1, "{point}");
    }
}

/// What was read before the end speaks for or against the file, and is not read again for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_read_before_a_process_was_killed_speaks_against_the_file_when_it_goes_on() {
    let desk = Desk::new().await;
    let mut other = text();
    let last = other.trim_end().rfind(",0.1").unwrap();
    other.replace_range(last.., ",0.2\n");
    desk.take("other", &other, 1).await;
    assert!(!child(&desk, "K8:spend.staged:2"), "it is killed behind row 200");
    let refused = desk.import("2026-03", &text()).await.unwrap_err();
    assert!(
        matches!(&refused, ImportError::Twice { partition, same: 27, of: 28, .. } if partition == "other"),
        "by the rows before it and behind it: {refused}"
    );
    assert_eq!(desk.readings().await.len(), 1, "nothing of it is left");
}
