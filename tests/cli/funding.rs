//! A vendor with a fund, a partner, and everybody whom its money needs.

use serde_json::{Value, json};

use crate::{
    installation::{Installation, Said, a_moment},
    proof,
    sandbox::Sandbox,
};

/// Everybody.
pub const PEOPLE: &str = "
persons:
  - { id: mia, name: Mia, email: mia@acme.example, roles: [alliance_manager], zone: Europe/Berlin }
  - { id: sue, name: Sue, email: sue@acme.example, roles: [sales_director], zone: Europe/Berlin }
  - { id: carl, name: Carl, email: carl@acme.example, roles: [cfo], zone: Europe/Berlin }
  - { id: fay, name: Fay, email: fay@acme.example, roles: [fund_manager], zone: Europe/Berlin }
  - { id: finn, name: Finn, email: finn@acme.example, roles: [finance_approver], zone: Europe/Berlin }
  - { id: flo, name: Flo, email: flo@acme.example, roles: [finance_approver, claim_validator, treasurer], zone: Europe/Berlin }
  - { id: vera, name: Vera, email: vera@acme.example, roles: [claim_validator], zone: Europe/Berlin }
  - { id: paula, name: Paula, email: paula@acme.example, roles: [accounts_payable], zone: Europe/Berlin }
  - { id: tess, name: Tess, email: tess@acme.example, roles: [treasurer], zone: Europe/Berlin }
  - { id: oz, name: Oz, email: oz@acme.example, roles: [operator], zone: Europe/Berlin }
  - { id: ann, name: Ann, email: ann@acme.example, roles: [admin], zone: Europe/Berlin }
  - { id: vic, name: Vic, email: vic@acme.example, roles: [viewer], zone: Europe/Berlin }
  - { id: pia, name: Pia, email: pia@nordlicht.example, roles: [partner_user], party: nordlicht, zone: Europe/Berlin }
  - { id: ben, name: Ben, email: ben@bluepeak.example, roles: [partner_user], party: bluepeak, zone: Europe/Berlin }
";

const PARTNER: &str = include_str!("../../examples/funding/partner.yaml");
const BANK: &str = include_str!("../../examples/funding/bank.yaml");
const FUND: &str = include_str!("../../examples/funding/fund.yaml");
const REQUEST: &str = include_str!("../../examples/funding/request.yaml");
const CLAIM: &str = include_str!("../../examples/funding/claim.yaml");
const PAYOUT: &str = include_str!("../../examples/funding/payout.yaml");
const PACK: &str = include_str!("../../programmes/starter.yaml");

/// Changes of an example: what stands there, and what is to stand there instead.
pub type Changes<'a> = &'a [(&'a str, &'a str)];

/// An example with changes.
#[track_caller]
fn changed(text: &str, changes: Changes<'_>) -> String {
    changes.iter().fold(text.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "there is no `{old}`");
        text.replace(old, new)
    })
}

/// The vendor's installation, on a clock of its own.
pub struct Vendor {
    /// The clock.
    pub sandbox: Sandbox,
    /// The installation.
    pub installation: Installation,
}

impl Vendor {
    /// A served installation with the starter pack, on the first of March 2027.
    pub fn new() -> Vendor {
        let sandbox = Sandbox::start("2027-03-01T09:00:00Z");
        let mut installation = Installation::with_config(&sandbox.config());
        installation.write("people.yaml", PEOPLE);
        installation.serve();
        let vendor = Vendor { sandbox, installation };
        vendor.installation.write("starter.yaml", PACK);
        vendor.installation.act_at_once("fay", &["programme", "import", "starter.yaml"]).ok();
        vendor
    }

    /// One with a partner in business and an open fund of 20,000.00 EUR.
    pub fn open() -> Vendor {
        let vendor = Vendor::new();
        vendor.partner("nordlicht", &[]);
        vendor.fund(&[]);
        vendor.pass_days(6);
        vendor
    }

    /// Takes a partner on, with bank details that two people have checked; its label.
    pub fn partner(&self, id: &str, changes: Changes<'_>) -> String {
        let text = changed(PARTNER, &[("nordlicht", id)]);
        let label = self.create("mia", "partner", &changed(&text, changes));
        self.agree("partner", &label, &["sue", "finn"]);
        self.until("partner", &label, "active");
        let bank = self.installation.write("bank.yaml", BANK);
        self.act("mia", &["partner", "change-bank", &label, bank.to_str().unwrap()]).ok();
        self.act("paula", &["partner", "confirm-bank", &label]).ok();
        label
    }

    /// Opens a fund; its label.
    pub fn fund(&self, changes: Changes<'_>) -> String {
        let label = self.create("mia", "fund", &changed(FUND, changes));
        self.agree("fund", &label, &["finn"]);
        self.until("fund", &label, "open");
        label
    }

    /// A request of a partner's person, submitted; its label.
    pub fn request(&self, person: &str, changes: Changes<'_>) -> String {
        self.create(person, "request", &changed(REQUEST, changes))
    }

    /// A request that was granted; its label.
    pub fn granted(&self, person: &str, changes: Changes<'_>) -> String {
        let label = self.request(person, changes);
        self.agree("request", &label, &["fay"]);
        self.until("request", &label, "granted");
        label
    }

