//! An installation in a folder of its own: configuration, people, a policy with one approval, a live connection.
#![allow(dead_code, reason = "every test binary uses its own part")]

pub mod again;
pub mod offer;
pub mod proof;
pub mod sandbox;
pub mod selling;
pub mod server;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use entente::{
    app::App,
    config::Config,
    connectors::StoredAllowance,
    database::Use,
    offers::{
        Desk,
        launch::{self, Sender},
        stored,
    },
    runner::{clock::SystemClock, settings::Settings},
    service::{Face, Service},
    workflows,
};
use entente_core::{
    chart::step::VOTE,
    event::{Actor, Body, Resolution},
    ids::{ConnectorAccount, RunId},
    offer::Offer,
    run::Record,
    scope::Scope,
};
use entente_port::{Caps, Grants, Mode};
use entente_store::{InboxMessage, IntentRow, Message, Occurrence, RunFilter, RunRow, Store, StoredDocument};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use again::again;
use server::{HANG, Server, program};

use crate::ground;

const PEOPLE: &str = "
persons:
  - { id: ada, name: Ada Berg, email: ada@acme.example, roles: [alliance_manager, operator], zone: UTC }
  - { id: finn, name: Finn Costa, email: finn@acme.example, roles: [finance_approver], zone: UTC }
  - { id: dora, name: Dora Lindqvist, email: dora@acme.example, roles: [deal_desk, operator], zone: UTC }
  - { id: fay, name: Fay Lund, email: fay@acme.example, roles: [fund_manager], zone: UTC }
";

/// One approval, so that a test casts one vote.
const POLICY: &str = "
policy: private_offer
version: 2
requested_by: [alliance_manager]
rows: []
default: { id: second_look, role: deal_desk, projection: commercial }
";

/// An installation.
pub struct House {
    folder: TempDir,
    app: App,
    servers: AtomicU32,
}

impl House {
    /// An installation with these connectors (the YAML below the fixed part of the configuration).
    pub async fn new(connectors: &str) -> House {
        let folder = tempfile::tempdir().unwrap();
        let database = ground::named(&folder.path().join("entente.db")).await;
        House::equipped(folder, &database, connectors).await
    }

    /// The same on the database of this URL.
    pub async fn on(database: &str, connectors: &str) -> House {
        House::equipped(tempfile::tempdir().unwrap(), database, connectors).await
    }

    async fn equipped(folder: TempDir, database: &str, connectors: &str) -> House {
        let house = House::furnish(folder, database, connectors).await;
        let store = &house.app.store;
        let policy = StoredDocument {
            kind: "policy".into(),
            name: workflows::POLICY_NAME.into(),
            version: 2,
            sha256: hex::encode(Sha256::digest(POLICY)),
            text: POLICY.into(),
            by: "ada".into(),
            at: Timestamp::now(),
            active: false,
        };
        again(async || store.put_document(&policy).await).await;
        again(async || store.activate_document("policy", workflows::POLICY_NAME, 2).await).await;
        for account in house.app.config.connectors.keys() {
            house.grant(account, Grants { mode: Mode::Live, caps: Caps::default(), stopped: false }).await;
        }
        house
    }

    /// Two people let a connection do this.
    pub async fn grant(&self, account: &ConnectorAccount, grants: Grants) {
        let allowance = StoredAllowance::new(account.clone(), self.app.store.clone(), Arc::new(SystemClock));
        allowance.propose(grants.clone(), &"ada".parse().unwrap()).await.unwrap();
        assert!(allowance.propose(grants, &"dora".parse().unwrap()).await.unwrap());
    }

    async fn furnish(folder: TempDir, database: &str, connectors: &str) -> House {
        let config = format!(
            "database: {database}\nlease_seconds: 3\nlisten: 127.0.0.1:0\npeople: people.yaml\nnotices: {{ file: notices.jsonl }}\n{connectors}\n"
        );
        fs::write(folder.path().join("entente.yaml"), config).unwrap();
        fs::write(folder.path().join("people.yaml"), PEOPLE).unwrap();
        let config = Config::load(Some(&folder.path().join("entente.yaml"))).unwrap();
        let app = App::of(config, Use::Beside).await.unwrap();
        House { folder, app, servers: AtomicU32::new(0) }
    }

