//! The documented exit codes, each reached by a command that anybody may type.

use std::process::{Command, Stdio};

use crate::installation::{Installation, a_moment};

#[test]
fn every_exit_code_is_documented_and_reached() {
    let mut installation = Installation::new();
    let help = installation.run(&["help", "exit-codes"]).ok().data;
    for code in [0, 1, 2, 3, 4, 5, 6, 7, 130] {
        assert!(help.lines().any(|line| line.trim_start().starts_with(&format!("{code}  "))), "{code}: {help}");
    }
    installation.offer("offer.yaml", &[]);
    let asked = installation.run(&["--actor", "mia", "offer", "create", "offer.yaml", "--wait", "10ms"]);
    assert_eq!(asked.code, 6, "accepted and not decided: {asked:?}");
    installation.serve();
    let label = installation.until_first();
    let table: [(&[&str], i32); 12] = [
        (&["help"], 0),
        (&["offer", "list"], 0),
        (&["offer", "frobnicate"], 2),
        (&["offer", "show"], 2),
        (&["help", "no-such-topic"], 2),
        (&["offer", "show", "OFR-1999-00001"], 3),
        (&["connector", "check", "aws/nowhere"], 3),
        (&["--actor", "nobody", "offer", "note", &label, "x"], 4),
        (&["--actor", "vic", "offer", "note", &label, "x"], 4),
        (&["offer", "note", &label, "x"], 2),
        (&["--actor", "mia", "offer", "extend", &label, "--until", "2099-04-01"], 5),
        (&["verify"], 0),
    ];
    for (args, code) in table {
        let said = installation.run(args);
        assert_eq!(said.code, code, "{args:?}: {said:?}");
        assert!(code == 0 || said.words.starts_with("error: "), "{args:?}: {said:?}");
    }
    // One person cannot satisfy a policy in which whoever asks may not vote.
    let alone =
        "persons: [{ id: mia, name: Mia, email: m@a.example, roles: [alliance_manager, deal_desk], zone: UTC }]\n";
    installation.write("people.yaml", alone);
    let said = installation.run(&["policy", "check"]);
    assert_eq!(said.code, 7, "{said:?}");
    assert!(said.data.contains("can never be approved"), "{said:?}");
}

#[test]
fn roles_that_only_funds_need_are_missed_by_nobody_who_has_no_funds() {
    let installation = Installation::new();
    let people = include_str!("../../examples/people.yaml");
    let (without, funds) = people.split_once("  # Market development funds.").unwrap();
    let without = without.replace(", fraud_review]", "]");
    installation.write("people.yaml", &without);
    let said = installation.run(&["policy", "check"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.words.contains("`mdf_claim`: not needed before there are funds"), "{said:?}");
    let shown = installation.run(&["policy", "check", "--json"]).ok().json();
    let of = |name: &str| {
        shown.as_array().unwrap().iter().find(|policy| policy["policy"] == name).unwrap()["needed"].clone()
    };
    assert_eq!((of("mdf_claim"), of("private_offer")), (false.into(), true.into()));

    // Whoever gives somebody such a role means to use funds.
    let (fund_manager, _) = funds.split_once("  - id: vera").unwrap();
    installation.write("people.yaml", format!("{without}{fund_manager}"));
    assert_eq!(installation.run(&["policy", "check"]).code, 7);
}

#[test]
fn the_example_people_can_agree_to_everything() {
    let installation = Installation::new();
    installation.write("people.yaml", include_str!("../../examples/people.yaml"));
    installation.run(&["policy", "check"]).ok();
    assert!(include_str!("../../examples/people.yaml").contains("roles: [tax]"), "who signs tax packs off");
}

#[test]
fn a_second_server_is_refused_and_says_who_runs_already() {
    let mut installation = Installation::new();
    installation.serve();
    let said = installation.run(&["serve"]);
    assert_eq!(said.code, 5, "{said:?}");
    assert!(said.words.contains("already runs this database"), "{said:?}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_waiting_command_with_130() {
    let installation = Installation::new();
    installation.offer("offer.yaml", &[]);
    let waiting = ["--actor", "mia", "offer", "create", "offer.yaml", "--key", "k", "--wait", "10m"];
    let child = installation.command(&waiting).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // The message is in the inbox once the same key, asked again, is known.
    let stored = || {
        installation.run(&["--actor", "mia", "offer", "create", "offer.yaml", "--key", "k", "--wait", "10ms"]).code == 6
    };
    while !stored() {
        a_moment();
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(130));
}

impl Installation {
    /// The label of the only offer, once there is one.
    fn until_first(&self) -> String {
        loop {
            let offers = self.run(&["offer", "list", "--json"]).ok().json();
            if let Some(label) = offers[0]["label"].as_str() {
                return label.to_owned();
            }
            a_moment();
        }
    }
}
