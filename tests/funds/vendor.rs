//! A vendor's installation with partners and funds, and what people tell it: straight into the inboxes of its runs.

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use entente::{
    app::App,
    config::Config,
    database::Use,
    funding::{bank, launch, owed, packs, stored},
    ledger::verify,
    offers::launch::Sender,
};
use entente_core::{
    chart::step::VOTE,
    context::funding::{Paper, PayoutPaper, Sheet, load, load_with},
    event::Actor,
    ids::RunId,
    ledger::Account,
    mdf::Pack,
    scope::Scope,
};
use entente_sandbox::{Director, Running, Throttling};
use entente_store::{BalanceFilter, InboxMessage, LedgerEntry, Message, RunFilter, RunRow, Store, Verdict};
use jiff::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    ground,
    house::{
        again::again,
        server::{HANG, Server, program},
    },
    papers,
};

/// The first instant of business time.
const BEGINNING: &str = "2027-03-01T09:00:00Z";

/// A paper that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its run.
    pub run: RunId,
    /// Its label.
    pub label: String,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    /// Its exit code.
    pub code: i32,
    /// Its data.
    pub data: String,
    /// Its words.
    pub words: String,
}

impl Said {
    /// It did what it was asked; its data.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.data
    }

    /// Its data, out of JSON.
    #[track_caller]
    pub fn json(self) -> Value {
        serde_json::from_str(&self.ok()).unwrap()
    }

    /// It ended with this code, and said so.
    #[track_caller]
    pub fn refused(self, code: i32, says: &str) {
        assert!(self.code == code && self.words.contains(says), "expected {code} and `{says}`: {self:?}");
    }
}

/// A vendor's installation.
pub struct Vendor {
    folder: TempDir,
    /// The installation, as this test's own process sees it.
    pub app: App,
    _sandbox: Running,
    clock: Director,
    servers: AtomicU32,
    keys: AtomicU32,
}

