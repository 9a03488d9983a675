//! Secrets of every kind, as canaries: none appears in anything that the program prints, logs, mails or stores.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
};

use crate::installation::{Installation, PRICES, a_moment};

/// What the surroundings hold, by the variable that holds it.
const CANARIES: [(&str, &str); 9] = [
    ("TEST_KEY_SECRET", "canaryKeyFromNamedVariable0001"),
    ("AWS_SECRET_ACCESS_KEY", "canaryKeyFromUsualChain0002"),
    ("AWS_SESSION_TOKEN", "canarySessionToken0003"),
    ("TEST_MAIL_PASSWORD", "canaryMailPassword0004"),
    ("ENTENTE_EVENTS_TOKEN", "canaryEventsToken0005"),
    ("PGPASSWORD", "canaryServerPassword0006"),
    ("TEST_DATABASE", "postgres://entente:canaryServerAddress0007@127.0.0.1:9/entente?connect_timeout=1"),
    ("TEST_KEY_ID", "AKIDCANARY"),
    ("AWS_ACCESS_KEY_ID", "AKIDCANARYCHAIN"),
];

/// Secrets that stand in files: of a profile, of a sandbox, and in an address that must not stand there.
const PROFILE: &str = "canaryKeyFromProfile0008";
const SANDBOX: &str = "canarySandboxKey0009";
const WRITTEN: &str = "canaryWrittenAddress0010";

/// The mail's password as it travels: in base64, alone and with the user's name.
const MAIL_ENCODED: [&str; 2] = ["Y2FuYXJ5TWFpbFBhc3N3b3JkMDAwNA==", "AG1haWxlcgBjYW5hcnlNYWlsUGFzc3dvcmQwMDA0"];

/// Every text that must not be seen.
fn canaries() -> Vec<String> {
    let mut all: Vec<String> = CANARIES
        .iter()
        .take(6)
        .map(|(_, secret)| (*secret).to_owned())
        .chain(["canaryServerAddress0007".into()])
        .collect();
    all.extend([PROFILE, SANDBOX, WRITTEN].map(str::to_owned));
    all.extend(MAIL_ENCODED.map(str::to_owned));
    all
}

/// A mail server that refuses every log-in; its port.
fn refusing_mail_server() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut answers = stream.try_clone().unwrap();
            let mut answer = |text: &str| answers.write_all(text.as_bytes()).is_ok();
            let _greeted = answer("220 canary\r\n");
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                let word = line.split(' ').next().unwrap_or_default().to_ascii_uppercase();
                let told = match word.as_str() {
                    "EHLO" => answer("250-canary\r\n250 AUTH PLAIN LOGIN\r\n"),
                    "AUTH" => answer("535 5.7.8 refused\r\n"),
                    "QUIT" => answer("221 bye\r\n"),
                    _ => answer("250 ok\r\n"),
                };
                if !told {
                    break;
                }
            }
        }
    });
    port
}

fn config(mail: u16) -> String {
    let aws = |name: &str, credentials: &str| {
        format!(
            "  aws/{name}: {{ kind: aws, legal_entity: {name}, endpoint: 'http://127.0.0.1:9/aws'{credentials} }}\n"
        )
    };
    format!(
        "listen: 127.0.0.1:0
notices:
  file: notices.jsonl
  smtp: {{ host: 127.0.0.1, port: {mail}, from: offers@acme.example, tls: false, user_env: TEST_MAIL_USER, password_env: TEST_MAIL_PASSWORD }}
connectors:
  fake/acme-us: {{ kind: fake, legal_entity: acme-us }}
{}{}{}{}",
        aws("acme-us", ", credentials: { env: { key_id: TEST_KEY_ID, secret: TEST_KEY_SECRET } }"),
        aws("acme-de", ", credentials: { profile: canary }"),
        aws("acme-fr", ""),
        aws("acme-uk", &format!(", credentials: {{ sandbox: {{ key_id: AKIDSANDBOX, secret: {SANDBOX} }} }}")),
    )
}

/// What is looked through: the installation, and what its programs said.
struct Watch {
    installation: Installation,
    said: Vec<(String, Vec<u8>)>,
}

impl Watch {
    fn new() -> Watch {
        let installation = Installation::with_config(&config(refusing_mail_server()));
        installation.write("prices.csv", PRICES);
        installation.write(
            "aws-credentials",
            format!("[canary]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {PROFILE}\n"),
        );
        Watch { installation, said: Vec::new() }
    }

    fn command(&self, args: &[&str]) -> std::process::Command {
        let mut command = self.installation.command(args);
        command.envs(CANARIES).env("TEST_MAIL_USER", "mailer").env("ENTENTE_LOG", "trace");
        command.env("AWS_SHARED_CREDENTIALS_FILE", self.installation.folder().join("aws-credentials"));
        command.env("RUST_BACKTRACE", "full");
        command
    }

    /// Runs a command, however it ends, and keeps what it says.
    fn run(&mut self, args: &[&str]) -> String {
        let output = self.command(args).stdin(Stdio::null()).output().unwrap();
        let data = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        self.said.push((format!("{args:?}: data"), output.stdout));
        self.said.push((format!("{args:?}: words"), output.stderr));
        data
    }

