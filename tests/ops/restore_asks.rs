//! Restoring asks before it changes anything.
#![cfg(target_os = "linux")]

use std::fs;

use crate::house::{House, server::HANG};

/// What lies in the installation's folder, file by file.
fn files(house: &House) -> std::collections::BTreeMap<String, Vec<u8>> {
    let entries =
        fs::read_dir(house.path("")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
    entries.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())).collect()
}

/// Runs a command at a terminal where somebody types this.
async fn at_a_terminal(house: &House, arguments: &str, typed: &str) -> (Option<i32>, String) {
    use tokio::io::AsyncWriteExt as _;

    let program = format!("{} --config {}", env!("CARGO_BIN_EXE_entente"), house.path("entente.yaml").display());
    let mut script = tokio::process::Command::new("script");
    script.args(["-qec", &format!("{program} --actor ada {arguments}"), "/dev/null"]);
    script.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).kill_on_drop(true);
    let mut child = script.spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    keyboard.write_all(typed.as_bytes()).await.unwrap();
    let output = tokio::time::timeout(HANG, child.wait_with_output()).await.expect("the command ends").unwrap();
    drop(keyboard);
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn restoring_asks_at_a_terminal_and_anything_but_yes_changes_nothing() {
    let connectors = "connectors:\n  fake/acme-us: { kind: fake, legal_entity: acme-us }";
    let house = House::new(connectors).await;
    let copy = house.path("copy.db");
    house.command("ada", &["backup", copy.to_str().unwrap()]).await;
    let restore = format!("restore {}", copy.display());
    let before = files(&house);
    for typed in ["n\n", "\n", "yes please\n"] {
        let (code, said) = at_a_terminal(&house, &restore, typed).await;
        assert!(said.contains("is set aside and the backup takes its place. Go on? [y/N]"), "{said}");
        assert_eq!(code, Some(130), "{typed:?}: {said}");
        assert!(said.contains("nothing was changed"), "{typed:?}: {said}");
        assert_eq!(files(&house), before, "{typed:?}");
    }
    let refused = house.run_command("ada", &["restore", copy.to_str().unwrap()]).await;
    assert_eq!(refused.status.code(), Some(2), "without a terminal it takes --yes");
    assert_eq!(files(&house), before);
    let (code, said) = at_a_terminal(&house, &restore, "Yes\n").await;
    assert_eq!(code, Some(0), "{said}");
    let aside: Vec<String> = files(&house).into_keys().filter(|name| name.starts_with("entente.db.before-")).collect();
    assert!(!aside.is_empty(), "the database before is kept: {:?}", files(&house).keys());
}
