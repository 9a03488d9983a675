//! An installation in a folder of its own, and the real binary to work on it.

use std::{
    fmt, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

/// Longer than anything takes; only a test that has failed already waits so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// Everybody whom the stories need.
const PEOPLE: &str = "
persons:
  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: America/New_York }
  - { id: max, name: Max, email: max@acme.example, roles: [alliance_manager, sales_director, deal_desk], zone: America/New_York }
  - { id: dan, name: Dan, email: dan@acme.example, roles: [deal_desk], zone: America/New_York }
  - { id: sue, name: Sue, email: sue@acme.example, roles: [sales_director, deal_desk], zone: America/New_York }
  - { id: sam, name: Sam, email: sam@acme.example, roles: [sales_director], zone: America/New_York }
  - { id: carl, name: Carl, email: carl@acme.example, roles: [cfo], zone: America/New_York }
  - { id: cleo, name: Cleo, email: cleo@acme.example, roles: [cfo], zone: America/New_York }
  - { id: lea, name: Lea, email: lea@acme.example, roles: [legal], zone: America/New_York }
  - { id: leo, name: Leo, email: leo@acme.example, roles: [legal], zone: America/New_York }
  - { id: gus, name: Gus, email: gus@acme.example, roles: [general_counsel], zone: America/New_York }
  - { id: ann, name: Ann, email: ann@acme.example, roles: [admin], zone: America/New_York }
  - { id: abe, name: Abe, email: abe@acme.example, roles: [admin], zone: America/New_York }
  - { id: oz, name: Oz, email: oz@acme.example, roles: [operator], zone: America/New_York }
  - { id: vic, name: Vic, email: vic@acme.example, roles: [viewer], zone: America/New_York }
delegations:
  - { from: sue, to: sam, role: sales_director, since: 2020-01-01T00:00:00Z, until: 2100-01-01T00:00:00Z }
  - { from: max, to: sam, role: sales_director, since: 2020-01-01T00:00:00Z, until: 2100-01-01T00:00:00Z }
";

/// An installation whose marketplace is the one in memory.
const FAKE: &str = "
listen: 127.0.0.1:0
zone: America/New_York
connectors:
  fake/acme-us: { kind: fake, legal_entity: acme-us }
";

/// An offer that passes every rule of the marketplace in memory.
pub const OFFER: &str = "
reference: ACME-1
marketplace: fake
legal_entity: acme-us
region: amer
product: { id: prod-fake, kind: saas }
buyer: { name: Globex, accounts: ['111122223333'], country: US, zone: Europe/Berlin }
name: Platform for Globex
description: Platform, 200 seats for 36 months
currency: USD
pricing:
  contract:
    duration: P36M
    dimensions: [{ key: seats, quantity: 200, unit_price: 900.00, sku: platform-seat }]
eula: { standard: { version: '2022-07-14' } }
expires_on: 2099-03-18
price_book: acme@1
";

/// The policy that ships with the binary.
const POLICY: &str = include_str!("../../workflows/private_offer/policy/v1.yaml");

/// List prices by which the offer above has a discount of 20 %.
pub const PRICES: &str = "sku,currency,term,volume_from,volume_to,valid_from,valid_to,list,floor,partner_wholesale
platform-seat,USD,P36M,1,,2020-01-01,,1125.00,1.00,
";

/// The last day to accept an offer of these tests, which run on the real clock: what the offer says instead stands for it.
pub fn last_day() -> String {
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    today.checked_add(jiff::Span::new().days(60)).unwrap().to_string()
}

/// The pause between two looks at something that is on its way.
pub fn a_moment() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async { tokio::time::sleep(Duration::from_millis(100)).await });
}

/// An installation.
pub struct Installation {
    folder: TempDir,
    served: Option<Served>,
}

struct Served {
    child: Child,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// What a command said and how it ended.
pub struct Said {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Data.
    pub data: String,
    /// Words.
    pub words: String,
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}--- stderr\n{}", self.code, self.data, self.words)
    }
}

impl Said {
    /// The same, if it ended well.
    #[track_caller]
    pub fn ok(self) -> Said {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// The data as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}\n{self:?}"))
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { code: output.status.code().unwrap_or(-1), data: text(&output.stdout), words: text(&output.stderr) }
    }
}

impl Installation {
    /// A new one with people, prices and the marketplace in memory; nothing is running.
    pub fn new() -> Installation {
        Installation::with_config(FAKE)
    }

    /// A new one with this configuration.
    pub fn with_config(config: &str) -> Installation {
        let installation = Installation { folder: tempfile::tempdir().unwrap(), served: None };
        installation.write("entente.yaml", config);
        installation.write("people.yaml", PEOPLE);
        installation
    }