    /// A second installation that stands exactly where this one does. No server may run.
    pub async fn copy(&self, connectors: &str) -> House {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let database =
                ["entente.db", "entente.db-wal", "entente.db-shm", "entente.db.lock"].contains(&name.as_str());
            if path.is_file() && !database {
                fs::copy(&path, folder.path().join(name)).unwrap();
            }
        }
        again(async || self.app.store.backup(&folder.path().join("entente.db")).await).await;
        let database = ground::named(&folder.path().join("entente.db")).await;
        House::furnish(folder, &database, connectors).await
    }

    /// Processes that start from here on reach the database by this URL.
    pub fn reach_by(&self, database: &str) {
        let config = fs::read_to_string(self.config()).unwrap();
        let (_, rest) = config.split_once('\n').unwrap();
        fs::write(self.config(), format!("database: {database}\n{rest}")).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What lies beside the database under this name, such as its witness.
    pub fn beside(&self, name: &str) -> PathBuf {
        match ground::on_server() {
            true => self.path(&format!("entente-state/entente.{name}")),
            false => self.path(&format!("entente.db.{name}")),
        }
    }

    /// As many processes as the store allows: one on a file, three on a server.
    pub async fn crew(&self) -> Vec<Server> {
        let mut crew = vec![self.serve().await];
        while ground::on_server() && crew.len() < 3 {
            crew.push(self.run_beside().await);
        }
        crew
    }

    fn config(&self) -> PathBuf {
        self.path("entente.yaml")
    }

    pub fn store(&self) -> &dyn Store {
        self.app.store.as_ref()
    }

    /// Starts the server; it ends itself at `failpoint`.
    pub async fn serve_until(&self, failpoint: Option<&str>) -> Server {
        self.start("serve", failpoint).await
    }

    /// Starts a process without a server of its own, beside others.
    pub async fn run_beside(&self) -> Server {
        self.start("run", None).await
    }

    /// Starts a process of the next version beside others.
    pub async fn run_next(&self, version: &str) -> Server {
        let number = self.servers.fetch_add(1, Ordering::SeqCst);
        let log = self.path(&format!("serve-{number}.log"));
        Server::with(&self.config(), "run", log, &[("ENTENTE_NEXT_VERSION", version)]).await
    }

    async fn start(&self, verb: &str, failpoint: Option<&str>) -> Server {
        let number = self.servers.fetch_add(1, Ordering::SeqCst);
        Server::start(&self.config(), verb, self.path(&format!("serve-{number}.log")), failpoint).await
    }

    /// Starts the server.
    pub async fn serve(&self) -> Server {
        self.serve_until(None).await
    }

    /// Runs a command beside the server; once more when the database was busy.
    pub async fn run_command(&self, actor: &str, arguments: &[&str]) -> Output {
        let run = async {
            loop {
                let output = program(&self.config()).args(["--actor", actor]).args(arguments).output().await.unwrap();
                if !String::from_utf8_lossy(&output.stderr).contains("the database is busy") {
                    return output;
                }
            }
        };
        tokio::time::timeout(HANG, run).await.expect("the command ends")
    }

    /// Runs a command that must end well.
    pub async fn command(&self, actor: &str, arguments: &[&str]) -> String {
        let output = self.run_command(actor, arguments).await;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?} ended with {}: {said}", output.status);
        String::from_utf8(output.stdout).unwrap()
    }

    fn actor(&self, person: &str, at: Timestamp) -> Actor {
        let (person, entity) = (person.parse().unwrap(), "acme-us".parse().unwrap());
        self.app.people.actor(&person, None, &entity, None, at).unwrap()
    }

    fn sender(&self, person: &str, key: &str) -> Sender {
        let at = Desk::of(&self.app).now;
        Sender { source: "test", key: key.into(), actor: self.actor(person, at), at }
    }

    /// Stores the request to create and submit an offer. Nobody needs to serve.
    pub async fn submit(&self, offer: &Offer) -> RunId {
        self.submit_on(offer, None).await
    }

    /// As [`House::submit`], on a version of the chart that the program had earlier.
    pub async fn submit_on(&self, offer: &Offer, version: Option<u32>) -> RunId {
        let mut messages = self.drafted(offer).await;
        if let Some(start) = &mut messages[0].start {
            start.version = version;
        }
        let run = messages[0].run;
        self.append(messages.into()).await;
        run
    }

    /// The requests to create and submit an offer.
    async fn drafted(&self, offer: &Offer) -> [Message; 2] {
        let sender = self.sender("ada", &offer.reference);
        let start = again(async || launch::start(self.store(), &sender, offer).await).await;
        let (desk, also) = (Desk::of(&self.app), sender.also("submit"));
        let submit = again(async || desk.submit_new(&also, &start, offer).await).await;
        [start, submit]
    }

    /// Stores the requests to create and submit these offers, as one. The figures are those of a house without other offers.
    pub async fn submit_all(&self, offers: &[Offer]) -> Vec<RunId> {
        let mut messages = Vec::new();
        for offer in offers {
            messages.extend(self.drafted(offer).await);
        }
        let runs = messages.iter().step_by(2).map(|message| message.run).collect();
        self.append(messages).await;
        runs
    }

    /// Votes for every offer whose approval is asked for, and has tried again what was given up; how many runs that moved.
    pub async fn attend(&self) -> usize {
        let asked = RunFilter { tag: Some("awaiting_approval".into()), limit: 1000, ..RunFilter::default() };
        let parked = RunFilter { parked: Some(true), limit: 1000, ..RunFilter::default() };
        let mut messages = Vec::new();
        for row in self.page(&asked).await {
            if let Some(round) = &row.snapshot.approvals {
                let data = json!({ "verdict": "approve", "reason": "", "revision": round.subject.revision });
                messages.push(self.sender("dora", &format!("vote/{}", row.snapshot.run)).named(
                    row.snapshot.run,
                    VOTE,
                    data,
                ));
            }
        }
        for row in self.page(&parked).await {
            let sender = self.sender("ada", &format!("retry/{}/{}", row.snapshot.run, row.snapshot.seq));
            let body = Body::Resolve { decision: Resolution::Retry, reason: "a test looked".into() };
            messages.push(sender.message(row.snapshot.run, body));
        }
        let moved = messages.len();
        self.append(messages).await;
        moved
    }

    /// The runs of one page.
    pub async fn page(&self, filter: &RunFilter) -> Vec<RunRow> {
        again(async || self.store().runs(&Scope::vendor(), filter).await).await.rows
    }

    /// Every run.
    pub async fn runs(&self) -> Vec<RunRow> {
        again(async || stored::runs(self.store(), RunFilter { limit: 0, ..RunFilter::default() }).await).await
    }

    /// Serves the installation from the test's own process.
    pub async fn serve_here(&self) -> Service {
        let config = Config::load(Some(&self.config())).unwrap();
        let app = App::of(config, Use::Run).await.unwrap();
        Service::start(Arc::new(app), Settings::default(), Face::Listening).await.unwrap()
    }

    /// Stores an event that the chart names, sent by a person.
    pub async fn tell(&self, run: RunId, person: &str, key: &str, name: &str, data: Value) {
        self.append(vec![self.sender(person, key).named(run, name, data)]).await;
    }

    /// Stores a person's decision about a parked run.
    pub async fn settle(&self, run: RunId, key: &str, decision: Resolution) {
        let body = Body::Resolve { decision, reason: "a test looked".into() };
        self.append(vec![self.sender("ada", key).message(run, body)]).await;
    }

    async fn append(&self, messages: Vec<Message>) {
        // Under the same keys the messages are the same: a second time changes nothing.
        again(async || self.store().append(&Scope::vendor(), messages.clone()).await).await;
    }

    /// Votes for the offer, once its approval is asked for. Voting again changes nothing.
    pub async fn approve(&self, run: RunId) {
        let row = self
            .until(run, "its approval is asked for", |row| row.snapshot.approvals.is_some() || past_approval(row))
            .await;
        if let Some(round) = &row.snapshot.approvals {
            let data = json!({ "verdict": "approve", "reason": "", "revision": round.subject.revision });
            self.tell(run, "dora", &format!("vote/{run}"), VOTE, data).await;
        }
    }

    /// The run as stored, if it is.
    pub async fn find(&self, run: RunId) -> Option<RunRow> {
        again(async || self.store().run(&Scope::vendor(), run).await).await
    }

    /// The run as stored.
    pub async fn row(&self, run: RunId) -> RunRow {
        self.find(run).await.expect("the run is stored")
    }

    /// Waits until the stored run is as wished.
    pub async fn until(&self, run: RunId, what: &str, wished: impl Fn(&RunRow) -> bool) -> RunRow {
        let mut last = None;
        let looking = async {
            loop {
                if let Some(row) = self.find(run).await {
                    if wished(&row) {
                        return row;
                    }
                    last = Some(row);
                }
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        let found = tokio::time::timeout(HANG, looking).await;
        found.unwrap_or_else(|_| panic!("never, that {what}: {last:#?}\n{}", self.logs()))
    }

    /// Waits until the run is in this state, or parked, which fails the test.
    pub async fn state(&self, run: RunId, state: &str) -> RunRow {
        let row = self
            .until(run, &format!("it is in `{state}`"), |row| {
                row.snapshot.state == state || row.snapshot.incident.is_some()
            })
            .await;
        assert_eq!(row.snapshot.incident, None, "parked on the way to `{state}`\n{}", self.logs());
        row
    }

    /// Waits until the run is in this state and no longer parked.
    pub async fn resumed(&self, run: RunId, state: &str) -> RunRow {
        self.until(run, &format!("it is in `{state}`"), |row| {
            row.snapshot.state == state && row.snapshot.incident.is_none()
        })
        .await
    }

    /// Waits until the run is parked.
    pub async fn parked(&self, run: RunId) -> RunRow {
        self.until(run, "it is parked", |row| row.snapshot.incident.is_some()).await
    }

    /// What happened to the run, step by step.
    pub async fn history(&self, run: RunId) -> Vec<Record> {
        let rows = again(async || self.store().history(&Scope::vendor(), run, 1, u32::MAX).await).await;
        rows.iter().map(|row| serde_json::from_str(&row.record).unwrap()).collect()
    }

    /// The times of a job that were dealt with.
    pub async fn occurrences(&self, job: &str) -> Vec<Occurrence> {
        again(async || self.store().occurrences(job, 10_000).await).await
    }

    /// What the run has asked for outside.
    pub async fn intents(&self, run: RunId) -> Vec<IntentRow> {
        again(async || self.store().intents(&Scope::vendor(), run).await).await
    }

    /// The run's inbox: everything of this name.
    pub async fn messages(&self, run: RunId, name: &str) -> Vec<InboxMessage> {
        let all = again(async || self.store().messages(&Scope::vendor(), run).await).await;
        all.into_iter().filter(|message| message.message.event.name() == name).collect()
    }

    /// The names of the notices that people were sent.
    pub fn notices(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("notices.jsonl")).unwrap_or_default();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| line["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Every stored run is what its history makes of it, in the program's own judgement.
    pub async fn verify(&self) {
        self.command("ada", &["verify"]).await;
    }

    /// What all servers said, the last at the end.
    pub fn logs(&self) -> String {
        let count = self.servers.load(Ordering::SeqCst);
        (0..count).map(|number| read(&self.path(&format!("serve-{number}.log")))).collect::<Vec<_>>().join("---\n")
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Whether the run has left everything before its approval behind.
fn past_approval(row: &RunRow) -> bool {
    let before = ["editable", "awaiting_approval"];
    let waits_for_system = row.snapshot.state == "review";
    !waits_for_system && !row.snapshot.tags.iter().any(|tag| before.contains(&tag.as_str()))
}
