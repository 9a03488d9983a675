//! The demo's story, told by one process on a file and by three on a server while they are killed.

use std::{path::Path, process::Output};

use tokio::process::Command;

use crate::{ground, house::server::HANG};

async fn told(folder: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    command.args(["demo", "--once", "--dir"]).arg(folder).args(more).kill_on_drop(true);
    tokio::time::timeout(5 * HANG, command.output()).await.expect("the story ends").unwrap()
}

/// What the tables say, each row by these columns, and the promises that held.
#[derive(Debug, PartialEq, Eq)]
struct Summary {
    offers: Vec<[String; 4]>,
    commitments: Vec<[String; 4]>,
    claims: Vec<[String; 4]>,
    held: Vec<String>,
}

/// What a story ended with. What was sent more than once, and how many steps that took, is chance; what is forecast depends on the
/// calendar.
fn summary(output: &Output) -> Summary {
    let words = String::from_utf8_lossy(&output.stderr);
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let last = || words.lines().rev().take(40).collect::<Vec<_>>().join("\n");
    assert!(output.status.success(), "{text}\nsaid, the last first:\n{}", last());
    let mut parts = text.split("\n\n");
    let offers = table(parts.next().unwrap(), ["story", "value", "ended in", "applied"]);
    let commitments = table(parts.next().unwrap(), ["story", "counts", "pace", "told"]);
    let claims = table(parts.next().unwrap(), ["story", "claimed", "paid", "ended in"]);
    let held = text.lines().filter(|line| line.starts_with("held ")).map(|line| line[7..27].trim().to_owned());
    Summary { offers, commitments, claims, held: held.collect() }
}

/// These columns of a table, row by row.
fn table(text: &str, wanted: [&str; 4]) -> Vec<[String; 4]> {
    let columns = |line: &str| -> Vec<String> {
        line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    };
    let head = columns(text.lines().next().unwrap());
    let places = wanted.map(|name| head.iter().position(|column| column == name).unwrap());
    text.lines().skip(1).map(columns).map(|row| places.map(|place| row[place].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_processes_tell_the_same_story_while_one_is_killed_every_two_seconds() {
    let home = tempfile::tempdir().unwrap();
    let alone = summary(&told(&home.path().join("alone"), &[]).await);
    ground::require_server();
    let database = ground::named(&home.path().join("fleet.db")).await;
    let folder = home.path().join("fleet");
    let output = told(&folder, &["--database", &database, "--processes", "3", "--kill-every", "2s"]).await;
    let together = summary(&output);
    assert_eq!(together, alone);
    let rows = (alone.offers.len(), alone.commitments.len(), alone.claims.len(), alone.held.len());
    assert_eq!(rows, (19, 3, 5, 19));
    let words = String::from_utf8_lossy(&output.stderr);
    let killed = words.lines().rev().find_map(|line| line.strip_suffix(" processes were killed meanwhile"));
    assert!(killed.unwrap().parse::<u32>().unwrap() > 2, "{killed:?}");

    // Told to its end, the folder may begin anew; the database holds the old story still.
    let again = told(&folder, &["--database", &database]).await;
    let words = String::from_utf8_lossy(&again.stderr);
    assert!(!again.status.success() && words.contains("name an empty database"), "{words}");
}