impl Vendor {
    /// One with the starter pack; nothing runs.
    pub async fn new() -> Vendor {
        let start_at = Some(BEGINNING.parse().unwrap());
        let config = entente_sandbox::Config { start_at, throttling: Throttling::Off, ..Default::default() };
        let sandbox = entente_sandbox::start(config).await.unwrap();
        let clock = Director::open(&sandbox.control_url()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("entente.yaml");
        let database = ground::named(&folder.path().join("entente.db")).await;
        let text = format!(
            "database: {database}\nlease_seconds: 3\nlisten: 127.0.0.1:0\npeople: people.yaml\n\
             notices: {{ file: notices.jsonl }}\nevidence: {{ scan: {{ command: [cat] }} }}\nsandbox_clock: {}\n{}\n",
            sandbox.control_url(),
            crate::house::sandbox::NO_POLLING
        );
        fs::write(&path, text).unwrap();
        fs::write(folder.path().join("people.yaml"), papers::PEOPLE).unwrap();
        let app = App::of(Config::load(Some(&path)).unwrap(), Use::Beside).await.unwrap();
        let vendor =
            Vendor { folder, app, _sandbox: sandbox, clock, servers: AtomicU32::new(0), keys: AtomicU32::new(0) };
        let now = vendor.now().await;
        for text in [
            papers::PACK.to_owned(),
            papers::without_sums(),
            papers::in_turn(),
            papers::hasty(),
            papers::earned(),
            papers::agile(),
        ] {
            let pack = Pack::from_yaml("pack.yaml", &text).unwrap();
            again(async || packs::import(vendor.store(), &pack, &text, "fay", now).await).await;
        }
        vendor
    }

    /// One with a partner in business, an open fund of 20,000.00 EUR, bank details that are old enough, and as many
    /// processes as the store allows.
    pub async fn open() -> (Vendor, Vec<Server>) {
        let vendor = Vendor::new().await;
        let crew = vendor.crew(3).await;
        vendor.partner("nordlicht", &[]).await;
        vendor.fund(&papers::fund(&[])).await;
        vendor.pass_days(6).await;
        (vendor, crew)
    }

    /// The database.
    pub fn store(&self) -> &dyn Store {
        self.app.store.as_ref()
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("entente.yaml")
    }

    /// Writes a file into its folder; its path.
    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// What a command of the program says.
    pub async fn run(&self, person: &str, args: &[&str]) -> Said {
        let output = program(&self.config()).args(["--actor", person]).args(args).output().await.unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        // What is logged beside them, such as that the tests' server flushes nothing, bears the time.
        let words = text(&output.stderr).split_inclusive('\n').filter(|line| !line.contains("Z  WARN ")).collect();
        Said { code: output.status.code().unwrap_or(-1), data: text(&output.stdout), words }
    }

    /// A file in the installation's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the program on this installation.
    pub fn process(&self, args: &[&str]) -> tokio::process::Command {
        let mut command = program(&self.config());
        command.args(args).stdout(std::process::Stdio::null());
        command
    }

    /// Starts a process; it ends itself at the crash point.
    pub async fn start_server(&self, verb: &str, failpoint: Option<&str>) -> Server {
        let number = self.servers.fetch_add(1, Ordering::SeqCst);
        Server::start(&self.config(), verb, self.folder.path().join(format!("{number}.log")), failpoint).await
    }

    /// So many processes on a server; on a file there is room for one.
    pub async fn crew(&self, size: usize) -> Vec<Server> {
        let mut crew = vec![self.start_server("serve", None).await];
        while ground::on_server() && crew.len() < size {
            crew.push(self.start_server("run", None).await);
        }
        crew
    }

    /// Lets days of business time pass.
    pub async fn pass_days(&self, days: u32) {
        self.pass(&format!("PT{}H", 24 * days)).await;
    }

    /// Lets business time pass, until every process has seen that it did.
    pub async fn pass(&self, by: &str) {
        self.clock.advance(by).await.unwrap();
        let before = self.looks().await;
        let seen = async {
            // The look that was under way may have shown the old time; the next but one begins when the new one is taken over.
            let sees =
                |now: &BTreeMap<String, u64>, (pid, looks): (&String, &u64)| now[pid] >= looks + 2 || !is_up(pid);
            while !before.iter().all({
                let now = self.looks().await;
                move |one| sees(&now, one)
            }) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(HANG, seen).await.expect("every process follows the clock");
    }

    /// How often each process has looked at the clock.
    async fn looks(&self) -> BTreeMap<String, u64> {
        let shown = self.clock.ask("clock/readers").await.unwrap();
        serde_json::from_value(shown["readers"].clone()).unwrap()
    }

    /// Business time.
    pub async fn now(&self) -> Timestamp {
        self.clock.now().await.unwrap()
    }

    /// A person with the roles that the people file says.
    pub fn actor(&self, person: &str) -> Actor {
        let (person, entity) = (person.parse().unwrap(), "acme-us".parse().unwrap());
        let at = BEGINNING.parse().unwrap();
        self.app.people.actor(&person, None, &entity, None, at).unwrap()
    }

    /// Who says something under a key that nobody has used.
    pub async fn sender(&self, actor: Actor) -> Sender {
        let key = format!("m{}", self.keys.fetch_add(1, Ordering::SeqCst));
        Sender { source: "test", key, actor, at: self.now().await }
    }

    /// The messages that start papers and submit them, and which papers they are.
    pub async fn drafted<P: Paper>(&self, series: &str, all: &[(&str, P)]) -> (Vec<Message>, Vec<Started>) {
        let (mut messages, mut started) = (Vec::new(), Vec::new());
        for (person, paper) in all {
            let sender = self.sender(self.actor(person)).await;
            let start = again(async || launch::start(self.store(), &sender, series, paper).await).await;
            let label = start.start.as_ref().unwrap().label.clone();
            started.push(Started { run: start.run, label });
            messages.push(sender.also("submit").named(start.run, "submit", Value::Null));
            messages.insert(messages.len() - 1, start);
        }
        (messages, started)
    }

    /// Starts papers and submits them, all at once.
    pub async fn submit<P: Paper>(&self, series: &str, all: &[(&str, String)]) -> Vec<Started> {
        let mut papers: Vec<(&str, P)> = Vec::new();
        for (person, text) in all {
            papers.push((*person, load("paper", &self.handed_in(text).await).unwrap()));
        }
        let (messages, started) = self.drafted(series, &papers).await;
        self.append(messages).await;
        started
    }

    /// Starts a paper and submits it.
    pub async fn submit_one<P: Paper>(&self, series: &str, person: &str, text: String) -> Started {
        self.submit::<P>(series, &[(person, text)]).await.remove(0)
    }

    /// Puts messages into inboxes. Under the same keys they are the same: a second time changes nothing.
    pub async fn append(&self, messages: Vec<Message>) {
        again(async || self.store().append(&Scope::vendor(), messages.clone()).await).await;
    }

    /// Puts each message into its inbox by a writer of its own, all of them at the same time.
    pub async fn append_at_once(&self, messages: Vec<Message>) {
        let writing = messages.into_iter().map(|message| {
            let store = self.app.store.clone();
            tokio::spawn(async move {
                while let Err(error) = store.append(&Scope::vendor(), vec![message.clone()]).await {
                    assert!(matches!(error, entente_store::Error::Busy(_)), "{error}");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            })
        });
        for written in writing.collect::<Vec<_>>() {
            written.await.unwrap();
        }
    }

    /// Says something to a run, and waits for what is decided on it.
    pub async fn ask(&self, actor: Actor, run: RunId, event: &str, data: Value) -> Verdict {
        let message = self.sender(actor).await.named(run, event, data);
        let id = message.event.id.clone();
        self.append(vec![message]).await;
        self.verdict(&id).await
    }

    /// Whether anything has been decided on a message of a test.
    pub async fn is_decided(&self, id: &str) -> bool {
        let found = again(async || self.store().message(&Scope::vendor(), "test", id).await).await;
        found.is_some_and(|message| message.verdict.is_some())
    }

    /// What is decided on a message of a test.
    pub async fn verdict(&self, id: &str) -> Verdict {
        let looking = async {
            loop {
                let found = again(async || self.store().message(&Scope::vendor(), "test", id).await).await;
                if let Some(verdict) = found.and_then(|message| message.verdict) {
                    return verdict;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let found = tokio::time::timeout(HANG, looking).await;
        found.unwrap_or_else(|_| panic!("nothing is ever decided on `{id}`\n{}", self.logs()))
    }

    /// A vote on what a run asks for as it stands in `row`.
    pub async fn vote_message(&self, actor: Actor, row: &RunRow) -> Message {
        let revision = row.snapshot.approvals.as_ref().map_or("none", |round| &round.subject.revision);
        let data = json!({ "verdict": "approve", "reason": "", "revision": revision });
        self.sender(actor).await.named(row.snapshot.run, VOTE, data)
    }

    /// One person approves what a run asks for now.
    pub async fn vote(&self, person: &str, run: RunId) -> Verdict {
        let message = self.vote_message(self.actor(person), &self.row(run).await).await;
        let id = message.event.id.clone();
        self.append(vec![message]).await;
        self.verdict(&id).await
    }

    /// Each of these people approves each of these, once they ask for it.
    pub async fn agree(&self, papers: &[Started], people: &[&str]) {
        let mut messages = Vec::new();
        for paper in papers {
            let row = self.asks(paper.run).await;
            for person in people {
                messages.push(self.vote_message(self.actor(person), &row).await);
            }
        }
        self.append(messages).await;
    }

    /// Waits until a run asks for approval.
    pub async fn asks(&self, run: RunId) -> RunRow {
        let tag = |row: &RunRow| row.snapshot.tags.iter().any(|tag| tag == "awaiting_approval");
        self.until(run, "it asks for approval", |row| tag(row) && row.snapshot.approvals.is_some()).await
    }

    /// The run, once it is stored.
    pub async fn find(&self, run: RunId) -> Option<RunRow> {
        again(async || self.store().run(&Scope::vendor(), run).await).await
    }

    /// The run as stored.
    pub async fn row(&self, run: RunId) -> RunRow {
        self.find(run).await.expect("the run is stored")
    }

    /// What a run knows.
    pub async fn sheet<P: Paper>(&self, run: RunId) -> Sheet<P> {
        stored::typed::<P>(self.row(run).await).unwrap().sheet
    }

    /// Waits until a run is as wished.
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

    /// Waits until a run is in a state, or parked, which fails the test.
    pub async fn state(&self, run: RunId, state: &str) -> RunRow {
        let there = |row: &RunRow| row.snapshot.state == state || row.snapshot.incident.is_some();
        let row = self.until(run, &format!("it is in `{state}`"), there).await;
        assert_eq!(row.snapshot.incident, None, "parked on the way to `{state}`\n{}", self.logs());
        row
    }

    /// Waits until all of these are in a state.
    pub async fn all_in(&self, papers: &[Started], state: &str) {
        for paper in papers {
            self.state(paper.run, state).await;
        }
    }

    /// The runs of a kind of paper.
    pub async fn runs(&self, chart: &str) -> Vec<RunRow> {
        let filter = RunFilter { chart: Some(chart.into()), limit: 1000, ..RunFilter::default() };
        again(async || self.store().runs(&Scope::vendor(), &filter).await).await.rows
    }

    /// The inbox of a run: everything of this name.
    pub async fn messages(&self, run: RunId, name: &str) -> Vec<InboxMessage> {
        let all = again(async || self.store().messages(&Scope::vendor(), run).await).await;
        all.into_iter().filter(|message| message.message.event.name() == name).collect()
    }

    /// Takes a partner on, with bank details that paula confirms.
    pub async fn partner(&self, id: &str, changes: papers::Changes<'_>) -> Started {
        let text = papers::partner(id, changes);
        let partner = self.submit_one::<entente_core::context::funding::PartnerPaper>("PTN", "mia", text).await;
        self.agree(std::slice::from_ref(&partner), &["sue", "finn"]).await;
        self.state(partner.run, "active").await;
        let hash = self.change_bank("mia", id, &partner, papers::BANK).await;
        accepted(self.ask(self.actor("paula"), partner.run, "confirm_bank", json!({ "sha256": hash })).await);
        partner
    }

    /// Enters bank details; their hash.
    pub async fn change_bank(&self, person: &str, id: &str, partner: &Started, text: &str) -> String {
        let data = self.entered(person, id, text).await;
        let hash = data["sha256"].as_str().unwrap().to_owned();
        accepted(self.ask(self.actor(person), partner.run, "change_bank", data).await);
        hash
    }

    /// Puts bank details aside; what the event says that enters them.
    pub async fn entered(&self, person: &str, id: &str, text: &str) -> Value {
        let details: bank::BankDetails = serde_json::from_value(yaml(text)).unwrap();
        let (party, now) = (id.parse().unwrap(), self.now().await);
        let hash = again(async || bank::put(self.store(), &party, &details, person, now).await).await;
        json!({ "sha256": hash, "shown": details.shown() })
    }

    /// Opens a fund.
    pub async fn fund(&self, text: &str) -> Started {
        let fund = self.submit_one::<entente_core::context::funding::FundPaper>("FND", "mia", text.to_owned()).await;
        self.agree(std::slice::from_ref(&fund), &["finn"]).await;
        self.state(fund.run, "open").await;
        fund
    }

    /// Requests of these people, granted.
    pub async fn granted(&self, all: &[(&str, String)]) -> Vec<Started> {
        let requests = self.submit::<entente_core::context::funding::RequestPaper>("REQ", all).await;
        self.agree(&requests, &["fay"]).await;
        self.all_in(&requests, "granted").await;
        requests
    }

    /// Claims of these people, submitted and asking for approval.
    pub async fn claimed(&self, all: &[(&str, String)]) -> Vec<Started> {
        let claims = self.submit::<entente_core::context::funding::ClaimPaper>("CLM", all).await;
        self.all_in(&claims, "approvals").await;
        claims
    }

    /// Claims of these people, approved and owed.
    pub async fn owed(&self, all: &[(&str, String)]) -> Vec<Started> {
        let claims = self.claimed(all).await;
        self.agree(&claims, &["vera", "finn"]).await;
        self.all_in(&claims, "payable").await;
        claims
    }

    /// A payout run of everything that is owed, submitted by paula.
    pub async fn payout(&self, text: &str) -> Started {
        let mut paper: PayoutPaper = load_with("payout", text, |_| Ok(())).unwrap();
        let now = self.now().await;
        paper.items =
            again(async || owed::items(self.store(), &paper.legal_entity, &Default::default(), now).await).await;
        paper.check().unwrap();
        let (messages, started) = self.drafted("POR", &[("paula", paper)]).await;
        self.append(messages).await;
        started.into_iter().next().unwrap()
    }

    /// What stands on an account of a fund, under a key or under all of them.
    pub async fn stands(&self, fund: &str, account: Account, key: Option<&str>) -> i64 {
        let filter = BalanceFilter { fund: Some(fund.into()), currency: None, as_of: None, by_key: true };
        let stands = again(async || self.store().balances(&Scope::vendor(), &filter).await).await;
        let ours = stands.iter().filter(|at| at.account == account && key.is_none_or(|key| at.key == key));
        ours.map(|at| at.minor).sum()
    }

    /// Every entry of the books.
    pub async fn entries(&self) -> Vec<LedgerEntry> {
        let mut entries: Vec<LedgerEntry> = Vec::new();
        loop {
            let after = entries.last().map_or(0, |entry| entry.journal);
            let more = again(async || self.store().entries(&Scope::vendor(), None, after, 1000).await).await;
            if more.is_empty() {
                return entries;
            }
            entries.extend(more);
        }
    }

    /// Every promise of the ledger holds, and the trial balance is nothing in each currency.
    pub async fn books_are_sound(&self) {
        let report = again(async || verify::verify(self.store()).await).await;
        assert!(report.findings.is_empty(), "{:?}\n{}", report.findings, self.logs());
        assert!(report.trial_balance.values().all(|sum| *sum == 0), "{:?}", report.trial_balance);
    }

    /// The books, and every stored run is what its history makes of it, in the program's own judgement.
    pub async fn verify(&self) {
        self.books_are_sound().await;
        let output = program(&self.config()).args(["--actor", "finn", "verify"]).output().await.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// A command of a person; what it prints as data, or says where it fails.
    pub async fn command(&self, person: &str, words: &[&str]) -> Result<String, String> {
        let said = self.run(person, words).await;
        if said.code == 0 { Ok(said.data) } else { Err(said.words) }
    }

    /// The run of a label.
    pub async fn labelled(&self, label: &str) -> Started {
        let row = again(async || self.store().run_by_label(&Scope::vendor(), label).await).await;
        Started { run: row.expect("there is a run of this label").snapshot.run, label: label.to_owned() }
    }

    /// What all processes said, the last at the end.
    pub fn logs(&self) -> String {
        let count = self.servers.load(Ordering::SeqCst);
        let log = |number| fs::read_to_string(self.folder.path().join(format!("{number}.log"))).unwrap_or_default();
        (0..count).map(log).collect::<Vec<_>>().join("---\n")
    }
}

/// The step that an accepted message became.
#[track_caller]
pub fn accepted(verdict: Verdict) -> u64 {
    match verdict {
        Verdict::Accepted { seq, .. } => seq,
        other => panic!("it was not accepted: {other:?}"),
    }
}

/// The code and the words of a refusal.
#[track_caller]
pub fn refused(verdict: Verdict) -> (String, String) {
    match verdict {
        Verdict::Refused { code, reason } => (code, reason),
        other => panic!("it was not refused: {other:?}"),
    }
}

fn yaml(text: &str) -> Value {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once(": "));
    pairs.map(|(field, value)| (field.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>().into()
}

/// Whether a process runs, and is neither stopped nor a corpse.
fn is_up(pid: &str) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat.rsplit(") ").next().and_then(|rest| rest.chars().next());
    state.is_some_and(|state| !"TtZX".contains(state))
}
