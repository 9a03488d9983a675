//! The sandbox as a process of its own, driven through its control door.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::installation::{Installation, a_moment};

const TEMPLATE: &str = include_str!("../../examples/templates/saas-contract-36m.yaml");
const PRICES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/price-book.csv");

/// A running sandbox.
pub struct Sandbox {
    child: Child,
    /// What its ready line says.
    pub ready: Value,
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Sandbox {
    /// Starts one whose clock begins at `start`.
    pub fn start(start: &str) -> Sandbox {
        let mut command = Command::new(env!("CARGO_BIN_EXE_entente"));
        command.args(["sandbox", "--listen", "127.0.0.1:0", "--start-at", start]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Sandbox { child, ready: serde_json::from_str(&line).unwrap() }
    }

    /// The account of a role, the first one.
    pub fn account(&self, role: &str) -> &Value {
        self.ready["accounts"].as_array().unwrap().iter().find(|account| account["role"] == role).unwrap()
    }

    /// A configuration that sells through it, on its clock.
    pub fn config(&self) -> String {
        let seller = self.account("seller");
        json!({
            "listen": "127.0.0.1:0",
            "zone": "America/New_York",
            "notices": { "file": "notices.ndjson" },
            "sandbox_clock": self.ready["control_url"],
            "evidence": { "scan": { "command": ["cat"] } },
            "connectors": { "aws/acme-us": {
                "kind": "aws",
                "legal_entity": "acme-us",
                "endpoint": self.ready["aws_url"],
                "credentials": { "sandbox": { "key_id": seller["access_key"], "secret": seller["secret_key"] } },
            } },
        })
        .to_string()
    }

    /// Asks its control door.
    pub fn get(&self, path: &str) -> Value {
        self.ask(reqwest::Method::GET, path, &Value::Null)
    }

    /// Tells its control door.
    pub fn post(&self, path: &str, body: &Value) -> Value {
        self.ask(reqwest::Method::POST, path, body)
    }

    fn ask(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.ready["control_url"].as_str().unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            let request = client.request(method, &url);
            let request = if body.is_null() { request } else { request.json(body) };
            let answer = request.send().await.unwrap();
            let status = answer.status();
            let text = answer.text().await.unwrap();
            assert!(status.is_success(), "{url}: {status} {text}");
            serde_json::from_str(&text).unwrap_or(Value::Null)
        })
    }

    /// Lets time pass.
    pub fn advance(&self, by: &str) {
        self.post("/clock", &json!({ "advance": by }));
    }
}

/// A sandbox, and a served installation that sells through it and may write.
pub fn world() -> (Sandbox, Installation) {
    let sandbox = Sandbox::start("2027-03-01T15:00:00Z");
    let mut installation = Installation::with_config(&sandbox.config());
    let template = TEMPLATE.replace("prod-acmeplatform1", "prod-saas000000001").replace("key: seats", "key: Seats");
    installation.write("template.yaml", template);
    installation.run(&["--actor", "dan", "pricebook", "import", "acme@2027.1", PRICES]).ok();
    for person in ["ann", "abe"] {
        installation.run(&["--actor", person, "connector", "mode", "aws/acme-us", "live"]).ok();
    }
    installation.serve();
    (sandbox, installation)
}

/// Mia answers the template's six questions and submits the offer; its label.
pub fn answered(sandbox: &Sandbox, installation: &Installation, price: &str) -> String {
    let account = format!("account={}", sandbox.account("buyer")["account_id"].as_str().unwrap());
    let price = format!("price={price}");
    let answers =
        ["opportunity=006Hs00000AbCdE", "buyer=Globex", &account, "seats=200", &price, "expires_on=2027-03-17"];
    let sets = answers.iter().flat_map(|answer| ["--set", answer]);
    let fill: Vec<&str> = ["template", "fill", "template.yaml"].into_iter().chain(sets).collect();
    let document = installation.run(&fill).ok().data;
    let create = ["--actor", "mia", "offer", "create", "-", "--submit", "--wait", "60s"];
    installation.run_with_input(&create, &document).ok().data.trim().to_owned()
}

/// Lets virtual time pass until an offer is where it should be; the offer then.
pub fn pass(sandbox: &Sandbox, installation: &Installation, label: &str, state: &str) -> Value {
    for _ in 0..400 {
        let offer = installation.show(label);
        if offer["state"] == state {
            return offer;
        }
        sandbox.advance("PT20S");
        a_moment();
    }
    panic!("`{label}` never came to `{state}`: {:#}", installation.show(label));
}
