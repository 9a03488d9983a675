//! An installation of a vendor whose people follow the commitments of its buyers.

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use entente::{
    app::App,
    config::Config,
    database::Use,
    offers::launch::Sender,
    spend::{Judge, judged_by},
};
use entente_core::{
    commitment::{
        Commitment, Partition, Replaces,
        eligibility::{Line, Rules, daily_sums},
    },
    event::Actor,
    scope::Scope,
};
use entente_sandbox::{Director, Running, Throttling};
use entente_store::{NewReading, SpendSum, Store};
use jiff::{Timestamp, civil::Date};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::{
    ground,
    house::server::{HANG, Server, program},
};

const PEOPLE: &str = "
persons:
  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: UTC }
  - { id: vic, name: Vic, email: vic@acme.example, roles: [viewer], zone: UTC }
";

/// Rules that ship with the program, as if they were known all along.
pub fn rules() -> Rules {
    let text = include_str!("../../eligibility/rules.yaml");
    Rules::from_yaml("rules.yaml", text).unwrap()
}

/// An installation with one process that serves it.
pub struct Desk {
    folder: TempDir,
    app: App,
    _sandbox: Running,
    clock: Director,
    server: Server,
    keys: AtomicU64,
}

/// Spend of a partition, as an import would put it into the store.
pub struct Spend<'a> {
    /// The contract that it is judged by.
    pub commitment: &'a Commitment,
    /// The rules that it is judged by.
    pub rules: &'a Rules,
    /// The charges.
    pub lines: &'a [Line],
    /// The days that it is complete for.
    pub covers: (Date, Date),
}

impl Desk {
    /// One whose business time begins at an instant.
    pub async fn open(start_at: &str) -> Desk {
        let start_at = Some(start_at.parse().unwrap());
        let config = entente_sandbox::Config { start_at, throttling: Throttling::Off, ..Default::default() };
        let sandbox = entente_sandbox::start(config).await.unwrap();
        let clock = Director::open(&sandbox.control_url()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entente.yaml");
        let database = ground::named(&folder.path().join("entente.db")).await;
        let text = format!(
            "database: {database}\nlease_seconds: 3\nlisten: 127.0.0.1:0\npeople: people.yaml\n\
             notices: {{ file: notices.jsonl }}\nsandbox_clock: {}\n{}\n",
            sandbox.control_url(),
            crate::house::sandbox::NO_POLLING
        );
        fs::write(&path, text).unwrap();
        fs::write(folder.path().join("people.yaml"), PEOPLE).unwrap();
        let app = App::of(Config::load(Some(&path)).unwrap(), Use::Beside).await.unwrap();
        let server = Server::start(&path, "serve", folder.path().join("serve.log"), None).await;
        Desk { folder, app, _sandbox: sandbox, clock, server, keys: AtomicU64::new(0) }
    }

    /// Where its server listens.
    pub async fn address(&self) -> String {
        self.server.address().await
    }

    /// What its server has said.
    pub fn log(&self) -> String {
        self.server.said()
    }

    /// The database.
    pub fn store(&self) -> &dyn Store {
        self.app.store.as_ref()
    }

    /// Where a file of its folder lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into its folder; its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.path(name), text).unwrap();
        self.path(name).to_str().unwrap().to_owned()
    }

    /// What a command of the program says: its exit code, its data and its words.
    pub async fn says(&self, person: &str, args: &[&str]) -> (i32, String, String) {
        self.says_with(&[], person, args).await
    }