    /// Starts the server; its log is a file of the installation.
    fn serve(&self) -> (Child, String) {
        let log = self.installation.folder().join("serve.log");
        let mut server = self.command(&["serve"]);
        let mut child = server.stdout(Stdio::null()).stderr(File::create(&log).unwrap()).spawn().unwrap();
        let address = loop {
            let said = std::fs::read_to_string(&log).unwrap();
            let address = said.split("on http://").nth(1).and_then(|rest| rest.split([';', ' ', '\n']).next());
            if let Some(address) = address {
                break address.to_owned();
            }
            assert!(child.try_wait().unwrap().is_none(), "the server ended: {said}");
            a_moment();
        };
        (child, format!("http://{address}"))
    }

    /// Every file below a folder.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.flat_map(|path| if path.is_dir() { Watch::files(&path) } else { vec![path] }).collect()
    }

    /// Fails where a canary is found. Where people wrote a secret themselves is left out.
    fn none_appears(&mut self, secrets: &[String]) {
        for path in Watch::files(self.installation.folder()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let own = ["aws-credentials", "entente.yaml", "written.yaml"].contains(&name.as_str())
                || name.ends_with("seal-key");
            if !own {
                self.said.push((name, std::fs::read(&path).unwrap()));
            }
        }
        for (what, bytes) in &self.said {
            for secret in secrets {
                let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
                assert!(!found, "`{secret}` in {what}: {}", String::from_utf8_lossy(bytes));
            }
        }
    }
}

fn post(url: &str, token: &str) -> (u16, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.post(url).bearer_auth(token).body("{\"detail-type\": \"nothing\"}").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    })
}

#[test]
fn row_78_no_secret_of_any_kind_appears_in_output_logs_mails_or_files() {
    let mut watch = Watch::new();
    watch.run(&["--actor", "dan", "pricebook", "import", "acme@1", "prices.csv"]);
    let (mut server, address) = watch.serve();
    watch.installation.offer("aws.yaml", &[("marketplace: fake", "marketplace: aws")]);
    watch.installation.offer("offer.yaml", &[("ACME-1", "ACME-2")]);
    for args in [
        &["connector", "list", "--json"][..],
        &["connector", "check"],
        &["connector", "policy", "aws/acme-us"],
        &["--actor", "mia", "offer", "plan", "aws.yaml"],
        &["--actor", "mia", "offer", "create", "aws.yaml", "--submit", "--wait", "30s"],
        &["fleet", "--json"],
    ] {
        watch.run(args);
    }
    let create = ["--actor", "mia", "offer", "create", "offer.yaml", "--submit", "--wait", "30s"];
    let label = watch.run(&create);
    assert!(label.starts_with("OFR-"), "{label}");
    // The approvers' mail is tried, and its server refuses the log-in.
    let refused = |watch: &mut Watch| watch.run(&["notices", "list", &label, "--json"]).contains("535");
    while !refused(&mut watch) {
        a_moment();
    }
    let events = format!("{address}/v1/connectors/aws/acme-us/events");
    let (token, wrong) = ("canaryEventsToken0005", post(&events, "another"));
    assert_eq!(wrong.0, 401, "{wrong:?}");
    let right = post(&events, token);
    assert_ne!(right.0, 401, "{right:?}");
    watch.said.push(("answers to events".into(), [wrong.1, right.1].concat().into_bytes()));

    watch.run(&["offer", "show", &label, "--json"]);
    watch.run(&["--actor", "oz", "audit", "export", "--out", "export.ndjson"]);
    assert!(watch.installation.folder().join("export.ndjson").is_file(), "there is an export to look through");
    watch.run(&["--actor", "oz", "backup", "copy.db"]);
    // A database server that cannot be reached, and an address with its password in the configuration.
    watch.installation.write("server.yaml", "database: env:TEST_DATABASE\n");
    watch.installation.write("written.yaml", format!("database: 'postgres://entente:{WRITTEN}@127.0.0.1:9/entente'\n"));
    for config in ["server.yaml", "written.yaml"] {
        watch.run(&["--config", config, "offer", "list"]);
        let (_, words) = watch.said.last().unwrap();
        assert!(String::from_utf8_lossy(words).contains("error:"), "{config} is refused");
    }
    server.kill().unwrap();
    server.wait().unwrap();
    let key =
        Watch::files(watch.installation.folder()).into_iter().find(|path| path.to_string_lossy().ends_with("seal-key"));
    let key = std::fs::read_to_string(key.expect("a seal key")).unwrap();
    let mut secrets = canaries();
    secrets.push(key.trim().to_owned());
    watch.none_appears(&secrets);
}

#[test]
fn the_watch_over_secrets_finds_one() {
    let mut watch = Watch::new();
    watch.said.push(("a log".into(), b"password=canaryMailPassword0004".to_vec()));
    let looked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| watch.none_appears(&canaries())));
    assert!(looked.is_err(), "a watch that finds nothing watches nothing");
}
