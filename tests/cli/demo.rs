//! The demo as a newcomer meets it: killed in the middle it goes on, and it touches nothing that is not its own.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use crate::installation::{Installation, Said};

fn demo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    command.args(["demo", "--once", "--dir"]).arg(folder).stdin(Stdio::null());
    command
}

/// Starts the demo and reads its progress until a line is as wished.
fn started(folder: &Path, wished: impl Fn(&str) -> bool) -> Child {
    let mut child = demo(folder).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut said = String::new();
    loop {
        let line = lines.next().unwrap_or_else(|| panic!("the demo ended before the wished line: {said}")).unwrap();
        if wished(&line) {
            break;
        }
        said.push_str(&line);
        said.push('\n');
    }
    child
}

/// Kills the demo when one of its stories is seen in one of these states. The last one is where the story ends: states
/// that pass quickly may not be seen.
fn killed_when(folder: &Path, story: &str, states: &[&str]) {
    let wished = |line: &str| line.contains(story) && states.iter().any(|state| line.trim_end().ends_with(state));
    let mut child = started(folder, wished);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// What a command says in the folder that a demo left.
fn said(folder: &Path, args: &[&str]) -> Said {
    let config = folder.join("entente.yaml");
    let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
    command.arg("--config").arg(config).args(args).stdin(Stdio::null());
    for name in ["ENTENTE_ACTOR", "ENTENTE_CONFIG"] {
        command.env_remove(name);
    }
    command.output().unwrap().into()
}

#[test]
fn a_demo_killed_again_and_again_ends_as_told_and_can_be_looked_at_afterwards() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("story");
    let moments: [(&str, &[&str]); 16] = [
        ("upfront contract", &["draft", "review", "approvals", "active"]),
        ("on pace", &["entered", "looking", "active"]),
        ("falls short", &["active"]),
        ("sent back and revised", &["approvals", "active"]),
        ("sent back and revised", &["creating", "releasing", "published", "active"]),
        ("refused by the marketplace", &["cancelled"]),
        ("reissued to the right account", &["reissuing.sending", "reissuing.settling", "review", "active"]),
        ("reissued to the right account", &["approvals", "ready", "creating", "active"]),
        ("the amendment", &["approvals", "ready", "creating", "active"]),
        ("a tenth of it goes back", &["approvals", "ready", "sending", "settling", "refunded"]),
        ("a partner is taken on", &["approvals", "active"]),
        ("clawed back in part", &["granted", "completed", "assessing", "approvals", "payable", "paid", "closed"]),
        ("answer lost on the wire", &["creating", "releasing", "active"]),
        ("one event of three partners", &["confirming", "committed", "payable", "paid"]),
        ("everything is paid by one file", &["gathering", "approvals", "writing", "sent", "telling", "answered"]),
        ("accepted by nobody", &["closing", "expired"]),
    ];
    for (story, states) in moments {
        killed_when(&folder, story, states);
    }
    let ended = Said::from(demo(&folder).output().unwrap()).ok();
    let lines: Vec<&str> = ended.data.lines().collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("OFR-")).count(), 18, "{ended:?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("RFD-")).count(), 1, "{ended:?}");
    assert_eq!(lines.iter().filter(|line| line.starts_with("held ")).count(), 19, "{ended:?}");
    assert!(!ended.data.contains("BROKEN"), "{ended:?}");

    let commitments: Vec<&&str> = lines.iter().filter(|line| line.starts_with("CMT-")).collect();
    let told = [
        ("on pace", "microsoft", "USD 720,000.00    USD 489,600.00  1.02"),
        ("falls short", "aws", "USD 1,440,000.00  USD 768,000.00  0.8"),
        ("falls short", "shortfall", "OFR-"),
        ("falls short", "(acme-1)", "seats for two more branches covers"),
        ("spends too fast", "google", "USD 360,000.00    USD 300,000.00  1.25"),
        ("spends too fast", "over-burn", "nothing lacks"),
    ];
    assert_eq!(commitments.len(), 3, "{ended:?}");
    for (story, cloud, words) in told {
        let has = |line: &&&str| [story, cloud, words].iter().all(|what| line.contains(what));
        assert!(commitments.iter().any(has), "{story}, {cloud}, {words}: {commitments:#?}");
    }

    let claims: Vec<&&str> = lines.iter().filter(|line| line.starts_with("CLM-")).collect();
    let told = [
        ("one event of three partners", "EUR 1,000.00  EUR 1,000.00  paid"),
        ("one event of three partners", "333.34 to nordlicht, EUR 333.33 to bluepeak, EUR 333.33 to castell"),
        ("the same invoice again", "EUR 1,000.00  nothing       returned"),
        ("the same invoice again", "F2: invoice `R-0311` of EUR 2,000.00"),
        ("the same invoice again", "of nordlicht"),
        ("it has cost less than planned", "EUR 2,000.00  EUR 1,500.00  paid"),
        ("it has cost less than planned", "Q6: EUR 2,000.00 exceeds the share of the eligible cost, EUR 1,500.00"),
        ("paid as claimed", "EUR 600.25    EUR 600.25    paid"),
        ("clawed back in part", "EUR 150.00 of it was claimed back and has come"),
    ];
    assert_eq!(claims.len(), 5, "{ended:?}");
    for (story, words) in told {
        assert!(
            claims.iter().any(|line| line.contains(story) && line.contains(words)),
            "{story}, {words}: {claims:#?}"
        );
    }

    // The sandbox has gone: what is stored can still be read and verified, and nothing can be changed.
    for command in [&["offer", "list", "--ended"][..], &["audit", "verify"], &["verify"], &["schedule", "list"]] {
        let read = said(&folder, command).ok();
        assert!(read.words.contains("does not answer; time stands at"), "{read:?}");
    }
    let label = lines.iter().find_map(|line| line.split(' ').next().filter(|word| word.starts_with("OFR-"))).unwrap();
    // What the demo advises to look at is there.
    let advised = [
        "commitment show",
        "commitment offers",
        "spend list",
        "claim show CLM-",
        "explain CLM-",
        "ledger show",
        "statement create",
        "statement verify",
    ];
    let commands: Vec<&str> =
        lines.iter().filter_map(|line| line.split_once("entente.yaml ")).map(|(_, rest)| rest).collect();
    for words in advised {
        let command = commands.iter().find(|command| command.contains(words));
        let command = command.unwrap_or_else(|| panic!("no `{words}`: {commands:#?}"));
        said(&folder, &command.split(' ').collect::<Vec<_>>()).ok();
    }
    let refused = said(&folder, &["--actor", "ada", "offer", "note", label, "too late"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.words.contains("nothing can be changed"), "{refused:?}");
}

#[test]
fn a_demo_leaves_a_folder_alone_that_is_not_its_own() {
    let installation = Installation::new();
    let before = std::fs::read(installation.folder().join("people.yaml")).unwrap();
    for fresh in [false, true] {
        let mut command = demo(installation.folder());
        if fresh {
            command.arg("--fresh");
        }
        let said = Said::from(command.output().unwrap());
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.words.contains("is not a demo's folder"), "{said:?}");
    }
    assert_eq!(std::fs::read(installation.folder().join("people.yaml")).unwrap(), before);
    assert!(!installation.folder().join("entente.db").exists());
}

#[test]
fn a_second_demo_in_the_same_folder_is_refused_and_disturbs_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut first = started(home.path(), |line| line.contains("sandbox on"));
    let config = std::fs::read(home.path().join("entente.yaml")).unwrap();
    let second = Said::from(demo(home.path()).arg("--fresh").output().unwrap());
    assert_eq!(second.code, 1, "{second:?}");
    assert!(second.words.contains("another demo works in"), "{second:?}");
    assert_eq!(std::fs::read(home.path().join("entente.yaml")).unwrap(), config);
    first.kill().unwrap();
    first.wait().unwrap();
}