    /// The same, with these variables in its environment.
    pub async fn says_with(&self, variables: &[(&str, &str)], person: &str, args: &[&str]) -> (i32, String, String) {
        let mut command = program(&self.path("entente.yaml"));
        command.envs(variables.iter().copied()).args(["--actor", person]).args(args);
        let output = command.output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// What `entente commitment …` says to Mia.
    pub async fn commitment(&self, args: &[&str]) -> String {
        let (code, data, words) = self.says("mia", &[&["commitment"], args].concat()).await;
        assert_eq!(code, 0, "commitment {args:?}: {words}");
        data
    }

    /// What `entente spend …` says to Mia.
    pub async fn spend(&self, args: &[&str]) -> String {
        let (code, data, words) = self.says("mia", &[&["spend"], args].concat()).await;
        assert_eq!(code, 0, "spend {args:?}: {words}");
        data
    }

    /// `entente commitment …` as JSON.
    pub async fn told(&self, args: &[&str]) -> Value {
        serde_json::from_str(&self.commitment(&[args, &["--json"]].concat()).await).unwrap()
    }

    /// Enters a commitment.
    pub async fn enter(&self, text: &str) -> Commitment {
        let file = self.write("commitment.yaml", text);
        self.commitment(&["create", &file, "--wait", "30s"]).await;
        Commitment::from_yaml("commitment.yaml", text).unwrap()
    }

    /// Business time.
    pub async fn now(&self) -> Timestamp {
        self.clock.now().await.unwrap()
    }

    /// Lets whole days pass.
    pub async fn pass_days(&self, days: u32) {
        self.clock.advance(&format!("PT{}H", 24 * days)).await.unwrap();
    }

    /// A person who sends something.
    pub async fn sender(&self) -> Sender {
        let key = format!("key-{}", self.keys.fetch_add(1, Ordering::SeqCst));
        let actor = Actor {
            person: "mia".parse().unwrap(),
            roles: vec!["alliance_manager".parse().unwrap()],
            on_behalf_of: None,
        };
        Sender { source: "test", key, actor, at: self.now().await }
    }

    /// Puts spend into the store and tells the commitment of it, as an import does; until it was looked at.
    pub async fn take_in(&self, spend: &Spend<'_>) {
        let (commitment, now) = (spend.commitment, self.now().await);
        let known_on = commitment.day_of(now);
        let sums = daily_sums(commitment, spend.rules, known_on, spend.lines).unwrap();
        let sums: Vec<SpendSum> = sums
            .into_iter()
            .map(|(key, amount)| SpendSum { key, amount, rows: 1, first_row: 1, last_row: 1 })
            .collect();
        let key = self.keys.fetch_add(1, Ordering::SeqCst);
        let id = format!("{key:064x}");
        let reading = NewReading {
            id: id.clone(),
            commitment: commitment.id.clone(),
            legal_entity: commitment.legal_entity.clone(),
            party: commitment.party.clone(),
            partition: Partition("bill".into()),
            replaces: Replaces::Partition,
            file: "bill.csv".into(),
            // The same charges are the same file, by whatever rules they are judged.
            file_sha256: hex::encode(Sha256::digest(serde_json::to_vec(spend.lines).unwrap())),
            format: "focus 1.2 csv".into(),
            judged_by: judged_by(Judge { commitment, rules: spend.rules, known_on }).unwrap(),
            basis: commitment.basis.clone(),
            currency: commitment.currency,
            known_on,
            by: "mia".into(),
            at: now,
        };
        let store = self.store();
        store.begin_reading(&reading).await.unwrap();
        let rows = u64::try_from(spend.lines.len()).unwrap();
        store.stage_sums(&id, 0, rows, Some(spend.covers), &sums, &[]).await.unwrap();
        store.publish_reading(&id, spend.covers.0, spend.covers.1, now, None).await.unwrap();
        self.imported(commitment.id.as_str()).await;
    }

    /// Tells a commitment of an import, and waits until it was looked at since.
    async fn imported(&self, id: &str) {
        let run = self.run(id).await;
        let message = self.sender().await.named(run.0, "spend_imported", json!({}));
        self.store().append(&Scope::vendor(), vec![message]).await.unwrap();
        self.until(id, "it is looked at again", |seq, state| seq > run.1 + 1 && state != "looking").await;
    }

    async fn run(&self, id: &str) -> (entente_core::ids::RunId, u64) {
        let found = entente::commitments::stored::find(self.store(), &Scope::vendor(), &id.parse().unwrap()).await;
        let row = found.unwrap().row;
        (row.snapshot.run, row.snapshot.seq)
    }

    /// Waits until something is so of the step and the state of a commitment.
    pub async fn until(&self, id: &str, what: &str, so: impl Fn(u64, &str) -> bool) {
        let wait = async {
            loop {
                let found =
                    entente::commitments::stored::find(self.store(), &Scope::vendor(), &id.parse().unwrap()).await;
                if found.is_ok_and(|found| so(found.row.snapshot.seq, &found.row.snapshot.state)) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(HANG, wait).await.unwrap_or_else(|_| panic!("`{id}`: {what}"));
    }

    /// Waits until the last look was on this day.
    pub async fn looked_on(&self, id: &str, day: Date) {
        let wait = async {
            loop {
                let found =
                    entente::commitments::stored::find(self.store(), &Scope::vendor(), &id.parse().unwrap()).await;
                let look = found.unwrap().contract.look;
                if look.is_some_and(|look| look.day == day) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(HANG, wait).await.unwrap_or_else(|_| panic!("`{id}` is looked at on {day}"));
    }

    /// The days of the alerts about something that were told of a commitment.
    pub async fn alerts(&self, id: &str, about: &str) -> Vec<String> {
        let shown = self.told(&["show", id]).await;
        let told = shown["told"].as_array().unwrap().iter();
        let concerned = |alert: &&Value| alert["about"] == about || alert["about"].get(about).is_some();
        told.filter(concerned).map(|alert| alert["day"].as_str().unwrap().to_owned()).collect()
    }

    /// Waits until so many notices with these words have left the outbox; more are never seen.
    pub async fn notices(&self, words: &str, expected: usize) {
        let wait = async {
            loop {
                let text = fs::read_to_string(self.path("notices.jsonl")).unwrap_or_default();
                let sent = text.lines().filter(|line| line.contains(words)).count();
                assert!(sent <= expected, "{sent} notices with `{words}`, not {expected}: {text}");
                if sent == expected {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(HANG, wait).await.unwrap_or_else(|_| panic!("{expected} notices with `{words}`"));
    }
}