    /// One that a server runs, with the price book that offers name.
    pub fn served() -> Installation {
        Installation::served_with(FAKE)
    }

    /// The same with this configuration.
    pub fn served_with(config: &str) -> Installation {
        let mut installation = Installation::with_config(config);
        installation.write("prices.csv", PRICES);
        installation.run(&["--actor", "dan", "pricebook", "import", "acme@1", "prices.csv"]).ok();
        // The built-in policy, to which the marketplace in memory is nothing unusual.
        let policy =
            POLICY.replace("version: 1", "version: 2").replace("microsoft, google]", "microsoft, google, fake]");
        installation.write("policy.yaml", policy);
        installation.activate("policy.yaml");
        installation.serve();
        installation
    }

    /// Simulates a policy and puts it in force.
    pub fn activate(&self, file: &str) {
        let judged = self.run(&["--actor", "dan", "policy", "simulate", file, "--json"]).ok().json();
        let id = judged["id"].as_str().unwrap();
        self.run(&["--actor", "ann", "policy", "activate", file, "--simulation", id]).ok();
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Writes the offer with some of its text replaced.
    pub fn offer(&self, name: &str, changes: &[(&str, &str)]) -> PathBuf {
        let changed = changes.iter().fold(OFFER.to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "the offer has no `{old}`");
            text.replace(old, new)
        });
        self.write(name, changed.replace("2099-03-18", &last_day()))
    }

    /// The binary, ready to be run here, with a surrounding that says nothing.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
        for name in ["ENTENTE_ACTOR", "ENTENTE_CONFIG", "ENTENTE_LOG", "NO_COLOR"] {
            command.env_remove(name);
        }
        command.current_dir(self.folder()).args(args);
        command
    }

    /// Runs a command.
    pub fn run(&self, args: &[&str]) -> Said {
        self.command(args).stdin(Stdio::null()).output().unwrap().into()
    }

    /// Runs a command that reads standard input.
    pub fn run_with_input(&self, args: &[&str], input: &str) -> Said {
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Runs a command as a person, with plenty of time for its verdict.
    pub fn act(&self, person: &str, args: &[&str]) -> Said {
        let mut all = vec!["--actor", person];
        all.extend(args);
        all.extend(["--wait", "60s"]);
        self.run(&all)
    }

    /// Starts the server and returns once it serves.
    pub fn serve(&mut self) {
        let mut child =
            self.command(&["serve"]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut words = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        while !said.contains("serving `") {
            let read = words.read_line(&mut said).unwrap();
            assert!(read > 0, "the server ended at once: {said}");
        }
        // What it says from now on is read, so that it never waits for a reader.
        std::thread::spawn(move || for _ in words.lines() {});
        self.served = Some(Served { child });
    }

    /// Hundredths of a second of processor time that the server has used, as Linux counts them; nothing elsewhere.
    pub fn server_ticks(&self) -> Option<u64> {
        let served = self.served.as_ref()?;
        let stat = fs::read_to_string(format!("/proc/{}/stat", served.child.id())).ok()?;
        // The name stands in parentheses and may hold any character.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
        Some(ticks(11)? + ticks(12)?)
    }

    /// Kills the server without a warning.
    pub fn kill(&mut self) {
        self.served = None;
    }

    /// Creates and submits an offer; its label.
    #[track_caller]
    pub fn submitted(&self, person: &str, name: &str, changes: &[(&str, &str)]) -> String {
        let file = self.offer(name, changes);
        let said = self.act(person, &["offer", "create", file.to_str().unwrap(), "--submit"]).ok();
        said.data.trim().to_owned()
    }

    /// An offer as `offer show --json` tells it.
    #[track_caller]
    pub fn show(&self, label: &str) -> Value {
        self.run(&["offer", "show", label, "--json"]).ok().json()
    }

    /// Waits until an offer is in a state; the offer then.
    #[track_caller]
    pub fn until(&self, label: &str, state: &str) -> Value {
        self.until_it(label, state, |offer| offer["state"] == state)
    }

    /// Waits until something holds of an offer; the offer then.
    #[track_caller]
    pub fn until_it(&self, label: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let offer = self.show(label);
            if holds(&offer) {
                return offer;
            }
            assert!(begun.elapsed() < PATIENCE, "`{label}` never came to `{what}`: {offer:#}");
            a_moment();
        }
    }

    /// The revision that an offer's approvals bind to.
    #[track_caller]
    pub fn revision(&self, label: &str) -> String {
        self.show(label)["revision"].as_str().unwrap().to_owned()
    }
}