    /// A claim of a partner's person, submitted; its label.
    pub fn claim(&self, person: &str, request: &str, changes: Changes<'_>) -> String {
        let text = changed(&changed(CLAIM, &[("REQ-2027-00001", request)]), changes);
        self.write_proof(&text);
        self.create(person, "claim", &text)
    }

    /// Writes the files that a claim names by their names.
    pub fn write_proof(&self, claim: &str) {
        let names = claim.split("{ file: ").skip(1).map(|item| item.split(',').next().unwrap());
        for name in names.filter(|name| name.contains('.')) {
            self.installation.write(name, proof::bytes(name));
        }
    }

    /// A claim that was approved; its label.
    pub fn approved(&self, person: &str, request: &str, changes: Changes<'_>) -> String {
        let label = self.claim(person, request, changes);
        self.agree("claim", &label, &["vera", "finn"]);
        self.until("claim", &label, "payable");
        label
    }

    /// A payout run of everything that is owed, submitted; its label.
    pub fn payout(&self, changes: Changes<'_>) -> String {
        self.create("paula", "payout", &changed(PAYOUT, changes))
    }

    /// A payout run whose file was written; its label.
    pub fn sent(&self, changes: Changes<'_>) -> String {
        let label = self.payout(changes);
        self.agree("payout", &label, &["tess", "flo"]);
        self.until("payout", &label, "sent");
        label
    }

    /// Gives the answers of the bank to a run: for each payment, in order, a status and its day.
    pub fn answers(&self, run: &str, rows: &[&str]) -> Said {
        let text = format!("end_to_end_id,status,amount,currency,date,reason\n{}\n", rows.join("\n"));
        let file = self.installation.write("answers.csv", text);
        self.act("paula", &["payout", "answers", run, file.to_str().unwrap()])
    }

    /// Creates a paper and submits it; its label.
    #[track_caller]
    pub fn create(&self, person: &str, kind: &str, text: &str) -> String {
        self.create_it(person, kind, text).ok().data.trim().to_owned()
    }

    /// Creates a paper and submits it.
    pub fn create_it(&self, person: &str, kind: &str, text: &str) -> Said {
        let command = ["--actor", person, kind, "create", "-", "--submit", "--wait", "60s"];
        self.installation.run_with_input(&command, text)
    }

    /// Acts, and waits for what is decided on it.
    pub fn act(&self, person: &str, args: &[&str]) -> Said {
        self.installation.act(person, args)
    }

    /// Asks for something without waiting.
    pub fn act_plainly(&self, person: &str, args: &[&str]) -> Said {
        self.installation.act_at_once(person, args)
    }

    /// Every one of these people approves what is asked for now.
    #[track_caller]
    pub fn agree(&self, kind: &str, label: &str, people: &[&str]) {
        self.until_it(kind, label, "asks for approval", |paper| {
            paper["tags"].as_array().unwrap().contains(&json!("awaiting_approval"))
        });
        for person in people {
            self.vote(kind, label, person).ok();
        }
    }

    /// One person approves what is asked for now.
    pub fn vote(&self, kind: &str, label: &str, person: &str) -> Said {
        let revision = self.show(kind, label)["revision"].as_str().unwrap().to_owned();
        self.act(person, &["approve", label, "--revision", &revision])
    }

    /// A paper as its command shows it.
    #[track_caller]
    pub fn show(&self, kind: &str, label: &str) -> Value {
        self.installation.run(&["--actor", "mia", kind, "show", label, "--json"]).ok().json()
    }

    /// Waits until a paper is in a state; the paper then.
    #[track_caller]
    pub fn until(&self, kind: &str, label: &str, state: &str) -> Value {
        self.until_it(kind, label, state, |paper| paper["state"] == state)
    }

    /// Waits until something holds of a paper; the paper then.
    #[track_caller]
    pub fn until_it(&self, kind: &str, label: &str, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..150 {
            let paper = self.show(kind, label);
            if holds(&paper) {
                return paper;
            }
            assert!(paper["incident"].is_null(), "`{label}` is parked: {paper:#}");
            a_moment();
        }
        panic!("`{label}` never came to `{what}`: {:#}", self.show(kind, label));
    }

    /// Lets days pass.
    pub fn pass_days(&self, days: u32) {
        self.sandbox.advance(&format!("PT{}H", 24 * days));
        a_moment();
    }

    /// What stands on an account of a fund for a key; of all keys where none is named.
    pub fn stands(&self, account: &str, key: Option<&str>) -> i64 {
        let args: &[&str] = &["--actor", "finn", "ledger", "show", "--by-key", "--json"];
        let ledger = self.installation.run(args).ok().json();
        let rows = ledger["accounts"].as_array().unwrap().clone();
        let ours = rows.iter().filter(|row| row["account"] == account);
        let ours = ours.filter(|row| key.is_none_or(|key| row["for"] == key || row["key"] == key));
        ours.map(|row| row["minor"].as_i64().or_else(|| row["amount"]["minor"].as_i64()).unwrap()).sum()
    }

    /// The books are sound, and so is every history.
    pub fn verify(&self) {
        self.installation.run(&["--actor", "finn", "ledger", "verify"]).ok();
        self.installation.run(&["verify"]).ok();
    }
}
