//! P10 beyond the database: histories in files verify alone, nothing is lost on the way, and nothing begins again.

use std::{fs, path::PathBuf, process::ExitStatus};

use entente::audit::archive::{ReadArchive, verify};
use entente_core::{
    audit::{ArchiveFault, Finding, SealFault},
    ids::RunId,
    offer::Offer,
    scope::Scope,
};
use entente_store::Verdict;
use serde_json::{Value, json};
use sqlx::{Connection as _, PgConnection};

use crate::{
    forger::forge,
    ground,
    house::{
        House,
        offer::document,
        sandbox::{NO_POLLING, Sandbox},
        selling,
        server::{HANG, program},
    },
    restore::report,
};

const FAKE: &str = "connectors:\n  fake/acme-us: { kind: fake, legal_entity: acme-us }";

fn offer(reference: &str) -> Offer {
    document("fake", "prod-fake", "111122223333", reference, jiff::Timestamp::now())
}

/// An installation with offers that are over, and an open one that came after them.
struct Shop {
    house: House,
    /// The offers that are over, with their labels.
    closed: Vec<(RunId, String)>,
}

impl Shop {
    async fn new(offers: usize) -> Shop {
        Shop::of(House::new(FAKE).await, offers).await
    }

    async fn of(house: House, offers: usize) -> Shop {
        let server = house.serve().await;
        let mut closed = Vec::new();
        for n in 0..offers {
            let run = house.submit(&offer(&format!("F-{n}"))).await;
            house.approve(run).await;
            let published = |row: &entente_store::RunRow| row.snapshot.tags.iter().any(|tag| tag == "awaiting_buyer");
            let label = house.until(run, "it waits for its buyer", published).await.snapshot.label;
            house.command("ada", &["offer", "withdraw", &label, "--reason", "it is over"]).await;
            house.until(run, "it has ended", |row| row.snapshot.ended).await;
            closed.push((run, label));
        }
        let open = house.submit(&offer("OPEN")).await;
        house.until(open, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
        server.stop().await;
        Shop { house, closed }
    }

    fn folder(&self) -> PathBuf {
        self.house.path("archive")
    }

    /// The files that bear an archive's name.
    fn files(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.folder()) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "jsonl")).collect()
    }

    fn arguments(&self) -> Vec<String> {
        let folder = self.folder().display().to_string();
        ["audit", "archive", "--before", "2999-01", "--to", &folder, "--json"].map(str::to_owned).to_vec()
    }

    async fn archive(&self) -> Value {
        let arguments = self.arguments();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        serde_json::from_str(&self.house.command("ada", &arguments).await).unwrap()
    }

    /// Archives, and ends itself at this point.
    async fn killed(&self, point: &str) -> ExitStatus {
        let mut command = program(&self.house.path("entente.yaml"));
        command.args(["--actor", "ada"]).args(self.arguments()).env("ENTENTE_FAILPOINT", point);
        tokio::time::timeout(HANG, command.output()).await.expect("the command ends").unwrap().status
    }

    async fn audit(&self, file: Option<&str>) -> (Option<i32>, Value) {
        let arguments: Vec<&str> = ["audit", "verify"].into_iter().chain(file).chain(["--json"]).collect();
        let output = self.house.run_command("ada", &arguments).await;
        let said = serde_json::from_slice(&output.stdout);
        (output.status.code(), said.unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&output.stderr).into())))
    }

    async fn rows(&self, run: RunId) -> usize {
        self.house.store().history(&Scope::vendor(), run, 1, 1000).await.unwrap().len()
    }

    async fn held(&self) -> usize {
        let mut rows = 0;
        for (run, _) in &self.closed {
            rows += self.rows(*run).await;
        }
        rows
    }

    async fn key(&self) -> String {
        self.house.command("ada", &["audit", "key"]).await.trim().to_owned()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn closed_runs_leave_for_a_file_that_verifies_alone_and_the_database_still_verifies() {
    let shop = Shop::new(3).await;
    let rows = shop.held().await;
    let mut plan = shop.arguments();
    plan.push("--dry-run".into());
    let plan: Vec<&str> = plan.iter().map(String::as_str).collect();
    let plan: Value = serde_json::from_str(&shop.house.command("ada", &plan).await).unwrap();
    let labels: Vec<&str> = plan["runs"].as_array().unwrap().iter().map(|run| run["label"].as_str().unwrap()).collect();
    assert_eq!(labels, shop.closed.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>());
    assert!(!shop.folder().exists(), "nothing was written");
    let before = shop.house.run_command("finn", &["audit", "archive", "--before", "2999-01", "--to", "x"]).await;
    assert_eq!(before.status.code(), Some(4), "not everybody may");

    let done = shop.archive().await;
    let (file, key) = (shop.files().remove(0).display().to_string(), shop.key().await);
    assert_eq!((&done["files"][0]["runs"], &done["files"][0]["rows"]), (&json!(3), &json!(rows)), "{done}");
    assert_eq!((&done["left"]["runs"], &done["left"]["rows"], &done["held"]), (&json!(3), &json!(rows), &json!(0)));
    assert_eq!(shop.held().await, 0);
    let (code, found) = shop.audit(Some(&file)).await;
    assert_eq!((code, &found["rows"], &found["runs"]), (Some(0), &json!(rows), &json!(3)), "{found}");
    shop.house.command("ada", &["audit", "verify", &file, "--key", &key]).await;
    let (code, found) = shop.audit(None).await;
    assert_eq!((code, &found["archived"], &found["runs"]), (Some(0), &json!(3), &json!(1)), "{found}");
    shop.house.verify().await;
    let export = shop.house.path("export.jsonl").display().to_string();
    shop.house.command("ada", &["audit", "export", "--out", &export]).await;
    let (code, found) = shop.audit(Some(&export)).await;
    assert_eq!((code, &found["archived"]), (Some(0), &json!(3)), "{found}");

    let label = &shop.closed[1].1;
    for arguments in [&["offer", "show", label], &["offer", "history", label]] {
        let said = shop.house.command("ada", arguments).await;
        assert!(said.contains("entente-history-") && said.contains(".jsonl"), "{arguments:?}: {said}");
    }
    let again = shop.archive().await;
    assert_eq!((&again["files"], &again["left"]["rows"]), (&json!([]), &json!(0)), "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_later_for_an_archived_run_is_noted_and_starts_nothing() {
    let shop = Shop::new(1).await;
    shop.archive().await;
    let (run, _) = shop.closed[0];
    let (before, row) = (shop.house.runs().await.len(), shop.house.row(run).await);
    assert_eq!(shop.house.submit(&offer("F-0")).await, run, "the same request is the same run");
    let data = json!({ "agreement_id": "agmt-1", "account": "111122223333", "at": "2027-01-01T00:00:00Z" });
    shop.house.tell(run, "ada", "late", "offer.accepted", data).await;
    let server = shop.house.serve().await;
    let noted = async {
        loop {
            let found = shop.house.messages(run, "offer.accepted").await.pop().and_then(|message| message.verdict);
            match found {
                Some(verdict) => return verdict,
                None => tokio::time::sleep(std::time::Duration::from_millis(25)).await,
            }
        }
    };
    let verdict = tokio::time::timeout(HANG, noted).await.expect("it is answered");
    assert!(matches!(&verdict, Verdict::Noted { reason } if reason.contains("ended")), "{verdict:?}");
    server.stop().await;
    assert_eq!(shop.house.runs().await.len(), before);
    assert_eq!(shop.house.row(run).await, row, "it stands where it stood");
    let (code, found) = shop.audit(None).await;
    assert_eq!(code, Some(0), "{found}");
}

/// Each byte of a file counts: the one that was changed is found, and where it stands.
#[tokio::test(flavor = "multi_thread")]
async fn row_84_a_changed_byte_a_missing_run_and_a_missing_end_of_an_archive_are_found_and_located() {
    let shop = Shop::new(2).await;
    shop.archive().await;
    let whole = fs::read(shop.files().remove(0)).unwrap();
    let key = shop.key().await;
    let read = |bytes: &[u8]| -> ReadArchive { verify("a", bytes, Some(key.clone())).unwrap() };
    let findings = |bytes: &[u8]| read(bytes).report.findings;
    assert_eq!(findings(&whole), []);
    let text = String::from_utf8(whole.clone()).unwrap();
    let manifest = read(&whole).manifest.unwrap();

    for at in (0..whole.len() - 1).step_by(whole.len() / 80 + 1) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        let Ok(read) = verify("a", changed.as_slice(), Some(key.clone())) else { continue };
        let line = whole[..at].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
        assert_ne!(read.report.findings, [], "byte {at} in line {line}");
        let vague = |found: &Finding| matches!(found, Finding::ArchiveBroken { why: ArchiveFault::Content, .. });
        assert!(!read.report.findings.iter().any(vague), "byte {at} in line {line} is not located");
    }

    let (run, label) = &shop.closed[1];
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let begins = lines.iter().position(|line| line.contains("\"line\":\"run\"") && line.contains(label)).unwrap();
    let step = lines[begins + 3].replacen("\\\"seq\\\":3", "\\\"seq\\\":4", 1);
    assert_ne!(step, lines[begins + 3]);
    let edited = [&lines[..begins + 3], &[step.as_str()], &lines[begins + 4..]].concat().concat();
    assert_eq!(findings(edited.as_bytes()), [Finding::EditedEntry { run: *run, seq: 3 }]);

    let steps = manifest.runs.iter().find(|listed| listed.run == *run).unwrap().seq;
    let ends = begins + 1 + usize::try_from(steps).unwrap();
    let without = [&lines[..begins], &lines[ends..]].concat().concat();
    assert_eq!(findings(without.as_bytes()), [Finding::TailCut { run: *run, sealed_seq: steps, found: 0 }]);
    let shorter = [&lines[..ends - 1], &lines[ends..]].concat().concat();
    assert_eq!(findings(shorter.as_bytes()), [Finding::TailCut { run: *run, sealed_seq: steps, found: steps - 1 }]);
    let unsealed = [&lines[..1], &lines[2..]].concat().concat();
    let no = manifest.seals[0];
    assert!(findings(unsealed.as_bytes()).contains(&Finding::SealBroken { no, why: SealFault::Absent }));
    let cut = lines[..lines.len() - 1].concat();
    let broken = |why| Finding::ArchiveBroken { archive: "a".into(), why };
    assert_eq!(findings(cut.as_bytes()), [broken(ArchiveFault::Unsigned)]);
    let others = verify("a", whole.as_slice(), Some("ab".repeat(32))).unwrap().report.findings;
    assert!(others.contains(&broken(ArchiveFault::Signature)), "{others:?}");
}

/// Whoever takes the mark away, or changes it, is found out by the seals and by its signature.
#[tokio::test(flavor = "multi_thread")]
async fn row_84_a_mark_that_was_taken_away_or_changed_is_found_in_the_database() {
    let shop = Shop::new(1).await;
    shop.archive().await;
    let database = shop.house.path("entente.db");
    let guards = ["archives_keep", "archives_stay", "archived_runs_stay", "archived_runs_keep"];
    let off: Vec<String> = guards.map(|guard| format!("DROP TRIGGER IF EXISTS {guard}")).to_vec();
    let mut statements = off.clone();
    statements.push("UPDATE archives SET manifest = json_set(manifest, '$.by', 'somebody')".into());
    forge(&database, &statements).await;
    let (code, found) = shop.audit(None).await;
    assert_eq!(code, Some(7), "{found}");
    assert!(found["findings"].to_string().contains("its signature is not valid"), "{found}");
    let taken = ["DELETE FROM archived_runs", "DELETE FROM archives"].map(str::to_owned);
    forge(&database, &[off, taken.to_vec()].concat()).await;
    let (code, found) = shop.audit(None).await;
    let (run, _) = shop.closed[0];
    assert_eq!(code, Some(7), "{found}");
    assert!(found["findings"].to_string().contains(&format!("run `{run}` is gone")), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_that_is_killed_anywhere_leaves_all_in_the_database_or_a_verified_file_and_the_mark() {
    let shop = Shop::new(2).await;
    let rows = shop.held().await;
    assert!(!shop.killed("K4:archive.writing").await.success());
    assert_eq!((shop.files().len(), shop.held().await), (0, rows), "half a file has no archive's name");

    assert!(!shop.killed("K7:archive.written").await.success());
    let file = shop.files().remove(0);
    let written = fs::read(&file).unwrap();
    assert_eq!(shop.house.store().archives(0, 10).await.unwrap(), [], "nothing is recorded");
    assert_eq!(shop.held().await, rows);
    assert_eq!(shop.audit(None).await.0, Some(0));

    assert!(!shop.killed("K8:archive.recorded").await.success());
    assert_eq!(shop.files(), std::slice::from_ref(&file), "what was written counts");
    assert_eq!(fs::read(&file).unwrap(), written);
    assert_eq!(shop.house.store().archives(0, 10).await.unwrap()[0].held, 2);
    assert_eq!(shop.held().await, rows, "recorded, and nothing has left");
    assert_eq!(shop.audit(None).await.0, Some(0));

    let elsewhere = shop.house.path("elsewhere.jsonl");
    fs::rename(&file, &elsewhere).unwrap();
    let done = shop.archive().await;
    assert!(done["kept"].to_string().contains("its rows stay"), "{done}");
    fs::write(&file, &written[1..]).unwrap();
    let done = shop.archive().await;
    assert!(done["kept"].to_string().contains("is not what was recorded"), "{done}");
    assert_eq!((&done["held"], shop.held().await), (&json!(2), rows));

    fs::rename(&elsewhere, &file).unwrap();
    let done = shop.archive().await;
    assert_eq!((&done["files"], &done["left"]["rows"]), (&json!([]), &json!(rows)), "{done}");
    assert_eq!(shop.held().await, 0);
    assert_eq!(shop.audit(None).await.0, Some(0));
    let (code, found) = shop.audit(Some(&file.display().to_string())).await;
    assert_eq!(code, Some(0), "{found}");
}

/// A file that is there under the archive's name, and is not it, is never trusted.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_not_as_it_was_written_lets_nothing_leave() {
    let shop = Shop::new(1).await;
    let rows = shop.held().await;
    assert!(!shop.killed("K7:archive.written").await.success());
    let file = shop.files().remove(0);
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let arguments = shop.arguments();
    let refused = shop.house.run_command("ada", &arguments.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("is not as it was written"), "{said}");
    assert_eq!(shop.house.store().archives(0, 10).await.unwrap(), []);
    assert_eq!(shop.held().await, rows);
}

/// What was sent for an archived run is known without its history, so a restored copy takes no fright at it.
#[tokio::test(flavor = "multi_thread")]
async fn a_restored_copy_knows_what_its_archived_runs_had_sent() {
    let sandbox = Sandbox::start().await;
    let house = selling::connected(&sandbox, NO_POLLING).await;
    let server = house.serve().await;
    let run = selling::submitted(&sandbox, &house, "A-1").await;
    house.approve(run).await;
    let label = house.state(run, "published").await.snapshot.label;
    house.command("ada", &["offer", "withdraw", &label, "--reason", "it is over"]).await;
    house.until(run, "it has ended", |row| row.snapshot.ended).await;
    let open = selling::submitted(&sandbox, &house, "A-2").await;
    house.until(open, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    let shop = Shop { house, closed: vec![(run, label)] };
    assert_eq!(shop.archive().await["left"]["runs"], 1);
    let copy = shop.house.path("copy.db").display().to_string();
    shop.house.command("ada", &["backup", &copy]).await;
    shop.house.command("ada", &["restore", &copy, "--yes"]).await;
    let server = shop.house.serve().await;
    let report = report(&shop.house).await;
    server.stop().await;
    assert_eq!((&report["forgotten"], &report["orphaned"]), (&json!([]), &json!([])), "{report:#}");
    let (code, found) = shop.audit(None).await;
    assert_eq!((code, &found["archived"]), (Some(0), &json!(1)), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_archives_where_the_configuration_says_and_nothing_where_it_says_nothing() {
    for (more, told) in
        [("", "not configured"), ("\narchive: { to: archive, after_days: 0 }", "1 runs archived in 1 files")]
    {
        let shop = Shop::of(House::new(&format!("{FAKE}{more}")).await, 1).await;
        let server = shop.house.serve().await;
        let ran = shop.house.command("ada", &["schedule", "run", "archive", "--wait", "60s", "--json"]).await;
        let ran: Value = serde_json::from_str(&ran).unwrap();
        server.stop().await;
        assert!(ran["detail"].as_str().unwrap().contains(told), "{ran}");
        assert_eq!((shop.files().len(), shop.held().await > 0), if more.is_empty() { (0, true) } else { (1, false) });
    }
}

async fn month(conn: &mut PgConnection, month: u32) {
    let text = format!(
        "CREATE OR REPLACE FUNCTION this_month() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT {month}::bigint $$"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(text)).execute(conn).await.unwrap();
}

/// On a server a month's partition goes as a whole.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_server_the_partition_of_an_archived_month_is_gone_and_everything_verifies() {
    ground::require_server();
    let house = House::new(FAKE).await;
    let mut conn = PgConnection::connect(&ground::named(&house.path("entente.db")).await).await.unwrap();
    month(&mut conn, 203011).await;
    // The next to open it makes the month's partition.
    house.command("ada", &["offer", "list"]).await;
    let mut shop = Shop::of(house, 2).await;
    let rows = shop.held().await;
    let size = "SELECT coalesce(pg_total_relation_size(to_regclass('history_2030_11')), 0)::bigint";
    let before: i64 = sqlx::query_scalar(size).fetch_one(&mut conn).await.unwrap();
    assert!(before > 0);
    month(&mut conn, 203101).await;
    let done = shop.archive().await;
    assert_eq!(
        (&done["files"][0]["runs"], &done["held"]),
        (&json!(2), &json!(2)),
        "an open run keeps the month: {done}"
    );
    assert_eq!(shop.held().await, rows);
    assert_eq!(shop.audit(None).await.0, Some(0));

    // The open one ends as well, and another begins.
    let open = shop.house.runs().await.into_iter().find(|row| !row.snapshot.ended).unwrap().snapshot;
    let server = shop.house.serve().await;
    shop.house.command("ada", &["offer", "withdraw", &open.label, "--reason", "it is over"]).await;
    shop.house.until(open.run, "it has ended", |row| row.snapshot.ended).await;
    let newer = shop.house.submit(&offer("NEWER")).await;
    shop.house.until(newer, "its approval is asked for", |row| row.snapshot.approvals.is_some()).await;
    server.stop().await;
    shop.closed.push((open.run, open.label));
    let rows = shop.held().await;
    let done = shop.archive().await;
    assert_eq!(done["left"]["partitions"], json!(["history_2030_11"]), "{done}");
    assert_eq!((&done["left"]["rows"], &done["held"]), (&json!(rows), &json!(0)), "{done}");
    assert!(done["left"]["bytes"].as_i64().unwrap() >= before, "{done}");
    let after: i64 = sqlx::query_scalar(size).fetch_one(&mut conn).await.unwrap();
    assert_eq!((after, shop.held().await), (0, 0));
    let (code, found) = shop.audit(None).await;
    assert_eq!((code, &found["archived"]), (Some(0), &json!(3)), "{found}");
    for file in shop.files() {
        let (code, found) = shop.audit(Some(&file.display().to_string())).await;
        assert_eq!(code, Some(0), "{found}");
    }
    shop.house.verify().await;
    conn.close().await.unwrap();
}
