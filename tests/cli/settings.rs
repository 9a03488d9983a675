//! Configuration, people and calendars that cannot be used: refused with their place before anything is opened.

use crate::installation::Installation;

#[test]
fn a_setting_that_makes_no_sense_is_refused_with_its_place_and_leaves_no_trace() {
    let table: [(&str, &str); 15] = [
        ("databse: x.db", "entente.yaml:1:1: unknown field `databse`"),
        ("zone: Mars/Phobos", "entente.yaml:1:7: `Mars/Phobos` is not an IANA zone"),
        ("zone: UTC\nzone: UTC", "entente.yaml:2:1: "),
        ("listen: nowhere", "entente.yaml:1:9: "),
        ("database: [a]", "entente.yaml:1:11: "),
        ("jobs: { seal: { cron: '* * * * *', zone: Mars/Phobos } }", "entente.yaml:1:42: "),
        ("notices: { smtp: { host: localhost, from: nobody } }", "entente.yaml:1:43: `nobody` is not a mail address"),
        ("connectors: { ebay/acme: { kind: ebay, legal_entity: acme } }", "entente.yaml:1:34: "),
        ("evidence: { place: proof }", "entente.yaml:1:13: unknown field `place`"),
        ("evidence: { max_bytes: 0 }", "entente.yaml:1:24: 0 would accept nothing"),
        ("evidence: { bucket: { region: eu-central-1 } }", "entente.yaml:1:23: missing field `name`"),
        ("evidence: { scan: { command: [] } }", "entente.yaml:1:30: it names no program"),
        ("evidence: { scan: { command: [x], timeout_seconds: 0 } }", "entente.yaml:1:52: 0 is not from 1 to 600"),
        ("calendars: nowhere.yaml", "the calendars `nowhere.yaml` cannot be read"),
        ("people: .", "the people file `.` cannot be read"),
    ];
    for (config, words) in table {
        let installation = Installation::with_config(config);
        for command in [&["offer", "list"][..], &["serve"]] {
            let said = installation.run(command);
            assert_eq!(said.code, 2, "{config}: {said:?}");
            assert!(said.words.starts_with(&format!("error: {words}")), "{config}: {said:?}");
            assert_eq!(said.words.lines().count(), 1, "{config}: {said:?}");
        }
        assert!(!installation.folder().join("entente.db").exists(), "{config}");
    }
}

#[test]
fn people_that_cannot_be_used_leave_no_trace() {
    let installation = Installation::new();
    installation.write("people.yaml", "persons:\n  - { id: mia, nmae: Mia }\n");
    let said = installation.run(&["offer", "list"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.words.starts_with("error: people.yaml:2:"), "{said:?}");
    assert!(!installation.folder().join("entente.db").exists());
}

#[test]
fn a_job_or_a_mail_server_that_cannot_be_used_stops_the_server_with_2() {
    let table = [
        ("jobs: { nope: { cron: '* * * * *' } }", "`jobs.nope`"),
        ("jobs: { seal: { cron: '61 * * * *' } }", "`jobs.seal`"),
        ("notices: { smtp: { host: localhost, from: a@b.example, user_env: ENTENTE_NOT_SET } }", "`notices.smtp`"),
        ("notices: { smtp: { host: mail.example, from: a@b.example, tls: false } }", "`notices.smtp`"),
    ];
    for (config, field) in table {
        let said = Installation::with_config(&format!("listen: 127.0.0.1:0\n{config}\n")).run(&["serve"]);
        assert_eq!(said.code, 2, "{config}: {said:?}");
        assert!(said.words.starts_with("error: ") && said.words.contains(field), "{config}: {said:?}");
    }
}

#[cfg(unix)]
#[test]
fn row_74_a_file_without_an_end_is_not_taken_into_memory() {
    let installation = Installation::new();
    installation.write("endless.yaml", "people: /dev/zero\n");
    let table: [&[&str]; 3] = [
        &["--config", "/dev/zero", "offer", "list"],
        &["--config", "endless.yaml", "offer", "list"],
        &["offer", "plan", "/dev/zero"],
    ];
    for args in table {
        let said = installation.run(args);
        assert_eq!(said.code, 2, "{args:?}: {said:?}");
        assert!(said.words.contains("/dev/zero:1:1: "), "{args:?}: {said:?}");
        assert!(!said.words.contains(" 0 bytes"), "{args:?}: {said:?}");
    }
}
