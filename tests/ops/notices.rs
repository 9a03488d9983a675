//! Notices reach people at least once, under an id that stays, and never for ever.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use entente::notices::{Channels, send_due};
use entente_core::{people::People, scope::Scope};
use entente_mail::{Mailer, Party, Security, Settings};
use entente_store::{NoticeRow, NoticeStatus, Notices as _, Runs as _};
use entente_store_sqlite::{Mode, OpenOptions, SqliteStore};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;

const PEOPLE: &str = "
persons:
  - { id: ada, name: Ada, email: ada@acme.example, roles: [alliance_manager], zone: UTC }
  - { id: oz, name: Oz, email: oz@acme.example, roles: [operator], zone: UTC }
  - { id: una, name: Una, email: una@acme.example, roles: [operator], zone: UTC }
  - { id: rex, name: Rex, email: refused@acme.example, roles: [legal], zone: UTC }
";

struct Desk {
    folder: TempDir,
    store: SqliteStore,
    now: Timestamp,
}

impl Desk {
    async fn new() -> Desk {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("n.db"), OpenOptions::new(Mode::Runner)).await.unwrap();
        Desk { folder, store, now: "2026-05-01T00:00:00Z".parse().unwrap() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("notices.jsonl")
    }

    fn channels(&self, file: Option<PathBuf>, mailer: Option<Mailer>) -> Channels {
        let people = Arc::new(People::from_yaml("people.yaml", PEOPLE).unwrap());
        Channels { file, mailer, from: Party::named("Entente", "entente@acme.example"), people }
    }

    async fn add(&self, id: &str, name: &str, data: Value) {
        let notice = NoticeRow {
            id: id.into(),
            run: None,
            name: name.into(),
            data,
            status: NoticeStatus::Pending,
            attempts: 0,
            not_before: self.now,
            error: None,
        };
        assert!(self.store.add_notice(notice.clone()).await.unwrap());
        assert!(!self.store.add_notice(notice).await.unwrap(), "the same notice is stored once");
    }

    async fn send(&self, channels: &Channels) -> u32 {
        send_due(&self.store, channels, self.now).await.unwrap()
    }

    fn lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    async fn failed(&self) -> Vec<NoticeRow> {
        self.store.notices(&Scope::vendor(), None).await.unwrap()
    }
}

#[tokio::test]
async fn a_notice_is_one_line_of_the_file_under_its_id() {
    let desk = Desk::new().await;
    desk.add("OFR-2026-00001/4.0", "published", json!({ "label": "OFR-2026-00001" })).await;
    let channels = desk.channels(Some(desk.file()), None);
    assert_eq!(desk.send(&channels).await, 1);
    assert_eq!(desk.send(&channels).await, 0, "what was sent is not sent again");
    let lines = desk.lines();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["id"], &lines[0]["name"]), (&json!("OFR-2026-00001/4.0"), &json!("published")));
    assert!(desk.store.next_number("x").await.is_ok(), "the store goes on");
}

#[tokio::test]
async fn a_crash_between_sending_and_recording_repeats_the_notice_under_the_same_id() {
    let desk = Desk::new().await;
    desk.add("n/1", "published", json!({ "label": "A" })).await;
    // The file receives it; what was recorded is undone, as by a crash before the record.
    let channels = desk.channels(Some(desk.file()), None);
    desk.send(&channels).await;
    desk.store.record_notice("n/1", NoticeStatus::Pending, desk.now, None).await.unwrap();
    assert_eq!(desk.send(&channels).await, 1);
    let ids: Vec<Value> = desk.lines().into_iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, ["n/1", "n/1"], "at least once, and a reader can tell that it is the same");
}

#[tokio::test]
async fn a_notice_that_cannot_be_delivered_is_tried_a_bounded_number_of_times_and_then_listed() {
    let mut desk = Desk::new().await;
    desk.add("n/1", "published", json!({ "label": "A" })).await;
    let nowhere = desk.channels(Some(desk.folder.path().join("no/such/folder.jsonl")), None);
    let mut attempts = 0;
    while desk.failed().await.is_empty() {
        assert_eq!(desk.send(&nowhere).await, 0);
        attempts += 1;
        assert!(attempts <= 8, "it is tried for ever");
        desk.now = desk.now.checked_add(SignedDuration::from_hours(1)).unwrap();
    }
    assert_eq!(attempts, 8);
    let failed = desk.failed().await.remove(0);
    assert_eq!((failed.id.as_str(), failed.attempts), ("n/1", 8));
    assert!(failed.error.unwrap().contains("no/such/folder.jsonl"), "the list says why");
    assert_eq!(desk.send(&desk.channels(Some(desk.file()), None)).await, 0, "it is given up");
}

#[tokio::test]
async fn row_79_line_ends_in_a_name_stay_inside_their_line() {
    let desk = Desk::new().await;
    desk.add("n/1", "published", json!({ "label": "A\r\n{\"id\":\"forged\"}", "buyer": "x\r\nBcc: eve@evil.example" }))
        .await;
    desk.send(&desk.channels(Some(desk.file()), None)).await;
    let lines = desk.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["id"], "n/1");
}

/// The mail server of the mail tests; it ends with this value.
struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    port: u16,
}

impl Server {
    /// Starts it, or says why the test is skipped.
    fn start() -> Option<Server> {
        let Ok(python) = std::env::var("ENTENTE_PYTHON") else {
            println!("skipped: ENTENTE_PYTHON names no Python with aiosmtpd; `cargo xtask test` provides one");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/mail/tests/smtp_server.py");
        let mut child = Command::new(python)
            .args(["-W", "ignore"])
            .arg(script)
            .arg("plain")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let ready = read(&mut lines);
        Some(Server { child, lines, port: u16::try_from(ready["port"].as_u64().unwrap()).unwrap() })
    }

    fn mailer(&self) -> Mailer {
        Mailer::new(Settings { port: self.port, ..Settings::new("localhost", Security::None) }).unwrap()
    }

    fn next_mail(&mut self) -> Value {
        read(&mut self.lines)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn read(lines: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    lines.read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap()
}

#[tokio::test]
async fn a_notice_reaches_everybody_who_holds_the_role_by_mail_under_ids_that_stay() {
    let Some(mut server) = Server::start() else { return };
    let desk = Desk::new().await;
    desk.add("n/1", "job_failed", json!({ "job": "backup", "reason": "no space" })).await;
    let channels = desk.channels(None, Some(server.mailer()));
    let mut ids = Vec::new();
    for _ in 0..2 {
        assert_eq!(desk.send(&channels).await, 1);
        let (first, second) = (server.next_mail(), server.next_mail());
        assert_eq!((&first["to"], &second["to"]), (&json!(["oz@acme.example"]), &json!(["una@acme.example"])));
        assert_eq!(first["subject"], "backup scheduled job failed");
        assert!(first["text"].as_str().unwrap().contains("no space"));
        ids.push((first["message_id"].clone(), second["message_id"].clone()));
        desk.store.record_notice("n/1", NoticeStatus::Pending, desk.now, None).await.unwrap();
    }
    assert_eq!(ids[0], ids[1], "a repeated mail is the same mail");
    assert_ne!(ids[0].0, ids[0].1);
}

#[tokio::test]
async fn row_79_mail_about_a_name_with_line_ends_gains_no_header_and_no_recipient() {
    let Some(mut server) = Server::start() else { return };
    let desk = Desk::new().await;
    let channels = desk.channels(None, Some(server.mailer()));
    desk.add("n/1", "published", json!({ "label": "A" })).await;
    desk.send(&channels).await;
    let plain = server.next_mail();
    let name = "A\r\nBcc: eve@evil.example\r\n\r\nsomething else";
    desk.add("n/2", "published", json!({ "label": name, "buyer": name })).await;
    desk.send(&channels).await;
    let got = server.next_mail();
    assert_eq!((&got["headers"], &got["to"]), (&plain["headers"], &plain["to"]));
}

#[tokio::test]
async fn a_mailbox_that_refuses_makes_the_notice_fail_visibly_while_others_go_out() {
    let Some(mut server) = Server::start() else { return };
    let mut desk = Desk::new().await;
    let channels = desk.channels(Some(desk.file()), Some(server.mailer()));
    desk.add("n/1", "approval.asked", json!({ "label": "A", "role": "legal" })).await;
    desk.add("n/2", "published", json!({ "label": "B" })).await;
    assert_eq!(desk.send(&channels).await, 1);
    assert_eq!(server.next_mail()["to"], json!(["ada@acme.example"]));
    for _ in 0..8 {
        desk.now = desk.now.checked_add(SignedDuration::from_hours(1)).unwrap();
        desk.send(&channels).await;
    }
    let failed = desk.failed().await;
    assert_eq!(failed.len(), 1);
    assert!(failed[0].error.as_ref().unwrap().contains("no such mailbox"), "{failed:?}");
}
